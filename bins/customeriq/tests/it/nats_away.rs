//! What a service says of what it cannot publish, while NATS is away.

use std::time::Duration;

use ciq_testkit::eventually;

use crate::nats_served::Served;
use crate::nats_support::{Bus, LIMIT};
use crate::support::STORY;

/// Long enough for several tries to publish.
const SEVERAL_TRIES: Duration = Duration::from_secs(16);

#[test]
fn that_it_cannot_publish_is_said_once_and_when_it_is_over() {
    let mut bus = Bus::new();
    let service = Served::ready(&bus);
    bus.server.kill().unwrap();
    bus.place.import(STORY);
    let said = || service.words().matches("could not publish, yet").count();
    assert!(eventually(LIMIT, || said() == 1), "{}", service.words());
    assert!(!eventually(SEVERAL_TRIES, || said() > 1), "{}", service.words());
    bus.server.restart().unwrap();
    let is_over = || service.words().contains("publishing works again");
    assert!(eventually(LIMIT, is_over), "{}", service.words());
    assert_eq!(said(), 1, "{}", service.words());
    service.stop();
}
