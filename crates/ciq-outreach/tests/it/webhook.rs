//! Webhooks: what a receiver gets, and how it knows from whom.

use std::time::Duration;

use axum::http::StatusCode;
use ciq_outreach::{Channel, Outgoing};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::receiver::Receiver;
use crate::support::{
    IMPATIENCE, KEY, PATIENCE, WEBHOOK_SECRET, accepted, by_webhook, keyed, message, permanent,
    transient, unknown,
};

/// Bytes of a block of SHA-256.
const BLOCK: usize = 64;

/// Computes HMAC-SHA-256 as RFC 2104, section 2, defines it, for keys of a block at most.
fn hmac(key: &[u8], text: &[u8]) -> String {
    let mut block = [0; BLOCK];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(text);
    let outer = Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c));
    let digest = outer.chain_update(inner.finalize()).finalize();
    digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn to(receiver: &Receiver) -> Outgoing {
    Outgoing { to: receiver.url("/hook?tenant=1"), ..message(Channel::Webhook) }
}

#[test]
fn the_independent_hmac_keeps_to_the_test_vector() {
    // RFC 4231, section 4.3.
    assert_eq!(
        hmac(b"Jefe", b"what do ya want for nothing?"),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
}

#[tokio::test]
async fn a_webhook_is_signed_over_its_time_and_body() {
    let receiver = Receiver::start(StatusCode::NO_CONTENT, &[]).await;
    let outreach = by_webhook(Some(WEBHOOK_SECRET), PATIENCE);
    let outreach = outreach.with_clock(|| Timestamp::from_second(1_772_359_200).unwrap());
    let sent = to(&receiver);
    let taken = accepted(outreach.send(&sent).await);
    assert_eq!(taken, (format!("webhook:{KEY}"), "204".to_owned()));
    let got = receiver.requests().remove(0);
    assert_eq!((got.method.as_str(), got.path.as_str()), ("POST", "/hook?tenant=1"));
    assert_eq!(got.body, sent.body);
    assert_eq!(got.headers["content-type"], "application/json");
    assert_eq!(got.headers["idempotency-key"], KEY);
    assert_eq!(got.headers["user-agent"], "customeriq");
    let digest = hmac(WEBHOOK_SECRET.as_bytes(), format!("1772359200.{}", got.body).as_bytes());
    assert_eq!(got.headers["x-customeriq-signature"], format!("t=1772359200,v1={digest}"));
}

#[tokio::test]
async fn without_a_secret_a_webhook_stays_on_this_machine() {
    let receiver = Receiver::start(StatusCode::OK, &[]).await;
    let outreach = by_webhook(None, PATIENCE);
    accepted(outreach.send(&to(&receiver)).await);
    assert!(!receiver.requests()[0].headers.contains_key("x-customeriq-signature"));
    let elsewhere = "https://hooks.example.com/a".to_owned();
    let sent = Outgoing { to: elsewhere, ..message(Channel::Webhook) };
    let text = permanent(outreach.send(&sent).await);
    assert!(text.contains("unsigned to another machine: set OUTREACH_WEBHOOK_SECRET"), "{text}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let other = Receiver::start(StatusCode::OK, &[]).await;
        let status = StatusCode::from_u16(status).unwrap();
        let receiver = Receiver::start(status, &[("location", other.url("/"))]).await;
        let outreach = by_webhook(Some(WEBHOOK_SECRET), PATIENCE);
        let text = permanent(outreach.send(&to(&receiver)).await);
        assert!(text.contains("redirects are not followed"), "{text}");
        assert_eq!(other.requests().len(), 0);
    }
}

#[tokio::test]
async fn a_status_decides_about_another_try() {
    let outreach = by_webhook(None, PATIENCE);
    for (status, is_for_now) in [
        (400, false),
        (401, false),
        (404, false),
        (410, false),
        (408, true),
        (429, true),
        (500, true),
        (503, true),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        let receiver = Receiver::start(status, &[("retry-after", "3".to_owned())]).await;
        let sent = outreach.send(&to(&receiver)).await;
        let wait = sent.as_ref().unwrap_err().retry_after();
        assert_eq!(wait, is_for_now.then_some(Duration::from_secs(3)), "{status}");
        let text = if is_for_now { transient(sent) } else { permanent(sent) };
        assert!(text.contains(&format!("HTTP {}", status.as_u16())), "{text}");
    }
}

#[tokio::test]
async fn what_got_no_answer_may_have_arrived() {
    // It takes connections into its backlog, and never looks at them.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let sent = Outgoing { to: url, ..message(Channel::Webhook) };
    unknown(by_webhook(None, IMPATIENCE).send(&sent).await);
}

#[tokio::test]
async fn what_did_not_go_out_is_transient() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let sent = Outgoing { to: format!("http://{free}/"), ..message(Channel::Webhook) };
    let text = transient(by_webhook(None, PATIENCE).send(&sent).await);
    assert!(text.contains("could not connect") && !text.contains("127.0.0.1"), "{text}");
}

#[tokio::test]
async fn nothing_goes_out_before_the_way_is_encrypted() {
    let receiver = Receiver::start(StatusCode::OK, &[]).await;
    let plain = receiver.url("/").replace("http://", "https://");
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("https://{}/", silent.local_addr().unwrap());
    for to in [plain, silent] {
        let sent = Outgoing { to, ..message(Channel::Webhook) };
        transient(by_webhook(Some(WEBHOOK_SECRET), IMPATIENCE).send(&sent).await);
    }
    assert_eq!(receiver.requests().len(), 0);
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_and_not_shown() {
    let outreach = by_webhook(Some(WEBHOOK_SECRET), PATIENCE);
    for to in [
        "",
        "hook-of-ann",
        "http://hook-of-ann.example.com/",
        "https://hook-of-ann:hush@example.com/",
        "ftp://hook-of-ann.example.com/",
    ] {
        let sent = Outgoing { to: to.to_owned(), ..message(Channel::Webhook) };
        let text = permanent(outreach.send(&sent).await);
        assert!(text.contains("its address is unusable"), "{text}");
        assert!(!text.contains("hook-of-ann"), "{text}");
    }
    let receiver = Receiver::start(StatusCode::OK, &[]).await;
    for body in ["", "not JSON", "{} {}"] {
        let text =
            permanent(outreach.send(&Outgoing { body: body.to_owned(), ..to(&receiver) }).await);
        assert!(text.contains("no JSON document"), "{text}");
    }
    assert_eq!(receiver.requests().len(), 0);
}

#[tokio::test]
async fn a_key_beyond_ascii_is_escaped() {
    let receiver = Receiver::start(StatusCode::OK, &[]).await;
    let sent = Outgoing { to: receiver.url("/"), ..keyed(Channel::Webhook, "gr\u{fc}n 5%") };
    accepted(by_webhook(None, PATIENCE).send(&sent).await);
    assert_eq!(receiver.requests()[0].headers["idempotency-key"], "gr%c3%bcn%205%25");
}
