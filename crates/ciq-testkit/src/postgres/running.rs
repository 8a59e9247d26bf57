//! The processes of a server: the first, one for each connection, and some for its chores.

use std::fs;
use std::io;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::PostgresError;
use crate::wait::eventually;

/// How long the system may take to end or to stop a process that it was told to.
const SIGNAL_LIMIT: Duration = Duration::from_secs(30);

/// A server that is ended when it is forgotten.
#[derive(Debug)]
pub(super) struct Running {
    first: Child,
    is_suspended: bool,
}

/// What a process is told.
#[derive(Debug, Clone, Copy)]
pub(super) enum Signal {
    /// To send its clients away and to end in order.
    Stop,
    /// To end without order, but to give back what it has of the system.
    Quit,
    /// To read its configuration again.
    Reload,
    /// To stand still.
    Suspend,
    /// To go on.
    Resume,
    /// Nothing: it is ended.
    Kill,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Stop => "INT",
            Self::Quit => "QUIT",
            Self::Reload => "HUP",
            Self::Suspend => "STOP",
            Self::Resume => "CONT",
            Self::Kill => "KILL",
        }
    }
}

impl Running {
    /// Starts the command.
    pub(super) fn launch(command: &mut Command) -> io::Result<Self> {
        let first = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
        Ok(Self { first, is_suspended: false })
    }

    /// Returns the number of the first process.
    pub(super) fn id(&self) -> u32 {
        self.first.id()
    }

    /// Tells whether the first process is gone, and takes it off the system's list if so.
    pub(super) fn has_ended(&mut self) -> bool {
        matches!(self.first.try_wait(), Ok(Some(_)))
    }

    /// Signals the first process, which tells the others what it has to.
    pub(super) fn signal(&mut self, signal: Signal) -> Result<(), PostgresError> {
        if self.has_ended() {
            return Err(PostgresError::NotRunning);
        }
        let is_told = send(signal, &[self.id()]).map_err(PostgresError::system(SIGNALLING))?;
        if is_told { Ok(()) } else { Err(PostgresError::NotRunning) }
    }

    /// Stops every process in its tracks: the first one first, so that it makes no more.
    pub(super) fn suspend(&mut self) -> Result<(), PostgresError> {
        self.signal(Signal::Suspend)?;
        self.is_suspended = true;
        eventually(SIGNAL_LIMIT, || is_still(self.id()));
        self.signal_others(Signal::Suspend)
    }

    /// Lets every process go on.
    pub(super) fn resume(&mut self) -> Result<(), PostgresError> {
        self.signal_others(Signal::Resume)?;
        self.signal(Signal::Resume)?;
        self.is_suspended = false;
        Ok(())
    }

    /// Ends every process at once, and returns when none is left that holds the store.
    pub(super) fn kill(mut self) -> Result<(), PostgresError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), PostgresError> {
        if self.has_ended() {
            return Ok(());
        }
        self.suspend()?;
        let others = others(self.id());
        // One that ended by itself in the meantime was told nothing, which is as good.
        let all = [&[self.id()], others.as_slice()].concat();
        send(Signal::Kill, &all).map_err(PostgresError::system(SIGNALLING))?;
        self.first.wait().map_err(PostgresError::system("wait for PostgreSQL to end"))?;
        let are_gone = || others.iter().all(|&process| is_gone(process));
        if eventually(SIGNAL_LIMIT, are_gone) { Ok(()) } else { Err(PostgresError::NotStopped) }
    }

    fn signal_others(&self, signal: Signal) -> Result<(), PostgresError> {
        let others = others(self.id());
        if !others.is_empty() {
            send(signal, &others).map_err(PostgresError::system(SIGNALLING))?;
        }
        Ok(())
    }

    /// Ends the server without order, but so that it gives its memory back to the system, which
    /// keeps that of one that was killed.
    fn quit(&mut self) -> bool {
        let is_awake = !self.is_suspended || self.resume().is_ok();
        is_awake
            && self.signal(Signal::Quit).is_ok()
            && eventually(SIGNAL_LIMIT, || self.has_ended())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.has_ended() && !self.quit() {
            // Nobody is left to hear of a failure.
            drop(self.end());
        }
    }
}

/// What an error says was attempted.
const SIGNALLING: &str = "signal PostgreSQL";

/// Sends a signal by the shell's own `kill`, which every system has, and tells whether every
/// process was there.
fn send(signal: Signal, processes: &[u32]) -> io::Result<bool> {
    let mut shell = Command::new("sh");
    shell.args(["-c", "kill -s \"$0\" \"$@\"", signal.name()]).stderr(Stdio::null());
    shell.args(processes.iter().map(ToString::to_string)).status().map(|it| it.success())
}

/// Returns the processes that this one has made. Where the system does not list them as Linux does
/// they are not found; they end by themselves when they see that the first one is gone.
fn others(first: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.filter(|&it| Look::at(it).is_some_and(|look| look.parent == first)).collect()
}

fn is_still(process: u32) -> bool {
    Look::at(process).is_none_or(|look| matches!(look.state, 'T' | 'Z' | 'X'))
}

/// One that nobody has asked about yet stays on the system's list, but holds nothing.
fn is_gone(process: u32) -> bool {
    Look::at(process).is_none_or(|look| matches!(look.state, 'Z' | 'X'))
}

/// What the system says about a process.
#[derive(Debug, PartialEq, Eq)]
struct Look {
    state: char,
    parent: u32,
}

impl Look {
    fn at(process: u32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{process}/stat")).ok()?)
    }

    /// Reads `7 (name) S 1 …`; a name may hold anything.
    fn parse(text: &str) -> Option<Self> {
        let (_, fields) = text.rsplit_once(") ")?;
        let mut fields = fields.split(' ');
        Some(Self { state: fields.next()?.parse().ok()?, parent: fields.next()?.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_told_by_its_parent() {
        let look = Look::parse("12 (a) b) S) S 7 12 12 0 -1").unwrap();
        assert_eq!(look, Look { state: 'S', parent: 7 });
        assert_eq!(Look::parse("12 (a"), None);
    }

    #[test]
    fn a_process_that_is_nowhere_is_gone() {
        assert!(is_gone(u32::MAX));
        assert!(!is_gone(std::process::id()));
        assert!(!is_still(std::process::id()));
    }
}
