//! The twin as its clients see it: through its router, and over sockets.
#![cfg(test)]

mod access;
mod expansion;
mod faults;
mod forms;
mod golden;
mod keys;
mod kit;
mod lists;
mod log;
mod record;
mod searches;
mod sockets;
mod webhooks;
