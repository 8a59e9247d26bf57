//! Sinks against real servers: what arrives, in which order, and what is said of the rest.
#![cfg(test)]

mod buffer;
mod console;
mod file;
mod http;
mod nats;
mod receiver;
mod redis;
mod secrets;
mod support;
