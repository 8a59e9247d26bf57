//! Everything that is measured of a history, counted in one pass.

use ciq_synth::Segment;
use ciq_synth::saas::{Event, History, HistorySettings, Payload, UserTruth, region_of, user_truth};

use super::statistics::LogHistogram;

const HOUR_MS: i64 = 3_600_000;
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;

/// What a user did on one day.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct UserDay {
    pub(super) sessions: u16,
    pub(super) features: u16,
    pub(super) tickets: u8,
    pub(super) negative: u8,
    pub(super) declines: u8,
    pub(super) failures: u8,
}

/// What is remembered about a user while counting.
#[derive(Debug, Default, Clone, Copy)]
struct Open {
    is_in_session: bool,
    last_ms: i64,
    open_tickets: u32,
}

/// All counts of a history.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) days: usize,
    pub(super) truths: Vec<UserTruth>,
    /// By user, then by day.
    pub(super) user_days: Vec<UserDay>,
    open: Vec<Open>,
    minutes_ahead: Vec<i64>,
    pub(super) events: u64,
    pub(super) features: u64,
    pub(super) features_outside: u64,
    pub(super) replies_astray: u64,
    pub(super) paid_after_leaving: u64,
    pub(super) any_after_leaving: u64,
    /// Session starts by local hour, on weekdays and at weekends.
    pub(super) local_hours: [[f64; 24]; 2],
    pub(super) utc_hours: [f64; 24],
    pub(super) weekdays: [f64; 7],
    pub(super) hourly: Vec<f64>,
    pub(super) gaps: LogHistogram,
    /// Billing events and those of them that are trouble, by segment; tickets and negative ones.
    pub(super) billing: [[u64; 2]; 3],
    pub(super) tickets: [[u64; 2]; 3],
    pub(super) sentiments: Vec<(f64, f64)>,
    start_ms: i64,
}

/// The place of a segment in tables.
pub(super) fn place(segment: Segment) -> usize {
    match segment {
        Segment::Power => 0,
        Segment::Casual => 1,
        Segment::AtRisk => 2,
    }
}

impl Tally {
    /// Counts the events of a history.
    pub(super) fn of(settings: &HistorySettings) -> Self {
        let users = settings.population.users();
        let days = settings.days() as usize;
        let ahead = |user| i64::from(region_of(&settings.population, user).minutes_ahead());
        let mut tally = Self {
            days,
            truths: (0..users).map(|user| user_truth(settings, user)).collect(),
            user_days: vec![UserDay::default(); users as usize * days],
            open: vec![Open::default(); users as usize],
            minutes_ahead: (0..users).map(ahead).collect(),
            events: 0,
            features: 0,
            features_outside: 0,
            replies_astray: 0,
            paid_after_leaving: 0,
            any_after_leaving: 0,
            local_hours: [[0.0; 24]; 2],
            utc_hours: [0.0; 24],
            weekdays: [0.0; 7],
            hourly: vec![0.0; days * 24],
            gaps: LogHistogram::new(),
            billing: [[0; 2]; 3],
            tickets: [[0; 2]; 3],
            sentiments: Vec::new(),
            start_ms: settings.population.start_ms(),
        };
        let mut history = History::new(settings, 0..users);
        let mut events = Vec::new();
        while history.next_events(&mut events) {
            for event in &events {
                tally.count(event);
            }
        }
        tally
    }

    /// The days of one user.
    pub(super) fn days_of(&self, user: usize) -> &[UserDay] {
        &self.user_days[user * self.days..(user + 1) * self.days]
    }

    /// When the history starts.
    pub(super) fn start_ms(&self) -> i64 {
        self.start_ms
    }

    fn count(&mut self, event: &Event) {
        self.events += 1;
        let since_ms = event.at_ms - self.start_ms;
        self.hourly[(since_ms / HOUR_MS) as usize] += 1.0;
        self.utc_hours[(event.at_ms / HOUR_MS % 24) as usize] += 1.0;
        // 1970 began on a Thursday; Monday is the first.
        self.weekdays[((event.at_ms / DAY_MS + 3) % 7) as usize] += 1.0;
        let user = event.user as usize;
        let left_ms = self.truths[user].left_ms.unwrap_or(i64::MAX);
        self.any_after_leaving += u64::from(event.at_ms > left_ms);
        match event.payload {
            Payload::SessionStart { .. }
            | Payload::FeatureUsed { .. }
            | Payload::SessionEnd { .. } => self.count_product(event, since_ms),
            Payload::TicketOpened(_) | Payload::TicketReplied(_) | Payload::TicketClosed { .. } => {
                self.count_ticket(event, since_ms);
            }
            Payload::CardDecline { .. }
            | Payload::RenewalFailed { .. }
            | Payload::PlanRenewed { .. }
            | Payload::InvoicePaid { .. }
            | Payload::PlanCancelled => self.count_billing(event, since_ms),
            Payload::UserIdentified => {}
        }
    }

    fn day(&mut self, user: u32, since_ms: i64) -> &mut UserDay {
        let day = (since_ms / DAY_MS) as usize;
        &mut self.user_days[user as usize * self.days + day]
    }

    fn count_product(&mut self, event: &Event, since_ms: i64) {
        let open = &mut self.open[event.user as usize];
        let was_in_session = open.is_in_session;
        let gap_ms = event.at_ms - open.last_ms;
        open.last_ms = event.at_ms;
        open.is_in_session = !matches!(event.payload, Payload::SessionEnd { .. });
        if matches!(event.payload, Payload::SessionStart { .. }) {
            let local_ms = event.at_ms + self.minutes_ahead[event.user as usize] * 60_000;
            let is_weekend = (local_ms / DAY_MS + 3) % 7 >= 5;
            let hour = (local_ms / HOUR_MS % 24) as usize;
            self.local_hours[usize::from(is_weekend)][hour] += 1.0;
            self.day(event.user, since_ms).sessions += 1;
            return;
        }
        if was_in_session {
            self.gaps.add(gap_ms as f64);
        }
        if matches!(event.payload, Payload::FeatureUsed { .. }) {
            self.features += 1;
            self.features_outside += u64::from(!was_in_session);
            self.day(event.user, since_ms).features += 1;
        }
    }

    fn count_ticket(&mut self, event: &Event, since_ms: i64) {
        let user = event.user as usize;
        match event.payload {
            Payload::TicketOpened(ticket) => {
                self.open[user].open_tickets += 1;
                let is_negative = ticket.sentiment < 0;
                let truth = &self.truths[user];
                let counts = &mut self.tickets[place(truth.segment)];
                counts[0] += 1;
                counts[1] += u64::from(is_negative);
                let health = f64::from(truth.mean_health_per_mille);
                self.sentiments.push((f64::from(ticket.sentiment), health));
                let day = self.day(event.user, since_ms);
                day.tickets += 1;
                day.negative += u8::from(is_negative);
            }
            Payload::TicketReplied(_) => {
                self.replies_astray += u64::from(self.open[user].open_tickets == 0);
            }
            _ => {
                self.replies_astray += u64::from(self.open[user].open_tickets == 0);
                self.open[user].open_tickets = self.open[user].open_tickets.saturating_sub(1);
            }
        }
    }

    fn count_billing(&mut self, event: &Event, since_ms: i64) {
        let truth = &self.truths[event.user as usize];
        let is_paid =
            matches!(event.payload, Payload::InvoicePaid { .. } | Payload::PlanRenewed { .. });
        let has_left = truth.left_ms.is_some_and(|left_ms| event.at_ms > left_ms);
        self.paid_after_leaving += u64::from(is_paid && has_left);
        let is_decline = matches!(event.payload, Payload::CardDecline { .. });
        let is_failure = matches!(event.payload, Payload::RenewalFailed { .. });
        let counts = &mut self.billing[place(truth.segment)];
        counts[0] += 1;
        counts[1] += u64::from(is_decline || is_failure);
        let day = self.day(event.user, since_ms);
        day.declines += u8::from(is_decline);
        day.failures += u8::from(is_failure);
    }
}
