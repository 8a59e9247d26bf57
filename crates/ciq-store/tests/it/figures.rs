//! Figures of everyone, the file about itself, dead letters by reason, and what is to be sent.

use ciq_event::{Currency, Message, Money};
use ciq_identity::CustomerKey;
use ciq_store::{
    Cohorts, DeadLetterFilter, ExecutionFilter, FeedPosition, Figures, HealthRow, InsightRow,
    MonitorChanges, NewDelivery, NewExecution, PageRequest, PassChanges, SCHEMA_VERSION,
};
use jiff::civil::date;
use serde_json::json;

use crate::shelf::{Shelf, at, envelope, message, purchase};

/// Days into the story, which begins on 2024-12-12, in seconds.
const DAY: i64 = 86_400;

/// The 20th of February, 2025.
const NOW: i64 = 70 * DAY;

fn figures(shelf: &Shelf) -> Figures {
    shelf.reader().figures(at(NOW)).unwrap()
}

/// The same, received when it can be known.
fn late(message: Message) -> Message {
    Message { received_at: at(1_000 * DAY), ..message }
}

/// An order of somebody, so many days into the story.
fn order(day: i64, who: &str, number: u32) -> Message {
    late(purchase(day * DAY, &format!("{who}-{number}"), "10.00", &format!("{who}@example.com")))
}

/// The months of December, January and February.
#[track_caller]
fn check_cohorts(cohorts: &Cohorts, expected: [(i64, &[i64]); 3], earlier_count: i64) {
    assert_eq!(cohorts.rows.len(), 12);
    assert_eq!(cohorts.rows[9].month, date(2024, 12, 1));
    let last: Vec<_> =
        cohorts.rows[9..].iter().map(|row| (row.customer_count, &row.returned[..])).collect();
    assert_eq!(last, expected);
    assert!(cohorts.rows[..9].iter().all(|row| row.customer_count == 0));
    assert_eq!(cohorts.earlier_count, earlier_count);
}

#[test]
fn cohorts_are_of_the_first_month_and_count_who_came_back() {
    let mut shelf = Shelf::new();
    shelf.take(&[
        order(0, "ann", 1),
        order(30, "ann", 2),
        order(60, "ann", 3),
        order(1, "bob", 1),
        order(60, "bob", 2),
        // The same order told once more in another month is none of its own.
        purchase(31 * DAY, "bob-1", "10.00", "bob@example.com"),
        order(30, "cid", 1),
        order(-400, "dan", 1),
        order(60, "dan", 2),
        envelope("login", 0, None, json!({"email": "eve@example.com"})),
        envelope("login", 31 * DAY, None, json!({"email": "cid@example.com"})),
    ]);
    let seen = figures(&shelf);
    check_cohorts(&seen.order_cohorts, [(2, &[2, 1, 2]), (1, &[1, 0]), (0, &[0])], 1);
    // As events, the second telling did happen in January, and there is Eve.
    check_cohorts(&seen.event_cohorts, [(3, &[3, 2, 2]), (1, &[1, 0]), (0, &[0])], 1);
    assert_eq!(seen.event_count, 11);
}

#[test]
fn a_merged_customer_came_once() {
    let mut shelf = Shelf::new();
    let ann = shelf.one(order(0, "ann", 1));
    let anna = shelf.one(order(30, "anna", 1));
    let january = [(1, &[1, 0, 0][..]), (1, &[1, 0][..]), (0, &[0][..])];
    shelf.take(&[late(envelope("login", 60 * DAY, None, json!({"email": "x@example.com"})))]);
    check_cohorts(&figures(&shelf).order_cohorts, january, 0);
    let merge = shelf.merge(&[&ann, &anna]);
    let merged = [(1, &[1, 1, 0][..]), (0, &[0, 0][..]), (0, &[0][..])];
    check_cohorts(&figures(&shelf).order_cohorts, merged, 0);
    shelf.undo(merge);
    check_cohorts(&figures(&shelf).order_cohorts, january, 0);
}

#[test]
fn the_months_end_with_the_last_event_and_not_in_the_future() {
    let mut shelf = Shelf::new();
    shelf.take(&[order(0, "ann", 1)]);
    let last = |shelf: &Shelf| figures(shelf).order_cohorts.rows[11].month;
    assert_eq!(last(&shelf), date(2024, 12, 1));
    shelf.take(&[order(500, "ann", 2)]);
    assert_eq!(last(&shelf), date(2025, 2, 1));
}

#[test]
fn buyers_stand_in_fifths_by_recency_and_by_frequency_or_spend() {
    let mut shelf = Shelf::new();
    // Buyer n ordered last n days before now, and 1 + n / 5 times; each order costs 10.00.
    let orders = (0..25).flat_map(|n: u32| {
        let last_day = 70 - i64::from(n);
        (0..=n / 5).map(move |k| order(last_day - i64::from(k), &format!("b{n}"), k))
    });
    shelf.take(&orders.collect::<Vec<_>>());
    assert_eq!(figures(&Shelf::new()).rfm, None);
    let grids = figures(&shelf).rfm.unwrap();
    assert_eq!(grids.by_frequency.recency_borders, [4, 9, 14, 19]);
    assert_eq!(grids.by_frequency.other_borders, [1, 2, 3, 4]);
    // Those who ordered last ordered least: the best of recency are the worst of frequency.
    for (recency, row) in grids.by_frequency.counts.iter().enumerate() {
        for (frequency, count) in row.iter().enumerate() {
            assert_eq!(*count, if recency + frequency == 4 { 5 } else { 0 });
        }
    }
    let spend = grids.by_spend.unwrap();
    assert_eq!((grids.currency.as_str(), spend.other_borders), ("USD", [1000, 2000, 3000, 4000]));
    assert_eq!(spend.counts, grids.by_frequency.counts);
    // One who pays in another currency has a place by frequency, and none by spend.
    let yen = json!({"purchase_id": "y", "product_name": "Lamp", "total": "900", "currency": "JPY",
        "email": "yui@example.com"});
    shelf.take(&[late(envelope("purchase", 70 * DAY, None, yen))]);
    let grids = figures(&shelf).rfm.unwrap();
    assert_eq!(grids.by_frequency.customer_count, 26);
    assert_eq!(grids.by_spend.unwrap().customer_count, 25);
}

fn insight(customer: CustomerKey, segment: &str, stage: &str, value: (i64, &str)) -> InsightRow {
    InsightRow {
        customer,
        as_of: at(NOW - customer.0),
        features: "{}".to_owned(),
        churn: if segment == "loyal" { 0.25 } else { 0.75 },
        lifetime_value: Money { minor: value.0, currency: Currency::parse(value.1).unwrap() },
        segment: segment.to_owned(),
        recommendations: "[]".to_owned(),
        model_version: "scorecard-1".to_owned(),
        stage: stage.to_owned(),
        journey_score: 50,
        next_best_action: String::new(),
        intents: "[]".to_owned(),
        wake_at: None,
    }
}

#[test]
fn segments_stages_and_health_are_counted() {
    let mut shelf = Shelf::new();
    let account = |id| envelope("api_usage", 10, Some(id), json!({"stage": "new", "api_calls": 1}));
    shelf.take(&[account("a"), account("b"), account("c")]);
    let keys = shelf.reader().roots_after(CustomerKey(0), 10).unwrap();
    let insights = vec![
        insight(keys[0], "loyal", "retention", (1_000, "USD")),
        insight(keys[1], "loyal", "retention", (500, "JPY")),
        insight(keys[2], "vip", "at_risk", (2_050, "USD")),
    ];
    shelf.writer.write_pass(&PassChanges { insights, ..PassChanges::default() }).unwrap();
    let scores = [(keys[0], 100, "healthy"), (keys[1], 90, "healthy"), (keys[2], 39, "at_risk")];
    let health = scores.map(|(customer, score, band)| HealthRow {
        customer,
        score,
        band: band.to_owned(),
        parts: "[]".to_owned(),
        as_of: at(NOW),
    });
    let changes = MonitorChanges { health: health.into(), ..MonitorChanges::default() };
    shelf.writer.write_monitor(&changes).unwrap();
    let seen = figures(&shelf);
    assert_eq!((seen.customer_count, seen.insights_as_of), (3, Some(at(NOW - keys[0].0))));
    assert_eq!(seen.segments.len(), 9, "all that a model may say, and one more");
    let loyal = seen.segments.iter().find(|segment| segment.name == "loyal").unwrap();
    assert_eq!((loyal.customer_count, loyal.mean_churn), (2, 0.25));
    let values: Vec<String> = loyal.lifetime_values.values().map(|it| it.0.to_string()).collect();
    assert_eq!(values, ["500", "10.00"]);
    let vip = seen.segments.last().unwrap();
    assert_eq!((vip.name.as_str(), vip.customer_count), ("vip", 1));
    let nobody = seen.segments.iter().find(|segment| segment.name == "lost").unwrap();
    assert_eq!((nobody.customer_count, nobody.mean_churn), (0, 0.0));
    let stages: Vec<_> = seen.stages.iter().filter(|(_, count)| *count > 0).collect();
    assert_eq!(stages, [&("retention".to_owned(), 2), &("at_risk".to_owned(), 1)]);
    let health: Vec<_> =
        seen.health.iter().map(|it| (it.score_from, it.band.as_str(), it.customer_count)).collect();
    assert_eq!(health, [(30, "at_risk", 1), (90, "healthy", 2)]);
}

#[test]
fn a_file_tells_what_it_is_like_and_who_follows() {
    let mut shelf = Shelf::new();
    let facts = shelf.reader().file_facts().unwrap();
    assert_eq!(facts.schema_version, SCHEMA_VERSION);
    assert!(facts.size_bytes > 8_192 && facts.engine.contains(' '), "{facts:?}");
    assert_eq!(shelf.reader().feed_cursors().unwrap(), []);
    shelf.take(&[order(0, "a", 1), order(1, "a", 2), order(2, "a", 3)]);
    let position = FeedPosition { event_seq: 1, ..FeedPosition::default() };
    shelf.writer.save_feed_cursor("nats", position).unwrap();
    let cursors = shelf.reader().feed_cursors().unwrap();
    assert_eq!((cursors[0].name.as_str(), cursors[0].events_behind), ("nats", 2));
}

#[test]
fn dead_letters_are_counted_by_reason_and_shown_with_what_came() {
    let mut shelf = Shelf::new();
    let long = format!("{{\"event_type\":\"note\",\"text\":\"{}\"}}", "é".repeat(300));
    shelf.take(&[
        message("envelope", "{}"),
        message("envelope", "<script>"),
        message("envelope", long),
        message("envelope", "<script>"),
    ]);
    let reader = shelf.reader();
    let groups = reader.dead_letter_groups().unwrap();
    let (letters, arrivals) = groups
        .iter()
        .fold((0, 0), |(n, m), group| (n + group.letter_count, m + group.arrival_count));
    assert_eq!((letters, arrivals), (3, 4), "{groups:?}");
    let page = PageRequest { cursor: None, limit: Some(2) };
    let all = DeadLetterFilter::default();
    let (first, next) = reader.dead_letter_excerpts(&all, &page).unwrap();
    assert!(first[0].is_cut && first[0].excerpt.ends_with('é'), "{:?}", first[0]);
    assert_eq!((first[1].excerpt.as_str(), first[1].is_cut), ("<script>", false));
    assert_eq!(first[1].letter.arrival_count, 2);
    let page = PageRequest { cursor: next, ..page };
    let (second, next) = reader.dead_letter_excerpts(&all, &page).unwrap();
    assert_eq!((second.len(), second[0].excerpt.as_str(), next), (1, "{}", None));
    let letter = &first[1].letter;
    let of_reason =
        DeadLetterFilter { field: Some(letter.field.clone()), reason: Some(letter.reason.clone()) };
    let ids = reader.dead_letter_ids(&of_reason, 10).unwrap();
    assert_eq!(ids, std::slice::from_ref(&letter.id));
    assert_eq!(
        reader.dead_letter_ids(&all, 2).unwrap(),
        [second[0].letter.id.clone(), first[1].letter.id.clone()]
    );
}

#[test]
fn what_is_to_be_sent_says_when_it_is_tried_next() {
    let mut shelf = Shelf::new();
    shelf.take(&[order(0, "a", 1)]);
    let customer = shelf.reader().roots_after(CustomerKey(0), 1).unwrap()[0];
    let execution = |id: u8| NewExecution {
        id: [id; 16],
        automation_id: format!("auto-{}", id % 2),
        automation_name: "Win back".to_owned(),
        trigger_type: "churn_risk".to_owned(),
        customer,
        occasion: id.to_string(),
        triggered_at: at(100 + i64::from(id)),
        due_at: at(160),
        evidence: "{}".to_owned(),
        deliveries: vec![NewDelivery {
            channel: "console".to_owned(),
            idempotency_key: format!("key-{id}"),
        }],
    };
    let executions = vec![execution(1), execution(2), execution(3)];
    shelf.writer.write_pass(&PassChanges { executions, ..PassChanges::default() }).unwrap();
    let reader = shelf.reader();
    let figures = reader.automation_figures().unwrap();
    assert_eq!(figures["auto-1"].executions["triggered"], 2);
    assert_eq!(figures["auto-1"].last_triggered_at, Some(at(103).to_string()));
    assert_eq!(figures["auto-0"].executions["triggered"], 1);
    assert_eq!(reader.delivery_counts().unwrap()["queued"], 3);
    let odd =
        ExecutionFilter { automation_id: Some("auto-1".to_owned()), ..ExecutionFilter::default() };
    let page = PageRequest { cursor: None, limit: Some(1) };
    let (first, next) = reader.deliveries(&odd, &page).unwrap();
    assert_eq!((first[0].id.as_str(), first[0].status.as_str()), ("key-3", "queued"));
    assert_eq!(first[0].next_try_at, Some(at(160).to_string()));
    let (second, next) = reader.deliveries(&odd, &PageRequest { cursor: next, ..page }).unwrap();
    assert_eq!((second[0].id.as_str(), next), ("key-1", None));
    let sent = ExecutionFilter { status: Some("sent".to_owned()), ..ExecutionFilter::default() };
    assert_eq!(reader.deliveries(&sent, &PageRequest::default()).unwrap().0, []);
}
