//! Variables, `.env`, flags, and what each says when it is unusable.

use crate::served::Served;
use crate::support::{Place, ran};

#[test]
fn variables_say_what_users_are_like_and_flags_beat_them() {
    let place = Place::new();
    place.write(".env", "DEFAULT_REGION=JP\nDEFAULT_SMS_CONSENT=false\nPORT=1\n");
    let mut command = place.command(&["--default-region", "BR", "--sink", "file"]);
    command.env("DEFAULT_REGION", "EU").env("PORT", "0").env("DEFAULT_EMAIL_CONSENT", "");
    let served = Served::run(place, command);
    let seeded = served.post("/seed-users", r#"{"count":10}"#).expect(200).json();
    assert_eq!(seeded["region"], "BR", "the flag beats the variable, which beats the file");
    assert_eq!(seeded["smsConsent"], false, "the file is read");
    assert_eq!(seeded["emailConsent"], true, "an empty variable is as good as none");
}

#[test]
fn a_variable_beats_the_file() {
    let place = Place::new();
    place.write(".env", "DEFAULT_REGION=JP\nSINK_TYPE=http\nHTTP_SINK_URL=http://127.0.0.1:9/x\n");
    let mut command = place.command(&["--port", "0"]);
    command.env("DEFAULT_REGION", "EU");
    let served = Served::run(place, command);
    let seeded = served.post("/seed-users", r#"{"count":10}"#).expect(200).json();
    assert_eq!(seeded["region"], "EU");
    let sink = served.get("/status").json()["sink"].clone();
    assert_eq!(sink["to"], "http http://127.0.0.1:9/x");
}

#[test]
fn defaults_of_sinks_are_told_without_secrets() {
    for (variables, expect) in [
        (&[("SINK_TYPE", "http")][..], "http http://127.0.0.1:3000/events"),
        (&[("SINK_TYPE", "redis")], "redis redis://127.0.0.1:6379 domain.events"),
        (&[("SINK_TYPE", "nats")], "nats nats://127.0.0.1:4222 customer.events"),
        (&[("SINK_TYPE", "console")], "console"),
        (
            &[
                ("SINK_TYPE", "redis"),
                ("REDIS_URL", "redis://me:hush@127.0.0.1:7"),
                ("REDIS_STREAM_KEY", "k"),
                ("REDIS_MAXLEN", "1000"),
            ],
            "redis redis://127.0.0.1:7 k",
        ),
    ] {
        let place = Place::new();
        let mut command = place.command(&["--port", "0"]);
        command.envs(variables.iter().copied());
        let served = Served::run(place, command);
        let status = served.get("/status").expect(200);
        assert!(!status.body.contains("hush"), "{}", status.body);
        let to = status.json()["sink"]["to"].as_str().unwrap().trim_end_matches('/').to_owned();
        assert!(to.starts_with(expect.split(' ').next().unwrap()), "{to}");
        assert_eq!(to.replace("/ ", " "), expect);
    }
}

#[test]
fn a_bad_value_is_named() {
    for (name, value) in [
        ("PORT", "many"),
        ("PORT", "65536"),
        ("SINK_TYPE", "kafka"),
        ("DEFAULT_REGION", "MOON"),
        ("DEFAULT_SMS_CONSENT", "perhaps"),
        ("DEFAULT_EMAIL_CONSENT", "2"),
        ("HTTP_SINK_URL", "nowhere"),
        ("HTTP_SINK_URL", "ftp://hush@host"),
        ("REDIS_URL", "http://me:hush@host"),
        ("REDIS_MAXLEN", "-1"),
        ("NATS_SERVERS", "nats://me:hush@ host"),
        ("NATS_MODE", "loud"),
    ] {
        let place = Place::new();
        let sink = ["http", "redis", "nats"]
            .into_iter()
            .find(|sink| name.to_lowercase().starts_with(sink));
        let mut command = place.command(&["serve"]);
        command.env("SINK_TYPE", sink.unwrap_or("console")).env(name, value);
        let ran = ran(command, b"").expect(2);
        assert!(ran.err.contains(&format!("error: {name} (--")), "{name}: {}", ran.err);
        assert!(!ran.err.contains("hush"), "{}", ran.err);
    }
    for (flag, value) in [
        ("--users", "0"),
        ("--days", "731"),
        ("--mix", "1,2"),
        ("--mix", "0.5,0.6,0.7"),
        ("--start", "tomorrow"),
        ("--format", "xml"),
        ("--modes", "lunch"),
        ("--shard", "3/2"),
        ("--threads", "0"),
        ("--density", "0"),
        ("--per-user-density", "0"),
        ("--out", "ftp://host"),
    ] {
        let ran = Place::new().run(&["generate", flag, value]).expect(2);
        assert!(ran.err.starts_with("error: "), "{flag}: {}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    }
    Place::new().run(&["generate", "--dirty=mud=1"]).expect(2);
    Place::new().run(&["generate", "--density", "5", "--per-user-density", "1"]).expect(2);
    Place::new().run(&["replay", "nowhere.ndjson"]).expect(4);
}

#[test]
fn a_port_in_use_says_what_to_do() {
    let served = Served::start();
    let port = served.address.split(':').next_back().unwrap();
    let ran = Place::new().run(&["--port", port]).expect(1);
    assert!(ran.err.contains("choose another port"), "{}", ran.err);
}

#[test]
fn only_the_flag_opens_the_service_to_others() {
    let place = Place::new();
    let command = place.command(&["--listen", "0.0.0.0:0", "--sink", "file"]);
    let served = Served::run(place, command);
    let address = served.address.replace("0.0.0.0", "127.0.0.1");
    let headers = ["host: lab.example"];
    let answer = crate::served::ask(&address, ("GET", "/healthz"), &headers, "");
    assert_eq!(answer.status, 200);
}
