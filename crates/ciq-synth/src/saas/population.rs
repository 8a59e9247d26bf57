//! What a population is made from.

use jiff::Timestamp;

use crate::Seed;

/// The most users of one population.
pub const USERS_MAX: u32 = 1_000_000;

/// The start of a history unless told otherwise: 2026-01-01T00:00:00Z.
const START_DEFAULT_MS: i64 = 1_767_225_600_000;

/// What a population is made from. Everything about a user follows from this and an index; the
/// count of users changes nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Population {
    seed: Seed,
    users: u32,
    mix: Mix,
    consent: Consent,
    region: Region,
    start_ms: i64,
}

/// How many of a thousand users are of each segment. Sums to 1,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mix {
    pub(crate) power: u16,
    pub(crate) casual: u16,
    pub(crate) at_risk: u16,
}

/// What users agreed to unless they said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consent {
    /// To text messages.
    pub sms: bool,
    /// To mail.
    pub email: bool,
    /// How many of a thousand users said no to either.
    pub opted_out_per_mille: u16,
}

/// Where users live: decides their local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Region {
    /// India, UTC+5:30.
    In,
    /// United States, east: UTC-5.
    UsEast,
    /// United States, west: UTC-8.
    UsWest,
    /// Europe: UTC+1.
    Eu,
    /// Great Britain: UTC.
    Uk,
    /// Brazil: UTC-3.
    Br,
    /// South-east Asia: UTC+8.
    Sg,
    /// Japan: UTC+9.
    Jp,
    /// Australia, east: UTC+10.
    Au,
    /// The Gulf: UTC+4.
    Ae,
}

/// Why settings make no population.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PopulationError {
    /// None, or too many.
    #[error("cannot make {0} users: 1 to {USERS_MAX}")]
    Users(u32),
    /// Shares that are negative, not numbers, or do not sum to one.
    #[error("mix must be three shares from 0 to 1 that sum to 1, got {0}")]
    Mix(String),
    /// No such region.
    #[error("no such region: {0:?}, use one of IN, US_EAST, US_WEST, EU, UK, BR, SG, JP, AU, AE")]
    Region(String),
}

impl Population {
    /// Makes a population with the usual mix (200, 600, 200), consent given, half of it at home in
    /// India, and a history that starts at 2026-01-01T00:00:00Z. Fails for none and for too many.
    pub fn new(seed: Seed, users: u32) -> Result<Self, PopulationError> {
        if !(1..=USERS_MAX).contains(&users) {
            return Err(PopulationError::Users(users));
        }
        let consent = Consent { sms: true, email: true, opted_out_per_mille: 0 };
        let mix = Mix { power: 200, casual: 600, at_risk: 200 };
        Ok(Self { seed, users, mix, consent, region: Region::In, start_ms: START_DEFAULT_MS })
    }

    /// Sets the shares of the segments.
    #[must_use]
    pub fn with_mix(self, mix: Mix) -> Self {
        Self { mix, ..self }
    }

    /// Sets what users agreed to.
    #[must_use]
    pub fn with_consent(self, consent: Consent) -> Self {
        Self { consent, ..self }
    }

    /// Sets where half of the users live; the others are spread over all regions.
    #[must_use]
    pub fn with_region(self, region: Region) -> Self {
        Self { region, ..self }
    }

    /// Moves the start of the history, in whole milliseconds.
    #[must_use]
    pub fn with_start(self, start: Timestamp) -> Self {
        Self { start_ms: start.as_millisecond(), ..self }
    }

    /// Returns the seed.
    #[must_use]
    pub fn seed(&self) -> Seed {
        self.seed
    }

    /// Returns the number of users.
    #[must_use]
    pub fn users(&self) -> u32 {
        self.users
    }

    /// Returns the shares of the segments.
    #[must_use]
    pub fn mix(&self) -> Mix {
        self.mix
    }

    /// Returns what users agreed to.
    #[must_use]
    pub fn consent(&self) -> Consent {
        self.consent
    }

    /// Returns where half of the users live.
    #[must_use]
    pub fn region(&self) -> Region {
        self.region
    }

    /// Returns when the history starts, in milliseconds since 1970.
    #[must_use]
    pub fn start_ms(&self) -> i64 {
        self.start_ms
    }
}

impl Mix {
    /// Makes a mix of shares from 0 to 1 that sum to 1, within a hundredth.
    pub fn new(power: f64, casual: f64, at_risk: f64) -> Result<Self, PopulationError> {
        let shares = [power, casual, at_risk];
        let is_share = shares.iter().all(|share| (0.0..=1.0).contains(share));
        let sum: f64 = shares.iter().sum();
        if !is_share || (sum - 1.0).abs() > 0.01 {
            return Err(PopulationError::Mix(format!("{power}, {casual}, {at_risk}")));
        }
        let [power, casual] = [power, casual].map(|share| per_mille(share / sum));
        Ok(Self { power, casual, at_risk: 1_000 - (power + casual).min(1_000) })
    }

    /// Returns the shares in thousandths: power, casual, at risk.
    #[must_use]
    pub fn per_mille(self) -> [u16; 3] {
        [self.power, self.casual, self.at_risk]
    }
}

/// A share as thousandths.
fn per_mille(share: f64) -> u16 {
    let nearest = (0..=1_000_u16).min_by(|a, b| {
        let off = |mille: &u16| (f64::from(*mille) / 1_000.0 - share).abs();
        off(a).total_cmp(&off(b))
    });
    nearest.unwrap_or_default()
}

impl Region {
    /// Every region.
    pub const ALL: [Self; 10] = [
        Self::In,
        Self::UsEast,
        Self::UsWest,
        Self::Eu,
        Self::Uk,
        Self::Br,
        Self::Sg,
        Self::Jp,
        Self::Au,
        Self::Ae,
    ];

    /// Returns the code, such as `IN`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::In => "IN",
            Self::UsEast => "US_EAST",
            Self::UsWest => "US_WEST",
            Self::Eu => "EU",
            Self::Uk => "UK",
            Self::Br => "BR",
            Self::Sg => "SG",
            Self::Jp => "JP",
            Self::Au => "AU",
            Self::Ae => "AE",
        }
    }

    /// Reads a code, in any case.
    pub fn parse(code: &str) -> Result<Self, PopulationError> {
        Self::ALL
            .into_iter()
            .find(|region| region.code().eq_ignore_ascii_case(code))
            .ok_or_else(|| PopulationError::Region(code.chars().take(40).collect()))
    }

    /// Returns by how many minutes local time is ahead of universal time.
    #[must_use]
    pub const fn minutes_ahead(self) -> i32 {
        match self {
            Self::In => 330,
            Self::UsEast => -300,
            Self::UsWest => -480,
            Self::Eu => 60,
            Self::Uk => 0,
            Self::Br => -180,
            Self::Sg => 480,
            Self::Jp => 540,
            Self::Au => 600,
            Self::Ae => 240,
        }
    }
}
