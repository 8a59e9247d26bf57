//! The list of customers: figures, search, sorting, pages.

use ciq_event::Brand;
use ciq_store::{CustomerPage, CustomerSummary, SearchHit, SearchHitKind, Stats};
use maud::{Markup, html};

use crate::format::{count, counted, money, time, words};
use crate::layout::{Tab, page};
use crate::link::Sort;
use crate::parts::{Figure, customer_table, figures, paging};
use crate::visitor::Visitor;

/// The body of the request that an empty brand's page suggests.
pub(crate) const EXAMPLE_EVENT: &str = r#"{"id":"1","ts":"2025-01-15T10:00:00Z","userId":"cust_001","name":"note","props":{"email":"sarah@example.com","note":"Prefers to be called after 5 pm"}}"#;

/// What the list of customers shows.
#[derive(Debug)]
pub(crate) struct ListView {
    /// Figures about the brand.
    pub(crate) stats: Stats,
    /// What was asked.
    pub(crate) shown: Shown,
}

/// A page of the list, or what a search found.
#[derive(Debug)]
pub(crate) enum Shown {
    /// A page of the list.
    List {
        /// In which order.
        sort: Sort,
        /// Whether pages come before this one.
        is_later_page: bool,
        /// The customers.
        page: CustomerPage,
    },
    /// What a search found.
    Found {
        /// What was typed.
        typed: String,
        /// Customers that match, the best first.
        customers: Vec<CustomerSummary>,
        /// Notes and events that match.
        mentions: Vec<SearchHit>,
    },
}

/// Makes the page.
pub(crate) fn list_page(visitor: &Visitor, view: &ListView) -> Markup {
    let typed = match &view.shown {
        Shown::List { .. } => "",
        Shown::Found { typed, .. } => typed,
    };
    let body = html! {
        div.bar {
            h1 { "Customers" }
            (search_form(visitor, typed))
        }
        (headline(&view.stats))
        @match &view.shown {
            Shown::List { sort, is_later_page, page } => {
                (listed(visitor, *sort, *is_later_page, page))
            }
            Shown::Found { typed, customers, mentions } => {
                (found(visitor, typed, customers, mentions))
            }
        }
    };
    page(visitor, Tab::Customers, "Customers", &body)
}

fn search_form(visitor: &Visitor, typed: &str) -> Markup {
    html! {
        form.search role="search" method="get" action="/" {
            @if let Some(brand) = visitor.links.brand() {
                input type="hidden" name="brand" value=(brand);
            }
            label.unseen for="q" { "Search customers, notes and events" }
            input #q type="search" name="q" value=(typed) maxlength="200" autocomplete="off"
                placeholder="Name, e-mail, number, id, or words of a note";
            button type="submit" { "Search" }
        }
    }
}

fn headline(stats: &Stats) -> Markup {
    let shown = |how_many: i64| html! { (count(how_many)) };
    let spent = html! {
        @for amount in stats.lifetime_values.values() { span.money { (money(amount.0)) } }
    };
    let mut all = vec![
        Figure::plain("Customers", shown(stats.customer_count)),
        Figure::plain("Events", shown(stats.event_count)),
        Figure::plain("Orders", shown(stats.purchase_count)),
    ];
    if !stats.lifetime_values.is_empty() {
        all.push(Figure::plain("Spent", spent));
    }
    all.extend([
        Figure::plain("Merges", shown(stats.merge_count)),
        Figure::alert("Reviews waiting", stats.pending_review_count),
        Figure::alert("Messages refused", stats.dead_letter_count),
    ]);
    figures(&all)
}

fn listed(visitor: &Visitor, sort: Sort, is_later_page: bool, page: &CustomerPage) -> Markup {
    if page.data.is_empty() {
        return if is_later_page { past_the_end(visitor, sort) } else { no_customers(visitor) };
    }
    let links = &visitor.links;
    let first = is_later_page.then(|| links.customers(sort, None));
    let next = page.next_cursor.as_deref().map(|cursor| links.customers(sort, Some(cursor)));
    html! {
        nav.tabs.order aria-label="Order of the list" {
            ul {
                @for (of, name) in [(Sort::Newest, "Newest"), (Sort::Value, "Lifetime value")] {
                    li {
                        a href=(links.customers(of, None))
                            aria-current=[(of == sort).then_some("true")] { (name) }
                    }
                }
            }
        }
        section.card aria-label="Customers" { (customer_table(links, &page.data)) }
        (paging(first.as_deref(), next.as_deref()))
    }
}

fn past_the_end(visitor: &Visitor, sort: Sort) -> Markup {
    html! {
        p { "There are no further customers." }
        (paging(Some(&visitor.links.customers(sort, None)), None))
    }
}

fn no_customers(visitor: &Visitor) -> Markup {
    let header = if visitor.brand == Brand::default() {
        String::new()
    } else {
        format!(" -H 'x-brand-id: {}'", visitor.brand)
    };
    html! {
        section.card.empty {
            h2 { "No customers yet" }
            p { "Customers come into being when events arrive. Bring in a file of them:" }
            pre { "cargo run -p customeriq -- import FILE" }
            p { "or send one:" }
            pre {
                "curl -X POST http://127.0.0.1:3000/events -H 'content-type: application/json'"
                (header) " \\\n  -d '" (EXAMPLE_EVENT) "'"
            }
            p.muted { "Then load this page again." }
        }
    }
}

fn found(
    visitor: &Visitor,
    typed: &str,
    customers: &[CustomerSummary],
    mentions: &[SearchHit],
) -> Markup {
    let links = &visitor.links;
    html! {
        p.muted role="status" {
            (counted(customers.len().try_into().unwrap_or(i64::MAX), "customer"))
            " found for " strong { (typed) } ". " a href=(links.home()) { "Show all customers" }
        }
        @if customers.is_empty() && mentions.is_empty() { (nothing_found()) }
        @if !customers.is_empty() {
            section.card aria-label="Customers found" { (customer_table(links, customers)) }
        }
        @if !mentions.is_empty() {
            section.card {
                h2 { "Mentioned in notes and events" }
                ul.plain { @for hit in mentions { li { (mention(visitor, hit)) } } }
            }
        }
    }
}

fn nothing_found() -> Markup {
    html! {
        section.card.empty {
            h2 { "Nothing found" }
            p {
                "Try fewer words, the beginning of a name, a whole e-mail address, or a phone \
                 number with its country code."
            }
        }
    }
}

fn mention(visitor: &Visitor, hit: &SearchHit) -> Markup {
    let kind = match hit.kind {
        SearchHitKind::Customer => "Customer",
        SearchHitKind::Event => "Event",
        SearchHitKind::Knowledge => "Note",
    };
    html! {
        div.event {
            span { span.tag { (kind) } " " strong { (words(&hit.title)) } }
            span.small.muted { (time(hit.occurred_at.as_deref())) }
        }
        @if let Some(text) = &hit.text { p.told { (text) } }
        div.small { "Customer " a.id href=(visitor.links.customer(&hit.customer_id)) { (hit.customer_id) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ciq_event::{Currency, Message, ParseContext, WireForm, parse};

    #[test]
    fn the_suggested_event_is_one() {
        let message =
            Message::new(WireForm::Domain, EXAMPLE_EVENT, "2026-01-01T00:00:00Z".parse().unwrap());
        let context = ParseContext { brand: Brand::default(), currency: Currency::USD };
        let events = parse(&message, &context).unwrap();
        assert!(events[0].knowledge.is_some(), "{events:?}");
    }
}
