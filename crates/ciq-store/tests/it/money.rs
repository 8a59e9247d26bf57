//! M-1: money is exact, and an order counts once.

use ciq_event::CustomerId;
use serde_json::json;

use crate::shelf::{Shelf, envelope, purchase};

fn lifetime_value(shelf: &Shelf, id: &CustomerId) -> String {
    let customer = shelf.reader().customer(id).unwrap().unwrap();
    serde_json::to_string(&customer.lifetime_values).unwrap()
}

#[test]
fn cents_add_up_exactly() {
    let mut shelf = Shelf::new();
    let mut id = CustomerId::from_raw("");
    for order in 0..30 {
        id = shelf.one(purchase(order + 1, &format!("ord_{order}"), "0.10", "cent@example.com"));
    }
    assert_eq!(lifetime_value(&shelf, &id), r#"{"USD":3.00}"#);
}

#[test]
fn an_order_told_twice_counts_once_by_its_earliest_telling() {
    let mut shelf = Shelf::new();
    let id = shelf.one(purchase(50, "ord_1", "30.00", "one@example.com"));
    shelf.one(purchase(60, "ord_1", "31.00", "one@example.com"));
    assert_eq!(lifetime_value(&shelf, &id), r#"{"USD":30.00}"#);
    shelf.one(purchase(40, "ord_1", "29.00", "one@example.com"));
    assert_eq!(lifetime_value(&shelf, &id), r#"{"USD":29.00}"#);
    let customer = shelf.reader().customer(&id).unwrap().unwrap();
    assert_eq!(customer.summary.total_orders, 1);
    assert_eq!(customer.summary.event_count, 3);
    shelf.check();
}

#[test]
fn an_order_belongs_to_whoever_placed_it_first() {
    let mut shelf = Shelf::new();
    let late = shelf.one(purchase(50, "ord_1", "30.00", "late@example.com"));
    let early = shelf.one(purchase(40, "ord_1", "30.00", "early@example.com"));
    assert_eq!(lifetime_value(&shelf, &late), "{}");
    assert_eq!(lifetime_value(&shelf, &early), r#"{"USD":30.00}"#);
    shelf.check();
}

#[test]
fn currencies_are_never_added_up() {
    let mut shelf = Shelf::new();
    let order = |second: i64, total: &str, currency: &str| {
        let data = json!({"purchase_id": format!("ord_{second}"), "product_name": "Lamp",
            "total": total, "currency": currency, "email": "far@example.com"});
        envelope("purchase", second, None, data)
    };
    shelf.one(order(1, "1200", "JPY"));
    shelf.one(order(2, "1.234", "KWD"));
    let id = shelf.one(order(3, "0.07", "USD"));
    assert_eq!(lifetime_value(&shelf, &id), r#"{"JPY":1200,"KWD":1.234,"USD":0.07}"#);
    let shown = shelf.reader().customer(&id).unwrap().unwrap().summary;
    assert_eq!((shown.lifetime_value.0.minor, shown.currency.as_str()), (7, "USD"));
    assert_eq!(shelf.dump(), shelf.rebuilt_dump());
}
