//! Mail: what a server gets, and what its answers mean.

use std::time::Duration;

use ciq_outreach::{Channel, Outgoing, Outreach, OutreachSettings, SmtpSettings, SmtpTls};
use ciq_testkit::{SmtpAnswer, SmtpDouble};
use jiff::Timestamp;

use crate::support::{
    ADDRESS, IMPATIENCE, PATIENCE, TEXT, accepted, by_mail, keyed, mail_at, message, permanent,
    transient, unknown,
};

fn mail() -> (SmtpDouble, Outreach) {
    let double = SmtpDouble::start().unwrap();
    let outreach = by_mail(mail_at(&double), PATIENCE);
    (double, outreach)
}

#[tokio::test]
async fn a_mail_goes_out_with_its_headers() {
    let (double, outreach) = mail();
    let outreach = outreach.with_clock(|| Timestamp::from_second(1_772_359_200).unwrap());
    let (id, status) = accepted(outreach.send(&message(Channel::Email)).await);
    let mails = double.mails();
    assert_eq!((mails.len(), status.as_str()), (1, "250"));
    let mail = &mails[0];
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("shop@example.com", &[ADDRESS.into()][..])
    );
    // NUL, the user, NUL, the password: RFC 4616.
    assert_eq!(mail.login.as_deref(), Some("AHNob3AAaHVzaC1tYWls"));
    for line in [
        "From: \"The shop\" <shop@example.com>",
        "To: ann@example.com",
        "Subject: Waiting for you",
        "Date: Sun, 01 Mar 2026 10:00:00 +0000",
        &format!("Message-ID: {id}"),
    ] {
        assert!(mail.data.contains(&format!("{line}\r\n")), "{line} in {}", mail.data);
    }
    assert!(mail.data.ends_with(&format!("\r\n\r\n{TEXT}\r\n")), "{}", mail.data);
}

#[tokio::test]
async fn a_mail_has_the_same_id_at_each_try_and_no_other_has() {
    let (_double, outreach) = mail();
    let first = accepted(outreach.send(&message(Channel::Email)).await);
    assert_eq!(accepted(outreach.send(&message(Channel::Email)).await), first);
    let other = accepted(outreach.send(&keyed(Channel::Email, "another key")).await);
    assert_ne!(other, first);
    assert!(first.0.ends_with("@example.com>"), "{}", first.0);
}

#[tokio::test]
async fn a_subject_cannot_add_headers() {
    let (double, outreach) = mail();
    let subject = Some("Gr\u{fc}\u{df}e\r\nBcc: eve@example.com".to_owned());
    accepted(outreach.send(&Outgoing { subject, ..message(Channel::Email) }).await);
    let mail = double.mails().remove(0);
    assert_eq!(mail.to, [ADDRESS]);
    let is_bcc = |line: &str| line.to_ascii_lowercase().starts_with("bcc");
    assert!(!mail.data.lines().any(is_bcc), "{}", mail.data);
}

#[tokio::test]
async fn a_line_of_a_dot_ends_no_mail() {
    let (double, outreach) = mail();
    let body = "one\r\n.\r\ntwo".to_owned();
    accepted(outreach.send(&Outgoing { body, ..message(Channel::Email) }).await);
    let mail = double.mails().remove(0);
    assert!(mail.data.ends_with("one\r\n.\r\ntwo\r\n"), "{}", mail.data);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let double = SmtpDouble::start().unwrap();
    let outreach = by_mail(mail_at(&double), IMPATIENCE);
    double.answer_next(&[SmtpAnswer::HangOnConnect, SmtpAnswer::HangAfterData]);
    let text = transient(outreach.send(&message(Channel::Email)).await);
    let expected = "the mail server did not take the message for now: no answer within 1s";
    assert_eq!(text, expected);
    let text = unknown(outreach.send(&message(Channel::Email)).await);
    assert_eq!(text, "the mail server may have sent the message: no answer within 1s");
    assert_eq!((double.mails().len(), double.connection_count()), (1, 2));
}

#[tokio::test]
async fn a_busy_server_is_transient_and_a_missing_mailbox_is_permanent() {
    let (double, outreach) = mail();
    double.answer_next(&[SmtpAnswer::TryLater, SmtpAnswer::Refuse]);
    let text = transient(outreach.send(&message(Channel::Email)).await);
    assert!(text.contains("SMTP 421 4.3.2"), "{text}");
    let text = permanent(outreach.send(&message(Channel::Email)).await);
    assert!(text.contains("SMTP 550 5.1.1: the recipient was refused"), "{text}");
    assert_eq!(double.mails(), []);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_transient() {
    let settings = mail_at(&SmtpDouble::start().unwrap());
    let text = transient(by_mail(settings, PATIENCE).send(&message(Channel::Email)).await);
    assert!(text.contains("could not connect"), "{text}");
}

#[tokio::test]
async fn nothing_goes_in_the_clear_where_encryption_is_asked_for() {
    let double = SmtpDouble::start().unwrap();
    let starttls = SmtpSettings { tls: SmtpTls::Starttls, ..mail_at(&double) };
    let text = permanent(by_mail(starttls, PATIENCE).send(&message(Channel::Email)).await);
    assert!(text.contains("it offers no STARTTLS"), "{text}");
    let tls = SmtpSettings { tls: SmtpTls::Tls, ..mail_at(&double) };
    transient(by_mail(tls, Duration::from_secs(2)).send(&message(Channel::Email)).await);
    let elsewhere = SmtpSettings { host: "mail.example.com".to_owned(), ..mail_at(&double) };
    let text = permanent(by_mail(elsewhere, PATIENCE).send(&message(Channel::Email)).await);
    assert!(text.contains("SMTP_TLS=none is for a server on this machine"), "{text}");
    assert_eq!(double.mails(), []);
}

#[tokio::test]
async fn an_unusable_address_is_refused_before_anything_is_sent() {
    let (double, outreach) = mail();
    for to in
        ["", "ann", "ann@", "ann@example.com\r\nBcc: eve@example.com", "Ann <ann@example.com>"]
    {
        let sent = Outgoing { to: to.to_owned(), ..message(Channel::Email) };
        let text = permanent(outreach.send(&sent).await);
        assert!(text.contains("the recipient is no mail address"), "{text}");
    }
    assert_eq!(double.connection_count(), 0);
}

#[tokio::test]
async fn an_address_beyond_ascii_needs_a_server_that_takes_it() {
    let (double, outreach) = mail();
    let to = "j\u{fc}rgen@example.com".to_owned();
    let text = permanent(outreach.send(&Outgoing { to, ..message(Channel::Email) }).await);
    assert!(text.contains("letters beyond ASCII"), "{text}");
    assert_eq!(double.mails(), []);
}

#[test]
fn mail_is_set_up_with_a_server() {
    let double = SmtpDouble::start().unwrap();
    assert!(by_mail(mail_at(&double), PATIENCE).configured(Channel::Email));
    assert!(!Outreach::new(OutreachSettings::default()).configured(Channel::Email));
}
