//! Stripe's test cards: what attaches, and what pays.

use crate::ApiError;

/// Why a card is declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decline {
    /// The bank says no, with a reason of its own.
    Bank(&'static str),
    ExpiredCard,
    IncorrectCvc,
    ProcessingError,
    /// There is no card to ask.
    NoCard,
}

impl Decline {
    /// Returns the error that a client sees.
    pub(super) fn error(self) -> ApiError {
        let card = |message: &str, code| ApiError::new(402, "card_error", message).with_code(code);
        match self {
            Self::Bank(reason) => ApiError::card_declined(reason),
            Self::ExpiredCard => card("Your card has expired.", "expired_card"),
            Self::IncorrectCvc => card("Your card's security code is incorrect.", "incorrect_cvc"),
            Self::ProcessingError => card(
                "An error occurred while processing your card. Try again in a little bit.",
                "processing_error",
            ),
            Self::NoCard => no_card(),
        }
    }
}

/// The refusal of what needs a card where a customer has none.
pub(super) fn no_card() -> ApiError {
    ApiError::invalid(
        "This customer has no attached payment source or default payment method. Please consider \
         adding a default payment method.",
    )
    .with_code("resource_missing")
}

/// A test card.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Card {
    /// The token that stands for it.
    pub(super) token: &'static str,
    pub(super) brand: &'static str,
    pub(super) last4: &'static str,
    pub(super) funding: &'static str,
    /// What happens when it is attached to a customer.
    pub(super) attaching: Option<Decline>,
    /// What happens when it is asked for money.
    pub(super) charging: Option<Decline>,
}

/// A card that pays.
const fn pays(token: &'static str, brand: &'static str, last4: &'static str) -> Card {
    Card { token, brand, last4, funding: "credit", attaching: None, charging: None }
}

/// A card that cannot even be attached.
const fn declined(token: &'static str, last4: &'static str, why: Decline) -> Card {
    let visa = pays(token, "visa", last4);
    Card { attaching: Some(why), charging: Some(why), ..visa }
}

/// The test cards.
static CARDS: [Card; 21] = [
    pays("pm_card_visa", "visa", "4242"),
    Card { funding: "debit", ..pays("pm_card_visa_debit", "visa", "5556") },
    pays("pm_card_mastercard", "mastercard", "4444"),
    Card { funding: "debit", ..pays("pm_card_mastercard_debit", "mastercard", "8210") },
    Card { funding: "prepaid", ..pays("pm_card_mastercard_prepaid", "mastercard", "5100") },
    pays("pm_card_amex", "amex", "8431"),
    pays("pm_card_discover", "discover", "1117"),
    pays("pm_card_diners", "diners", "0004"),
    pays("pm_card_jcb", "jcb", "0505"),
    pays("pm_card_unionpay", "unionpay", "0005"),
    pays("pm_card_us", "visa", "4242"),
    Card {
        charging: Some(Decline::Bank("generic_decline")),
        ..pays("pm_card_chargeCustomerFail", "visa", "0341")
    },
    declined("pm_card_chargeDeclined", "0002", Decline::Bank("generic_decline")),
    declined("pm_card_visa_chargeDeclined", "0002", Decline::Bank("generic_decline")),
    declined(
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        "9995",
        Decline::Bank("insufficient_funds"),
    ),
    declined("pm_card_visa_chargeDeclinedLostCard", "9987", Decline::Bank("lost_card")),
    declined("pm_card_visa_chargeDeclinedStolenCard", "9979", Decline::Bank("stolen_card")),
    declined("pm_card_chargeDeclinedExpiredCard", "0069", Decline::ExpiredCard),
    declined("pm_card_chargeDeclinedIncorrectCvc", "0127", Decline::IncorrectCvc),
    declined("pm_card_chargeDeclinedProcessingError", "0119", Decline::ProcessingError),
    declined(
        "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
        "6975",
        Decline::Bank("card_velocity_exceeded"),
    ),
];

impl Card {
    /// Returns the card of a token.
    pub(super) fn of_token(token: &str) -> Option<&'static Self> {
        CARDS.iter().find(|card| card.token == token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stands_for_one_card() {
        for card in &CARDS {
            assert_eq!(Card::of_token(card.token), Some(card));
        }
        assert_eq!(Card::of_token("pm_card_chargeCustomerFail").unwrap().last4, "0341");
        assert_eq!(Card::of_token("pm_card_wood"), None);
    }

    #[test]
    fn a_declined_card_says_why() {
        let funds = Decline::Bank("insufficient_funds").error();
        assert_eq!((funds.status(), funds.code()), (402, Some("card_declined")));
        assert_eq!(Decline::ExpiredCard.error().code(), Some("expired_card"));
        assert_eq!(Decline::NoCard.error().status(), 400);
    }
}
