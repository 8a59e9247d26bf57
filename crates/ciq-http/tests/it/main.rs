//! The API, through its router only, over real files.
#![cfg(test)]

mod access;
mod automations;
mod bad_input;
mod decisions;
mod document;
mod events;
mod insight;
mod models;
mod outgoing;
mod outside;
mod reading;
mod story;
mod stream;
mod webhooks;
mod world;
