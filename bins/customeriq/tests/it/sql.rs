//! The promised SQL, typed into the `sqlite3` shell against our file.

use crate::support::Place;

#[test]
fn the_sql_of_the_promise_prints_what_a_reader_expects() {
    let place = Place::with_story();
    let customers = place.sqlite3("SELECT * FROM customers;");
    assert!(customers.starts_with("cust_001|John Smith|john.smith@example.com|"), "{customers}");
    assert!(customers.contains("|active|1734134400|299.99|"), "{customers}");
    let timeline = place.sqlite3(
        "SELECT event_type, title, event_date FROM customer_events
        WHERE customer_id = 'cust_001'
        ORDER BY event_date DESC;",
    );
    let types: Vec<_> = timeline.lines().map(|line| line.split('|').next().unwrap()).collect();
    assert_eq!(types, ["repair", "support_ticket", "purchase"]);
    let purchases = place.sqlite3(
        "SELECT product_name, total, purchase_date FROM purchases
        WHERE customer_id = 'cust_001';",
    );
    assert_eq!(purchases, "Wireless Headphones Pro|299.99|1734134400\n");
}
