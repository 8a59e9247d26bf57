//! What every benchmark has: its options, a folder on disk, and the allocator of the programs.
#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

/// The allocator of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The value of `--name VALUE`, or a default.
pub(crate) fn option(name: &str, default: u64) -> u64 {
    let mut words = std::env::args().skip_while(|word| *word != format!("--{name}"));
    words.nth(1).map_or(default, |value| value.replace('_', "").parse().unwrap())
}

/// Tells whether `--name` was given.
pub(crate) fn flag(name: &str) -> bool {
    std::env::args().any(|word| word == format!("--{name}"))
}

/// A folder on disk, not in memory: `--dir DIR`, or the build's own.
pub(crate) fn folder() -> tempfile::TempDir {
    let mut words = std::env::args().skip_while(|word| word != "--dir");
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/bench").to_owned();
    let parent = words.nth(1).unwrap_or(default);
    std::fs::create_dir_all(&parent).unwrap();
    tempfile::tempdir_in(parent).unwrap()
}
