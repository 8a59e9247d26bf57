//! The store against real files.
#![cfg(test)]

mod automation;
mod backup;
mod billing;
mod decisions;
mod erasure;
mod feed;
mod figures;
mod insight;
mod laws;
mod listing;
mod money;
mod monitor;
mod opening;
mod reviews;
mod search;
mod shelf;
mod sql;
mod texts;
