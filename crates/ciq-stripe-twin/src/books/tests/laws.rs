//! Laws that hold whatever is done.

use proptest::prelude::*;

use super::*;

/// What may be done at a moment of the month.
#[derive(Debug, Clone)]
enum Step {
    Quantity(u64),
    Price(bool),
    Card(bool),
    InvoiceNow(u64),
    CancelAtPeriodEnd(bool),
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0_u64..60).prop_map(Step::Quantity),
        any::<bool>().prop_map(Step::Price),
        any::<bool>().prop_map(Step::Card),
        (0_u64..60).prop_map(Step::InvoiceNow),
        any::<bool>().prop_map(Step::CancelAtPeriodEnd),
        (1_i64..2_500_000).prop_map(Step::Wait),
    ]
}

/// Does steps one after the other; what is refused is refused.
fn run(steps: &[Step]) -> Account {
    let mut account = Account::new();
    let subscription = account.subscribe(&account.pro.clone(), 3, "");
    let item = id(&subscription["items"]["data"][0]);
    let update = Op::UpdateSubscription(id(&subscription));
    let advance = Op::AdvanceTestClock(account.clock.clone());
    let mut time = seconds(START);
    for step in steps {
        let item = format!("items[0][id]={item}");
        let outcome = match step {
            Step::Quantity(quantity) => {
                account.ask(&update, &format!("{item}&items[0][quantity]={quantity}"))
            }
            Step::InvoiceNow(quantity) => {
                let now = "proration_behavior=always_invoice";
                account.ask(&update, &format!("{item}&items[0][quantity]={quantity}&{now}"))
            }
            Step::Price(is_pro) => {
                let price = if *is_pro { account.pro.clone() } else { account.standard.clone() };
                account.ask(&update, &format!("{item}&items[0][price]={price}"))
            }
            Step::CancelAtPeriodEnd(is_wanted) => {
                account.ask(&update, &format!("cancel_at_period_end={is_wanted}"))
            }
            Step::Card(is_good) => {
                account.set_card(if *is_good {
                    "pm_card_visa"
                } else {
                    "pm_card_chargeCustomerFail"
                });
                continue;
            }
            Step::Wait(duration) => {
                time += duration;
                account.ask(&advance, &format!("frozen_time={time}"))
            }
        };
        // Only what is over cannot be changed any more.
        assert!(outcome.is_ok() || account.subscription(&subscription)["status"] == "canceled");
    }
    account
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn an_invoice_is_the_sum_of_its_lines(steps in prop::collection::vec(step(), 0..14)) {
        let mut account = run(&steps);
        let mut balance = 0;
        for invoice in account.invoices() {
            let number = |name: &str| invoice[name].as_i64().unwrap();
            prop_assert_eq!(number("total"), amounts(&invoice).iter().sum::<i64>());
            prop_assert_eq!(number("amount_remaining"), number("amount_due") - number("amount_paid"));
            if let Some(ending) = invoice["ending_balance"].as_i64() {
                // Nothing is lost between the total, the balance and what is asked for.
                prop_assert_eq!(number("starting_balance"), balance);
                prop_assert_eq!(number("total") + balance, number("amount_due") + ending);
                balance = ending;
            }
        }
    }

    #[test]
    fn the_same_requests_make_the_same_books(steps in prop::collection::vec(step(), 0..14)) {
        let (one, other) = (run(&steps), run(&steps));
        prop_assert!(one.books == other.books);
    }

    #[test]
    fn prorations_ask_for_what_was_used(
        changes in prop::collection::vec((0_i64..2_678_400, 0_u64..100), 0..12),
    ) {
        let mut account = Account::new();
        let subscription = account.subscribe(&account.pro.clone(), 7, "");
        let mut changes = changes;
        changes.sort_unstable();
        let month = 2_678_400;
        let (mut quantity, mut since, mut used, mut at_most) = (7_i64, 0, 0_i64, 0);
        for (offset, next) in changes {
            if offset > since {
                account.advance(&Timestamp::from_second(seconds(START) + offset).unwrap().to_string());
                used += quantity * 1_500 * (offset - since);
                since = offset;
            }
            if i64::try_from(next).unwrap() != quantity {
                at_most += 2;
            }
            account.set_quantity(&subscription, next, "");
            quantity = i64::try_from(next).unwrap();
        }
        used += quantity * 1_500 * (month - since);
        account.advance("2026-02-01T02:00:00Z");
        let invoices = account.invoices();
        let prorations = amounts(&invoices[1]);
        let (next_period, prorations) = prorations.split_last().unwrap();
        prop_assert_eq!(*next_period, quantity * 1_500);
        prop_assert_eq!(i64::try_from(prorations.len()).unwrap(), at_most);
        let asked = amounts(&invoices[0])[0] + prorations.iter().sum::<i64>();
        // A cent a line at most is lost or won by rounding.
        prop_assert!((asked * month - used).abs() <= (at_most + 1) * month);
    }

    #[test]
    fn one_jump_and_several_make_the_same_invoices(
        stops in prop::collection::btree_set(1_i64..5_000_000, 0..8),
        fails in any::<bool>(),
    ) {
        let start = || {
            let mut account = Account::new();
            account.subscribe(&account.pro.clone(), 3, "");
            let trial = account.standard.clone();
            account.subscribe(&trial, 2, "&trial_period_days=20");
            if fails {
                account.set_card("pm_card_chargeCustomerFail");
            }
            account
        };
        let to = |account: &mut Account, offset: i64| {
            account.advance(&Timestamp::from_second(seconds(START) + offset).unwrap().to_string());
        };
        let (mut one, mut other) = (start(), start());
        to(&mut one, 5_000_000);
        for stop in stops {
            to(&mut other, stop);
        }
        to(&mut other, 5_000_000);
        prop_assert_eq!(plain(&mut one), plain(&mut other));
    }
}

/// Returns the customer's invoices without ids, which follow from what else was done.
fn plain(account: &mut Account) -> Vec<Vec<Value>> {
    let names = ["created", "status", "total", "attempt_count", "next_payment_attempt", "number"];
    let prefix = |invoice: &Value, name: &str| match invoice[name].as_str() {
        Some(text) if name == "number" => text.rsplit('-').next().unwrap_or_default().into(),
        _ => invoice[name].clone(),
    };
    let invoices = account.invoices();
    invoices.iter().map(|it| names.iter().map(|name| prefix(it, name)).collect()).collect()
}

#[test]
fn absurd_amounts_do_no_harm() {
    let mut account = Account::new();
    let dear = account.monthly("Dear", i64::MAX);
    let more = format!("&items[1][price]={}&items[1][quantity]={}", account.pro, i64::MAX);
    let subscription = account.subscribe(&dear, i64::MAX.unsigned_abs(), &more);
    account.set_quantity(&subscription, 1, "&proration_behavior=always_invoice");
    account.advance("2026-02-01T02:00:00Z");
    let form = format!("balance={}", i64::MIN);
    account.does(&Op::UpdateCustomer(account.customer.clone()), &form);
    account.does(&Op::CancelSubscription(id(&subscription)), "prorate=true&invoice_now=true");
}
