//! The list of customers: search, conditions, order, pages, brands.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::json;

use crate::house::{Answer, House};

async fn shop() -> House {
    let house = House::open();
    let sarah = json!({
        "customer_id": "cust_001", "name": "Sarah \"Sal\" O'Neil", "email": "sarah@example.org",
        "phone": "+1 415 555 2671",
    });
    house.tell("profile_update", sarah).await;
    let order = json!({
        "customer_id": "cust_001", "purchase_id": "o1", "product_name": "Lamp", "total": "1299.99",
    });
    house.tell("purchase", order).await;
    let note = json!({"customer_id": "cust_002", "name": "Bo", "note": "Loves 🎉 parties"});
    house.tell("note", note).await;
    house
}

/// Two accounts and one customer without, all of them looked at.
async fn accounts() -> House {
    let house = House::open();
    for (id, stage, tier, calls, rate) in
        [("good", "production_ready", "pro", 900, 0.0), ("poor", "first_api_call", "trial", 3, 0.6)]
    {
        let account = json!({
            "customer_id": id, "name": format!("The {id} one"), "stage": stage, "tier": tier,
            "api_calls": calls, "error_rate": rate, "usage_trend": "stable",
        });
        house.tell("account_updated", account).await;
    }
    house.tell("login", json!({"customer_id": "bare"})).await;
    let as_of = json!({"as_of": "2024-01-02T18:05:00Z"});
    house.api("/api/automations/evaluate", &as_of).await;
    house.api("/api/monitor/check", &as_of).await;
    house
}

/// Returns the ids of the customers on a page, in order.
fn listed(page: &str) -> Vec<String> {
    let rows = page.split("<th class=\"name\" scope=\"row\"><a href=\"/customers/").skip(1);
    rows.map(|row| row.split(['"', '?']).next().unwrap().to_owned()).collect()
}

/// Returns where a link of a page leads, by what follows its address.
fn link(page: &str, rest: &str) -> Option<String> {
    let before = page.split(rest).next().filter(|it| it.len() < page.len())?;
    Some(before.rsplit('"').next().unwrap().replace("&amp;", "&"))
}

#[tokio::test]
async fn the_list_shows_customers_with_contact_strength_orders_and_value() {
    let page = shop().await.page("/customers").await;
    for shown in [
        "href=\"/customers/cust_001\" data-open>Sarah &quot;Sal&quot; O'Neil</a>",
        "sarah@example.org",
        "+1 415 555 2671",
        " % known</span>",
        "1,299.99 USD<span class=\"sub\">1 order</span>",
        "<time datetime=\"2024-01-02T15:04:05Z\" title=\"2 Jan 2024, 15:04 UTC\">2 Jan 2024</time>",
        "2 customers",
    ] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
}

#[track_caller]
fn check_found(page: &str, name: &str, is_found: bool) {
    let main = page.split("<main").nth(1).unwrap();
    assert_eq!(main.contains(name), is_found, "{main}");
}

#[tokio::test]
async fn a_search_takes_what_people_type() {
    let house = shop().await;
    for typed in ["sarah", "%22Sal%22", "O'Neil", "sarah%40example.org", "415+555+2671", "cust_001"]
    {
        let page = house.page(&format!("/customers?q={typed}")).await;
        check_found(&page, "/customers/cust_001", true);
    }
    check_found(&house.page("/customers?q=%F0%9F%8E%89").await, "/customers/cust_002", true);
    for typed in ["zebra", "%22", "%22*", "(((", "NEAR(", "%00", "%FF"] {
        let page = house.page(&format!("/customers?q={typed}")).await;
        check_found(&page, "Nothing found", true);
    }
}

#[tokio::test]
async fn what_was_typed_stays_in_the_field_and_is_escaped() {
    let page = House::open().page("/customers?q=%3Cscript%3E%22").await;
    assert!(!page.contains("<script"), "{page}");
    // Nothing is there to search yet, so the page says how to begin.
    assert!(page.contains("cargo run -p customeriq -- import FILE"), "{page}");
    let page = shop().await.page("/customers?q=%3Cscript%3E%22").await;
    assert!(!page.contains("<script"), "{page}");
    assert!(page.contains("value=\"&lt;script&gt;&quot;\""), "{page}");
}

#[tokio::test]
async fn an_empty_brand_says_what_to_do_next() {
    let page = House::open().page("/customers?brand=acme").await;
    assert!(page.contains("cargo run -p customeriq -- import FILE"), "{page}");
    assert!(page.contains("-H 'x-brand-id: acme'"), "{page}");
}

/// Asks for the results alone, as the script does while somebody types.
async fn typed(house: &House, address: &str) -> Answer {
    let request = Request::get(address)
        .header(header::ACCEPT, "text/html")
        .header("hx-request", "true")
        .header("hx-request-type", "partial");
    house.ask(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn who_types_is_sent_the_results_alone_and_the_address_that_stands_for_them() {
    let house = shop().await;
    let answer = typed(&house, "/customers?q=sarah&segment=&sort=newest&brand=default").await;
    assert!(answer.page.starts_with("<div id=\"results\">"), "{}", answer.page);
    assert!(answer.page.contains("/customers/cust_001"), "{}", answer.page);
    assert_eq!(answer.headers["hx-push-url"], "/customers?brand=default&q=sarah");
    assert_eq!(answer.headers[header::VARY], "HX-Request, HX-Request-Type");
    let whole = house.get("/customers?q=sarah").await;
    assert!(whole.page.contains("<main") && whole.page.contains("<div id=\"results\">"));
    assert_eq!(whole.headers[header::VARY], "HX-Request, HX-Request-Type");
    assert!(!whole.headers.contains_key("hx-push-url"));
}

#[tokio::test]
async fn the_search_is_a_form_that_needs_no_script() {
    let page = accounts().await.page("/customers?tier=pro&sort=churn&brand=default").await;
    let form = page.split("<form class=\"filters\"").nth(1).unwrap();
    let form = form.split("</form>").next().unwrap();
    for shown in [
        "method=\"get\" action=\"/customers\"",
        "<input type=\"hidden\" name=\"brand\" value=\"default\">",
        "name=\"q\"",
        "<select name=\"segment\">",
        "<option value=\"pro\" selected>Pro</option>",
        "<option value=\"churn\" selected>",
        "<button type=\"submit\">",
    ] {
        assert!(form.contains(shown), "{shown} is not in {form}");
    }
}

#[tokio::test]
async fn conditions_narrow_the_list_and_can_be_removed_one_by_one() {
    let house = accounts().await;
    let all = house.page("/customers").await;
    assert_eq!(listed(&all), ["bare", "poor", "good"]);
    for (address, expect) in [
        ("/customers?tier=pro", vec!["good"]),
        ("/customers?stage=first_api_call", vec!["poor"]),
        ("/customers?tier=pro&stage=first_api_call", vec![]),
        ("/customers?sort=health", vec!["poor", "good"]),
        ("/customers?tier=trial&sort=health", vec!["poor"]),
        ("/customers?segment=prospect", vec!["bare", "poor", "good"]),
        ("/customers?segment=champion", vec![]),
        // What makes no sense is no condition.
        ("/customers?tier=gold&sort=size", vec!["bare", "poor", "good"]),
        ("/customers?tier=pro&q=one", vec!["good"]),
    ] {
        assert_eq!(listed(&house.page(address).await), expect, "{address}");
    }
    let page = house.page("/customers?tier=pro&segment=champion&sort=value").await;
    assert!(page.contains("Nobody is left"), "{page}");
    let less = link(&page, "\">Segment: Champion").unwrap();
    assert_eq!(less, "/customers?tier=pro&sort=value");
    assert_eq!(listed(&house.page(&less).await), ["good"]);
    assert_eq!(link(&page, "\">Remove all").unwrap(), "/customers?sort=value");
}

#[tokio::test]
async fn a_health_band_leaves_those_whose_account_goes_like_that() {
    let house = accounts().await;
    let mut shown = Vec::new();
    for band in ["healthy", "watch", "at_risk"] {
        shown.extend(listed(&house.page(&format!("/customers?health={band}")).await));
    }
    shown.sort();
    assert_eq!(shown, ["good", "poor"]);
    let page = house.page("/customers?tier=pro").await;
    assert!(page.contains("Production ready") && page.contains(" of 100</span>"), "{page}");
}

#[tokio::test]
async fn an_order_that_lists_nobody_says_why() {
    let house = shop().await;
    let page = house.page("/customers?sort=health").await;
    assert!(page.contains("Nobody has a health score"), "{page}");
    let page = house.page("/customers?sort=churn").await;
    assert!(page.contains("Nobody has been looked at yet"), "{page}");
}

#[tokio::test]
async fn pages_lead_to_every_customer_once_and_keep_what_was_asked() {
    let house = House::open();
    for number in 0..120 {
        let order = json!({
            "customer_id": format!("cust_{number:03}"), "purchase_id": format!("o{number}"),
            "product_name": "Pen", "total": number % 7, "tier": "pro",
        });
        house.tell("purchase", order).await;
        let account = json!({"customer_id": format!("cust_{number:03}"), "tier":
            if number % 2 == 0 { "pro" } else { "trial" }});
        house.tell("account_updated", account).await;
    }
    for (start, expect) in [
        ("/customers", 120),
        ("/customers?sort=value", 120),
        ("/customers?tier=pro&sort=value", 60),
    ] {
        let (mut seen, mut address) = (Vec::new(), Some(start.to_owned()));
        while let Some(at) = address {
            assert!(at.starts_with(start), "{at}");
            let page = house.page(&at).await;
            seen.extend(listed(&page));
            address = link(&page, "\" rel=\"next\"");
        }
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!((count, seen.len()), (expect, expect), "{start}");
    }
}

#[tokio::test]
async fn a_brand_sees_only_its_own_customers_and_its_links_keep_it() {
    let house = shop().await;
    let other = json!({"customer_id": "cust_001", "name": "Zed", "email": "zed@example.org"});
    house.tell_brand("acme", "profile_update", other).await;
    let page = house.page("/customers?brand=acme").await;
    assert!(page.contains("Zed") && !page.contains("Sarah"), "{page}");
    assert!(page.contains("href=\"/customers/cust_001?brand=acme\""), "{page}");
    assert!(page.contains("<input type=\"hidden\" name=\"brand\" value=\"acme\">"), "{page}");
    let page = house.page("/customers/cust_001?brand=acme").await;
    assert!(page.contains("zed@example.org") && !page.contains("sarah@"), "{page}");
    check_found(&house.page("/customers?brand=acme&q=sarah").await, "Nothing found", true);
    assert!(!house.page("/customers").await.contains("Zed"));
}
