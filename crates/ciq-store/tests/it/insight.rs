//! Histories out, insights in, and who has to be looked at again.

use ciq_engine::Action;
use ciq_event::{CustomerId, Money};
use ciq_identity::CustomerKey;
use ciq_insight::{ActKind, History, Sentiment};
use ciq_store::{
    FeedPosition, InsightFilter, InsightRow, PageRequest, PassChanges, Products, Touched,
};
use serde_json::json;

use crate::shelf::{Shelf, at, envelope, message, purchase};

const EMAIL: &str = "ann@example.com";

fn cart_add(second: i64, product: &str) -> ciq_event::Message {
    envelope("cart_add", second, None, json!({"email": EMAIL, "product_name": product}))
}

/// The history of the one customer that there is.
fn only_history(shelf: &Shelf) -> (CustomerKey, History, Products) {
    let reader = shelf.reader();
    let products = reader.products(None).unwrap();
    let roots = reader.roots_after(CustomerKey(0), 10).unwrap();
    let mut histories = reader.histories(&roots, &products).unwrap();
    assert_eq!(histories.len(), 1);
    let (key, history) = histories.remove(0);
    (key, history, products)
}

fn row(customer: CustomerKey, second: i64, segment: &str, stage: &str, score: u8) -> InsightRow {
    let currency = ciq_event::Currency::USD;
    InsightRow {
        customer,
        as_of: at(second),
        features: r#"{"category_affinity":{"Shoes":1},"rfm_frequency":2}"#.to_owned(),
        churn: 0.25,
        lifetime_value: Money { minor: 45_050, currency },
        segment: segment.to_owned(),
        recommendations: r#"["Lamp"]"#.to_owned(),
        model_version: "scorecard-1".to_owned(),
        stage: stage.to_owned(),
        journey_score: score,
        next_best_action: "Say thanks".to_owned(),
        intents: r#"[{"product":"Lamp","category":null,"score":85,"status":"active",
            "first_at":5,"last_at":6}]"#
            .to_owned(),
        wake_at: Some(at(second + 100)),
    }
}

fn write(shelf: &mut Shelf, insights: Vec<InsightRow>, done: Option<Touched>) {
    let done = done.map(|touched| ("insight".to_owned(), touched));
    let changes = PassChanges { insights, executions: Vec::new(), done };
    shelf.writer.write_pass(&changes).unwrap();
}

#[test]
fn a_history_has_orders_and_acts_by_time_with_their_products() {
    let mut shelf = Shelf::new();
    let till = json!({"store_id": "s1", "transaction_id": "t1", "email": EMAIL, "total": "30.00",
        "check_in_at": at(50).to_string(), "items": [
            {"product_name": "Boots", "category": "Shoes", "price": "20.00"},
            {"product_name": "Socks", "category": "Clothes", "price": "5.00", "quantity": 2}]});
    shelf.take(&[
        message("pos", till.to_string()),
        cart_add(70, "boots"),
        purchase(10, "ord_1", "10.00", EMAIL),
        // The same order told once more is nothing that happened.
        purchase(90, "ord_1", "10.00", EMAIL),
        envelope("support_ticket", 60, None, json!({"email": EMAIL, "sentiment": "Negative"})),
    ]);
    let (_, history, products) = only_history(&shelf);
    let totals: Vec<_> = history.orders.iter().map(|order| order.total.minor).collect();
    assert_eq!(totals, [1_000, 3_000]);
    assert_eq!(history.first_event_at, Some(at(10)));
    assert!(history.is_first_event_order);
    let till = &history.orders[1];
    assert!(till.is_offline && !history.orders[0].is_offline);
    let names: Vec<_> = till
        .items
        .iter()
        .map(|item| (products.catalogue.products[&item.product].as_str(), item.quantity))
        .collect();
    assert_eq!(names, [("Boots", 1), ("Socks", 2)]);
    let kinds: Vec<_> = history.acts.iter().map(|act| act.kind).collect();
    let ticket = ActKind::Ticket(Sentiment::Negative);
    assert_eq!(kinds, [ActKind::StoreVisit, ticket, ActKind::CartAdd]);
    // Products of one name are one, whatever its case.
    assert_eq!(history.acts[2].item.unwrap().product, till.items[0].product);
}

#[test]
fn a_merge_puts_histories_together_and_an_undo_takes_them_apart() {
    let mut shelf = Shelf::new();
    let a = shelf.one(purchase(10, "ord_1", "10.00", EMAIL));
    let b = shelf.one(purchase(5, "ord_2", "20.00", "bob@example.com"));
    let merge = shelf.merge(&[&a, &b]);
    let (_, history, _) = only_history(&shelf);
    let totals: Vec<_> = history.orders.iter().map(|order| order.total.minor).collect();
    assert_eq!(totals, [2_000, 1_000]);
    shelf.undo(merge);
    assert_eq!(shelf.reader().roots_after(CustomerKey(0), 10).unwrap().len(), 2);
}

#[test]
fn whom_nothing_happened_to_is_not_touched() {
    let mut shelf = Shelf::new();
    let a = shelf.one(purchase(10, "ord_1", "10.00", EMAIL));
    let b = shelf.one(purchase(5, "ord_2", "20.00", "bob@example.com"));
    let all = shelf.reader().touched_since(FeedPosition::default(), 100).unwrap();
    assert_eq!(all.roots.len(), 2);
    let none = shelf.reader().touched_since(all.until, 100).unwrap();
    assert_eq!((none.roots.len(), none.until), (0, all.until));
    shelf.take(&[cart_add(20, "Lamp")]);
    let one = shelf.reader().touched_since(all.until, 100).unwrap();
    assert_eq!(one.roots, [all.roots[0]]);
    let merge = shelf.merge(&[&a, &b]);
    let merged = shelf.reader().touched_since(one.until, 100).unwrap();
    assert_eq!((merged.roots.len(), merged.origins.len()), (1, 2));
    shelf.undo(merge);
    let undone = shelf.reader().touched_since(merged.until, 100).unwrap();
    assert_eq!(undone.roots.len(), 2, "both parts are looked at again");
}

#[test]
fn insights_remember_what_was_before_and_are_seen_through_the_promised_tables() {
    let mut shelf = Shelf::new();
    let id = shelf.one(purchase(10, "ord_1", "10.00", EMAIL));
    let key = shelf.reader().roots_after(CustomerKey(0), 1).unwrap()[0];
    write(&mut shelf, vec![row(key, 100, "at_risk", "at_risk", 45)], None);
    write(&mut shelf, vec![row(key, 150, "at_risk", "at_risk", 44)], None);
    write(&mut shelf, vec![row(key, 200, "loyal", "retention", 72)], None);
    let seen = shelf.reader().insight(&id).unwrap().unwrap();
    assert_eq!(seen.prediction.segment, "loyal");
    assert_eq!(seen.prediction.previous_segment.as_deref(), Some("at_risk"));
    assert_eq!(seen.prediction.segment_since, Some(at(200).to_string()));
    assert_eq!((seen.journey.score, seen.journey.previous_score), (72, Some(44)));
    assert_eq!(seen.intents[0].score, 85);
    let one = |sql: &str| shelf.one_value(sql);
    assert_eq!(one("SELECT predicted_ltv || ' ' || segment FROM predictions"), "450.5 loyal");
    assert_eq!(
        shelf.sql("SELECT feature_name, feature_value FROM features ORDER BY 1"),
        [["category_affinity", r#"{"Shoes":1}"#], ["rfm_frequency", "2"]]
    );
    let intent = "SELECT product_name || ' ' || intent_score || ' ' || status FROM product_intent";
    assert_eq!(one(intent), "Lamp 85 active");
    let journey = "SELECT previous_stage || ' ' || current_stage FROM customer_journey";
    assert_eq!(one(journey), "at_risk retention");
    let page = PageRequest::default();
    let risky = InsightFilter { min_churn: Some(0.5), ..InsightFilter::default() };
    assert!(shelf.reader().insights(&risky, &page).unwrap().data.is_empty());
    let loyal = InsightFilter { segment: Some("loyal".to_owned()), ..InsightFilter::default() };
    assert_eq!(shelf.reader().insights(&loyal, &page).unwrap().data.len(), 1);
    assert_eq!(shelf.reader().woken(at(299), 9).unwrap(), []);
    assert_eq!(shelf.reader().woken(at(300), 9).unwrap(), [key]);
}

#[test]
fn what_was_computed_for_a_merged_customer_goes() {
    let mut shelf = Shelf::new();
    let a = shelf.one(purchase(10, "ord_1", "10.00", EMAIL));
    let b = shelf.one(purchase(5, "ord_2", "20.00", "bob@example.com"));
    let keys = shelf.reader().roots_after(CustomerKey(0), 2).unwrap();
    let touched = shelf.reader().touched_since(FeedPosition::default(), 100).unwrap();
    let rows = keys.iter().map(|key| row(*key, 50, "loyal", "purchase", 60)).collect();
    write(&mut shelf, rows, Some(touched.clone()));
    assert_eq!(shelf.reader().feed_cursor("insight").unwrap(), Some(touched.until));
    shelf.merge(&[&a, &b]);
    let after = shelf.reader().touched_since(touched.until, 100).unwrap();
    let rows = after.roots.iter().map(|key| row(*key, 60, "loyal", "purchase", 60)).collect();
    write(&mut shelf, rows, Some(after));
    let page = PageRequest::default();
    let all = shelf.reader().insights(&InsightFilter::default(), &page).unwrap();
    assert_eq!(all.data.len(), 1);
    let root = CustomerId::from_raw(all.data[0].customer_id.as_str());
    shelf.decide(Action::Erase { customer: root }).unwrap();
    let all = shelf.reader().insights(&InsightFilter::default(), &page).unwrap();
    assert!(all.data.is_empty());
}

#[test]
fn an_unresolved_record_makes_a_customer_of_its_own_for_ever() {
    let mut shelf = Shelf::new();
    let record = |form: &str, body: serde_json::Value| {
        let record = json!({"wire_form": form, "resolve": false, "body": body}).to_string();
        ciq_event::unwrap_record(record.as_bytes(), at(5_000_000)).unwrap()
    };
    let first = shelf.one(purchase(10, "ord_1", "10.00", EMAIL));
    let page = json!({"event_type": "page", "timestamp": at(20).as_second(),
        "data": {"email": EMAIL, "cookie_id": "c1"}});
    let second = shelf.one(record("envelope", page.clone()));
    assert_ne!(first, second);
    // A till's visit and purchase are one customer's.
    let till = json!({"store_id": "s1", "transaction_id": "t1", "email": EMAIL, "total": "30.00",
        "check_in_at": at(50).to_string()});
    shelf.one(record("pos", till));
    assert_eq!(shelf.reader().roots_after(CustomerKey(0), 10).unwrap().len(), 3);
    shelf.take(&[record("envelope", page)]);
    assert_eq!(shelf.reader().roots_after(CustomerKey(0), 10).unwrap().len(), 3, "told again");
    assert_eq!(shelf.rebuilt_dump(), shelf.dump());
    shelf.check();
}
