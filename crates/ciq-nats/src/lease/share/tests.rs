//! Shares: by example, and as a law over any comings and goings.

use proptest::prelude::*;

use super::*;

fn view(leases: &[(u32, &str)], workers: &[&str]) -> LeaseView {
    let leases = leases.iter().map(|(partition, holder)| {
        (*partition, Lease { holder: (*holder).to_owned(), revision: 7 })
    });
    let workers = workers.iter().map(ToString::to_string).collect();
    LeaseView { leases: leases.collect(), workers }
}

#[track_caller]
fn check(seen: &LeaseView, me: &str, held: &[u32], expected: (&[(u32, u64)], &[u32])) {
    let held = held.iter().copied().collect();
    let Moves { take, give } = seen.moves(me, &held, Partitions::new(8).unwrap());
    assert_eq!((take.as_slice(), give.as_slice()), expected);
}

#[test]
fn one_worker_takes_everything() {
    let all: Vec<(u32, u64)> = (0..8).map(|partition| (partition, 0)).collect();
    check(&view(&[], &[]), "a", &[], (&all, &[]));
}

#[test]
fn workers_that_begin_together_take_different_ones() {
    let seen = view(&[], &["a", "b", "c"]);
    check(&seen, "a", &[], (&[(0, 0), (1, 0), (2, 0)], &[]));
    check(&seen, "b", &[], (&[(3, 0), (4, 0), (5, 0)], &[]));
    check(&seen, "c", &[], (&[(6, 0), (7, 0)], &[]));
}

#[test]
fn who_has_more_than_a_share_gives_the_last_ones() {
    let seen = view(&[(0, "a"), (1, "a"), (2, "a"), (3, "a"), (4, "a")], &["a", "b", "c"]);
    check(&seen, "a", &[0, 1, 2, 3, 4], (&[], &[3, 4]));
}

#[test]
fn what_somebody_else_holds_is_left_alone_though_its_holder_is_gone() {
    let seen = view(&[(0, "gone"), (1, "gone"), (2, "gone"), (3, "gone")], &["a"]);
    check(&seen, "a", &[], (&[(4, 0), (5, 0), (6, 0), (7, 0)], &[]));
}

#[test]
fn a_lease_that_its_holder_forgot_is_taken_up_again() {
    let seen = view(&[(5, "a")], &["a", "b"]);
    check(&seen, "a", &[], (&[(5, 7), (0, 0), (1, 0), (2, 0)], &[]));
    check(&seen, "b", &[], (&[(3, 0), (4, 0), (6, 0), (7, 0)], &[]));
}

#[test]
fn workers_beyond_the_number_of_partitions_have_none() {
    let names: Vec<String> = (0..12).map(|number| format!("w{number:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    check(&view(&[], &names), "w07", &[], (&[(7, 0)], &[]));
    check(&view(&[], &names), "w08", &[], (&[], &[]));
}

/// What happens to workers.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// One comes.
    Come,
    /// One goes, and gives up what it has.
    Go(usize),
    /// One dies, and its leases stay until they run out.
    Die(usize),
    /// One loses its connection, and with it what it has; its leases stay until they run out.
    Forget(usize),
    /// One looks, and acts later.
    Look(usize),
    /// One acts by what it saw.
    Act(usize),
    /// What nobody renews runs out.
    RunOut,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Come),
        any::<usize>().prop_map(Event::Go),
        any::<usize>().prop_map(Event::Die),
        any::<usize>().prop_map(Event::Forget),
        any::<usize>().prop_map(Event::Look),
        any::<usize>().prop_map(Event::Act),
        Just(Event::RunOut),
    ]
}

/// A worker, and what it saw when it last looked.
#[derive(Debug, Default)]
struct Worker {
    held: BTreeMap<u32, u64>,
    seen: LeaseView,
}

/// A server and the workers that are alive.
#[derive(Debug, Default)]
struct World {
    server: LeaseView,
    alive: BTreeMap<String, Worker>,
    come_count: usize,
    revision: u64,
}

impl World {
    fn happen(&mut self, event: Event, partitions: Partitions) {
        match event {
            Event::Come => {
                self.come_count += 1;
                // Names are in no order.
                let name = format!("{}-{}", self.come_count * 7 % 10, self.come_count);
                self.server.workers.insert(name.clone());
                self.alive.insert(name, Worker::default());
            }
            Event::Go(index) => {
                let Some(name) = self.name(index) else { return };
                self.alive.remove(&name);
                self.server.workers.remove(&name);
                self.server.leases.retain(|_, lease| lease.holder != name);
            }
            Event::Die(index) => {
                let Some(name) = self.name(index) else { return };
                self.alive.remove(&name);
            }
            Event::Forget(index) => {
                let Some(name) = self.name(index) else { return };
                self.alive.entry(name).and_modify(|worker| worker.held.clear());
            }
            Event::Look(index) => {
                let Some(name) = self.name(index) else { return };
                let seen = self.server.clone();
                self.alive.entry(name).and_modify(|worker| worker.seen = seen);
            }
            Event::Act(index) => {
                let Some(name) = self.name(index) else { return };
                self.act(&name, partitions);
            }
            Event::RunOut => {
                let Self { server, alive, .. } = self;
                server.workers.retain(|name| alive.contains_key(name));
                server.leases.retain(|partition, lease| {
                    let holder = alive.get(&lease.holder);
                    holder.and_then(|it| it.held.get(partition)) == Some(&lease.revision)
                });
            }
        }
    }

    fn name(&self, index: usize) -> Option<String> {
        self.alive.keys().nth(index.checked_rem(self.alive.len())?).cloned()
    }

    /// Acts by what was seen. The server takes what names the revision that is there.
    fn act(&mut self, name: &str, partitions: Partitions) {
        let Some(worker) = self.alive.get_mut(name) else { return };
        let held = worker.held.keys().copied().collect();
        let Moves { take, give } = worker.seen.moves(name, &held, partitions);
        for (partition, revision) in take {
            let there = self.server.leases.get(&partition).map_or(0, |lease| lease.revision);
            if there == revision {
                self.revision += 1;
                let lease = Lease { holder: name.to_owned(), revision: self.revision };
                self.server.leases.insert(partition, lease);
                worker.held.insert(partition, self.revision);
            }
        }
        for partition in give {
            let revision = worker.held.remove(&partition);
            let there = self.server.leases.get(&partition).map(|lease| lease.revision);
            if there == revision {
                self.server.leases.remove(&partition);
            }
        }
    }

    /// Lets everybody look and act, one after the other.
    fn round(&mut self, partitions: Partitions) {
        for index in 0..self.alive.len() {
            self.happen(Event::Look(index), partitions);
            self.happen(Event::Act(index), partitions);
        }
    }
}

proptest! {
    #[test]
    fn whoever_comes_and_goes_in_the_end_each_partition_is_held_once_in_even_shares(
        count in 1_u32..40,
        events in prop::collection::vec(event(), 0..60),
    ) {
        let partitions = Partitions::new(count).unwrap();
        let mut world = World::default();
        for event in events {
            world.happen(event, partitions);
        }
        world.happen(Event::Come, partitions);
        world.happen(Event::RunOut, partitions);
        // Once to give, once to take.
        world.round(partitions);
        world.round(partitions);
        let held: Vec<u32> =
            world.alive.values().flat_map(|worker| worker.held.keys().copied()).collect();
        let each: BTreeSet<u32> = held.iter().copied().collect();
        prop_assert_eq!(held.len(), each.len(), "one is held twice");
        prop_assert_eq!(each.len(), usize::try_from(count).unwrap());
        let shares: Vec<usize> = world.alive.values().map(|worker| worker.held.len()).collect();
        let (most, least) = (shares.iter().max().unwrap(), shares.iter().min().unwrap());
        prop_assert!(most - least <= 1, "{:?}", shares);
        // And then all is quiet.
        let before = world.server.clone();
        world.round(partitions);
        prop_assert_eq!(&world.server, &before);
    }
}
