//! What an event says, as a list of properties: every form but the fast one is made from it.

use super::digits::{push_hundredths, push_number, push_signed_hundredths};
use super::forms::push_object;
use super::mockgen::push_ticket_id;
use super::names::{Names, device_text};
use crate::json::push_text;
use crate::saas::user::UserIds;
use crate::saas::words::{FEATURES, TicketRole, ticket_text};
use crate::saas::{CURRENCY, Event, Payload, Population, Ticket, UserId, user};

/// A property of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Prop {
    /// The feature that was used.
    Feature,
    /// How long a session was.
    DurationSeconds,
    /// Whole days until the renewal.
    DaysToRenewal,
    /// Which attempt.
    Attempt,
    /// What was paid, or was to be paid.
    Amount,
    /// In which currency.
    Currency,
    /// The text of a ticket's message.
    Message,
    /// From -1 to 1.
    Sentiment,
    /// How urgent.
    Urgency,
    /// Which ticket.
    TicketId,
    /// The user's name.
    Name,
    /// The user's mail address.
    Email,
    /// The user's telephone number.
    Phone,
    /// Where the user lives.
    Region,
    /// What the user pays for.
    Plan,
    /// Which device.
    DeviceId,
}

impl Prop {
    /// Every property, in the order in which a table has them.
    pub const ALL: [Self; 16] = [
        Self::Feature,
        Self::DurationSeconds,
        Self::DaysToRenewal,
        Self::Attempt,
        Self::Amount,
        Self::Currency,
        Self::Message,
        Self::Sentiment,
        Self::Urgency,
        Self::TicketId,
        Self::Name,
        Self::Email,
        Self::Phone,
        Self::Region,
        Self::Plan,
        Self::DeviceId,
    ];

    /// Returns the name, such as `daysToRenewal`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DurationSeconds => "durationSeconds",
            Self::DaysToRenewal => "daysToRenewal",
            Self::TicketId => "ticketId",
            Self::DeviceId => "deviceId",
            _ => self.snake_name(),
        }
    }

    /// Returns the name as envelopes have it, such as `days_to_renewal`.
    pub(super) const fn snake_name(self) -> &'static str {
        match self {
            Self::Feature => "feature",
            Self::DurationSeconds => "duration_seconds",
            Self::DaysToRenewal => "days_to_renewal",
            Self::Attempt => "attempt",
            Self::Amount => "amount",
            Self::Currency => "currency",
            Self::Message => "message",
            Self::Sentiment => "sentiment",
            Self::Urgency => "urgency",
            Self::TicketId => "ticket_id",
            Self::Name => "name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Region => "region",
            Self::Plan => "plan",
            Self::DeviceId => "device_id",
        }
    }
}

/// What a property says.
#[derive(Debug, Clone)]
pub(in crate::saas) enum Value {
    Word(&'static str),
    Text(String),
    Number(u32),
    Cents(u32),
    Hundredths(i8),
    Ticket(UserId, u16),
    Device([u8; 12]),
}

impl Value {
    /// Appends the value as JSON.
    pub(super) fn push_json(&self, out: &mut Vec<u8>) {
        match self {
            Self::Word(text) => push_text(out, text),
            Self::Text(text) => push_text(out, text),
            Self::Number(_) | Self::Cents(_) | Self::Hundredths(_) => self.push_plain(out),
            Self::Ticket(..) | Self::Device(_) => {
                out.push(b'"');
                self.push_plain(out);
                out.push(b'"');
            }
        }
    }

    /// Appends the value as bare text.
    pub(super) fn push_plain(&self, out: &mut Vec<u8>) {
        match self {
            Self::Word(text) => out.extend_from_slice(text.as_bytes()),
            Self::Text(text) => out.extend_from_slice(text.as_bytes()),
            Self::Number(number) => push_number(*number, out),
            Self::Cents(cents) => push_hundredths(*cents, out),
            Self::Hundredths(hundredths) => push_signed_hundredths(*hundredths, out),
            Self::Ticket(user, ticket) => push_ticket_id(*user, *ticket, out),
            Self::Device(text) => out.extend_from_slice(text),
        }
    }
}

/// One property and what it says.
pub(in crate::saas) type Field = (Prop, Value);

/// How what is written differs from what happened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Change {
    /// Not at all.
    #[default]
    Nothing,
    /// The user is said to have this name.
    Name(String),
    /// The user is said to have this mail address.
    Email(String),
    /// The device is one of another user.
    Device {
        /// Whose.
        user: u32,
        /// Which of theirs, from 0.
        device: u8,
    },
    /// A property is left out.
    Missing(Prop),
}

impl Change {
    /// Returns the property that is changed.
    #[must_use]
    pub const fn prop(&self) -> Option<Prop> {
        match self {
            Self::Nothing => None,
            Self::Name(_) => Some(Prop::Name),
            Self::Email(_) => Some(Prop::Email),
            Self::Device { .. } => Some(Prop::DeviceId),
            Self::Missing(prop) => Some(*prop),
        }
    }
}

/// What a population's events say.
#[derive(Debug, Clone)]
pub(in crate::saas) struct Facts {
    pub(in crate::saas) population: Population,
    pub(super) names: Names,
    pub(super) user_ids: UserIds,
}

impl Facts {
    pub(in crate::saas) fn new(population: &Population) -> Self {
        Self {
            population: *population,
            names: Names::new(population),
            user_ids: UserIds::new(population.seed()),
        }
    }

    /// Returns what an event says, in order, changed as told.
    pub(super) fn changed_fields(&self, event: &Event, change: &Change) -> Vec<Field> {
        let mut fields = self.fields(event);
        let (prop, value) = match change {
            Change::Nothing => return fields,
            Change::Missing(missing) => {
                fields.retain(|(prop, _)| prop != missing);
                return fields;
            }
            Change::Name(name) => (Prop::Name, Value::Text(name.clone())),
            Change::Email(email) => (Prop::Email, Value::Text(email.clone())),
            Change::Device { user, device } => (Prop::DeviceId, self.device(*user, *device)),
        };
        for field in fields.iter_mut().filter(|field| field.0 == prop) {
            field.1 = value.clone();
        }
        fields
    }

    /// Returns what a changed property would have said, as a JSON object.
    pub(in crate::saas) fn original(&self, event: &Event, change: &Change) -> Option<Vec<u8>> {
        let changed = change.prop()?;
        let field = self.fields(event).into_iter().find(|(prop, _)| *prop == changed)?;
        let mut json = Vec::new();
        push_object(&[field], Prop::name, &mut json);
        Some(json)
    }

    /// Returns what an event says, in order.
    pub(in crate::saas) fn fields(&self, event: &Event) -> Vec<Field> {
        let paid = |cents| [(Prop::Amount, Value::Cents(cents)), currency()];
        match event.payload {
            Payload::UserIdentified => self.identity(event.user),
            Payload::SessionStart { device } => {
                vec![(Prop::DeviceId, self.device(event.user, device))]
            }
            Payload::FeatureUsed { feature } => {
                let name = FEATURES[usize::from(feature) % FEATURES.len()];
                vec![(Prop::Feature, Value::Word(name))]
            }
            Payload::SessionEnd { duration_seconds } => {
                vec![(Prop::DurationSeconds, Value::Number(duration_seconds))]
            }
            Payload::CardDecline { days_to_renewal, amount_cents } => {
                let days = (Prop::DaysToRenewal, Value::Number(days_to_renewal.into()));
                vec![days, (Prop::Amount, Value::Cents(amount_cents)), currency()]
            }
            Payload::RenewalFailed { attempt, amount_cents } => {
                let attempt = (Prop::Attempt, Value::Number(attempt.into()));
                vec![attempt, (Prop::Amount, Value::Cents(amount_cents)), currency()]
            }
            Payload::PlanRenewed { amount_cents } | Payload::InvoicePaid { amount_cents } => {
                paid(amount_cents).into()
            }
            Payload::PlanCancelled => Vec::new(),
            Payload::TicketOpened(ticket) | Payload::TicketReplied(ticket) => {
                self.message(event, ticket)
            }
            Payload::TicketClosed { ticket } => vec![self.ticket(event.user, ticket)],
        }
    }

    fn identity(&self, index: u32) -> Vec<Field> {
        let user = user(&self.population, index);
        let mut fields =
            vec![(Prop::Name, Value::Text(user.name())), (Prop::Email, Value::Text(user.email))];
        fields.extend(user.phone.map(|phone| (Prop::Phone, Value::Text(phone))));
        fields.push((Prop::Region, Value::Word(user.region.code())));
        fields.push((Prop::Plan, Value::Word(user.plan.name())));
        fields.push((Prop::DeviceId, self.device(index, 0)));
        fields
    }

    fn message(&self, event: &Event, ticket: Ticket) -> Vec<Field> {
        let Ticket { ticket: number, message, sentiment, urgency } = ticket;
        let text = ticket_text(ticket_role(event), sentiment, message);
        vec![
            (Prop::Message, Value::Word(text)),
            (Prop::Sentiment, Value::Hundredths(sentiment)),
            (Prop::Urgency, Value::Word(urgency.name())),
            self.ticket(event.user, number),
        ]
    }

    fn ticket(&self, user: u32, ticket: u16) -> Field {
        (Prop::TicketId, Value::Ticket(self.user_ids.at(user), ticket))
    }

    fn device(&self, user: u32, device: u8) -> Value {
        Value::Device(device_text(self.names.device(user, device)))
    }
}

fn currency() -> Field {
    (Prop::Currency, Value::Word(CURRENCY))
}

/// Returns who wrote the message of an event: replies are the desk's and the user's by turns.
pub(super) fn ticket_role(event: &Event) -> TicketRole {
    match event.payload {
        Payload::TicketReplied(ticket) if ticket.message.is_multiple_of(2) => TicketRole::Answer,
        Payload::TicketReplied(_) => TicketRole::Reply,
        _ => TicketRole::Opening,
    }
}
