//! The list of customers: figures, search, order, pages, brands.

use serde_json::json;

use crate::house::House;

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

#[tokio::test]
async fn the_list_shows_customers_with_contact_strength_orders_and_value() {
    let page = shop().await.page("/").await;
    for shown in [
        "href=\"/customers/cust_001\">Sarah &quot;Sal&quot; O'Neil</a>",
        "sarah@example.org",
        "+1 415 555 2671",
        "1,299.99 USD",
        "<time datetime=\"2024-01-02T15:04:05Z\">2 Jan 2024, 15:04 UTC</time>",
        "<dt>Customers</dt><dd>2</dd>",
        "<dt>Orders</dt><dd>1</dd>",
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
        let page = house.page(&format!("/?q={typed}")).await;
        check_found(&page, "/customers/cust_001", true);
    }
    check_found(&house.page("/?q=%F0%9F%8E%89").await, "/customers/cust_002", true);
    for typed in ["zebra", "%22", "%22*", "(((", "NEAR(", "%00", "%FF"] {
        let page = house.page(&format!("/?q={typed}")).await;
        check_found(&page, "Nothing found", true);
    }
}

#[tokio::test]
async fn what_was_typed_stays_in_the_field_and_is_escaped() {
    let page = House::open().page("/?q=%3Cscript%3E%22").await;
    assert!(!page.contains("<script"), "{page}");
    // Nothing is there to search yet, so the page says how to begin.
    assert!(page.contains("cargo run -p customeriq -- import FILE"), "{page}");
    let page = shop().await.page("/?q=%3Cscript%3E%22").await;
    assert!(page.contains("value=\"&lt;script&gt;&quot;\""), "{page}");
}

#[tokio::test]
async fn an_empty_brand_says_what_to_do_next() {
    let page = House::open().page("/?brand=acme").await;
    assert!(page.contains("cargo run -p customeriq -- import FILE"), "{page}");
    assert!(page.contains("-H 'x-brand-id: acme'"), "{page}");
}

#[tokio::test]
async fn pages_lead_to_every_customer_once() {
    let house = House::open();
    for number in 0..60 {
        let order = json!({
            "customer_id": format!("cust_{number:03}"), "purchase_id": format!("o{number}"),
            "product_name": "Pen", "total": number % 7,
        });
        house.tell("purchase", order).await;
    }
    for start in ["/", "/?sort=value"] {
        let (mut seen, mut address) = (Vec::new(), Some(start.to_owned()));
        while let Some(at) = address {
            let page = house.page(&at).await;
            let rows = page.split("<th class=\"name\" scope=\"row\">").skip(1);
            seen.extend(rows.map(|row| row.split('"').nth(1).unwrap().to_owned()));
            let next = page.split("\" rel=\"next\"").next().filter(|it| it.len() < page.len());
            address = next.map(|it| it.rsplit('"').next().unwrap().replace("&amp;", "&"));
        }
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!((count, seen.len()), (60, 60), "{start}");
    }
}

#[tokio::test]
async fn a_brand_sees_only_its_own_customers_and_its_links_keep_it() {
    let house = shop().await;
    let other = json!({"customer_id": "cust_001", "name": "Zed", "email": "zed@example.org"});
    house.tell_brand("acme", "profile_update", other).await;
    let page = house.page("/?brand=acme").await;
    assert!(page.contains("Zed") && !page.contains("Sarah"), "{page}");
    assert!(page.contains("href=\"/customers/cust_001?brand=acme\""), "{page}");
    assert!(page.contains("<input type=\"hidden\" name=\"brand\" value=\"acme\">"), "{page}");
    let page = house.page("/customers/cust_001?brand=acme").await;
    assert!(page.contains("zed@example.org") && !page.contains("sarah@"), "{page}");
    check_found(&house.page("/?brand=acme&q=sarah").await, "Nothing found", true);
    assert!(!house.page("/").await.contains("Zed"));
}
