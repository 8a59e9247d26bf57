//! Buying: in the web shop, and in a store.

use super::{Life, Rates};
use crate::chance::chance;
use crate::draft::Draft;
use crate::rhythm::{ONLINE, Rate, STORE};
use crate::wire::{Shown, Teller};

const ORDERS: Rates =
    Rates { power: Rate::new(1, 14), casual: Rate::new(1, 32), at_risk: Rate::new(1, 45) };

const STORE_VISITS: Rates =
    Rates { power: Rate::new(1, 12), casual: Rate::new(1, 24), at_risk: Rate::new(1, 40) };

/// Tells the orders of the web shop, one in four with a number.
pub(super) fn orders(life: Life<'_>) -> Vec<Draft> {
    let mut teller = Teller::new(life.settings, life.person, "orders", 20_000);
    for today in life.days() {
        if let Some(second) = ONLINE.moment(&mut teller.rng, today, life.rate(ORDERS)) {
            let phone = chance(&mut teller.rng, 1, 4).then(|| life.person.phone());
            let email = if chance(&mut teller.rng, 4, 5) {
                life.person.email()
            } else {
                life.person.emails.last().map_or("", String::as_str)
            };
            teller.shop_order(second, email, phone);
        }
    }
    teller.drafts
}

/// Tells the visits to a store of those who have a card.
pub(super) fn store_visits(life: Life<'_>) -> Vec<Draft> {
    let mut teller = Teller::new(life.settings, life.person, "store visits", 25_000);
    let Some(card) = &life.person.channels.loyalty_id else { return teller.drafts };
    for today in life.days() {
        if let Some(second) = STORE.moment(&mut teller.rng, today, life.rate(STORE_VISITS)) {
            let asked = chance(&mut teller.rng, 1, 3);
            let shown = if asked { Shown::CardAndPhone } else { Shown::Card };
            teller.store_visit(second, card, shown);
        }
    }
    teller.drafts
}
