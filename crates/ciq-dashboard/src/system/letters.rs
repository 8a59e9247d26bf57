//! Messages that could not become events: why, what they said, and what to do about them.

use std::fmt;

use ciq_http::LETTERS_MAX;
use ciq_ingest::Retried;
use ciq_store::{
    DeadLetterExcerpt, DeadLetterFilter, DeadLetterGroup, PageRequest, Reader, StoreError,
};
use maud::{Markup, html};

use crate::asked::Asked;
use crate::format::{count, counted, time, words};
use crate::link::Links;
use crate::parts::{ButtonForm, button, paging};
use crate::visitor::Visitor;

/// Dead letters on a page.
const LETTERS_PER_PAGE: u32 = 25;

/// The dead letters, as far as they are shown.
#[derive(Debug)]
pub(super) struct LettersView {
    groups: Vec<DeadLetterGroup>,
    letters: Vec<DeadLetterExcerpt>,
    next_cursor: Option<String>,
    filter: DeadLetterFilter,
    is_later_page: bool,
}

/// What was just done to dead letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    /// They were tried again.
    Retried(Retried),
    /// They were dropped.
    Dropped(u64),
}

impl LettersView {
    /// Reads a page of dead letters, and the reasons of all.
    pub(super) fn read(
        reader: &Reader,
        filter: DeadLetterFilter,
        cursor: Option<String>,
    ) -> Result<Self, StoreError> {
        let is_later_page = cursor.is_some();
        let page = PageRequest { cursor, limit: Some(LETTERS_PER_PAGE) };
        let (letters, next_cursor) = reader.dead_letter_excerpts(&filter, &page)?;
        let groups = reader.dead_letter_groups()?;
        Ok(Self { groups, letters, next_cursor, filter, is_later_page })
    }
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retried(Retried { stored_count, duplicate_count, refused_count }) => {
                write!(f, "retried-{stored_count}-{duplicate_count}-{refused_count}")
            }
            Self::Dropped(dropped) => write!(f, "dropped-{dropped}"),
        }
    }
}

impl Done {
    /// Reads what an address says was done.
    pub(super) fn parse(asked: &Asked) -> Option<Self> {
        let mut words = asked.get("done")?.split('-');
        let what = words.next()?;
        let mut next = || words.next()?.parse::<u64>().ok();
        match what {
            "retried" => Some(Self::Retried(Retried {
                stored_count: next()?,
                duplicate_count: next()?,
                refused_count: next()?,
            })),
            "dropped" => Some(Self::Dropped(next()?)),
            _ => None,
        }
    }
}

/// Says what was just done.
pub(super) fn notice(done: Option<&Done>) -> Markup {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    match done {
        None => html! {},
        Some(Done::Retried(retried)) => html! {
            p.notice role="status" {
                "Tried again: " (count(number(retried.stored_count))) " stored, "
                (count(number(retried.duplicate_count))) " stored before, "
                (count(number(retried.refused_count))) " refused again."
            }
        },
        Some(Done::Dropped(dropped)) => html! {
            p.notice role="status" { (counted(number(*dropped), "message")) " dropped." }
        },
    }
}

/// Shows the dead letters.
pub(super) fn letters(visitor: &Visitor, view: &LettersView) -> Markup {
    html! {
        section.card #dead-letters {
            h2 { "Messages refused" }
            @if view.groups.is_empty() {
                p.muted { "None. Whatever arrived became an event." }
            } @else {
                (groups(visitor, &view.groups))
            }
        }
        @if !view.groups.is_empty() { (list(visitor, view)) }
    }
}

fn groups(visitor: &Visitor, groups: &[DeadLetterGroup]) -> Markup {
    html! {
        p.small.muted {
            "What arrived and could not become an event. Whatever is mended can be tried again; \
             nothing is stored twice."
        }
        div.wide role="region" aria-label="Reasons" tabindex="0" {
            table {
                thead {
                    tr {
                        th scope="col" { "Reason" }
                        th scope="col" { "Field" }
                        th.number scope="col" { "Messages" }
                        th.number scope="col" { "Arrived" }
                        th scope="col" { "Last" }
                        @if visitor.may_act() { th scope="col" { span.unseen { "What to do" } } }
                    }
                }
                tbody { @for group in groups { (group_row(visitor, group)) } }
            }
        }
    }
}

fn group_row(visitor: &Visitor, group: &DeadLetterGroup) -> Markup {
    let DeadLetterGroup { field, reason, letter_count, arrival_count, last_at } = group;
    let address = address(&visitor.links, &of_group(group), None);
    html! {
        tr {
            th.name scope="row" { a href=(address) { (reason) } }
            td { code { (field) } }
            td.number { (count(*letter_count)) }
            td.number { (counted(*arrival_count, "time")) }
            td { (time(last_at.as_deref())) }
            @if visitor.may_act() {
                td.buttons {
                    form method="post" action=(visitor.links.to("/system/dead-letters/retry", &[])) {
                        input type="hidden" name="field" value=(field);
                        input type="hidden" name="reason" value=(reason);
                        button.quiet.small type="submit" {
                            @if *letter_count > 1 { "Retry all" } @else { "Retry" }
                            span.unseen { " of reason " (reason) }
                        }
                    }
                }
            }
        }
    }
}

fn of_group(group: &DeadLetterGroup) -> DeadLetterFilter {
    DeadLetterFilter { field: Some(group.field.clone()), reason: Some(group.reason.clone()) }
}

/// The address of the dead letters that a filter lets through.
fn address(links: &Links, filter: &DeadLetterFilter, cursor: Option<&str>) -> String {
    let field = filter.field.as_deref().map(|field| ("field", field));
    let reason = filter.reason.as_deref().map(|reason| ("reason", reason));
    let cursor = cursor.map(|cursor| ("cursor", cursor));
    let pairs: Vec<_> = field.into_iter().chain(reason).chain(cursor).collect();
    format!("{}#letters", links.to("/system", &pairs))
}

fn list(visitor: &Visitor, view: &LettersView) -> Markup {
    let links = &visitor.links;
    let first = view.is_later_page.then(|| address(links, &view.filter, None));
    let next = view.next_cursor.as_deref().map(|cursor| address(links, &view.filter, Some(cursor)));
    html! {
        section.card #letters {
            div.event {
                h2 {
                    @match &view.filter.reason {
                        Some(reason) => { "Refused: " (reason) }
                        None => "The latest",
                    }
                }
                @if view.filter != DeadLetterFilter::default() {
                    a href=(address(links, &DeadLetterFilter::default(), None)) { "Show all" }
                }
            }
            @if view.letters.is_empty() { p.muted { "None of these." } }
            ul.plain { @for letter in &view.letters { (letter_item(visitor, letter)) } }
            (paging(first.as_deref(), next.as_deref()))
            @if visitor.may_act() {
                p.small.muted {
                    "Retry all takes up to " (count(i64::from(LETTERS_MAX))) " at once; "
                    "the command line has " code { "customeriq dead-letters" } " for more."
                }
            }
        }
    }
}

fn letter_item(visitor: &Visitor, shown: &DeadLetterExcerpt) -> Markup {
    let letter = &shown.letter;
    html! {
        li {
            div.event {
                strong { (letter.field) ": " (letter.reason) }
                span.small.muted { (time(letter.received_at.as_deref())) }
            }
            p.small.muted {
                (words(&letter.form)) ", arrived " (counted(letter.arrival_count, "time")) ", "
                span.id { (letter.id) }
            }
            pre role="region" aria-label="What arrived" tabindex="0" { (shown.excerpt) @if shown.is_cut { "\u{2026}" } }
            @if visitor.may_act() { (actions(visitor, &letter.id)) }
        }
    }
}

fn actions(visitor: &Visitor, id: &str) -> Markup {
    let form = |verb: &str| visitor.links.dead_letter(id, verb);
    html! {
        div.actions {
            (button(&ButtonForm {
                address: &form("retry"), label: "Retry", about: id, class: "small", back_to: None,
            }))
            @if visitor.may_decide() {
                (button(&ButtonForm {
                    address: &form("drop"), label: "Drop", about: id, class: "bad small", back_to: None,
                }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: &str, done: Option<Done>) {
        assert_eq!(Done::parse(&Asked::parse(query.as_bytes())), done, "{query}");
    }

    #[test]
    fn what_was_done_is_told_in_numbers_alone() {
        let retried = Retried { stored_count: 3, duplicate_count: 0, refused_count: 12 };
        for done in [Done::Retried(retried), Done::Dropped(1)] {
            check(&format!("done={done}"), Some(done));
        }
        for other in ["", "done=", "done=retried-1", "done=dropped-<b>", "done=approved"] {
            check(other, None);
        }
    }
}
