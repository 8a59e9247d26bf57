//! Customers as a table.

use ciq_store::{CustomerSummary, ListedCustomer};
use maud::{Markup, html};

use crate::badge;
use crate::format::{counted, cut, day, money, percent, text, words};
use crate::link::Links;
use crate::parts::state;

/// Most characters of a name that a list shows.
const NAME_LENGTH_MAX: usize = 120;

/// Shows customers. Accounts have columns where anyone shown has one.
pub(super) fn table(links: &Links, customers: &[ListedCustomer]) -> Markup {
    let has_accounts = customers.iter().any(|it| it.account_stage.is_some());
    html! {
        div.wide role="region" aria-label="Customers" tabindex="0" {
            table data-keys {
                thead {
                    tr {
                        th scope="col" { "Name" }
                        th scope="col" { "Contact" }
                        th scope="col" { "Segment" }
                        th.number scope="col" { "Leaving" }
                        @if has_accounts {
                            th scope="col" { "Account" }
                            th scope="col" { "Health" }
                        }
                        th.number scope="col" { "Lifetime value" }
                        th scope="col" { "Last seen" }
                    }
                }
                tbody {
                    @for (place, one) in customers.iter().enumerate() {
                        tr data-item id={ "customer-" (place) } { (cells(links, one, has_accounts)) }
                    }
                }
            }
        }
    }
}

fn cells(links: &Links, one: &ListedCustomer, has_accounts: bool) -> Markup {
    let customer = &one.summary;
    html! {
        (names(links, customer))
        td {
            @match &one.segment { Some(segment) => (state(segment)), None => (text(None)) }
            @if let Some(stage) = &one.journey_stage { span.sub { (words(stage)) } }
        }
        td.number {
            @match one.churn_score {
                Some(churn) => { (percent(churn)) " %" },
                None => (text(None)),
            }
        }
        @if has_accounts { (account(one)) }
        td.number {
            (money(customer.lifetime_value.0))
            span.sub { (counted(customer.total_orders, "order")) }
        }
        td { (day(customer.last_event_at.as_deref())) }
    }
}

fn names(links: &Links, customer: &CustomerSummary) -> Markup {
    html! {
        th.name scope="row" {
            a href=(links.customer(&customer.id)) data-open { (cut(&customer.name, NAME_LENGTH_MAX)) }
            @if let Some(company) = &customer.company {
                @if *company != customer.name { span.sub { (cut(company, NAME_LENGTH_MAX)) } }
            }
        }
        td.name {
            @if customer.email.is_none() && customer.phone.is_none() { (text(None)) }
            @if let Some(email) = &customer.email { (cut(email, NAME_LENGTH_MAX)) }
            @if let Some(phone) = &customer.phone { span.sub { (cut(phone, NAME_LENGTH_MAX)) } }
            span.sub { (customer.profile_strength) " % known" }
        }
    }
}

fn account(one: &ListedCustomer) -> Markup {
    html! {
        td {
            @match &one.account_stage { Some(stage) => (words(stage)), None => (text(None)) }
            @if let Some(tier) = &one.tier { span.sub { (words(tier)) } }
        }
        td {
            @match (&one.health_band, one.health_score) {
                (Some(band), Some(score)) => {
                    (badge::band(band)) span.sub { (score) " of 100" }
                },
                _ => (text(None)),
            }
        }
    }
}
