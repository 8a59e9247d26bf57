//! Messages go out once, whatever happens in between, and not at all when they are not wanted any
//! more. Twilio and the mail server are doubles; all else is real.

use std::time::Duration;

use ciq_testkit::{SmtpAnswer, SmtpDouble, TwilioAnswer, TwilioDouble, eventually};
use serde_json::json;

use crate::service::Service;
use crate::shop::{
    ACCOUNT, HOUR, MINUTE, NOON, campaign, cart, evaluate, mail, purchase, rfc3339, rule, whatsapp,
};
use crate::support::Place;

/// How long anything may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(40);

/// Returns the variables of a service that sends through a double of Twilio.
fn through(double: &TwilioDouble) -> Vec<(&'static str, String)> {
    let account = ACCOUNT.map(|(name, value)| (name, value.to_owned()));
    account.into_iter().chain([("TWILIO_API_URL", double.url())]).collect()
}

/// Starts a service with a rule, and a lamp in a cart since noon.
fn shop(place: &Place, variables: &[(&str, String)]) -> Service {
    let service = Service::start_still(place, variables);
    service.post("/api/automations", &rule(&whatsapp()));
    service.post("/events", &cart(NOON));
    service
}

#[test]
fn a_cart_that_waits_for_two_hours_is_written_about_once() {
    let (place, double) = (Place::new(), TwilioDouble::start().unwrap());
    let service = shop(&place, &through(&double));
    assert_eq!(evaluate(&service, NOON + 2 * HOUR - 1)["triggered_count"], 0);
    let told = evaluate(&service, NOON + 2 * HOUR + 1);
    assert_eq!((&told["triggered_count"], &told["sent_count"]), (&json!(1), &json!(1)), "{told}");
    let told = evaluate(&service, NOON + 3 * HOUR);
    assert_eq!((&told["triggered_count"], &told["sent_count"]), (&json!(0), &json!(0)), "{told}");
    let [message] = &double.messages()[..] else { panic!("{:?}", double.messages()) };
    assert_eq!(message.body, "Hi Ada! Desk Lamp is waiting.");
    assert_eq!(message.to, "whatsapp:+14155552671");
    assert_eq!(campaign(&service)["provider_id"], message.sid);
    let whole = service.json("/api/profiles/cust_ada/360");
    assert_eq!(whole["executions"][0]["status"], "executed", "{whole}");
    service.stop();
}

#[test]
fn a_service_killed_before_it_hears_the_answer_sends_once() {
    let (place, double) = (Place::new(), TwilioDouble::start().unwrap());
    // Twilio itself knows no keys.
    double.ignore_keys();
    double.hold();
    let service = shop(&place, &through(&double));
    let due = NOON + 2 * HOUR + MINUTE;
    let asked = service.post_only("/api/automations/evaluate", &json!({"as_of": rfc3339(due)}));
    assert!(eventually(LIMIT, || double.message_count() == 1), "{:?}", double.messages());
    service.kill();
    drop(asked);
    double.release();
    let service = Service::start_still(&place, &through(&double));
    assert_eq!(campaign(&service)["status"], "sending");
    // The claim of the dead holds for five minutes.
    evaluate(&service, due + MINUTE);
    assert_eq!(campaign(&service)["status"], "sending");
    let told = evaluate(&service, due + 10 * MINUTE);
    assert_eq!(told["sent_count"], 1, "{told}");
    assert_eq!(double.message_count(), 1);
    assert_eq!(double.request_count(), 1);
    let campaign = campaign(&service);
    assert_eq!(campaign["status"], "sent", "{campaign}");
    assert_eq!(campaign["provider_id"], double.messages()[0].sid);
    service.stop();
}

#[test]
fn a_service_killed_before_anything_left_sends_after_all() {
    let (place, double) = (Place::new(), TwilioDouble::start().unwrap());
    double.answer_next(&[TwilioAnswer::Hang]);
    let service = shop(&place, &through(&double));
    let due = NOON + 2 * HOUR + MINUTE;
    let asked = service.post_only("/api/automations/evaluate", &json!({"as_of": rfc3339(due)}));
    assert!(eventually(LIMIT, || double.request_count() == 1));
    service.kill();
    drop(asked);
    let service = Service::start_still(&place, &through(&double));
    // It is found that nothing went out, and then it goes.
    evaluate(&service, due + 10 * MINUTE);
    evaluate(&service, due + 30 * MINUTE);
    assert_eq!(double.message_count(), 1);
    assert_eq!(campaign(&service)["status"], "sent");
    service.stop();
}

#[test]
fn who_buys_a_minute_before_is_not_written_to() {
    let (place, double) = (Place::new(), TwilioDouble::start().unwrap());
    let service = shop(&place, &through(&double));
    service.post("/events", &purchase(NOON + 2 * HOUR - MINUTE));
    let told = evaluate(&service, NOON + 2 * HOUR + MINUTE);
    assert_eq!(told["triggered_count"], 0, "{told}");
    assert_eq!(double.request_count(), 0);
    service.stop();
}

#[test]
fn who_buys_while_the_message_waits_for_the_morning_is_not_written_to() {
    let (place, double) = (Place::new(), TwilioDouble::start().unwrap());
    let service = Service::start_still(&place, &through(&double));
    let mut rule = rule(&whatsapp());
    rule["quiet_hours"] = json!({"from": "21:00", "to": "08:00", "time_zone": "UTC"});
    service.post("/api/automations", &rule);
    service.post("/events", &cart(NOON + 8 * HOUR));
    let told = evaluate(&service, NOON + 10 * HOUR + MINUTE);
    assert_eq!((&told["triggered_count"], &told["waiting_count"]), (&json!(1), &json!(1)));
    service.post("/events", &purchase(NOON + 11 * HOUR));
    let told = evaluate(&service, NOON + 20 * HOUR + MINUTE);
    assert_eq!(told["suppressed_count"], 1, "{told}");
    assert_eq!(double.request_count(), 0);
    let campaign = campaign(&service);
    assert_eq!(campaign["status"], "suppressed", "{campaign}");
    assert_eq!(campaign["reason"], "condition_cleared", "{campaign}");
    service.stop();
}

#[test]
fn a_provider_that_is_busy_and_then_broken_takes_one_message_in_the_end() {
    let (place, double) = (Place::new(), TwilioDouble::start().unwrap());
    let busy = TwilioAnswer::TooMany { retry_after: Duration::from_secs(120) };
    double.answer_next(&[busy, TwilioAnswer::ServerError]);
    let service = shop(&place, &through(&double));
    let due = NOON + 2 * HOUR + MINUTE;
    assert_eq!(evaluate(&service, due)["waiting_count"], 1);
    evaluate(&service, due + MINUTE);
    assert_eq!(double.request_count(), 1, "it was told to come back after two minutes");
    evaluate(&service, due + 3 * MINUTE);
    assert_eq!((double.request_count(), double.message_count()), (2, 0));
    // After the fault it is asked first whether the message went out.
    evaluate(&service, due + 10 * MINUTE);
    assert_eq!((double.request_count(), double.message_count()), (2, 0));
    evaluate(&service, due + 20 * MINUTE);
    assert_eq!((double.request_count(), double.message_count()), (3, 1));
    let campaign = campaign(&service);
    assert_eq!((&campaign["status"], &campaign["attempt_count"]), (&json!("sent"), &json!(4)));
    service.stop();
}

/// Starts a service that mails through a double, with a lamp in a cart since noon.
fn mailing(place: &Place, double: &SmtpDouble) -> Service {
    let variables = [
        ("SMTP_HOST", "127.0.0.1".to_owned()),
        ("SMTP_PORT", double.address().port().to_string()),
        ("SMTP_TLS", "none".to_owned()),
        ("SMTP_FROM", "shop@example.com".to_owned()),
        ("OUTREACH_TIMEOUT", "1s".to_owned()),
    ];
    let service = Service::start_still(place, &variables);
    service.post("/api/automations", &rule(&mail()));
    service.post("/events", &cart(NOON));
    service
}

#[test]
fn a_mail_server_that_says_nothing_is_left_in_time_and_tried_again() {
    let (place, double) = (Place::new(), SmtpDouble::start().unwrap());
    double.answer_next(&[SmtpAnswer::HangOnConnect]);
    let service = mailing(&place, &double);
    let due = NOON + 2 * HOUR + MINUTE;
    // An attempt without an end would not be answered.
    let told = evaluate(&service, due);
    assert_eq!(told["waiting_count"], 1, "{told}");
    evaluate(&service, due + 10 * MINUTE);
    evaluate(&service, due + HOUR);
    let [mail] = &double.mails()[..] else { panic!("{:?}", double.mails()) };
    assert_eq!(mail.to, ["ada@example.com"]);
    assert!(mail.data.contains("Subject: Your cart"), "{}", mail.data);
    assert_eq!(campaign(&service)["status"], "sent");
    service.stop();
}

#[test]
fn a_mail_that_may_have_gone_out_is_not_sent_again() {
    let (place, double) = (Place::new(), SmtpDouble::start().unwrap());
    double.answer_next(&[SmtpAnswer::HangAfterData]);
    let service = mailing(&place, &double);
    let due = NOON + 2 * HOUR + MINUTE;
    evaluate(&service, due);
    for wait in [1, 10, 60] {
        evaluate(&service, due + wait * MINUTE);
    }
    assert_eq!(double.mails().len(), 1);
    let campaign = campaign(&service);
    assert_eq!(campaign["status"], "failed", "{campaign}");
    service.stop();
}

/// A time at which nothing special is.
#[expect(clippy::disallowed_methods, reason = "some services live in the present")]
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// A service that lives in the present.
fn live(place: &Place, double: &TwilioDouble) -> Service {
    let mut command = place.command(&["serve", "--port", "0", "--every", "1s"]);
    command.envs(through(double));
    Service::launch(command)
}

#[test]
fn a_service_sends_by_itself_what_time_has_made_due() {
    let (place, double) = (Place::new(), TwilioDouble::start().unwrap());
    let service = live(&place, &double);
    service.post("/api/automations", &rule(&whatsapp()));
    service.post("/events", &cart(now() - 3 * HOUR));
    assert!(eventually(LIMIT, || double.message_count() == 1), "{}", service.stop());
    assert!(eventually(LIMIT, || campaign(&service)["status"] == "sent"));
    service.stop();
    place.run(&["doctor", "--port", "0"]).expect(0);
    assert_eq!(double.request_count(), 1);
}

#[test]
fn what_is_being_sent_at_the_end_is_noted_before_the_file_is_closed() {
    let (place, double) = (Place::new(), TwilioDouble::start().unwrap());
    double.hold();
    let service = live(&place, &double);
    service.post("/api/automations", &rule(&whatsapp()));
    service.post("/events", &cart(now() - 3 * HOUR));
    assert!(eventually(LIMIT, || double.message_count() == 1), "{}", service.stop());
    service.tell_to_stop();
    // It no longer takes requests.
    assert!(eventually(LIMIT, || std::net::TcpStream::connect(service.address).is_err()));
    double.release();
    let (code, words) = service.end();
    assert_eq!(code, Some(0), "{words}");
    let campaigns = place.run(&["campaigns", "--json"]).expect(0).json();
    assert_eq!(campaigns["data"][0]["status"], "sent", "{campaigns}");
}

#[test]
fn time_passes_for_brands_whom_nobody_asks_for() {
    let (place, double) = (Place::new(), TwilioDouble::start().unwrap());
    let rules = place.run(&["automations", "defaults"]).expect(0).out;
    // At any hour of the day.
    let rules = rules.lines().filter(|line| !line.starts_with("quiet_hours"));
    let rules = rules.collect::<Vec<_>>().join("\n");
    place.run_with(&["automations", "add", "-", "--brand", "acme"], rules).expect(0);
    place.run(&["automations", "enable", "cart-recovery", "--brand", "acme"]).expect(0);
    let event = format!("{}\n", cart(now() - 3 * HOUR));
    place.run_with(&["import", "-", "--brand", "acme"], event).expect(0);
    let service = live(&place, &double);
    assert!(eventually(LIMIT, || double.message_count() == 1), "{}", service.stop());
    assert!(double.messages()[0].body.contains("CART10"), "{:?}", double.messages());
    service.stop();
}
