//! Interventions, listed by what is asked for.

use ciq_event::Severity;
use ciq_store::InterventionPage;
use jiff::Timestamp;
use maud::{Markup, html};

use super::notice::notice;
use super::queue::{Back, Pane, queue};
use crate::asked::Asked;
use crate::format::words;
use crate::layout::{Tab, page};
use crate::parts::{keys, paging};
use crate::visitor::Visitor;

/// The states that can be asked for; all that are not resolved where nothing is.
const STATUSES: [&str; 5] = ["open", "acknowledged", "snoozed", "resolved", "all"];

/// What an address asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Filters {
    /// The state.
    pub(super) status: Option<String>,
    /// The severity.
    pub(super) severity: Option<String>,
    /// The kind.
    pub(super) kind: Option<String>,
    /// Who deals with it.
    pub(super) assignee: Option<String>,
}

impl Filters {
    /// Reads what an address says. A word that nothing is called is as good as none.
    pub(super) fn of(asked: &Asked) -> Self {
        let known =
            |name: &str, is_known: fn(&str) -> bool| asked.take(name).filter(|text| is_known(text));
        Self {
            status: known("status", |text| STATUSES.contains(&text)),
            severity: known("severity", |text| Severity::parse(text).is_some()),
            kind: asked.take("kind"),
            assignee: asked.take("assignee"),
        }
    }

    /// Returns the states that the store knows; `None` is all that are not resolved.
    pub(super) fn statuses(&self) -> Option<Vec<String>> {
        match self.status.as_deref() {
            None => None,
            Some("all") => Some(STATUSES[..4].iter().map(|&status| status.to_owned()).collect()),
            Some(status) => Some(vec![status.to_owned()]),
        }
    }

    /// Returns the same as an address has it.
    pub(super) fn pairs(&self) -> Vec<(&'static str, &str)> {
        let pairs = [
            ("status", &self.status),
            ("severity", &self.severity),
            ("kind", &self.kind),
            ("assignee", &self.assignee),
        ];
        pairs.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect()
    }

    fn encoded(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(self.pairs()).finish()
    }
}

/// What the page shows.
#[derive(Debug)]
pub(super) struct ListView {
    /// What was asked for.
    pub(super) filters: Filters,
    /// The kinds that there are rules for, and their titles.
    pub(super) kinds: Vec<(String, String)>,
    /// The interventions; `None` where the brand has no file yet.
    pub(super) page: Option<InterventionPage>,
    /// Whether pages come before this one.
    pub(super) is_later_page: bool,
    /// What was just done, as the address says it.
    pub(super) done: Option<String>,
    /// The time.
    pub(super) now: Timestamp,
}

/// Makes the page.
pub(super) fn list_page(visitor: &Visitor, view: &ListView) -> Markup {
    let links = &visitor.links;
    let filters = view.filters.encoded();
    let pane =
        Pane { links, may_act: visitor.may_act(), back: Back::List(&filters), now: view.now };
    let shown = view.page.as_ref().map_or(&[][..], |page| &page.data);
    let next = view.page.as_ref().and_then(|page| page.next_cursor.as_deref());
    let next = next.map(|cursor| {
        let pairs: Vec<_> = view.filters.pairs().into_iter().chain([("cursor", cursor)]).collect();
        links.interventions(&pairs)
    });
    let first = view.is_later_page.then(|| links.interventions(&view.filters.pairs()));
    let body = html! {
        div.bar { h1 { "Interventions" } @if visitor.may_act() { (acting_as()) } }
        (notice(view.done.as_deref()))
        (form(visitor, view))
        @if shown.is_empty() { (none(view)) } @else {
            @if visitor.may_act() { (list_keys()) }
            section.card aria-label="Interventions" { (queue(&pane, shown)) }
        }
        (paging(first.as_deref(), next.as_deref()))
    };
    page(visitor, Tab::Interventions, "Interventions", &body)
}

/// Lets the browser remember who acts: histories then say so.
pub(super) fn acting_as() -> Markup {
    html! {
        form.filters hidden data-remember-form {
            label {
                "Your name, for the history"
                input type="text" maxlength="120" autocomplete="name" data-remember="by";
            }
        }
    }
}

fn list_keys() -> Markup {
    let all = [
        ("j k", "select"),
        ("Enter", "open"),
        ("a", "acknowledge"),
        ("s", "snooze 4 h"),
        ("d", "snooze 1 d"),
        ("w", "assign"),
        ("e", "resolve"),
        ("o", "reopen"),
    ];
    keys(&all)
}

fn form(visitor: &Visitor, view: &ListView) -> Markup {
    let Filters { status, severity, kind, assignee } = &view.filters;
    let statuses = STATUSES.iter().map(|status| ((*status).to_owned(), words(status)));
    let severities = Severity::ALL.iter().rev().map(|it| (it.name().to_owned(), words(it.name())));
    html! {
        form.filters method="get" action="/interventions" {
            @if let Some(brand) = visitor.links.brand() {
                input type="hidden" name="brand" value=(brand);
            }
            (select("status", ("State", "Not resolved"), status.as_deref(), statuses.collect()))
            (select("severity", ("Severity", "Any"), severity.as_deref(), severities.collect()))
            (select("kind", ("Kind", "Any"), kind.as_deref(), view.kinds.clone()))
            label {
                "Assigned to"
                input type="text" name="assignee" maxlength="120" autocomplete="off"
                    value=[assignee.as_deref()];
            }
            button.quiet type="submit" { "Show" }
        }
    }
}

fn select(
    name: &str,
    (label, any): (&str, &str),
    chosen: Option<&str>,
    options: Vec<(String, String)>,
) -> Markup {
    html! {
        label {
            (label)
            select name=(name) {
                option value="" { (any) }
                @for (value, shown) in options {
                    option value=(value) selected[chosen == Some(value.as_str())] { (shown) }
                }
            }
        }
    }
}

fn none(view: &ListView) -> Markup {
    let is_filtered = view.filters != Filters::default() || view.is_later_page;
    html! {
        section.card.empty {
            @if is_filtered {
                h2 { "None of these" }
                p.muted { "Nothing is as asked for. Choose something else above." }
            } @else {
                h2 { "Nothing waits for anybody" }
                p {
                    "The monitor looks at accounts as their events come. Tell it of one that fails \
                     a lot, and it asks for a person:"
                }
                pre {
                    "curl -X POST http://127.0.0.1:3000/events -H 'content-type: application/json' \\\n  \
                     -d '{\"customer_id\":\"acme\",\"event_type\":\"api_usage\",\
                     \"data\":{\"company\":\"Acme\",\"stage\":\"production_ready\",\"tier\":\"pro\",\
                     \"api_calls\":200,\"error_rate\":0.2,\"usage_trend\":\"declining\"}}'"
                }
                p.muted { code { "cargo run -p customeriq -- monitor rules" } " shows what it looks for." }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: &str, encoded: &str, statuses: Option<&[&str]>) {
        let filters = Filters::of(&Asked::parse(query.as_bytes()));
        assert_eq!(filters.encoded(), encoded);
        let known = filters.statuses();
        let known: Option<Vec<_>> =
            known.as_ref().map(|all| all.iter().map(String::as_str).collect());
        assert_eq!(known.as_deref(), statuses);
    }

    #[test]
    fn an_address_says_which_are_wanted_and_unknown_words_are_left_out() {
        check("", "", None);
        check(
            "status=open&severity=high&kind=a%26b",
            "status=open&severity=high&kind=a%26b",
            Some(&["open"]),
        );
        check("status=gone&severity=mild&assignee=", "", None);
        check("status=all", "status=all", Some(&["open", "acknowledged", "snoozed", "resolved"]));
    }
}
