//! Nobody is reminded of what was bought, and nobody twice (O-1).

use ciq_clockwork::Scope;
use serde_json::json;

use crate::house::{ANN, House, at};

/// Ann, who can be written to.
fn house() -> House {
    let house = House::new();
    let data = json!({"name": "Ann", "whatsapp": "+14155550123"});
    house.tell(ANN, "profile_update", at(0, 9, 0), data);
    house
}

#[test]
fn a_cart_is_answered_once_after_its_time() {
    let house = house();
    house.define_cart_recovery(&json!({}));
    house.cart(at(0, 10, 0), "Lamp");
    assert_eq!(house.evaluate(at(0, 11, 59)).pass.triggered_count, 0);
    assert_eq!(house.evaluate(at(0, 12, 0)).pass.triggered_count, 0, "not more than 2 h");
    assert_eq!(house.evaluate(at(0, 12, 1)).delivery.sent_count, 1);
    assert_eq!(house.evaluate(at(0, 12, 1)).delivery.sent_count, 0);
    assert_eq!(house.evaluate(at(3, 12, 0)).delivery.sent_count, 0, "one occasion for ever");
    let sent = house.campaigns().remove(0);
    assert_eq!(sent.content.as_deref(), Some("Still want the Lamp?"));
    assert_eq!((sent.channel.as_str(), sent.status.as_str()), ("whatsapp", "sent"));
    assert_eq!(house.executions()[0].status, "executed");
}

#[test]
fn time_alone_brings_the_answer() {
    let house = house();
    house.define_cart_recovery(&json!({}));
    house.cart(at(0, 10, 0), "Lamp");
    assert_eq!(house.pass(Scope::Touched, at(0, 10, 1)).triggered_count, 0);
    assert_eq!(house.pass(Scope::Touched, at(0, 11, 59)).customer_count, 0);
    assert_eq!(house.pass(Scope::Touched, at(0, 12, 1)).triggered_count, 1);
    let delivered = house.runtime.block_on(house.clock.deliver(at(0, 12, 1))).unwrap();
    assert_eq!(delivered.sent_count, 1);
}

#[test]
fn bought_a_minute_before_the_time_is_not_abandoned() {
    let house = house();
    house.define_cart_recovery(&json!({}));
    house.cart(at(0, 10, 0), "Lamp");
    house.buy(at(0, 11, 59), "lamp");
    assert_eq!(house.evaluate(at(0, 12, 30)).pass.triggered_count, 0);
    // Another product does not answer for this one.
    house.cart(at(1, 10, 0), "Desk");
    house.buy(at(1, 11, 0), "Lamp");
    assert_eq!(house.evaluate(at(1, 12, 30)).delivery.sent_count, 1);
}

#[test]
fn bought_while_the_message_waits_suppresses_it() {
    let house = house();
    let quiet = json!({"from": "12:00", "to": "20:00", "time_zone": "UTC"});
    house.define_cart_recovery(&json!({"quiet_hours": quiet}));
    house.cart(at(0, 10, 0), "Lamp");
    let evaluated = house.evaluate(at(0, 12, 30));
    assert_eq!((evaluated.pass.triggered_count, evaluated.delivery.waiting_count), (1, 1));
    house.buy(at(0, 13, 0), "Lamp");
    let evaluated = house.evaluate(at(0, 20, 30));
    assert_eq!((evaluated.delivery.sent_count, evaluated.delivery.suppressed_count), (0, 1));
    assert_eq!(house.fates(), [("suppressed".into(), Some("condition_cleared".into()))]);
    assert_eq!(house.executions()[0].reason.as_deref(), Some("condition_cleared"));
}

#[test]
fn who_said_no_hears_nothing() {
    let house = house();
    house.define_cart_recovery(&json!({}));
    house.cart(at(0, 10, 0), "Lamp");
    let data = json!({"custom_fields": {"whatsapp_consent": false}});
    house.tell(ANN, "profile_update", at(0, 11, 0), data);
    house.evaluate(at(0, 12, 30));
    assert_eq!(house.fates(), [("suppressed".into(), Some("no_consent".into()))]);
}

#[test]
fn a_person_who_turns_out_to_be_two_records_hears_it_once() {
    let house = house();
    house.define_cart_recovery(&json!({}));
    house.cart(at(0, 10, 0), "Lamp");
    let bob = "bob@example.com";
    house.tell(bob, "cart_add", at(0, 10, 0), json!({"product_name": "Lamp"}));
    assert_eq!(house.evaluate(at(0, 12, 30)).delivery.sent_count, 1, "bob has no number");
    house.tell(ANN, "profile_update", at(0, 13, 0), json!({"phone": "+14155550123"}));
    house.tell(bob, "login", at(0, 14, 0), json!({"phone": "+14155550123"}));
    assert_eq!(house.customer(ANN), house.customer(bob));
    assert_eq!(house.evaluate(at(2, 12, 0)).pass.triggered_count, 0);
    assert_eq!(house.campaigns().iter().filter(|one| one.status == "sent").count(), 1);
}

#[test]
fn an_import_of_old_carts_reminds_nobody() {
    let house = house();
    house.define_cart_recovery(&json!({}));
    house.cart(at(0, 10, 0), "Lamp");
    assert_eq!(house.evaluate(at(40, 12, 30)).pass.triggered_count, 0);
}

#[test]
fn a_switched_off_automation_sends_not_even_what_waits() {
    let house = house();
    house.define_cart_recovery(&json!({"delay": "1h"}));
    house.cart(at(0, 10, 0), "Lamp");
    assert_eq!(house.evaluate(at(0, 12, 30)).pass.triggered_count, 1);
    house.define_cart_recovery(&json!({"delay": "1h", "enabled": false}));
    house.evaluate(at(0, 14, 0));
    assert_eq!(house.fates(), [("suppressed".into(), Some("disabled".into()))]);
}
