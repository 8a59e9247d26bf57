//! Whether a message may go out, asked at the moment of sending.

use jiff::{SignedDuration, Timestamp};

use crate::action::{self, Action};
use crate::{Automation, Channel, Consent, Facts, Triggered};

/// How long after its time an action may still go out. A service that was down for longer does not
/// come back with news of last month.
pub const SEND_AGE_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Why something does not go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suppression {
    /// What triggered it holds no longer, or a condition does not.
    ConditionCleared,
    /// The customer said no to the channel, or never said yes where that is needed.
    NoConsent,
    /// The customer wants nothing from us.
    Unsubscribed,
    /// The customer had enough messages of late.
    FrequencyCap,
    /// The customer has no address on the channel.
    NoAddress,
    /// The automation was switched off.
    Disabled,
    /// The customer was erased.
    Erased,
    /// The automation no longer has this action.
    ActionGone,
    /// Its time was too long ago.
    Expired,
    /// The text needs something that is not known of the customer.
    TextIncomplete,
}

impl Suppression {
    /// All reasons.
    pub const ALL: [Self; 10] = [
        Self::ConditionCleared,
        Self::NoConsent,
        Self::Unsubscribed,
        Self::FrequencyCap,
        Self::NoAddress,
        Self::Disabled,
        Self::Erased,
        Self::ActionGone,
        Self::Expired,
        Self::TextIncomplete,
    ];

    /// Returns the name, such as `condition_cleared`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ConditionCleared => "condition_cleared",
            Self::NoConsent => "no_consent",
            Self::Unsubscribed => "unsubscribed",
            Self::FrequencyCap => "frequency_cap",
            Self::NoAddress => "no_address",
            Self::Disabled => "disabled",
            Self::Erased => "erased",
            Self::ActionGone => "action_gone",
            Self::Expired => "expired",
            Self::TextIncomplete => "text_incomplete",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// What goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where it goes.
    pub channel: Channel,
    /// To whom: `+` and digits for WhatsApp and text messages, an e-mail address, the URL of a
    /// webhook, the assignee of a task if there is one, nothing for a segment.
    pub to: Option<String>,
    /// The subject of an e-mail, the title of a task.
    pub subject: Option<String>,
    /// The text; JSON for a webhook; the new segment's name for a segment.
    pub body: String,
    /// 32 hexadecimal digits. The same for the same customer, automation, occasion and action, for
    /// ever: a provider that honours it sends once.
    pub idempotency_key: String,
}

/// What to do with an action now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendVerdict {
    /// Send this.
    Send(Message),
    /// Ask again then.
    Wait {
        /// When.
        until: Timestamp,
    },
    /// Never send it.
    Suppress {
        /// Why.
        reason: Suppression,
    },
}

/// Tells whether an action of an execution may go out now. To be asked with fresh facts right
/// before each attempt.
///
/// In this order: not before it is due; not when the customer was erased, the automation switched
/// off or the action removed; not more than [`SEND_AGE_MAX`] late; not when the trigger no longer
/// holds for this very occasion or a condition does not. For messages to the customer further: not
/// when unsubscribed, without consent or without an address; not in quiet hours; not above the
/// frequency cap. Sends to one customer must be asked one after the other, or the cap miscounts.
#[must_use]
pub fn check_send(
    automation: &Automation,
    action_index: usize,
    facts: &Facts,
    triggered: &Triggered,
    as_of: Timestamp,
) -> SendVerdict {
    if as_of < triggered.due_at {
        return SendVerdict::Wait { until: triggered.due_at };
    }
    let action = match allowed_action(automation, action_index, facts, triggered, as_of) {
        Ok(action) => action,
        Err(reason) => return SendVerdict::Suppress { reason },
    };
    let message = match action.message(automation, action_index, facts, triggered) {
        Ok(message) => message,
        Err(reason) => return SendVerdict::Suppress { reason },
    };
    if !message.channel.is_to_customer() {
        return SendVerdict::Send(message);
    }
    if let Some(until) = automation.quiet_hours.as_ref().and_then(|quiet| quiet.end_of(as_of)) {
        return SendVerdict::Wait { until };
    }
    if is_cap_reached(automation, facts, as_of) {
        return SendVerdict::Suppress { reason: Suppression::FrequencyCap };
    }
    SendVerdict::Send(message)
}

fn allowed_action<'a>(
    automation: &'a Automation,
    action_index: usize,
    facts: &Facts,
    triggered: &Triggered,
    as_of: Timestamp,
) -> Result<&'a Action, Suppression> {
    if facts.is_erased {
        return Err(Suppression::Erased);
    }
    if !automation.enabled {
        return Err(Suppression::Disabled);
    }
    let action = automation.actions.get(action_index).ok_or(Suppression::ActionGone)?;
    if as_of.duration_since(triggered.due_at) > SEND_AGE_MAX {
        return Err(Suppression::Expired);
    }
    let holds = automation.trigger.still_holds(facts, triggered, as_of)
        && automation.conditions.iter().all(|condition| condition.holds(facts, as_of));
    if !holds {
        return Err(Suppression::ConditionCleared);
    }
    let channel = action.channel();
    if channel.is_to_customer() {
        if facts.is_unsubscribed {
            return Err(Suppression::Unsubscribed);
        }
        if !has_consent(automation.consent, facts, channel) {
            return Err(Suppression::NoConsent);
        }
        if action::address(facts, channel).is_none() {
            return Err(Suppression::NoAddress);
        }
    }
    Ok(action)
}

fn has_consent(consent: Consent, facts: &Facts, channel: Channel) -> bool {
    match (facts.consents.get(&channel), consent) {
        (Some(word), _) => *word,
        (None, Consent::Implied) => true,
        (None, Consent::Explicit) => false,
    }
}

/// Counts what went out by any automation. What a fast clock dates later than now counts too.
fn is_cap_reached(automation: &Automation, facts: &Facts, as_of: Timestamp) -> bool {
    let cap = automation.frequency_cap;
    let is_counted = |at: Timestamp| as_of.duration_since(at) < cap.per;
    let sent =
        facts.sent.iter().filter(|sent| sent.channel.is_to_customer() && is_counted(sent.at));
    sent.count() >= usize::try_from(cap.max).unwrap_or(usize::MAX)
}
