//! One thing that happened to a user: small, copied freely, written down only at the end.

/// One thing that happened to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
    /// Whose: the user's index.
    pub user: u32,
    /// Its number among the events of the user: the day in the upper half, the place within the day
    /// in the lower. With the seed and the user it names the event for ever, whatever else is made.
    pub sequence: u32,
    /// What.
    pub payload: Payload,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// The user said who they are: name, addresses, plan.
    UserIdentified,
    /// A session in the product began, on one of the user's devices.
    SessionStart {
        /// Which of the user's devices, from 0.
        device: u8,
    },
    /// A feature was used, always between the start and the end of a session.
    FeatureUsed {
        /// Its place in [`crate::saas::FEATURES`].
        feature: u8,
    },
    /// A session ended.
    SessionEnd {
        /// How long it was, in seconds.
        duration_seconds: u32,
    },
    /// The card was declined before the renewal.
    CardDecline {
        /// Whole days until the renewal.
        days_to_renewal: u8,
        /// What was to be paid, in cents.
        amount_cents: u32,
    },
    /// An attempt to renew the plan failed.
    RenewalFailed {
        /// Which attempt, from 1.
        attempt: u8,
        /// What was to be paid, in cents.
        amount_cents: u32,
    },
    /// The plan was renewed.
    PlanRenewed {
        /// What it costs, in cents.
        amount_cents: u32,
    },
    /// An invoice was paid.
    InvoicePaid {
        /// What was paid, in cents.
        amount_cents: u32,
    },
    /// The user cancelled the plan: the last event of a user who leaves on purpose and says so.
    PlanCancelled,
    /// A ticket was opened.
    TicketOpened(Ticket),
    /// A ticket was answered, by the user or by the desk.
    TicketReplied(Ticket),
    /// A ticket was closed: once, and last.
    TicketClosed {
        /// The ticket's number among the user's.
        ticket: u16,
    },
}

/// A message of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// The ticket's number among the user's: the day on which it was opened, from 0.
    pub ticket: u16,
    /// Which of the texts that fit the event and the sentiment.
    pub message: u8,
    /// From -100 (furious) to 100 (delighted).
    pub sentiment: i8,
    /// How urgent.
    pub urgency: Urgency,
}

/// How urgent a ticket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// It can wait.
    Low,
    /// Soon.
    Medium,
    /// Now.
    High,
}

impl Urgency {
    /// Returns the name: `low`, `medium` or `high`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A side of what users do, which can be made alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Sessions.
    Product,
    /// Plans and invoices.
    Billing,
    /// Support tickets.
    Ticket,
    /// Who users are. Not among the modes unless asked for.
    Profile,
}

impl Mode {
    /// Returns the name: `product`, `billing`, `ticket` or `profile`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Billing => "billing",
            Self::Ticket => "ticket",
            Self::Profile => "profile",
        }
    }

    /// Returns the mode of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Product, Self::Billing, Self::Ticket, Self::Profile]
            .into_iter()
            .find(|mode| mode.name() == name)
    }
}

impl Payload {
    /// The names of all events.
    pub const NAMES: [&'static str; 12] = [
        "user_identified",
        "session_start",
        "feature_used",
        "session_end",
        "pre_renewal_card_decline",
        "plan_renewal_failed",
        "plan_renewed",
        "invoice_paid",
        "plan_cancelled",
        "ticket_opened",
        "ticket_replied",
        "ticket_closed",
    ];

    /// Returns the event's name, such as `session_start`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UserIdentified => "user_identified",
            Self::SessionStart { .. } => "session_start",
            Self::FeatureUsed { .. } => "feature_used",
            Self::SessionEnd { .. } => "session_end",
            Self::CardDecline { .. } => "pre_renewal_card_decline",
            Self::RenewalFailed { .. } => "plan_renewal_failed",
            Self::PlanRenewed { .. } => "plan_renewed",
            Self::InvoicePaid { .. } => "invoice_paid",
            Self::PlanCancelled => "plan_cancelled",
            Self::TicketOpened(_) => "ticket_opened",
            Self::TicketReplied(_) => "ticket_replied",
            Self::TicketClosed { .. } => "ticket_closed",
        }
    }

    /// Returns the mode that the event belongs to.
    #[must_use]
    pub const fn mode(self) -> Mode {
        match self {
            Self::UserIdentified => Mode::Profile,
            Self::SessionStart { .. } | Self::FeatureUsed { .. } | Self::SessionEnd { .. } => {
                Mode::Product
            }
            Self::CardDecline { .. }
            | Self::RenewalFailed { .. }
            | Self::PlanRenewed { .. }
            | Self::InvoicePaid { .. }
            | Self::PlanCancelled => Mode::Billing,
            Self::TicketOpened(_) | Self::TicketReplied(_) | Self::TicketClosed { .. } => {
                Mode::Ticket
            }
        }
    }
}

const _: () = assert!(size_of::<Event>() <= 24, "events are sorted by the million");
