//! The pages over a real file, as a browser asks for them.

mod access;
mod customer;
mod decisions;
mod house;
mod list;
