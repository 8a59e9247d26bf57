//! The customeriq binary.

use std::process::ExitCode;

/// Batches are built on one thread and freed on another: the system's allocator makes the two wait
/// for each other, which cost an import a quarter of its speed.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    customeriq::run(std::env::args_os())
}
