//! Customers: who pays.

use serde_json::{Value, json};

use super::calendar::Moment;
use super::given::{self, Metadata, TimeRange};
use super::ids::{ClockId, CustomerId, PaymentMethodId};
use super::payment_methods::not_attached;
use super::subscriptions::EndReason;
use super::{Answer, Books};
use crate::ApiError;
use crate::params::Params;

/// How many customers a test clock may have.
const CUSTOMERS_PER_CLOCK_MAX: usize = 3;

/// The parameters of a customer that are honoured.
const HONOURED: [&str; 15] = [
    "address",
    "balance",
    "description",
    "email",
    "invoice_prefix",
    "invoice_settings",
    "metadata",
    "name",
    "next_invoice_sequence",
    "payment_method",
    "phone",
    "preferred_locales",
    "shipping",
    "tax_exempt",
    "test_clock",
];

/// Where a customer's default payment method is set.
const DEFAULT_PAYMENT_METHOD: [&str; 2] = ["invoice_settings", "default_payment_method"];

/// A customer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Customer {
    pub(super) id: CustomerId,
    pub(super) serial: u64,
    pub(super) created: Moment,
    /// Whose time the customer lives in; nothing for the real one.
    pub(super) clock: Option<ClockId>,
    pub(super) is_deleted: bool,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) description: Option<String>,
    pub(super) address: Option<Value>,
    pub(super) shipping: Option<Value>,
    pub(super) preferred_locales: Vec<String>,
    pub(super) tax_exempt: String,
    pub(super) metadata: Metadata,
    /// What is owed (above zero) or kept for later invoices (below zero), in cents.
    pub(super) balance: i64,
    /// The only currency that the customer pays in, once there is one.
    pub(super) currency: Option<String>,
    /// Whether a charge for the latest invoices has failed.
    pub(super) is_delinquent: bool,
    pub(super) default_payment_method: Option<PaymentMethodId>,
    pub(super) custom_fields: Option<Value>,
    pub(super) footer: Option<String>,
    pub(super) invoice_prefix: String,
    pub(super) next_invoice_sequence: i64,
}

impl Customer {
    fn new(id: CustomerId, serial: u64, created: Moment) -> Self {
        let hash = blake3::hash(id.as_str().as_bytes()).to_hex();
        let invoice_prefix = hash.chars().take(8).collect::<String>().to_uppercase();
        Self {
            id,
            serial,
            created,
            clock: None,
            is_deleted: false,
            name: None,
            email: None,
            phone: None,
            description: None,
            address: None,
            shipping: None,
            preferred_locales: Vec::new(),
            tax_exempt: "none".to_owned(),
            metadata: Metadata::new(),
            balance: 0,
            currency: None,
            is_delinquent: false,
            default_payment_method: None,
            custom_fields: None,
            footer: None,
            invoice_prefix,
            next_invoice_sequence: 1,
        }
    }

    /// Takes over what a request gives.
    fn set(&mut self, params: &Params) -> Result<(), ApiError> {
        given::set_text(&mut self.name, params, &["name"]);
        given::set_text(&mut self.email, params, &["email"]);
        given::set_text(&mut self.phone, params, &["phone"]);
        given::set_text(&mut self.description, params, &["description"]);
        given::set_json(&mut self.address, params, &["address"]);
        given::set_json(&mut self.shipping, params, &["shipping"]);
        given::set_metadata(&mut self.metadata, params, &["metadata"]);
        given::set_json(&mut self.custom_fields, params, &["invoice_settings", "custom_fields"]);
        given::set_text(&mut self.footer, params, &["invoice_settings", "footer"]);
        if let Some(locales) = given::texts(params, &["preferred_locales"]) {
            self.preferred_locales = locales;
        }
        if params.has(&["tax_exempt"]) {
            let tax_exempt = given::text(params, &["tax_exempt"]).unwrap_or("none");
            tax_exempt.clone_into(&mut self.tax_exempt);
        }
        if let Some(balance) = params.integer(&["balance"])? {
            self.balance = balance;
        }
        if let Some(prefix) = given::owned(params, &["invoice_prefix"]) {
            self.invoice_prefix = prefix;
        }
        if let Some(next) = params.integer(&["next_invoice_sequence"])? {
            self.next_invoice_sequence = next;
        }
        if params.is_unset(&DEFAULT_PAYMENT_METHOD) {
            self.default_payment_method = None;
        }
        Ok(())
    }
}

impl Books {
    /// Makes a customer, on a test clock or in real time, with a card or without.
    pub(super) fn create_customer(&mut self, params: &Params) -> Answer {
        given::only(params, &HONOURED)?;
        let clock = self.clock_for_customer(params)?;
        let token = given::text(params, &["payment_method"]);
        let default = given::text(params, &DEFAULT_PAYMENT_METHOD);
        if let Some(token) = token {
            self.check_attachable(token, "payment_method")?;
        }
        if let Some(default) = default.filter(|default| Some(*default) != token) {
            return Err(not_attached(default, "invoice_settings[default_payment_method]"));
        }
        let created = self.time_of(clock.as_ref());
        let mut mint = self.mint.clone();
        let (id, serial): (CustomerId, _) = (mint.id(), mint.serial());
        let mut customer = Customer { clock, ..Customer::new(id.clone(), serial, created) };
        customer.set(params)?;
        self.mint = mint;
        self.customers.insert(id.clone(), customer);
        if let Some(token) = token {
            let attached = self.attach(token, &id, "payment_method")?;
            if let Some(customer) = self.customers.get_mut(&id) {
                customer.default_payment_method = default.map(|_| attached);
            }
        }
        let rendered = self.retrieve_customer(id.as_str())?;
        self.emit("customer.created", created, rendered.clone());
        Ok(rendered)
    }

    /// Returns the clock that a new customer is to live on, if there is room.
    fn clock_for_customer(&self, params: &Params) -> Result<Option<ClockId>, ApiError> {
        let Some(clock) = given::text(params, &["test_clock"]) else { return Ok(None) };
        let clock = self.clock(clock, "test_clock")?.id.clone();
        self.check_writable(Some(&clock))?;
        let is_on =
            |customer: &&Customer| !customer.is_deleted && customer.clock.as_ref() == Some(&clock);
        if self.customers.values().filter(is_on).count() >= CUSTOMERS_PER_CLOCK_MAX {
            return Err(ApiError::invalid(format!(
                "You already have the maximum number ({CUSTOMERS_PER_CLOCK_MAX}) of customers \
                 allowed on this test clock."
            ))
            .with_param("test_clock"));
        }
        Ok(Some(clock))
    }

    /// Returns a customer, or what is left of one.
    pub(super) fn retrieve_customer(&self, id: &str) -> Answer {
        let customer = self.customers.get(id);
        let customer = customer.ok_or_else(|| ApiError::no_such("customer", id, "id"))?;
        Ok(super::render::customer(customer))
    }

    /// Returns a customer who was not deleted.
    pub(super) fn living_customer(&self, id: &str, param: &str) -> Result<&Customer, ApiError> {
        let customer = self.customers.get(id).filter(|customer| !customer.is_deleted);
        customer.ok_or_else(|| ApiError::no_such("customer", id, param))
    }

    /// Returns what time it is for a customer.
    pub(super) fn time_of_customer(&self, id: &CustomerId) -> Moment {
        self.time_of(self.customers.get(id).and_then(|customer| customer.clock.as_ref()))
    }

    /// Changes a customer.
    pub(super) fn update_customer(&mut self, id: &str, params: &Params) -> Answer {
        given::only(params, HONOURED.split_last().map_or(&[], |(_, changeable)| changeable))?;
        let customer = self.living_customer(id, "id")?;
        self.check_writable(customer.clock.as_ref())?;
        let mut after = customer.clone();
        after.set(params)?;
        if let Some(default) = given::text(params, &DEFAULT_PAYMENT_METHOD) {
            let param = "invoice_settings[default_payment_method]";
            after.default_payment_method =
                Some(self.own_payment_method(default, &after.id, param)?);
        }
        let id = after.id.clone();
        self.change_customer(&id, |customer| *customer = after);
        self.retrieve_customer(id.as_str())
    }

    /// Changes a customer by a function and tells of it.
    pub(super) fn change_customer(&mut self, id: &CustomerId, change: impl FnOnce(&mut Customer)) {
        let at = self.time_of_customer(id);
        let Some(customer) = self.customers.get_mut(id) else { return };
        let before = super::render::customer(customer);
        change(customer);
        let after = super::render::customer(customer);
        self.emit_update("customer.updated", at, &before, &after);
    }

    /// Deletes a customer: whatever runs for them ends at once.
    pub(super) fn delete_customer(&mut self, id: &str, params: &Params) -> Answer {
        given::only(params, &[])?;
        let customer = self.living_customer(id, "id")?;
        self.check_writable(customer.clock.as_ref())?;
        let id = customer.id.clone();
        Ok(self.remove_customer(&id))
    }

    /// Deletes a customer, cancels their subscriptions, and returns what is left.
    pub(super) fn remove_customer(&mut self, id: &CustomerId) -> Value {
        let at = self.time_of_customer(id);
        for subscription in self.subscriptions_of(id) {
            self.end_subscription(&subscription, EndReason::Requested);
        }
        let Some(customer) = self.customers.get_mut(id) else { return Value::Null };
        let last = super::render::customer(customer);
        customer.is_deleted = true;
        self.emit("customer.deleted", at, last);
        json!({ "id": id.as_str(), "object": "customer", "deleted": true })
    }

    /// Returns all customers that match, the newest first. Those on test clocks are listed only
    /// by their clock.
    pub(super) fn list_customers(&self, params: &Params) -> Answer {
        given::only(params, &["created", "email", "test_clock"])?;
        let created = TimeRange::read(params, "created")?;
        let email = given::text(params, &["email"]);
        let clock = match given::text(params, &["test_clock"]) {
            None => None,
            Some(clock) => Some(&self.clock(clock, "test_clock")?.id),
        };
        Ok(self.customers_where(|customer| {
            customer.clock.as_ref() == clock
                && created.holds(customer.created)
                && email.is_none_or(|email| customer.email.as_deref() == Some(email))
        }))
    }

    /// Returns all customers, those on test clocks too.
    pub(super) fn search_customers(&self) -> Value {
        self.customers_where(|_| true)
    }

    fn customers_where(&self, wanted: impl Fn(&Customer) -> bool) -> Value {
        let mut found: Vec<_> = self.customers.values().collect();
        found.retain(|customer| !customer.is_deleted && wanted(customer));
        found.sort_by_key(|customer| customer.serial);
        Value::Array(found.into_iter().rev().map(super::render::customer).collect())
    }
}
