//! The real binary, command by command.
#![cfg(test)]

mod crash;
mod demo;
mod disk;
mod doctor;
mod erase;
mod import;
mod merges;
mod papers;
mod read;
mod rebuild;
mod serve;
mod sql;
mod support;
mod surroundings;
