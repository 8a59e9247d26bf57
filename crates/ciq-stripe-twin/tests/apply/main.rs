//! Whole runs against a twin: what they make, and that nothing on the way changes it.
#![cfg(test)]

mod faults;
mod outcome;
mod pace;
mod refusals;
mod resume;
mod stage;
mod whole_run;
