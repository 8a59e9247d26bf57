//! WhatsApp and SMS: each answer of Twilio, and what it means.

use std::time::Duration;

use axum::http::StatusCode;
use ciq_outreach::{Channel, Outgoing, SendError, Sent};
use ciq_testkit::{TwilioAnswer, TwilioDouble};

use crate::receiver::Receiver;
use crate::support::{
    IMPATIENCE, KEY, LOGIN, NUMBER, PATIENCE, SID, TEXT, accepted, by_twilio, keyed, message,
    permanent, transient, twilio, unknown,
};

#[tokio::test]
async fn a_whatsapp_message_goes_out_as_twilio_wants_it() {
    let (double, outreach) = twilio();
    let (id, status) = accepted(outreach.send(&message(Channel::Whatsapp)).await);
    let messages = double.messages();
    assert_eq!((messages.len(), double.request_count()), (1, 1));
    let got = &messages[0];
    assert_eq!((&got.sid, status.as_str()), (&id, "queued"));
    assert_eq!(got.to, format!("whatsapp:{NUMBER}"));
    assert_eq!(got.from, "whatsapp:+14155550100");
    assert_eq!((got.body.as_str(), got.account_sid.as_str()), (TEXT, SID));
    assert_eq!(got.authorization, Some(format!("Basic {LOGIN}")));
    assert_eq!(got.idempotency_key.as_deref(), Some(KEY));
}

#[tokio::test]
async fn a_text_message_goes_to_and_from_bare_numbers() {
    let (double, outreach) = twilio();
    let body = "a+b & c=d\n\u{20ac} 5 \u{1f45f}".to_owned();
    let sent = Outgoing { body: body.clone(), ..message(Channel::Sms) };
    accepted(outreach.send(&sent).await);
    let got = double.messages().remove(0);
    assert_eq!((got.to.as_str(), got.from.as_str()), (NUMBER, "+14155550101"));
    assert_eq!(got.body, body);
}

#[tokio::test]
async fn a_message_under_the_same_key_is_sent_once() {
    let (double, outreach) = twilio();
    let first = accepted(outreach.send(&message(Channel::Sms)).await);
    assert_eq!(accepted(outreach.send(&message(Channel::Sms)).await), first);
    assert_eq!((double.message_count(), double.request_count()), (1, 2));
    accepted(outreach.send(&keyed(Channel::Sms, "another key")).await);
    assert_eq!(double.message_count(), 2);
    double.ignore_keys();
    accepted(outreach.send(&message(Channel::Sms)).await);
    assert_eq!(double.message_count(), 3);
}

#[tokio::test]
async fn too_many_requests_are_retried_when_twilio_says() {
    let (double, outreach) = twilio();
    double.answer_next(&[TwilioAnswer::TooMany { retry_after: Duration::from_secs(7) }]);
    let sent = outreach.send(&message(Channel::Sms)).await;
    let wait = sent.as_ref().unwrap_err().retry_after();
    assert_eq!(wait, Some(Duration::from_secs(7)));
    let text = transient(sent);
    assert!(text.starts_with("Twilio did not take the message for now: HTTP 429, code 20429"));
    assert_eq!(double.message_count(), 0);
    accepted(outreach.send(&message(Channel::Sms)).await);
}

#[tokio::test]
async fn a_fault_of_twilio_leaves_open_whether_it_was_sent() {
    let (double, outreach) = twilio();
    double.answer_next(&[TwilioAnswer::ServerError]);
    let sent = outreach.send(&message(Channel::Whatsapp)).await;
    let Err(SendError::Unknown { reason, .. }) = sent else { panic!("{sent:?}") };
    assert!(reason.contains("HTTP 500, code 20500"), "{reason}");
}

#[tokio::test]
async fn a_refusal_says_what_to_do() {
    let (double, outreach) = twilio();
    for (code, words) in [
        (21_211, "HTTP 400, code 21211: the recipient's number does not exist"),
        (21_610, "HTTP 400, code 21610: the recipient has unsubscribed"),
        (21_608, "HTTP 400, code 21608: a trial account"),
        (63_016, "HTTP 400, code 63016: the recipient has not written for 24 hours"),
        (20_003, "HTTP 401, code 20003: the login was refused: check TWILIO_ACCOUNT_SID"),
        (29_999, "HTTP 400, code 29999: see https://www.twilio.com/docs/api/errors/29999"),
    ] {
        double.answer_next(&[TwilioAnswer::Refuse(code)]);
        let sent = outreach.send(&message(Channel::Sms)).await;
        assert_eq!(sent.as_ref().unwrap_err().is_unsubscribed(), code == 21_610);
        let text = permanent(sent);
        assert!(text.starts_with("Twilio refused the message: HTTP"), "{text}");
        assert!(text.contains(words), "{text}");
    }
    assert_eq!(double.message_count(), 0);
}

#[tokio::test]
async fn a_full_queue_is_transient_whatever_its_status() {
    let (double, outreach) = twilio();
    for code in [21_611, 63_018] {
        double.answer_next(&[TwilioAnswer::Refuse(code)]);
        transient(outreach.send(&message(Channel::Whatsapp)).await);
    }
}

#[tokio::test]
async fn what_got_no_answer_may_have_been_sent() {
    let double = TwilioDouble::start().unwrap();
    let outreach = by_twilio(&double.url(), IMPATIENCE);
    double.answer_next(&[
        TwilioAnswer::Hang,
        TwilioAnswer::AcceptThenHang,
        TwilioAnswer::AcceptThenClose,
    ]);
    let text = unknown(outreach.send(&keyed(Channel::Sms, "1")).await);
    assert_eq!(text, "Twilio may have sent the message: no answer within 1s");
    unknown(outreach.send(&keyed(Channel::Sms, "2")).await);
    let text = unknown(outreach.send(&keyed(Channel::Sms, "3")).await);
    assert!(text.contains("the connection broke"), "{text}");
    assert_eq!((double.request_count(), double.message_count()), (3, 2));
}

#[tokio::test]
async fn a_connection_that_is_used_again_and_breaks_is_not_tried_again() {
    let (double, outreach) = twilio();
    double.ignore_keys();
    accepted(outreach.send(&keyed(Channel::Sms, "1")).await);
    double.answer_next(&[TwilioAnswer::AcceptThenClose]);
    unknown(outreach.send(&keyed(Channel::Sms, "2")).await);
    assert_eq!((double.request_count(), double.message_count()), (2, 2));
}

#[tokio::test]
async fn what_did_not_go_out_is_transient() {
    // The port was free a moment ago, and nobody listens there now.
    let url = TwilioDouble::start().unwrap().url();
    let text = transient(by_twilio(&url, PATIENCE).send(&message(Channel::Sms)).await);
    assert!(text.contains("could not connect"), "{text}");
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_leaves_it_open() {
    let receiver = Receiver::start(StatusCode::CREATED, &[]).await;
    let text = unknown(by_twilio(&receiver.url(""), PATIENCE).send(&message(Channel::Sms)).await);
    assert!(text.contains("HTTP 201"), "{text}");
}

#[tokio::test]
async fn twilio_is_not_followed_elsewhere() {
    let other = Receiver::start(StatusCode::CREATED, &[]).await;
    let headers = [("location", other.url("/"))];
    let receiver = Receiver::start(StatusCode::TEMPORARY_REDIRECT, &headers).await;
    let text = permanent(by_twilio(&receiver.url(""), PATIENCE).send(&message(Channel::Sms)).await);
    assert!(text.contains("HTTP 307: redirects are not followed"), "{text}");
    assert_eq!((receiver.requests().len(), other.requests().len()), (1, 0));
}

#[tokio::test]
async fn a_recipient_without_a_country_is_refused_before_anything_is_sent() {
    let (double, outreach) = twilio();
    for channel in [Channel::Sms, Channel::Whatsapp] {
        for to in ["", "015112345678", "ann@example.com", "+49 151 12345678"] {
            let sent = Outgoing { to: to.to_owned(), ..message(channel) };
            let text = permanent(outreach.send(&sent).await);
            assert!(text.contains("no number in E.164 form"), "{text}");
        }
    }
    assert_eq!(double.request_count(), 0);
}

#[tokio::test]
async fn a_key_is_needed() {
    let (double, outreach) = twilio();
    for key in ["", "a\nb", &"a".repeat(256)] {
        permanent(outreach.send(&keyed(Channel::Sms, key)).await);
    }
    assert_eq!(double.request_count(), 0);
}

#[tokio::test]
async fn a_plain_address_of_another_machine_is_refused() {
    let outreach = by_twilio("http://twilio.example.com", PATIENCE);
    let text = permanent(outreach.send(&message(Channel::Sms)).await);
    assert!(text.contains("TWILIO_API_URL: plain http is for this machine only"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_send_at_once() {
    let (double, outreach) = twilio();
    double.hold();
    let sending: Vec<_> = (0..8)
        .map(|n| {
            let (outreach, message) = (outreach.clone(), keyed(Channel::Sms, &n.to_string()));
            tokio::spawn(async move { outreach.send(&message).await })
        })
        .collect();
    let all_there = || double.message_count() == 8;
    let waiting = || ciq_testkit::eventually(PATIENCE, all_there);
    assert!(tokio::task::block_in_place(waiting));
    double.release();
    for sending in sending {
        let Sent::Accepted { .. } = sending.await.unwrap().unwrap();
    }
}
