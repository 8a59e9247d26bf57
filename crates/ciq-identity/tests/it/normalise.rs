//! Tables of values: what identifies, in what form, and what never does.

use ciq_event::{ContactPoint, IdentifierKind};
use ciq_identity::{NormaliseRules, normalise};

pub(crate) const KINDS: [&str; 12] = [
    "customer_id",
    "email",
    "phone",
    "whatsapp",
    "loyalty_id",
    "external:shopify",
    "qr_id",
    "upi",
    "device_id",
    "cookie_id",
    "session_id",
    "card_last4",
];

pub(crate) fn rules() -> NormaliseRules {
    NormaliseRules::new("US").expect("a region")
}

/// Returns the normal form of one value, or the reason why it has none.
pub(crate) fn one(kind: &str, value: &str, rules: &NormaliseRules) -> Result<String, &'static str> {
    let kind: IdentifierKind = kind.parse().expect("a kind");
    let normalised = normalise(&[ContactPoint::new(kind.clone(), value)], rules);
    match (normalised.identifiers.as_slice(), normalised.dropped.as_slice()) {
        ([identifier], []) => Ok(identifier.value().to_owned()),
        ([], [dropped]) => {
            assert_eq!(dropped.kind, kind);
            Err(dropped.reason)
        }
        (_, _) => panic!("neither kept nor dropped: {normalised:?}"),
    }
}

#[track_caller]
fn check(kind: &str, value: &str, expected: Result<&str, &'static str>) {
    assert_eq!(one(kind, value, &rules()), expected.map(str::to_owned), "{kind} {value:?}");
}

#[test]
fn no_kind_is_identified_by_a_placeholder() {
    let nevers = "null none undefined nan anonymous guest unknown -1 0 00 000-000 - --- true \
                  false distinct_id distinctid email id not_authenticated";
    let nevers = nevers.split_whitespace().chain(["", "  ", "[object Object]"]);
    for never in nevers {
        for kind in KINDS {
            for form in [never.to_owned(), never.to_uppercase(), format!("  {never} ")] {
                for sent in [form.clone(), format!("\"{form}\""), format!("'{form}'")] {
                    check(kind, &sent, Err("a placeholder"));
                }
            }
        }
    }
}

#[test]
fn what_only_resembles_a_placeholder_identifies() {
    for value in ["nullable", "0-1", "'null", "id1", "guest ", "email2", "'"] {
        let expected = if value == "guest " { Err("a placeholder") } else { Ok(value.trim()) };
        check("customer_id", value, expected);
    }
}

#[test]
fn control_characters_and_long_values_do_not_identify() {
    for kind in KINDS {
        check(kind, "a\0b@x.io", Err("holds a control character"));
        check(kind, "a\u{85}b@x.io", Err("holds a control character"));
        check(kind, &"1".repeat(257), Err("too long"));
    }
    check("customer_id", "\tabc\r\n", Ok("abc"));
    check("customer_id", &"a".repeat(256), Ok(&"a".repeat(256)));
    check("upi", &"İ".repeat(128), Err("too long"));
}

#[test]
fn an_email_is_trimmed_and_lower_cased() {
    check("email", " Jane.Doe+shop@Example1.COM ", Ok("jane.doe+shop@example1.com"));
    check("email", "customer@example.com", Ok("customer@example.com"));
    check("email", "jane@example.org", Ok("jane@example.org"));
    for wrong in ["jane", "@x.io", "jane@", "a@b@c", "jane doe@x.io", "jane@x .io", "@"] {
        check("email", wrong, Err("not an e-mail address"));
    }
}

#[test]
fn an_email_that_nobody_reads_does_not_identify() {
    let placeholders = "test@test.com test@example.com Test@Example.com example@example.com \
        user@example.com none@none.com noreply@example.com no-reply@example.com \
        email@example.com a@a.com a@b.com foo@bar.com you@example.com admin@example.com \
        unknown@unknown.com null@null.com name@example.com";
    for placeholder in placeholders.split_whitespace() {
        check("email", placeholder, Err("a placeholder"));
    }
}

#[test]
fn ids_keep_their_case() {
    for kind in ["customer_id", "loyalty_id", "external:pos", "qr_id", "device_id", "cookie_id"] {
        check(kind, " LOY-789456 ", Ok("LOY-789456"));
    }
    check("session_id", " S1 ", Ok("S1"));
    check("upi", " Jane@OKBank ", Ok("jane@okbank"));
}

#[test]
fn the_last_digits_of_a_card_are_four() {
    check("card_last4", " 4242 ", Ok("4242"));
    check("card_last4", "0042", Ok("0042"));
    check("card_last4", "0000", Err("a placeholder"));
    for wrong in ["424", "42424", "424x", "４２４２"] {
        check("card_last4", wrong, Err("not four digits"));
    }
}

#[test]
fn the_operator_adds_values_that_never_identify() {
    let never = [" WALK-IN ", "kiosk@shop.io", "12025550143", "'x'"].map(str::to_owned);
    let rules = rules().with_never(never);
    for (kind, value) in [
        ("customer_id", "walk-in"),
        ("loyalty_id", "\"Walk-In\""),
        ("email", "Kiosk@Shop.io"),
        ("phone", "+1 202 555 0143"),
        ("customer_id", "'X'"),
    ] {
        assert_eq!(one(kind, value, &rules), Err("a placeholder"), "{kind} {value}");
    }
    assert_eq!(one("customer_id", "walk", &rules), Ok("walk".to_owned()));
}

#[test]
fn identifiers_come_by_priority_and_each_once() {
    let contacts = [
        ("cookie_id", "c"),
        ("email", "B@x.io"),
        ("phone", "(202) 555-0143"),
        ("external:pos", "1"),
        ("email", "a@x.io"),
        ("email", "b@X.io "),
        ("phone", "+1 202 555 0143"),
        ("customer_id", "null"),
        ("customer_id", "7"),
    ];
    let contacts =
        contacts.map(|(kind, value)| ContactPoint::new(kind.parse().expect("a kind"), value));
    let normalised = normalise(&contacts, &rules());
    let written: Vec<_> = normalised.identifiers.iter().map(ToString::to_string).collect();
    assert_eq!(
        written,
        [
            "customer_id=7",
            "email=a@x.io",
            "email=b@x.io",
            "phone=12025550143",
            "external:pos=1",
            "cookie_id=c"
        ]
    );
    assert_eq!(normalised.dropped.len(), 1);
}

#[test]
fn a_region_has_two_letters() {
    assert!(NormaliseRules::new("IN").is_ok());
    let error = NormaliseRules::new("Narnia-and-more").expect_err("no region");
    assert_eq!(error.to_string(), "not a region: \"Narnia-a\" (two letters, such as US)");
}
