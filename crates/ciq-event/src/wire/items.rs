//! The lines of an order, summed up as one purchase.

use crate::{Currency, LineItem, Money, Rejection};

use super::object::Object;

/// Names of the lines.
const LINES: [&str; 2] = ["items", "line_items"];

/// What the lines of an order come to.
#[derive(Debug, Default)]
pub(super) struct Items {
    /// The first product's name, and how many more there are.
    pub(super) product_name: Option<String>,
    /// The stock keeping unit, where there is one line.
    pub(super) product_sku: Option<String>,
    /// Pieces in all.
    pub(super) quantity: Option<i64>,
    /// The price of one, where there is one line.
    pub(super) price: Option<Money>,
    /// Price times quantity over all lines, where each has a price.
    pub(super) sum: Option<Money>,
    /// The lines that name a product.
    pub(super) lines: Vec<LineItem>,
}

/// Lines of one order that are kept; further ones count in its sums only.
const LINES_MAX: usize = 200;

struct Line {
    name: Option<String>,
    sku: Option<String>,
    category: Option<String>,
    quantity: Option<i64>,
    price: Option<Money>,
}

impl Items {
    /// Reads the lines of an order; an order without lines has nothing of all this.
    pub(super) fn read(order: &Object<'_>, currency: Currency) -> Result<Self, Rejection> {
        for key in LINES {
            let lines = order.objects(key)?.unwrap_or_default();
            let lines: Vec<Line> =
                lines.iter().map(|line| Line::read(line, currency)).collect::<Result<_, _>>()?;
            if !lines.is_empty() {
                let too_large = || order.rejection(key, "comes to more than 64 bits hold");
                return Self::sum_up(lines, currency).ok_or_else(too_large);
            }
        }
        Ok(Self::default())
    }

    /// Returns `None` where a sum overflows.
    fn sum_up(lines: Vec<Line>, currency: Currency) -> Option<Self> {
        let mut pieces = 0_i64;
        let mut minor = Some(0_i64);
        for line in &lines {
            let quantity = line.quantity.unwrap_or(1);
            pieces = pieces.checked_add(quantity)?;
            minor = match (minor, line.price) {
                (Some(sum), Some(price)) => {
                    Some(sum.checked_add(price.minor.checked_mul(quantity)?)?)
                }
                _ => None,
            };
        }
        let line_items = lines.iter().take(LINES_MAX).filter_map(Line::item).collect();
        let more = lines.len() - 1;
        let first = lines.into_iter().next()?;
        let is_single = more == 0;
        Some(Self {
            product_name: first
                .name
                .or_else(|| first.sku.clone())
                .map(|name| if is_single { name } else { format!("{name} and {more} more") }),
            product_sku: first.sku.filter(|_| is_single),
            quantity: Some(pieces),
            price: first.price.filter(|_| is_single),
            sum: minor.map(|minor| Money { minor, currency }),
            lines: line_items,
        })
    }
}

/// Names of a product's category.
const CATEGORY: &[&str] = &["category", "product_category", "product_type"];

/// Names of the product that an event is about.
const PRODUCT: &[&str] = &["product_name", "product_id", "product_sku", "sku"];

/// Reads the one product that an event is about, where it names one. `currency` is that of prices
/// that name none.
pub(super) fn read_product(
    data: &Object<'_>,
    currency: Currency,
) -> Result<Option<LineItem>, Rejection> {
    let Some(product_name) = data.first_text(PRODUCT)? else { return Ok(None) };
    let currency = data.currency(currency)?;
    Ok(Some(LineItem {
        product_name,
        category: data.first_text(CATEGORY)?,
        quantity: data.integer("quantity")?.unwrap_or(1),
        price: data.money("price", currency)?,
    }))
}

impl Line {
    fn item(&self) -> Option<LineItem> {
        let product_name = self.name.clone().or_else(|| self.sku.clone())?;
        let quantity = self.quantity.unwrap_or(1);
        Some(LineItem {
            product_name,
            category: self.category.clone(),
            quantity,
            price: self.price,
        })
    }

    fn read(line: &Object<'_>, currency: Currency) -> Result<Self, Rejection> {
        Ok(Self {
            name: line.first_text(&["product_name", "title", "name"])?,
            sku: line.first_text(&["sku", "product_sku", "product_id"])?,
            category: line.first_text(CATEGORY)?,
            quantity: line.integer("quantity")?,
            price: line.money("price", currency)?,
        })
    }
}
