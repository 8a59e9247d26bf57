//! Facts about models of buying and leaving, and about judging them.
#![cfg(test)]

mod cdnow;
mod closed_forms;
mod forecast;
mod holdout;
mod limits;
mod logistic;
mod metrics;
mod papers;
mod population;
