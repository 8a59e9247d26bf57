//! The simulator binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    simulator::run(std::env::args_os())
}
