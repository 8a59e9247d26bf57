//! What a subscription of Stripe's comes to in a month.
//!
//! The sum over its items of price times quantity, each brought to a month: a year is 12 months, a
//! week 12/52 and a day 12/365 of one. It is exact until the end, and rounded once, half away from
//! nothing, to the currency's smallest unit. What is metered brings nothing until it is used, and
//! counts as nothing; discounts and taxes are left out. A price in tiers has no price of one: then
//! what it comes to is not told.

use crate::{Currency, Money, Rejection};

use super::fraction::Fraction;
use super::{id_at, is_object, word};
use crate::wire::object::Object;

/// What a subscription is called, covers and costs.
#[derive(Debug, Default)]
pub(super) struct Terms {
    /// The name of its first item's price.
    pub(super) plan: Option<String>,
    /// How many pieces of all items, but not of what is metered.
    pub(super) screens: Option<i64>,
    /// What it comes to in a month.
    pub(super) mrr: Option<Money>,
}

/// An item of a subscription.
#[derive(Debug, Clone)]
struct Item {
    id: Option<String>,
    plan: Option<String>,
    quantity: i64,
    price: Option<Price>,
}

/// What one piece costs.
#[derive(Debug, Clone, Copy)]
enum Price {
    /// What was used: nothing is known ahead.
    Metered,
    /// So many of Stripe's smallest units in a month, for so many pieces at once.
    Monthly(Fraction, Currency, Package),
    /// It depends, such as a price in tiers.
    Unknown,
}

/// Pieces that are sold together.
#[derive(Debug, Clone, Copy)]
struct Package {
    size: i64,
    is_rounded_up: bool,
}

/// Returns the terms of a subscription.
pub(super) fn terms_of(subscription: &Object<'_>) -> Result<Terms, Rejection> {
    let items = items_of(subscription)?;
    let is_licensed = |item: &&Item| !matches!(item.price, Some(Price::Metered));
    let pieces = items.iter().filter(is_licensed).map(|item| item.quantity);
    let screens = pieces.clone().try_fold(0_i64, i64::checked_add);
    Ok(Terms {
        plan: items.iter().find_map(|item| item.plan.clone()),
        screens: screens.filter(|_| pieces.count() > 0),
        mrr: mrr_of(&items, currency_of(subscription)?),
    })
}

/// Names an event that tells of a change, by what it does to the revenue of a month.
pub(super) fn change_type(
    subscription: &Object<'_>,
    data: &Object<'_>,
) -> Result<&'static str, Rejection> {
    const UPDATED: &str = "subscription_updated";
    let Some(previous) = data.object("previous_attributes")? else { return Ok(UPDATED) };
    let items = items_of(subscription)?;
    let before = items_before(&previous, &items)?;
    let currency = currency_of(subscription)?;
    let currency_before = currency_of(&previous)?.or(currency);
    Ok(match (mrr_of(&before, currency_before), mrr_of(&items, currency)) {
        (Some(before), Some(now)) if before.currency != now.currency => UPDATED,
        (Some(before), Some(now)) if before.minor < now.minor => "subscription_upgraded",
        (Some(before), Some(now)) if before.minor > now.minor => "subscription_downgraded",
        _ => UPDATED,
    })
}

/// Returns an amount of Stripe's smallest units at a field, in the object's currency.
pub(super) fn amount_at(object: &Object<'_>, key: &str) -> Result<Option<Money>, Rejection> {
    let (Some(minor), Some(currency)) = (object.integer(key)?, currency_of(object)?) else {
        return Ok(None);
    };
    let exact = Fraction::new(minor.into(), 1);
    let money = exact.and_then(|exact| money(exact, currency));
    money.map(Some).ok_or_else(|| object.rejection(key, "too large an amount"))
}

fn currency_of(object: &Object<'_>) -> Result<Option<Currency>, Rejection> {
    let Some(text) = object.text("currency")? else { return Ok(None) };
    let parsed = Currency::parse(&text);
    parsed.map(Some).map_err(|_| object.rejection("currency", "must be three letters, such as usd"))
}

/// Reads the items of a subscription. Before there were items, a subscription was one itself.
fn items_of(subscription: &Object<'_>) -> Result<Vec<Item>, Rejection> {
    let items = match subscription.object("items")? {
        Some(list) => list.objects("data")?.unwrap_or_default(),
        None => Vec::new(),
    };
    if items.is_empty() {
        let is_item = subscription.has("plan") || subscription.has("quantity");
        return if is_item { Ok(vec![item_of(subscription)?]) } else { Ok(Vec::new()) };
    }
    items.iter().map(item_of).collect()
}

/// Reads the items as they were before a change: what Stripe does not repeat is as it is now.
fn items_before(previous: &Object<'_>, now: &[Item]) -> Result<Vec<Item>, Rejection> {
    let told = match previous.object("items")? {
        Some(list) => list.objects("data")?.unwrap_or_default(),
        None => Vec::new(),
    };
    if told.is_empty() {
        let mut items = now.to_vec();
        let is_item = previous.has("plan") || previous.has("quantity");
        if let ([only], true) = (items.as_mut_slice(), is_item) {
            *only = completed(previous, Some(only))?;
        }
        return Ok(items);
    }
    let mut items = Vec::new();
    for (place, item) in told.iter().enumerate() {
        let id = word(item, "id")?;
        let same = now.iter().find(|it| id.is_some() && it.id == id).or_else(|| now.get(place));
        items.push(completed(item, same)?);
    }
    Ok(items)
}

fn completed(told: &Object<'_>, now: Option<&Item>) -> Result<Item, Rejection> {
    let mut item = item_of(told)?;
    if let Some(now) = now {
        item.price = item.price.or(now.price);
        if !told.has("quantity") {
            item.quantity = now.quantity;
        }
    }
    Ok(item)
}

fn item_of(item: &Object<'_>) -> Result<Item, Rejection> {
    // A price was called a plan before.
    let key = if is_object(item, "price") { "price" } else { "plan" };
    let price = if is_object(item, key) { item.object(key)? } else { None };
    let plan = match &price {
        Some(price) => name_of(price)?,
        None => None,
    };
    Ok(Item {
        id: word(item, "id")?,
        plan,
        quantity: item.integer("quantity")?.unwrap_or(1),
        price: price.as_ref().map(price_of).transpose()?,
    })
}

fn name_of(price: &Object<'_>) -> Result<Option<String>, Rejection> {
    if let Some(name) = price.first_text(&["nickname", "lookup_key"])? {
        return Ok(Some(name));
    }
    Ok(id_at(price, "product")?.or(word(price, "id")?))
}

fn price_of(price: &Object<'_>) -> Result<Price, Rejection> {
    // What a plan says itself, a price says of its recurrence.
    let recurring = price.object("recurring")?;
    let terms = recurring.as_ref().unwrap_or(price);
    if word(terms, "usage_type")?.is_some_and(|kind| kind == "metered") {
        return Ok(Price::Metered);
    }
    let count = terms.integer("interval_count")?.unwrap_or(1);
    let each = price
        .first_text(&["unit_amount_decimal", "unit_amount", "amount_decimal", "amount"])?
        .and_then(|text| Fraction::parse(&text));
    let months = word(terms, "interval")?.and_then(|interval| share_of_month(&interval, count));
    let (Some(each), Some(months), Some(currency)) = (each, months, currency_of(price)?) else {
        return Ok(Price::Unknown);
    };
    let Some(monthly) = each.times(months) else { return Ok(Price::Unknown) };
    Ok(Price::Monthly(monthly, currency, package_of(price)?))
}

/// Returns what share of a price falls on a month that is due every so many intervals.
fn share_of_month(interval: &str, count: i64) -> Option<Fraction> {
    let (numerator, denominator) = match interval {
        "day" => (365, 12),
        "week" => (52, 12),
        "month" => (1, 1),
        "year" => (1, 12),
        _ => return None,
    };
    Fraction::new(numerator, i128::from(count) * denominator)
}

fn package_of(price: &Object<'_>) -> Result<Package, Rejection> {
    let single = Package { size: 1, is_rounded_up: false };
    let Some(package) = price.object("transform_quantity")? else { return Ok(single) };
    let size = package.integer("divide_by")?.filter(|size| *size > 0).unwrap_or(1);
    let is_rounded_up = word(&package, "round")?.is_some_and(|way| way == "up");
    Ok(Package { size, is_rounded_up })
}

impl Package {
    fn count(self, quantity: i64) -> i128 {
        let (quantity, size) = (i128::from(quantity), i128::from(self.size));
        let rest = quantity.rem_euclid(size);
        quantity.div_euclid(size) + i128::from(self.is_rounded_up && rest > 0)
    }
}

/// Adds up items of one currency. `None` where one has no price of its own, or there is no currency.
fn mrr_of(items: &[Item], currency: Option<Currency>) -> Option<Money> {
    let mut sum = Fraction::ZERO;
    let mut of_prices = currency;
    for item in items {
        match item.price? {
            Price::Metered => {}
            Price::Unknown => return None,
            Price::Monthly(each, currency, package) => {
                if *of_prices.get_or_insert(currency) != currency {
                    return None;
                }
                let pieces = Fraction::new(package.count(item.quantity), 1)?;
                sum = sum.plus(each.times(pieces)?)?;
            }
        }
    }
    if items.is_empty() {
        return None;
    }
    money(sum, of_prices?)
}

/// Makes money of Stripe's smallest units, which are not everywhere those of ISO 4217:
/// <https://docs.stripe.com/currencies#zero-decimal>.
fn money(units: Fraction, currency: Currency) -> Option<Money> {
    let stripes = match currency.as_str() {
        "MGA" => 0,
        "ISK" | "UGX" => 2,
        _ => currency.digits(),
    };
    let (ours, stripes) = (10_i128.pow(currency.digits()), 10_i128.pow(stripes));
    let minor = units.times(Fraction::new(ours, stripes)?)?.rounded()?;
    Some(Money { minor, currency })
}
