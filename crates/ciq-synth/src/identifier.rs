//! Identifiers: what points at a person, how it is typed, and which of them a record carries.

use std::fmt;

use rand::Rng;

use crate::chance::{between, weighted};

/// The kinds of identifier that this world knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The company's own id.
    CustomerId,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A `WhatsApp` number.
    Whatsapp,
    /// The number of a loyalty card.
    LoyaltyId,
    /// A device, at times shared within a family.
    DeviceId,
    /// A browser.
    CookieId,
    /// One visit.
    SessionId,
}

impl Kind {
    /// Returns the name, as it stands in SQL, JSON and prose.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CustomerId => "customer_id",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Whatsapp => "whatsapp",
            Self::LoyaltyId => "loyalty_id",
            Self::DeviceId => "device_id",
            Self::CookieId => "cookie_id",
            Self::SessionId => "session_id",
        }
    }

    /// Tells whether one value belongs to one person only and may join two known customers.
    #[must_use]
    pub fn is_joining(self) -> bool {
        match self {
            Self::CustomerId | Self::Email | Self::Phone | Self::Whatsapp | Self::LoyaltyId => true,
            Self::DeviceId | Self::CookieId | Self::SessionId => false,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A value that points at a person, normalised: an address in lower case without spaces, a
/// phone as international digits, a `WhatsApp` number as those digits after a plus.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier {
    /// What kind of value it is.
    pub kind: Kind,
    /// The value.
    pub value: String,
}

/// The identifiers that a record carries, noted down as they are written into its body.
#[derive(Debug, Default)]
pub(crate) struct Carried(Vec<Identifier>);

impl Carried {
    /// Notes a value that is written as it is.
    pub(crate) fn plain<'a>(&mut self, kind: Kind, value: &'a str) -> &'a str {
        self.0.push(Identifier { kind, value: value.to_owned() });
        value
    }

    /// Notes an address and returns it as somebody typed it.
    pub(crate) fn email(&mut self, rng: &mut impl Rng, email: &str) -> String {
        self.plain(Kind::Email, email);
        email_as_typed(rng, email)
    }

    /// Notes a phone and returns it as somebody typed it.
    pub(crate) fn phone(&mut self, rng: &mut impl Rng, digits: &str) -> String {
        self.plain(Kind::Phone, digits);
        phone_as_typed(rng, digits)
    }

    /// Notes the sender of a text message and returns it in full international form.
    pub(crate) fn text_sender(&mut self, digits: &str) -> String {
        self.plain(Kind::Phone, digits);
        format!("+{digits}")
    }

    /// Notes the sender of a `WhatsApp` message and returns it as Twilio writes it.
    pub(crate) fn whatsapp_sender(&mut self, digits: &str) -> String {
        let number = format!("+{digits}");
        self.plain(Kind::Phone, digits);
        self.plain(Kind::Whatsapp, &number);
        format!("whatsapp:{number}")
    }

    /// Returns what was noted, by kind and value.
    pub(crate) fn into_identifiers(mut self) -> Vec<Identifier> {
        self.0.sort();
        self.0
    }
}

fn email_as_typed(rng: &mut impl Rng, email: &str) -> String {
    match weighted(rng, &[76, 12, 5, 4, 3]) {
        0 => email.to_owned(),
        1 => capitalised(email),
        2 => email.to_uppercase(),
        3 => format!(" {email}"),
        _ => format!("{} ", capitalised(email)),
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}

fn phone_as_typed(rng: &mut impl Rng, digits: &str) -> String {
    let (Some(area), Some(exchange), Some(line)) =
        (digits.get(1..4), digits.get(4..7), digits.get(7..))
    else {
        return format!("+{digits}");
    };
    match between(rng, 0, 5) {
        0 | 1 => format!("+{digits}"),
        2 => format!("+1 ({area}) {exchange}-{line}"),
        3 => format!("+1-{area}-{exchange}-{line}"),
        4 => format!("00{digits}"),
        _ => digits.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;

    #[test]
    fn a_typed_value_normalises_to_the_noted_one() {
        let mut rng = Seed::new(1).stream("test", 0);
        for _ in 0..200 {
            let email = email_as_typed(&mut rng, "ann.lee7@example.com");
            assert_eq!(email.trim().to_lowercase(), "ann.lee7@example.com");
            let phone = phone_as_typed(&mut rng, "12015550123");
            let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
            assert_eq!(digits.trim_start_matches('0'), "12015550123");
        }
    }
}
