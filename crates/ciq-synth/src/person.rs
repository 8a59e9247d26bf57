//! A person: who they are, which channels they use, and what identifies them there.

use rand::Rng;

use crate::chance::{below, chance, pick, weighted};
use crate::intro::INTRO_DAYS_MAX;
use crate::words::{COMPANIES, FIRST_NAMES, LAST_NAMES};
use crate::{Seed, WorldSettings, numbering};

/// A person of the made-up world. All of it is truth that no system knows at first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The index, from 0.
    pub index: u32,
    /// First name.
    pub first_name: &'static str,
    /// Last name.
    pub last_name: &'static str,
    /// The company that the person buys for.
    pub company: Option<&'static str>,
    /// The latent segment.
    pub segment: Segment,
    /// The day of the first contact.
    pub joined_day: u32,
    /// Hours by which local time is behind universal time.
    pub hours_behind: i64,
    /// Which channels the person uses beside the web shop, which everyone uses.
    pub channels: Channels,
    /// Addresses, the usual one first; at least one.
    pub emails: Vec<String>,
    /// Telephone numbers as international digits, the usual one first; at least one.
    pub phones: Vec<String>,
    /// Devices, the person's own first. Empty without the app.
    pub device_ids: Vec<String>,
}

/// The latent segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// Comes often and buys much: 20 %.
    Power,
    /// The rest: 60 %.
    Casual,
    /// Complains and comes ever less: 20 %.
    AtRisk,
}

impl Segment {
    /// Returns the name: `power`, `casual` or `at_risk`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Power => "power",
            Self::Casual => "casual",
            Self::AtRisk => "at_risk",
        }
    }
}

/// The channels of a person beside the web shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channels {
    /// The customer id, for those who have an account and the app.
    pub customer_id: Option<String>,
    /// The loyalty card, for those who go to a store.
    pub loyalty_id: Option<String>,
    /// The browser, for those who looked around before they said who they are.
    pub cookie_id: Option<String>,
    /// How the person writes short messages.
    pub messenger: Option<Messenger>,
}

/// How a person writes short messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Messenger {
    /// Text messages.
    Sms,
    /// `WhatsApp`.
    WhatsApp,
}

impl Person {
    /// Returns the whole name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }

    /// Returns the usual address.
    pub(crate) fn email(&self) -> &str {
        self.emails.first().map_or("", String::as_str)
    }

    /// Returns the usual number.
    pub(crate) fn phone(&self) -> &str {
        self.phones.first().map_or("", String::as_str)
    }
}

/// Makes one person: a pure function of the settings' seed and days and the index.
///
/// How many people there are changes nobody.
#[must_use]
pub fn person(settings: &WorldSettings, index: u32) -> Person {
    let seed = settings.seed();
    let mut rng = seed.stream("person", u64::from(index));
    let first_name = pick(&mut rng, &FIRST_NAMES);
    let last_name = pick(&mut rng, &LAST_NAMES);
    let company = chance(&mut rng, 6, 100).then(|| pick(&mut rng, &COMPANIES));
    let segment = segment(&mut rng);
    let joined_day = joined_day(&mut rng, settings.days());
    let hours_behind = [5, 6, 7, 8][weighted(&mut rng, &[47, 29, 7, 17])];
    let channels = channels(&mut rng, seed, index);
    let has_account = channels.customer_id.is_some();
    let emails = emails(&mut rng, index, [first_name, last_name], has_account);
    let phone_count = if chance(&mut rng, 6, 100) { 2 } else { 1 };
    let phones = (0..phone_count).map(|place| numbering::phone(seed, index, place)).collect();
    let device_ids = if has_account { device_ids(&mut rng, seed, index) } else { Vec::new() };
    Person {
        index,
        first_name,
        last_name,
        company,
        segment,
        joined_day,
        hours_behind,
        channels,
        emails,
        phones,
        device_ids,
    }
}

fn segment(rng: &mut impl Rng) -> Segment {
    match weighted(rng, &[20, 60, 20]) {
        0 => Segment::Power,
        1 => Segment::Casual,
        _ => Segment::AtRisk,
    }
}

/// Half the people are there in the first week; the others come later, but early enough to
/// become known before the end.
fn joined_day(rng: &mut impl Rng, days: u32) -> u32 {
    let latest = days.saturating_sub(INTRO_DAYS_MAX + 1);
    let span = if chance(rng, 1, 2) { latest.min(7) } else { latest };
    u32::try_from(below(rng, u64::from(span) + 1)).unwrap_or(0)
}

fn channels(rng: &mut impl Rng, seed: Seed, index: u32) -> Channels {
    let has_account = chance(rng, 85, 100);
    let has_card = chance(rng, 45, 100);
    let has_cookie = chance(rng, 40, 100);
    let messenger = match weighted(rng, &[40, 40, 20]) {
        0 => None,
        1 => Some(Messenger::WhatsApp),
        _ => Some(Messenger::Sms),
    };
    Channels {
        customer_id: has_account.then(|| numbering::customer_id(index)),
        loyalty_id: has_card.then(|| numbering::loyalty_id(seed, index)),
        cookie_id: has_cookie.then(|| format!("ck_{:016x}", seed.mark("cookie", index.into()))),
        messenger,
    }
}

/// The name comes before the index, so two addresses are equal only if the indexes are.
fn emails(
    rng: &mut impl Rng,
    index: u32,
    [first, last]: [&str; 2],
    has_account: bool,
) -> Vec<String> {
    let (first, last) = (first.to_lowercase(), last.to_lowercase());
    let initial = first.get(..1).unwrap_or("x");
    let local = match weighted(rng, &[5, 3, 2]) {
        0 => format!("{first}.{last}{index}"),
        1 => format!("{initial}{last}{index}"),
        _ => format!("{last}.{first}{index}"),
    };
    let domain = pick(rng, &["example.com", "example.org", "example.net"]);
    let mut emails = vec![format!("{local}@{domain}")];
    if has_account && chance(rng, 8, 100) {
        let domain = pick(rng, &["office.test", "studio.test", "mail.test"]);
        emails.push(format!("{initial}.{last}{index}@{domain}"));
    }
    emails
}

/// Persons 2k and 2k + 1 are a family; 5 % of the families have a tablet.
fn device_ids(rng: &mut impl Rng, seed: Seed, index: u32) -> Vec<String> {
    let device = |purpose, index| format!("dev_{:016x}", seed.mark(purpose, index));
    let mut devices = vec![device("device", numbering::thing(index, 0))];
    if chance(rng, 15, 100) {
        devices.push(device("device", numbering::thing(index, 1)));
    }
    let family = u64::from(index / 2);
    if chance(&mut seed.stream("family", family), 5, 100) {
        devices.push(device("shared_device", family));
    }
    devices
}
