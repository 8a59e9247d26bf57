//! Pages of lists.

use crate::kit::{Client, id, ids};

#[tokio::test]
async fn a_list_is_newest_first_and_says_where_it_is_from() {
    let client = Client::new();
    let mut made = client.make_customers(12).await;
    made.reverse();
    let page = client.get("/v1/customers").await.ok();
    assert_eq!(ids(&page), made[..10]);
    assert_eq!((&page["object"], &page["url"]), (&"list".into(), &"/v1/customers".into()));
    assert_eq!(page["has_more"], true);
}

#[tokio::test]
async fn paging_shows_each_object_once() {
    let client = Client::new();
    let mut made = client.make_customers(7).await;
    made.reverse();
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("/v1/customers?limit=3{after}")).await.ok();
        seen.extend(ids(&page));
        if page["has_more"] == false {
            break;
        }
        after = format!("&starting_after={}", seen.last().unwrap());
    }
    assert_eq!(seen, made);
}

#[tokio::test]
async fn a_page_before_an_object_is_the_nearest_one() {
    let client = Client::new();
    let made = client.make_customers(5).await;
    let path = format!("/v1/customers?limit=2&ending_before={}", made[1]);
    let page = client.get(&path).await.ok();
    assert_eq!(ids(&page), [made[3].clone(), made[2].clone()]);
    assert_eq!(page["has_more"], true);
}

#[tokio::test]
async fn a_limit_is_one_to_a_hundred() {
    let client = Client::new();
    client.make_customers(1).await;
    for limit in ["1", "100"] {
        client.get(&format!("/v1/customers?limit={limit}")).await.ok();
    }
    for limit in ["0", "101", "-1", "many"] {
        let error = client.get(&format!("/v1/customers?limit={limit}")).await.error(400);
        assert_eq!(error["param"], "limit", "{limit}");
    }
}

#[tokio::test]
async fn a_page_after_something_unknown_is_refused() {
    let client = Client::new();
    let error = client.get("/v1/customers?starting_after=cus_none").await.error(400);
    assert_eq!(error["message"], "No such customer: 'cus_none'");
    assert_eq!(error["param"], "starting_after");
    let one = client.make_customers(1).await.remove(0);
    let both = format!("/v1/customers?starting_after={one}&ending_before={one}");
    client.get(&both).await.error(400);
}

#[tokio::test]
async fn paging_goes_on_while_the_list_is_emptied() {
    let client = Client::new();
    let made = client.subscribe().await;
    let form = format!("customer={}&items[0][price]={}", made.customer, made.price);
    client.make("/v1/subscriptions", &form).await;
    let path = format!("/v1/subscriptions?customer={}&limit=1", made.customer);
    let page = client.get(&path).await.ok();
    let first = id(&page["data"][0]);
    client.delete(&format!("/v1/subscriptions/{first}")).await.ok();
    let page = client.get(&format!("{path}&starting_after={first}")).await.ok();
    assert_eq!(ids(&page), [made.subscription]);
}

#[tokio::test]
async fn customers_on_a_clock_are_listed_by_their_clock() {
    let client = Client::new();
    let made = client.subscribe().await;
    assert_eq!(ids(&client.get("/v1/customers").await.ok()), Vec::<String>::new());
    let page = client.get(&format!("/v1/customers?test_clock={}", made.clock)).await.ok();
    assert_eq!(ids(&page), std::slice::from_ref(&made.customer));
    let page = client.get(&format!("/v1/subscriptions?test_clock={}", made.clock)).await.ok();
    assert_eq!(ids(&page), [made.subscription]);
    let path = format!("/v1/customers/{}/payment_methods", made.customer);
    let page = client.get(&path).await.ok();
    assert_eq!((ids(&page).len(), &page["url"]), (1, &path.as_str().into()));
}

#[tokio::test]
async fn the_addresses_inside_answers_lead_somewhere() {
    let client = Client::new();
    let made = client.subscribe().await;
    let path = format!("/v1/customers/{}?expand[]=subscriptions", made.customer);
    let customer = client.get(&path).await.ok();
    let url = customer["subscriptions"]["url"].as_str().unwrap();
    assert_eq!(ids(&client.get(url).await.ok()), [made.subscription]);
    let invoices = client.get(&format!("/v1/invoices?customer={}", made.customer)).await.ok();
    let lines = &invoices["data"][0]["lines"];
    let page = client.get(lines["url"].as_str().unwrap()).await.ok();
    assert_eq!((&page["data"], &page["object"]), (&lines["data"], &"list".into()));
}
