//! Three NATS servers, PostgreSQL and three workers, killed in turn under load: it ends as if one
//! worker had been left in peace.
//!
//! `cargo xtask soak cluster` runs it for long.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use ciq_ingest::{Clock as _, SystemClock};
use ciq_synth::{Seed, chance::below};
use ciq_testkit::{NatsCluster, NatsConfig, PostgresConfig, PostgresServer, eventually};
use jiff::Timestamp;
use rand::rngs::ChaCha8Rng;
use serde_json::Value;

use crate::cluster_dump::Undisturbed;
use crate::cluster_people::{KNOWN, People, STRANGERS};
use crate::cluster_publisher::{Pace, Published, publish};
use crate::cluster_workers::Worker;
use crate::nats_support::LIMIT;
use crate::postgres_faults_support::variable;
use crate::support::Place;

/// How many events there are where the test runs for long.
const EVENTS_VARIABLE: &str = "CUSTOMERIQ_SOAK_EVENTS";

/// Within how many seconds they are published then.
const SECONDS_VARIABLE: &str = "CUSTOMERIQ_SOAK_SECONDS";

/// What holds for every worker.
const SETTINGS: [(&str, &str); 3] =
    [("NATS_PARTITIONS", "8"), ("NATS_REPLICAS", "3"), ("NATS_ACK_WAIT", "10")];

/// Within which a worker that died is replaced.
const ACK_WAIT: Duration = Duration::from_secs(10);

const PARTITION_COUNT: usize = 8;
const WORKER_COUNT: usize = 3;
const SERVER_COUNT: usize = 3;

/// The stream that the workers make.
const STREAM: &str = "CUSTOMER_PARTITIONS";

/// The longest time for which a server is away.
const AWAY_MS_MAX: u64 = 2_000;

/// How long the stream may take until everything is settled: what a worker had that was killed
/// comes again later.
const SETTLE_LIMIT: Duration = Duration::from_secs(60);

/// What happened.
#[derive(Debug, Default)]
struct Tally {
    turns: u64,
    server_kills: u64,
    worker_kills: u64,
    /// Partitions of which another worker took care.
    takeovers: usize,
    slowest: Duration,
}

struct Siege {
    cluster: NatsCluster,
    postgres: PostgresServer,
    place: Place,
    workers: Vec<Worker>,
    rng: ChaCha8Rng,
    tally: Tally,
    started_at: Timestamp,
}

impl Siege {
    fn begin() -> Self {
        let cluster = NatsCluster::start(SERVER_COUNT, &NatsConfig::default()).unwrap();
        // As it comes: what it confirms is on the disk.
        let postgres = PostgresServer::start(PostgresConfig::new()).unwrap();
        let rng = Seed::new(8).stream("kills", 0);
        let (tally, started_at) = (Tally::default(), SystemClock.now());
        let (place, workers) = (Place::new(), Vec::new());
        let mut siege = Self { cluster, postgres, place, workers, rng, tally, started_at };
        siege.workers = (0..WORKER_COUNT).map(|index| siege.worker(index)).collect();
        siege.await_shares();
        siege
    }

    /// The binary, which knows of the servers.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.place.command(args);
        command.env("DATABASE_URL", self.postgres.url()).env("NATS_SERVERS", self.cluster.urls());
        command.envs(SETTINGS);
        command
    }

    fn worker(&self, index: usize) -> Worker {
        let name = format!("worker-{index}");
        let log = format!("{name}-{}", self.tally.worker_kills);
        Worker::start(&self.place, self.command(&["worker", "--name", &name]), &log)
    }

    /// What all workers have told.
    fn words(&self) -> String {
        self.workers.iter().map(Worker::words).collect::<Vec<_>>().join("\n---\n")
    }

    /// Waits until each worker reads its share.
    #[track_caller]
    fn await_shares(&self) {
        let least = PARTITION_COUNT / WORKER_COUNT;
        let is_fair = |worker: &Worker| worker.partitions().len() >= least;
        let are_fair = eventually(LIMIT, || self.workers.iter().all(is_fair));
        assert!(are_fair, "{}", self.words());
    }

    /// How many events of a brand are stored.
    fn stored(&self, brand: &str) -> u64 {
        // The schema comes with the brand's first event.
        let count = self.postgres.psql(&format!("SELECT count(*) FROM customeriq_{brand}.event"));
        count.map_or(0, |count| count.parse().unwrap())
    }

    /// Waits for so many events, as long as there is progress.
    #[track_caller]
    fn await_stored(&self, brand: &str, count: u64) {
        loop {
            let before = self.stored(brand);
            if before >= count {
                assert_eq!(before, count, "events of {brand}");
                return;
            }
            let goes_on = eventually(LIMIT, || self.stored(brand) > before);
            assert!(goes_on, "{before} of {count} events of {brand}: {}", self.words());
        }
    }

    /// Lets a moment pass, not the same each time.
    fn pass_moment(&mut self) {
        let moment = Duration::from_millis(below(&mut self.rng, AWAY_MS_MAX));
        eventually(moment, || false);
    }

    /// Kills something, and has it come back.
    fn turn(&mut self) {
        let turn = self.tally.turns;
        let rotating = usize::try_from(turn / 6).unwrap() % SERVER_COUNT;
        match turn % 6 {
            0 => self.kill_server(rotating),
            1 => self.kill_workers(&[rotating]),
            2 => {
                let leader = self.cluster.stream_leader(STREAM).unwrap();
                self.kill_server(leader.unwrap_or(rotating));
            }
            3 => {
                let share = |index: &usize| self.workers[*index].partitions().len();
                let busiest = (0..WORKER_COUNT).max_by_key(share).unwrap();
                self.kill_workers(&[busiest]);
            }
            4 => {
                let leader = self.cluster.meta_leader().unwrap();
                self.kill_server(leader.unwrap_or(rotating));
            }
            _ => {
                let others = (0..WORKER_COUNT).filter(|index| *index != rotating);
                self.kill_workers(&others.collect::<Vec<_>>());
            }
        }
        self.tally.turns += 1;
    }

    /// Kills a server; now and then a worker too while it is away.
    fn kill_server(&mut self, index: usize) {
        // What the last one that was killed has missed is there by now.
        self.cluster.wait_until_well().unwrap();
        self.cluster.kill(index).unwrap();
        self.tally.server_kills += 1;
        self.pass_moment();
        if below(&mut self.rng, 3) == 0 {
            self.tally.worker_kills += 1;
            let worker = self.worker(index);
            self.workers[index] = worker;
            self.pass_moment();
        }
        self.cluster.restart(index).unwrap();
    }

    /// Kills workers, and starts them again when others take care of what they had.
    #[track_caller]
    fn kill_workers(&mut self, victims: &[usize]) {
        self.await_shares();
        let had = |index: &usize| self.workers[*index].partitions();
        let had: BTreeSet<u32> = victims.iter().flat_map(had).collect();
        self.tally.worker_kills += victims.len() as u64;
        for index in victims {
            self.workers[*index].kill();
        }
        let killed_at = SystemClock.now();
        let rest = (0..WORKER_COUNT).filter(|index| !victims.contains(index));
        let rest: Vec<usize> = rest.collect();
        let is_held = |partition: &u32| {
            rest.iter().any(|index| self.workers[*index].partitions().contains(partition))
        };
        assert!(eventually(LIMIT, || had.iter().all(is_held)), "{had:?}: {}", self.words());
        let took = SystemClock.now().duration_since(killed_at).unsigned_abs();
        self.tally.takeovers += had.len();
        self.tally.slowest = self.tally.slowest.max(took);
        for index in victims {
            let worker = self.worker(*index);
            self.workers[*index] = worker;
        }
    }

    /// Waits until no message of the stream is under way.
    #[track_caller]
    fn await_settled(&self) {
        let mut pending = Vec::new();
        let is_settled = eventually(SETTLE_LIMIT, || {
            pending = self.pending();
            pending.len() == PARTITION_COUNT && pending.iter().all(|count| *count == 0)
        });
        assert!(is_settled, "{pending:?}: {}", self.words());
    }

    /// How many messages of each partition are not settled, as those say that lead.
    fn pending(&self) -> Vec<u64> {
        let mut pending = Vec::new();
        for index in 0..SERVER_COUNT {
            let server = self.cluster.server(index).unwrap();
            let page = server.monitor("/jsz?consumers=true").unwrap_or_default();
            let told: Value = serde_json::from_str(&page).unwrap_or_default();
            let consumers = list(&told["account_details"])
                .flat_map(|account| list(&account["stream_detail"]))
                .flat_map(|stream| list(&stream["consumer_detail"]))
                .filter(|consumer| consumer["cluster"]["leader"] == server.name().as_str())
                .filter(|consumer| consumer["stream_name"] == STREAM);
            pending.extend(consumers.map(|consumer| {
                let count = |field: &str| consumer[field].as_u64().unwrap();
                count("num_pending") + count("num_ack_pending")
            }));
        }
        pending
    }

    /// Has the rest stored, and compares with what an undisturbed process says; prints figures.
    #[track_caller]
    fn check(mut self, people: People, published: Published) {
        for brand in [KNOWN, STRANGERS] {
            self.await_stored(brand, people.count_of(brand));
        }
        self.await_settled();
        // One that was started just now would not know yet how to stop.
        self.await_shares();
        for worker in std::mem::take(&mut self.workers) {
            let words = worker.stop();
            assert!(!words.contains("panicked"), "{words}");
        }
        let seconds = SystemClock.now().duration_since(self.started_at).as_secs_f64();
        let Tally { server_kills, worker_kills, takeovers, slowest, turns: _ } = self.tally;
        let Published { confirmed, again } = published;
        println!(
            "events {}, confirmed {confirmed} with {again} tried again, kills of servers \
             {server_kills} and of workers {worker_kills}, takeovers {takeovers}, the slowest \
             after {:.1} s, seconds {seconds:.1}",
            people.event_count,
            slowest.as_secs_f64()
        );
        Undisturbed::new(people).check(|args| self.command(args));
        let customers = "SELECT count(*) FROM customeriq_strangers.customers";
        let customers = self.postgres.psql(customers).unwrap();
        assert_eq!(customers, people.stranger_count().to_string());
        assert!(server_kills > 1 && worker_kills > 1 && takeovers > 0);
        assert!(slowest <= ACK_WAIT, "a worker was replaced after {slowest:?}");
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[test]
fn killed_in_turn_servers_and_workers_lose_and_double_nothing() {
    let people = People { event_count: variable(EVENTS_VARIABLE).unwrap_or(4_000) };
    let duration = Duration::from_secs(variable(SECONDS_VARIABLE).unwrap_or(16));
    let mut siege = Siege::begin();
    let servers = siege.cluster.urls();
    publish(&servers, people, Pace::AtOnce(people.introductions()));
    siege.await_stored(KNOWN, people.introductions().end);
    let published = std::thread::scope(|scope| {
        let deeds = Pace::Within(duration, people.deeds());
        let publishing = scope.spawn(|| publish(&servers, people, deeds));
        // A quick machine is done before enough has happened to it.
        let is_enough = |tally: &Tally| tally.server_kills > 1 && tally.worker_kills > 1;
        while !(publishing.is_finished() && is_enough(&siege.tally)) {
            siege.turn();
        }
        publishing.join().unwrap()
    });
    siege.check(people, published);
}
