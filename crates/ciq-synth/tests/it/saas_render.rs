//! Facts about events as they are written down.

mod lines;
mod reading;

use std::collections::BTreeSet;

use ciq_synth::Seed;
use ciq_synth::saas::{
    Change, Event, FEATURES, Format, Payload, Population, Prop, Renderer, Ticket, TicketRole,
    Urgency, event_id, ticket_text,
};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::Value;

use crate::SEED;

/// 2026-01-01T00:00:00Z.
pub(crate) const START_MS: i64 = 1_767_225_600_000;

fn population() -> Population {
    Population::new(SEED, 30_000).unwrap()
}

fn rendered(format: Format, event: &Event) -> String {
    let mut bytes = Vec::new();
    Renderer::new(&population(), format).render(event, &mut bytes);
    String::from_utf8(bytes).unwrap()
}

/// Makes a payload of any kind from a number of 64 even bits.
pub(crate) fn any_payload(mark: u64) -> Payload {
    let [kind, small, byte, a, b, c, ..] = mark.to_le_bytes();
    let amount_cents = u32::from_le_bytes([a, b, c, 0]);
    let ticket = Ticket {
        ticket: u16::from_le_bytes([a, b]),
        message: byte,
        sentiment: i8::try_from(i32::from(c) * 200 / 255 - 100).unwrap(),
        urgency: [Urgency::Low, Urgency::Medium, Urgency::High][usize::from(small) % 3],
    };
    match kind % 12 {
        0 => Payload::UserIdentified,
        1 => Payload::SessionStart { device: small % 4 },
        2 => Payload::FeatureUsed { feature: byte },
        3 => Payload::SessionEnd { duration_seconds: amount_cents },
        4 => Payload::CardDecline { days_to_renewal: small % 8, amount_cents },
        5 => Payload::RenewalFailed { attempt: small % 5, amount_cents },
        6 => Payload::PlanRenewed { amount_cents },
        7 => Payload::InvoicePaid { amount_cents },
        8 => Payload::PlanCancelled,
        9 => Payload::TicketOpened(ticket),
        10 => Payload::TicketReplied(ticket),
        _ => Payload::TicketClosed { ticket: ticket.ticket },
    }
}

/// Events of every kind, of users with and without a telephone number.
fn any_event() -> impl Strategy<Value = Event> {
    (any::<u64>(), 0..30_000_u32, any::<u32>(), 0..4_102_444_800_000_i64).prop_map(
        |(mark, user, sequence, at_ms)| Event { at_ms, user, sequence, payload: any_payload(mark) },
    )
}

#[test]
fn a_format_is_found_by_its_name() {
    for format in Format::ALL {
        assert_eq!(Format::parse(format.name()), Some(format));
    }
    assert_eq!(Format::parse("xml"), None);
}

#[test]
fn features_have_different_names_that_need_no_escape() {
    let names: BTreeSet<&str> = FEATURES.into_iter().collect();
    assert_eq!(names.len(), FEATURES.len());
    assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
}

#[test]
fn every_message_has_a_text_that_needs_no_escape() {
    for role in [TicketRole::Opening, TicketRole::Reply, TicketRole::Answer] {
        for sentiment in -100..=100 {
            let texts: BTreeSet<&str> =
                (0..=255).map(|message| ticket_text(role, sentiment, message)).collect();
            assert!(texts.len() >= 6, "{role:?} {sentiment}");
            for text in texts {
                let is_plain = |b: u8| (b' '..=b'~').contains(&b) && b != b'"' && b != b'\\';
                assert!(!text.is_empty() && text.bytes().all(is_plain), "{text}");
            }
        }
    }
}

#[test]
fn moods_and_roles_have_texts_of_their_own() {
    let roles = [TicketRole::Opening, TicketRole::Reply, TicketRole::Answer];
    let first: BTreeSet<&str> = roles
        .into_iter()
        .flat_map(|role| [-100, -1, 0, 100].map(|sentiment| ticket_text(role, sentiment, 0)))
        .collect();
    assert_eq!(first.len(), 12);
}

#[test]
fn no_two_events_share_an_id() {
    let all = population();
    let mut ids = BTreeSet::new();
    for user in 0..300 {
        for sequence in (0..300).chain(u32::MAX - 100..=u32::MAX) {
            let id = event_id(&all, user, sequence);
            assert!(id.as_str().starts_with("evt_") && id.as_str().len() == 20);
            assert!(ids.insert(id), "{id} twice");
        }
    }
    let other = Population::new(Seed::new(2), 1).unwrap();
    assert!(!ids.contains(&event_id(&other, 0, 0)));
}

#[test]
fn no_two_devices_share_an_id() {
    let mut lines = BTreeSet::new();
    for user in (0..5_000).chain(995_000..1_000_000) {
        for device in 0..4 {
            let payload = Payload::SessionStart { device };
            let line = rendered(Format::Mockgen, &Event { at_ms: 0, user, sequence: 0, payload });
            let (_, id) = line.split_once("dev_").unwrap();
            assert!(lines.insert(id.to_owned()));
        }
    }
}

#[test]
fn no_two_payments_share_an_order() {
    let mut orders = BTreeSet::new();
    for user in (0..30).chain(999_970..1_000_000) {
        for sequence in 0..100 {
            let payload = Payload::InvoicePaid { amount_cents: 4_900 };
            let line = rendered(Format::Shopify, &Event { at_ms: 0, user, sequence, payload });
            let json: Value = serde_json::from_str(&line).unwrap();
            assert!(orders.insert(json["body"]["id"].as_u64().unwrap()));
        }
    }
    assert!(orders.last() < Some(&(1 << 52)));
}

#[test]
fn an_event_can_be_told_at_another_time() {
    let event = Event { at_ms: 0, user: 1, sequence: 2, payload: Payload::PlanCancelled };
    for format in Format::ALL {
        let renderer = Renderer::new(&population(), format);
        let (mut moved, mut expect) = (Vec::new(), Vec::new());
        renderer.render_at(&event, START_MS, &mut moved);
        renderer.render(&Event { at_ms: START_MS, ..event }, &mut expect);
        assert_eq!(moved, expect);
    }
}

#[test]
fn a_table_has_a_column_for_every_property() {
    let renderer = Renderer::new(&population(), Format::Csv);
    let header = str::from_utf8(renderer.header().unwrap()).unwrap();
    let names = Prop::ALL.map(Prop::name).join(",");
    assert_eq!(header, format!("id,ts,userId,event,{names}\n"));
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Csv) {
        assert_eq!(Renderer::new(&population(), format).header(), None);
    }
}

#[test]
fn the_average_line_is_about_133_bytes_long() {
    // Shares of a usual history: seven features to a session, little else.
    let line = |payload| {
        rendered(Format::Mockgen, &Event { at_ms: START_MS, user: 3, sequence: 1, payload })
    };
    let features: usize = (0..8).map(|feature| line(Payload::FeatureUsed { feature }).len()).sum();
    let session = line(Payload::SessionStart { device: 0 }).len()
        + line(Payload::SessionEnd { duration_seconds: 300 }).len();
    let average = (features + session) / 10;
    assert!((128..138).contains(&average), "{average}");
}

proptest! {
    #[test]
    fn the_fast_way_and_the_slow_way_write_the_same(event in any_event()) {
        let renderer = Renderer::new(&population(), Format::Mockgen);
        let (mut fast, mut slow) = (Vec::new(), Vec::new());
        renderer.render(&event, &mut fast);
        renderer.render_changed(&event, &Change::Nothing, &mut slow);
        prop_assert_eq!(String::from_utf8(fast), String::from_utf8(slow));
    }

    #[test]
    fn every_line_is_json_on_one_line(event in any_event()) {
        for format in Format::ALL.into_iter().filter(|format| *format != Format::Csv) {
            let line = rendered(format, &event);
            let takes = Renderer::new(&population(), format).takes(event.payload);
            prop_assert_eq!(takes, !line.is_empty());
            if takes {
                let body = line.strip_suffix('\n').unwrap();
                prop_assert!(!body.contains(['\n', '\r']));
                prop_assert!(serde_json::from_str::<Value>(body).unwrap().is_object());
            }
        }
    }

    #[test]
    fn every_row_has_as_many_fields_as_the_header(event in any_event()) {
        let row = rendered(Format::Csv, &event);
        let mut is_quoted = false;
        let mut commas = 0;
        for byte in row.bytes() {
            match byte {
                b'"' => is_quoted = !is_quoted,
                b',' if !is_quoted => commas += 1,
                b'\n' | b'\r' => prop_assert!(!is_quoted),
                _ => {}
            }
        }
        prop_assert_eq!(commas, 3 + Prop::ALL.len());
        prop_assert!(row.ends_with('\n'));
    }

    #[test]
    fn times_are_those_of_the_calendar(at_ms in -62_135_596_800_000_i64..253_402_207_200_000) {
        let payload = Payload::PlanCancelled;
        let line = rendered(Format::Mockgen, &Event { at_ms, user: 0, sequence: 0, payload });
        let expect = format!("{:.3}", Timestamp::from_millisecond(at_ms).unwrap());
        prop_assert_eq!(&line[35..59], expect);
    }
}
