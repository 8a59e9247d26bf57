//! The clockwork over real files and real doubles of providers.
#![cfg(test)]

mod carts;
mod house;
mod monitor;
mod passes;
mod sending;
