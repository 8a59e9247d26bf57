//! `doctor` and a server: what answers, what is missing, what to do.

use ciq_testkit::{NatsConfig, NatsLogin, NatsVersion};

use crate::nats_support::Bus;
use crate::support::{Ran, ran};

fn doctor(bus: &Bus, variables: &[(&str, &str)]) -> Ran {
    let mut command = bus.command(&["doctor", "--port", "0"]);
    command.env("NATS_ENABLED", "true");
    command.envs(variables.iter().copied());
    ran(command, b"")
}

#[test]
fn a_server_that_answers_is_well() {
    let bus = Bus::with_stream();
    let out = doctor(&bus, &[]).expect(0).out;
    assert!(out.contains(&format!("answers, version {}", bus.server.version())), "{out}");
    assert!(out.contains("ok    NATS stream: CUSTOMER_EVENTS takes customer.events.>"), "{out}");
    let out = doctor(&bus, &[("NATS_SUBJECTS", "customer.>")]).expect(1).out;
    assert!(out.contains("BAD   NATS stream: stream CUSTOMER_EVENTS takes"), "{out}");
    let out = doctor(&bus, &[("NATS_SUBJECTS", "billing.>")]).expect(0).out;
    assert!(out.contains("none takes billing.> yet"), "{out}");
    let is_old = bus.server.version() < NatsVersion::new(2, 10, 0);
    assert_eq!(out.contains("2.10 or newer is recommended"), is_old, "{out}");
}

#[test]
fn a_server_without_streams_is_noted_or_bad_as_the_mode_says() {
    let bus = Bus::with(NatsConfig { jetstream: false, ..NatsConfig::default() });
    let out = doctor(&bus, &[]).expect(0).out;
    assert!(out.contains("note  NATS JetStream") && out.contains("-js"), "{out}");
    let out = doctor(&bus, &[("NATS_MODE", "jetstream")]).expect(1).out;
    assert!(out.contains("BAD   NATS JetStream") && out.contains("NATS_MODE=auto"), "{out}");
    doctor(&bus, &[("NATS_MODE", "core")]).expect(0);
}

#[test]
fn a_server_that_knows_nobody_is_bad_until_it_is_told_who_asks() {
    let login = NatsLogin::Token("hush".to_owned());
    let bus = Bus::with(NatsConfig { login, ..NatsConfig::default() });
    let told = doctor(&bus, &[]).expect(1);
    assert!(told.out.contains("what proves who we are"), "{}", told.out);
    let told = doctor(&bus, &[("NATS_TOKEN", "hush")]).expect(0);
    assert!(!told.out.contains("hush") && !told.err.contains("hush"), "{told:?}");
}
