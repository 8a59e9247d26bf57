//! Telephone numbers: every way to write a number becomes its international digits.

use phonenumber::country::Id as Region;
use phonenumber::metadata::DATABASE;

/// The fewest digits of a number that is not valid and is kept all the same.
const DIGIT_COUNT_MIN: usize = 7;

/// The most digits of a number, by E.164.
const DIGIT_COUNT_MAX: usize = 15;

/// The most digits that are read: a number with the longest prefix for dialling abroad.
const DIALLED_COUNT_MAX: usize = 24;

/// How many compiled patterns the library may keep: those of all regions that call often, about
/// ten each. With its own limit of 100, numbers of a dozen regions in turn cost two milliseconds
/// each, because every one compiles its patterns anew.
const PATTERN_COUNT_MAX: usize = 1_000;

/// What may stand before a number, in lower case.
const SCHEMES: [&str; 2] = ["tel:", "whatsapp:"];

const BRAZIL: &str = "55";
const MEXICO: &str = "52";

/// Lets the library keep enough compiled patterns. It has one cache for the whole process.
pub(super) fn keep_patterns() {
    if let Ok(mut cache) = DATABASE.cache().lock()
        && cache.capacity() < PATTERN_COUNT_MAX
    {
        cache.set_capacity(PATTERN_COUNT_MAX);
    }
}

/// A number as it was dialled or written down, without its extension.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Dialled {
    /// After a `+`: begins with a country code.
    International(String),
    /// With its `00`, which is or begins the prefix for calls abroad nearly everywhere.
    Abroad(String),
    /// To be read in a region.
    Local(String),
}

impl Dialled {
    /// Reads a number. `None` for a text that is something else.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut has_plus = false;
        let mut digits = String::with_capacity(DIGIT_COUNT_MAX);
        for character in without_scheme(text).chars() {
            match character {
                '0'..='9' => digits.push(character),
                '+' | '\u{FF0B}' if digits.is_empty() => has_plus = true,
                _ if is_separator(character) => {}
                // An extension: a letter, `#`, `;` or `,` and what follows.
                _ if !digits.is_empty() && begins_extension(character) => break,
                _ => return None,
            }
        }
        if digits.is_empty() || digits.len() > DIALLED_COUNT_MAX {
            return None;
        }
        Some(Self::new(has_plus, digits))
    }

    fn new(has_plus: bool, digits: String) -> Self {
        if has_plus {
            Self::International(digits)
        } else if digits.starts_with("00") {
            Self::Abroad(digits)
        } else {
            Self::Local(digits)
        }
    }

    /// Returns the digits as read, without `00`.
    pub(super) fn digits(&self) -> &str {
        match self {
            Self::International(digits) | Self::Local(digits) => digits,
            Self::Abroad(digits) => digits.strip_prefix("00").unwrap_or(digits),
        }
    }

    /// Returns the number's international digits; those as read if the number is not valid and
    /// might yet be a number. `None` if it cannot be one.
    pub(super) fn international_digits(&self, region: Region) -> Option<String> {
        let valid = match self {
            Self::International(digits) => valid_international(digits),
            Self::Abroad(digits) => valid_international(self.digits())
                .or_else(|| valid_international(dialled_abroad(digits, region)?)),
            Self::Local(digits) => valid_in(digits, region),
        };
        let digits =
            valid.map_or_else(|| without_variant(self.digits().to_owned()), without_variant);
        let is_possible = (DIGIT_COUNT_MIN..=DIGIT_COUNT_MAX).contains(&digits.len());
        is_possible.then_some(digits)
    }
}

/// Returns the text behind `tel:` or `whatsapp:`.
fn without_scheme(text: &str) -> &str {
    SCHEMES
        .into_iter()
        .find_map(|scheme| {
            let (start, rest) = text.split_at_checked(scheme.len())?;
            start.eq_ignore_ascii_case(scheme).then_some(rest)
        })
        .unwrap_or(text)
}

/// Tells whether a character groups digits. The marks of writing direction come with numbers that
/// were copied from a telephone's address book.
fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '-' | '.' | '(' | ')' | '[' | ']' | '/' | '~' | '_' | '\u{00AD}' | '\u{2212}'
                | '\u{FEFF}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2010}'..='\u{2015}'
                | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{2069}'
        )
}

fn begins_extension(character: char) -> bool {
    character.is_alphabetic() || matches!(character, '#' | ';' | ',')
}

/// Reads digits that begin with a country code.
fn valid_international(digits: &str) -> Option<String> {
    // No country code begins with 0: `+0044` says `+44`.
    let digits = digits.trim_start_matches('0');
    // Without a region: with one the library takes that region's trunk prefix from any number.
    let number = phonenumber::parse(None, format!("+{digits}")).ok()?;
    number.is_valid().then(|| e164(&number))
}

/// Reads digits as they are dialled within a region, also those of a call abroad.
fn valid_in(digits: &str, region: Region) -> Option<String> {
    if let Some(abroad) = dialled_abroad(digits, region) {
        return valid_international(abroad);
    }
    let number = phonenumber::parse(Some(region), digits).ok()?;
    if number.is_valid() {
        return Some(e164(&number));
    }
    // A mobile number of a region with variants, in its old form.
    let national = digits.trim_start_matches('0');
    let old = format!("{}{national}", number.code().value());
    let new = without_variant(old.clone());
    if new == old { None } else { valid_international(&new) }
}

/// Returns what follows the region's prefix for calls abroad, such as `011` in North America.
fn dialled_abroad(digits: &str, region: Region) -> Option<&str> {
    let prefix = DATABASE.by_id(region.as_ref())?.international_prefix()?.find(digits)?;
    let rest = digits.get(prefix.end()..)?;
    (prefix.start() == 0 && !rest.is_empty() && !rest.starts_with('0')).then_some(rest)
}

fn e164(number: &phonenumber::PhoneNumber) -> String {
    format!("{}{}", number.code().value(), number.national())
}

/// Returns the one form of a mobile number that is written in two: Brazil's with the ninth digit,
/// Mexico's without the 1. Others are returned as they are, landlines above all: to join two is
/// worse than to miss a match.
///
/// <https://github.com/chatwoot/chatwoot/pull/14657>
fn without_variant(digits: String) -> String {
    if let Some(national) = digits.strip_prefix(BRAZIL)
        && is_brazilian_mobile_without_ninth_digit(national)
    {
        let (area, subscriber) = national.split_at(2);
        return format!("{BRAZIL}{area}9{subscriber}");
    }
    if let Some(national) = digits.strip_prefix(MEXICO)
        && let Some(subscriber) = national.strip_prefix('1')
        && subscriber.len() == 10
    {
        return format!("{MEXICO}{subscriber}");
    }
    digits
}

/// Tells whether digits are an area of two digits (never 0) and eight more that begin with 6 to 9.
fn is_brazilian_mobile_without_ninth_digit(national: &str) -> bool {
    matches!(national.as_bytes(), [b'1'..=b'9', b'1'..=b'9', b'6'..=b'9', rest @ ..] if rest.len() == 7)
}
