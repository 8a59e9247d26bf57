//! The forms in which things are told: each file writes one of them.
//!
//! [`Teller`] tells what happens to one person. Its methods are spread over the files below,
//! one or a few per form.

mod domain;
mod envelope;
mod pos;
mod shopify;
mod twilio;

use rand::rngs::ChaCha8Rng;

use crate::catalog::{PRODUCTS, Product};
use crate::chance::{pick, weighted};
use crate::draft::Draft;
use crate::json::Object;
use crate::{Person, Seed, WorldSettings, numbering};

pub(crate) use domain::{Mood, SESSION_SECONDS_MAX};
pub(crate) use envelope::Visit;
pub(crate) use pos::Shown;

/// Things that one person may have: orders, tickets, visits. Numbers of one person do not run
/// into the next one's.
const THINGS_PER_PERSON: i64 = 100_000;

/// Tells what happens to one person.
#[derive(Debug)]
pub(crate) struct Teller<'a> {
    pub(crate) settings: &'a WorldSettings,
    pub(crate) person: &'a Person,
    pub(crate) rng: ChaCha8Rng,
    pub(crate) drafts: Vec<Draft>,
    things: u32,
}

/// A thing's number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Thing {
    person: u32,
    count: u32,
}

impl<'a> Teller<'a> {
    /// Begins the part of a person's story that has its own stream of chance.
    ///
    /// `first_thing` keeps the numbers of two parts apart.
    pub(crate) fn new(
        settings: &'a WorldSettings,
        person: &'a Person,
        purpose: &str,
        first_thing: u32,
    ) -> Self {
        let rng = settings.seed().stream(purpose, u64::from(person.index));
        Self { settings, person, rng, drafts: Vec::new(), things: first_thing }
    }

    /// Returns a number that no other thing has.
    pub(crate) fn thing(&mut self) -> Thing {
        self.things += 1;
        Thing { person: self.person.index, count: self.things }
    }

    fn seed(&self) -> Seed {
        self.settings.seed()
    }

    /// Begins a visit to the app or the web shop.
    pub(crate) fn session_id(&mut self) -> String {
        let thing = self.thing();
        format!("sess_{:016x}", thing.mark(self.seed(), "session"))
    }

    /// Chooses what is bought, and how many.
    fn basket_item(&mut self) -> Item {
        let product = pick(&mut self.rng, &PRODUCTS);
        let quantity = [1, 2, 3][weighted(&mut self.rng, &[84, 12, 4])];
        Item { product, quantity }
    }

    /// Chooses one to three things to buy.
    fn basket(&mut self) -> Vec<Item> {
        let count = 1 + weighted(&mut self.rng, &[68, 24, 8]);
        (0..count).map(|_| self.basket_item()).collect()
    }
}

impl Thing {
    /// Returns the number as people and tills write it.
    fn serial(self) -> i64 {
        i64::from(self.person) * THINGS_PER_PERSON + i64::from(self.count)
    }

    /// Returns a number that looks like chance.
    fn mark(self, seed: Seed, purpose: &str) -> u64 {
        seed.mark(purpose, numbering::thing(self.person, self.count))
    }
}

/// A line of an order.
#[derive(Debug, Clone, Copy)]
struct Item {
    product: Product,
    quantity: i64,
}

impl Item {
    fn total_cents(self) -> i64 {
        self.product.price_cents * self.quantity
    }

    fn object(self) -> Object {
        Object::new()
            .text("product_id", self.product.sku)
            .text("product_name", self.product.name)
            .text("category", self.product.category)
            .amount_text("price", self.product.price_cents)
            .number("quantity", self.quantity)
    }
}

fn total_cents(items: &[Item]) -> i64 {
    items.iter().map(|item| item.total_cents()).sum()
}
