//! The service that takes messages from NATS, against a real server and real files.

mod cluster;
mod delivery;
mod faults;
mod house;
mod leaderless;
mod leaving;
mod machines;
mod outbox;
mod partitions;
