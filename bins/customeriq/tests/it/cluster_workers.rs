//! `worker` as processes of their own, and what they say that they read.

use std::collections::BTreeSet;
use std::process::Command;

use crate::program::Program;
use crate::support::Place;

/// A worker that runs until it is killed, told to stop, or forgotten.
#[derive(Debug)]
pub(crate) struct Worker(Program);

impl Worker {
    /// Starts a worker, whose words go to a file of this name.
    pub(crate) fn start(place: &Place, command: Command, name: &str) -> Self {
        Self(Program::start(place, command, &format!("{name}.log")))
    }

    pub(crate) fn words(&self) -> String {
        self.0.words()
    }

    /// The partitions that it says it reads.
    pub(crate) fn partitions(&self) -> BTreeSet<u32> {
        let words = self.words();
        let Some((_, told)) = words.rsplit_once(" reads partitions: ") else {
            return BTreeSet::new();
        };
        let list = told.split_once(" (of ").map_or("none", |(list, _)| list);
        list.split(", ").filter_map(|number| number.parse().ok()).collect()
    }

    /// Ends it as a crash would.
    pub(crate) fn kill(&mut self) {
        self.0.kill();
    }

    /// Tells it to stop, and waits for its end and its last words.
    #[track_caller]
    pub(crate) fn stop(self) -> String {
        self.0.stop()
    }
}
