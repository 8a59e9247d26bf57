//! The stripe-seed binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    stripe_seed::run(std::env::args_os())
}
