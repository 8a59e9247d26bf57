//! The real binary, command by command.
#![cfg(test)]

mod automations;
mod backup;
mod billing;
mod clockwork;
mod crash;
mod dead_letters;
mod demo;
mod disk;
mod doctor;
mod erase;
mod import;
mod merges;
mod models;
mod monitor;
mod nats_docs;
mod nats_doctor;
mod nats_faults;
mod nats_load;
mod nats_logins;
mod nats_publish;
mod nats_replay;
mod nats_served;
mod nats_support;
mod papers;
mod read;
mod rebuild;
mod replay;
mod serve;
mod service;
mod shop;
mod sql;
mod support;
mod surroundings;
