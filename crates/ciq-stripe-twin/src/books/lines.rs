//! Lines of invoices: what is asked for, for which time.

use super::Books;
use super::calendar::{Moment, Period};
use super::ids::{InvoiceItemId, ItemId, LineId, Mint, PriceId};
use super::proration::share;
use super::subscriptions::{Item, Subscription};

/// A line. Prorations wait on their subscription until an invoice takes them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) id: LineId,
    pub(super) amount: i64,
    pub(super) description: String,
    pub(super) period: Period,
    pub(super) price: PriceId,
    pub(super) quantity: u64,
    pub(super) item: ItemId,
    /// The invoice item that it was before, if it is a proration.
    pub(super) proration: Option<InvoiceItemId>,
}

/// Which side of a change a proration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// What was paid for and is not used.
    Unused,
    /// What is used from now on.
    Remaining,
}

impl Books {
    /// Returns what an item costs in a whole period.
    pub(super) fn price_of(&self, item: &Item) -> i64 {
        let unit = self.prices.get(&item.price).map_or(0, |price| price.offer.unit_amount);
        i64::try_from(item.quantity).map_or(i64::MAX, |quantity| unit.saturating_mul(quantity))
    }

    /// Makes the lines of a period: all of it, or the part of `whole` that it is.
    pub(super) fn cycle_lines(
        &self,
        items: &[Item],
        period: Period,
        whole: Period,
        mint: &mut Mint,
    ) -> Vec<Line> {
        let line = |item: &Item| Line {
            amount: share(self.price_of(item), period, whole),
            description: format!("{} × {}", item.quantity, self.offer_words(item)),
            ..self.line(item, period, mint)
        };
        items.iter().map(line).collect()
    }

    /// Makes the lines of a trial, which costs nothing.
    pub(super) fn trial_lines(&self, items: &[Item], trial: Period, mint: &mut Mint) -> Vec<Line> {
        let line = |item: &Item| Line {
            description: format!("Trial period for {}", self.product_name(item)),
            ..self.line(item, trial, mint)
        };
        items.iter().map(line).collect()
    }

    /// Makes the proration of an item for what is left of a subscription's period at a moment.
    pub(super) fn proration(
        &self,
        subscription: &Subscription,
        (item, side): (&Item, Side),
        at: Moment,
        mint: &mut Mint,
    ) -> Line {
        let left = subscription.period.rest_at(at);
        let whole = subscription.whole_period();
        let amount = share(self.price_of(item), left, whole);
        let (amount, words) = match side {
            Side::Unused => (-amount, "Unused"),
            Side::Remaining => (amount, "Remaining"),
        };
        let times =
            if item.quantity == 1 { String::new() } else { format!("{} × ", item.quantity) };
        let (name, day) = (self.product_name(item), left.start.day());
        Line {
            amount,
            description: format!("{words} time on {times}{name} after {day}"),
            proration: Some(mint.id()),
            ..self.line(item, left, mint)
        }
    }

    /// Makes an empty line of an item.
    fn line(&self, item: &Item, period: Period, mint: &mut Mint) -> Line {
        debug_assert!(self.prices.contains_key(&item.price), "an item's price is never deleted");
        Line {
            id: mint.id(),
            amount: 0,
            description: String::new(),
            period,
            price: item.price.clone(),
            quantity: item.quantity,
            item: item.id.clone(),
            proration: None,
        }
    }

    fn product_name(&self, item: &Item) -> &str {
        let price = self.prices.get(&item.price);
        let product = price.and_then(|price| self.products.get(&price.product));
        product.map_or("", |product| &product.name)
    }

    /// Returns what an item is and costs: `Pro Plus (at $15.00 / month)`.
    fn offer_words(&self, item: &Item) -> String {
        let name = self.product_name(item);
        let Some(price) = self.prices.get(&item.price) else { return name.to_owned() };
        let offer = &price.offer;
        let amount = money(offer.unit_amount, &offer.currency);
        let every = offer.cadence.map(|cadence| match (cadence.count, cadence.interval.word()) {
            (1, word) => format!(" / {word}"),
            (count, word) => format!(" every {count} {word}s"),
        });
        format!("{name} (at {amount}{})", every.unwrap_or_default())
    }
}

/// Returns the sum of lines.
pub(super) fn total(lines: &[Line]) -> i64 {
    lines.iter().fold(0, |sum, line| sum.saturating_add(line.amount))
}

/// Writes an amount of cents for people.
fn money(cents: i64, currency: &str) -> String {
    let amount = format!("{}.{:02}", cents / 100, cents % 100);
    match currency {
        "usd" => format!("${amount}"),
        "eur" => format!("€{amount}"),
        "gbp" => format!("£{amount}"),
        other => format!("{amount} {}", other.to_uppercase()),
    }
}
