//! What providers do to a message, and what becomes of it.

use ciq_outreach::OutreachSettings;
use ciq_testkit::{TwilioAnswer, TwilioDouble};
use serde_json::json;

use crate::house::{ANN, House, at};

fn settings(twilio: &TwilioDouble) -> OutreachSettings {
    let url = twilio.url();
    OutreachSettings::from_lookup(&|name| match name {
        "TWILIO_ACCOUNT_SID" => Some("AC00000000000000000000000000000000".to_owned()),
        "TWILIO_AUTH_TOKEN" => Some("secret".to_owned()),
        "TWILIO_WHATSAPP_FROM" => Some("+14155550100".to_owned()),
        "TWILIO_API_URL" => Some(url.clone()),
        _ => None,
    })
    .unwrap()
}

/// A house in which a message to Ann is due after noon.
fn house(twilio: &TwilioDouble) -> House {
    let house = House::with(settings(twilio));
    let data = json!({"name": "Ann", "whatsapp": "+14155550123"});
    house.tell(ANN, "profile_update", at(0, 9, 0), data);
    house.define_cart_recovery(&json!({}));
    house.cart(at(0, 10, 0), "Lamp");
    house
}

#[test]
fn a_provider_that_has_enough_and_then_trouble_gets_it_once_in_the_end() {
    let twilio = TwilioDouble::start().unwrap();
    twilio.answer_next(&[
        TwilioAnswer::TooMany { retry_after: std::time::Duration::from_secs(120) },
        TwilioAnswer::ServerError,
        TwilioAnswer::Accept,
    ]);
    let house = house(&twilio);
    assert_eq!(house.evaluate(at(0, 12, 1)).delivery.waiting_count, 1);
    assert_eq!(house.evaluate(at(0, 12, 2)).delivery.waiting_count, 0, "it was asked to wait");
    assert_eq!(house.evaluate(at(0, 12, 4)).delivery.waiting_count, 1);
    assert_eq!(house.evaluate(at(0, 12, 30)).delivery.sent_count, 0, "it is asked first");
    assert_eq!(house.evaluate(at(0, 12, 40)).delivery.sent_count, 1);
    assert_eq!(twilio.messages().len(), 1);
    assert_eq!(house.campaigns()[0].attempt_count, 4, "asking is one of them");
}

#[test]
fn a_number_that_the_provider_refuses_fails_with_its_words() {
    let twilio = TwilioDouble::start().unwrap();
    twilio.answer_next(&[TwilioAnswer::Refuse(21_211)]);
    let house = house(&twilio);
    assert_eq!(house.evaluate(at(0, 12, 1)).delivery.failed_count, 1);
    let reason = house.campaigns()[0].reason.clone().unwrap();
    assert!(reason.contains("21211") && !reason.contains("4155550123"), "{reason}");
    assert_eq!(house.executions()[0].status, "failed");
}

#[test]
fn who_unsubscribed_at_the_provider_counts_as_suppressed() {
    let twilio = TwilioDouble::start().unwrap();
    twilio.answer_next(&[TwilioAnswer::Refuse(21_610)]);
    let house = house(&twilio);
    house.evaluate(at(0, 12, 1));
    assert_eq!(house.fates(), [("suppressed".into(), Some("unsubscribed".into()))]);
}

#[test]
fn a_worker_that_died_after_sending_is_found_out_about() {
    let twilio = TwilioDouble::start().unwrap();
    let house = house(&twilio);
    assert_eq!(house.evaluate(at(0, 12, 1)).delivery.sent_count, 1);
    // As if the process had died before it wrote the answer down.
    let lost = "UPDATE delivery SET status = 'sending', provider_id = NULL, sent_at = NULL,
        lease_until = 1709294700000; UPDATE execution SET status = 'triggered'";
    house.run_sql(lost);
    let evaluated = house.evaluate(at(0, 12, 10));
    assert_eq!(evaluated.delivery.sent_count, 1);
    assert_eq!(twilio.messages().len(), 1, "the customer saw it once");
    assert_eq!(house.fates(), [("sent".into(), None)]);
}

#[test]
fn tasks_and_segments_stay_within_the_brand() {
    let twilio = TwilioDouble::start().unwrap();
    let house = house(&twilio);
    house.define(&json!({"id": "follow-up", "name": "Follow up", "enabled": true,
        "trigger": {"type": "cart_abandonment", "after": "1h"},
        "actions": [{"type": "create_task", "title": "Call {{ name }}"},
            {"type": "update_segment", "segment": "hesitant"}]}));
    house.evaluate(at(0, 11, 30));
    let page = ciq_store::PageRequest::default();
    let (tasks, _) = house.reader().tasks(&ciq_store::ExecutionFilter::default(), &page).unwrap();
    assert_eq!(tasks[0].title, "Call Ann");
    assert_eq!(twilio.request_count(), 0);
    let done: Vec<_> = house.campaigns().into_iter().map(|one| (one.channel, one.status)).collect();
    assert_eq!(done, [("segment".into(), "sent".into()), ("task".into(), "sent".into())]);
}
