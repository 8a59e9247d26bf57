//! What a customer did, as far as insight reads it.

use std::collections::BTreeMap;

pub use ciq_event::Sentiment;
use ciq_event::{Currency, Money};
use jiff::Timestamp;

/// A product of the [`Catalogue`]: products of one name are one, whatever their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProductKey(pub i64);

/// A category of the [`Catalogue`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CategoryKey(pub i64);

/// The names behind the keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// What each product is called.
    pub products: BTreeMap<ProductKey, String>,
    /// What each category is called.
    pub categories: BTreeMap<CategoryKey, String>,
}

/// What a customer did, as far as insight reads it. Nothing in it depends on when it is read: what
/// is later than the `as_of` that a function is given, that function leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// When the first event of any kind happened. `None` only without events.
    pub first_event_at: Option<Timestamp>,
    /// Whether that event was an order.
    pub is_first_event_order: bool,
    /// How well the customer is known, in percent.
    pub strength: u8,
    /// Distinct orders, by time.
    pub orders: Vec<Order>,
    /// Everything else that happened, by time.
    pub acts: Vec<Act>,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// When.
    pub at: Timestamp,
    /// What it cost.
    pub total: Money,
    /// Whether it was made in a store.
    pub is_offline: bool,
    /// What was bought, where the order says.
    pub items: Vec<Item>,
}

/// A product in an order, a cart or on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// Which.
    pub product: ProductKey,
    /// Its category, where the event says.
    pub category: Option<CategoryKey>,
    /// How many.
    pub quantity: i64,
    /// Price of one, where the event says.
    pub price: Option<Money>,
}

/// Something that happened and was no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Act {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: ActKind,
    /// Which product it was about, where it was about one.
    pub item: Option<Item>,
}

/// What an act was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActKind {
    /// A visit to a site or an app began.
    Session,
    /// A product or a page was looked at.
    View,
    /// A product was put into the cart.
    CartAdd,
    /// A product was taken out of the cart.
    CartRemove,
    /// A product was remembered for later.
    Wish,
    /// A feature of the product was used.
    Use,
    /// The customer was in a store.
    StoreVisit,
    /// The customer wrote to us.
    Message,
    /// A ticket was opened or answered by the customer.
    Ticket(Sentiment),
    /// A payment went through or an invoice was paid that is no order.
    Payment,
    /// A payment failed, or there was another trouble with billing.
    BillingIssue,
    /// More was booked: an upgrade, a further seat.
    Upgrade,
    /// Less was booked.
    Downgrade,
    /// The customer left: an account or a subscription was cancelled.
    Cancellation,
    /// Anything else.
    Other,
}

impl ActKind {
    /// Tells what events of a type are. `sentiment` is what a ticket's event says of it.
    #[must_use]
    pub fn of(event_type: &str, sentiment: Option<Sentiment>) -> Self {
        match event_type {
            "session_start" | "session_started" | "login" | "page" | "app_open" => Self::Session,
            "product_view" | "product_viewed" | "view" | "page_view" | "view_item" => Self::View,
            "cart_add" | "add_to_cart" | "product_added" => Self::CartAdd,
            "cart_remove" | "remove_from_cart" | "product_removed" => Self::CartRemove,
            "wishlist_add" | "add_to_wishlist" => Self::Wish,
            "feature_used" | "feature_use" | "api_call" => Self::Use,
            "store_visit" => Self::StoreVisit,
            "whatsapp_message" | "sms_message" | "message_received" | "email_reply" => {
                Self::Message
            }
            "support_ticket" | "contact" | "ticket_created" | "ticket_opened" | "complaint" => {
                Self::Ticket(sentiment.unwrap_or(Sentiment::Neutral))
            }
            "invoice_paid" | "payment_succeeded" | "plan_renewed" | "subscription_renewed" => {
                Self::Payment
            }
            "payment_failed"
            | "billing_issue"
            | "invoice_failed"
            | "card_declined"
            | "pre_renewal_card_decline"
            | "plan_renewal_failed" => Self::BillingIssue,
            "plan_upgraded" | "upgrade" | "subscription_upgraded" => Self::Upgrade,
            "plan_downgraded" | "downgrade" | "subscription_downgraded" => Self::Downgrade,
            "plan_cancelled"
            | "subscription_cancelled"
            | "subscription_canceled"
            | "account_closed" => Self::Cancellation,
            _ => Self::Other,
        }
    }
}

impl History {
    /// Returns the orders up to a time, that time included.
    #[must_use]
    pub fn orders_until(&self, as_of: Timestamp) -> &[Order] {
        &self.orders[..self.orders.partition_point(|order| order.at <= as_of)]
    }

    /// Returns the acts up to a time, that time included.
    #[must_use]
    pub fn acts_until(&self, as_of: Timestamp) -> &[Act] {
        &self.acts[..self.acts.partition_point(|act| act.at <= as_of)]
    }

    /// Returns what orders up to a time cost together, in the currency that stands for the
    /// customer: `preferred` where anything was spent in it, else the alphabetically first.
    #[must_use]
    pub fn spent_until(&self, as_of: Timestamp, preferred: Currency) -> Money {
        let mut totals: BTreeMap<Currency, i64> = BTreeMap::new();
        for order in self.orders_until(as_of) {
            let total = totals.entry(order.total.currency).or_default();
            *total = total.saturating_add(order.total.minor);
        }
        let main = totals.get_key_value(&preferred).or_else(|| totals.first_key_value());
        let (currency, minor) = main.unwrap_or((&preferred, &0));
        Money { minor: *minor, currency: *currency }
    }
}
