//! The customeriq binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    customeriq::run(std::env::args_os())
}
