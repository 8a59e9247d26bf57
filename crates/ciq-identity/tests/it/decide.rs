//! Tables of decisions: who is there, what arrives, what comes of it.

use ciq_event::CustomerId;
use ciq_identity::{
    AutoCreate, AutoMerge, LeftOutReason, Limits, Outcome, Policy, ReviewReason, Verdict, decide,
};

use crate::registry::{Registry, identifiers};

/// Makes a registry of imported customers, keys 1, 2, 3 and on.
fn customers(held: &[&str]) -> Registry {
    let mut registry = Registry::default();
    for held in held {
        registry.import(held, 0);
    }
    registry
}

/// Writes a verdict down: outcome, what was kept, what was left out, review.
fn written(verdict: &Verdict) -> String {
    let outcome = match &verdict.outcome {
        Outcome::Create => "create".to_owned(),
        Outcome::Refuse => "refuse".to_owned(),
        Outcome::Attach(key) => format!("attach {key}"),
        Outcome::Merge { base, absorbed } => {
            let absorbed: Vec<_> = absorbed.iter().map(ToString::to_string).collect();
            format!("merge {base} <- {}", absorbed.join(" "))
        }
    };
    let kept = verdict.kept.iter().map(|one| format!(" {one}"));
    let left_out =
        verdict.left_out.iter().map(|one| format!("; {} {}", one.reason, one.identifier));
    let review = verdict.review.iter().map(|review| {
        let customers: Vec<_> = review.customers.iter().map(ToString::to_string).collect();
        format!("; {} [{}]", review.reason, customers.join(" "))
    });
    [outcome, ":".to_owned()].into_iter().chain(kept).chain(left_out).chain(review).collect()
}

#[track_caller]
fn check_with(registry: &Registry, policy: &Policy, event: &str, expected: &str) {
    assert_eq!(written(&decide(&identifiers(event), registry, policy)), expected);
}

#[track_caller]
fn check(registry: &Registry, event: &str, expected: &str) {
    check_with(registry, &Policy::default(), event, expected);
}

#[test]
fn an_event_of_nobody_known_makes_a_customer() {
    check(&customers(&[]), "email=a@x.io", "create: email=a@x.io");
    check(&customers(&["email=b@x.io"]), "email=a@x.io", "create: email=a@x.io");
    check(&customers(&[]), "", "create:");
}

#[test]
fn an_event_of_nobody_known_is_refused_where_making_customers_is_off() {
    let policy = Policy { auto_create: AutoCreate::Off, ..Policy::default() };
    let registry = customers(&["email=a@x.io"]);
    check_with(&registry, &policy, "email=b@x.io", "refuse: email=b@x.io");
    check_with(&registry, &policy, "", "refuse:");
    check_with(&registry, &policy, "email=a@x.io", "attach 1: email=a@x.io");
}

#[test]
fn an_event_goes_to_the_one_who_holds_its_identifier_and_adds_the_others() {
    check(
        &customers(&["email=a@x.io", "email=b@x.io"]),
        "email=b@x.io phone=12025550143 external:shopify=7",
        "attach 2: email=b@x.io phone=12025550143 external:shopify=7",
    );
}

#[test]
fn up_to_three_who_share_identifiers_are_merged() {
    let registry = customers(&["email=a@x.io", "phone=1202", "loyalty_id=L upi=a@bank", "qr_id=q"]);
    check(&registry, "email=a@x.io phone=1202", "merge 1 <- 2: email=a@x.io phone=1202");
    check(
        &registry,
        "email=a@x.io phone=1202 loyalty_id=L",
        "merge 3 <- 1 2: email=a@x.io phone=1202 loyalty_id=L",
    );
    check(
        &registry,
        "email=a@x.io phone=1202 loyalty_id=L qr_id=q",
        "attach 3: loyalty_id=L; held_by_another email=a@x.io; held_by_another phone=1202; \
         held_by_another qr_id=q; Auto-merge blocked: 4 profiles exceed threshold of 3 [1 2 3 4]",
    );
}

#[test]
fn scenario_4_asks_a_person_about_five_customers() {
    let mut registry = Registry::default();
    registry.import("email=customer@example.com", 3);
    registry.import("phone=15551111 whatsapp=+15551111", 0);
    registry.import("loyalty_id=LOY-1111 phone=15551111", 0);
    registry.import("cookie_id=cookie-abc123 email=customer@example.com", 0);
    registry.import("device_id=device-xyz789 email=customer@example.com", 0);
    check(
        &registry,
        "email=customer@example.com phone=15551111 loyalty_id=LOY-1111",
        "attach 1:; held_by_another email=customer@example.com; held_by_another phone=15551111; \
         held_by_another loyalty_id=LOY-1111; \
         Auto-merge blocked: 5 profiles exceed threshold of 3 [1 2 3 4 5]",
    );
}

#[test]
fn without_auto_merge_a_person_is_asked() {
    let policy = Policy { auto_merge: AutoMerge::Off, ..Policy::default() };
    check_with(
        &customers(&["email=a@x.io", "phone=1202 card_last4=4242"]),
        &policy,
        "email=a@x.io phone=1202 loyalty_id=L card_last4=4242",
        "attach 1: email=a@x.io loyalty_id=L card_last4=4242; held_by_another phone=1202; \
         Auto-merge blocked: auto-merge is switched off [1 2]",
    );
}

/// Segment's worked example.
#[test]
fn another_customer_id_with_a_known_email_makes_a_customer_without_the_email() {
    check(
        &customers(&["customer_id=abc123 email=jane@example1.com"]),
        "customer_id=abc456 email=jane@example1.com",
        "create: customer_id=abc456; limit email=jane@example1.com",
    );
}

#[test]
fn customers_with_different_customer_ids_are_never_merged() {
    let registry = customers(&["customer_id=a email=a@x.io", "customer_id=b phone=1202", "upi=u"]);
    check(
        &registry,
        "email=a@x.io phone=1202",
        "attach 1: email=a@x.io; limit phone=1202; \
         Auto-merge blocked: profiles have different customer ids (a, b) [1 2]",
    );
    check(
        &registry,
        "customer_id=b email=a@x.io upi=u",
        "attach 2: customer_id=b; limit email=a@x.io; limit upi=u; \
         Auto-merge blocked: profiles have different customer ids (a, b) [1 2 3]",
    );
    let policy =
        Policy { limits: Limits { customer_id: 5, ..Limits::default() }, ..Policy::default() };
    check_with(
        &registry,
        &policy,
        "email=a@x.io phone=1202",
        "attach 1: email=a@x.io; limit phone=1202; \
         Auto-merge blocked: profiles have different customer ids (a, b) [1 2]",
    );
}

#[test]
fn a_value_held_under_different_customer_ids_goes_to_the_base() {
    check(
        &customers(&["customer_id=a email=j@x.io", "customer_id=b email=j@x.io phone=1202"]),
        "email=j@x.io card_last4=4242",
        "attach 2:; held_by_another email=j@x.io; limit card_last4=4242; \
         Auto-merge blocked: profiles have different customer ids (a, b) [1 2]",
    );
}

#[test]
fn a_customer_whom_a_person_gave_two_customer_ids_takes_in_one_of_the_two() {
    check(
        &customers(&["customer_id=a customer_id=b email=a@x.io", "customer_id=b phone=1202"]),
        "email=a@x.io phone=1202",
        "merge 1 <- 2: email=a@x.io phone=1202",
    );
}

#[test]
fn a_sixth_value_is_left_out_together_with_all_of_lower_priority() {
    let five = "customer_id=a email=1@x.io email=2@x.io email=3@x.io email=4@x.io email=5@x.io";
    let registry = customers(&[five]);
    check(
        &registry,
        "customer_id=a email=6@x.io phone=1202 cookie_id=c",
        "attach 1: customer_id=a; limit email=6@x.io; limit phone=1202; limit cookie_id=c",
    );
    check(&registry, "customer_id=a email=5@x.io", "attach 1: customer_id=a email=5@x.io");
}

#[test]
fn a_customer_beyond_a_limit_still_gets_what_adds_nothing_to_it() {
    let policy = Policy { limits: Limits { other: 1, ..Limits::default() }, ..Policy::default() };
    check_with(
        &customers(&["email=1@x.io email=2@x.io"]),
        &policy,
        "email=2@x.io phone=1202",
        "attach 1: email=2@x.io phone=1202",
    );
}

#[test]
fn a_merge_that_breaks_a_limit_does_not_happen() {
    let three = "email=1@x.io email=2@x.io email=3@x.io phone=1202";
    let more = "email=4@x.io email=5@x.io email=6@x.io loyalty_id=L phone=1333";
    let registry = customers(&[three, more]);
    check(&registry, "phone=1202 loyalty_id=L", "attach 1: phone=1202; limit loyalty_id=L");
    check(
        &customers(&[three, "email=4@x.io email=5@x.io email=6@x.io phone=1202"]),
        "phone=1202",
        "attach 1:; held_by_another phone=1202",
    );
}

#[test]
fn the_last_digits_of_a_card_join_nobody() {
    let registry = customers(&["email=a@x.io card_last4=4242", "email=b@x.io"]);
    check(&registry, "card_last4=4242", "create: card_last4=4242");
    check(&registry, "email=b@x.io card_last4=4242", "attach 2: email=b@x.io card_last4=4242");
}

#[test]
fn a_sixth_card_is_not_held() {
    check(
        &customers(&[
            "email=a@x.io card_last4=1 card_last4=2 card_last4=3 card_last4=4 card_last4=5",
        ]),
        "email=a@x.io card_last4=6",
        "attach 1: email=a@x.io; limit card_last4=6",
    );
}

#[test]
fn a_cookie_joins_an_anonymous_customer_to_a_known_one() {
    let registry = customers(&["cookie_id=c session_id=s", "email=a@x.io"]);
    check(&registry, "email=a@x.io cookie_id=c", "merge 1 <- 2: email=a@x.io cookie_id=c");
    check(&registry, "email=new@x.io session_id=s", "attach 1: email=new@x.io session_id=s");
    check(&registry, "cookie_id=c device_id=d", "attach 1: device_id=d cookie_id=c");
}

#[test]
fn a_shared_tablet_joins_no_two_people() {
    let registry = customers(&["email=a@x.io device_id=tablet", "email=b@x.io"]);
    check(
        &registry,
        "email=b@x.io device_id=tablet",
        "attach 2: email=b@x.io; shared_device device_id=tablet",
    );
    check(
        &registry,
        "email=new@x.io device_id=tablet",
        "create: email=new@x.io; shared_device device_id=tablet",
    );
    check(&registry, "device_id=tablet", "attach 1: device_id=tablet");
    check(&registry, "upi=new device_id=tablet", "attach 1: upi=new device_id=tablet");
}

#[test]
fn of_two_devices_of_two_people_the_one_of_higher_priority_counts() {
    check(
        &customers(&["email=a@x.io cookie_id=c", "email=b@x.io device_id=d"]),
        "device_id=d cookie_id=c session_id=s",
        "attach 2: device_id=d session_id=s; shared_device cookie_id=c",
    );
}

#[test]
fn a_device_that_two_people_hold_leads_to_neither() {
    let registry = customers(&["email=a@x.io cookie_id=c", "email=b@x.io cookie_id=c"]);
    check(&registry, "cookie_id=c", "create:; shared_device cookie_id=c");
    check(
        &registry,
        "email=a@x.io cookie_id=c",
        "attach 1: email=a@x.io; shared_device cookie_id=c",
    );
}

#[test]
fn who_was_pinned_apart_is_not_merged_and_nobody_is_asked_again() {
    let mut registry =
        customers(&["email=a@x.io", "phone=1202", "customer_id=a upi=u", "customer_id=b qr_id=q"]);
    let keys: Vec<_> = registry.origins().into_iter().collect();
    registry.pin(keys[1], keys[0]);
    registry.pin(keys[2], keys[3]);
    check(
        &registry,
        "email=a@x.io phone=1202 loyalty_id=L",
        "attach 1: email=a@x.io loyalty_id=L; held_by_another phone=1202",
    );
    check(&registry, "upi=u qr_id=q", "attach 4: qr_id=q; limit upi=u");
}

#[test]
fn reasons_read_as_the_documents_promise() {
    let too_many = ReviewReason::TooMany { count: 5, threshold: 3 };
    assert_eq!(too_many.to_string(), "Auto-merge blocked: 5 profiles exceed threshold of 3");
    let ids = vec![CustomerId::from_raw("a"), CustomerId::from_raw("b")];
    assert_eq!(
        ReviewReason::DifferentCustomerIds(ids).to_string(),
        "Auto-merge blocked: profiles have different customer ids (a, b)"
    );
    for reason in [LeftOutReason::Limit, LeftOutReason::SharedDevice, LeftOutReason::HeldByAnother]
    {
        assert_eq!(reason.to_string().parse(), Ok(reason));
    }
    assert!("Limit".parse::<LeftOutReason>().is_err());
}
