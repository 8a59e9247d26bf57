//! The customeriq binary.
fn main() {}
