//! The service that takes messages from NATS, against a real server and real files.

mod delivery;
mod faults;
mod house;
mod outbox;
