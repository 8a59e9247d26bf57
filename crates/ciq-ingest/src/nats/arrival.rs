//! From a delivery to an entry: whose it is, and what it says.

use std::sync::Arc;

use ciq_engine::{Entry, Settings, prepare};
use ciq_event::{Brand, Carrier, Message, Rejection, WireForm, carried_message};
use ciq_nats::{Delivery, Receipt, request_brand};
use jiff::Timestamp;

/// The largest message that can be an event, in bytes: far beyond any event, far below what a
/// server may be set to take.
const MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The header in which a publisher names its brand.
const BRAND_HEADER: &str = "x-brand-id";

/// The header in which a publisher names its message.
const MESSAGE_ID_HEADER: &str = "Nats-Msg-Id";

/// Makes the entry of a delivery, and hands out its receipt.
pub fn entry_of(
    delivery: Delivery,
    settings: &Settings,
    arrived_at: Timestamp,
) -> (Entry, Receipt) {
    let Delivery { subject, headers, body, receipt, place: _ } = delivery;
    let message_id = header(&headers, MESSAGE_ID_HEADER).map(str::to_owned);
    let carrier = Carrier { subject, message_id, headers };
    if body.len() > MESSAGE_BYTES_MAX {
        let reason = format!("larger than {} MiB: split it", MESSAGE_BYTES_MAX >> 20);
        return (refused(body, carrier, Rejection::new("body", reason), arrived_at), receipt);
    }
    let message = match carried_message(&body, carrier, arrived_at) {
        Ok(message) => message,
        Err((carrier, rejection)) => {
            return (refused(body, carrier, rejection, arrived_at), receipt);
        }
    };
    let entry = prepare(message, settings);
    if let Entry::Told(prepared) = &entry
        && let Some(carrier) = &prepared.message.carrier
        && prepared.events.iter().any(|item| carrier.contradicts(&item.event))
    {
        metrics::counter!("customeriq_nats_contradictions_total").increment(1);
    }
    (entry, receipt)
}

/// Makes the entry of a message that nobody could read.
pub(super) fn refused(
    body: Vec<u8>,
    carrier: Carrier,
    rejection: Rejection,
    arrived_at: Timestamp,
) -> Entry {
    let carrier = Some(Arc::new(carrier));
    let message = Message { carrier, ..Message::new(WireForm::Envelope, body, arrived_at) };
    Entry::Rejected { message: Arc::new(message), rejection }
}

/// Tells whose a delivery is: by its subject, its header, or by default.
pub(super) fn brand_of(delivery: &Delivery, default: &Brand) -> Result<Brand, Rejection> {
    let named =
        request_brand(&delivery.subject).or_else(|| header(&delivery.headers, BRAND_HEADER));
    let Some(name) = named else { return Ok(default.clone()) };
    Brand::parse(name).map_err(|error| Rejection::new(BRAND_HEADER, error.to_string()))
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|(held, _)| held.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EngineOptions;

    fn delivery(subject: &str, headers: &[(&str, &str)], body: &[u8]) -> Delivery {
        let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        Delivery {
            subject: subject.to_owned(),
            headers: headers.collect(),
            body: body.to_vec(),
            receipt: Receipt::None,
            place: None,
        }
    }

    fn entry(delivery: Delivery) -> Entry {
        let settings = EngineOptions::default().settings(Brand::default()).unwrap();
        entry_of(delivery, &settings, Timestamp::UNIX_EPOCH).0
    }

    #[test]
    fn the_brand_stands_in_the_subject_of_a_request_or_in_a_header() {
        let default = Brand::default();
        for (subject, headers, brand) in [
            ("customer.events.a.b", &[][..], Some("default")),
            ("customer.events.a.b", &[("X-Brand-Id", "acme")], Some("acme")),
            ("customeriq.acme.ingest", &[], Some("acme")),
            ("customer.events.a.b", &[("x-brand-id", "../x")], None),
        ] {
            let told = brand_of(&delivery(subject, headers, b"{}"), &default);
            assert_eq!(told.ok().as_ref().map(Brand::as_str), brand, "{subject}");
        }
    }

    #[test]
    fn a_huge_message_is_refused_before_it_is_read() {
        let huge = delivery("customer.events.a.b", &[], &vec![b' '; MESSAGE_BYTES_MAX + 1]);
        let Entry::Rejected { rejection, .. } = entry(huge) else { panic!("it was read") };
        assert_eq!(rejection.field, "body");
    }

    #[test]
    fn a_refused_message_keeps_its_subject_and_headers() {
        let broken = delivery("customer.events.a.b", &[("k", "v")], b"{");
        let Entry::Rejected { message, .. } = entry(broken) else { panic!("it was read") };
        let carrier = message.carrier.as_ref().unwrap();
        assert_eq!(carrier.subject, "customer.events.a.b");
        assert_eq!(carrier.headers, [("k".to_owned(), "v".to_owned())]);
    }
}
