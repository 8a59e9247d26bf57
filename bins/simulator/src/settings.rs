//! From texts of flags and variables to values. Every error names the flag.

use std::fmt;

use ciq_event::Brand;
use ciq_nats::{NatsError, Servers};
use ciq_synth::Seed;
use ciq_synth::activity::ACCOUNTS_MAX;
use hyper::Uri;
use jiff::SignedDuration;

use crate::cli::Cli;
use crate::environment::{Environment, Secret};
use crate::exit::Failure;
use crate::pace::Pace;

/// The longest time between two cycles.
const INTERVAL_MAX: SignedDuration = SignedDuration::from_hours(24);

/// The greatest speed.
const SPEED_MAX: f64 = 1_000_000.0;

/// What a run is to do.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// How fast.
    pub(crate) pace: Pace,
    /// How many cycles; none goes on until told to stop.
    pub(crate) cycles: Option<u64>,
    /// Where to.
    pub(crate) target: TargetSettings,
    /// Whose customers.
    pub(crate) brand: Brand,
    /// The token of a writer.
    pub(crate) token: Option<Secret>,
    /// How many customers at least.
    pub(crate) customer_count: usize,
    /// From what all chance follows.
    pub(crate) seed: Seed,
}

/// Where events go, and where the accounts are known.
#[derive(Debug, Clone)]
pub(crate) enum TargetSettings {
    /// Both at customeriq.
    Http(Address),
    /// To NATS; what is there already is told by customeriq, if it is asked.
    Nats {
        /// Where it is.
        servers: Servers,
        /// Where customeriq is.
        state_from: Option<Address>,
    },
}

impl fmt::Display for TargetSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(address) => f.write_str(address.as_str()),
            Self::Nats { servers, .. } => servers.fmt(f),
        }
    }
}

/// The address of an HTTP service: scheme, host and perhaps a path, without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address(String);

impl Address {
    /// Returns the address.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether the way is encrypted.
    pub(crate) fn is_tls(&self) -> bool {
        self.0.starts_with("https://")
    }

    fn parse(name: &'static str, text: &str) -> Result<Self, Failure> {
        // It may hold a password: what stands there is not repeated.
        let wrong = || Failure::setting(name, "it is no address: write http://HOST:PORT");
        let uri: Uri = text.trim().parse().map_err(|_| wrong())?;
        let is_known = matches!(uri.scheme_str(), Some("http" | "https"));
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        if !is_known || uri.query().is_some() || authority.is_empty() {
            return Err(wrong());
        }
        if authority.contains('@') {
            let reason = "it names a user: leave that out, and set CUSTOMERIQ_TOKEN";
            return Err(Failure::setting(name, reason));
        }
        Ok(Self(text.trim().trim_end_matches('/').to_owned()))
    }
}

impl Settings {
    /// Reads flags and variables.
    pub(crate) fn read(cli: &Cli, environment: &Environment) -> Result<Self, Failure> {
        let pace = Pace { interval: interval(&cli.interval)?, speed: speed(&cli.speed)? };
        let brand = Brand::parse(cli.brand.trim());
        Ok(Self {
            pace,
            cycles: Some(number("--cycles", &cli.cycles)?).filter(|cycles| *cycles > 0),
            target: target(&cli.target, cli.state_from.as_deref())?,
            brand: brand.map_err(|error| Failure::setting("--brand", error.to_string()))?,
            token: environment.token.clone(),
            customer_count: customer_count(&cli.customers)?,
            seed: Seed::new(number("--seed", &cli.seed)?),
        })
    }
}

/// Reads a time such as `30s`; a bare number counts seconds.
fn interval(text: &str) -> Result<SignedDuration, Failure> {
    let wrong = |what: &str| {
        let reason = format!("{text:?} {what}: write 500ms, 30s, 5m or 1h, from 1ms to 24h");
        Failure::setting("--interval", reason)
    };
    let trimmed = text.trim();
    let digits = trimmed.trim_end_matches(|sign: char| sign.is_ascii_alphabetic());
    let count: i64 = digits.trim_end().parse().map_err(|_| wrong("is no time"))?;
    let unit_ms = match &trimmed[digits.len()..] {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return Err(wrong("is no time")),
    };
    let interval = SignedDuration::from_millis(count.saturating_mul(unit_ms));
    if interval < SignedDuration::from_millis(1) {
        return Err(wrong("is too short"));
    }
    if interval > INTERVAL_MAX {
        return Err(wrong("is too long"));
    }
    Ok(interval)
}

/// Reads a speed such as `60x`.
fn speed(text: &str) -> Result<f64, Failure> {
    let times = text.trim();
    let times = times.strip_suffix('x').unwrap_or(times).parse().ok();
    times.filter(|times| (1.0..=SPEED_MAX).contains(times)).ok_or_else(|| {
        let reason = format!(
            "{text:?} is no speed: write 1x, 60x or anything up to {SPEED_MAX}x; for less often, \
             make --interval longer"
        );
        Failure::setting("--speed", reason)
    })
}

fn customer_count(text: &str) -> Result<usize, Failure> {
    let count: usize = number("--customers", text)?;
    if (1..=ACCOUNTS_MAX).contains(&count) {
        return Ok(count);
    }
    let reason = format!("{count} is out of range: use 1 to {ACCOUNTS_MAX}");
    Err(Failure::setting("--customers", reason))
}

fn number<T: std::str::FromStr>(name: &'static str, text: &str) -> Result<T, Failure> {
    text.trim().parse().map_err(|_| {
        Failure::setting(name, format!("{text:?} is no number: write a whole number such as 4"))
    })
}

fn target(text: &str, state_from: Option<&str>) -> Result<TargetSettings, Failure> {
    match text.trim().split_once("://") {
        Some(("http" | "https", _)) => {
            if state_from.is_some() {
                let reason = "an HTTP target tells its own state: leave it out";
                return Err(Failure::setting("--state-from", reason));
            }
            Address::parse("--target", text).map(TargetSettings::Http)
        }
        Some(("nats" | "tls", _)) => {
            let servers = text.parse().map_err(|error: NatsError| {
                let reason = match error {
                    NatsError::Setting { reason, .. } => reason,
                    error => error.to_string(),
                };
                Failure::setting("--target", reason)
            })?;
            let state_from = state_from.map(|text| Address::parse("--state-from", text));
            Ok(TargetSettings::Nats { servers, state_from: state_from.transpose()? })
        }
        _ => {
            let reason = "it is no address: write http://HOST:PORT or nats://HOST:PORT";
            Err(Failure::setting("--target", reason))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_interval(text: &str, expect: &str) {
        let told = interval(text).map_or_else(|error| error.to_string(), |it| format!("{it:?}"));
        assert!(told.contains(expect), "{text}: {told}");
    }

    #[test]
    fn an_interval_has_a_unit_and_limits() {
        for (text, expect) in [("30s", 30_000), ("500ms", 500), ("5 m", 300_000), ("45", 45_000)] {
            assert_eq!(interval(text).unwrap(), SignedDuration::from_millis(expect), "{text}");
        }
        check_interval("soon", "--interval is unusable: \"soon\" is no time");
        check_interval("5 weeks", "is no time");
        check_interval("0s", "is too short");
        check_interval("-5s", "is too short");
        check_interval("25h", "is too long: write 500ms, 30s, 5m or 1h");
    }

    #[test]
    fn a_speed_is_at_least_that_of_the_clock() {
        let times = ["60x", " 1.5 "].map(|text| speed(text).unwrap().to_string());
        assert_eq!(times, ["60", "1.5"]);
        for text in ["0.5x", "fast", "NaN", "inf", "-1x", "x"] {
            assert!(speed(text).unwrap_err().to_string().contains("--speed"), "{text}");
        }
    }

    #[test]
    fn a_target_is_http_or_nats_and_keeps_its_password_to_itself() {
        assert_eq!(target("http://a:1/", None).unwrap().to_string(), "http://a:1");
        assert_eq!(target("nats://me:hush@a:1", None).unwrap().to_string(), "nats://a:1");
        for text in ["localhost:3000", "ftp://me:hush@a", "http://me:hush@a:1", "nats://me:hush@ "]
        {
            let error = target(text, None).unwrap_err().to_string();
            assert!(error.starts_with("--target is unusable"), "{error}");
            assert!(!error.contains("hush"), "{error}");
        }
        let error = target("http://a:1", Some("http://a:1")).unwrap_err().to_string();
        assert!(error.starts_with("--state-from is unusable"), "{error}");
    }
}
