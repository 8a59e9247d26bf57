//! Test clocks: time that goes on when it is told to.

use serde_json::{Value, json};

use super::agenda::Due;
use super::calendar::{DAY, Moment};
use super::given;
use super::ids::ClockId;
use super::{Answer, Books};
use crate::ApiError;
use crate::params::Params;

/// How long a test clock lives, in seconds of real time.
const LIFE: i64 = 30 * DAY;

/// How far a clock without subscriptions may be advanced at once: two years, in months.
const ADVANCE_MONTHS_MAX: i64 = 24;

/// How far a clock may be advanced at once, in intervals of its shortest subscription.
const ADVANCE_INTERVALS_MAX: i64 = 2;

/// A test clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) id: ClockId,
    pub(super) serial: u64,
    pub(super) name: Option<String>,
    pub(super) created: Moment,
    /// The time that it shows. While it advances it shows where it set out.
    pub(super) frozen_time: Moment,
    /// The time that its objects live in.
    pub(super) time: Moment,
    pub(super) state: ClockState,
}

/// Whether a clock stands or goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClockState {
    Ready,
    Advancing { target: Moment, until: Moment },
    Failed,
}

impl Clock {
    /// Returns when it is deleted by itself.
    pub(super) fn deletes_after(&self) -> Moment {
        self.created.plus(LIFE)
    }
}

impl Books {
    /// Makes a clock that stands at a time, past or future.
    pub(super) fn create_clock(&mut self, params: &Params) -> Answer {
        given::only(params, &["frozen_time", "name"])?;
        let frozen_time = given::required_moment(params, &["frozen_time"])?;
        let clock = Clock {
            id: self.mint.id(),
            serial: self.mint.serial(),
            name: given::owned(params, &["name"]),
            created: self.now,
            frozen_time,
            time: frozen_time,
            state: ClockState::Ready,
        };
        let rendered = super::render::clock(&clock);
        let due = Due::Clock(clock.id.clone());
        self.agenda.add(None, clock.deletes_after(), clock.serial, due);
        self.clocks.insert(clock.id.clone(), clock);
        self.emit("test_helpers.test_clock.created", self.now, rendered.clone());
        Ok(rendered)
    }

    /// Returns a clock.
    pub(super) fn retrieve_clock(&self, id: &str) -> Answer {
        Ok(super::render::clock(self.clock(id, "id")?))
    }

    /// Returns a clock that a parameter names.
    pub(super) fn clock(&self, id: &str, param: &str) -> Result<&Clock, ApiError> {
        self.clocks.get(id).ok_or_else(|| ApiError::no_such("testclock", id, param))
    }

    /// Returns what time it is on a clock, or for those without one.
    pub(super) fn time_of(&self, clock: Option<&ClockId>) -> Moment {
        let clock = clock.and_then(|clock| self.clocks.get(clock));
        clock.map_or(self.now, |clock| clock.time)
    }

    /// Refuses to change what lives on a clock that goes, or that broke down.
    pub(super) fn check_writable(&self, clock: Option<&ClockId>) -> Result<(), ApiError> {
        let Some(clock) = clock.and_then(|clock| self.clocks.get(clock)) else { return Ok(()) };
        let id = &clock.id;
        match clock.state {
            ClockState::Ready => Ok(()),
            ClockState::Advancing { .. } => Err(ApiError::too_many_requests(format!(
                "Test clock advancement underway - cannot perform modifications: {id}"
            ))),
            ClockState::Failed => Err(ApiError::invalid(format!(
                "The test clock {id} had an internal failure and can only be deleted."
            ))),
        }
    }

    /// Sends a clock forward. What falls due on the way is done at once, in the order of time;
    /// the clock is `advancing` for a while nevertheless, as Stripe's are.
    pub(super) fn advance_clock(&mut self, id: &str, params: &Params) -> Answer {
        given::only(params, &["frozen_time"])?;
        let target = given::required_moment(params, &["frozen_time"])?;
        let clock = self.clock(id, "id")?.clone();
        self.check_writable(Some(&clock.id))?;
        self.check_target(&clock, target)?;
        let until = self.now.plus(self.settings.advance_duration.as_secs());
        self.set_clock_state(&clock.id, ClockState::Advancing { target, until });
        let rendered = self.retrieve_clock(id)?;
        self.emit("test_helpers.test_clock.advancing", self.now, rendered.clone());
        if !self.is_failing(&clock) {
            self.work_off(Some(&clock.id), target);
        }
        self.agenda.add(None, until, clock.serial, Due::Clock(clock.id));
        Ok(rendered)
    }

    /// Refuses to go back, and to go further than Stripe lets a clock go in one step.
    fn check_target(&self, clock: &Clock, target: Moment) -> Result<(), ApiError> {
        let refuse = |text: &str| Err(ApiError::invalid(text).with_param("frozen_time"));
        if target <= clock.frozen_time {
            return refuse(
                "The new frozen time must be after the test clock's current frozen time.",
            );
        }
        let cadences = self.subscriptions.values().filter(|subscription| {
            subscription.clock.as_ref() == Some(&clock.id) && !subscription.status.is_ended()
        });
        let shortest = cadences
            .map(|subscription| subscription.cadence)
            .min_by_key(|cadence| cadence.seconds_about());
        let furthest = shortest.map_or_else(
            || clock.frozen_time.plus_months(ADVANCE_MONTHS_MAX),
            |cadence| cadence.boundary(clock.frozen_time, ADVANCE_INTERVALS_MAX),
        );
        if target > furthest {
            return refuse(if shortest.is_some() {
                "The new frozen time cannot be more than two intervals in the future from the \
                 shortest subscription in this test clock."
            } else {
                "The new frozen time cannot be more than two years in the future."
            });
        }
        Ok(())
    }

    fn is_failing(&self, clock: &Clock) -> bool {
        let failing = self.settings.failing_clock.as_deref();
        failing.zip(clock.name.as_deref()).is_some_and(|(part, name)| name.contains(part))
    }

    fn set_clock_state(&mut self, id: &ClockId, state: ClockState) {
        if let Some(clock) = self.clocks.get_mut(id) {
            clock.state = state;
        }
    }

    /// Does what real time has in store for a clock: arriving, or being deleted.
    pub(super) fn clock_due(&mut self, id: &ClockId) {
        let Some(clock) = self.clocks.get(id).cloned() else { return };
        if self.now >= clock.deletes_after() {
            self.remove_clock(id);
            return;
        }
        let ClockState::Advancing { target, until } = clock.state else { return };
        if self.now < until {
            return;
        }
        let kind = if self.is_failing(&clock) {
            self.set_clock_state(id, ClockState::Failed);
            "test_helpers.test_clock.internal_failure"
        } else {
            let arrived = Clock { frozen_time: target, state: ClockState::Ready, ..clock };
            self.clocks.insert(id.clone(), arrived);
            "test_helpers.test_clock.ready"
        };
        if let Some(clock) = self.clocks.get(id) {
            self.emit(kind, self.now, super::render::clock(clock));
        }
    }

    /// Deletes a clock with its customers and their subscriptions.
    pub(super) fn delete_clock(&mut self, id: &str, params: &Params) -> Answer {
        given::only(params, &[])?;
        let clock = self.clock(id, "id")?;
        if clock.state != ClockState::Failed {
            self.check_writable(Some(&clock.id))?;
        }
        let id = clock.id.clone();
        self.remove_clock(&id);
        let object = "test_helpers.test_clock";
        Ok(json!({ "id": id.as_str(), "object": object, "deleted": true }))
    }

    fn remove_clock(&mut self, id: &ClockId) {
        let customers = self.customers.values();
        let mut theirs: Vec<_> = customers
            .filter(|customer| customer.clock.as_ref() == Some(id) && !customer.is_deleted)
            .map(|customer| (customer.serial, customer.id.clone()))
            .collect();
        theirs.sort();
        for (_, customer) in theirs {
            self.remove_customer(&customer);
        }
        if let Some(clock) = self.clocks.remove(id) {
            self.agenda.forget(id);
            self.gone_clocks.insert(id.clone(), clock.serial);
            self.emit("test_helpers.test_clock.deleted", self.now, super::render::clock(&clock));
        }
    }

    /// Returns all clocks, the newest first.
    pub(super) fn list_clocks(&self, params: &Params) -> Answer {
        given::only(params, &[])?;
        let mut found: Vec<_> = self.clocks.values().collect();
        found.sort_by_key(|clock| clock.serial);
        Ok(Value::Array(found.into_iter().rev().map(super::render::clock).collect()))
    }
}
