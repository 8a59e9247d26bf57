//! Visits to a store, as its till tells them.

use super::{Item, Teller, total_cents};
use crate::catalog::STORES;
use crate::chance::{between, chance, pick};
use crate::draft::Draft;
use crate::identifier::{Carried, Kind};
use crate::json::Object;
use crate::settings::timestamp;

/// The longest visit to a store.
const VISIT_MINUTES_MAX: i64 = 75;

/// What a customer shows at the till.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The loyalty card.
    Card,
    /// The card, and the number on request.
    CardAndPhone,
}

impl Teller<'_> {
    /// A visit to a store, told when it is over. One in five ends without a purchase.
    pub(crate) fn store_visit(&mut self, second: i64, loyalty_id: &str, shown: Shown) {
        let mut carried = Carried::default();
        let (store_id, store_name) = pick(&mut self.rng, &STORES);
        let check_out = second + between(&mut self.rng, 4, VISIT_MINUTES_MAX) * 60;
        let mut body = Object::new()
            .text("store_id", store_id)
            .text("store_name", store_name)
            .text("loyalty_id", carried.plain(Kind::LoyaltyId, loyalty_id));
        if shown == Shown::CardAndPhone {
            body = body.text("phone", &carried.phone(&mut self.rng, self.person.phone()));
        }
        if chance(&mut self.rng, 4, 5) {
            body = self.till_receipt(body);
        }
        let body = body
            .text("check_in_at", &timestamp(second).to_string())
            .text("check_out_at", &timestamp(check_out).to_string())
            .text("detection_method", pick(&mut self.rng, &["qr_scan", "card_swipe", "nfc"]));
        let draft = Draft::new(second, "pos", body.finish(), carried);
        self.drafts.push(draft.sent_at(check_out));
    }

    fn till_receipt(&mut self, body: Object) -> Object {
        let items = self.basket();
        body.text("transaction_id", &format!("TXN-{}", self.thing().serial()))
            .amount("total", total_cents(&items))
            .text("currency", "USD")
            .list("items", items.into_iter().map(Item::object))
    }
}
