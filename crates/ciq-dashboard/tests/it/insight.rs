//! What the histories of all customers come to.

use ciq_event::Brand;
use ciq_store::StoredModel;
use serde_json::{Value, json};

use crate::house::House;

/// An order of a customer at a time.
fn order(customer: &str, at: &str, id: &str) -> Value {
    json!({
        "customer_id": customer, "event_type": "purchase", "timestamp": at,
        "source_service": "shop",
        "data": {"customer_id": customer, "purchase_id": id, "product_name": "Lamp",
            "total": "10.00"},
    })
}

async fn shop(orders: &[Value]) -> House {
    let house = House::open();
    let answer = house.api("/events", &json!(orders)).await;
    assert_eq!(answer["stored"], orders.len(), "{answer}");
    house
}

/// The texts of the cells in the row of a table that begins with `first`, itself left out.
#[track_caller]
fn cells(page: &str, first: &str) -> Vec<String> {
    let row = page.split("<tr>").find(|row| text_of(row.split("</th>").next().unwrap()) == first);
    let row = row.unwrap_or_else(|| panic!("no row {first}: {page}"));
    let cells = row.split("</tr>").next().unwrap().split("<td").skip(1);
    cells.map(|cell| text_of(&format!("<td{cell}"))).collect()
}

/// A text without its markup.
fn text_of(markup: &str) -> String {
    let pieces = markup.split('<').filter_map(|piece| piece.split_once('>').map(|(_, text)| text));
    pieces.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn without_events_the_page_says_how_to_begin() {
    for address in ["/insight", "/insight?brand=acme"] {
        let page = House::open().page(address).await;
        assert!(page.contains("Nothing to show yet"), "{page}");
        assert!(page.contains("customeriq -- import FILE"), "{page}");
    }
}

#[tokio::test]
async fn who_came_back_stands_in_a_triangle_by_month() {
    let house = shop(&[
        order("a", "2024-01-05T10:00:00Z", "a1"),
        order("a", "2024-02-05T10:00:00Z", "a2"),
        order("a", "2024-03-05T10:00:00Z", "a3"),
        order("b", "2024-01-31T23:59:59Z", "b1"),
        order("b", "2024-03-01T00:00:00Z", "b2"),
        order("c", "2024-02-01T00:00:00Z", "c1"),
        order("d", "2022-02-01T00:00:00Z", "d1"),
    ])
    .await;
    let page = house.page("/insight").await;
    assert!(page.contains("Month of the first order"), "{page}");
    let mut january = vec!["2", "50 % 1", "100 % 2"];
    january.resize(12, "");
    assert_eq!(cells(&page, "Jan 2024"), january);
    let mut february = vec!["1", "0 % 0"];
    february.resize(12, "");
    assert_eq!(cells(&page, "Feb 2024"), february);
    assert_eq!(cells(&page, "Apr 2023")[..2], ["0", "\u{2013}"]);
    assert!(page.contains("1 customer came before that."), "{page}");
    assert!(page.contains("<td class=\"h9\">100 %"), "{page}");
    // A visit is no order.
    let visit = json!({
        "customer_id": "c", "event_type": "login", "timestamp": "2024-03-09T10:00:00Z",
        "source_service": "shop", "data": {"customer_id": "c"},
    });
    house.api("/events", &json!([visit])).await;
    assert_eq!(cells(&house.page("/insight").await, "Feb 2024")[1], "0 % 0");
    let page = house.page("/insight?back=events").await;
    assert_eq!(cells(&page, "Feb 2024")[1], "100 % 1");
    assert!(page.contains("Month of the first event"), "{page}");
    assert!(page.contains("href=\"/insight?back=orders#cohorts\""), "{page}");
}

#[tokio::test]
async fn where_everyone_came_long_ago_the_page_says_so() {
    let house = shop(&[order("a", "2022-01-05T10:00:00Z", "a1")]).await;
    house.tell("note", json!({"customer_id": "a", "note": "Hello"})).await;
    let page = house.page("/insight").await;
    assert!(page.contains("Everyone came before the last twelve months: 1 customer."), "{page}");
}

#[tokio::test]
async fn buyers_stand_in_fifths() {
    // Buyer n of 25 ordered last n days before the 31st, and 1 + n / 5 times.
    let orders = (0..25_u32).flat_map(|n| {
        (0..=n / 5).map(move |k| {
            let at = format!("2024-01-{:02}T10:00:00Z", 31 - n);
            order(&format!("c{n}"), &at, &format!("{n}-{k}"))
        })
    });
    let house = shop(&orders.collect::<Vec<_>>()).await;
    let page = house.page("/insight").await;
    let grid = page.split("id=\"rfm\"").nth(1).unwrap();
    let (grid, _) = grid.split_once("</table>").unwrap();
    for shown in ["up to 1 order<", "up to 2 orders<", "up to 4 orders<", "over 4 orders<"] {
        assert!(grid.contains(shown), "{shown} is not in {grid}");
    }
    let rows: Vec<Vec<String>> = grid
        .split("<tr>")
        .skip(2)
        .map(|row| row.split("<td").skip(1).map(|cell| text_of(&format!("<td{cell}"))).collect())
        .collect();
    // Those who ordered last stand at the top, and ordered least.
    let expected = (0..5).map(|row| (0..5).map(move |column| if row == column { "5" } else { "" }));
    assert_eq!(rows, expected.map(Iterator::collect::<Vec<_>>).collect::<Vec<_>>());
    let page = house.page("/insight?beside=spend").await;
    assert!(page.contains("up to 10.00 USD") && page.contains("over 40.00 USD"), "{page}");
    let few = shop(&[order("a", "2024-01-05T10:00:00Z", "a1")]).await.page("/insight").await;
    assert!(few.contains("as soon as 25 customers have ordered"), "{few}");
}

#[tokio::test]
async fn segments_have_counts_shares_values_and_lead_to_their_customers() {
    let house =
        shop(&[order("a", "2024-01-05T10:00:00Z", "a1"), order("b", "2024-01-05T10:00:00Z", "b1")])
            .await;
    house.tell("profile_update", json!({"customer_id": "c", "name": "Cid"})).await;
    house.tell("profile_update", json!({"customer_id": "d", "name": "Dan"})).await;
    let page = house.page("/insight").await;
    assert!(page.contains("Nothing is computed yet."), "{page}");
    let as_of = json!({"as_of": "2024-01-06T10:00:00Z"});
    house.api("/api/automations/evaluate", &as_of).await;
    let page = house.page("/insight").await;
    let new = cells(&page, "New");
    assert_eq!(new[..2], ["2", "50 %"]);
    assert!(new[2].ends_with(" USD"), "{new:?}");
    assert_eq!(cells(&page, "Prospect")[..2], ["2", "50 %"]);
    assert_eq!(cells(&page, "Lost"), ["0", "0 %", "\u{2013}", "\u{2013}"]);
    assert!(page.contains("href=\"/customers?segment=at_risk\""), "{page}");
    assert!(page.contains("as of <time datetime=\"2024-01-06T10:00:00Z\">"), "{page}");
    assert!(page.contains("2 (50 %)"), "stages: {page}");
    assert!(page.contains("No account was checked yet."), "{page}");
}

#[tokio::test]
async fn without_a_model_the_page_says_how_to_train_one() {
    let house = shop(&[order("a", "2024-01-05T10:00:00Z", "a1")]).await;
    let page = house.page("/insight").await;
    assert!(page.contains("customeriq -- train"), "{page}");
    let report = json!({"report": {
        "customer_count": 1234, "churn_count": 56, "auc": 0.812, "brier": 0.101,
        "calibration": [{"mean_score": 0.1, "rate": 0.2, "count": 600},
            {"mean_score": 0.5, "rate": 0.4, "count": 634}],
    }});
    let model = StoredModel {
        version: "churn-<script>".to_owned(),
        trained_at: "2024-02-01T00:00:00Z".parse().unwrap(),
        parameters: "{}".to_owned(),
        report: report.to_string(),
    };
    let handle = house.brands().open(&Brand::default()).unwrap();
    handle.write(move |writer| writer.save_model(&model)).await.unwrap();
    let page = house.page("/insight").await;
    for shown in [
        "churn-&lt;script&gt;",
        "1,234 customers",
        "<dd>0.81 (",
        "600 customers: 10 % predicted, 20 % left",
        "<td class=\"number\">50.0 %</td><td class=\"number\">40.0 %</td>",
        "<details>",
    ] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
    assert!(!page.contains("customeriq -- train") && !page.contains("-<script"), "{page}");
}

#[tokio::test]
async fn a_brand_sees_only_its_own_figures() {
    let house = shop(&[order("a", "2024-01-05T10:00:00Z", "a1")]).await;
    house.tell_brand("acme", "note", json!({"customer_id": "z", "note": "Hello"})).await;
    let page = house.page("/insight?brand=acme").await;
    assert!(page.contains("1 event, computed"), "{page}");
    assert!(
        page.contains("href=\"/customers?brand=acme&amp;segment=new\"")
            || page.contains("Nothing is computed yet.")
    );
    assert!(page.contains("Month of the first event"), "nobody ordered there: {page}");
    let page = house.page("/insight").await;
    assert!(page.contains("Month of the first order"), "{page}");
}
