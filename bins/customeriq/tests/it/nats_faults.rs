//! The whole program under faults: it is killed, its server is killed, its disk is full, what it
//! is sent is broken. Each ends as if nothing had happened.
//!
//! `cargo xtask soak nats` runs those with kills under a long load.

use std::time::Duration;

use ciq_ingest::{Clock as _, SystemClock};
use ciq_nats::Outgoing;
use ciq_synth::{Seed, chance::below};
use ciq_testkit::{NatsConfig, eventually};
use jiff::Timestamp;
use rand::rngs::ChaCha8Rng;

use crate::nats_load::{Load, await_stored, event_count, message, stored};
use crate::nats_served::Served;
use crate::nats_support::Bus;

/// How many events there are where the test runs for long.
const SOAK_VARIABLE: &str = "CUSTOMERIQ_SOAK_EVENTS";

/// The longest time, in milliseconds, after which something is killed though nothing was stored:
/// a service starts and joins its group in less.
const MOMENT_MS_MAX: u64 = 700;

/// How long to wait for further events at most: longer than the server waits to deliver again.
const STALL: Duration = Duration::from_secs(2);

/// A limit on the size of files in blocks of 512 bytes: 2 MiB, a part of what is stored.
const LIMIT_BLOCKS: u32 = 4_096;

/// The load of a test with kills.
fn load() -> Load {
    let count = std::env::var_os(SOAK_VARIABLE);
    Load { count: count.map_or(6_000, |count| count.to_str().unwrap().parse().unwrap()) }
}

/// A bus whose stream and consumer are as the service makes them.
fn begun(bus: Bus) -> Bus {
    Served::ready(&bus).stop();
    bus
}

/// A load that comes bit by bit while things are killed.
struct Siege {
    load: Load,
    bus: Bus,
    rng: ChaCha8Rng,
    kills: u64,
    kill_count: u64,
    midway_count: u64,
    started_at: Timestamp,
}

impl Siege {
    /// Half of the load is there when the first service starts.
    fn begin(kills: u64) -> Self {
        let (load, bus, started_at) = (load(), begun(Bus::chosen()), SystemClock.now());
        bus.publish(load.messages(0..load.count / 2));
        let rng = Seed::new(11).stream("kills", kills);
        Self { load, bus, rng, kills, kill_count: 0, midway_count: 0, started_at }
    }

    /// Publishes the next bit, so that every kill has something to disturb.
    fn publish(&self) {
        let Self { load, kills, kill_count, .. } = self;
        let half = load.count / 2;
        let share = |kill: u64| half + (load.count - half) * kill / kills;
        self.bus.publish(load.messages(share(*kill_count)..share(kill_count + 1)));
    }

    /// Waits for a random moment, at which something is to be killed: a time, or when so many
    /// further events are stored.
    fn await_moment(&mut self) {
        let Self { load, bus, rng, kills, .. } = self;
        let before = stored(&bus.place);
        let moment = Duration::from_millis(below(rng, MOMENT_MS_MAX));
        let further = 1 + below(rng, load.count / *kills / 2);
        if below(rng, 2) > 0 {
            // Unless there is nothing left to do by then.
            eventually(moment, || stored(&bus.place) == load.count);
        } else {
            // Unless there are not so many.
            eventually(STALL, || stored(&bus.place) >= before + further);
        }
        self.kill_count += 1;
        self.midway_count += u64::from((before + 1..load.count).contains(&stored(&bus.place)));
    }

    /// Has the rest stored, and checks that nothing was lost or doubled; prints figures.
    #[track_caller]
    fn check(self) {
        let Self { load: Load { count }, bus, kills, .. } = self;
        let service = Served::ready(&bus);
        await_stored(&bus.place, count);
        bus.await_settled();
        service.stop();
        let seconds = SystemClock.now().duration_since(self.started_at).as_secs_f64();
        let told = bus.consumer()["delivered"].clone();
        let again = told["consumer_seq"].as_i64().unwrap() - told["stream_seq"].as_i64().unwrap();
        let difference = self.load.difference(&bus.place);
        let (lost, doubled) = (difference.lost.len(), difference.doubled.len());
        println!(
            "events {count}, kills {kills}, delivered again {again}, lost {lost}, \
             doubled {doubled}, seconds {seconds:.1}"
        );
        assert!(difference.is_none(), "{difference:#?}");
        assert_eq!(event_count(&bus.place), count);
        let midway_count = self.midway_count;
        assert!(midway_count >= kills / 5 && again > 0, "only {midway_count} kills disturbed work");
    }
}

#[test]
fn killed_at_fifty_random_moments_the_service_loses_and_doubles_nothing() {
    let mut siege = Siege::begin(50);
    for _ in 0..siege.kills {
        siege.publish();
        let service = Served::start(&siege.bus);
        siege.await_moment();
        service.kill();
    }
    siege.check();
}

#[test]
fn killed_in_turn_the_service_and_its_server_lose_and_double_nothing() {
    let mut siege = Siege::begin(20);
    for _ in 0..siege.kills / 2 {
        siege.publish();
        let service = Served::start(&siege.bus);
        siege.await_moment();
        siege.bus.server.kill().unwrap();
        siege.bus.server.restart().unwrap();
        siege.publish();
        siege.await_moment();
        service.kill();
    }
    siege.check();
}

#[test]
fn while_the_disk_is_full_events_wait_at_the_server() {
    let load = Load { count: 3_000 };
    let bus = begun(Bus::new());
    let service = Served::launch(&bus.place, Served::confined(&bus, LIMIT_BLOCKS));
    service.await_ready();
    bus.publish(load.messages(0..load.count));
    service.await_unready("cannot store: ");
    let held = stored(&bus.place);
    assert!((1..load.count).contains(&held), "{held}");
    assert!(service.words().contains("trying again until it works"), "{}", service.words());
    service.give_room();
    service.await_ready();
    await_stored(&bus.place, load.count);
    bus.await_settled();
    service.stop();
    load.check(&bus.place);
}

/// Fifty messages that can be no event.
fn poison() -> impl Iterator<Item = Outgoing> {
    let deep = format!("{}1{}", "{\"a\":".repeat(3_000), "}".repeat(3_000));
    let deep = format!(r#"{{"customer_id":"a","event_type":"x","timestamp":9,"data":{deep}}}"#);
    (0..50_u8).map(move |number| {
        let body = match number % 5 {
            // Few, as they are 8 MB each; the other bodies of this kind are blank.
            0 if number < 15 => vec![b'a' + number; 8 << 20],
            0 => vec![b' '; number.into()],
            1 => format!(r#"{{"customer_id": "c{number}", "event"#).into_bytes(),
            2 => format!(r#"{{"customer_id": "c{number}", "event_type": [], "timestamp": 1}}"#)
                .into(),
            3 => deep.replace('9', &number.to_string()).into_bytes(),
            _ => [b"{\"customer_id\": \"\xff".as_slice(), &[b'a' + number], b"\"}"].concat(),
        };
        message("customer.events.c1.login", body)
    })
}

#[test]
fn of_messages_with_poison_among_them_all_that_are_events_are_stored() {
    let load = Load { count: 4_950 };
    let bus = Bus::with(NatsConfig { payload_bytes_max: Some(9 << 20), ..NatsConfig::default() });
    let service = Served::ready(&bus);
    let mut poison = poison();
    for start in (0..load.count).step_by(99) {
        bus.publish(load.messages(start..start + 99).chain(poison.next()));
    }
    await_stored(&bus.place, load.count);
    bus.await_settled();
    service.stop();
    let difference = load.difference(&bus.place);
    assert!(difference.lost.is_empty(), "{:#?}", difference.lost);
    let is_letter = |row: &&String| row.starts_with("dead_letters\t");
    assert!(difference.doubled.iter().all(|row| is_letter(&row)), "{:#?}", difference.doubled);
    let letters = bus.run(&["dead-letters", "--limit", "1000", "--json"]).expect(0).json();
    let letters = letters["data"].as_array().unwrap();
    assert_eq!(letters.len(), 50);
    for letter in letters {
        let is_told = |field: &str| letter[field].as_str().is_some_and(|text| !text.is_empty());
        assert!(is_told("field") && is_told("reason"), "{letter}");
    }
}

#[test]
fn a_service_that_is_told_to_stop_under_load_settles_what_it_has_stored() {
    let load = Load { count: 6_000 };
    let bus = Bus::new();
    let service = Served::ready(&bus);
    let words = std::thread::scope(|scope| {
        scope.spawn(|| bus.publish(load.messages(0..load.count)));
        await_stored(&bus.place, 1);
        service.stop()
    });
    assert!(words.contains("everything that was taken in is stored"), "{words}");
    let count = stored(&bus.place);
    assert!(count < load.count, "nothing was left to take");
    let told = bus.consumer();
    let number = |value: &serde_json::Value| value.as_u64().unwrap();
    // What the server counts as pending is one off where it delivered a message again at the end.
    assert_eq!(number(&told["ack_floor"]["stream_seq"]), count, "{told}");
    let service = Served::ready(&bus);
    await_stored(&bus.place, load.count);
    bus.await_settled();
    service.stop();
    load.check(&bus.place);
}

#[test]
fn while_its_server_is_down_a_service_is_not_ready() {
    let mut bus = Bus::new();
    bus.server.kill().unwrap();
    let service = Served::start(&bus);
    service.await_unready("waiting for nats://127.0.0.1");
    bus.server.restart().unwrap();
    service.await_ready();
    bus.server.kill().unwrap();
    service.await_unready("no connection to nats://127.0.0.1");
    bus.server.restart().unwrap();
    service.await_ready();
    service.stop();
}

#[test]
fn a_request_is_answered_by_the_service() {
    let bus = Bus::new();
    let service = Served::ready(&bus);
    let told = bus.run(&["publish", "--event", "note", "--request"]).expect(0).json();
    assert_eq!(told["success"], true, "{told}");
    assert_eq!(event_count(&bus.place), 1, "it is stored before the answer");
    service.stop();
}

#[test]
fn a_second_service_with_another_file_waits_until_the_first_is_gone() {
    let bus = Bus::new();
    let first = Served::ready(&bus);
    let place = crate::support::Place::new();
    let mut command = bus.command_in(&place, &["serve", "--nats", "--port", "0"]);
    command.env("NATS_ACK_WAIT", crate::nats_served::ACK_WAIT_S);
    let second = Served::launch(&place, command);
    second.await_unready("keeps its customers in another file");
    assert!(second.words().contains("NATS_QUEUE_GROUP"), "{}", second.words());
    first.stop();
    second.await_ready();
    second.stop();
}
