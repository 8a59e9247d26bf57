//! A made-up world from one seed: people, behaviour, timelines, and the truth about who is who.
//!
//! Reading order:
//!
//! 1. [`Seed`] gives every purpose and index its own stream of chance; [`chance`] draws from it
//!    by integer ratios only, so that the same seed gives the same bytes on any machine.
//! 2. [`WorldSettings`] says how many people, how many days, and when it starts. No clock is read.
//! 3. [`person()`] makes one [`Person`], a pure function of the settings and an index: who they
//!    are, which channels they use, what identifies them there.
//! 4. [`timeline()`] makes everything one person does as [`Record`]s, in the wire forms in which
//!    it would arrive: first the person is several strangers, then bridging events join them,
//!    then everyday life follows.
//! 5. [`records()`] and [`world()`] put the timelines of all people in order of arrival, on as
//!    many threads as wished, with the same result; [`World::truth`] says who is who.
//! 6. [`load::bench_event`] makes single events of about 1 KB for a benchmark.
//! 7. [`saas`] is another world: the users of a product sold by subscription, and their histories.
//! 8. [`activity`] goes on for ever: accounts that call an API, fail, fade and move on, in cycles.
//!
//! All addresses are at reserved domains, nearly all numbers on the 555 exchange.
//!
//! ```
//! use ciq_synth::{Seed, WorldSettings, world};
//!
//! let world = world(WorldSettings::new(Seed::new(1), 20, 90)?, 2);
//! assert_eq!(world.truth().len(), 20);
//! assert!(world.records().is_sorted_by_key(|record| record.at));
//! # Ok::<(), ciq_synth::SettingsError>(())
//! ```

pub mod activity;
mod areas;
mod behaviour;
mod catalog;
pub mod chance;
mod draft;
mod identifier;
mod intro;
mod json;
pub mod load;
mod numbering;
mod person;
mod record;
mod rhythm;
pub mod saas;
mod seed;
mod settings;
mod timeline;
mod wire;
mod words;
mod world;

pub use identifier::{Identifier, Kind};
pub use person::{Channels, Messenger, Person, Segment, person};
pub use record::{Arrival, Record};
pub use seed::Seed;
pub use settings::{DAYS_MAX, DAYS_MIN, PEOPLE_MAX, SettingsError, WorldSettings};
pub use timeline::timeline;
pub use world::{Truth, World, records, world};
