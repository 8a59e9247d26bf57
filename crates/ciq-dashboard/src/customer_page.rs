//! Everything about one customer on one page.

mod activity;
mod insight;
mod why;

use ciq_store::{
    CampaignView, CustomerDetail, EventPage, Explanation, InsightView, KnowledgeView,
    ProfileDetail, PurchaseView, StoreVisitView, WorkOrderView,
};
use maud::{Markup, html};

use crate::format::{count, money, time, words};
use crate::layout::{Tab, page};
use crate::parts::{Figure, figures, notice, state, strength};
use crate::visitor::Visitor;

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
    /// The notes.
    pub(crate) notes: Vec<KnowledgeView>,
    /// The visits to stores.
    pub(crate) visits: Vec<StoreVisitView>,
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
pub(crate) fn customer_page(visitor: &Visitor, view: &CustomerView) -> Markup {
    let name = &view.profile.summary.name;
    let body = html! {
        p.crumb { a href=(visitor.links.home()) { "All customers" } }
        (notice(view.done.as_deref()))
        (heading(view))
        (headline(view))
        (insight::insight(view.insight.as_ref(), &view.messages))
        div.columns {
            div {
                (activity::timeline(visitor, view))
                (activity::orders(&view.purchases))
                (activity::work_orders(&view.work_orders))
            }
            div {
                (identifiers(&view.profile))
                (fields(&view.detail))
                (activity::notes(&view.notes))
                (activity::visits(&view.visits))
                (why::why(visitor, &view.explanation))
            }
        }
    };
    page(visitor, Tab::Customers, name, &body)
}

fn heading(view: &CustomerView) -> Markup {
    let summary = &view.profile.summary;
    html! {
        div.person {
            h1 { (summary.name) }
            (state(&summary.status))
            @for tag in &view.detail.tags { span.tag { (tag) } }
        }
        p.muted {
            span.id { (summary.id) }
            @if let Some(company) = &summary.company { " \u{b7} " (company) }
            @if summary.customer_since.is_some() {
                " \u{b7} customer since " (time(summary.customer_since.as_deref()))
            }
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
                        dd { @for value in values { span { (value) } } }
                    }
                }
            }
        }
    }
}

/// Writes a kind of identifier for people.
fn kind_words(kind: &str) -> String {
    match kind {
        "customer_id" => "Customer id".to_owned(),
        "email" => "E-mail".to_owned(),
        "whatsapp" => "WhatsApp".to_owned(),
        "upi" => "UPI".to_owned(),
        "qr_id" => "QR id".to_owned(),
        "card_last4" => "Card ending".to_owned(),
        other => match other.strip_prefix("external:") {
            Some(system) => format!("Id at {system}"),
            None => words(other),
        },
    }
}

fn fields(detail: &CustomerDetail) -> Markup {
    if detail.custom_fields.is_empty() {
        return html! {};
    }
    html! {
        section.card {
            h2 { "Further fields" }
            dl.pairs {
                @for (name, value) in &detail.custom_fields {
                    dt { (words(name)) }
                    dd {
                        @match value.as_str() {
                            Some(text) => (text),
                            None => code { (value) },
                        }
                    }
                }
            }
        }
    }
}
