//! Which executions and messages the page shows, as its address says it.

use maud::{Markup, html};

use ciq_store::{ExecutionFilter, PageRequest};

use crate::asked::Asked;
use crate::format::words;
use crate::link::Links;
use crate::parts::paging;

/// Rows of a list on the page.
const ROWS: u32 = 25;

/// One of the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    /// What was triggered.
    Executions,
    /// What is sent because of it.
    Deliveries,
}

/// What of a list is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Part {
    status: Option<String>,
    cursor: Option<String>,
}

/// What the page shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shown {
    /// The automation whose page it is.
    pub(super) automation_id: Option<String>,
    executions: Part,
    deliveries: Part,
}

impl List {
    /// The states that a row can be in.
    fn statuses(self) -> &'static [&'static str] {
        match self {
            Self::Executions => &["triggered", "executed", "failed", "suppressed"],
            Self::Deliveries => &["queued", "sending", "sent", "failed", "suppressed"],
        }
    }

    /// What an address calls the state and the page of the list; the latter is its place, too.
    fn names(self) -> [&'static str; 2] {
        match self {
            Self::Executions => ["status", "executions"],
            Self::Deliveries => ["sending", "messages"],
        }
    }
}

impl Shown {
    /// Reads what an address asks for. A state that there is not is none.
    pub(super) fn parse(asked: &Asked) -> Self {
        let part = |list: List| {
            let [status, page] = list.names();
            let status = asked.get(status).filter(|it| list.statuses().contains(it));
            Part { status: status.map(str::to_owned), cursor: asked.take(page) }
        };
        let (executions, deliveries) = (part(List::Executions), part(List::Deliveries));
        Self { automation_id: None, executions, deliveries }
    }

    /// The same on the page of one automation.
    pub(super) fn of(self, automation_id: String) -> Self {
        Self { automation_id: Some(automation_id), ..self }
    }

    /// Returns what a list lets through.
    pub(super) fn filter(&self, list: List) -> ExecutionFilter {
        ExecutionFilter {
            customer: None,
            automation_id: self.automation_id.clone(),
            status: self.part(list).status.clone(),
        }
    }

    /// Returns which page of a list is shown.
    pub(super) fn page(&self, list: List) -> PageRequest {
        PageRequest { cursor: self.part(list).cursor.clone(), limit: Some(ROWS) }
    }

    fn part(&self, list: List) -> &Part {
        match list {
            List::Executions => &self.executions,
            List::Deliveries => &self.deliveries,
        }
    }

    /// The address that shows another part of a list, and of the other list the same.
    fn address(&self, links: &Links, list: List, part: Part) -> String {
        let mut other = self.clone();
        match list {
            List::Executions => other.executions = part,
            List::Deliveries => other.deliveries = part,
        }
        let mut pairs = Vec::new();
        for of in [List::Executions, List::Deliveries] {
            let ([status, page], part) = (of.names(), other.part(of));
            pairs.extend(part.status.as_deref().map(|value| (status, value)));
            pairs.extend(part.cursor.as_deref().map(|value| (page, value)));
        }
        let path = match &self.automation_id {
            None => "/automations".to_owned(),
            // Its id is of letters, digits, - and _.
            Some(id) => format!("/automations/{id}"),
        };
        let [_, place] = list.names();
        format!("{}#{place}", links.to(&path, &pairs))
    }

    /// Shows the states to choose from.
    pub(super) fn choices(&self, links: &Links, list: List) -> Markup {
        let chosen = self.part(list).status.as_deref();
        let all = std::iter::once(None).chain(list.statuses().iter().copied().map(Some));
        html! {
            nav.tabs.order aria-label="State" {
                ul {
                    @for status in all {
                        @let part = Part { status: status.map(str::to_owned), cursor: None };
                        li {
                            a href=(self.address(links, list, part))
                                aria-current=[(status == chosen).then_some("true")] {
                                @match status { None => "All", Some(status) => (words(status)) }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Leads to the next page of a list, and back to its first.
    pub(super) fn paging(&self, links: &Links, list: List, next: Option<&str>) -> Markup {
        let part = self.part(list);
        let at = |cursor: Option<String>| {
            self.address(links, list, Part { status: part.status.clone(), cursor })
        };
        let first = part.cursor.as_ref().map(|_| at(None));
        let next = next.map(|cursor| at(Some(cursor.to_owned())));
        paging(first.as_deref(), next.as_deref())
    }

    /// Tells whether rows are left out by their state.
    pub(super) fn is_filtered(&self, list: List) -> bool {
        self.part(list).status.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_part_of_one_list_keeps_the_other() {
        let asked = Asked::parse(b"status=failed&messages=12&sending=bogus");
        let shown = Shown::parse(&asked).of("cart".to_owned());
        assert_eq!(shown.filter(List::Executions).status.as_deref(), Some("failed"));
        assert_eq!(shown.filter(List::Deliveries).status, None);
        let part = Part { status: Some("queued".to_owned()), cursor: None };
        assert_eq!(
            shown.address(&Links::default(), List::Deliveries, part),
            "/automations/cart?status=failed&sending=queued#messages"
        );
    }
}
