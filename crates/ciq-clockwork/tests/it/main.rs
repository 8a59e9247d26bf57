//! The clockwork over real files or a real PostgreSQL server, and real doubles of providers.
#![cfg(test)]

mod carts;
mod house;
mod leading;
mod monitor;
mod passes;
mod sending;
