//! Sessions in the app. They never overlap.

use super::{Life, Rates};
use crate::Segment;
use crate::draft::Draft;
use crate::rhythm::{HOUR_SECONDS, ONLINE, Rate};
use crate::wire::{SESSION_SECONDS_MAX, Teller};

const SESSIONS: Rates =
    Rates { power: Rate::new(1, 6), casual: Rate::new(1, 18), at_risk: Rate::new(1, 16) };

/// Tells the sessions of those who have the app.
pub(super) fn sessions(life: Life<'_>) -> Vec<Draft> {
    let mut teller = Teller::new(life.settings, life.person, "sessions", 10_000);
    let Some(customer_id) = &life.person.channels.customer_id else { return teller.drafts };
    let mut free_from = i64::MIN;
    for today in life.days() {
        let Some(second) = ONLINE.moment(&mut teller.rng, today, life.rate(SESSIONS)) else {
            continue;
        };
        let ends_in_time = second + SESSION_SECONDS_MAX < life.settings.end_second();
        if second >= free_from && ends_in_time {
            let end = teller.session(second, customer_id, purchase_percent(life.person.segment));
            free_from = end + HOUR_SECONDS;
        }
    }
    teller.drafts
}

fn purchase_percent(segment: Segment) -> u64 {
    match segment {
        Segment::Power => 18,
        Segment::Casual => 12,
        Segment::AtRisk => 5,
    }
}
