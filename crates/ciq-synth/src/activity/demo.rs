//! The accounts that are there at the beginning.

use ciq_event::{AccountStage, Tier, UsageTrend};
use jiff::{SignedDuration, Timestamp};
use rand::Rng;

use super::Account;
use super::change::rate_of_percent;
use super::rates::PLAN_WEIGHTS;
use crate::Seed;
use crate::chance::{below, between, chance, pick, weighted};

/// Ages of accounts at the beginning.
const HOURS_26: SignedDuration = SignedDuration::from_hours(26);
const DAYS_30: SignedDuration = SignedDuration::from_hours(30 * 24);
const DAYS_200: SignedDuration = SignedDuration::from_hours(200 * 24);
const DAYS_400: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Stages of made-up accounts, and how many of a hundred stand there.
const STAGES: [(AccountStage, u64); 6] = [
    (AccountStage::New, 5),
    (AccountStage::TrialCreated, 10),
    (AccountStage::ApiKeysGenerated, 15),
    (AccountStage::FirstApiCall, 15),
    (AccountStage::IntegrationValidated, 15),
    (AccountStage::ProductionReady, 40),
];

/// The four accounts of every demonstration: one that has had keys for a day and has not called,
/// one in trouble that pays, a large one, and one that may soon want more.
pub(super) fn accounts(at: Timestamp) -> [Account; 4] {
    let of = |company, age| aged(company, at, age);
    let startup = Account {
        stage: AccountStage::ApiKeysGenerated,
        tier: Tier::Trial,
        ..of("Startup Inc", HOURS_26)
    };
    let at_risk = Account {
        stage: AccountStage::ProductionReady,
        tier: Tier::Pro,
        total_api_calls: 4_800,
        error_rate: rate_of_percent(5),
        usage_trend: UsageTrend::Declining,
        ..of("AtRisk Co", DAYS_200)
    };
    let large = Account {
        stage: AccountStage::ProductionReady,
        tier: Tier::Enterprise,
        total_api_calls: 120_000,
        ..of("BigCorp Ltd", DAYS_400)
    };
    let example = Account {
        stage: AccountStage::IntegrationValidated,
        tier: Tier::Starter,
        total_api_calls: 940,
        usage_trend: UsageTrend::Increasing,
        ..of("Example Corp", DAYS_30)
    };
    [startup, at_risk, large, example]
}

/// Makes up an account that has been there for a while.
pub(super) fn established(seed: Seed, company: &str, at: Timestamp) -> Account {
    let account = Account::new(company, at);
    let mut rng = seed.stream(&format!("activity/established/{}", account.id), 0);
    let (stage, _) = STAGES[weighted(&mut rng, &STAGES.map(|(_, weight)| weight))];
    let hours = between(&mut rng, 1, 24 * 365);
    let account = Account {
        stage,
        tier: tier_at(&mut rng, stage),
        ..aged(company, at, SignedDuration::from_hours(hours))
    };
    if !account.is_calling() {
        return account;
    }
    Account {
        total_api_calls: between(&mut rng, 1, 1 + hours * 4),
        error_rate: rate_of_percent(if chance(&mut rng, 1, 2) { 0 } else { 2 }),
        usage_trend: pick(&mut rng, &[UsageTrend::Increasing, UsageTrend::Stable]),
        ..account
    }
}

/// Whoever is new has nothing; keys belong to a trial; production is mostly paid for.
fn tier_at(rng: &mut impl Rng, stage: AccountStage) -> Tier {
    match stage {
        AccountStage::New => Tier::None,
        AccountStage::TrialCreated | AccountStage::ApiKeysGenerated => Tier::Trial,
        AccountStage::FirstApiCall | AccountStage::IntegrationValidated => {
            if below(rng, 4) == 0 {
                plan(rng)
            } else {
                Tier::Trial
            }
        }
        AccountStage::ProductionReady => {
            if below(rng, 10) == 0 {
                Tier::Trial
            } else {
                plan(rng)
            }
        }
    }
}

/// Draws a plan that is paid for.
pub(super) fn plan(rng: &mut impl Rng) -> Tier {
    [Tier::Starter, Tier::Pro, Tier::Enterprise][weighted(rng, &PLAN_WEIGHTS)]
}

fn aged(company: &str, at: Timestamp, age: SignedDuration) -> Account {
    let since = at.checked_sub(age).unwrap_or(at);
    Account::new(company, since)
}
