//! What points at a customer, found in the fields of an object.

use crate::{ContactPoint, IdentifierKind, Rejection};

use super::object::{Object, scalar, trimmed};

/// Names of the address.
pub(super) const EMAIL: &[&str] = &["email", "customer_email"];
/// Names of the telephone number.
pub(super) const PHONE: &[&str] = &["phone", "customer_phone"];
/// The object of ids that other systems gave, by system.
pub(super) const EXTERNAL_IDS: &str = "external_ids";
/// Further fields that point at a customer, each of one name.
pub(super) const OTHERS: &[&str] = &[
    "whatsapp",
    "loyalty_id",
    "qr_id",
    "upi",
    "device_id",
    "cookie_id",
    "session_id",
    "card_last4",
];

/// Longest name of another system, in bytes.
const SYSTEM_LENGTH_MAX: usize = 64;

/// Appends a contact point of each field that is one, in priority order. The company's own
/// `customer_id` is the caller's to find: its place differs by form.
pub(super) fn collect(data: &Object<'_>, into: &mut Vec<ContactPoint>) -> Result<(), Rejection> {
    push(data, EMAIL, IdentifierKind::Email, into)?;
    push(data, PHONE, IdentifierKind::Phone, into)?;
    push(data, &["whatsapp"], IdentifierKind::Whatsapp, into)?;
    push(data, &["loyalty_id"], IdentifierKind::LoyaltyId, into)?;
    collect_external(data, into)?;
    push(data, &["qr_id"], IdentifierKind::QrId, into)?;
    push(data, &["upi"], IdentifierKind::Upi, into)?;
    collect_visit(data, into)?;
    push(data, &["card_last4"], IdentifierKind::CardLast4, into)
}

/// Appends what points at a device, a browser or a visit.
pub(super) fn collect_visit(
    data: &Object<'_>,
    into: &mut Vec<ContactPoint>,
) -> Result<(), Rejection> {
    push(data, &["device_id"], IdentifierKind::DeviceId, into)?;
    push(data, &["cookie_id"], IdentifierKind::CookieId, into)?;
    push(data, &["session_id"], IdentifierKind::SessionId, into)
}

/// Appends the first of several fields that is there, unless it was found before.
pub(super) fn push(
    data: &Object<'_>,
    keys: &[&str],
    kind: IdentifierKind,
    into: &mut Vec<ContactPoint>,
) -> Result<(), Rejection> {
    if let Some(value) = data.first_text(keys)? {
        push_new(ContactPoint::new(kind, value), into);
    }
    Ok(())
}

/// Appends a contact point unless it was found before.
pub(super) fn push_new(contact: ContactPoint, into: &mut Vec<ContactPoint>) {
    if !into.contains(&contact) {
        into.push(contact);
    }
}

fn collect_external(data: &Object<'_>, into: &mut Vec<ContactPoint>) -> Result<(), Rejection> {
    let Some(ids) = data.object(EXTERNAL_IDS)? else { return Ok(()) };
    for (system, raw) in ids.fields() {
        let name = system.trim().to_ascii_lowercase();
        let is_fine = !name.is_empty() && name.len() <= SYSTEM_LENGTH_MAX;
        if !is_fine || name.chars().any(char::is_control) {
            let reason = format!("a system's name has 1 to {SYSTEM_LENGTH_MAX} bytes");
            return Err(data.rejection(EXTERNAL_IDS, reason));
        }
        if raw.get() == "null" {
            continue;
        }
        match scalar(raw) {
            Some(Ok(id)) => {
                if let Some(id) = trimmed(id) {
                    let kind = IdentifierKind::External(name);
                    push_new(ContactPoint::new(kind, id.into_owned()), into);
                }
            }
            Some(Err(_)) | None => {
                return Err(data.rejection(EXTERNAL_IDS, "each id must be a text or a number"));
            }
        }
    }
    Ok(())
}
