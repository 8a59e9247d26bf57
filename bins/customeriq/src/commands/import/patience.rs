//! Waiting for a database that is full, busy or away, and saying so.

use ciq_ingest::{Clock as _, SystemClock};
use ciq_store::{Location, StoreError};
use indicatif::ProgressBar;
use jiff::{SignedDuration, Timestamp};

use crate::exit::chain;
use crate::output::Voice;

/// How long a server may be away. One that is started again, or replaced by another, is there
/// within minutes; an address that is wrong never is.
const AWAY_MAX: SignedDuration = SignedDuration::from_mins(10);

/// How long to wait for a database that is full, busy or away.
#[derive(Debug, Clone)]
pub(in crate::commands) struct Patience {
    voice: Voice,
    place: Location,
    is_none: bool,
    /// Since when it is waited for.
    since: Option<Timestamp>,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    /// Somebody has to make room: as long as that takes.
    Room,
    /// Other processes let go of a file: as long as that takes.
    Turn,
    /// A server is there again, within [`AWAY_MAX`].
    Server,
}

impl Patience {
    /// Waits while that is of use.
    pub(in crate::commands) fn new(voice: Voice, place: Location) -> Self {
        Self { voice, place, is_none: false, since: None }
    }

    /// Waits for nothing.
    pub(super) fn none(voice: Voice, place: Location) -> Self {
        Self { is_none: true, ..Self::new(voice, place) }
    }

    /// Tells whether to try again after a failure, and tells people so the first time.
    pub(super) fn lasts(&mut self, error: &StoreError, bar: &ProgressBar) -> bool {
        self.lasts_at(SystemClock.now(), error, bar)
    }

    fn lasts_at(&mut self, now: Timestamp, error: &StoreError, bar: &ProgressBar) -> bool {
        let Some(wait) = wait_for(&self.place, error).filter(|_| !self.is_none) else {
            return false;
        };
        let Some(since) = self.since else {
            self.since = Some(now);
            let words = words(wait, &self.place, &chain(error));
            bar.suspend(|| self.voice.warn(words));
            return true;
        };
        wait != Wait::Server || now.duration_since(since) < AWAY_MAX
    }

    /// Tells people that it goes on, if it was waited for.
    pub(super) fn end(&mut self, bar: &ProgressBar) {
        if self.since.take().is_some() {
            bar.suspend(|| self.voice.warn("the import goes on"));
        }
    }
}

/// Tells what to wait for after a failure; `None` where waiting changes nothing.
fn wait_for(place: &Location, error: &StoreError) -> Option<Wait> {
    // A replica stays one until somebody names another server.
    if !error.is_transient() || error.is_read_only() {
        return None;
    }
    Some(match place {
        _ if error.is_out_of_room() => Wait::Room,
        Location::File(_) => Wait::Turn,
        Location::Schema(_) => Wait::Server,
    })
}

fn words(wait: Wait, place: &Location, reason: &str) -> String {
    let (what, how_long) = match wait {
        Wait::Room => ("no room on the disk of", "waiting until there is".to_owned()),
        Wait::Turn => ("could not use", "waiting until it is free".to_owned()),
        Wait::Server => {
            let minutes = AWAY_MAX.as_mins();
            ("could not use", format!("waiting for up to {minutes} minutes"))
        }
    };
    format!("{what} {place} ({reason}): {how_long}; stop with Ctrl-C, nothing is lost")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ciq_event::Brand;
    use ciq_store::{DatabaseError, PostgresPlace, PostgresServer};

    use super::*;
    use crate::cli::ColorChoice;
    use crate::output::Output;

    fn schema() -> Location {
        let server = PostgresServer::parse("postgres://db/shop").unwrap();
        Location::Schema(PostgresPlace::of_brand(&server, &Brand::default()))
    }

    fn lost() -> StoreError {
        StoreError::Database { doing: "write", source: DatabaseError::Lost }
    }

    #[test]
    fn a_server_that_stays_away_is_given_up_and_a_file_is_not() {
        let voice = Output::new(ColorChoice::Never, true).voice();
        let start = Timestamp::UNIX_EPOCH;
        for (place, is_bounded) in [(schema(), true), (Path::new("a.db").into(), false)] {
            let mut patience = Patience::new(voice, place);
            let mut lasts = |seconds| {
                let now = start + SignedDuration::from_secs(seconds);
                patience.lasts_at(now, &lost(), &ProgressBar::hidden())
            };
            assert!(lasts(0) && lasts(599));
            assert_eq!(lasts(600), !is_bounded);
        }
    }

    #[test]
    fn what_takes_no_writes_is_not_waited_for() {
        let read_only = StoreError::ReadOnly("db".to_owned());
        assert_eq!(wait_for(&schema(), &read_only), None);
        assert_eq!(wait_for(&schema(), &StoreError::Foreign), None);
        assert_eq!(wait_for(&schema(), &lost()), Some(Wait::Server));
    }

    #[test]
    fn a_warning_says_the_place_once() {
        let text = words(Wait::Server, &schema(), &chain(&lost()));
        assert_eq!(text.matches("customeriq_default").count(), 1, "{text}");
    }
}
