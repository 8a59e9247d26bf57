//! Prices: what a product costs, once or again and again.

use serde_json::Value;

use super::calendar::{Cadence, Interval, Moment};
use super::given::{self, Metadata, TimeRange, join};
use super::ids::{PriceId, ProductId};
use super::{Answer, Books};
use crate::ApiError;
use crate::params::{Params, param_name};

/// The parameters of a price that are honoured.
const HONOURED: [&str; 13] = [
    "active",
    "billing_scheme",
    "currency",
    "lookup_key",
    "metadata",
    "nickname",
    "product",
    "product_data",
    "recurring",
    "tax_behavior",
    "transfer_lookup_key",
    "unit_amount",
    "unit_amount_decimal",
];

/// What is asked for a unit. It never changes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Offer {
    pub(super) currency: String,
    pub(super) unit_amount: i64,
    /// How often it is asked for; nothing for a price that is paid once.
    pub(super) cadence: Option<Cadence>,
    pub(super) trial_period_days: Option<u64>,
    pub(super) tax_behavior: String,
}

/// A price.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Price {
    pub(super) id: PriceId,
    pub(super) serial: u64,
    pub(super) created: Moment,
    pub(super) product: ProductId,
    pub(super) offer: Offer,
    pub(super) is_active: bool,
    pub(super) lookup_key: Option<String>,
    pub(super) nickname: Option<String>,
    pub(super) metadata: Metadata,
}

impl Offer {
    /// Reads an offer at a path.
    pub(super) fn read(params: &Params, path: &[&str]) -> Result<Self, ApiError> {
        let at = |name| join(path, &[name]);
        if given::text(params, &at("billing_scheme")) == Some("tiered") {
            return Err(given::not_done("billing_scheme"));
        }
        let (cadence, trial_period_days) = recurring(params, &at("recurring"))?;
        let tax_behavior = given::text(params, &at("tax_behavior")).unwrap_or("unspecified");
        Ok(Self {
            currency: given::required(params, &at("currency"))?.to_lowercase(),
            unit_amount: unit_amount(params, path)?,
            cadence,
            trial_period_days,
            tax_behavior: tax_behavior.to_owned(),
        })
    }
}

/// Reads the amount, which may be written as a decimal but has no part of a cent.
fn unit_amount(params: &Params, path: &[&str]) -> Result<i64, ApiError> {
    let (whole, decimal) = (join(path, &["unit_amount"]), join(path, &["unit_amount_decimal"]));
    let amount = match (params.integer(&whole)?, given::text(params, &decimal)) {
        (Some(amount), _) => amount,
        (None, None) => return Err(ApiError::missing(&param_name(&whole))),
        (None, Some(text)) => {
            let (cents, fraction) = text.split_once('.').unwrap_or((text, ""));
            if fraction.chars().any(|digit| digit != '0') {
                return Err(given::not_done(&param_name(&decimal)));
            }
            let name = param_name(&decimal);
            cents.parse().map_err(|_| ApiError::invalid_integer(&name, text))?
        }
    };
    if amount < 0 {
        let refusal = ApiError::invalid("Invalid non-negative integer");
        return Err(refusal.with_param(param_name(&whole)));
    }
    Ok(amount)
}

fn recurring(params: &Params, path: &[&str]) -> Result<(Option<Cadence>, Option<u64>), ApiError> {
    if !params.has(path) {
        return Ok((None, None));
    }
    let at = |name| join(path, &[name]);
    let metered = given::text(params, &at("usage_type")) == Some("metered");
    if metered || params.has(&at("meter")) {
        return Err(given::not_done(&param_name(&at("usage_type"))));
    }
    let word = given::required(params, &at("interval"))?;
    let Some(interval) = Interval::parse(word) else {
        let text = format!("Invalid recurring[interval]: {word}");
        return Err(ApiError::invalid(text).with_param(param_name(&at("interval"))));
    };
    let count = params.integer(&at("interval_count"))?.unwrap_or(1);
    if !(1..=interval.count_max()).contains(&count) {
        let text = "The interval count must be at least 1 and may span three years at most.";
        return Err(ApiError::invalid(text).with_param(param_name(&at("interval_count"))));
    }
    let trial_period_days = given::count(params, &at("trial_period_days"))?;
    Ok((Some(Cadence { interval, count }), trial_period_days))
}

impl Books {
    /// Makes a price of a product that exists or that comes with it.
    pub(super) fn create_price(&mut self, params: &Params) -> Answer {
        given::only(params, &HONOURED)?;
        let offer = Offer::read(params, &[])?;
        let lookup_key = given::owned(params, &["lookup_key"]);
        self.check_lookup_key(lookup_key.as_deref(), None, params)?;
        let product = match given::text(params, &["product"]) {
            Some(product) => self.product(product, "product")?.id.clone(),
            None if params.has(&["product_data"]) => {
                self.insert_product(params, &["product_data"])?
            }
            None => return Err(ApiError::missing("product")),
        };
        let is_active = params.boolean(&["active"])?.unwrap_or(true);
        let price = Price {
            id: self.mint.id(),
            serial: self.mint.serial(),
            created: self.now,
            product,
            offer,
            is_active,
            lookup_key,
            nickname: given::owned(params, &["nickname"]),
            metadata: given::metadata(params, &["metadata"]),
        };
        self.release_lookup_key(price.lookup_key.as_deref());
        let rendered = super::render::price(&price);
        self.emit("price.created", self.now, rendered.clone());
        self.prices.insert(price.id.clone(), price);
        Ok(rendered)
    }

    /// Makes a price from an offer that came with something else.
    pub(super) fn insert_price(
        &mut self,
        product: &ProductId,
        offer: Offer,
        metadata: Metadata,
    ) -> PriceId {
        let price = Price {
            id: self.mint.id(),
            serial: self.mint.serial(),
            created: self.now,
            product: product.clone(),
            offer,
            is_active: true,
            lookup_key: None,
            nickname: None,
            metadata,
        };
        let id = price.id.clone();
        self.emit("price.created", self.now, super::render::price(&price));
        self.prices.insert(id.clone(), price);
        id
    }

    /// Returns a price.
    pub(super) fn retrieve_price(&self, id: &str) -> Answer {
        Ok(super::render::price(self.price(id, "id")?))
    }

    /// Returns a price that a parameter names.
    pub(super) fn price(&self, id: &str, param: &str) -> Result<&Price, ApiError> {
        self.prices.get(id).ok_or_else(|| ApiError::no_such("price", id, param))
    }

    /// Changes a price; never its amount.
    pub(super) fn update_price(&mut self, id: &str, params: &Params) -> Answer {
        let changeable = ["active", "lookup_key", "metadata", "nickname", "tax_behavior"];
        given::only(params, &[changeable.as_slice(), &["transfer_lookup_key"]].concat())?;
        let before = self.price(id, "id")?.clone();
        let mut after = before.clone();
        given::set_boolean(&mut after.is_active, params, &["active"])?;
        given::set_text(&mut after.nickname, params, &["nickname"]);
        given::set_text(&mut after.lookup_key, params, &["lookup_key"]);
        given::set_metadata(&mut after.metadata, params, &["metadata"]);
        if let Some(tax_behavior) = given::owned(params, &["tax_behavior"]) {
            after.offer.tax_behavior = tax_behavior;
        }
        if after.is_active {
            self.check_lookup_key(after.lookup_key.as_deref(), Some(&before.id), params)?;
        }
        if after.lookup_key != before.lookup_key {
            self.release_lookup_key(after.lookup_key.as_deref());
        }
        let (old, new) = (super::render::price(&before), super::render::price(&after));
        self.prices.insert(after.id.clone(), after);
        self.emit_update("price.updated", self.now, &old, &new);
        Ok(new)
    }

    /// Returns all prices that match, the newest first.
    pub(super) fn list_prices(&self, params: &Params) -> Answer {
        let known =
            ["active", "created", "currency", "lookup_keys", "product", "recurring", "type"];
        given::only(params, &known)?;
        let created = TimeRange::read(params, "created")?;
        let is_active = params.boolean(&["active"])?;
        let keys = given::texts(params, &["lookup_keys"]);
        let mut found: Vec<_> = self.prices.values().collect();
        found.retain(|price| {
            let key = price.lookup_key.as_deref();
            created.holds(price.created)
                && is_active.is_none_or(|is_active| price.is_active == is_active)
                && keys.as_ref().is_none_or(|keys| keys.iter().any(|wanted| Some(&**wanted) == key))
                && price.matches(params)
        });
        found.sort_by_key(|price| price.serial);
        Ok(Value::Array(found.into_iter().rev().map(super::render::price).collect()))
    }

    /// Refuses a lookup key that another active price has, unless it is to be transferred.
    fn check_lookup_key(
        &self,
        key: Option<&str>,
        own: Option<&PriceId>,
        params: &Params,
    ) -> Result<(), ApiError> {
        let Some(key) = key else { return Ok(()) };
        if params.boolean(&["transfer_lookup_key"])? == Some(true) {
            return Ok(());
        }
        let taken = |price: &&Price| {
            price.is_active && Some(&price.id) != own && price.lookup_key.as_deref() == Some(key)
        };
        let Some(other) = self.prices.values().find(taken) else { return Ok(()) };
        let text = format!("A price (`{}`) already uses that lookup key.", other.id);
        Err(ApiError::invalid(text).with_code("resource_already_exists").with_param("lookup_key"))
    }

    /// Takes a lookup key from the prices that have it.
    fn release_lookup_key(&mut self, key: Option<&str>) {
        let Some(key) = key else { return };
        for price in self.prices.values_mut() {
            if price.lookup_key.as_deref() == Some(key) {
                price.lookup_key = None;
            }
        }
    }
}

impl Price {
    /// Tells whether it matches the filters on what never changes.
    fn matches(&self, params: &Params) -> bool {
        let cadence = self.offer.cadence;
        let kind = if cadence.is_some() { "recurring" } else { "one_time" };
        let interval = cadence.map(|cadence| cadence.interval.word());
        let usage_type = cadence.map(|_| "licensed");
        let holds = |path: &[&str], value: Option<&str>| {
            given::text(params, path).is_none_or(|wanted| Some(wanted) == value)
        };
        holds(&["currency"], Some(&self.offer.currency))
            && holds(&["product"], Some(self.product.as_str()))
            && holds(&["type"], Some(kind))
            && holds(&["recurring", "interval"], interval)
            && holds(&["recurring", "usage_type"], usage_type)
            && holds(&["recurring", "meter"], None)
    }
}
