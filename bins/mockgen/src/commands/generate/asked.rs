//! What `generate` was asked for, checked.

use std::ops::Range;
use std::time::Duration;

use ciq_synth::Seed;
use ciq_synth::saas::{Dirt, Format, HistorySettings, Mode, Modes, Pace, Population};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::cli::{GenerateArgs, PeopleArgs};
use crate::exit::Failure;
use crate::settings;

/// What to make.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) history: HistorySettings,
    pub(super) users: Range<u32>,
    pub(super) threads: usize,
    pub(super) format: Format,
    pub(super) dirt: Option<Dirt>,
}

/// Checks what was asked for.
pub(super) fn check(args: &GenerateArgs) -> Result<Asked, Failure> {
    let history = people(&args.people)?.with_modes(modes(&args.modes)?).with_pace(pace(args)?);
    let format = Format::parse(&args.format).ok_or_else(|| {
        let names = Format::ALL.map(Format::name).join(", ");
        Failure::setting("--format", format!("{:?} is none of {names}", args.format))
    })?;
    if format == Format::Csv && args.out.contains("://") {
        return Err(Failure::setting("--format", "csv goes to files only, not to a URL"));
    }
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = args.threads.unwrap_or(all);
    if threads == 0 {
        return Err(Failure::setting("--threads", "there must be one at least"));
    }
    let users = shard(args.shard.as_deref(), history.population.users())?;
    let dirt = args.dirty.as_deref().map(dirt).transpose()?;
    Ok(Asked { history, users, threads, format, dirt })
}

/// Returns the users and the time.
pub(crate) fn people(args: &PeopleArgs) -> Result<HistorySettings, Failure> {
    let region = settings::region(args.region.as_deref(), "DEFAULT_REGION (--region)")?;
    let population = Population::new(Seed::new(args.seed), args.users)?
        .with_mix(settings::mix(&args.mix)?)
        .with_region(region)
        .with_start(start(&args.start)?);
    Ok(HistorySettings::new(population, args.days)?)
}

fn start(text: &str) -> Result<Timestamp, Failure> {
    if let Ok(time) = text.parse() {
        return Ok(time);
    }
    let date = text.parse::<Date>().and_then(|date| date.to_zoned(TimeZone::UTC));
    date.map(|date| date.timestamp()).map_err(|_| {
        let reason = format!("{text:?} is no date: write 2026-01-01 or 2026-01-01T00:00:00Z");
        Failure::setting("--start", reason)
    })
}

fn modes(names: &[String]) -> Result<Modes, Failure> {
    let modes: Result<Vec<Mode>, _> = names
        .iter()
        .map(|name| {
            let reason = || format!("{name:?} is none of product, billing, ticket, profile");
            Mode::parse(name).ok_or_else(|| Failure::setting("--modes", reason()))
        })
        .collect();
    Ok(Modes::of(&modes?))
}

fn pace(args: &GenerateArgs) -> Result<Pace, Failure> {
    match (args.density, args.per_user_density) {
        (Some(0), _) => Err(Failure::setting("--density", "there must be one at least")),
        (Some(events), _) => Ok(Pace::PerDay(events)),
        (None, Some(share)) => {
            let events = thousandths(share).filter(|events| *events > 0);
            let reason = "use 0.001 events a day or more";
            let events = events.ok_or_else(|| Failure::setting("--per-user-density", reason))?;
            Ok(Pace::PerUserPerDay { events, per_days: 1_000 })
        }
        (None, None) => Ok(Pace::Natural),
    }
}

/// Returns the users of part I of N: parts follow each other and differ by one user at most.
fn shard(text: Option<&str>, users: u32) -> Result<Range<u32>, Failure> {
    let Some(text) = text else { return Ok(0..users) };
    let parts = text.split_once('/');
    let parts = parts.and_then(|(i, n)| Some((i.parse::<u32>().ok()?, n.parse::<u32>().ok()?)));
    let Some((part, count)) = parts.filter(|(i, n)| (1..=*n).contains(i)) else {
        let reason = format!("{text:?} is no part: write 1/4 for the first of four");
        return Err(Failure::setting("--shard", reason));
    };
    let end_of = |part: u32| {
        let end = u64::from(users) * u64::from(part) / u64::from(count);
        u32::try_from(end).unwrap_or(users)
    };
    Ok(end_of(part - 1)..end_of(part))
}

fn dirt(text: &str) -> Result<Dirt, Failure> {
    if text.is_empty() {
        return Ok(Dirt::default());
    }
    let mut dirt = Dirt::NONE;
    for part in text.split(',') {
        let unusable = || {
            let reason = format!("{part:?} is no fault and its share: write late=0.02");
            Failure::setting("--dirty", reason)
        };
        let (name, share) = part.split_once('=').ok_or_else(unusable)?;
        let share = share.trim().parse().ok().filter(|share| (0.0..=1.0).contains(share));
        let per_mille = share.and_then(thousandths).and_then(|it| u16::try_from(it).ok());
        let fault = match name.trim() {
            "typos" => &mut dirt.typos_per_mille,
            "shared-devices" => &mut dirt.shared_devices_per_mille,
            "duplicates" => &mut dirt.duplicates_per_mille,
            "late" => &mut dirt.late_per_mille,
            "missing" => &mut dirt.missing_per_mille,
            _ => return Err(unusable()),
        };
        *fault = per_mille.ok_or_else(unusable)?;
    }
    Ok(dirt)
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
    fn parts_follow_each_other_and_are_the_whole() {
        let ends: Vec<_> = (1..=3).map(|i| shard(Some(&format!("{i}/3")), 10).unwrap()).collect();
        assert_eq!(ends, [0..3, 3..6, 6..10]);
        for bad in ["0/3", "4/3", "1/0", "1", "a/b", "-1/2"] {
            assert!(shard(Some(bad), 10).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_date_begins_at_midnight_utc() {
        assert_eq!(start("2026-01-01").unwrap(), start("2026-01-01T00:00:00Z").unwrap());
        assert!(start("yesterday").is_err());
    }
}
