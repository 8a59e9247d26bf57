//! The API, through its router only, over real files or a real PostgreSQL server.
#![cfg(test)]

mod access;
mod accounts;
mod automations;
mod bad_input;
mod dead_letters;
mod decisions;
mod document;
mod events;
mod insight;
mod interventions;
mod models;
mod monitor;
mod outgoing;
mod outside;
mod reading;
mod slow;
mod story;
mod stream;
mod stripe;
mod webhooks;
mod world;
