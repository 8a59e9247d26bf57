//! Renewals: paid, or declined first and then tried again.

use super::calendar::DAY_MS;
use super::mark::{below, next};
use super::payment::{ATTEMPT_DAYS, DECLINE_DAYS_MAX, DECLINE_EARLY_MS, Payment, payment};
use super::{BILLING_DAYS_AHEAD, Life, SEQUENCE_BILLING, Sink, World};
use crate::saas::{Mode, Payload};

/// The invoice is paid so long after the plan is renewed, in milliseconds.
const INVOICE_MS: i64 = 1_500;

/// When something about a renewal happens, and what.
type Bill = (i64, Payload);

impl Life {
    /// Goes to the first renewal of the history.
    pub(super) fn skip_renewals(&mut self, world: &World) {
        let first_ms = self.first_renewal_ms(world);
        while let Some(day) = self.renewal_day(world)
            && self.traits.renewal_ms(day, &world.calendar) < first_ms
        {
            self.billing_month += 1;
        }
        self.wait_for_renewal(world);
    }

    /// Tells of the renewals that are near.
    #[cold]
    pub(super) fn renew(&mut self, world: &World, day: i32, sink: &mut impl Sink) {
        while day >= self.billing_day {
            if let Some(renewal_day) = self.renewal_day(world)
                && world.modes.contains(Mode::Billing)
            {
                self.renew_once(world, renewal_day, sink);
            }
            self.billing_month += 1;
            self.wait_for_renewal(world);
        }
    }

    /// The day of the next renewal.
    fn renewal_day(&self, world: &World) -> Option<i32> {
        world.calendar.day_in_month(self.billing_month as usize, self.traits.renewal_day)
    }

    fn wait_for_renewal(&mut self, world: &World) {
        let day = self.renewal_day(world).map(|day| day - BILLING_DAYS_AHEAD);
        self.billing_day = day.unwrap_or(i32::MAX);
    }

    /// Returns how the renewal of this month goes.
    fn payment(&self, world: &World, at_ms: i64) -> Payment {
        let payment = payment(&self.traits, self.billing_month as usize, at_ms, &world.calendar);
        let last_ms = at_ms + ATTEMPT_DAYS[3] * DAY_MS;
        // Somebody else's end than the one that was foretold does not come about.
        if payment.is_lost() && last_ms + 1 != self.left_ms { payment.recovered() } else { payment }
    }

    /// Tells of one renewal.
    fn renew_once(&self, world: &World, day: i32, sink: &mut impl Sink) {
        let at_ms = self.traits.renewal_ms(day, &world.calendar);
        let payment = self.payment(world, at_ms);
        if !world.keeps(payment.mark) || at_ms > self.left_ms {
            return;
        }
        let mut bills = Vec::new();
        self.decline(at_ms, payment, &mut bills);
        let amount_cents = self.traits.price_cents;
        let failed = usize::from(payment.failed_attempts);
        let attempts = || (1_u8..).zip(ATTEMPT_DAYS.map(|days| at_ms + days * DAY_MS));
        for (attempt, at_ms) in attempts().take(failed) {
            bills.push((at_ms, Payload::RenewalFailed { attempt, amount_cents }));
        }
        if let Some((_, at_ms)) = attempts().nth(failed)
            && at_ms + INVOICE_MS < self.ends_ms(world)
        {
            bills.push((at_ms, Payload::PlanRenewed { amount_cents }));
            bills.push((at_ms + INVOICE_MS, Payload::InvoicePaid { amount_cents }));
        }
        let first = world.sequence(day, SEQUENCE_BILLING);
        let is_there = |bill: &(u32, Bill)| bill.1.0 < self.left_ms;
        for (sequence, (at_ms, payload)) in (first..).zip(bills).filter(is_there) {
            self.tell(world, self.event(at_ms, sequence, payload), sink);
        }
    }

    /// Adds the declines before a renewal, the earliest first.
    fn decline(&self, renewal_ms: i64, payment: Payment, bills: &mut Vec<Bill>) {
        let mut draw = payment.mark;
        for days in (1..=DECLINE_DAYS_MAX).rev() {
            draw = next(draw);
            if (payment.declined_days >> (days - 1)) & 1 == 0 {
                continue;
            }
            let early_ms = i64::from(below(draw, DECLINE_EARLY_MS));
            let days_to_renewal = u8::try_from(days).unwrap_or(0);
            let amount_cents = self.traits.price_cents;
            let decline = Payload::CardDecline { days_to_renewal, amount_cents };
            bills.push((renewal_ms - days * DAY_MS - early_ms, decline));
        }
    }
}
