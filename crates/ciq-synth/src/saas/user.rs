//! A user: who they are. Every property follows from the seed and the index alone, so each can
//! be asked for by itself, and no user changes when there are more of them.

mod contact;
mod id;
mod marks;

use crate::Segment;
use crate::json::Object;
use crate::words::{COMPANIES, FIRST_NAMES, LAST_NAMES};

use super::{Population, Region};

pub(super) use id::UserIds;
pub(super) use marks::{Marks, scaled};
use marks::{drawn, picked};

pub use contact::USER_PHONES;
pub use id::{USER_IDS, UserId, user_id, user_index};

/// The most devices of one user.
pub const DEVICES_MAX: u8 = 4;

/// A user: who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The place among the users of the population.
    pub index: u32,
    /// The id.
    pub id: UserId,
    /// The first name.
    pub first_name: &'static str,
    /// The last name.
    pub last_name: &'static str,
    /// The mail address: fits the name, belongs to no other user, is at a reserved domain.
    pub email: String,
    /// The telephone number, reserved for fiction. There are 25,200 of them, so the users above
    /// that have none.
    pub phone: Option<String>,
    /// The company, for those who buy for one.
    pub company: Option<&'static str>,
    /// The segment: truth, which no event tells.
    pub segment: Segment,
    /// Where the user lives.
    pub region: Region,
    /// What the user pays for.
    pub plan: Plan,
    /// Whether the user agreed to text messages.
    pub sms_consent: bool,
    /// Whether the user agreed to mail.
    pub email_consent: bool,
    /// How many devices the user has, from 1 to [`DEVICES_MAX`].
    pub device_count: u8,
}

/// What a user pays for, month by month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plan {
    /// 19.00 a month.
    Starter,
    /// 49.00 a month.
    Pro,
    /// 99.00 a month.
    Business,
    /// 499.00 a month.
    Enterprise,
}

impl Plan {
    /// Every plan, from the cheapest.
    pub const ALL: [Self; 4] = [Self::Starter, Self::Pro, Self::Business, Self::Enterprise];

    /// Returns the name: `starter`, `pro`, `business` or `enterprise`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Starter => "starter",
            Self::Pro => "pro",
            Self::Business => "business",
            Self::Enterprise => "enterprise",
        }
    }

    /// Returns what a month costs, in cents of [`CURRENCY`].
    #[must_use]
    pub const fn price_cents(self) -> u32 {
        match self {
            Self::Starter => 1_900,
            Self::Pro => 4_900,
            Self::Business => 9_900,
            Self::Enterprise => 49_900,
        }
    }
}

/// The currency of all amounts.
pub const CURRENCY: &str = "USD";

/// Makes a user: a pure function of the population's seed, mix, consent and region, and the index.
#[must_use]
pub fn user(population: &Population, index: u32) -> User {
    let plan = plan_of(population, index);
    let (first_name, last_name) = name_of(population, index);
    let (sms_consent, email_consent) = consents_of(population, index);
    User {
        index,
        id: user_id(population, index),
        first_name,
        last_name,
        email: contact::email(first_name, last_name, index),
        phone: contact::phone(population.seed(), index),
        company: company_of(population, index, plan),
        segment: segment_of(population, index),
        region: region_of(population, index),
        plan,
        sms_consent,
        email_consent,
        device_count: device_count_of(population, index),
    }
}

/// Returns the segment of a user, by the population's mix.
#[must_use]
pub fn segment_of(population: &Population, index: u32) -> Segment {
    let [power, casual, at_risk] = population.mix().per_mille().map(u64::from);
    let weights = [(Segment::Power, power), (Segment::Casual, casual), (Segment::AtRisk, at_risk)];
    drawn(mark(population, "user-segment", index), &weights)
}

/// Returns where a user lives: half of all at the population's region, the others elsewhere.
#[must_use]
pub fn region_of(population: &Population, index: u32) -> Region {
    let home = population.region();
    let mark = mark(population, "user-region", index);
    if mark >> 63 == 0 {
        return home;
    }
    let weights =
        Region::ALL.map(|region| (region, if region == home { 0 } else { share(region) }));
    drawn(mark << 1, &weights)
}

/// How many of those elsewhere live in a region: roughly as subscriptions are sold.
const fn share(region: Region) -> u64 {
    match region {
        Region::UsEast => 24,
        Region::Eu => 20,
        Region::In => 14,
        Region::UsWest => 13,
        Region::Uk => 9,
        Region::Br | Region::Jp => 5,
        Region::Sg | Region::Au => 4,
        Region::Ae => 2,
    }
}

/// Returns what a user pays for. Power users pay more.
#[must_use]
pub fn plan_of(population: &Population, index: u32) -> Plan {
    use Plan::{Business, Enterprise, Pro, Starter};
    let weights = match segment_of(population, index) {
        Segment::Power => [(Starter, 8), (Pro, 32), (Business, 42), (Enterprise, 18)],
        Segment::Casual => [(Starter, 46), (Pro, 40), (Business, 12), (Enterprise, 2)],
        Segment::AtRisk => [(Starter, 54), (Pro, 36), (Business, 9), (Enterprise, 1)],
    };
    drawn(mark(population, "user-plan", index), &weights)
}

/// Returns how many devices a user has, from 1 to [`DEVICES_MAX`].
#[must_use]
pub fn device_count_of(population: &Population, index: u32) -> u8 {
    let weights = [(1, 45), (2, 38), (3, 13), (DEVICES_MAX, 4)];
    drawn(mark(population, "user-devices", index), &weights)
}

/// Returns whether a user agreed to text messages, and to mail.
///
/// Of those who said no, two in five mean text messages, two in five mail, the others both.
#[must_use]
pub fn consents_of(population: &Population, index: u32) -> (bool, bool) {
    let consent = population.consent();
    let is_out = scaled(mark(population, "user-consent", index), 1_000)
        < u64::from(consent.opted_out_per_mille);
    if !is_out {
        return (consent.sms, consent.email);
    }
    let weights = [((false, true), 2), ((true, false), 2), ((false, false), 1)];
    let (sms, email) = drawn(mark(population, "user-optout", index), &weights);
    (consent.sms && sms, consent.email && email)
}

/// Returns the first and the last name of a user.
fn name_of(population: &Population, index: u32) -> (&'static str, &'static str) {
    let first = picked(mark(population, "user-first", index), &FIRST_NAMES);
    let last = picked(mark(population, "user-last", index), &LAST_NAMES);
    (first, last)
}

/// Returns the company of a user: the bigger plans are bought for one.
fn company_of(population: &Population, index: u32, plan: Plan) -> Option<&'static str> {
    let per_mille = match plan {
        Plan::Starter => 50,
        Plan::Pro => 300,
        Plan::Business | Plan::Enterprise => 1_000,
    };
    let mark = mark(population, "user-company", index);
    (scaled(mark, 1_000) < per_mille).then(|| picked(mark.rotate_left(32), &COMPANIES))
}

/// Returns the number that belongs to a purpose and a user.
fn mark(population: &Population, purpose: &str, index: u32) -> u64 {
    population.seed().mark(purpose, u64::from(index))
}

impl User {
    /// Returns first and last name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }

    /// Returns the user as a JSON object, with `null` for a telephone number that is not there.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let object = Object::with_capacity(256)
            .text("id", self.id.as_str())
            .text("name", &self.name())
            .text("email", &self.email);
        let object = match &self.phone {
            Some(phone) => object.text("phone", phone),
            None => object.null("phone"),
        };
        object
            .text("segment", self.segment.name())
            .text("region", self.region.code())
            .text("plan", self.plan.name())
            .flag("smsConsent", self.sms_consent)
            .flag("emailConsent", self.email_consent)
            .finish()
    }
}
