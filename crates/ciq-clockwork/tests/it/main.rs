//! The clockwork over real files and real doubles of providers.
#![cfg(test)]

mod carts;
mod house;
mod passes;
mod sending;
