//! Lists and their filters.

use super::*;

#[track_caller]
fn finds(account: &mut Account, operation: &Op, form: &str, expected: &[&str]) {
    let found = account.does(operation, form);
    let found: Vec<_> = found.as_array().unwrap().iter().map(id).collect();
    assert_eq!(found, expected, "{operation:?} {form}");
}

#[test]
fn what_lives_on_clocks_is_listed_by_its_clock() {
    let mut account = Account::new();
    let (clock, on_clock) = (account.clock.clone(), account.customer.clone());
    let real = id(&account.does(&Op::CreateCustomer, "email=bob@example.com"));
    finds(&mut account, &Op::ListCustomers, "", &[&real]);
    finds(&mut account, &Op::ListCustomers, &format!("test_clock={clock}"), &[&on_clock]);
    finds(&mut account, &Op::ListCustomers, "email=ada@example.com", &[]);
    finds(&mut account, &Op::ListCustomers, "email=bob@example.com", &[&real]);
    finds(&mut account, &Op::SearchCustomers, "", &[&real, &on_clock]);
    let refusal = account.refuses(&Op::ListCustomers, "test_clock=clock_x");
    assert_eq!(refusal.param(), Some("test_clock"));
}

#[test]
fn subscriptions_are_listed_by_clock_customer_price_and_status() {
    let mut account = Account::new();
    let (pro, standard) = (account.pro.clone(), account.standard.clone());
    let first = id(&account.subscribe(&pro, 1, ""));
    let second = id(&account.subscribe(&standard, 1, ""));
    account.does(&Op::CancelSubscription(first.clone()), "");
    let (clock, customer) = (account.clock.clone(), account.customer.clone());
    let list = Op::ListSubscriptions;
    let by_clock = format!("test_clock={clock}");
    finds(&mut account, &list, "", &[]);
    finds(&mut account, &list, &by_clock, &[&second]);
    finds(&mut account, &list, &format!("customer={customer}"), &[&second]);
    finds(&mut account, &list, &format!("{by_clock}&status=all"), &[&second, &first]);
    finds(&mut account, &list, &format!("{by_clock}&status=canceled"), &[&first]);
    finds(&mut account, &list, &format!("{by_clock}&status=ended"), &[&first]);
    finds(&mut account, &list, &format!("{by_clock}&status=active"), &[&second]);
    finds(&mut account, &list, &format!("{by_clock}&status=all&price={pro}"), &[&first]);
    let start = seconds(START);
    finds(&mut account, &list, &format!("{by_clock}&created[gte]={start}"), &[&second]);
    finds(&mut account, &list, &format!("{by_clock}&created[gt]={start}"), &[]);
    finds(&mut account, &Op::SearchSubscriptions, "", &[&second, &first]);
}

#[test]
fn invoices_are_listed_by_customer_subscription_and_status() {
    let mut account = Account::new();
    let subscription = account.subscribe(&account.pro.clone(), 1, "");
    account.advance("2026-02-01T00:30:00Z");
    let all: Vec<_> = account.invoices().iter().map(id).collect();
    let list = Op::ListInvoices;
    let by_customer = format!("customer={}", account.customer);
    finds(&mut account, &list, "", &[]);
    finds(&mut account, &list, &format!("subscription={}", id(&subscription)), &[&all[1], &all[0]]);
    finds(&mut account, &list, &format!("{by_customer}&status=draft"), &[&all[1]]);
    let start = seconds(START);
    finds(&mut account, &list, &format!("{by_customer}&created={start}"), &[&all[0]]);
    finds(&mut account, &Op::SearchInvoices, "", &[&all[1], &all[0]]);
}

#[test]
fn prices_and_products_are_listed_by_what_they_are() {
    let mut account = Account::new();
    let (free, standard, pro) =
        (account.free.clone(), account.standard.clone(), account.pro.clone());
    let once =
        id(&account.does(&Op::CreatePrice, "product_data[name]=A&currency=eur&unit_amount=1"));
    let list = Op::ListPrices;
    finds(&mut account, &list, "", &[&once, &pro, &standard, &free]);
    finds(&mut account, &list, "type=one_time", &[&once]);
    finds(&mut account, &list, "currency=usd&recurring[interval]=month", &[&pro, &standard, &free]);
    finds(&mut account, &list, "recurring[interval]=year", &[]);
    account.does(&Op::UpdatePrice(once.clone()), "active=false");
    finds(&mut account, &list, "active=false", &[&once]);
    let price = account.does(&Op::RetrievePrice(pro.clone()), "");
    let product = price["product"].as_str().unwrap();
    finds(&mut account, &list, &format!("product={product}"), &[&pro]);
    finds(&mut account, &Op::ListProducts, &format!("ids[]={product}"), &[product]);
}

#[test]
fn events_are_listed_by_kind() {
    let mut account = Account::new();
    account.subscribe(&account.pro.clone(), 1, "");
    let paid = account.does(&Op::ListEvents, "type=invoice.paid");
    let event = &paid.as_array().unwrap()[0];
    assert_eq!(event["data"]["object"]["status"], "paid");
    let same = account.does(&Op::RetrieveEvent(id(event)), "");
    assert_eq!(same, *event);
    let group = account.does(&Op::ListEvents, "type=invoice.*");
    assert_eq!(group.as_array().unwrap().len(), 4);
}

#[test]
fn newer_objects_rank_higher() {
    let mut account = Account::new();
    account.subscribe(&account.pro.clone(), 1, "");
    let events = account.does(&Op::ListEvents, "");
    let clocks = account.does(&Op::ListTestClocks, "");
    let prices = account.does(&Op::ListPrices, "");
    for list in [events, clocks, prices] {
        let ranks: Vec<_> = list
            .as_array()
            .unwrap()
            .iter()
            .map(|it| account.books.rank(&id(it)).unwrap())
            .collect();
        assert!(ranks.is_sorted_by(|one, other| one > other));
    }
}
