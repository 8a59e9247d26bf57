//! New subscriptions.

use super::{BillingMode, Cancellation, Status, Subscription, TrialEnd};
use crate::ApiError;
use crate::books::calendar::{Cadence, DAY, Moment, Period};
use crate::books::cards::Decline;
use crate::books::customers::Customer;
use crate::books::given;
use crate::books::ids::{InvoiceId, Mint};
use crate::books::invoices::{Collection, NewInvoice, Reason, owed};
use crate::books::lines::{Line, total};
use crate::books::subscriptions::Item;
use crate::books::{Answer, Books};
use crate::params::Params;

/// How many subscriptions a customer on a test clock may have.
const SUBSCRIPTIONS_ON_CLOCK_MAX: usize = 3;

/// The parameters of a new subscription that are honoured, or that change nothing here.
const HONOURED: [&str; 19] = [
    "billing_cycle_anchor",
    "billing_mode",
    "cancel_at",
    "cancel_at_period_end",
    "collection_method",
    "currency",
    "customer",
    "default_payment_method",
    "description",
    "items",
    "metadata",
    "off_session",
    "payment_behavior",
    "payment_settings",
    "proration_behavior",
    "trial_end",
    "trial_from_plan",
    "trial_period_days",
    "trial_settings",
];

/// How long a trial may be, in days.
const TRIAL_DAYS_MAX: i64 = 730;

/// How far in the future the end of a trial may be set: two years, in months.
const TRIAL_MONTHS_MAX: i64 = 24;

/// What a first period is.
struct FirstPeriod {
    anchor: Moment,
    period: Period,
    is_trial: bool,
}

impl Books {
    /// Makes a subscription and bills its first period at once.
    pub(in crate::books) fn create_subscription(&mut self, params: &Params) -> Answer {
        given::only(params, &HONOURED)?;
        check_words(params)?;
        let customer = given::required(params, &["customer"])?;
        let customer = self.living_customer(customer, "customer")?;
        self.check_writable(customer.clock.as_ref())?;
        self.check_room(customer)?;
        let mut mint = self.mint.clone();
        let mut new = self.described(customer, params, &mut mint)?;
        let invoice: InvoiceId = mint.id();
        let lines = self.first_lines(&new, params, &mut mint);
        let due = owed(total(&lines), customer.balance).due;
        let behavior = given::text(params, &["payment_behavior"]).unwrap_or("allow_incomplete");
        let collection = self.first_collection(&mut new, due, behavior)?;
        self.mint = mint;
        new.invoices.push(invoice.clone());
        let (id, at, owner) = (new.id.clone(), new.created, new.customer.clone());
        let currency = new.currency.clone();
        let period = Period { start: at, end: at };
        let reason = Reason::Create;
        let invoice = NewInvoice { id: invoice, reason, lines, period, collection };
        let rendered = self.render_subscription(&new);
        self.put_subscription(new);
        self.change_customer(&owner, |customer| {
            customer.currency.get_or_insert(currency);
        });
        self.emit("customer.subscription.created", at, rendered);
        self.insert_invoice(&id, invoice);
        self.retrieve_subscription(id.as_str())
    }

    fn check_room(&self, customer: &Customer) -> Result<(), ApiError> {
        let count = self.subscriptions_of(&customer.id).len();
        if customer.clock.is_none() || count < SUBSCRIPTIONS_ON_CLOCK_MAX {
            return Ok(());
        }
        Err(ApiError::invalid(format!(
            "You already have the maximum number ({SUBSCRIPTIONS_ON_CLOCK_MAX}) of subscriptions \
             allowed for a customer on a test clock."
        ))
        .with_param("customer"))
    }

    /// Returns the subscription that a request describes.
    fn described(
        &self,
        customer: &Customer,
        params: &Params,
        mint: &mut Mint,
    ) -> Result<Subscription, ApiError> {
        let at = self.time_of(customer.clock.as_ref());
        let id = mint.id();
        let serial = mint.serial();
        let items = self.new_items(params, at, mint)?;
        let (cadence, currency) = self.terms(&items)?;
        check_currency(customer, &currency, params)?;
        let first = self.first_period(params, &items, cadence, at)?;
        let mut new = Subscription {
            id,
            serial,
            created: at,
            clock: customer.clock.clone(),
            customer: customer.id.clone(),
            status: if first.is_trial { Status::Trialing } else { Status::Active },
            currency,
            billing_mode: billing_mode(params),
            anchor: first.anchor,
            cadence,
            period: first.period,
            items,
            pending: Vec::new(),
            trial: first.is_trial.then_some(first.period),
            trial_end: TrialEnd::CreateInvoice,
            cancel_at: None,
            cancel_at_period_end: false,
            credits_at_end: false,
            canceled_at: None,
            ended_at: None,
            cancellation: Cancellation::default(),
            default_payment_method: None,
            description: None,
            metadata: given::metadata(params, &["metadata"]),
            invoices: Vec::new(),
        };
        self.set_plain(&mut new, params)?;
        Ok(new)
    }

    /// Returns the first period: a trial, or the time to the first boundary.
    fn first_period(
        &self,
        params: &Params,
        items: &[Item],
        cadence: Cadence,
        at: Moment,
    ) -> Result<FirstPeriod, ApiError> {
        if let Some(end) = self.trial_end(params, items, at)? {
            let period = Period { start: at, end };
            return Ok(FirstPeriod { anchor: end, period, is_trial: true });
        }
        let natural_end = cadence.boundary(at, 1);
        let anchor = given::moment(params, &["billing_cycle_anchor"])?;
        let anchor = anchor.filter(|anchor| *anchor != at);
        if anchor.is_some_and(|anchor| anchor < at || anchor > natural_end) {
            let natural_end = natural_end.seconds();
            return Err(ApiError::invalid(format!(
                "billing_cycle_anchor must be in the future and cannot be later than next natural \
                 billing date ({natural_end}) for plan"
            ))
            .with_param("billing_cycle_anchor"));
        }
        let period = Period { start: at, end: anchor.unwrap_or(natural_end) };
        Ok(FirstPeriod { anchor: anchor.unwrap_or(at), period, is_trial: false })
    }

    /// Returns when a trial ends, if there is one.
    fn trial_end(
        &self,
        params: &Params,
        items: &[Item],
        at: Moment,
    ) -> Result<Option<Moment>, ApiError> {
        if given::text(params, &["trial_end"]) == Some("now") {
            return Ok(None);
        }
        if let Some(end) = given::moment(params, &["trial_end"])? {
            check_trial_end(end, at)?;
            return Ok(Some(end));
        }
        let mut days = given::count(params, &["trial_period_days"])?;
        if params.boolean(&["trial_from_plan"])? == Some(true) {
            let prices = items.iter().filter_map(|item| self.prices.get(&item.price));
            days = days.or(prices.filter_map(|price| price.offer.trial_period_days).max());
        }
        let days = days.filter(|days| *days > 0).and_then(|days| i64::try_from(days).ok());
        if days.is_some_and(|days| days > TRIAL_DAYS_MAX) {
            let text = format!("The trial period may be {TRIAL_DAYS_MAX} days long at most.");
            return Err(ApiError::invalid(text).with_param("trial_period_days"));
        }
        Ok(days.map(|days| at.plus(days.saturating_mul(DAY))))
    }

    fn first_lines(&self, new: &Subscription, params: &Params, mint: &mut Mint) -> Vec<Line> {
        if new.status == Status::Trialing {
            return self.trial_lines(&new.items, new.period, mint);
        }
        let whole = new.whole_period();
        let mut lines = self.cycle_lines(&new.items, new.period, whole, mint);
        let is_free = given::text(params, &["proration_behavior"]) == Some("none");
        if is_free && new.period != whole {
            for line in &mut lines {
                line.amount = 0;
            }
        }
        lines
    }

    /// Decides how the first invoice is collected, and where that leaves the subscription.
    fn first_collection(
        &self,
        new: &mut Subscription,
        due: i64,
        behavior: &str,
    ) -> Result<Collection, ApiError> {
        if due == 0 {
            return Ok(Collection::Now);
        }
        if behavior == "default_incomplete" {
            new.status = Status::Incomplete;
            return Ok(Collection::Open);
        }
        let card = self.card_of(new, None).map_err(Decline::error)?;
        if let Some(decline) = card.charging {
            if behavior == "error_if_incomplete" {
                return Err(decline.error());
            }
            new.status = Status::Incomplete;
        }
        Ok(Collection::Now)
    }
}

/// Refuses what Stripe does with these parameters and the books do not.
pub(super) fn check_words(params: &Params) -> Result<(), ApiError> {
    let refused =
        [("collection_method", "send_invoice"), ("payment_behavior", "pending_if_incomplete")];
    for (name, word) in refused {
        if given::text(params, &[name]) == Some(word) {
            return Err(given::not_done(name));
        }
    }
    Ok(())
}

/// Refuses a moment that is not in the future.
pub(super) fn check_future(moment: Moment, at: Moment, param: &str) -> Result<(), ApiError> {
    if moment > at {
        return Ok(());
    }
    let text = "Invalid timestamp: must be an integer Unix timestamp in the future.";
    Err(ApiError::invalid(text).with_param(param))
}

/// Refuses a trial that is over already, or too long.
pub(super) fn check_trial_end(end: Moment, at: Moment) -> Result<(), ApiError> {
    check_future(end, at, "trial_end")?;
    if end <= at.plus_months(TRIAL_MONTHS_MAX) {
        return Ok(());
    }
    let text = "The end of the trial cannot be more than two years in the future.";
    Err(ApiError::invalid(text).with_param("trial_end"))
}

fn check_currency(customer: &Customer, currency: &str, params: &Params) -> Result<(), ApiError> {
    if let Some(asked) = given::text(params, &["currency"]).filter(|asked| *asked != currency) {
        let text = format!("The prices of this subscription are in {currency}, not in {asked}.");
        return Err(ApiError::invalid(text).with_param("currency"));
    }
    match customer.currency.as_deref() {
        Some(own) if own != currency => Err(ApiError::invalid(format!(
            "You cannot combine currencies on a single customer. This customer has an active \
             subscription, subscription schedule, discount, quote, or invoice item with currency \
             {own}."
        ))),
        Some(_) | None => Ok(()),
    }
}

fn billing_mode(params: &Params) -> BillingMode {
    match given::text(params, &["billing_mode", "type"]) {
        Some("classic") => BillingMode::Classic,
        Some(_) | None => BillingMode::Flexible,
    }
}
