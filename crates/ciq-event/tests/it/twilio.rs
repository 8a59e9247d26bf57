//! Twilio webhooks.

use crate::story::{check, check_refused, event, story};

pub(crate) const MESSAGE: &str = r#"{
  "MessageSid": "SM123456789",
  "From": "whatsapp:+15550123",
  "To": "whatsapp:+15559999",
  "Body": "When will my order ship?",
  "MessageStatus": "received",
  "AccountSid": "ACxxxxx"
}"#;

pub(crate) const CURL: &str = r#"{
    "From": "whatsapp:+15550123",
    "Body": "When will my order ship?",
    "MessageStatus": "received"
  }"#;

pub(crate) const FORM: &str = "MessageSid=SM123456789&From=whatsapp%3A%2B15550123\
    &To=whatsapp%3A%2B15559999&Body=When+will+my+order+ship%3F&MessageStatus=received\
    &AccountSid=ACxxxxx";

const STORY: &str = "whatsapp_message from twilio at 2026-01-01T00:00:00Z
    phone: +15550123
    whatsapp: +15550123
    title: WhatsApp message
    description: When will my order ship?
    status: received";

#[test]
fn the_documented_messages_are_events() {
    check("twilio", MESSAGE, &[STORY]);
    check("twilio", CURL, &[STORY]);
    check("twilio-form", FORM, &[STORY]);
}

#[test]
fn json_and_form_are_the_same_event() {
    assert_eq!(event("twilio", MESSAGE), event("twilio-form", FORM));
}

#[test]
fn a_bare_plus_of_a_form_is_kept() {
    let typed = event("twilio-form", "From=whatsapp:+15550123&Body=Hi");
    assert_eq!(typed.contacts[1].value, "+15550123");
    assert_eq!(event("twilio-form", "From=+15550123").contacts[0].value, "+15550123");
}

#[test]
fn a_text_message_and_a_sender_with_a_name_are_told() {
    check(
        "twilio-form",
        "From=%2B15550123&Body=Hi&SmsStatus=received",
        &["sms_message from twilio at 2026-01-01T00:00:00Z
        phone: +15550123
        title: SMS message
        description: Hi
        status: received"],
    );
    check(
        "twilio",
        r#"{"From": "whatsapp:+5511955551234", "ProfileName": "Ana", "WaId": "551155551234"}"#,
        &["whatsapp_message from twilio at 2026-01-01T00:00:00Z
        phone: +5511955551234
        whatsapp: +5511955551234
        whatsapp: +551155551234
        title: WhatsApp message
        profile: name=Ana"],
    );
    check(
        "twilio",
        r#"{"From": "messenger:123"}"#,
        &["messenger_message from twilio at 2026-01-01T00:00:00Z
        external:messenger: 123
        title: Messenger message"],
    );
}

#[test]
fn the_state_of_our_own_message_is_about_its_receiver() {
    check(
        "twilio",
        r#"{"MessageSid": "SM1", "From": "whatsapp:+15559999", "To": "whatsapp:+15550123",
            "MessageStatus": "read", "ProfileName": "The shop"}"#,
        &["message_status from twilio at 2026-01-01T00:00:00Z
        phone: +15550123
        whatsapp: +15550123
        title: Message read
        status: read"],
    );
    check_refused("twilio", r#"{"From": "+1", "MessageStatus": "sent"}"#, "To");
}

#[test]
fn each_state_of_a_message_is_an_event_of_its_own() {
    let state = |status: &str| {
        event("twilio-form", format!("MessageSid=SM1&From=1&To=2&MessageStatus={status}"))
    };
    assert_ne!(state("sent").id, state("delivered").id);
    assert_eq!(story(&state("sent")), story(&state("sent")));
    assert_eq!(state("received").id, event("twilio-form", "MessageSid=SM1&From=1").id);
}

#[test]
fn a_message_needs_its_sender() {
    check_refused("twilio", "{}", "From");
    check_refused("twilio-form", "", "From");
    check_refused("twilio-form", "From=whatsapp%3A", "From");
    check_refused("twilio-form", "From=%3A123", "From");
    check_refused("twilio-form", "From=1%00", "From");
    check_refused("twilio", r#"{"From": {"a": 1}}"#, "From");
}

#[test]
fn a_form_that_cannot_be_kept_as_it_came_is_refused() {
    check_refused("twilio-form", *b"From=%2B15550123&Body=\xff", "body");
    check_refused("twilio-form", "From=%2B15550123&Unread=\0", "body");
}
