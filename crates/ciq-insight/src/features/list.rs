//! Features by their names, as a table and the API show them.

use ciq_event::Money;
use serde::{Serialize, Serializer};

use crate::features::Features;
use crate::history::Catalogue;
use crate::number::float;

/// Returns the features as a JSON object by name, always the same names.
///
/// Amounts are in major units (215.49) beside their `currency`. Affinities are objects of counts by
/// name; what the catalogue does not name is there as `#` and its key. What there is nothing to
/// measure of is null.
#[must_use]
pub fn features_json(features: &Features, catalogue: &Catalogue) -> String {
    // Numbers, texts and maps of texts: nothing that JSON cannot write.
    serde_json::to_string(&Listed::of(features, catalogue)).unwrap_or_default()
}

/// The features under the names that they have outside.
#[derive(Serialize)]
struct Listed<'a> {
    rfm_recency_days: Option<u32>,
    rfm_frequency: u32,
    rfm_monetary: f64,
    currency: &'a str,
    mean_order: Option<f64>,
    mean_gap_days: Option<f64>,
    last_gap_days: Option<f64>,
    gap_deviation_days: Option<f64>,
    category_affinity: Counts<'a>,
    product_affinity: Counts<'a>,
    offline_ratio: Option<f64>,
    profile_strength: u8,
    tenure_days: Option<u32>,
    days_since_any: Option<u32>,
    days_since_active: Option<u32>,
    is_active_since_order: bool,
    active_day_count: u32,
    active_span_days: u32,
    session_count: u32,
    session_count_30d: u32,
    use_count: u32,
    use_count_30d: u32,
    view_count: u32,
    view_count_30d: u32,
    cart_add_count: u32,
    wish_count: u32,
    store_visit_count: u32,
    message_count: u32,
    ticket_positive_count: u32,
    ticket_neutral_count: u32,
    ticket_negative_count: u32,
    open_complaint_count: u32,
    payment_count: u32,
    days_since_payment: Option<u32>,
    payment_span_days: u32,
    billing_issue_count: u32,
    open_billing_issue_count: u32,
    upgrade_count: u32,
    downgrade_count: u32,
    is_cancelled: bool,
}

impl<'a> Listed<'a> {
    fn of(features: &'a Features, catalogue: &'a Catalogue) -> Self {
        let tickets = features.ticket_counts;
        let categories = features
            .category_affinity
            .iter()
            .map(|(key, count)| (catalogue.categories.get(key).map(String::as_str), key.0, *count));
        let products = features
            .product_affinity
            .iter()
            .map(|(key, count)| (catalogue.products.get(key).map(String::as_str), key.0, *count));
        Self {
            rfm_recency_days: features.recency_days,
            rfm_frequency: features.frequency,
            rfm_monetary: major(features.monetary),
            currency: features.monetary.currency.as_str(),
            mean_order: features.mean_order.map(major),
            mean_gap_days: features.mean_gap_days,
            last_gap_days: features.last_gap_days,
            gap_deviation_days: features.gap_deviation_days,
            category_affinity: Counts::of(categories),
            product_affinity: Counts::of(products),
            offline_ratio: features.offline_ratio,
            profile_strength: features.strength,
            tenure_days: features.tenure_days,
            days_since_any: features.days_since_any,
            days_since_active: features.days_since_active,
            is_active_since_order: features.is_active_since_order,
            active_day_count: features.active_day_count,
            active_span_days: features.active_span_days,
            session_count: features.session_count,
            session_count_30d: features.session_count_30d,
            use_count: features.use_count,
            use_count_30d: features.use_count_30d,
            view_count: features.view_count,
            view_count_30d: features.view_count_30d,
            cart_add_count: features.cart_add_count,
            wish_count: features.wish_count,
            store_visit_count: features.store_visit_count,
            message_count: features.message_count,
            ticket_positive_count: tickets.positive,
            ticket_neutral_count: tickets.neutral,
            ticket_negative_count: tickets.negative,
            open_complaint_count: features.open_complaint_count,
            payment_count: features.payment_count,
            days_since_payment: features.days_since_payment,
            payment_span_days: features.payment_span_days,
            billing_issue_count: features.billing_issue_count,
            open_billing_issue_count: features.open_billing_issue_count,
            upgrade_count: features.upgrade_count,
            downgrade_count: features.downgrade_count,
            is_cancelled: features.is_cancelled,
        }
    }
}

/// Counts by name.
struct Counts<'a>(Vec<(Name<'a>, u32)>);

#[derive(PartialEq)]
enum Name<'a> {
    Known(&'a str),
    Unknown(i64),
}

impl<'a> Counts<'a> {
    /// Two of one name are added up.
    fn of(counted: impl Iterator<Item = (Option<&'a str>, i64, u32)>) -> Self {
        let mut counts: Vec<(Name<'a>, u32)> = Vec::new();
        for (name, key, count) in counted {
            let name = name.map_or(Name::Unknown(key), Name::Known);
            match counts.iter_mut().find(|(held, _)| *held == name) {
                Some((_, sum)) => *sum += count,
                None => counts.push((name, count)),
            }
        }
        Self(counts)
    }
}

impl Serialize for Counts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, count)| (name, count)))
    }
}

impl Serialize for Name<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Name::Known(name) => serializer.serialize_str(name),
            Name::Unknown(key) => serializer.collect_str(&format_args!("#{key}")),
        }
    }
}

fn major(money: Money) -> f64 {
    float(money.minor) / float(10_i64.pow(money.currency.digits()))
}
