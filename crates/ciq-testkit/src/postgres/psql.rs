//! Asking a server by its own client, which knows every way in.

use std::process::{Command, Stdio};

use super::{PostgresError, programs};

/// How the client behaves in a program's hands: it reads no file of the user's, prints rows alone,
/// and never asks for a password.
const OPTIONS: [&str; 6] = [
    "--no-psqlrc",
    "--quiet",
    "--tuples-only",
    "--no-align",
    "--no-password",
    "--set=ON_ERROR_STOP=1",
];

/// Runs statements in the database of this address, and returns the rows, one on each line, with
/// `|` between the columns.
pub(crate) fn psql(url: &str, statements: &str) -> Result<String, PostgresError> {
    let mut command = Command::new(programs::psql()?);
    command.args(OPTIONS).arg("--dbname").arg(url).arg("--command").arg(statements);
    let output = command.env("LC_ALL", "C").stdin(Stdio::null()).output();
    let output = output.map_err(PostgresError::system("run psql"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    } else {
        Err(PostgresError::Refused(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}
