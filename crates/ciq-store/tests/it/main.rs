//! The store against real files.
#![cfg(test)]

mod decisions;
mod erasure;
mod feed;
mod laws;
mod money;
mod opening;
mod search;
mod shelf;
mod sql;
