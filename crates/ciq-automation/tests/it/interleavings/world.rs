//! A small world: customers, an outbox as a store would hold it, and a provider. What a person sees
//! is checked against the truth at the moment it is accepted.

use std::collections::{BTreeMap, BTreeSet};

use ciq_automation::outbox::{Outcome, Queued, QueuedStatus, Step, after, claim, next_step};
use ciq_automation::{
    Automation, CartFact, Channel, Facts, Message, PastExecution, SendVerdict, SentFact, Triggered,
    check_send, evaluate_all,
};
use jiff::{SignedDuration, Timestamp};

use crate::support::{at, days, hours};

pub(super) const CUSTOMER_COUNT: usize = 2;
pub(super) const PRODUCTS: [&str; 2] = ["Hat", "Coat"];
pub(super) const RULE_COUNT: usize = 2;

/// The text of the second rule.
const COME_BACK: &str = "Come back";

/// Two actions in the first rule, so that one execution is several sends.
const RULES: &str = r#"
[[automation]]
id = "cart"
priority = 5
cool_down = "6h"
quiet_hours = { from = "21:00", to = "08:00" }
trigger = { type = "cart_abandonment", after = "2h", within = "3d" }
[[automation.actions]]
type = "send_message"
body = "{{ product }} waits"
[[automation.actions]]
type = "send_email"
subject = "Your cart"
body = "{{ product }} waits"

[[automation]]
id = "churn"
delay = "1h"
quiet_hours = { from = "21:00", to = "08:00" }
trigger = { type = "churn_risk" }
actions = [{ type = "send_message", body = "Come back" }]
"#;

/// What the provider can do for someone who does not know whether a message went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Provider {
    /// Sends once per idempotency key.
    Keyed,
    /// Can be asked what it sent, and ignores keys.
    Searchable,
    /// Neither.
    Blind,
}

/// What goes wrong during one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    CrashBeforeSend,
    CrashAfterSend,
    RequestLost,
    AnswerLost,
    Busy,
    Refused,
}

/// How often what happened.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) seen: u64,
    pub(super) repeated: u64,
    pub(super) crashed_after_send: u64,
    pub(super) waited_for_morning: u64,
    pub(super) suppressed: BTreeMap<String, u64>,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Self) {
        self.seen += other.seen;
        self.repeated += other.repeated;
        self.crashed_after_send += other.crashed_after_send;
        self.waited_for_morning += other.waited_for_morning;
        for (reason, count) in &other.suppressed {
            *self.suppressed.entry(reason.clone()).or_default() += count;
        }
    }
}

#[derive(Default)]
struct Customer {
    /// Each time a product was put into the cart, while it is there.
    cart: BTreeMap<usize, Vec<Timestamp>>,
    whatsapp_word: Option<bool>,
    is_out: bool,
    is_erased: bool,
    churn_percent: u8,
    /// When the customer saw something, and how.
    seen_at: Vec<Timestamp>,
}

struct Row {
    customer: usize,
    triggered: Triggered,
    action_index: usize,
    queued: Queued,
    claimed_at: Timestamp,
}

pub(super) struct World {
    now: Timestamp,
    provider: Provider,
    rules: Vec<Automation>,
    customers: Vec<Customer>,
    past: Vec<Vec<PastExecution>>,
    stale_past: Vec<Vec<PastExecution>>,
    rows: Vec<Row>,
    /// What the provider accepted, by idempotency key.
    accepted: BTreeSet<String>,
    /// For what people saw messages: customer, channel and the reason in the model's own words.
    reasons: BTreeSet<(usize, Channel, String)>,
    /// When the executions fired that told someone to come back.
    come_backs: Vec<(usize, Timestamp)>,
    tally: Tally,
}

impl World {
    pub(super) fn new(provider: Provider) -> Self {
        Self {
            now: at("2024-03-01T09:00:00Z"),
            provider,
            rules: Automation::parse_toml(RULES).unwrap(),
            customers: (0..CUSTOMER_COUNT).map(|_| Customer::default()).collect(),
            past: vec![Vec::new(); CUSTOMER_COUNT],
            stale_past: vec![Vec::new(); CUSTOMER_COUNT],
            rows: Vec::new(),
            accepted: BTreeSet::new(),
            reasons: BTreeSet::new(),
            come_backs: Vec::new(),
            tally: Tally::default(),
        }
    }

    pub(super) fn into_tally(self) -> Tally {
        self.tally
    }

    pub(super) fn cart_add(&mut self, customer: usize, product: usize) {
        self.customers[customer].cart.entry(product).or_default().push(self.now);
    }

    /// A purchase or a removal: either way the product waits no longer.
    pub(super) fn cart_clear(&mut self, customer: usize, product: usize) {
        self.customers[customer].cart.remove(&product);
    }

    pub(super) fn consent(&mut self, customer: usize, word: Option<bool>) {
        self.customers[customer].whatsapp_word = word;
    }

    pub(super) fn unsubscribe(&mut self, customer: usize, is_out: bool) {
        self.customers[customer].is_out = is_out;
    }

    pub(super) fn churn(&mut self, customer: usize, percent: u8) {
        self.customers[customer].churn_percent = percent;
    }

    pub(super) fn erase(&mut self, customer: usize) {
        self.customers[customer].is_erased = true;
    }

    pub(super) fn switch(&mut self, rule: usize, is_on: bool) {
        self.rules[rule].enabled = is_on;
    }

    pub(super) fn pass(&mut self, minutes: i64) {
        self.now += SignedDuration::from_mins(minutes);
    }

    /// Asks all rules. A stale look is that of a second evaluator who read the past too early.
    pub(super) fn evaluate(&mut self, is_stale: bool) {
        for customer in 0..CUSTOMER_COUNT {
            let facts = self.facts(customer, None);
            let past = if is_stale { &self.stale_past } else { &self.past };
            let all = evaluate_all(&self.rules, &facts, &past[customer], self.now);
            self.stale_past[customer].clone_from(&self.past[customer]);
            for triggered in all {
                self.write_down(customer, &triggered);
            }
        }
    }

    /// The store's key over (automation, customer, occasion) lets each execution in once.
    fn write_down(&mut self, customer: usize, triggered: &Triggered) {
        let is_known = self.past[customer].iter().any(|past| {
            past.automation_id == triggered.automation_id && past.occasion == triggered.occasion
        });
        if is_known {
            return;
        }
        self.past[customer].push(PastExecution {
            automation_id: triggered.automation_id.clone(),
            occasion: triggered.occasion.clone(),
            triggered_at: triggered.triggered_at,
        });
        let rule = self.rules.iter().find(|rule| rule.id == triggered.automation_id).unwrap();
        for action_index in 0..rule.actions.len() {
            self.rows.push(Row {
                customer,
                triggered: triggered.clone(),
                action_index,
                queued: Queued::new(triggered.due_at),
                claimed_at: self.now,
            });
        }
    }

    /// Lets a worker take one of the sends that are due.
    pub(super) fn work(&mut self, nth: usize, fault: Fault) -> Result<(), String> {
        let is_due =
            |row: &Row| matches!(next_step(&row.queued, self.now), Step::Attempt | Step::Recover);
        let due: Vec<usize> = (0..self.rows.len()).filter(|i| is_due(&self.rows[*i])).collect();
        let Some(index) = due.get(nth % due.len().max(1)).copied() else { return Ok(()) };
        let step = next_step(&self.rows[index].queued, self.now);
        self.rows[index].queued = claim(&self.rows[index].queued, self.now);
        if step == Step::Attempt {
            self.rows[index].claimed_at = self.now;
        }
        let outcome = match step {
            Step::Recover if fault == Fault::None => Some(self.recover(index)),
            Step::Recover => None,
            _ => self.attempt(index, fault)?,
        };
        if let Some(outcome) = outcome {
            let row = &mut self.rows[index];
            row.queued = after(&row.queued, &outcome, self.now);
        }
        Ok(())
    }

    /// Returns what the worker learns; nothing if it dies.
    fn attempt(&mut self, index: usize, fault: Fault) -> Result<Option<Outcome>, String> {
        let row = &self.rows[index];
        let rule = self.rules.iter().find(|rule| rule.id == row.triggered.automation_id).unwrap();
        let facts = self.facts(row.customer, Some(index));
        let verdict = check_send(rule, row.action_index, &facts, &row.triggered, self.now);
        let message = match verdict {
            SendVerdict::Send(message) => message,
            SendVerdict::Wait { until } => {
                self.tally.waited_for_morning += 1;
                return Ok(Some(Outcome::Wait { until }));
            }
            SendVerdict::Suppress { reason } => {
                *self.tally.suppressed.entry(reason.name().to_owned()).or_default() += 1;
                return Ok(Some(Outcome::Suppressed { reason }));
            }
        };
        let why = || "scripted".to_owned();
        match fault {
            Fault::CrashBeforeSend => Ok(None),
            Fault::RequestLost => Ok(Some(Outcome::Unknown { why: why() })),
            Fault::Busy => Ok(Some(Outcome::Transient { retry_after: None, why: why() })),
            Fault::Refused => Ok(Some(Outcome::Permanent { why: why() })),
            Fault::CrashAfterSend => {
                self.tally.crashed_after_send += 1;
                self.accept(index, &message).map(|()| None)
            }
            Fault::AnswerLost => {
                self.accept(index, &message)?;
                Ok(Some(Outcome::Unknown { why: why() }))
            }
            Fault::None => {
                self.accept(index, &message)?;
                Ok(Some(Outcome::Sent { provider_id: message.idempotency_key }))
            }
        }
    }

    fn recover(&self, index: usize) -> Outcome {
        match self.provider {
            Provider::Keyed => Outcome::MayRepeat,
            Provider::Blind => Outcome::Unknowable,
            Provider::Searchable => {
                let name = self.row_name(index);
                if self.accepted.contains(&name) {
                    Outcome::Found { provider_id: name }
                } else {
                    Outcome::NotFound
                }
            }
        }
    }

    fn row_name(&self, index: usize) -> String {
        let row = &self.rows[index];
        let execution = &row.triggered;
        format!(
            "{} {} {} {}",
            row.customer, execution.automation_id, execution.occasion, row.action_index
        )
    }

    /// The provider takes a message, and the person sees it unless the key is known.
    fn accept(&mut self, index: usize, message: &Message) -> Result<(), String> {
        let name = self.row_name(index);
        let key = match self.provider {
            Provider::Keyed => message.idempotency_key.clone(),
            Provider::Searchable | Provider::Blind => name,
        };
        if !self.accepted.insert(key) {
            self.tally.repeated += 1;
            if self.provider == Provider::Keyed {
                return Ok(());
            }
        }
        self.tally.seen += 1;
        self.check_law(index, message)
    }

    /// Checks a message that a person sees now against the truth.
    fn check_law(&mut self, index: usize, message: &Message) -> Result<(), String> {
        let row = &self.rows[index];
        let number = row.customer;
        let reason = self.reason(row, message)?;
        let fired_at = row.triggered.triggered_at;
        let customer = &mut self.customers[number];
        let broken = |law: &str| Err(format!("{law}: {message:?} for {reason} at {}", self.now));
        if customer.is_erased || customer.is_out {
            return broken("erased or unsubscribed");
        }
        if message.channel == Channel::Whatsapp && customer.whatsapp_word == Some(false) {
            return broken("against consent");
        }
        let hour = self.now.to_zoned(jiff::tz::TimeZone::UTC).hour();
        if !(8..21).contains(&hour) {
            return broken("in quiet hours");
        }
        let recent = customer.seen_at.iter().filter(|at| self.now.duration_since(**at) < days(7));
        if recent.count() >= 3 {
            return broken("more than three in seven days");
        }
        customer.seen_at.push(self.now);
        if reason == COME_BACK {
            let is_near = |(other, at): &(usize, Timestamp)| {
                *other == number && fired_at.duration_since(*at).abs() < hours(24)
            };
            if self.come_backs.iter().any(is_near) {
                return broken("twice in one cool-down");
            }
            self.come_backs.push((number, fired_at));
            return Ok(());
        }
        if !self.reasons.insert((number, message.channel, reason.clone())) {
            return broken("twice for one reason");
        }
        Ok(())
    }

    /// Returns why the person should see the message, by the truth alone; an error if for nothing.
    fn reason(&self, row: &Row, message: &Message) -> Result<String, String> {
        let customer = &self.customers[row.customer];
        if message.body == COME_BACK {
            if customer.churn_percent < 70 {
                return Err(format!("the churn is {}", customer.churn_percent));
            }
            return Ok(COME_BACK.to_owned());
        }
        let product = PRODUCTS.iter().position(|name| message.body == format!("{name} waits"));
        let product = product.ok_or("a product that does not exist")?;
        match customer.cart.get(&product).and_then(|added| added.last()) {
            Some(at) if self.now.duration_since(*at) >= hours(2) => {
                Ok(format!("{} since {at}", PRODUCTS[product]))
            }
            other => Err(format!("the cart is {other:?} at {}", self.now)),
        }
    }

    /// What the store says of a customer, to somebody who asks about one of its sends.
    fn facts(&self, number: usize, asking: Option<usize>) -> Facts {
        let customer = &self.customers[number];
        let adds = customer
            .cart
            .iter()
            .flat_map(|(product, added)| added.iter().map(move |added_at| (*product, *added_at)));
        let carts = adds.map(|(product, added_at)| CartFact {
            product_name: PRODUCTS[product].to_owned(),
            category: None,
            price_minor: None,
            added_at,
        });
        let counts = |(index, row): &(usize, &Row)| {
            let queued = &row.queued;
            let is_out = matches!(queued.status, QueuedStatus::Sent | QueuedStatus::Sending);
            row.customer == number && Some(*index) != asking && (is_out || queued.is_unsure)
        };
        let sent = self.rows.iter().enumerate().filter(counts).map(|(_, row)| SentFact {
            at: row.claimed_at,
            channel: Channel::Whatsapp,
            automation: row.triggered.automation_id.clone(),
        });
        Facts {
            customer_id: format!("cus_{number}"),
            email: Some("ada@example.com".to_owned()),
            phone: Some("15550123".to_owned()),
            churn: Some(f64::from(customer.churn_percent) / 100.0),
            carts: carts.collect(),
            consents: customer
                .whatsapp_word
                .map(|word| (Channel::Whatsapp, word))
                .into_iter()
                .collect(),
            is_unsubscribed: customer.is_out,
            is_erased: customer.is_erased,
            sent: sent.collect(),
            ..Facts::default()
        }
    }

    /// Lets everything come to its end without further faults.
    pub(super) fn settle(&mut self) -> Result<(), String> {
        for _ in 0..200 {
            let open = self.rows.iter().filter(|row| !row.queued.status.is_final()).count();
            if open == 0 {
                return Ok(());
            }
            for _ in 0..open {
                self.work(0, Fault::None)?;
            }
            self.pass(60);
        }
        Err("something never comes to its end".to_owned())
    }
}
