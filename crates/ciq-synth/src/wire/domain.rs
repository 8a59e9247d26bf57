//! Domain events of the app: sessions, billing, tickets.

use super::{Teller, Thing};
use crate::catalog::FEATURES;
use crate::chance::{below, between, chance, pick};
use crate::draft::Draft;
use crate::identifier::{Carried, Kind};
use crate::json::Object;
use crate::rhythm::HOUR_SECONDS;
use crate::settings::timestamp;
use crate::words::{ANSWERS, PROBLEMS};

/// Steps of a session between its start and its end.
const SESSION_STEPS_MAX: i64 = 5;

/// The longest pause within a session.
const STEP_SECONDS_MAX: i64 = 540;

/// No session takes longer.
pub(crate) const SESSION_SECONDS_MAX: i64 = (SESSION_STEPS_MAX + 1) * STEP_SECONDS_MAX;

/// How somebody feels who opens a ticket, from and to, in hundredths from -100 to 100.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mood(pub(crate) i64, pub(crate) i64);

impl Teller<'_> {
    /// A whole session in the app, with a purchase in so many percent. Returns when it ends.
    pub(crate) fn session(&mut self, second: i64, customer_id: &str, purchase_percent: u64) -> i64 {
        let session_id = self.session_id();
        let device_id = self.device_id();
        let steps = between(&mut self.rng, 1, SESSION_STEPS_MAX);
        let buys_at = chance(&mut self.rng, purchase_percent, 100).then_some(steps);
        let place = [session_id.as_str(), device_id.as_str()];
        let platform = pick(&mut self.rng, &["ios", "android", "web"]);
        let props = Object::new().text("platform", platform);
        self.session_event(second, customer_id, place, ("session_start", props));
        let mut now = second;
        for step in 1..=steps {
            now += self.pause();
            if buys_at == Some(step) {
                self.app_purchase(now, customer_id, place);
            } else {
                let props = Object::new().text("feature", pick(&mut self.rng, &FEATURES));
                self.session_event(now, customer_id, place, ("feature_used", props));
            }
        }
        now += self.pause();
        let props = Object::new().number("duration_seconds", now - second);
        self.session_event(now, customer_id, place, ("session_end", props));
        now
    }

    /// A ticket that is opened in the app, and answered one to three times.
    pub(crate) fn app_ticket(&mut self, second: i64, customer_id: &str, mood: Mood) {
        let (title, text, category) = pick(&mut self.rng, &PROBLEMS);
        let ticket_id = format!("TKT-{}", self.thing().serial());
        let mut sentiment = between(&mut self.rng, mood.0, mood.1);
        let urgency = match sentiment {
            ..-50 => "high",
            -50..0 => "medium",
            _ => "low",
        };
        let props = Object::new().text("category", category);
        let props = ticket(props, &ticket_id, &format!("{title}: {text}"), (sentiment, urgency));
        self.domain(second, customer_id, ("ticket_opened", props), Carried::default());
        let mut now = second;
        for _ in 0..between(&mut self.rng, 1, 3) {
            now += between(&mut self.rng, HOUR_SECONDS / 2, 36 * HOUR_SECONDS);
            sentiment = (sentiment + between(&mut self.rng, 0, 40)).min(100);
            let answer = pick(&mut self.rng, &ANSWERS);
            let props = ticket(Object::new(), &ticket_id, answer, (sentiment, urgency));
            self.domain(now, customer_id, ("ticket_replied", props), Carried::default());
        }
    }

    /// Something that happens to a plan or an invoice.
    pub(crate) fn billing(&mut self, second: i64, customer_id: &str, event: (&str, Object)) {
        self.domain(second, customer_id, event, Carried::default());
    }

    fn pause(&mut self) -> i64 {
        // The smaller of two: short pauses are more frequent.
        let rng = &mut self.rng;
        between(rng, 8, STEP_SECONDS_MAX).min(between(rng, 8, STEP_SECONDS_MAX))
    }

    /// The person's own device, or one of the others half of the time.
    fn device_id(&mut self) -> String {
        let devices = &self.person.device_ids;
        let others = devices.get(1..).unwrap_or_default();
        let is_own = chance(&mut self.rng, 1, 2);
        let place = usize::try_from(below(&mut self.rng, others.len() as u64)).unwrap_or(0);
        let other = others.get(place).filter(|_| !is_own);
        other.or(devices.first()).cloned().unwrap_or_default()
    }

    fn session_event(
        &mut self,
        second: i64,
        customer_id: &str,
        [session_id, device_id]: [&str; 2],
        (name, props): (&str, Object),
    ) {
        let mut carried = Carried::default();
        let props = props
            .text("session_id", carried.plain(Kind::SessionId, session_id))
            .text("device_id", carried.plain(Kind::DeviceId, device_id));
        self.domain(second, customer_id, (name, props), carried);
    }

    fn domain(
        &mut self,
        second: i64,
        customer_id: &str,
        (name, props): (&str, Object),
        mut carried: Carried,
    ) {
        let thing: Thing = self.thing();
        let body = Object::new()
            .text("id", &format!("evt_{:016x}", thing.mark(self.seed(), "event")))
            .text("ts", &format!("{:.3}", timestamp(second)))
            .text("userId", carried.plain(Kind::CustomerId, customer_id))
            .text("name", name)
            .object("props", props);
        self.drafts.push(Draft::new(second, "domain", body.finish(), carried));
    }
}

fn ticket(props: Object, id: &str, message: &str, (sentiment, urgency): (i64, &str)) -> Object {
    props
        .text("ticket_id", id)
        .text("message", message)
        .amount("sentiment", sentiment)
        .text("urgency", urgency)
}
