//! Everything about one customer on one page.

mod account;
mod activity;
mod billing;
mod insight;
mod orders;
mod reasons;
mod why;

use ciq_store::{
    AccountView, BillingView, CampaignView, CustomerDetail, EventPage, Explanation, HealthView,
    InsightView, InterventionView, NoteInShort, ProfileDetail, PurchaseView, StoreVisitView,
    WorkOrderView,
};
use jiff::Timestamp;
use maud::{Markup, html};
use serde_json::Value;

use crate::format::{count, cut, kind_words, money, time, words};
use crate::interventions::{Back, Pane, queue};
use crate::layout::{Tab, page};
use crate::parts::{Figure, figures, notice, state, strength};
use crate::visitor::Visitor;

/// Most characters of a name or a field.
const TEXT_LENGTH_MAX: usize = 200;

/// Most values of a kind of identifier that stand there at once.
const VALUES_MAX: usize = 20;

/// Everything about one customer.
#[derive(Debug)]
pub(crate) struct CustomerView {
    /// Name, figures, identifiers.
    pub(crate) profile: ProfileDetail,
    /// Tags, further fields, what was spent by currency.
    pub(crate) detail: CustomerDetail,
    /// A page of the timeline.
    pub(crate) events: EventPage,
    /// Whether pages of the timeline come before this one.
    pub(crate) is_later_page: bool,
    /// The orders.
    pub(crate) purchases: Vec<PurchaseView>,
    /// The work orders.
    pub(crate) work_orders: Vec<WorkOrderView>,
    /// The latest notes.
    pub(crate) notes: Vec<NoteInShort>,
    /// The visits to stores.
    pub(crate) visits: Vec<StoreVisitView>,
    /// The account; `None` without one.
    pub(crate) account: Option<AccountView>,
    /// How well the account goes; `None` before the first check.
    pub(crate) health: Option<HealthView>,
    /// What the customer subscribes to, and how it pays.
    pub(crate) billing: BillingView,
    /// What somebody should do, the most severe first.
    pub(crate) interventions: Vec<InterventionView>,
    /// What all of it means; `None` until it is computed.
    pub(crate) insight: Option<InsightView>,
    /// The last messages, the latest first.
    pub(crate) messages: Vec<CampaignView>,
    /// Why the customer is one.
    pub(crate) explanation: Explanation,
    /// What was just done, as the address says it.
    pub(crate) done: Option<String>,
}

/// Makes the page.
pub(crate) fn customer_page(visitor: &Visitor, view: &CustomerView, now: Timestamp) -> Markup {
    let name = cut(&view.profile.summary.name, TEXT_LENGTH_MAX);
    let body = html! {
        p.crumb { a href=(visitor.links.list()) { "All customers" } }
        (notice(view.done.as_deref()))
        (heading(view, &name))
        (headline(view))
        (interventions(visitor, &view.interventions, now))
        (account::account(view.account.as_ref(), view.health.as_ref()))
        (billing::billing(&view.billing))
        (insight::insight(view.insight.as_ref(), &view.messages))
        div.columns {
            div {
                (activity::timeline(visitor, view))
                (orders::orders(&view.purchases))
                (activity::work_orders(&view.work_orders))
            }
            div {
                (identifiers(&view.profile))
                (fields(&view.detail))
                (activity::notes(visitor, view))
                (activity::visits(&view.visits))
                (why::why(visitor, &view.explanation))
            }
        }
    };
    page(visitor, Tab::Customers, &name, &body)
}

fn heading(view: &CustomerView, name: &str) -> Markup {
    let summary = &view.profile.summary;
    html! {
        div.person {
            h1 { (name) }
            (state(&cut(&summary.status, TEXT_LENGTH_MAX)))
            @for tag in view.detail.tags.iter().take(VALUES_MAX) {
                span.tag { (cut(tag, TEXT_LENGTH_MAX)) }
            }
        }
        p.muted {
            span.id { (summary.id) }
            @if let Some(company) = &summary.company { " \u{b7} " (cut(company, TEXT_LENGTH_MAX)) }
            @if summary.customer_since.is_some() {
                " \u{b7} customer since " (time(summary.customer_since.as_deref()))
            }
        }
    }
}

/// Shows what somebody should do about the customer; nothing where nobody has to.
fn interventions(visitor: &Visitor, open: &[InterventionView], now: Timestamp) -> Markup {
    let pane = Pane { links: &visitor.links, may_act: visitor.may_act(), back: Back::Detail, now };
    html! {
        @if !open.is_empty() {
            section.card #interventions { h2 { "To do" } (queue(&pane, open)) }
        }
    }
}

fn headline(view: &CustomerView) -> Markup {
    let summary = &view.profile.summary;
    let values = &view.detail.lifetime_values;
    let spent = html! {
        @if values.is_empty() { span.money { (money(summary.lifetime_value.0)) } }
        @for amount in values.values() { span.money { (money(amount.0)) } }
    };
    let shown = |how_many: i64| html! { (count(how_many)) };
    figures(&[
        Figure::plain("Lifetime value", spent),
        Figure::plain("Orders", shown(summary.total_orders)),
        Figure::plain("Events", shown(summary.event_count)),
        Figure::plain("Profile strength", strength(summary.profile_strength)),
        Figure::plain("Profiles in one", shown(view.profile.merged_profiles)),
        Figure::plain("Store visits", shown(view.profile.store_visit_count)),
    ])
}

fn identifiers(profile: &ProfileDetail) -> Markup {
    html! {
        section.card {
            h2 { "Identifiers" }
            @if profile.all_identifiers.is_empty() {
                p.muted { "None. Only its own events point at this customer." }
            } @else {
                dl.pairs {
                    @for (kind, values) in &profile.all_identifiers {
                        dt { (kind_words(kind)) }
                        dd {
                            @for value in values.iter().take(VALUES_MAX) {
                                span { (cut(value, TEXT_LENGTH_MAX)) }
                            }
                            @if values.len() > VALUES_MAX {
                                span.muted { "and " (values.len() - VALUES_MAX) " more" }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn fields(detail: &CustomerDetail) -> Markup {
    if detail.custom_fields.is_empty() {
        return html! {};
    }
    let shown = |value: &Value| {
        html! {
            @match value.as_str() {
                Some(text) => (cut(text, TEXT_LENGTH_MAX)),
                None => code { (cut(&value.to_string(), TEXT_LENGTH_MAX)) },
            }
        }
    };
    html! {
        section.card {
            h2 { "Further fields" }
            dl.pairs {
                @for (name, value) in &detail.custom_fields {
                    dt { (cut(&words(name), TEXT_LENGTH_MAX)) }
                    dd { (shown(value)) }
                }
            }
        }
    }
}
