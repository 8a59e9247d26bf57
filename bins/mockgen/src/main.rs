//! The mockgen binary.

use std::process::ExitCode;

/// Batches are built on one thread and freed on another, where the system's allocator is slow.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    mockgen::run(std::env::args_os())
}
