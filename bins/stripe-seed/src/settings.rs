//! From texts of flags and variables to values. Every error names the flag or the variable.

mod sink;
mod twin;

use std::time::Duration;

use ciq_stripe::plan::{PhaseCounts, PlanError, Proration, RunSettings, share_customers};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::cli::{PaceArgs, RunArgs};
use crate::exit::Failure;

pub(crate) use self::sink::events_target;
pub(crate) use self::twin::{port, twin_settings};

/// The calls per second that Stripe allows in test mode.
pub(crate) const RATE_DEFAULT: u32 = 25;

/// More workers than this only wait for each other.
const WORKERS_MAX: usize = 100;

/// The longest that a clock may be waited for.
const CLOCK_TIMEOUT_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest name of a run: a clock's name holds 300 characters, and a screen fewer.
const RUN_NAME_LENGTH_MAX: usize = 40;

/// A run as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AskedRun {
    /// Its name.
    pub(crate) name: String,
    /// What its plan follows from.
    pub(crate) settings: RunSettings,
    /// The 1st of month 0, where it was named.
    pub(crate) start: Option<Date>,
}

/// How fast, and how patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pace {
    /// Calls per second where it was said; 0 has no limit.
    rate: Option<u32>,
    /// How many clocks are worked on at once.
    pub(crate) workers: usize,
    /// How long a clock may take to advance.
    pub(crate) clock_timeout: Duration,
}

impl AskedRun {
    /// Reads the flags of a run.
    pub(crate) fn read(args: &RunArgs) -> Result<Self, Failure> {
        let seed = number("--seed", &args.seed)?;
        let months = number("--months", &args.months)?;
        let proration = proration(&args.proration)?;
        let customers = customers(args)?;
        let usual = RunSettings::new(seed, months, customers, None, proration);
        let settings = match totals(args, usual.as_ref().ok())? {
            Some(totals) => RunSettings::new(seed, months, customers, Some(totals), proration),
            None => usual,
        };
        Ok(Self {
            name: run_name(&args.run)?,
            settings: settings.map_err(of_plan)?,
            start: args.start.as_deref().map(month).transpose()?,
        })
    }

    /// Returns the 1st of month 0: as it was named, or so that the last month is this one.
    pub(crate) fn start(&self, now: Timestamp) -> Date {
        let this_month = now.to_zoned(TimeZone::UTC).date().first_of_month();
        self.start
            .unwrap_or_else(|| this_month.saturating_sub(i64::from(self.settings.months).months()))
    }
}

impl Pace {
    /// Reads the flags of a pace.
    pub(crate) fn read(args: &PaceArgs) -> Result<Self, Failure> {
        let workers = number("--workers", &args.workers)?;
        if !(1..=WORKERS_MAX).contains(&workers) {
            let reason = format!("{workers} is out of range: use 1 to {WORKERS_MAX}");
            return Err(Failure::setting("--workers", reason));
        }
        Ok(Self {
            rate: args.rate.as_deref().map(|text| number("--rate", text)).transpose()?,
            workers,
            clock_timeout: clock_timeout(&args.clock_timeout)?,
        })
    }

    /// Returns the calls per second, none for no limit.
    pub(crate) fn rate(&self, is_own_twin: bool) -> Option<u32> {
        let usual = if is_own_twin { 0 } else { RATE_DEFAULT };
        Some(self.rate.unwrap_or(usual)).filter(|rate| *rate > 0)
    }
}

/// Says which flags a plan that cannot be is made of.
pub(crate) fn of_plan(error: PlanError) -> Failure {
    Failure::Plan(error)
}

fn customers(args: &RunArgs) -> Result<[u32; 5], Failure> {
    if let Some(text) = &args.customers {
        return Ok(share_customers(number("--customers", text)?));
    }
    let mut counts = share_customers(STANDARD_CUSTOMERS);
    let given = [
        ("--free", &args.free),
        ("--standard", &args.standard),
        ("--pro-plus", &args.pro_plus),
        ("--engage", &args.engage),
        ("--enterprise", &args.enterprise),
    ];
    for (count, (name, text)) in counts.iter_mut().zip(given) {
        if let Some(text) = text {
            *count = number(name, text)?;
        }
    }
    Ok(counts)
}

/// How many customers there are unless told otherwise.
const STANDARD_CUSTOMERS: u32 = 100;

/// Returns how often everything happens in all, where a flag says so; what none tells of stays
/// usual.
fn totals(args: &RunArgs, usual: Option<&RunSettings>) -> Result<Option<PhaseCounts>, Failure> {
    let given = [&args.upgrades, &args.downgrades, &args.cancellations, &args.past_due];
    if given.iter().all(|text| text.is_none()) {
        return Ok(None);
    }
    let phases = usual.map(|settings| settings.phases.as_slice()).unwrap_or_default();
    let read = |name, text: &Option<String>, part: fn(&PhaseCounts) -> u32| match text {
        Some(text) => number(name, text),
        None => Ok(phases.iter().map(part).sum()),
    };
    Ok(Some(PhaseCounts {
        upgrades: read("--upgrades", &args.upgrades, |phase| phase.upgrades)?,
        downgrades: read("--downgrades", &args.downgrades, |phase| phase.downgrades)?,
        cancellations: read("--cancellations", &args.cancellations, |phase| phase.cancellations)?,
        past_due: read("--past-due", &args.past_due, |phase| phase.past_due)?,
    }))
}

/// Reads the name of a run: what a clock's name, a shell and a reader take.
pub(crate) fn run_name(text: &str) -> Result<String, Failure> {
    let name = text.trim();
    let is_sign =
        |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || "-_".contains(sign);
    if name.is_empty() || name.len() > RUN_NAME_LENGTH_MAX || !name.chars().all(is_sign) {
        let reason = format!(
            "{text:?} is no name: use 1 to {RUN_NAME_LENGTH_MAX} of a to z, 0 to 9, - and _"
        );
        return Err(Failure::setting("--run", reason));
    }
    Ok(name.to_owned())
}

fn proration(text: &str) -> Result<Proration, Failure> {
    match text.trim().replace('-', "_").as_str() {
        "create_prorations" => Ok(Proration::CreateProrations),
        "none" => Ok(Proration::None),
        "always_invoice" => Ok(Proration::AlwaysInvoice),
        _ => {
            let reason = format!("{text:?} is none: use create_prorations, none or always_invoice");
            Err(Failure::setting("--proration", reason))
        }
    }
}

fn month(text: &str) -> Result<Date, Failure> {
    let date = format!("{}-01", text.trim()).parse().ok();
    let is_month = |date: &Date| (2000..=2100).contains(&date.year());
    date.filter(is_month).ok_or_else(|| {
        let reason = format!("{text:?} is no month: write it as 2026-05, from 2000-01 to 2100-12");
        Failure::setting("--start", reason)
    })
}

/// Reads a time such as `5m`; a bare number counts seconds.
fn clock_timeout(text: &str) -> Result<Duration, Failure> {
    let wrong = || {
        let reason = format!("{text:?} is no time: write 90s, 5m or 1h, from 1s to 24h");
        Failure::setting("--clock-timeout", reason)
    };
    let trimmed = text.trim();
    let digits = trimmed.trim_end_matches(|sign: char| sign.is_ascii_alphabetic());
    let count: u64 = digits.trim_end().parse().map_err(|_| wrong())?;
    let unit_seconds = match &trimmed[digits.len()..] {
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        _ => return Err(wrong()),
    };
    let timeout = Duration::from_secs(count.saturating_mul(unit_seconds));
    let is_in_range = (Duration::from_secs(1)..=CLOCK_TIMEOUT_MAX).contains(&timeout);
    if is_in_range { Ok(timeout) } else { Err(wrong()) }
}

/// Reads a whole number.
pub(crate) fn number<T: std::str::FromStr>(name: &'static str, text: &str) -> Result<T, Failure> {
    text.trim().parse().map_err(|_| {
        Failure::setting(name, format!("{text:?} is no number: write a whole number such as 4"))
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};

    #[track_caller]
    fn read(flags: &[&str]) -> Result<AskedRun, Failure> {
        let cli = Cli::parse_from([&["stripe-seed", "plan"], flags].concat());
        let Command::Plan(args) = cli.command else { panic!("not a plan") };
        AskedRun::read(&args.run)
    }

    #[track_caller]
    fn check_total(flags: &[&str], expect: [u32; 4]) {
        let phases = read(flags).unwrap().settings.phases;
        let sum = |part: fn(&PhaseCounts) -> u32| phases.iter().map(part).sum::<u32>();
        let found = [
            sum(|phase| phase.upgrades),
            sum(|phase| phase.downgrades),
            sum(|phase| phase.cancellations),
            sum(|phase| phase.past_due),
        ];
        assert_eq!(found, expect, "{flags:?}");
    }

    #[test]
    fn without_a_flag_it_is_the_standard_run() {
        let asked = read(&[]).unwrap();
        assert_eq!(asked.settings, RunSettings::standard(1));
        assert_eq!(asked.name, "demo");
        let now = "2026-11-22T01:00:00Z".parse().unwrap();
        assert_eq!(asked.start(now).to_string(), "2026-05-01");
    }

    #[test]
    fn a_total_that_is_given_leaves_the_others_usual() {
        check_total(&[], [15, 2, 8, 5]);
        check_total(&["--upgrades", "3"], [3, 2, 8, 5]);
        check_total(&["--cancellations", "0", "--past-due", "1"], [15, 2, 0, 1]);
    }

    #[test]
    fn customers_are_given_in_all_or_by_price_plan() {
        assert_eq!(read(&["--free", "0"]).unwrap().settings.customers, [0, 18, 32, 15, 10]);
        let all: u32 = read(&["--customers", "20"]).unwrap().settings.customers.iter().sum();
        assert_eq!(all, 20);
    }

    #[test]
    fn a_start_is_a_month() {
        let start = read(&["--start", "2024-02"]).unwrap().start.unwrap();
        assert_eq!(start.to_string(), "2024-02-01");
        for text in ["2024", "2024-13", "2024-02-01", "24-02", "1999-12"] {
            let error = read(&["--start", text]).unwrap_err().to_string();
            assert!(error.starts_with("--start is unusable"), "{error}");
        }
    }

    #[test]
    fn a_name_is_short_and_plain() {
        for text in ["", "Demo", "a b", "a/b", &"a".repeat(41)] {
            let error = run_name(text).unwrap_err().to_string();
            assert!(error.starts_with("--run is unusable"), "{error}");
        }
    }

    #[test]
    fn a_timeout_has_a_unit_and_limits() {
        for (text, seconds) in [("90", 90), ("90s", 90), ("5m", 300), ("24h", 86_400)] {
            assert_eq!(clock_timeout(text).unwrap(), Duration::from_secs(seconds), "{text}");
        }
        for text in ["0s", "25h", "soon", "5 weeks", "-1s"] {
            assert!(clock_timeout(text).is_err(), "{text}");
        }
    }
}
