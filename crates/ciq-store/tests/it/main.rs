//! The store against real files.
#![cfg(test)]

mod automation;
mod decisions;
mod erasure;
mod feed;
mod insight;
mod laws;
mod money;
mod opening;
mod search;
mod shelf;
mod sql;
