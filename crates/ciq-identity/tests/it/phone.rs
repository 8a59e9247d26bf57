//! Tables of telephone numbers.

use ciq_identity::NormaliseRules;

use crate::normalise::one;

#[track_caller]
fn check(region: &str, sent: &str, expected: Option<&str>) {
    let rules = NormaliseRules::new(region).expect("a region");
    let phone = one("phone", sent, &rules);
    assert_eq!(phone.as_deref().ok(), expected, "phone {sent:?} in {region}");
    let whatsapp = one("whatsapp", sent, &rules);
    let expected = expected.map(|digits| format!("+{digits}"));
    assert_eq!(whatsapp.ok(), expected, "whatsapp {sent:?} in {region}");
}

#[test]
fn every_way_to_write_a_number_gives_one_value() {
    for sent in [
        "+12025550143",
        "+1 (202) 555-0143",
        "+1-202-555-0143",
        "+1.202.555.0143",
        "001 202 555 0143",
        "0012025550143",
        "whatsapp:+12025550143",
        "WhatsApp: +1 202 555 0143",
        "tel:+1-202-555-0143",
        "\u{202A}+1 202\u{A0}555\u{2011}0143\u{202C}",
        "+1 202 555 0143 ext. 12",
        "+1 202 555 0143x12",
        "+1 202 555 0143;ext=12",
        "+1 202 555 0143 #12",
        "(+1) 202 555 0143",
    ] {
        for region in ["US", "GB", "IN", "BR"] {
            check(region, sent, Some("12025550143"));
        }
    }
}

#[test]
fn a_number_without_country_code_is_read_in_the_region() {
    for sent in ["(202) 555-0143", "202.555.0143", "1 202 555 0143", "2025550143"] {
        check("US", sent, Some("12025550143"));
    }
    for sent in ["020 7946 0958", "+44 20 7946 0958", "+44 (0)20 7946 0958", "0044 20 7946 0958"] {
        check("GB", sent, Some("442079460958"));
    }
    check("US", "011 44 20 7946 0958", Some("442079460958"));
    check("US", "011 44 121 234 5678", Some("441212345678"));
    check("AU", "0011 44 20 7946 0958", Some("442079460958"));
    for sent in ["98765 43210", "098765 43210", "+91 98765 43210"] {
        check("IN", sent, Some("919876543210"));
    }
    check("IT", "02 3661 8300", Some("390236618300"));
    check("US", "+39 02 3661 8300", Some("390236618300"));
}

/// Documents show numbers that no plan has.
#[test]
fn a_number_that_is_not_valid_is_kept_as_its_digits() {
    check("US", "+1-555-0123", Some("15550123"));
    check("IN", "+1-555-1111", Some("15551111"));
    check("US", "whatsapp:+15550123", Some("15550123"));
    check("US", "00 1 555 0123", Some("15550123"));
    check("US", "555 0199", Some("5550199"));
    check("US", "+1 555 010 0199", Some("15550100199"));
}

#[test]
fn what_is_no_number_is_dropped() {
    for sent in [
        "555-012",
        "+1 555",
        "12345678901234567",
        "1-800-FLOWERS",
        "jane1234567@x.io",
        "call 202 555 0143",
        "202+5550143",
        "2025550143@x.io",
        "2025550143 / 2025550144",
        "+",
        "()",
        "٢٠٢٥٥٥٠١٤٣",
    ] {
        check("US", sent, None);
    }
}

#[test]
fn a_number_that_nobody_has_is_dropped() {
    for sent in [
        "0000000000",
        "000-000-0000",
        "+0000000000",
        "1111111111",
        "+1 111 111 1111",
        "(999) 999-9999",
        "+1 999 999 9999",
        "5555555",
        "1234567890",
        "+1 123 456 7890",
        "0123456789",
        "+10123456789",
    ] {
        check("US", sent, None);
    }
}

/// <https://github.com/chatwoot/chatwoot/issues/13986>
#[test]
fn a_brazilian_mobile_number_has_its_ninth_digit() {
    for sent in ["+55 11 98765-4321", "+55 11 8765-4321", "551187654321", "whatsapp:+551187654321"]
    {
        check("US", sent, Some("5511987654321"));
    }
    for sent in ["11 98765-4321", "11 8765-4321", "011 8765-4321"] {
        check("BR", sent, Some("5511987654321"));
    }
    check("BR", "+55 85 6123 4567", Some("5585961234567"));
}

/// Joining two landlines is worse than missing a match.
#[test]
fn a_brazilian_landline_is_left_as_it_is() {
    for first in ["2", "3", "4", "5"] {
        let digits = format!("5511{first}2345678");
        check("BR", &format!("+{digits}"), Some(&digits));
        check("BR", &digits[2..], Some(&digits));
    }
}

/// <https://github.com/chatwoot/chatwoot/issues/14048>
#[test]
fn a_mexican_number_has_no_one_after_the_country_code() {
    for sent in
        ["+52 1 55 1234 5678", "+52 55 1234 5678", "5215512345678", "whatsapp:+5215512345678"]
    {
        check("US", sent, Some("525512345678"));
    }
    check("MX", "55 1234 5678", Some("525512345678"));
    check("MX", "1 55 1234 5678", Some("525512345678"));
    check("US", "+52 155 1234 567", Some("521551234567"));
}
