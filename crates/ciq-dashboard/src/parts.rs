//! Pieces that several pages use.

use maud::{Markup, html};

use crate::format::{count, words};

/// A figure at the top of a page.
#[derive(Debug)]
pub(crate) struct Figure {
    /// What it is.
    pub(crate) name: &'static str,
    /// The value, as markup.
    pub(crate) value: Markup,
    /// Whether someone ought to look at it.
    pub(crate) is_alert: bool,
}

impl Figure {
    /// Makes a figure that nobody has to act on.
    pub(crate) fn plain(name: &'static str, value: Markup) -> Self {
        Self { name, value, is_alert: false }
    }

    /// Makes a figure that someone ought to look at unless it is zero.
    pub(crate) fn alert(name: &'static str, how_many: i64) -> Self {
        Self { name, value: html! { (count(how_many)) }, is_alert: how_many > 0 }
    }
}

/// Shows figures side by side.
pub(crate) fn figures(figures: &[Figure]) -> Markup {
    html! {
        dl.figures {
            @for Figure { name, value, is_alert } in figures {
                div class=[is_alert.then_some("alert")] { dt { (name) } dd { (value) } }
            }
        }
    }
}

/// Shows how well a customer is known.
pub(crate) fn strength(percent: u8) -> Markup {
    html! {
        span.strength {
            meter min="0" max="100" low="50" high="75" optimum="100" value=(percent)
                aria-label="Profile strength" { (percent) " %" }
            (percent) " %"
        }
    }
}

/// Shows a state in a colour that suits it.
pub(crate) fn state(state: &str) -> Markup {
    let tone = match state {
        "active" | "completed" | "merged" | "resolved" | "paid" | "closed" | "fulfilled"
        | "sent" | "executed" | "loyal" | "champion" | "retention" | "advocacy" => "good",
        "pending" | "open" | "in_progress" | "high" | "medium" | "undone" | "triggered"
        | "queued" | "sending" | "at_risk" | "hibernating" => "warn",
        "failed" | "refunded" | "cancelled" | "canceled" | "urgent" | "critical" | "lost" => "bad",
        _ => "plain",
    };
    html! { span.tag.(tone) { (words(state)) } }
}

/// Shows how something ended, and why.
pub(crate) fn outcome(status: &str, reason: Option<&str>) -> Markup {
    // A reason is one of our own words, or what a provider said.
    let is_word =
        |reason: &str| reason.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    html! {
        (state(status))
        @if let Some(reason) = reason {
            span.sub { @if is_word(reason) { (words(reason)) } @else { (reason) } }
        }
    }
}

/// Shows a share of which less is better.
pub(crate) fn share(name: &str, percent: u8) -> Markup {
    html! {
        span.strength {
            meter min="0" max="100" low="30" high="70" optimum="0" value=(percent)
                aria-label=(name) { (percent) " %" }
            (percent) " %"
        }
    }
}

/// Shows what was just done, where an address says something was.
pub(crate) fn notice(done: Option<&str>) -> Markup {
    let said = match done {
        Some("approved") => "The customers are one now. The merge can be undone at any time.",
        Some("rejected") => {
            "The customers stay apart. The same evidence will not bring them back here."
        }
        Some("undone") => {
            "The merge is undone. Each event went back to the customer whose identifiers it \
             carried, and the same evidence will not join them again."
        }
        Some(_) | None => return html! {},
    };
    html! { p.notice role="status" { (said) } }
}

/// Leads to the next page of a list, and back to its first.
pub(crate) fn paging(first: Option<&str>, next: Option<&str>) -> Markup {
    if first.is_none() && next.is_none() {
        return html! {};
    }
    html! {
        nav.pages aria-label="Pages" {
            @if let Some(address) = first { a href=(address) { "First page" } }
            @if let Some(address) = next { a href=(address) rel="next" { "Next page" } }
        }
    }
}

/// Says which keys there are, for those who have some: pairs of keys and what they do.
pub(crate) fn keys(keys: &[(&str, &str)]) -> Markup {
    html! {
        p.keys {
            @for (key, does) in keys {
                span { @for one in key.split(' ') { kbd { (one) } " " } (does) }
            }
        }
    }
}

/// Says what there is to do first, where there is nothing to show.
pub(crate) fn empty(title: &str, said: &Markup) -> Markup {
    html! { section.card.empty { h2 { (title) } (said) } }
}

/// A form of one button, with fields that the visitor does not see.
#[derive(Debug)]
pub(crate) struct ButtonForm<'a> {
    /// Where it goes.
    pub(crate) address: &'a str,
    /// What stands on the button.
    pub(crate) label: &'a str,
    /// What it is about, for those who hear the button without its surroundings.
    pub(crate) about: &'a str,
    /// How the button looks.
    pub(crate) class: &'a str,
    /// The customer whose page to come back to, if not the list.
    pub(crate) back_to: Option<&'a str>,
}

/// Shows a form of one button.
pub(crate) fn button(form: &ButtonForm<'_>) -> Markup {
    html! {
        form method="post" action=(form.address) {
            @if let Some(id) = form.back_to { input type="hidden" name="customer" value=(id); }
            button.(form.class) type="submit" {
                (form.label) span.unseen { " " (form.about) }
            }
        }
    }
}

/// Shows JSON that a person may want to see, folded away.
pub(crate) fn folded_json(title: &str, value: &serde_json::Value) -> Markup {
    let shown = serde_json::to_string_pretty(value).unwrap_or_default();
    html! { details { summary { (title) } pre { (shown) } } }
}
