//! The wire forms, read through the public functions only.
#![cfg(test)]

mod account;
mod carried;
mod domain;
mod envelope;
mod laws;
mod pos;
mod records;
mod shopify;
mod story;
mod stripe;
mod subscription;
mod twilio;
