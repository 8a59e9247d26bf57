//! Subscriptions in a customer's state: stamped fields by subscription.
//!
//! A word of an equal time is settled by what kind of change told it, a beginning before a change
//! before an end, and then by the event's id: so plan, screens and revenue come from one event where
//! one tells all of them.

use ciq_event::{
    Currency, EventId, Money, Subscription, SubscriptionChange, SubscriptionStatus,
    SubscriptionUpdate,
};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::Fields;

/// What the names of these fields begin with. The subscription's id and one of the names below follow.
const PREFIX: &str = "subscription.";

const PLAN: &str = "plan";
const SCREENS: &str = "screens";
const MRR: &str = "mrr";
const STATUS: &str = "status";
const STARTED_AT: &str = "started_at";
const ENDED_AT: &str = "ended_at";
/// Set by a payment, to its invoice: the field's time is that of the last one.
const PAID: &str = "paid";
/// Set by a payment that failed, likewise.
const FAILED: &str = "failed";

/// Adds what an event of a time tells.
pub(crate) fn add(fields: &mut Fields, update: &SubscriptionUpdate, event: (Timestamp, EventId)) {
    let SubscriptionUpdate {
        subscription_id,
        change,
        plan,
        screens,
        mrr,
        status,
        started_at,
        ended_at,
        invoice_id,
    } = update;
    let (at, id) = event;
    let mut set = |name: &str, value: Value| {
        fields.set(&field(subscription_id, name), value.to_string(), at);
    };
    let rank = match change {
        SubscriptionChange::Started => 0,
        SubscriptionChange::Changed => 1,
        SubscriptionChange::Cancelled => 2,
        SubscriptionChange::Paid => return set(PAID, json!(invoice_id)),
        SubscriptionChange::PaymentFailed => return set(FAILED, json!(invoice_id)),
    };
    // Part of the id is enough, and its end is what differs most.
    let [.., a, b, c, d] = *id.as_bytes();
    let tie = u32::from_be_bytes([a, b, c, d]);
    let told = [
        (PLAN, plan.as_ref().map(|plan| json!(plan))),
        (SCREENS, screens.map(|screens| json!(screens))),
        (MRR, mrr.map(|mrr| json!([mrr.minor, mrr.currency.as_str()]))),
        (STARTED_AT, started_at.map(|at| json!(at.as_millisecond()))),
        (ENDED_AT, ended_at.map(|at| json!(at.as_millisecond()))),
    ];
    for (name, value) in told {
        if let Some(value) = value {
            set(name, json!([rank, tie, value]));
        }
    }
    if let Some(status) = status {
        let place = SubscriptionStatus::ALL.iter().position(|word| word == status);
        set(STATUS, json!([place, status.name()]));
    }
}

/// Tells whether any event told of a subscription.
pub(crate) fn are_in(fields: &Fields) -> bool {
    fields.names_under(PREFIX).next().is_some()
}

/// Returns all subscriptions by id.
pub(crate) fn all_of(fields: &Fields) -> Vec<Subscription> {
    let named = fields.names_under(PREFIX).filter_map(|name| name.rsplit_once('.'));
    let mut ids: Vec<&str> = named.map(|(id, _)| id).collect();
    // Sorted by name, so those of one subscription need not stand together: `a`, `a.b`.
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().map(|id| one_of(fields, id)).collect()
}

fn one_of(fields: &Fields, id: &str) -> Subscription {
    let time = |name| {
        let ms: Option<i64> = told(fields, id, name);
        ms.and_then(|ms| Timestamp::from_millisecond(ms).ok())
    };
    let last = |name| fields.set_at(&field(id, name));
    let status: Option<(u8, String)> = fields.value(&field(id, STATUS));
    let status = status.and_then(|(_, word)| SubscriptionStatus::parse(&word));
    let (last_paid_at, last_payment_failed_at) = (last(PAID), last(FAILED));
    // Of one second the payment is the later word, and of payments the one that went well.
    let is_well = status.is_some_and(|status| !status.is_behind());
    let is_settled = is_well && last(STATUS) > last_payment_failed_at;
    let mrr: Option<(i64, String)> = told(fields, id, MRR);
    Subscription {
        id: id.to_owned(),
        plan: told(fields, id, PLAN),
        screens: told(fields, id, SCREENS),
        mrr: mrr.and_then(|(minor, code)| {
            Currency::parse(&code).ok().map(|currency| Money { minor, currency })
        }),
        status,
        started_at: time(STARTED_AT),
        cancelled_at: time(ENDED_AT).filter(|_| status.is_some_and(SubscriptionStatus::is_over)),
        last_paid_at,
        last_payment_failed_at,
        is_payment_open: last_payment_failed_at > last_paid_at && !is_settled,
    }
}

/// Returns a value as its event told it, without what settles a tie.
fn told<T: DeserializeOwned>(fields: &Fields, id: &str, name: &str) -> Option<T> {
    let ranked: Option<(u8, u32, T)> = fields.value(&field(id, name));
    ranked.map(|(_, _, value)| value)
}

fn field(id: &str, name: &str) -> String {
    format!("{PREFIX}{id}.{name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ciq_event::{Billing, BillingHealth};
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// What an event says: its place in the list names it.
    type Told = (i64, SubscriptionUpdate);

    fn update(change: SubscriptionChange) -> SubscriptionUpdate {
        SubscriptionUpdate::new("sub.1".to_owned(), change)
    }

    fn terms(plan: &str, minor: i64, status: SubscriptionStatus) -> SubscriptionUpdate {
        SubscriptionUpdate {
            plan: Some(plan.to_owned()),
            screens: Some(minor / 10),
            mrr: Some(Money { minor, currency: Currency::USD }),
            status: Some(status),
            ..update(SubscriptionChange::Changed)
        }
    }

    fn fields_of<'a>(told: impl Iterator<Item = (usize, &'a Told)>) -> Fields {
        let mut fields = Fields::default();
        for (place, (second, update)) in told {
            let id = EventId::given("test", &place.to_string());
            add(&mut fields, update, (at(*second), id));
        }
        fields
    }

    fn subscription(told: &[Told]) -> Subscription {
        let mut all = all_of(&fields_of(told.iter().enumerate()));
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    #[test]
    fn the_last_word_by_event_time_holds() {
        let found = subscription(&[
            (20, terms("Pro", 3_000, SubscriptionStatus::Active)),
            (10, terms("Standard", 1_000, SubscriptionStatus::Trialing)),
        ]);
        assert_eq!((found.id.as_str(), found.plan.as_deref()), ("sub.1", Some("Pro")));
        assert_eq!((found.screens, found.mrr.unwrap().minor), (Some(300), 3_000));
    }

    #[test]
    fn of_one_second_the_later_state_holds_and_terms_come_from_one_event() {
        let found = subscription(&[
            (10, terms("Standard", 1_000, SubscriptionStatus::Incomplete)),
            (10, terms("Pro", 3_000, SubscriptionStatus::Active)),
        ]);
        assert_eq!(found.status, Some(SubscriptionStatus::Active));
        let told = (found.plan.as_deref(), found.screens, found.mrr.unwrap().minor);
        assert!(
            [(Some("Pro"), Some(300), 3_000), (Some("Standard"), Some(100), 1_000)].contains(&told)
        );
    }

    #[test]
    fn a_failed_payment_is_open_until_one_is_paid_or_all_is_well() {
        let (paid, failed) = (SubscriptionChange::Paid, SubscriptionChange::PaymentFailed);
        let active = || terms("Pro", 3_000, SubscriptionStatus::Active);
        let is_open = |told: &[Told]| subscription(told).is_payment_open;
        assert!(is_open(&[(5, active()), (10, update(failed))]));
        assert!(is_open(&[(10, update(failed)), (9, update(paid))]));
        assert!(!is_open(&[(10, update(failed)), (10, update(paid))]));
        assert!(!is_open(&[(10, update(failed)), (11, active())]));
        assert!(is_open(&[(10, update(failed)), (10, active())]));
        let past_due = terms("Pro", 3_000, SubscriptionStatus::PastDue);
        assert!(is_open(&[(10, update(failed)), (11, past_due)]));
    }

    #[test]
    fn an_end_is_an_end() {
        let ended = SubscriptionUpdate {
            status: Some(SubscriptionStatus::Canceled),
            ended_at: Some(at(30)),
            ..update(SubscriptionChange::Cancelled)
        };
        let found =
            subscription(&[(30, ended), (30, terms("Pro", 3_000, SubscriptionStatus::Active))]);
        assert_eq!(
            (found.status, found.cancelled_at),
            (Some(SubscriptionStatus::Canceled), Some(at(30)))
        );
        assert_eq!(Billing::of(&[found]).health, BillingHealth::Cancelled);
    }

    fn any_told() -> impl Strategy<Value = Told> {
        use SubscriptionChange::{Cancelled, Changed, Paid, PaymentFailed, Started};
        let change = prop::sample::select(vec![Started, Changed, Cancelled, Paid, PaymentFailed]);
        let status = prop::option::of(prop::sample::select(SubscriptionStatus::ALL));
        let about = ("[ab]([.][ab])?", change, status);
        let worth = (prop::option::of("[xyz]"), prop::option::of(0_i64..3), 1_i64..5);
        (about, worth).prop_map(|((id, change, status), (plan, minor, second))| {
            let mrr = minor.map(|minor| Money { minor, currency: Currency::USD });
            let screens = minor;
            let started_at = minor.map(at);
            (
                second,
                SubscriptionUpdate {
                    plan,
                    mrr,
                    screens,
                    status,
                    started_at,
                    ..SubscriptionUpdate::new(id, change)
                },
            )
        })
    }

    proptest! {
        #[test]
        fn any_order_and_grouping_gives_the_same(
            told in prop::collection::vec(any_told(), 0..10), cut in 0_usize..10,
        ) {
            let whole = fields_of(told.iter().enumerate());
            let backward = fields_of(told.iter().enumerate().rev());
            prop_assert_eq!(&whole, &backward);
            let cut = cut.min(told.len());
            let mut merged = fields_of(told.iter().enumerate().skip(cut));
            merged.merge(fields_of(told.iter().enumerate().take(cut)));
            prop_assert_eq!(&whole, &merged);
            let read = Fields::from_json(&whole.to_json()).unwrap();
            prop_assert_eq!(all_of(&read), all_of(&whole));
        }
    }
}
