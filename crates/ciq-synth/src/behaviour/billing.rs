//! A monthly plan: renewed, or declined and then perhaps lost.

use super::Life;
use crate::Segment;
use crate::chance::{chance, pick};
use crate::draft::Draft;
use crate::json::Object;
use crate::rhythm::OFFICE;
use crate::settings::DAY_SECONDS;
use crate::wire::Teller;

/// Days from one renewal to the next.
const PLAN_DAYS: usize = 30;

/// How long before a renewal the card is checked.
const CHECK_DAYS: i64 = 3;

/// Attempts before a plan is lost.
const ATTEMPTS_MAX: i64 = 3;

/// Tells the renewals of those who have an account and a plan.
pub(super) fn plan(life: Life<'_>) -> Vec<Draft> {
    let mut teller = Teller::new(life.settings, life.person, "plan", 60_000);
    let Some(customer_id) = &life.person.channels.customer_id else { return teller.drafts };
    if !chance(&mut teller.rng, 2, 5) {
        return teller.drafts;
    }
    let price = pick(&mut teller.rng, &[9_00, 19_00, 49_00]);
    for today in life.even_days().skip(PLAN_DAYS / 2).step_by(PLAN_DAYS) {
        let second = OFFICE.hour(&mut teller.rng, today);
        if !renewal(&mut teller, second, customer_id, price) {
            break;
        }
    }
    teller.drafts
}

/// Tells one renewal. Returns whether the plan goes on.
fn renewal(teller: &mut Teller<'_>, second: i64, customer_id: &str, price: i64) -> bool {
    let declines = decline_percent(teller.person.segment);
    let mut now = second;
    if chance(&mut teller.rng, declines, 100) {
        let props = amount(price).number("daysToRenewal", CHECK_DAYS);
        let before = now - CHECK_DAYS * DAY_SECONDS;
        teller.billing(before, customer_id, ("pre_renewal_card_decline", props));
        let mut attempt = 1;
        while chance(&mut teller.rng, 1, 2) {
            let props = amount(price).number("attempt", attempt);
            teller.billing(now, customer_id, ("plan_renewal_failed", props));
            if attempt == ATTEMPTS_MAX {
                return false;
            }
            attempt += 1;
            now += DAY_SECONDS;
        }
    }
    teller.billing(now, customer_id, ("plan_renewed", amount(price)));
    teller.billing(now + 60, customer_id, ("invoice_paid", amount(price)));
    true
}

fn amount(price_cents: i64) -> Object {
    Object::new().amount("amount", price_cents).text("currency", "USD")
}

fn decline_percent(segment: Segment) -> u64 {
    match segment {
        Segment::Power => 3,
        Segment::Casual => 8,
        Segment::AtRisk => 40,
    }
}
