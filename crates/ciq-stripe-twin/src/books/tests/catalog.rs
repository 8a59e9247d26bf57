//! Products and prices.

use super::*;

#[test]
fn a_product_may_have_an_id_of_its_own_and_a_first_price() {
    let mut account = Account::new();
    let form = "id=sign&name=Sign&default_price_data[currency]=USD\
                &default_price_data[unit_amount]=500";
    let product = account.does(&Op::CreateProduct, form);
    assert_eq!(product["id"], "sign");
    let price =
        account.does(&Op::RetrievePrice(product["default_price"].as_str().unwrap().to_owned()), "");
    assert_eq!((&price["type"], &price["currency"]), (&"one_time".into(), &"usd".into()));
    let again = account.refuses(&Op::CreateProduct, "id=sign&name=Sign");
    assert_eq!(again.code(), Some("resource_already_exists"));
}

#[test]
fn a_product_is_changed_and_its_metadata_merged() {
    let mut account = Account::new();
    let product = account.does(&Op::CreateProduct, "name=Sign&metadata[a]=1&metadata[b]=2");
    let form = "name=Board&metadata[a]=&active=false&description=Big";
    let product = account.does(&Op::UpdateProduct(id(&product)), form);
    assert_eq!(product["name"], "Board");
    assert_eq!(product["metadata"], serde_json::json!({"b": "2"}));
    let found = account.does(&Op::ListProducts, "active=false");
    assert_eq!(found.as_array().unwrap().len(), 1);
}

#[test]
fn a_price_has_the_shape_of_its_offer() {
    let mut account = Account::new();
    let form = "product_data[name]=Sign&currency=eur&unit_amount_decimal=1250.0\
                &recurring[interval]=week&recurring[interval_count]=2&nickname=fortnight";
    let price = account.does(&Op::CreatePrice, form);
    assert_eq!(price["unit_amount"], 1_250);
    assert_eq!(price["recurring"]["interval_count"], 2);
    assert_eq!(price["type"], "recurring");
    assert_eq!(price["nickname"], "fortnight");
}

#[test]
fn what_a_price_cannot_be_is_refused() {
    let mut account = Account::new();
    let refusals = [
        ("product_data[name]=Sign&currency=usd", "unit_amount"),
        ("currency=usd&unit_amount=1", "product"),
        ("product=prod_x&currency=usd&unit_amount=1", "product"),
        ("product_data[name]=Sign&currency=usd&unit_amount=-1", "unit_amount"),
        ("product_data[name]=Sign&currency=usd&unit_amount_decimal=0.5", "unit_amount_decimal"),
        ("product_data[name]=S&currency=usd&unit_amount=1&billing_scheme=tiered", "billing_scheme"),
        (
            "product_data[name]=S&currency=usd&unit_amount=1&recurring[interval]=month\
             &recurring[interval_count]=37",
            "recurring[interval_count]",
        ),
        (
            "product_data[name]=S&currency=usd&unit_amount=1&recurring[interval]=month\
             &recurring[usage_type]=metered",
            "recurring[usage_type]",
        ),
    ];
    for (form, param) in refusals {
        assert_eq!(account.refuses(&Op::CreatePrice, form).param(), Some(param), "{form}");
    }
}

const KEYED: &str =
    "product_data[name]=S&currency=usd&unit_amount=1&recurring[interval]=month&lookup_key=s";

#[test]
fn a_lookup_key_belongs_to_one_active_price() {
    let mut account = Account::new();
    let first = account.does(&Op::CreatePrice, KEYED);
    let refusal = account.refuses(&Op::CreatePrice, KEYED);
    let expected = format!("A price (`{}`) already uses that lookup key.", id(&first));
    assert_eq!(refusal.message(), expected);
    account.does(&Op::UpdatePrice(id(&first)), "active=false");
    account.does(&Op::CreatePrice, KEYED);
}

#[test]
fn a_lookup_key_is_transferred_on_demand() {
    let mut account = Account::new();
    let first = account.does(&Op::CreatePrice, KEYED);
    let second = account.does(&Op::CreatePrice, &format!("{KEYED}&transfer_lookup_key=true"));
    let found = account.does(&Op::ListPrices, "lookup_keys[]=s&active=true");
    assert_eq!(found.as_array().unwrap().iter().map(id).collect::<Vec<_>>(), [id(&second)]);
    let first = account.does(&Op::RetrievePrice(id(&first)), "");
    assert!(first["lookup_key"].is_null());
}
