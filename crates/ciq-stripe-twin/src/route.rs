//! From a method and a path to an operation and what it accepts.

use crate::ApiError;
use crate::operation::Operation;
use crate::params::Params;
use crate::shape::{self, Field, tables};

/// What a kind of object is called and what it can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    TestClock,
    Product,
    Price,
    Customer,
    PaymentMethod,
    Subscription,
    Invoice,
    /// A line of an invoice.
    LineItem,
    Event,
}

/// What an answer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// One object.
    Object,
    /// What is left of a deleted object: nothing in it can be expanded.
    Deleted,
    /// A page of a list.
    List,
    /// A page of what a search found.
    Search,
}

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) operation: Operation,
    pub(crate) kind: Kind,
    pub(crate) answer: Answer,
    /// What the operation accepts, besides what each answer of its form does.
    table: &'static [Field],
    /// A customer that the path names, where the operation wants a parameter.
    customer: Option<String>,
    /// Where in the books' answer the list is, if that is an object.
    pub(crate) part: Option<&'static str>,
}

impl Route {
    /// Finds what a method and a path ask for.
    pub(crate) fn find(method: &str, path: &str) -> Result<Self, ApiError> {
        let found = || {
            let steps: Vec<&str> = path.strip_prefix("/v1/")?.split('/').collect();
            // An empty id would be another operation.
            if steps.contains(&"") {
                return None;
            }
            match method {
                "GET" => reading(&steps),
                "POST" => writing(&steps),
                "DELETE" => deleting(&steps),
                _ => None,
            }
        };
        found().ok_or_else(|| unrecognised(method, path))
    }

    fn new(operation: Operation, kind: Kind, table: &'static [Field]) -> Self {
        Self { operation, kind, answer: Answer::Object, table, customer: None, part: None }
    }

    fn list(operation: Operation, kind: Kind, table: &'static [Field]) -> Self {
        Self { answer: Answer::List, ..Self::new(operation, kind, table) }
    }

    fn search(operation: Operation, kind: Kind) -> Self {
        Self { answer: Answer::Search, ..Self::new(operation, kind, tables::NOTHING) }
    }

    /// Tells whether something may change.
    pub(crate) fn is_write(&self, method: &str) -> bool {
        method != "GET" && matches!(self.answer, Answer::Object | Answer::Deleted)
    }

    /// Checks the parameters, and adds what the path says.
    pub(crate) fn check(&self, params: &mut Params) -> Result<(), ApiError> {
        match self.answer {
            Answer::Object => shape::check(params, &[self.table, tables::EXPAND]),
            Answer::Deleted => shape::check(params, &[self.table]),
            Answer::List => shape::check(params, &[self.table, tables::EXPAND, tables::PAGE]),
            Answer::Search => shape::check(params, &[tables::EXPAND, tables::SEARCH]),
        }?;
        if let Some(customer) = &self.customer {
            params.set("customer", customer);
        }
        Ok(())
    }
}

fn unrecognised(method: &str, path: &str) -> ApiError {
    let slash = if path.ends_with('/') { " Remove the slash at its end." } else { "" };
    let message = format!(
        "Unrecognized request URL ({method}: {path}).{slash} The local twin of Stripe has \
         customers, events, invoices, payment_methods, prices, products, subscriptions and \
         test_helpers/test_clocks."
    );
    ApiError::new(404, "invalid_request_error", message)
}

fn reading(steps: &[&str]) -> Option<Route> {
    use Operation as Do;
    let id = |place: usize| steps.get(place).map(|id| (*id).to_owned()).unwrap_or_default();
    let one = |operation, kind| Route::new(operation, kind, tables::NOTHING);
    Some(match steps {
        ["test_helpers", "test_clocks"] => {
            Route::list(Do::ListTestClocks, Kind::TestClock, tables::NOTHING)
        }
        ["test_helpers", "test_clocks", _] => one(Do::RetrieveTestClock(id(2)), Kind::TestClock),
        ["products"] => Route::list(Do::ListProducts, Kind::Product, tables::LIST_PRODUCTS),
        ["products", "search"] => Route::search(Do::SearchProducts, Kind::Product),
        ["products", _] => one(Do::RetrieveProduct(id(1)), Kind::Product),
        ["prices"] => Route::list(Do::ListPrices, Kind::Price, tables::LIST_PRICES),
        ["prices", "search"] => Route::search(Do::SearchPrices, Kind::Price),
        ["prices", _] => one(Do::RetrievePrice(id(1)), Kind::Price),
        ["customers"] => Route::list(Do::ListCustomers, Kind::Customer, tables::LIST_CUSTOMERS),
        ["customers", "search"] => Route::search(Do::SearchCustomers, Kind::Customer),
        ["customers", _] => one(Do::RetrieveCustomer(id(1)), Kind::Customer),
        ["customers", _, "payment_methods"] => {
            let table = tables::LIST_CUSTOMER_PAYMENT_METHODS;
            let list = Route::list(Do::ListPaymentMethods, Kind::PaymentMethod, table);
            Route { customer: Some(id(1)), ..list }
        }
        ["customers", _, "subscriptions"] => {
            let table = tables::LIST_SUBSCRIPTIONS;
            let list = Route::list(Do::ListSubscriptions, Kind::Subscription, table);
            Route { customer: Some(id(1)), ..list }
        }
        ["payment_methods"] => {
            let table = tables::LIST_PAYMENT_METHODS;
            Route::list(Do::ListPaymentMethods, Kind::PaymentMethod, table)
        }
        ["payment_methods", _] => one(Do::RetrievePaymentMethod(id(1)), Kind::PaymentMethod),
        ["subscriptions"] => {
            let table = tables::LIST_SUBSCRIPTIONS;
            Route::list(Do::ListSubscriptions, Kind::Subscription, table)
        }
        ["subscriptions", "search"] => Route::search(Do::SearchSubscriptions, Kind::Subscription),
        ["subscriptions", _] => one(Do::RetrieveSubscription(id(1)), Kind::Subscription),
        ["invoices"] => Route::list(Do::ListInvoices, Kind::Invoice, tables::LIST_INVOICES),
        ["invoices", "search"] => Route::search(Do::SearchInvoices, Kind::Invoice),
        ["invoices", _] => one(Do::RetrieveInvoice(id(1)), Kind::Invoice),
        ["invoices", _, "lines"] => {
            let list = Route::list(Do::RetrieveInvoice(id(1)), Kind::LineItem, tables::NOTHING);
            Route { part: Some("/lines/data"), ..list }
        }
        ["events"] => Route::list(Do::ListEvents, Kind::Event, tables::LIST_EVENTS),
        ["events", _] => one(Do::RetrieveEvent(id(1)), Kind::Event),
        _ => return None,
    })
}

fn writing(steps: &[&str]) -> Option<Route> {
    use Operation as Do;
    let id = |place: usize| steps.get(place).map(|id| (*id).to_owned()).unwrap_or_default();
    let (operation, kind, table) = match steps {
        ["test_helpers", "test_clocks"] => {
            (Do::CreateTestClock, Kind::TestClock, tables::CREATE_TEST_CLOCK)
        }
        ["test_helpers", "test_clocks", _, "advance"] => {
            (Do::AdvanceTestClock(id(2)), Kind::TestClock, tables::ADVANCE_TEST_CLOCK)
        }
        ["products"] => (Do::CreateProduct, Kind::Product, tables::CREATE_PRODUCT),
        ["products", _] => (Do::UpdateProduct(id(1)), Kind::Product, tables::UPDATE_PRODUCT),
        ["prices"] => (Do::CreatePrice, Kind::Price, tables::CREATE_PRICE),
        ["prices", _] => (Do::UpdatePrice(id(1)), Kind::Price, tables::UPDATE_PRICE),
        ["customers"] => (Do::CreateCustomer, Kind::Customer, tables::CREATE_CUSTOMER),
        ["customers", _] => (Do::UpdateCustomer(id(1)), Kind::Customer, tables::UPDATE_CUSTOMER),
        ["payment_methods", _, "attach"] => {
            let table = tables::ATTACH_PAYMENT_METHOD;
            (Do::AttachPaymentMethod(id(1)), Kind::PaymentMethod, table)
        }
        ["payment_methods", _, "detach"] => {
            (Do::DetachPaymentMethod(id(1)), Kind::PaymentMethod, tables::NOTHING)
        }
        ["subscriptions"] => {
            (Do::CreateSubscription, Kind::Subscription, tables::CREATE_SUBSCRIPTION)
        }
        ["subscriptions", _] => {
            (Do::UpdateSubscription(id(1)), Kind::Subscription, tables::UPDATE_SUBSCRIPTION)
        }
        ["invoices", _, "pay"] => (Do::PayInvoice(id(1)), Kind::Invoice, tables::PAY_INVOICE),
        ["invoices", _, "finalize"] => {
            (Do::FinalizeInvoice(id(1)), Kind::Invoice, tables::FINALIZE_INVOICE)
        }
        ["invoices", _, "void"] => (Do::VoidInvoice(id(1)), Kind::Invoice, tables::NOTHING),
        _ => return None,
    };
    Some(Route::new(operation, kind, table))
}

fn deleting(steps: &[&str]) -> Option<Route> {
    use Operation as Do;
    let gone = |operation, kind| Route {
        answer: Answer::Deleted,
        ..Route::new(operation, kind, tables::NOTHING)
    };
    Some(match steps {
        ["test_helpers", "test_clocks", id] => {
            gone(Do::DeleteTestClock((*id).to_owned()), Kind::TestClock)
        }
        ["customers", id] => gone(Do::DeleteCustomer((*id).to_owned()), Kind::Customer),
        ["subscriptions", id] => {
            let operation = Do::CancelSubscription((*id).to_owned());
            Route::new(operation, Kind::Subscription, tables::CANCEL_SUBSCRIPTION)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn leads_to(method: &str, path: &str, operation: &Operation) {
        assert_eq!(&Route::find(method, path).unwrap().operation, operation, "{method} {path}");
    }

    #[track_caller]
    fn leads_nowhere(method: &str, path: &str) {
        let error = Route::find(method, path).unwrap_err();
        assert_eq!(error.status(), 404);
        let expected = format!("Unrecognized request URL ({method}: {path}).");
        assert!(error.message().starts_with(&expected), "{}", error.message());
    }

    #[test]
    fn a_method_and_a_path_are_an_operation() {
        let id = || "x".to_owned();
        leads_to("POST", "/v1/customers", &Operation::CreateCustomer);
        leads_to("POST", "/v1/customers/x", &Operation::UpdateCustomer(id()));
        leads_to("GET", "/v1/customers", &Operation::ListCustomers);
        leads_to("GET", "/v1/customers/x", &Operation::RetrieveCustomer(id()));
        leads_to("GET", "/v1/customers/search", &Operation::SearchCustomers);
        leads_to("DELETE", "/v1/customers/x", &Operation::DeleteCustomer(id()));
        leads_to("DELETE", "/v1/subscriptions/x", &Operation::CancelSubscription(id()));
        let advance = "/v1/test_helpers/test_clocks/x/advance";
        leads_to("POST", advance, &Operation::AdvanceTestClock(id()));
        leads_to("POST", "/v1/invoices/x/pay", &Operation::PayInvoice(id()));
    }

    #[test]
    fn what_leads_nowhere_is_404() {
        leads_nowhere("GET", "/");
        leads_nowhere("GET", "/v1");
        leads_nowhere("GET", "/v1/customers/");
        leads_nowhere("GET", "/v2/customers");
        leads_nowhere("PUT", "/v1/customers");
        leads_nowhere("DELETE", "/v1/customers");
        leads_nowhere("POST", "/v1/charges");
        leads_nowhere("POST", "/v1/payment_methods//attach");
    }
}
