//! A small world: customers, their accounts, and interventions as a store would hold them. What a
//! check says is held against a reading of the rules that knows nothing of conditions.

use std::collections::BTreeMap;

use ciq_event::{AccountStage, CustomerId, ErrorRate, InterventionId, Severity, Tier, UsageTrend};
use ciq_monitor::{Action, Change, Held, Rules, Status, Subject, act, check};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::support::{content, hours, now};

pub(super) const CUSTOMER_COUNT: usize = 4;
pub(super) const RULE_COUNT: usize = 4;
pub(super) const PLIGHT_COUNT: usize = 4;

const COOL_DOWN: SignedDuration = SignedDuration::from_hours(24);

/// What becomes known of an account.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fact {
    /// All that one of the rules looks for.
    Plight(usize),
    Stage(AccountStage),
    Tier(Tier),
    UsageTrend(UsageTrend),
    ErrorRate(u32),
    Calls(i64),
    Status(Option<&'static str>),
    SignedUp(i64),
}

/// What a person does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Person {
    Acknowledge,
    Snooze(i64),
    Assign,
    Resolve,
    Reopen,
    Comment,
}

/// How often what happened.
#[derive(Debug, Default)]
pub(super) struct Tally(BTreeMap<&'static str, u64>);

impl Tally {
    pub(super) fn add(&mut self, other: &Self) {
        for (what, count) in &other.0 {
            *self.0.entry(what).or_default() += count;
        }
    }

    pub(super) fn of(&self, what: &str) -> u64 {
        self.0.get(what).copied().unwrap_or(0)
    }

    fn count(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }
}

#[derive(Debug)]
struct Customer {
    id: CustomerId,
    subject: Subject,
    /// All that there ever were.
    held: Vec<Held>,
}

pub(super) struct World {
    now: Timestamp,
    definitions: Value,
    rules: Rules,
    customers: Vec<Customer>,
    tally: Tally,
}

impl World {
    pub(super) fn new() -> Self {
        let customer = |index| Customer {
            id: CustomerId::from_raw(format!("customer-{index}")),
            subject: content(),
            held: Vec::new(),
        };
        Self {
            now: now(),
            definitions: Rules::default_set().to_json(),
            rules: Rules::default_set(),
            customers: (0..CUSTOMER_COUNT).map(customer).collect(),
            tally: Tally::default(),
        }
    }

    pub(super) fn into_tally(self) -> Tally {
        self.tally
    }

    pub(super) fn learn(&mut self, customer: usize, fact: Fact) {
        let now = self.now;
        let count = self.customers.len();
        let subject = &mut self.customers[customer % count].subject;
        match fact {
            Fact::Plight(plight) => suffer(subject, plight, now),
            Fact::Stage(stage) => subject.account.stage = stage,
            Fact::Tier(tier) => subject.account.tier = tier,
            Fact::UsageTrend(trend) => subject.account.usage_trend = trend,
            Fact::ErrorRate(rate) => {
                subject.account.error_rate = ErrorRate::from_millionths(rate);
            }
            Fact::Calls(count) => {
                subject.account.api_call_count = count;
                subject.account.last_api_call_at = (count > 0).then_some(now);
            }
            Fact::Status(status) => subject.status = status.map(str::to_owned),
            Fact::SignedUp(age) => subject.account.signed_up_at = Some(now - hours(age)),
        }
    }

    pub(super) fn pass(&mut self, minutes: i64) {
        self.now += SignedDuration::from_mins(minutes);
    }

    pub(super) fn switch(&mut self, rule: usize) {
        let rule = &mut self.definitions[rule];
        rule["enabled"] = Value::Bool(!rule["enabled"].as_bool().unwrap());
        self.rules = Rules::from_json(&self.definitions).unwrap();
    }

    /// What the second customer has is the first one's now. The last one stays.
    pub(super) fn merge(&mut self, into: usize, from: usize) {
        let count = self.customers.len();
        let (into, from) = (into % count, from % count);
        if into == from || count < 2 {
            return;
        }
        let held = self.customers[from].held.split_off(0);
        self.customers[into].held.extend(held);
        self.customers.remove(from);
    }

    pub(super) fn person(&mut self, nth: usize, person: Person) {
        let all = self.customers.iter_mut().flat_map(|customer| &mut customer.held);
        let mut all: Vec<_> = all.collect();
        let Some(index) = nth.checked_rem(all.len()) else { return };
        // The latest are the most interesting.
        let index = all.len() - 1 - index;
        let held = &mut *all[index];
        let now = self.now;
        let action = match person {
            Person::Acknowledge => Action::Acknowledge,
            Person::Snooze(minutes) => {
                Action::Snooze { until: now + SignedDuration::from_mins(minutes) }
            }
            Person::Assign => Action::Assign { to: Some("kim".to_owned()) },
            Person::Resolve => Action::Resolve { note: None },
            Person::Reopen => Action::Reopen,
            Person::Comment => Action::Comment { text: "Hm.".to_owned() },
        };
        let Ok(status) = act(held.status, held.snoozed_until, &action, now) else { return };
        held.status = status;
        held.closed_at = (status == Status::Resolved).then(|| held.closed_at.unwrap_or(now));
        match action {
            Action::Snooze { until } => held.snoozed_until = Some(until),
            _ if status != Status::Snoozed => held.snoozed_until = None,
            _ => {}
        }
        self.tally.count(match person {
            Person::Acknowledge => "acknowledged",
            Person::Snooze(_) => "snoozed",
            Person::Assign => "assigned",
            Person::Resolve => "resolved",
            Person::Reopen => "reopened",
            Person::Comment => "commented",
        });
    }

    /// Checks everybody, makes the changes, and tests the laws.
    pub(super) fn check(&mut self) -> Result<(), String> {
        let rules = &self.rules;
        for customer in &mut self.customers {
            let changes = check(rules, &customer.subject, &loaded(&customer.held), self.now);
            for change in changes {
                customer.apply(change, self.now, &mut self.tally)?;
            }
            let again = check(rules, &customer.subject, &loaded(&customer.held), self.now);
            if !again.is_empty() {
                return Err(format!("a second check says {again:?}"));
            }
            customer.judge(rules, self.now, &mut self.tally)?;
        }
        Ok(())
    }
}

fn suffer(subject: &mut Subject, plight: usize, now: Timestamp) {
    let account = &mut subject.account;
    match plight {
        0 => {
            account.stage = AccountStage::ApiKeysGenerated;
            account.api_call_count = 0;
            account.signed_up_at = Some(now - hours(23));
        }
        1 => {
            account.error_rate = ErrorRate::from_millionths(150_000);
            account.api_call_count = 50;
        }
        2 => {
            account.usage_trend = UsageTrend::Declining;
            account.tier = Tier::Pro;
        }
        _ => {
            account.usage_trend = UsageTrend::Increasing;
            account.tier = Tier::Starter;
            account.api_call_count = 5_000;
        }
    }
}

/// What a store would hand to a check: the open ones, and the last closed one of each kind.
fn loaded(all: &[Held]) -> Vec<Held> {
    let mut last: BTreeMap<&str, &Held> = BTreeMap::new();
    for held in all.iter().filter(|held| !held.is_open()) {
        let known = last.entry(&held.kind).or_insert(held);
        if known.closed_at < held.closed_at {
            *known = held;
        }
    }
    let open = all.iter().filter(|held| held.is_open());
    open.chain(last.into_values()).cloned().collect()
}

impl Customer {
    fn find(&mut self, id: InterventionId) -> Result<&mut Held, String> {
        let found = self.held.iter_mut().find(|held| held.id == id && held.is_open());
        found.ok_or_else(|| format!("{id} is not open"))
    }

    fn apply(&mut self, change: Change, now: Timestamp, tally: &mut Tally) -> Result<(), String> {
        match change {
            Change::Open(new) => {
                let id = InterventionId::of_opening(&self.id, &new.kind, new.opened_at);
                let rests = |held: &&Held| {
                    held.kind == new.kind && held.closed_at.is_some_and(|at| now < at + COOL_DOWN)
                };
                if let Some(held) = self.held.iter().find(rests) {
                    return Err(format!("opened within the cool-down after {held:?}"));
                }
                if self.held.iter().any(|held| held.id == id) {
                    return Err(format!("{id} is there twice"));
                }
                self.held.push(Held {
                    id,
                    kind: new.kind,
                    status: Status::Open,
                    severity: new.severity,
                    opened_at: new.opened_at,
                    snoozed_until: None,
                    closed_at: None,
                    evidence: new.evidence,
                });
                tally.count("opened");
            }
            Change::Close { id, at, reason } => {
                let held = self.find(id)?;
                if at < held.opened_at {
                    return Err(format!("closed at {at}, before {held:?}"));
                }
                held.status = Status::Resolved;
                held.closed_at = Some(at);
                held.snoozed_until = None;
                tally.count(reason.name());
            }
            Change::Wake { id, at } => {
                let held = self.find(id)?;
                if held.status != Status::Snoozed || held.snoozed_until.unwrap() > at {
                    return Err(format!("woken at {at}: {held:?}"));
                }
                held.status = Status::Open;
                held.snoozed_until = None;
                tally.count("woken");
            }
            Change::Update { id, severity, evidence, .. } => {
                let held = self.find(id)?;
                if (held.severity, &held.evidence) == (severity, &evidence) {
                    return Err(format!("an update of nothing: {held:?}"));
                }
                held.severity = severity;
                held.evidence = evidence;
                tally.count("updated");
            }
        }
        Ok(())
    }

    /// After a check each kind is open, or rests, exactly as its rule would have it.
    fn judge(&self, rules: &Rules, now: Timestamp, tally: &mut Tally) -> Result<(), String> {
        for (kind, expected) in wanted(&self.subject, now) {
            let is_live = rules.rule(kind).is_some_and(|rule| rule.is_enabled);
            let open: Vec<_> =
                self.held.iter().filter(|held| held.kind == kind && held.is_open()).collect();
            let of_kind = self.held.iter().filter(|held| held.kind == kind);
            let closed_at = of_kind.filter_map(|held| held.closed_at).max();
            let rests = closed_at.is_some_and(|at| now.duration_since(at) < COOL_DOWN);
            match (expected.filter(|_| is_live), &open[..]) {
                (None, []) => {}
                (Some(severity), [held]) if held.severity == severity => {}
                (Some(_), []) if rests => tally.count("rested"),
                (expected, open) => {
                    return Err(format!("{kind} should be {expected:?} and is {open:?}"));
                }
            }
        }
        Ok(())
    }
}

/// Which kinds the default rules want to be open, and how bad they are, read anew.
fn wanted(subject: &Subject, now: Timestamp) -> [(&'static str, Option<Severity>); RULE_COUNT] {
    let account = &subject.account;
    let calls = account.api_call_count;
    let is_gone = subject.status.as_deref() == Some("cancelled");
    let age = now.duration_since(account.signed_up_at.unwrap());
    let waits = account.stage == AccountStage::ApiKeysGenerated && calls == 0 && age > hours(24);
    let fails = account.error_rate.millionths() > 100_000 && calls > 10;
    let declines = account.usage_trend == UsageTrend::Declining;
    let loss = match account.tier {
        Tier::Starter => Some(Severity::Medium),
        Tier::Pro | Tier::Enterprise => Some(Severity::High),
        Tier::None | Tier::Trial => None,
    };
    let grows = account.usage_trend == UsageTrend::Increasing && calls > 1_000;
    let is_small = matches!(account.tier, Tier::Trial | Tier::Starter);
    [
        ("onboarding_check_in", (waits && !is_gone).then_some(Severity::Medium)),
        ("error_debugging", fails.then_some(Severity::High)),
        ("retention_outreach", loss.filter(|_| declines && !is_gone)),
        ("upsell_suggestion", (grows && is_small && !is_gone).then_some(Severity::Medium)),
    ]
}
