//! Which of the figures the page shows, as its address says it.

use maud::{Markup, html};

use crate::asked::Asked;
use crate::link::Links;

/// What customers come back with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Return {
    /// Another order.
    #[default]
    Order,
    /// Anything.
    Event,
}

/// What stands beside recency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Beside {
    /// How often.
    #[default]
    Frequency,
    /// For how much.
    Spend,
}

/// Which of the figures the page shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Toggles {
    /// What customers come back with; where nobody said, orders where there are any.
    pub(super) back: Option<Return>,
    /// What stands beside recency.
    pub(super) beside: Beside,
}

impl Toggles {
    /// Reads what an address says; anything else is the default.
    pub(super) fn parse(asked: &Asked) -> Self {
        let back = match asked.get("back") {
            Some("orders") => Some(Return::Order),
            Some("events") => Some(Return::Event),
            Some(_) | None => None,
        };
        let beside = match asked.get("beside") {
            Some("spend") => Beside::Spend,
            Some(_) | None => Beside::Frequency,
        };
        Self { back, beside }
    }

    /// Returns the address that shows these, and the place on the page.
    fn address(self, links: &Links, place: &str) -> String {
        let back = self.back.map(|back| match back {
            Return::Order => ("back", "orders"),
            Return::Event => ("back", "events"),
        });
        let beside = (self.beside == Beside::Spend).then_some(("beside", "spend"));
        let pairs: Vec<_> = back.into_iter().chain(beside).collect();
        format!("{}#{place}", links.to("/insight", &pairs))
    }
}

/// Shows what else a part of the page can show: the toggles of each entry, and whether it is the
/// one that is shown.
pub(super) fn choices(links: &Links, place: &str, entries: &[(&str, Toggles, bool)]) -> Markup {
    html! {
        nav.tabs.order aria-label="What is shown" {
            ul {
                @for (name, toggles, is_shown) in entries {
                    li {
                        a href=(toggles.address(links, place))
                            aria-current=[is_shown.then_some("true")] { (name) }
                    }
                }
            }
        }
    }
}
