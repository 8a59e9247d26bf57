//! Normalisation: a contact point becomes an identifier, or is dropped with the reason.

mod never;
mod phone;

use std::collections::BTreeSet;

use ciq_event::{ContactPoint, IdentifierKind};

use crate::Identifier;

/// The longest value that identifies. An e-mail address has at most 254 bytes; what is longer is
/// a text that went into the wrong field.
const VALUE_SIZE_BYTES_MAX: usize = 256;

const TOO_LONG: &str = "too long";
const CONTROL_CHARACTER: &str = "holds a control character";
const PLACEHOLDER: &str = "a placeholder";
const NOT_AN_EMAIL: &str = "not an e-mail address";
const NOT_A_NUMBER: &str = "not a telephone number";
const NOT_FOUR_DIGITS: &str = "not four digits";

/// Why a text names no region.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a region: {0:?} (two letters, such as US)")]
pub struct RegionError(String);

/// What normalisation may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NormaliseRules {
    region: phonenumber::country::Id,
    never: BTreeSet<String>,
}

/// What became of an event's contact points.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Normalised {
    /// What identifies, by priority, each once.
    pub identifiers: Vec<Identifier>,
    /// What does not.
    pub dropped: Vec<Dropped>,
}

/// A contact point that does not identify: a placeholder or not a value of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The kind.
    pub kind: IdentifierKind,
    /// Why.
    pub reason: &'static str,
}

impl NormaliseRules {
    /// Makes rules that read numbers without a country code in `region` (ISO 3166, two letters).
    pub fn new(region: &str) -> Result<Self, RegionError> {
        let region = region.parse().map_err(|_| RegionError(region.chars().take(8).collect()))?;
        phone::keep_patterns();
        Ok(Self { region, never: BTreeSet::new() })
    }

    /// Adds values that never identify. Each is compared, in lower case, with a value as it was
    /// sent (also without its quotes) and as it was normalised.
    #[must_use]
    pub fn with_never(mut self, values: impl IntoIterator<Item = String>) -> Self {
        self.never.extend(values.into_iter().map(|value| value.trim().to_lowercase()));
        self
    }
}

/// Normalises an event's contact points.
#[must_use]
pub fn normalise(contacts: &[ContactPoint], rules: &NormaliseRules) -> Normalised {
    let mut normalised = Normalised::default();
    for ContactPoint { kind, value } in contacts {
        match normalise_value(kind, value.trim(), rules) {
            Ok(value) => normalised.identifiers.push(Identifier::from_raw(kind.clone(), value)),
            Err(reason) => normalised.dropped.push(Dropped { kind: kind.clone(), reason }),
        }
    }
    normalised.identifiers.sort();
    normalised.identifiers.dedup();
    normalised
}

/// Returns the normal form of a trimmed value, or why it does not identify.
fn normalise_value(
    kind: &IdentifierKind,
    sent: &str,
    rules: &NormaliseRules,
) -> Result<String, &'static str> {
    if sent.len() > VALUE_SIZE_BYTES_MAX {
        return Err(TOO_LONG);
    }
    if sent.chars().any(char::is_control) {
        return Err(CONTROL_CHARACTER);
    }
    if never::is_never(sent, &rules.never) {
        return Err(PLACEHOLDER);
    }
    let value = normal_form(kind, sent, rules.region)?;
    // Lower case may be longer: `İ` has two bytes, `i̇` has three.
    if value.len() > VALUE_SIZE_BYTES_MAX {
        return Err(TOO_LONG);
    }
    if rules.never.contains(&value) {
        return Err(PLACEHOLDER);
    }
    Ok(value)
}

/// Returns the normal form of a value that is no placeholder in any kind.
fn normal_form(
    kind: &IdentifierKind,
    sent: &str,
    region: phonenumber::country::Id,
) -> Result<String, &'static str> {
    match kind {
        IdentifierKind::Email => email(sent),
        IdentifierKind::Phone => phone(sent, region),
        IdentifierKind::Whatsapp => phone(sent, region).map(|digits| format!("+{digits}")),
        IdentifierKind::Upi => Ok(sent.to_lowercase()),
        IdentifierKind::CardLast4 => last_four(sent),
        IdentifierKind::CustomerId
        | IdentifierKind::LoyaltyId
        | IdentifierKind::External(_)
        | IdentifierKind::QrId
        | IdentifierKind::DeviceId
        | IdentifierKind::CookieId
        | IdentifierKind::SessionId => Ok(sent.to_owned()),
    }
}

fn email(sent: &str) -> Result<String, &'static str> {
    let Some((local, domain)) = sent.split_once('@') else { return Err(NOT_AN_EMAIL) };
    let is_malformed = local.is_empty()
        || domain.is_empty()
        || domain.contains('@')
        || sent.contains(char::is_whitespace);
    if is_malformed {
        return Err(NOT_AN_EMAIL);
    }
    let address = sent.to_lowercase();
    if never::is_placeholder_email(&address) { Err(PLACEHOLDER) } else { Ok(address) }
}

fn phone(sent: &str, region: phonenumber::country::Id) -> Result<String, &'static str> {
    let number = phone::Dialled::read(sent).ok_or(NOT_A_NUMBER)?;
    if never::is_placeholder_phone(number.digits()) {
        return Err(PLACEHOLDER);
    }
    number.international_digits(region).ok_or(NOT_A_NUMBER)
}

fn last_four(sent: &str) -> Result<String, &'static str> {
    if sent.len() == 4 && sent.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(sent.to_owned())
    } else {
        Err(NOT_FOUR_DIGITS)
    }
}
