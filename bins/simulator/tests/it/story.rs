//! What is told is what the service then says.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::service::{Service, check_told};
use crate::support::{Place, ran};

/// A hundred cycles as fast as they go.
const FAST: [&str; 5] = ["--json", "--interval", "1ms", "--cycles", "100"];

fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the simulator reads the same clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

#[test]
fn totals_are_what_the_service_then_says() {
    let service = Service::start();
    let args = [&FAST[..], &["--customers", "8", "--target", &service.url]].concat();
    let ran = Place::new().run(&args).expect(0);
    let accounts = service.accounts(&[]);
    check_told(&ran, &accounts);
    let summary = ran.of_type("summary").remove(0);
    let changes = ran.of_type("change");
    let created = changes.iter().filter(|change| change["change"] == "created").count();
    assert_eq!((accounts.len(), &summary["created_at_start"]), (created, &8.into()));
    assert_eq!(summary["new_customers"], created - 8);
    assert_eq!((&summary["cycles"], &summary["refused"]), (&100.into(), &0.into()));
    assert_eq!(summary["events"], changes.len());
    let calls: i64 = changes
        .iter()
        .filter(|change| change["change"] == "calls")
        .map(|change| change["after"].as_i64().unwrap() - change["before"].as_i64().unwrap())
        .sum();
    assert_eq!(summary["api_calls"], calls);
    assert!(calls > 1_000, "{summary}");
    let cycles = ran.of_type("cycle");
    assert_eq!(cycles.len(), 100);
    assert_eq!(cycles[99]["customers"], accounts.len());
}

#[test]
fn the_four_of_every_demonstration_are_there() {
    let service = Service::start();
    let args = ["--cycles", "1", "--interval", "1ms", "--target", &service.url];
    Place::new().run(&args).expect(0);
    let accounts = service.accounts(&[]);
    for (id, name) in [
        ("startup-inc", "Startup Inc"),
        ("atrisk-co", "AtRisk Co"),
        ("bigcorp-ltd", "BigCorp Ltd"),
        ("example-corp", "Example Corp"),
    ] {
        let account = accounts.iter().find(|account| account["customer_id"] == id).unwrap();
        assert_eq!((&account["name"], &account["company"]), (&name.into(), &name.into()));
    }
}

#[test]
fn the_monitor_sees_what_happens() {
    let service = Service::start();
    let args = ["--cycles", "1", "--interval", "1ms", "--target", &service.url];
    Place::new().run(&args).expect(0);
    service.post("/api/monitor/check", "{}");
    let page = service.get("/api/interventions?limit=100", &[]);
    let interventions = page["data"].as_array().unwrap();
    for (customer, kind) in
        [("startup-inc", "onboarding_check_in"), ("atrisk-co", "error_debugging")]
    {
        let is_one = |it: &&Value| it["customer_id"] == customer && it["kind"] == kind;
        assert_eq!(interventions.iter().filter(is_one).count(), 1, "{kind}: {page}");
    }
    // Its first calls end what was said of whoever had not called.
    let args = ["--json", "--cycles", "200", "--interval", "1ms", "--target", &service.url];
    let ran = Place::new().run(&args).expect(0);
    assert!(ran.out.contains("first_api_call"), "{}", ran.out);
    service.post("/api/monitor/check", "{}");
    let page = service.get("/api/interventions?status=resolved&limit=100", &[]);
    let is_one =
        |it: &&Value| it["customer_id"] == "startup-inc" && it["kind"] == "onboarding_check_in";
    assert!(page["data"].as_array().unwrap().iter().any(|it| is_one(&it)), "{page}");
}

#[test]
fn another_run_goes_on_from_what_is_there() {
    let service = Service::start();
    let args = [&FAST[..], &["--target", &service.url]].concat();
    Place::new().run(&args).expect(0);
    let before = service.accounts(&[]);
    let again = Place::new().run(&args).expect(0);
    assert_eq!(again.of_type("summary")[0]["created_at_start"], 0);
    let of_big = |account: &&Value| account["customer_id"] == "bigcorp-ltd";
    let total = &before.iter().find(of_big).unwrap()["total_api_calls"];
    let changes = again.of_type("change");
    let first = changes.iter().filter(of_big).find(|change| change["change"] == "calls").unwrap();
    assert_eq!(&first["before"], total);
    check_told(&again, &service.accounts(&[]));
}

#[test]
fn all_pages_of_what_is_there_are_read() {
    let service = Service::start();
    let flags = ["--json", "--interval", "1ms", "--cycles", "1", "--customers", "450"];
    let args = [&flags[..], &["--target", &service.url]].concat();
    let first = Place::new().run(&args).expect(0);
    assert_eq!(first.of_type("summary")[0]["created_at_start"], 450);
    let again = Place::new().run(&args).expect(0);
    assert_eq!(again.of_type("summary")[0]["created_at_start"], 0);
    assert!(again.of_type("cycle")[0]["customers"].as_u64() >= Some(450));
    check_told(&again, &service.accounts(&[]));
}

#[test]
fn the_same_seed_makes_the_same_run() {
    let told = |seed: &str| {
        let service = Service::start();
        let args = [&FAST[..], &["--seed", seed, "--target", &service.url]].concat();
        let changes = Place::new().run(&args).expect(0).of_type("change");
        let fields = ["cycle", "customer_id", "change", "before", "after"];
        let told = |change: &Value| fields.map(|field| change[field].clone());
        changes.iter().map(told).collect::<Vec<_>>()
    };
    let first = told("7");
    assert_eq!(first, told("7"));
    assert_ne!(first, told("8"));
}

#[test]
fn a_faster_run_ends_now_and_another_goes_on_after_it() {
    let service = Service::start();
    let flags = ["--json", "--interval", "1m", "--speed", "60000x", "--cycles", "60"];
    let args = [&flags[..], &["--target", &service.url]].concat();
    let begun = now();
    let ran = Place::new().run(&args).expect(0);
    check_told(&ran, &service.accounts(&[]));
    let cycles = ran.of_type("cycle");
    let times: Vec<Timestamp> = cycles.iter().map(|cycle| time(&cycle["at"])).collect();
    let minute = SignedDuration::from_mins(1);
    assert!(times.windows(2).all(|pair| pair[1].duration_since(pair[0]) == minute), "{times:?}");
    assert!(times[59] <= now());
    assert!(times[59].duration_since(begun) > -minute);
    // There is nothing left to catch up with.
    let flags = ["--json", "--interval", "1ms", "--speed", "60x", "--cycles", "20"];
    let args = [&flags[..], &["--target", &service.url]].concat();
    let again = Place::new().run(&args).expect(0);
    assert!(time(&again.of_type("cycle")[0]["at"]) > times[59]);
    check_told(&again, &service.accounts(&[]));
}

#[test]
fn a_brand_has_customers_of_its_own() {
    let service = Service::start();
    let args = [&FAST[..], &["--brand", "acme", "--target", &service.url]].concat();
    let ran = Place::new().run(&args).expect(0);
    check_told(&ran, &service.accounts(&["x-brand-id: acme"]));
    assert!(service.accounts(&[]).is_empty());
}

#[test]
fn a_token_is_taken_from_the_environment() {
    let service = Service::with_tokens("sesame=default:writer");
    let place = Place::new();
    let args = [&FAST[..], &["--target", &service.url]].concat();
    let refused = place.run(&args).expect(1);
    assert!(refused.err.contains("was answered with 401"), "{}", refused.err);
    assert!(refused.err.contains("set CUSTOMERIQ_TOKEN"), "{}", refused.err);
    assert!(refused.out.is_empty(), "{}", refused.out);
    let mut command = place.command(&args);
    command.env("CUSTOMERIQ_TOKEN", "sesame");
    let told = ran(command).expect(0);
    check_told(&told, &service.accounts(&["authorization: Bearer sesame"]));
}
