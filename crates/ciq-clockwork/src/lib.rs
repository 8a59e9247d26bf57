//! What happens when time passes, in reading order:
//!
//! - [`BrandClock`]: one brand's passes: histories become insights, insights trigger automations
//!   ([`BrandClock::pass`]), and what is due is sent ([`BrandClock::deliver`]);
//! - [`BrandClock::monitor`]: what accounts do opens and closes interventions;
//! - [`Clocks`]: the brand clocks of a process;
//! - [`Clockwork`]: runs them while events come and time passes.
//!
//! A pass reads no clock: it is told the time that it is for, so that a past moment can be played.

mod brand_clock;
mod clocks;
mod clockwork;
mod delivery;
mod error;
mod facts;
mod knowledge;
mod monitor;
mod pass;
mod training;

pub use brand_clock::{BrandClock, Evaluated};
pub use clocks::Clocks;
pub use clockwork::{Clockwork, ClockworkSettings};
pub use delivery::DeliveryReport;
pub use error::ClockworkError;
pub use monitor::MonitorReport;
pub use pass::{PassReport, Scope};
pub use training::{TrainOptions, Trained};
