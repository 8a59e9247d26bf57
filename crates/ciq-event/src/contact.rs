//! Contact points: values that point at a customer, as they were sent.

use std::fmt;
use std::str::FromStr;

/// The kinds of identifier, in priority order: the first is trusted most.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentifierKind {
    /// The company's own id of the customer.
    CustomerId,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A `WhatsApp` number.
    Whatsapp,
    /// The number of a loyalty card.
    LoyaltyId,
    /// The id that another system gave, such as `external:shopify`.
    External(String),
    /// A personal QR code.
    QrId,
    /// An address of India's Unified Payments Interface.
    Upi,
    /// A device.
    DeviceId,
    /// A browser.
    CookieId,
    /// One visit.
    SessionId,
    /// The last four digits of a payment card.
    CardLast4,
}

/// Why a text names no kind of identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of identifier: {0:?}")]
pub struct IdentifierKindError(String);

impl IdentifierKind {
    /// Returns the name, as it stands in SQL, JSON and prose.
    #[must_use]
    pub fn name(&self) -> String {
        self.to_string()
    }

    /// Tells whether a customer who holds one is somebody, rather than an anonymous visitor.
    #[must_use]
    pub fn is_of_a_known_customer(&self) -> bool {
        matches!(
            self,
            Self::CustomerId | Self::Email | Self::Phone | Self::Whatsapp | Self::LoyaltyId
        )
    }

    /// Tells whether it names a browser, device or visit: it joins an anonymous customer to a
    /// known one, and never two known ones.
    #[must_use]
    pub fn is_of_a_device(&self) -> bool {
        matches!(self, Self::DeviceId | Self::CookieId | Self::SessionId)
    }

    /// Tells whether it outlives a visit and is a person's own: what strength counts.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        !matches!(self, Self::SessionId | Self::CardLast4)
    }
}

impl fmt::Display for IdentifierKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CustomerId => "customer_id",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Whatsapp => "whatsapp",
            Self::LoyaltyId => "loyalty_id",
            Self::External(system) => return write!(f, "external:{system}"),
            Self::QrId => "qr_id",
            Self::Upi => "upi",
            Self::DeviceId => "device_id",
            Self::CookieId => "cookie_id",
            Self::SessionId => "session_id",
            Self::CardLast4 => "card_last4",
        })
    }
}

impl FromStr for IdentifierKind {
    type Err = IdentifierKindError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "customer_id" => Self::CustomerId,
            "email" => Self::Email,
            "phone" => Self::Phone,
            "whatsapp" => Self::Whatsapp,
            "loyalty_id" => Self::LoyaltyId,
            "qr_id" => Self::QrId,
            "upi" => Self::Upi,
            "device_id" => Self::DeviceId,
            "cookie_id" => Self::CookieId,
            "session_id" => Self::SessionId,
            "card_last4" => Self::CardLast4,
            other => match other.strip_prefix("external:") {
                Some(system) if !system.is_empty() => Self::External(system.to_owned()),
                _ => return Err(IdentifierKindError(other.chars().take(80).collect())),
            },
        })
    }
}

/// A value that points at a customer, as it was sent: not yet normalised.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContactPoint {
    /// What kind of value it is.
    pub kind: IdentifierKind,
    /// The value as sent.
    pub value: String,
}

impl ContactPoint {
    /// Makes a contact point.
    pub fn new(kind: IdentifierKind, value: impl Into<String>) -> Self {
        Self { kind, value: value.into() }
    }
}
