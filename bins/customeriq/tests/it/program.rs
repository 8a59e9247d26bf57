//! The binary as a process that goes on: watched, killed, told to stop.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use ciq_testkit::eventually;

use crate::nats_support::LIMIT;
use crate::support::Place;

/// A process that runs until it is killed, told to stop, or forgotten.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts a command, whose words go to a file of this name.
    pub(crate) fn start(place: &Place, mut command: Command, log: &str) -> Self {
        let log = place.path(log);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&log).unwrap());
        Self { child: command.spawn().unwrap(), log }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has told so far.
    pub(crate) fn words(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
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
        let pid = self.id().to_string();
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

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}
