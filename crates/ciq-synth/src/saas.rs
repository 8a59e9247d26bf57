//! The users of a product sold by subscription: who they are, what they do, why some leave, and
//! the truth about it.
//!
//! Reading order:
//!
//! 1. [`Population`] says how many users, of which mix, from which seed.
//! 2. [`Event`] is one thing that happened to one of them.
//! 3. [`History`] makes the events of some days in order of time, as [`HistorySettings`] say;
//!    [`write_history`] writes them down on several threads; a [`Film`] goes on for ever.
//! 4. [`user()`] says who somebody is; a [`Renderer`] writes an event down in one of the
//!    [`Format`]s; a [`Dirtier`] adds the faults of real data, and keeps the truth about them.
//! 5. [`user_truth()`] says what no event tells: the segment, whether, when and why somebody left.

mod dirty;
mod event;
mod film;
mod history;
mod life;
mod population;
mod render;
mod truth;
mod user;
mod words;

pub use dirty::{Defect, Defects, Dirt, Dirtier, DirtyLine};
pub use event::{Event, Mode, Payload, Ticket, Urgency};
pub use film::Film;
pub use history::{
    HISTORY_DAYS_MAX, History, HistoryError, HistorySettings, Modes, Pace, Part, natural_events,
    write_history,
};
pub use life::{HOURS_WEEKDAY, HOURS_WEEKEND, WEEKDAYS};
pub use population::{Consent, Mix, Population, PopulationError, Region, USERS_MAX};
pub use render::{Change, EventId, Format, Prop, Renderer, event_id};
pub use truth::{LeavingReason, UserTruth, user_truth};
pub use user::{
    CURRENCY, DEVICES_MAX, Plan, USER_IDS, USER_PHONES, User, UserId, consents_of, device_count_of,
    plan_of, region_of, segment_of, user, user_id, user_index,
};
pub use words::{FEATURES, TicketRole, ticket_text};
