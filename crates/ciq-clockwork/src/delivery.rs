//! Sending what is due: claimed, checked with fresh facts, sent, written down.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use ciq_automation::outbox::{Outcome, Queued, QueuedStatus, Step, after, claim, next_step};
use ciq_automation::{Channel, Message, SendVerdict, Suppression, Triggered, check_send};
use ciq_ingest::BrandHandle;
use ciq_insight::understand;
use ciq_outreach::{Outgoing, SendError, Sent};
use ciq_store::{Delivery, DeliveryChange, DueDelivery, StoreError, Writer};
use futures_util::StreamExt as _;
use jiff::{SignedDuration, Timestamp};

use crate::brand_clock::sent_since;
use crate::facts::{Subject, facts_of};
use crate::knowledge::Knowledge;
use crate::pass::hash;
use crate::{BrandClock, ClockworkError};

/// Messages looked at in one go.
const DUE_MAX: u32 = 200;

/// Customers written to at once. To one customer, one message goes after the other.
const CUSTOMERS_AT_ONCE: usize = 8;

/// What came of sending.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct DeliveryReport {
    /// Messages that went out, and other actions that were done.
    pub sent_count: u64,
    /// Actions that were not wanted any more.
    pub suppressed_count: u64,
    /// Actions that failed for good.
    pub failed_count: u64,
    /// Actions that wait for another time.
    pub waiting_count: u64,
}

/// What to do with a due action once its claim is written.
enum Claimed {
    /// Nothing more: it ended, it waits, or another worker has it.
    Settled(Option<QueuedStatus>),
    /// Send it.
    Send(Queued, Outgoing),
    /// Find out whether it was sent.
    Recover(Queued, Outgoing),
}

impl BrandClock {
    /// Sends what is due as of a time. What fails for now, or must wait, is left for another time.
    pub async fn deliver(
        self: &Arc<Self>,
        as_of: Timestamp,
    ) -> Result<DeliveryReport, ClockworkError> {
        let mut report = DeliveryReport::default();
        let mut seen = BTreeSet::new();
        loop {
            let clock = Arc::clone(self);
            let read = move || clock.due(as_of);
            let reading = tokio::task::spawn_blocking(read);
            let (knowledge, due) = reading.await.map_err(|_| ClockworkError::Panicked)??;
            let mut by_customer: BTreeMap<_, Vec<DueDelivery>> = BTreeMap::new();
            for one in due {
                if seen.insert((one.key, one.delivery.revision)) {
                    by_customer.entry(one.customer).or_default().push(one);
                }
            }
            if by_customer.is_empty() {
                return Ok(report);
            }
            let of_customers = by_customer.into_values().map(|due| {
                let knowledge = Arc::clone(&knowledge);
                async move {
                    let mut ends = Vec::new();
                    for one in due {
                        if self.is_stopping.load(Ordering::Relaxed) {
                            break;
                        }
                        ends.push(self.step(one, Arc::clone(&knowledge), as_of).await?);
                    }
                    Ok::<_, ClockworkError>(ends)
                }
            });
            let mut done =
                futures_util::stream::iter(of_customers).buffer_unordered(CUSTOMERS_AT_ONCE);
            while let Some(ends) = done.next().await {
                ends?.into_iter().flatten().for_each(|status| report.count(status));
            }
        }
    }

    fn due(&self, as_of: Timestamp) -> Result<(Arc<Knowledge>, Vec<DueDelivery>), ClockworkError> {
        let due = self.handle.readers().read(|reader| reader.due_deliveries(as_of, DUE_MAX))?;
        Ok((self.refreshed()?, due))
    }

    /// Takes an action one step on. Returns where it is then, if it moved.
    async fn step(
        &self,
        due: DueDelivery,
        knowledge: Arc<Knowledge>,
        as_of: Timestamp,
    ) -> Result<Option<QueuedStatus>, ClockworkError> {
        let handle = Arc::clone(&self.handle);
        let asked = due.clone();
        // On the thread that writes: this process stores nothing between the check and the claim.
        let claimed = self
            .handle
            .write(move |writer| take(writer, &handle, &knowledge, &asked, as_of))
            .await?;
        let (queued, outcome) = match claimed {
            Claimed::Settled(status) => return Ok(status),
            Claimed::Send(queued, outgoing) => {
                (queued, outcome_of(self.outreach.send(&outgoing).await))
            }
            Claimed::Recover(queued, outgoing) => {
                let Some(outcome) = self.recover(&due, &outgoing).await else { return Ok(None) };
                (queued, outcome)
            }
        };
        let next = after(&queued, &outcome, as_of);
        let status = next.status;
        // The claim was one change since it was read.
        let change = change_of(&due, &next, due.delivery.revision + 1, as_of);
        let is_written = self.handle.write(move |writer| writer.change_delivery(&change)).await?;
        Ok(is_written.then_some(status))
    }

    /// Finds out what became of a message whose sender died, or heard no answer. `None` where that
    /// cannot be found out now.
    async fn recover(&self, due: &DueDelivery, outgoing: &Outgoing) -> Option<Outcome> {
        let is_told = self.outreach.configured(outgoing.channel);
        match self.outreach.find_sent(outgoing, due.triggered_at).await {
            Ok(Some(Sent::Accepted { provider_id, .. })) => Some(Outcome::Found { provider_id }),
            Ok(None) => Some(match outgoing.channel {
                _ if !is_told => Outcome::MayRepeat,
                ciq_outreach::Channel::Whatsapp | ciq_outreach::Channel::Sms => Outcome::NotFound,
                // A mail server cannot be asked, and does not know a mail again.
                ciq_outreach::Channel::Email => Outcome::Unknowable,
                // Whoever listens knows the key again.
                ciq_outreach::Channel::Webhook => Outcome::MayRepeat,
            }),
            Err(error) => {
                tracing::warn!(error = %error, "could not find out whether a message was sent");
                None
            }
        }
    }
}

impl DeliveryReport {
    fn count(&mut self, status: QueuedStatus) {
        let count = match status {
            QueuedStatus::Sent => &mut self.sent_count,
            QueuedStatus::Suppressed => &mut self.suppressed_count,
            QueuedStatus::Failed => &mut self.failed_count,
            QueuedStatus::Queued | QueuedStatus::Sending => &mut self.waiting_count,
        };
        *count += 1;
    }
}

/// Claims a due action, if it is still wanted; carries out what needs nobody outside the file.
fn take(
    writer: &mut Writer,
    handle: &BrandHandle,
    knowledge: &Knowledge,
    due: &DueDelivery,
    as_of: Timestamp,
) -> Result<Claimed, StoreError> {
    let queued = queued_of(&due.delivery);
    let claimed = claim(&queued, as_of);
    match next_step(&queued, as_of) {
        Step::Done | Step::Wait { .. } => return Ok(Claimed::Settled(None)),
        Step::Recover => {
            let outgoing = stored_outgoing(due);
            let change = change_of(due, &claimed, due.delivery.revision, as_of);
            let is_ours = writer.change_delivery(&change)?;
            return Ok(match outgoing.filter(|_| is_ours) {
                Some(outgoing) => Claimed::Recover(claimed, outgoing),
                None => Claimed::Settled(None),
            });
        }
        Step::Attempt => {}
    }
    let outcome = match verdict(handle, knowledge, due, as_of)? {
        SendVerdict::Send(message) => return send(writer, due, claimed, message, as_of),
        SendVerdict::Wait { until } => Outcome::Wait { until },
        SendVerdict::Suppress { reason } => Outcome::Suppressed { reason },
    };
    let next = after(&claimed, &outcome, as_of);
    let is_ours = writer.change_delivery(&change_of(due, &next, due.delivery.revision, as_of))?;
    Ok(Claimed::Settled(is_ours.then_some(next.status)))
}

/// Writes the claim with the message; of what stays within the file, the end.
fn send(
    writer: &mut Writer,
    due: &DueDelivery,
    claimed: Queued,
    message: Message,
    as_of: Timestamp,
) -> Result<Claimed, StoreError> {
    let outgoing = outgoing_of(due, &message);
    let next = match &outgoing {
        Some(_) => claimed,
        None => after(&claimed, &Outcome::Sent { provider_id: "local".to_owned() }, as_of),
    };
    let mut change = change_of(due, &next, due.delivery.revision, as_of);
    match message.channel {
        Channel::Task => {
            let id = hash(&["task", &due.idempotency_key]);
            let title = message.subject.clone().unwrap_or_else(|| message.body.clone());
            change.task = Some((id, title, Some(message.body.clone())));
        }
        Channel::Segment => change.segment = Some(message.body.clone()),
        Channel::Whatsapp | Channel::Sms | Channel::Email | Channel::Webhook => {}
    }
    change.message = Some((message.to, message.subject, Some(message.body)));
    let is_ours = writer.change_delivery(&change)?;
    Ok(match outgoing.filter(|_| is_ours) {
        Some(outgoing) => Claimed::Send(next, outgoing),
        None => Claimed::Settled(is_ours.then_some(next.status)),
    })
}

/// Asks whether an action may go out now, with fresh facts.
fn verdict(
    handle: &BrandHandle,
    knowledge: &Knowledge,
    due: &DueDelivery,
    as_of: Timestamp,
) -> Result<SendVerdict, StoreError> {
    let gone = SendVerdict::Suppress { reason: Suppression::Disabled };
    let automation = knowledge.automations.iter().find(|one| one.id == due.automation_id);
    let Some(automation) = automation else { return Ok(gone) };
    let since = sent_since(as_of);
    let roots = [due.customer];
    let (history, known) = handle.readers().read(|reader| {
        let histories = reader.histories(&roots, &knowledge.products)?;
        Ok((histories, reader.customer_facts(&roots, since)?))
    })?;
    let erased = SendVerdict::Suppress { reason: Suppression::Erased };
    let Some((_, history)) = history.into_iter().next() else { return Ok(erased) };
    let Some(mut known) = known.into_values().next() else { return Ok(erased) };
    // A try of the message itself is no other message.
    known.sent.retain(|sent| sent.key != due.key);
    let triggered = Triggered {
        automation_id: due.automation_id.clone(),
        customer_id: known.id.clone(),
        occasion: due.occasion.clone(),
        triggered_at: due.triggered_at,
        due_at: due.due_at,
        evidence: serde_json::from_str(&due.evidence).unwrap_or_default(),
    };
    let index = usize::try_from(due.action_index).unwrap_or(usize::MAX);
    Ok(knowledge.with_context(handle.settings().context.currency, |context| {
        let insight = understand(&history, context, as_of);
        let subject = Subject { known: &known, history: &history, insight: &insight, context };
        check_send(automation, index, &facts_of(&subject, as_of), &triggered, as_of)
    }))
}

/// The message as whoever sends it takes it; `None` for what stays within the file.
fn outgoing_of(due: &DueDelivery, message: &Message) -> Option<Outgoing> {
    Some(Outgoing {
        channel: way_of(message.channel)?,
        to: message.to.clone().unwrap_or_default(),
        subject: message.subject.clone(),
        body: message.body.clone(),
        // That of the execution: a customer's id may be another after a merge.
        idempotency_key: due.idempotency_key.clone(),
    })
}

/// The message as it was written down with the last claim.
fn stored_outgoing(due: &DueDelivery) -> Option<Outgoing> {
    Some(Outgoing {
        channel: way_of(Channel::parse(&due.channel)?)?,
        to: due.recipient.clone().unwrap_or_default(),
        subject: due.subject.clone(),
        body: due.body.clone().unwrap_or_default(),
        idempotency_key: due.idempotency_key.clone(),
    })
}

fn way_of(channel: Channel) -> Option<ciq_outreach::Channel> {
    match channel {
        Channel::Whatsapp => Some(ciq_outreach::Channel::Whatsapp),
        Channel::Sms => Some(ciq_outreach::Channel::Sms),
        Channel::Email => Some(ciq_outreach::Channel::Email),
        Channel::Webhook => Some(ciq_outreach::Channel::Webhook),
        Channel::Task | Channel::Segment => None,
    }
}

fn outcome_of(sent: Result<Sent, SendError>) -> Outcome {
    match sent {
        Ok(Sent::Accepted { provider_id, .. }) => Outcome::Sent { provider_id },
        Err(error) if error.is_unsubscribed() => {
            Outcome::Suppressed { reason: Suppression::Unsubscribed }
        }
        Err(error) => {
            let why = error.to_string();
            let retry_after =
                error.retry_after().and_then(|wait| SignedDuration::try_from(wait).ok());
            match error {
                SendError::Transient { .. } => Outcome::Transient { retry_after, why },
                SendError::Permanent { .. } => Outcome::Permanent { why },
                SendError::Unknown { .. } => Outcome::Unknown { why },
            }
        }
    }
}

fn queued_of(delivery: &Delivery) -> Queued {
    Queued {
        // A word that is none is not touched again.
        status: QueuedStatus::parse(&delivery.status).unwrap_or(QueuedStatus::Failed),
        not_before: delivery.not_before,
        attempt_count: delivery.attempt_count,
        lease_until: delivery.lease_until,
        is_unsure: delivery.is_unsure,
        provider_id: delivery.provider_id.clone(),
        reason: delivery.reason.clone(),
    }
}

fn change_of(due: &DueDelivery, queued: &Queued, revision: i64, at: Timestamp) -> DeliveryChange {
    let Queued { status, not_before, attempt_count, lease_until, is_unsure, provider_id, reason } =
        queued.clone();
    DeliveryChange {
        key: due.key,
        execution_key: due.execution_key,
        delivery: Delivery {
            status: status.name().to_owned(),
            reason,
            not_before,
            attempt_count,
            lease_until,
            is_unsure,
            provider_id,
            revision,
        },
        message: None,
        at,
        task: None,
        segment: None,
    }
}
