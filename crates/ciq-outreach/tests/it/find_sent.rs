//! After a crash: was it sent?

use std::time::Duration;

use ciq_outreach::{Channel, Outgoing, Sent};
use ciq_testkit::{SmtpDouble, TwilioDouble, eventually};
use jiff::Timestamp;

use crate::support::{
    PATIENCE, TEXT, accepted, by_mail, by_twilio, by_webhook, hides_everything, keyed, mail_at,
    message, twilio,
};

/// Before every message of these tests.
const LONG_AGO: Timestamp = Timestamp::UNIX_EPOCH;

#[tokio::test]
async fn what_was_sent_is_found_by_recipient_and_text() {
    for channel in [Channel::Whatsapp, Channel::Sms] {
        let (_double, outreach) = twilio();
        let sent = message(channel);
        assert_eq!(outreach.find_sent(&sent, LONG_AGO).await, Ok(None));
        let (provider_id, status) = accepted(outreach.send(&sent).await);
        accepted(
            outreach.send(&Outgoing { body: "other".to_owned(), ..keyed(channel, "2") }).await,
        );
        let found = outreach.find_sent(&sent, LONG_AGO).await;
        assert_eq!(found, Ok(Some(Sent::Accepted { provider_id, status })));
        for other in [
            Outgoing { body: format!("{TEXT}!"), ..message(channel) },
            Outgoing { to: "+4915112345679".to_owned(), ..message(channel) },
        ] {
            assert_eq!(outreach.find_sent(&other, LONG_AGO).await, Ok(None));
        }
    }
}

#[tokio::test]
async fn the_second_of_the_time_counts_and_earlier_ones_do_not() {
    let (double, outreach) = twilio();
    let sent = message(Channel::Sms);
    accepted(outreach.send(&sent).await);
    let at = double.messages()[0].created_at;
    let second = Timestamp::from_second(at.as_second()).unwrap();
    let end = second + Duration::from_millis(999);
    let next = second + Duration::from_secs(1);
    assert!(outreach.find_sent(&sent, end).await.unwrap().is_some());
    assert_eq!(outreach.find_sent(&sent, next).await, Ok(None));
}

#[tokio::test]
async fn spaces_and_ends_of_lines_make_no_difference() {
    let (_double, outreach) = twilio();
    let with = |body: &str| Outgoing { body: body.to_owned(), ..message(Channel::Sms) };
    accepted(outreach.send(&with("one\r\ntwo ")).await);
    assert!(outreach.find_sent(&with("one\ntwo"), LONG_AGO).await.unwrap().is_some());
}

#[tokio::test]
async fn a_message_on_a_later_page_is_found() {
    let (double, outreach) = twilio();
    let first = accepted(outreach.send(&message(Channel::Sms)).await);
    for n in 0..120 {
        let body = format!("message {n}");
        accepted(outreach.send(&Outgoing { body, ..keyed(Channel::Sms, &n.to_string()) }).await);
    }
    assert_eq!(double.message_count(), 121);
    let found = outreach.find_sent(&message(Channel::Sms), LONG_AGO).await;
    assert_eq!(accepted(Ok(found.unwrap().unwrap())), first);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_sender_left_behind_is_found_by_the_next() {
    let (double, outreach) = twilio();
    double.ignore_keys();
    double.hold();
    let sending = tokio::spawn(async move { outreach.send(&message(Channel::Whatsapp)).await });
    let is_there = || eventually(PATIENCE, || double.message_count() == 1);
    assert!(tokio::task::block_in_place(is_there));
    sending.abort();
    assert!(sending.await.unwrap_err().is_cancelled());
    let next = by_twilio(&double.url(), PATIENCE);
    let finding = async move { next.find_sent(&message(Channel::Whatsapp), LONG_AGO).await };
    let found = tokio::spawn(finding).await.unwrap().unwrap();
    assert_eq!(accepted(Ok(found.unwrap())).0, double.messages()[0].sid);
}

#[tokio::test]
async fn a_list_that_fails_leaves_it_open() {
    let url = TwilioDouble::start().unwrap().url();
    for url in [url.as_str(), "http://127.0.0.1:1"] {
        let found = by_twilio(url, PATIENCE).find_sent(&message(Channel::Sms), LONG_AGO).await;
        let error = found.unwrap_err();
        assert!(error.is_transient(), "{error}");
        assert!(error.to_string().contains("messages could not be listed"), "{error}");
        hides_everything(&format!("{error:?}"));
    }
}

#[tokio::test]
async fn nothing_is_known_of_other_channels() {
    let double = SmtpDouble::start().unwrap();
    let outreach = by_mail(mail_at(&double), PATIENCE);
    accepted(outreach.send(&message(Channel::Email)).await);
    assert_eq!(outreach.find_sent(&message(Channel::Email), LONG_AGO).await, Ok(None));
    let outreach = by_webhook(None, PATIENCE);
    for channel in [Channel::Webhook, Channel::Sms] {
        assert_eq!(outreach.find_sent(&message(channel), LONG_AGO).await, Ok(None));
    }
}
