//! The process of a server, and the signals that it gets.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::NatsError;

/// A process that is killed when it is forgotten.
#[derive(Debug)]
pub(super) struct Running(Child);

/// What a process is told.
#[derive(Debug, Clone, Copy)]
pub(super) enum Signal {
    /// To end in order.
    Terminate,
    /// To stand still.
    Suspend,
    /// To go on.
    Resume,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Terminate => "TERM",
            Self::Suspend => "STOP",
            Self::Resume => "CONT",
        }
    }
}

impl Running {
    /// Starts the program with this configuration; a new log replaces the old one.
    pub(super) fn launch(program: &Path, config: &Path, log: &Path) -> Result<Self, NatsError> {
        let log = File::create(log).map_err(NatsError::system("open the log of nats-server"))?;
        let mut command = Command::new(program);
        command.arg("--config").arg(config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        command.spawn().map(Self).map_err(NatsError::system("run nats-server"))
    }

    /// Tells whether the process is gone, and takes it off the system's list if so.
    pub(super) fn has_ended(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(Some(_)))
    }

    /// Ends the process at once; one that stands still ends too.
    pub(super) fn kill(mut self) -> Result<(), NatsError> {
        self.end().map_err(NatsError::system("kill nats-server"))
    }

    /// Sends a signal by the shell's own `kill`, which every system has.
    pub(super) fn signal(&mut self, signal: Signal) -> Result<(), NatsError> {
        if self.has_ended() {
            return Err(NatsError::NotRunning);
        }
        let mut shell = Command::new("sh");
        shell.args(["-c", "kill -s \"$0\" \"$1\"", signal.name()]).arg(self.0.id().to_string());
        let status = shell.status().map_err(NatsError::system("signal nats-server"))?;
        if status.success() { Ok(()) } else { Err(NatsError::NotRunning) }
    }

    fn end(&mut self) -> std::io::Result<()> {
        self.0.kill()?;
        self.0.wait().map(drop)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nobody is left to hear of a failure, and there is none unless the process is gone.
        drop(self.end());
    }
}
