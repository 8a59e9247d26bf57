//! What was asked, checked: from the JSON's fields to values that cannot be wrong.

use std::time::Duration;

use ciq_synth::saas::{Dirt, HISTORY_DAYS_MAX, Mix, Mode, Modes, Pace, USERS_MAX};
use jiff::Timestamp;
use serde_json::Value;

use crate::pacer::Jitter;
use crate::problem::Problem;
use crate::wire::{BackfillAsked, Emit, MixBody, SeedUsers, StartStream};

/// The users of a population unless told otherwise.
const COUNT_DEFAULT: u32 = 5_000;

/// The rate of a stream unless told otherwise, in events per minute.
const RATE_DEFAULT: u64 = 60;

/// The highest rate of a stream, in events per minute.
pub(crate) const RATE_MAX: u64 = 6_000_000;

/// The days of a backfill unless told otherwise.
const DAYS_DEFAULT: u32 = 60;

/// The events a day of a backfill unless told otherwise.
const DENSITY_DEFAULT: u64 = 80;

/// The highest density: what a million users do in full swing, and some more.
const DENSITY_MAX: u64 = 1_000_000_000;

/// The highest density per user.
const PER_USER_MAX: f64 = 10_000.0;

/// The longest name of an event or a user, in bytes.
const NAME_BYTES_MAX: usize = 200;

/// Users to make, checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewUsers {
    pub(crate) count: u32,
    pub(crate) seed: Option<u64>,
    pub(crate) shares: MixBody,
    pub(crate) mix: Mix,
    pub(crate) opt_out: f64,
    pub(crate) opted_out_per_mille: u16,
}

/// A stream to start, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NewStream {
    pub(crate) per_minute: u64,
    pub(crate) modes: Modes,
    pub(crate) jitter: Jitter,
}

/// A history to make, checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewBackfill {
    pub(crate) days: u32,
    pub(crate) modes: Modes,
    pub(crate) pace: Pace,
    pub(crate) dirt: Option<Dirt>,
}

impl SeedUsers {
    pub(crate) fn check(self) -> Result<NewUsers, Problem> {
        let count = self.count.unwrap_or(COUNT_DEFAULT);
        if !(1..=USERS_MAX).contains(&count) {
            return Err(Problem::invalid("/count", format!("must be 1 to {USERS_MAX}")));
        }
        let shares = self.mix.unwrap_or(MixBody { power: 0.2, casual: 0.6, at_risk: 0.2 });
        let mix = Mix::new(shares.power, shares.casual, shares.at_risk)
            .map_err(|error| Problem::invalid("/mix", error.to_string()))?;
        let opt_out = self.opt_out.unwrap_or(0.0);
        let opted_out_per_mille = share_per_mille("/optOut", opt_out)?;
        Ok(NewUsers { count, seed: self.seed, shares, mix, opt_out, opted_out_per_mille })
    }
}

impl StartStream {
    pub(crate) fn check(self) -> Result<NewStream, Problem> {
        let per_minute = self.rate.unwrap_or(RATE_DEFAULT);
        if !(1..=RATE_MAX).contains(&per_minute) {
            let detail = format!("must be 1 to {RATE_MAX} events per minute");
            return Err(Problem::invalid("/rate", detail));
        }
        let jitter = if self.jitter.unwrap_or(true) { Jitter::Poisson } else { Jitter::None };
        Ok(NewStream { per_minute, modes: check_modes(self.modes.as_deref())?, jitter })
    }
}

impl BackfillAsked {
    pub(crate) fn check(self) -> Result<NewBackfill, Problem> {
        let days = self.days.unwrap_or(DAYS_DEFAULT);
        if !(1..=HISTORY_DAYS_MAX).contains(&days) {
            return Err(Problem::invalid("/days", format!("must be 1 to {HISTORY_DAYS_MAX}")));
        }
        let pace = match (self.density, self.per_user_density) {
            (Some(_), Some(_)) => {
                let detail = "give either density or perUserDensity, not both";
                return Err(Problem::invalid("/perUserDensity", detail));
            }
            (density, None) => check_density(density.unwrap_or(DENSITY_DEFAULT))?,
            (None, Some(per_user)) => check_per_user(per_user)?,
        };
        let modes = check_modes(self.modes.as_deref())?;
        let dirt = self.dirty.as_ref().map_or(Ok(None), check_dirt)?;
        Ok(NewBackfill { days, modes, pace, dirt })
    }
}

impl Emit {
    /// Checks what the type does not: names that can travel, and a time that can be.
    pub(crate) fn check(&self) -> Result<Option<Timestamp>, Problem> {
        check_name("/name", &self.name)?;
        if let Some(user) = &self.user_id {
            check_name("/userId", user)?;
        }
        self.ts.as_deref().map(check_time).transpose()
    }
}

fn check_name(pointer: &str, name: &str) -> Result<(), Problem> {
    let is_fine = !name.trim().is_empty()
        && name.len() <= NAME_BYTES_MAX
        && !name.chars().any(char::is_control);
    let detail = format!("must be 1 to {NAME_BYTES_MAX} bytes of text on one line");
    if is_fine { Ok(()) } else { Err(Problem::invalid(pointer, detail)) }
}

fn check_time(ts: &str) -> Result<Timestamp, Problem> {
    let time: Timestamp = ts.parse().map_err(|_| {
        let detail = "not a time: use RFC 3339, such as 2025-01-20T10:00:00.000Z";
        Problem::invalid("/ts", detail)
    })?;
    if time < Timestamp::UNIX_EPOCH {
        return Err(Problem::invalid("/ts", "lies before 1970"));
    }
    Ok(time)
}

fn check_modes(names: Option<&[String]>) -> Result<Modes, Problem> {
    let Some(names) = names else { return Ok(Modes::default()) };
    if names.is_empty() {
        return Err(Problem::invalid("/modes", "names no mode; leave it out for the usual ones"));
    }
    let mut modes = Vec::new();
    for (index, name) in names.iter().enumerate() {
        modes.push(Mode::parse(name).ok_or_else(|| {
            let detail = "no such mode: use product, billing, ticket or profile";
            Problem::invalid(format!("/modes/{index}"), detail)
        })?);
    }
    Ok(Modes::of(&modes))
}

fn check_density(density: u64) -> Result<Pace, Problem> {
    if !(1..=DENSITY_MAX).contains(&density) {
        let detail = format!("must be 1 to {DENSITY_MAX} events a day");
        return Err(Problem::invalid("/density", detail));
    }
    Ok(Pace::PerDay(density))
}

fn check_per_user(per_user: f64) -> Result<Pace, Problem> {
    let events = thousandths(per_user).filter(|events| *events > 0 && per_user <= PER_USER_MAX);
    let Some(events) = events else {
        let detail = format!("must be 0.001 to {PER_USER_MAX} events a day");
        return Err(Problem::invalid("/perUserDensity", detail));
    };
    Ok(Pace::PerUserPerDay { events, per_days: 1_000 })
}

fn share_per_mille(pointer: &str, share: f64) -> Result<u16, Problem> {
    let per_mille = thousandths(share).filter(|_| share <= 1.0);
    let per_mille = per_mille.and_then(|per_mille| u16::try_from(per_mille).ok());
    per_mille.ok_or_else(|| Problem::invalid(pointer, "must be a share from 0 to 1"))
}

fn check_dirt(asked: &Value) -> Result<Option<Dirt>, Problem> {
    let faults = match asked {
        Value::Bool(false) => return Ok(None),
        Value::Bool(true) => return Ok(Some(Dirt::default())),
        Value::Object(faults) => faults,
        _ => {
            let detail = "must be true, false or an object of shares";
            return Err(Problem::invalid("/dirty", detail));
        }
    };
    let mut dirt = Dirt {
        typos_per_mille: 0,
        shared_devices_per_mille: 0,
        duplicates_per_mille: 0,
        late_per_mille: 0,
        missing_per_mille: 0,
    };
    for (name, share) in faults {
        let pointer = format!("/dirty/{}", name.replace('~', "~0").replace('/', "~1"));
        let share = share.as_f64().unwrap_or(-1.0);
        let per_mille = share_per_mille(&pointer, share)?;
        let fault = match name.as_str() {
            "typos" => &mut dirt.typos_per_mille,
            "sharedDevices" => &mut dirt.shared_devices_per_mille,
            "duplicates" => &mut dirt.duplicates_per_mille,
            "late" => &mut dirt.late_per_mille,
            "missing" => &mut dirt.missing_per_mille,
            _ => {
                let detail = "no such fault: use typos, sharedDevices, duplicates, late or missing";
                return Err(Problem::invalid(pointer, detail));
            }
        };
        *fault = per_mille;
    }
    Ok(Some(dirt))
}

/// Returns a number in thousandths; none for what is negative, too large, or no number.
fn thousandths(number: f64) -> Option<u32> {
    let as_time = Duration::try_from_secs_f64(number).ok()?;
    u32::try_from(as_time.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousandths_are_those_that_were_written() {
        for (number, expect) in
            [(0.0, Some(0)), (0.3, Some(300)), (0.001, Some(1)), (2.5, Some(2_500))]
        {
            assert_eq!(thousandths(number), expect, "{number}");
        }
        for number in [-0.1, f64::NAN, f64::INFINITY, 1e12] {
            assert_eq!(thousandths(number), None, "{number}");
        }
    }
}
