//! Sending against doubles: what goes out, what is said of it, and what is never shown.
#![cfg(test)]

mod console;
mod find_sent;
mod receiver;
mod secrets;
mod settings;
mod smtp;
mod support;
mod twilio;
mod webhook;
