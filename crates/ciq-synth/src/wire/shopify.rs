//! Orders of the web shop, as a Shopify webhook tells them.

use super::{Item, Teller, total_cents};
use crate::draft::Draft;
use crate::identifier::Carried;
use crate::json::Object;
use crate::settings::timestamp;

impl Teller<'_> {
    /// An order of the web shop, which knows an address and now and then a number.
    pub(crate) fn shop_order(&mut self, second: i64, email: &str, phone: Option<&str>) {
        let mut carried = Carried::default();
        let email = carried.email(&mut self.rng, email);
        let phone = phone.map(|phone| carried.phone(&mut self.rng, phone));
        let number = self.thing().serial();
        let items = self.basket();
        let body = Object::new().number("id", 5_000_000_000_000 + number).text("email", &email);
        let body = match phone {
            Some(phone) => body.text("phone", &phone),
            None => body.null("phone"),
        };
        let body = body
            .amount_text("total_spent", total_cents(&items))
            .text("currency", "USD")
            .list("items", items.into_iter().map(Item::object))
            .object("customer", self.shop_customer())
            .text("created_at", &timestamp(second).to_string())
            .text("order_number", &format!("ORD-{number}"));
        self.drafts.push(Draft::new(second, "shopify:orders/create", body.finish(), carried));
    }

    fn shop_customer(&self) -> Object {
        Object::new()
            .text("first_name", self.person.first_name)
            .text("last_name", self.person.last_name)
    }
}
