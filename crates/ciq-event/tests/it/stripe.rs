//! Events of Stripe.

use ciq_event::{Event, Payload, SubscriptionUpdate};

use crate::story::{check, check_refused, event};

pub(crate) const CREATED: &str = r#"{"id":"evt_1","object":"event","api_version":"2026-09-30.endive",
    "created":1734134400,"livemode":false,"pending_webhooks":1,"type":"customer.created",
    "request":{"id":null,"idempotency_key":null},
    "data":{"object":{"id":"cus_1","object":"customer","created":1734134400,"name":"Ada Lovelace",
        "email":"ada@example.com","phone":"+15550123","livemode":false,"metadata":{}}}}"#;

pub(crate) const UPDATED: &str = r#"{"id":"evt_2","object":"event","created":1734134400,
    "livemode":false,"type":"customer.subscription.updated",
    "data":{
        "object":{"id":"sub_1","object":"subscription","customer":"cus_1","currency":"usd",
            "created":1733011200,"start_date":1733011200,"status":"active","ended_at":null,
            "items":{"object":"list","data":[{"id":"si_1","quantity":12,
                "current_period_end":1735689600,
                "price":{"id":"price_2","currency":"usd","unit_amount":1500,
                    "unit_amount_decimal":"1500","nickname":"Pro Plus","lookup_key":"pro",
                    "product":"prod_2","recurring":{"interval":"month","interval_count":1,
                        "usage_type":"licensed"}}}]}},
        "previous_attributes":{"items":{"data":[{"id":"si_1","quantity":5,
            "price":{"id":"price_1","currency":"usd","unit_amount":1000,
                "unit_amount_decimal":"1000","product":"prod_1",
                "recurring":{"interval":"month","interval_count":1}}}]}}}}"#;

pub(crate) const PAID: &str = r#"{"id":"evt_3","object":"event","created":1734134400,
    "livemode":false,"type":"invoice.paid",
    "data":{"object":{"id":"in_1","object":"invoice","customer":"cus_1","currency":"usd",
        "customer_email":"ada@example.com","customer_name":"Ada Lovelace","number":"A-0001",
        "amount_paid":18000,"amount_due":18000,"status":"paid",
        "parent":{"type":"subscription_details",
            "subscription_details":{"subscription":"sub_1","metadata":{}}}}}}"#;

/// An event of a type about an object, both as JSON.
fn told(stripe_type: &str, object: &str) -> String {
    format!(
        r#"{{"id":"evt_9","created":1734134400,"type":"{stripe_type}","data":{{"object":{object}}}}}"#
    )
}

fn update(event: Event) -> SubscriptionUpdate {
    match event.payload {
        Payload::Subscription(update) => update,
        other => panic!("not a subscription: {other:?}"),
    }
}

/// A subscription of some items.
fn subscription(items: &str) -> String {
    format!(
        r#"{{"id":"sub_1","object":"subscription","customer":"cus_1","currency":"usd",
            "status":"active","items":{{"data":[{items}]}}}}"#
    )
}

fn item(quantity: i64, unit_amount: &str, recurring: &str) -> String {
    format!(
        r#"{{"quantity":{quantity},"price":{{"id":"price_1","currency":"usd",
            "unit_amount_decimal":"{unit_amount}","recurring":{{{recurring}}}}}}}"#
    )
}

/// Checks what items come to in a month, in cents.
#[track_caller]
fn check_mrr(items: &str, cents: Option<i64>) {
    let update =
        update(event("stripe", told("customer.subscription.created", &subscription(items))));
    assert_eq!(update.mrr.map(|mrr| mrr.minor), cents, "{items}");
}

#[test]
fn a_customer_of_stripes_is_a_profile() {
    check(
        "stripe",
        CREATED,
        &["profile_update from stripe at 2024-12-14T00:00:00Z
        email: ada@example.com
        phone: +15550123
        external:stripe: cus_1
        title: Customer created
        profile: name=Ada Lovelace | email=ada@example.com | phone=+15550123 | stripe_livemode=false"],
    );
}

#[test]
fn a_subscription_that_comes_to_more_is_an_upgrade() {
    check(
        "stripe",
        UPDATED,
        &["subscription_upgraded from stripe at 2024-12-14T00:00:00Z
        external:stripe: cus_1
        title: Subscription upgraded: Pro Plus, 12 screens
        status: active
        payload: id=sub_1 | change=Changed | plan=Pro Plus | screens=12 | mrr=180.00 USD | status=active | started=2024-12-01T00:00:00Z"],
    );
}

#[test]
fn what_is_paid_or_fails_names_its_subscription_at_either_place() {
    let expected = "invoice_paid from stripe at 2024-12-14T00:00:00Z
        email: ada@example.com
        external:stripe: cus_1
        title: Invoice paid
        description: Invoice A-0001
        amount: 180.00 USD
        status: paid
        profile: name=Ada Lovelace
        payload: id=sub_1 | change=Paid | invoice=in_1";
    check("stripe", PAID, &[expected]);
    let failed = told(
        "invoice.payment_failed",
        r#"{"id":"in_2","object":"invoice","customer":{"id":"cus_1","object":"customer"},
            "currency":"jpy","amount_paid":0,"amount_due":1800,"status":"open","subscription":"sub_1"}"#,
    );
    check(
        "stripe",
        &failed,
        &["payment_failed from stripe at 2024-12-14T00:00:00Z
        external:stripe: cus_1
        title: Payment failed
        amount: 1800 JPY
        status: open
        payload: id=sub_1 | change=PaymentFailed | invoice=in_2"],
    );
}

#[test]
fn a_change_is_named_by_what_it_does_to_the_revenue() {
    let change = |previous: &str| {
        let body = UPDATED.split("\"previous_attributes\"").next().unwrap();
        event("stripe", format!("{body}\"previous_attributes\":{previous}}}}}"))
            .event_type
            .as_str()
            .to_owned()
    };
    assert_eq!(
        change(r#"{"items":{"data":[{"id":"si_1","quantity":13}]}}"#),
        "subscription_downgraded"
    );
    assert_eq!(
        change(r#"{"items":{"data":[{"quantity":11}]},"quantity":11}"#),
        "subscription_upgraded"
    );
    assert_eq!(change(r#"{"quantity":20}"#), "subscription_downgraded");
    let plan = r#"{"plan":{"amount":4500,"interval":"month","currency":"usd"}}"#;
    assert_eq!(change(plan), "subscription_downgraded");
    assert_eq!(
        change(r#"{"plan":{"amount":0,"interval":"month","currency":"usd"}}"#),
        "subscription_upgraded"
    );
    for same in [r#"{"status":"past_due"}"#, "{}", "null", r#"{"items":{"data":[{"id":"si_1"}]}}"#]
    {
        assert_eq!(change(same), "subscription_updated", "{same}");
    }
}

#[test]
fn a_deleted_subscription_is_cancelled_and_keeps_what_it_was() {
    let object = subscription(&item(5, "1000", r#""interval":"month""#))
        .replace(r#""status":"active""#, r#""status":"canceled","ended_at":1734134300"#);
    let deleted = event("stripe", told("customer.subscription.deleted", &object));
    assert_eq!(deleted.event_type.as_str(), "subscription_cancelled");
    let update = update(deleted);
    assert_eq!(update.status.unwrap().name(), "canceled");
    assert_eq!(update.ended_at.unwrap().as_second(), 1_734_134_300);
    assert_eq!((update.screens, update.mrr.unwrap().minor), (Some(5), 5_000));
}

#[test]
fn a_price_is_brought_to_a_month_and_rounded_once() {
    check_mrr(&item(5, "1000", r#""interval":"month""#), Some(5_000));
    check_mrr(&item(1, "200000", r#""interval":"year""#), Some(16_667));
    check_mrr(&item(1, "100", r#""interval":"year","interval_count":2"#), Some(4));
    check_mrr(&item(1, "1000", r#""interval":"week""#), Some(4_333));
    check_mrr(&item(1, "100", r#""interval":"day""#), Some(3_042));
    check_mrr(&item(10, "0.25", r#""interval":"month""#), Some(3));
    let third = item(1, "400", r#""interval":"year""#);
    check_mrr(&[third.as_str(), &third, &third].join(","), Some(100));
}

#[test]
fn what_is_metered_is_nothing_and_what_is_unknown_is_not_told() {
    let metered = item(7, "1000", r#""interval":"month","usage_type":"metered""#);
    check_mrr(&metered, Some(0));
    check_mrr(&format!("{metered},{}", item(2, "50", r#""interval":"month""#)), Some(100));
    check_mrr(
        r#"{"quantity":1,"price":{"currency":"usd","unit_amount":null,
        "recurring":{"interval":"month"}}}"#,
        None,
    );
    check_mrr(&item(1, "1000", r#""interval":"month","interval_count":0"#), None);
    check_mrr(&item(1, &"9".repeat(32), r#""interval":"month""#), None);
    check_mrr("", None);
    let packed = r#"{"quantity":21,"price":{"currency":"usd","unit_amount":100,
        "transform_quantity":{"divide_by":10,"round":"up"},"recurring":{"interval":"month"}}}"#;
    check_mrr(packed, Some(300));
}

#[test]
fn subscriptions_of_old_versions_of_the_api_are_read() {
    let old = r#"{"id":"sub_1","customer":"cus_1","status":"trialing","start":1733011200,
        "quantity":3,"plan":{"id":"gold","amount":2000,"currency":"usd","interval":"month",
            "interval_count":1,"nickname":null,"product":{"id":"prod_1"}}}"#;
    let update = update(event("stripe", told("customer.subscription.created", old)));
    assert_eq!(update.plan.as_deref(), Some("prod_1"));
    assert_eq!((update.screens, update.mrr.unwrap().minor), (Some(3), 6_000));
    assert_eq!(update.status.unwrap().name(), "trialing");
}

#[test]
fn amounts_are_in_the_currencys_own_units() {
    let paid = |currency: &str| {
        let body = PAID.replace(r#""currency":"usd""#, &format!(r#""currency":"{currency}""#));
        event("stripe", body).amount.unwrap().to_string()
    };
    assert_eq!(paid("usd"), "180.00");
    assert_eq!(paid("jpy"), "18000");
    assert_eq!(paid("kwd"), "18.000");
    // Stripe writes these with other decimals than ISO 4217 has.
    assert_eq!(paid("isk"), "180");
    assert_eq!(paid("mga"), "18000.00");
}

#[test]
fn any_other_event_of_a_customer_stands_in_the_timeline_under_its_own_name() {
    let object = r#"{"id":"dp_1","object":"dispute","customer":"cus_1","status":"needs_response"}"#;
    check(
        "stripe",
        &told("charge.dispute.created", object),
        &["charge.dispute.created from stripe at 2024-12-14T00:00:00Z
        external:stripe: cus_1
        title: Charge dispute created
        status: needs_response"],
    );
}

#[test]
fn what_is_no_event_of_a_customer_is_refused() {
    let product = told("product.created", r#"{"id":"prod_1","object":"product"}"#);
    check_refused("stripe", product, "data.object.customer");
    check_refused("stripe", r#"{"id":"evt_1","created":1734134400}"#, "type");
    check_refused("stripe", r#"{"type":"invoice.paid","created":1734134400}"#, "id");
    check_refused("stripe", r#"{"type":"invoice.paid","id":"evt_1"}"#, "created");
    check_refused("stripe", r#"{"type":"x","id":"evt_1","created":1734134400}"#, "data");
    let thin = r#"{"type":"x","id":"evt_1","created":1734134400,"data":{}}"#;
    check_refused("stripe", thin, "data.object");
}
