//! The store against real files, or a real PostgreSQL server.
#![cfg(test)]

mod automation;
mod billing;
mod decisions;
mod erasure;
mod feed;
mod figures;
mod files_only;
mod ground;
mod insight;
mod laws;
mod listing;
mod money;
mod monitor;
mod odd;
mod opening;
mod postgres_equal;
mod postgres_migrate;
mod postgres_only;
mod postgres_workers;
mod reviews;
mod search;
mod shelf;
mod sql;
mod steps;
mod story;
mod texts;
