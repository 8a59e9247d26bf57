//! Servers start, answer, die and come back.

use ciq_testkit::{NatsConfig, NatsError, NatsLogin, NatsServer, NatsVersion, eventually};

use crate::support::{LIMIT, Wire};

fn start(config: NatsConfig) -> NatsServer {
    NatsServer::start(config).unwrap()
}

#[track_caller]
fn check_login(login: NatsLogin, options: &str) {
    let server = start(NatsConfig { login, ..NatsConfig::default() });
    assert_eq!(Wire::open(server.address()).0.ping(options), "PONG");
    let refused = Wire::open(server.address()).0.ping("");
    assert!(refused.contains("Authorization Violation"), "{refused}");
}

#[test]
fn a_server_is_ready_when_it_is_there() {
    let server = start(NatsConfig::default());
    assert!(server.monitor("/healthz").unwrap().contains("ok"));
    let (mut wire, greeting) = Wire::open(server.address());
    assert!(greeting.contains(&format!("\"version\":\"{}\"", server.version())), "{greeting}");
    assert!(greeting.contains("\"jetstream\":true"), "{greeting}");
    assert_eq!(wire.ping(""), "PONG");
    assert!(server.version() >= NatsVersion::new(2, 9, 10));
    assert_eq!(server.url(), format!("nats://{}", server.address()));
    assert!(server.monitor_url().starts_with("http://127.0.0.1:"));
}

#[test]
fn two_servers_do_not_meet() {
    let (one, other) = (start(NatsConfig::default()), start(NatsConfig::default()));
    assert_ne!(one.address(), other.address());
    assert_ne!(Wire::open(one.address()).1, Wire::open(other.address()).1);
}

#[test]
fn a_server_keeps_port_and_store_over_a_kill() {
    let mut server = start(NatsConfig::default());
    let address = server.address();
    let stream = r#"{"name":"EVENTS","subjects":["events.>"],"storage":"file"}"#;
    let (mut wire, _) = Wire::open(address);
    assert_eq!(wire.ping(""), "PONG");
    let made = wire.request("$JS.API.STREAM.CREATE.EVENTS", stream);
    assert!(made.contains("EVENTS") && !made.contains("error"), "{made}");

    server.kill().unwrap();
    assert_eq!(wire.line(), "");
    assert!(matches!(server.monitor("/healthz"), Err(NatsError::System { .. })));
    server.restart().unwrap();
    assert_eq!(server.address(), address);
    assert!(server.monitor("/jsz?streams=true").unwrap().contains("EVENTS"));
}

#[test]
fn a_server_that_runs_is_restarted_too() {
    let mut server = start(NatsConfig::default());
    let (mut wire, _) = Wire::open(server.address());
    server.restart().unwrap();
    assert_eq!(wire.line(), "");
    assert_eq!(Wire::open(server.address()).0.ping(""), "PONG");
}

#[test]
fn a_server_that_is_stopped_says_goodbye() {
    let mut server = start(NatsConfig::default());
    server.stop().unwrap();
    assert!(server.log().contains("Server Exiting"), "{}", server.log());
    assert!(matches!(server.suspend(), Err(NatsError::NotRunning)));
    server.stop().unwrap();
    server.restart().unwrap();
}

#[test]
fn a_suspended_server_answers_when_it_is_resumed() {
    let mut server = start(NatsConfig::default());
    let (mut wire, _) = Wire::open(server.address());
    assert_eq!(wire.ping(""), "PONG");
    server.suspend().unwrap();
    wire.say("PING\r\n");
    server.resume().unwrap();
    assert_eq!(wire.line(), "PONG");
}

#[test]
fn a_suspended_server_is_killed_like_any_other() {
    let mut server = start(NatsConfig::default());
    server.suspend().unwrap();
    let folder = server.folder().to_owned();
    drop(server);
    assert!(eventually(LIMIT, || !folder.exists()));
}

#[test]
fn options_reach_the_server() {
    let server = start(NatsConfig {
        jetstream: false,
        payload_bytes_max: Some(2048),
        extra: "max_subscriptions: 7".to_owned(),
        ..NatsConfig::default()
    });
    let (_, greeting) = Wire::open(server.address());
    assert!(greeting.contains("\"max_payload\":2048"), "{greeting}");
    assert!(!greeting.contains("\"jetstream\":true"), "{greeting}");
    assert!(server.monitor("/varz").unwrap().contains("\"max_subscriptions\": 7"));
}

#[test]
fn a_password_opens() {
    let (user, password) = ("one".to_owned(), "it's \"7\"".to_owned());
    let options = r#","user":"one","pass":"it's \"7\"""#;
    check_login(NatsLogin::Password { user, password }, options);
}

#[test]
fn a_token_opens() {
    check_login(NatsLogin::Token("s3cret".to_owned()), r#","auth_token":"s3cret""#);
}

#[test]
fn a_configuration_that_is_wrong_is_told() {
    let config = NatsConfig { extra: "no_such_option: 1".to_owned(), ..NatsConfig::default() };
    let error = NatsServer::start(config).unwrap_err().to_string();
    assert!(error.contains("no_such_option"), "{error}");
}
