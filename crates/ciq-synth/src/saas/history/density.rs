//! How many events a history has by nature, and how much of it is kept for another pace.

use super::{HistorySettings, Modes, Pace};
use crate::saas::life::{Ending, Life, World, calendar::Calendar};
use crate::saas::{Mode, Population};

/// How many users are looked at to know the density; all of them in a smaller population.
const SAMPLE_USERS: u32 = 8_192;

/// One, in the unit of shares and boosts.
const ONE: u64 = 1 << 16;

/// How many events are to be expected.
#[derive(Debug, Clone, Copy, Default)]
struct Expected {
    /// In sessions: the only ones that can be made more frequent.
    product: u64,
    others: u64,
}

/// Returns about how many events the history has at the natural pace: 2 % more or less.
#[must_use]
pub fn natural_events(settings: &HistorySettings) -> u64 {
    let expected = expected(settings, settings.population.users());
    expected.product + expected.others
}

/// Returns what the users of a history have in common.
pub(super) fn world(settings: &HistorySettings) -> World {
    let natural = natural_world(&settings.population, settings.days(), settings.modes);
    let days = u64::from(settings.days());
    let (expected, wanted) = match settings.pace {
        Pace::Natural => return natural,
        Pace::PerDay(events) => {
            (expected(settings, settings.population.users()), events.saturating_mul(days))
        }
        // The same users are looked at whatever the population's size: more users change nobody.
        Pace::PerUserPerDay { events, per_days } => (
            expected(settings, SAMPLE_USERS),
            u64::from(events) * days * u64::from(SAMPLE_USERS) / u64::from(per_days.max(1)),
        ),
    };
    let all = (expected.product + expected.others).max(1);
    if wanted <= all {
        let keep = u128::from(wanted) * u128::from(u32::MAX) / u128::from(all);
        return World { keep: u32::try_from(keep).unwrap_or(u32::MAX), ..natural };
    }
    let sessions = u128::from(wanted - expected.others) * u128::from(ONE);
    let boost = sessions / u128::from(expected.product.max(1));
    World { boost: u64::try_from(boost).unwrap_or(ONE).min(ONE << 12), ..natural }
}

/// The world at its natural pace.
pub(crate) fn natural_world(population: &Population, days: u32, modes: Modes) -> World {
    World {
        population: *population,
        seed: population.seed(),
        calendar: Calendar::new(population, days),
        modes,
        keep: u32::MAX,
        boost: ONE,
        ending: Ending::Open,
        days_before: 0,
    }
}

/// Counts what is to be expected of so many users, from a sample of them.
fn expected(settings: &HistorySettings, users: u32) -> Expected {
    let world = natural_world(&settings.population, settings.days(), settings.modes);
    let stride = users.div_ceil(SAMPLE_USERS).max(1);
    let mut sum = Expected::default();
    let mut others = Vec::new();
    let steps = -1..world.calendar.days();
    // Sessions are known by their rate; the rest is seldom, hence counted.
    let modes = [Mode::Billing, Mode::Ticket, Mode::Profile];
    let asked: Vec<Mode> =
        modes.into_iter().filter(|mode| settings.modes.contains(*mode)).collect();
    let rest = World { modes: Modes::of(&asked), ..world.clone() };
    let mut count = 0_u64;
    for index in (0..users).step_by(stride as usize) {
        let mut life = Life::new(&rest, index);
        for step in steps.clone() {
            life.live(&rest, step, &mut others);
        }
        sum.others += others.len() as u64;
        others.clear();
        if settings.modes.contains(Mode::Product) {
            sum.product += life_sessions(&world, index);
        }
        count += 1;
    }
    let scaled = |events: u64| events * u64::from(users) / count.max(1);
    Expected { product: scaled(sum.product >> 16), others: scaled(sum.others) }
}

/// The expected events of one user's sessions, in 65,536ths.
fn life_sessions(world: &World, index: u32) -> u64 {
    let mut life = Life::new(world, index);
    let sessions: u64 =
        (0..world.calendar.days()).map(|step| u64::from(life.expected_sessions(world, step))).sum();
    sessions * life.events_per_session_1024() / 1_024
}
