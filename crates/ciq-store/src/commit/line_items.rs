//! The products that events are about.

use ciq_engine::EventRow;

use super::words::{CATEGORIES, PRODUCTS, Words};
use crate::sql;
use crate::sql::{Connection, params};

pub(super) fn write(
    connection: &Connection,
    events: &[EventRow],
    words: &mut Words<'_>,
) -> sql::Result<()> {
    let mut insert = connection.prepare_many(
        "INSERT INTO line_item (event_seq, line, product_key, category_key, quantity, price_minor,
            currency)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for event in events {
        for (line, item) in (0_i64..).zip(&event.line_items) {
            let product = PRODUCTS.key_of(connection, words.products, &item.product_name)?;
            let category = item.category.as_ref();
            let category = category
                .map(|name| CATEGORIES.key_of(connection, words.categories, name))
                .transpose()?;
            insert.push(params![
                event.seq,
                line,
                product,
                category,
                item.quantity,
                item.price.map(|price| price.minor),
                item.price.as_ref().map(|price| price.currency.as_str()),
            ])?;
        }
    }
    insert.finish()
}
