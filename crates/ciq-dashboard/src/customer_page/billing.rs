//! What a customer subscribes to: plan, screens, what that brings in a month, and whether it is paid.

use ciq_store::{BillingView, SubscriptionView};
use maud::{Markup, html};

use crate::badge;
use crate::format::{count, cut, day, money, text};
use crate::parts::state;

/// Most characters of a text that an event gave.
const TEXT_LENGTH_MAX: usize = 80;

/// Most plans that are named beside each other.
const PLANS_MAX: usize = 5;

/// Most subscriptions that stand in the table.
const ROWS_MAX: usize = 20;

/// Shows the card; nothing for a customer that never had a subscription.
pub(super) fn billing(billing: &BillingView) -> Markup {
    if billing.subscriptions.is_empty() {
        return html! {};
    }
    html! {
        section.card #billing {
            div.event {
                h2 { "Billing" }
                (badge::billing(&billing.health))
            }
            (facts(billing))
            (table(&billing.subscriptions))
        }
    }
}

fn facts(billing: &BillingView) -> Markup {
    html! {
        dl.facts {
            div {
                dt { "Plan" }
                dd {
                    @if billing.plans.is_empty() { (text(None)) }
                    @for plan in billing.plans.iter().take(PLANS_MAX) {
                        div { (cut(plan, TEXT_LENGTH_MAX)) }
                    }
                }
            }
            div { dt { "Screens" } dd { (count(billing.screens)) } }
            div {
                dt { "MRR" }
                dd {
                    @if billing.mrr.is_empty() { (text(None)) }
                    @for amount in billing.mrr.values() { div.money { (money(amount.0)) } }
                }
            }
            div { dt { "Last paid" } dd { (day(billing.last_paid_at.as_deref())) } }
            div {
                dt { "Payment failed" }
                dd {
                    (day(billing.last_payment_failed_at.as_deref()))
                    @if billing.open_failure_count > 0 {
                        span.sub { (count(billing.open_failure_count)) " still open" }
                    }
                }
            }
        }
    }
}

fn table(subscriptions: &[SubscriptionView]) -> Markup {
    html! {
        div.wide role="region" aria-label="Subscriptions" tabindex="0" {
            table {
                thead {
                    tr {
                        th scope="col" { "Plan" }
                        th.number scope="col" { "Screens" }
                        th.number scope="col" { "MRR" }
                        th scope="col" { "Status" }
                        th scope="col" { "Since" }
                        th scope="col" { "Ended" }
                    }
                }
                tbody {
                    @for held in subscriptions.iter().take(ROWS_MAX) { (row(held)) }
                }
            }
        }
        @if subscriptions.len() > ROWS_MAX {
            p.small.muted { "and " (subscriptions.len() - ROWS_MAX) " more" }
        }
    }
}

fn row(held: &SubscriptionView) -> Markup {
    html! {
        tr {
            th.name scope="row" {
                (cut(text(held.plan.as_deref()), TEXT_LENGTH_MAX))
                span.sub.id { (cut(&held.subscription_id, TEXT_LENGTH_MAX)) }
            }
            td.number {
                @match held.screens { Some(screens) => (count(screens)), None => (text(None)) }
            }
            td.number {
                @match held.mrr { Some(mrr) => (money(mrr.0)), None => (text(None)) }
            }
            td { @match &held.status { Some(status) => (state(status)), None => (text(None)) } }
            td { (day(held.started_at.as_deref())) }
            td { (day(held.cancelled_at.as_deref())) }
        }
    }
}
