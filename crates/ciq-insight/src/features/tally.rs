//! One walk over the acts.

use jiff::Timestamp;

use crate::features::TicketCounts;
use crate::history::{Act, ActKind, Sentiment};
use crate::number::{calendar_day, whole_days};

/// Microseconds of the window of the `_30d` figures.
const WINDOW_MICROSECONDS: i64 = 30 * 24 * 60 * 60 * 1_000_000;

/// What the acts alone say.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) last_active_at: Option<Timestamp>,
    pub(super) active_day_count: u32,
    pub(super) session_count: u32,
    pub(super) session_count_30d: u32,
    pub(super) use_count: u32,
    pub(super) use_count_30d: u32,
    pub(super) view_count: u32,
    pub(super) view_count_30d: u32,
    pub(super) cart_add_count: u32,
    pub(super) wish_count: u32,
    pub(super) store_visit_count: u32,
    pub(super) message_count: u32,
    pub(super) ticket_counts: TicketCounts,
    pub(super) open_complaint_count: u32,
    pub(super) payment_count: u32,
    pub(super) last_payment_at: Option<Timestamp>,
    pub(super) billing_issue_count: u32,
    pub(super) open_billing_issue_count: u32,
    pub(super) upgrade_count: u32,
    pub(super) downgrade_count: u32,
    pub(super) is_cancelled: bool,
    first_payment_at: Option<Timestamp>,
    active_days: Option<(i64, i64)>,
}

impl Tally {
    /// Counts acts in the order of time. What was open at the time of the last order is settled by
    /// it.
    pub(super) fn of(acts: &[Act], last_order_at: Option<Timestamp>, as_of: Timestamp) -> Self {
        let mut tally = Self::default();
        let since = as_of.as_microsecond() - WINDOW_MICROSECONDS;
        for act in acts {
            let is_open = last_order_at.is_none_or(|at| act.at > at);
            let in_window = u32::from(act.at.as_microsecond() > since);
            tally.add(act, is_open, in_window);
        }
        tally
    }

    /// Returns the days of the calendar between the first active day and the last.
    pub(super) fn active_span_days(&self) -> u32 {
        let (first, last) = self.active_days.unwrap_or_default();
        u32::try_from(last - first).unwrap_or(u32::MAX)
    }

    /// Returns the whole days between the first payment and the last.
    pub(super) fn payment_span_days(&self) -> u32 {
        let (Some(first), Some(last)) = (self.first_payment_at, self.last_payment_at) else {
            return 0;
        };
        whole_days(first, last)
    }

    fn add(&mut self, act: &Act, is_open: bool, in_window: u32) {
        let mut is_active = true;
        match act.kind {
            ActKind::Session => {
                self.session_count += 1;
                self.session_count_30d += in_window;
            }
            ActKind::View => {
                self.view_count += 1;
                self.view_count_30d += in_window;
            }
            ActKind::Use => {
                self.use_count += 1;
                self.use_count_30d += in_window;
            }
            ActKind::CartAdd => self.cart_add_count += 1,
            ActKind::CartRemove => {}
            ActKind::Wish => self.wish_count += 1,
            ActKind::StoreVisit => self.store_visit_count += 1,
            ActKind::Message => self.message_count += 1,
            ActKind::Upgrade => {
                self.upgrade_count += 1;
                self.settle();
            }
            ActKind::Ticket(_)
            | ActKind::Payment
            | ActKind::BillingIssue
            | ActKind::Downgrade
            | ActKind::Cancellation
            | ActKind::Other => {
                is_active = false;
                self.add_passive(act, is_open);
            }
        }
        if is_active {
            self.mark_active(act.at);
        }
    }

    fn add_passive(&mut self, act: &Act, is_open: bool) {
        match act.kind {
            ActKind::Ticket(Sentiment::Positive) => {
                self.ticket_counts.positive += 1;
                self.open_complaint_count = 0;
            }
            ActKind::Ticket(Sentiment::Neutral) => self.ticket_counts.neutral += 1,
            ActKind::Ticket(Sentiment::Negative) => {
                self.ticket_counts.negative += 1;
                self.open_complaint_count += u32::from(is_open);
            }
            ActKind::Payment => {
                self.payment_count += 1;
                self.first_payment_at = self.first_payment_at.or(Some(act.at));
                self.last_payment_at = Some(act.at);
                self.settle();
            }
            ActKind::BillingIssue => {
                self.billing_issue_count += 1;
                self.open_billing_issue_count += u32::from(is_open);
            }
            ActKind::Downgrade => self.downgrade_count += 1,
            ActKind::Cancellation => self.is_cancelled = is_open,
            _ => {}
        }
    }

    /// Money came in: complaints, troubles with billing and leaving are over.
    fn settle(&mut self) {
        self.open_complaint_count = 0;
        self.open_billing_issue_count = 0;
        self.is_cancelled = false;
    }

    fn mark_active(&mut self, at: Timestamp) {
        let day = calendar_day(at);
        let (first, last) = *self.active_days.get_or_insert((day, day - 1));
        if day > last {
            self.active_day_count += 1;
        }
        self.active_days = Some((first, last.max(day)));
        self.last_active_at = Some(at);
    }
}
