//! Searches.

use crate::kit::{Client, ids};

/// Encodes a query and searches.
async fn search(client: &Client, resource: &str, query: &str, rest: &str) -> Vec<String> {
    let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
    ids(&client.get(&format!("/v1/{resource}/search?query={query}{rest}")).await.ok())
}

fn ids_of(ids: &[&String]) -> Vec<String> {
    ids.iter().map(|id| (*id).clone()).collect()
}

#[tokio::test]
async fn customers_are_found_by_mail_and_metadata() {
    let client = Client::new();
    let ann = client.make("/v1/customers", "email=ann@example.com&metadata[run]=a").await;
    let bob = client.make("/v1/customers", "email=bob@example.com&metadata[run]=a").await;
    let find = |query: &'static str| search(&client, "customers", query, "");
    assert_eq!(find("email:\"ann@example.com\"").await, ids_of(&[&ann]));
    assert_eq!(find("metadata[\"run\"]:\"a\"").await, [bob.clone(), ann.clone()]);
    assert_eq!(find("metadata['run']:'a' AND -email~'bob'").await, [ann]);
    assert_eq!(find("metadata['run']:'b' OR email~'bob@'").await, [bob]);
}

#[tokio::test]
async fn customers_and_subscriptions_on_clocks_are_found() {
    let client = Client::new();
    let made = client.subscribe().await;
    let found = search(&client, "customers", "metadata['run']:'a'", "").await;
    assert_eq!(found, ids_of(&[&made.customer]));
    let found = search(&client, "subscriptions", "status:'active'", "").await;
    assert_eq!(found, ids_of(&[&made.subscription]));
    let found = search(&client, "prices", "lookup_key:'standard' active:'true'", "").await;
    assert_eq!(found, [made.price]);
    let found = search(&client, "products", "name~'stand'", "").await;
    assert_eq!(found, [made.product]);
    let query = format!("subscription:'{}' AND total>0", made.subscription);
    assert_eq!(search(&client, "invoices", &query, "").await.len(), 1);
}

#[tokio::test]
async fn a_search_is_paged_by_its_mark() {
    let client = Client::new();
    let mut made = client.make_customers(5).await;
    made.reverse();
    let first = client.get("/v1/customers/search?query=name~'c'&limit=3").await.ok();
    assert_eq!(first["object"], "search_result");
    assert_eq!((ids(&first), &first["has_more"]), (made[..3].to_vec(), &true.into()));
    let mark = first["next_page"].as_str().unwrap();
    let rest = search(&client, "customers", "name~'c'", &format!("&limit=3&page={mark}")).await;
    assert_eq!(rest, made[3..]);
}

#[tokio::test]
async fn a_query_that_cannot_be_read_is_refused() {
    let client = Client::new();
    let error = client.get("/v1/customers/search?query=ann").await.error(400);
    assert_eq!(error["param"], "query");
    let error = client.get("/v1/customers/search").await.error(400);
    assert_eq!(error["message"], "Missing required param: query.");
}
