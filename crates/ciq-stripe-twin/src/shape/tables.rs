//! The tables, one module per resource.

mod billing;
mod catalog;
mod people;

pub(crate) use billing::{
    ADVANCE_TEST_CLOCK, CANCEL_SUBSCRIPTION, CREATE_SUBSCRIPTION, CREATE_TEST_CLOCK,
    FINALIZE_INVOICE, LIST_INVOICES, LIST_SUBSCRIPTIONS, PAY_INVOICE, UPDATE_SUBSCRIPTION,
};
pub(crate) use catalog::{
    CREATE_PRICE, CREATE_PRODUCT, LIST_PRICES, LIST_PRODUCTS, UPDATE_PRICE, UPDATE_PRODUCT,
};
pub(crate) use people::{
    ATTACH_PAYMENT_METHOD, CREATE_CUSTOMER, LIST_CUSTOMER_PAYMENT_METHODS, LIST_CUSTOMERS,
    LIST_EVENTS, LIST_PAYMENT_METHODS, UPDATE_CUSTOMER,
};

use super::{Field, integer, text, texts};

/// An operation without parameters of its own.
pub(crate) const NOTHING: &[Field] = &[];

/// What nearly every operation takes: which fields of the answer to expand.
pub(crate) const EXPAND: &[Field] = &[texts("expand")];

/// Most objects on a page.
const PAGE_LIMIT_MAX: i64 = 100;

/// How lists are paged.
pub(crate) const PAGE: &[Field] =
    &[integer("limit", 1, PAGE_LIMIT_MAX), text("starting_after"), text("ending_before")];

/// How searches are asked and paged.
pub(crate) const SEARCH: &[Field] =
    &[text("query").required(), integer("limit", 1, PAGE_LIMIT_MAX), text("page")];
