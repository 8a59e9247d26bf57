//! Running a command and saying what went wrong.

use std::ffi::OsStr;
use std::fmt;
use std::process::{Command, Stdio};

use crate::workspace;

/// Why a chore could not be done.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// Makes a failure from a sentence without its final dot.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

/// A command that runs at the workspace root.
#[derive(Debug)]
pub(crate) struct Task(Command);

/// Returns cargo with these arguments.
pub(crate) fn cargo<const N: usize>(args: [&str; N]) -> Task {
    Task::new("cargo").args(args)
}

impl Task {
    /// Names the program.
    pub(crate) fn new(program: &str) -> Self {
        let mut command = Command::new(program);
        command.current_dir(workspace::root());
        Self(command)
    }

    /// Adds an argument.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.0.arg(arg);
        self
    }

    /// Adds arguments.
    pub(crate) fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.0.args(args);
        self
    }

    /// Sets an environment variable for this command.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    /// Runs it on this terminal; anything but success is a failure that repeats the command.
    pub(crate) fn run(mut self) -> Result<(), Failure> {
        let status = self.0.status().map_err(|error| self.failure(&error))?;
        if status.success() { Ok(()) } else { Err(self.failure(&status)) }
    }

    /// Runs it out of sight and tells whether it is there and succeeds.
    pub(crate) fn succeeds(mut self) -> bool {
        self.0.stdin(Stdio::null()).output().is_ok_and(|output| output.status.success())
    }

    /// Runs it out of sight and returns what it printed.
    pub(crate) fn output(mut self) -> Result<String, Failure> {
        let output = self.0.output().map_err(|error| self.failure(&error))?;
        if !output.status.success() {
            return Err(self.failure(&String::from_utf8_lossy(&output.stderr)));
        }
        String::from_utf8(output.stdout).map_err(|error| self.failure(&error))
    }

    fn failure(&self, reason: &dyn fmt::Display) -> Failure {
        let words: Vec<_> = std::iter::once(self.0.get_program())
            .chain(self.0.get_args())
            .map(OsStr::to_string_lossy)
            .collect();
        Failure(format!("`{}` failed: {reason}", words.join(" ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_repeats_the_command() {
        let failure = Task::new("no-such-program").arg("--now").run().unwrap_err();
        assert!(failure.to_string().starts_with("`no-such-program --now` failed: "), "{failure}");
    }

    #[test]
    fn a_missing_program_does_not_succeed() {
        assert!(!Task::new("no-such-program").succeeds());
    }
}
