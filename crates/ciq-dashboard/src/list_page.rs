//! The list of customers: search, conditions, order, pages.

mod asked;
mod filters;
mod table;

use ciq_event::Brand;
use ciq_store::{CustomerSort, ListedCustomer, ListedPage, SearchHit, SearchHitKind};
use maud::{Markup, html};

use crate::format::{counted, cut, time, words};
use crate::layout::{Tab, page};
use crate::parts::paging;
use crate::visitor::Visitor;

pub(crate) use asked::ListAsked;

/// The body of the request that an empty brand's page suggests.
pub(crate) const EXAMPLE_EVENT: &str = r#"{"id":"1","ts":"2025-01-15T10:00:00Z","userId":"cust_001","name":"note","props":{"email":"sarah@example.com","note":"Prefers to be called after 5 pm"}}"#;

/// Most characters of a text in which something was found.
const MENTION_LENGTH_MAX: usize = 400;

/// What the list of customers shows.
#[derive(Debug)]
pub(crate) struct ListView {
    /// What was asked.
    pub(crate) asked: ListAsked,
    /// What there is.
    pub(crate) shown: Shown,
}

/// A page of the list, or what a search found.
#[derive(Debug)]
pub(crate) enum Shown {
    /// A page of the list.
    List(ListedPage),
    /// What a search found.
    Found {
        /// Customers that match, the best first.
        customers: Vec<ListedCustomer>,
        /// Notes and events that match.
        mentions: Vec<SearchHit>,
    },
}

/// Makes the page.
pub(crate) fn list_page(visitor: &Visitor, view: &ListView) -> Markup {
    let body = html! {
        div.bar { h1 { "Customers" } }
        (filters::form(visitor, &view.asked))
        (results(visitor, view))
    };
    page(visitor, Tab::Customers, "Customers", &body)
}

/// Makes the part of the page that another search changes.
pub(crate) fn results(visitor: &Visitor, view: &ListView) -> Markup {
    html! {
        div #results {
            @match &view.shown {
                Shown::List(page) => (listed(visitor, &view.asked, page)),
                Shown::Found { customers, mentions } => {
                    (found(visitor, &view.asked, customers, mentions))
                }
            }
        }
    }
}

fn listed(visitor: &Visitor, asked: &ListAsked, page: &ListedPage) -> Markup {
    let links = &visitor.links;
    let first = asked.cursor.is_some().then(|| asked.at(None).address(links));
    let next = page.next_cursor.as_deref().map(|cursor| asked.at(Some(cursor)).address(links));
    html! {
        p.muted role="status" { (said_of_list(asked, page)) }
        (filters::chips(visitor, asked))
        @if page.data.is_empty() {
            @if asked.cursor.is_none() { (nobody(visitor, asked)) }
        } @else {
            section.card aria-label="Customers" { (table::table(links, &page.data)) }
        }
        (paging(first.as_deref(), next.as_deref()))
    }
}

fn said_of_list(asked: &ListAsked, page: &ListedPage) -> String {
    let shown = count_of(page.data.len());
    match (shown, asked.cursor.is_some() || page.next_cursor.is_some()) {
        (0, true) => "There are no further customers.".to_owned(),
        (_, true) => format!("{} on this page", counted(shown, "customer")),
        (_, false) => counted(shown, "customer"),
    }
}

/// Says why a list is empty, and what to do about it.
fn nobody(visitor: &Visitor, asked: &ListAsked) -> Markup {
    if !asked.filter.is_empty() {
        return nothing("Nobody is left", "Remove a condition to see more customers.");
    }
    match asked.sort {
        CustomerSort::Newest | CustomerSort::LifetimeValue => no_customers(visitor),
        CustomerSort::ChurnRisk => nothing(
            "Nobody has been looked at yet",
            "How likely customers are to leave is computed while the service runs.",
        ),
        CustomerSort::Health => nothing(
            "Nobody has a health score",
            "Customers with an account have one as soon as the monitor has checked them. Events of \
             the types account_created, account_updated and api_usage tell of accounts.",
        ),
    }
}

fn nothing(title: &str, said: &str) -> Markup {
    html! { section.card.empty { h2 { (title) } p { (said) } } }
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
    asked: &ListAsked,
    customers: &[ListedCustomer],
    mentions: &[SearchHit],
) -> Markup {
    let links = &visitor.links;
    html! {
        p.muted role="status" {
            (counted(count_of(customers.len()), "customer")) " found for "
            strong { (asked.typed.as_deref().unwrap_or_default()) }
        }
        p.small { a href=(asked.without_words().address(links)) { "Show all customers" } }
        (filters::chips(visitor, asked))
        @if customers.is_empty() && mentions.is_empty() {
            (nothing(
                "Nothing found",
                "Try fewer words, the beginning of a name, a whole e-mail address, or a phone \
                 number with its country code.",
            ))
        }
        @if !customers.is_empty() {
            section.card aria-label="Customers found" { (table::table(links, customers)) }
        }
        @if !mentions.is_empty() {
            section.card {
                h2 { "Mentioned in notes and events" }
                ul.plain { @for hit in mentions { li { (mention(visitor, hit)) } } }
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
            span { span.tag { (kind) } " " strong { (cut(&words(&hit.title), MENTION_LENGTH_MAX)) } }
            span.small.muted { (time(hit.occurred_at.as_deref())) }
        }
        @if let Some(text) = &hit.text { p.told { (cut(text, MENTION_LENGTH_MAX)) } }
        div.small { "Customer " a.id href=(visitor.links.customer(&hit.customer_id)) { (hit.customer_id) } }
    }
}

fn count_of(length: usize) -> i64 {
    length.try_into().unwrap_or(i64::MAX)
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
