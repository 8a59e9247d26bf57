//! Ids that look like Stripe's and follow from a counter alone.

use std::borrow::Borrow;
use std::fmt;

/// A kind of id.
pub(super) trait Kind: Sized {
    /// What its ids begin with.
    const PREFIX: &'static str;
    /// How many letters and digits follow.
    const LENGTH: usize;

    /// Takes a text as it is.
    fn from_raw(text: String) -> Self;
}

macro_rules! id_types {
    ($($name:ident $prefix:literal $length:literal: $about:literal;)+) => { $(
        #[doc = $about]
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) struct $name(String);

        impl $name {
            /// Returns the text.
            pub(super) fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Kind for $name {
            const PREFIX: &'static str = $prefix;
            const LENGTH: usize = $length;

            fn from_raw(text: String) -> Self {
                Self(text)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+ };
}

id_types! {
    ClockId "clock_" 24: "The id of a test clock.";
    CustomerId "cus_" 14: "The id of a customer.";
    EventId "evt_" 24: "The id of an event.";
    InvoiceId "in_" 24: "The id of an invoice.";
    InvoiceItemId "ii_" 24: "The id of an invoice item, which a proration is until it is invoiced.";
    ItemId "si_" 14: "The id of a subscription item.";
    LineId "il_" 24: "The id of a line of an invoice.";
    PaymentMethodId "pm_" 24: "The id of a payment method.";
    PriceId "price_" 24: "The id of a price.";
    ProductId "prod_" 14: "The id of a product.";
    SubscriptionId "sub_" 24: "The id of a subscription.";
}

/// Letters and digits of ids.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Makes ids. Each is made from how many were made before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mint {
    made: u64,
}

impl Mint {
    /// Makes the next id.
    pub(super) fn id<K: Kind>(&mut self) -> K {
        self.made += 1;
        let mut hasher = blake3::Hasher::new();
        hasher.update(K::PREFIX.as_bytes()).update(&self.made.to_le_bytes());
        let hash = hasher.finalize();
        let digit = |byte: &u8| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]);
        let digits: String = hash.as_bytes().iter().take(K::LENGTH).map(digit).collect();
        K::from_raw(format!("{}{digits}", K::PREFIX))
    }

    /// Returns the next serial number: what was made later has a greater one.
    pub(super) fn serial(&mut self) -> u64 {
        self.made += 1;
        self.made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_look_like_stripes_and_follow_from_the_count() {
        let (mut one, mut other) = (Mint::default(), Mint::default());
        let first: SubscriptionId = one.id();
        assert!(first.as_str().starts_with("sub_"));
        assert_eq!(first.as_str().len(), 28);
        assert_eq!(other.id::<SubscriptionId>(), first);
        assert_ne!(one.id::<SubscriptionId>(), first);
        assert_eq!(one.id::<CustomerId>().to_string().len(), 18);
    }
}
