//! `worker` as processes of their own: started, watched, killed, told to stop.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use ciq_testkit::eventually;

use crate::nats_support::LIMIT;
use crate::support::Place;

/// A worker that runs until it is killed, told to stop, or forgotten.
#[derive(Debug)]
pub(crate) struct Worker {
    child: Child,
    log: PathBuf,
}

impl Worker {
    /// Starts a worker, whose words go to a file of this name.
    pub(crate) fn start(place: &Place, mut command: Command, name: &str) -> Self {
        let log = place.path(&format!("{name}.log"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&log).unwrap());
        Self { child: command.spawn().unwrap(), log }
    }

    pub(crate) fn words(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
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
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// Tells it to stop, and waits for its end and its last words.
    #[track_caller]
    pub(crate) fn stop(mut self) -> String {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let mut code = None;
        eventually(LIMIT, || {
            code = self.child.try_wait().unwrap();
            code.is_some()
        });
        let words = self.words();
        assert_eq!(code.and_then(|status| status.code()), Some(0), "{words}");
        words
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
}
