//! What every page has: head, navigation, footer, the sheet of shortcuts, and the rules for what a
//! browser may load.
//!
//! Building blocks of a page's body, by class (`style.css`):
//!
//! - `div.bar` over the page: `h1` and what belongs beside it (a search, `nav.tabs`, a button);
//! - `section.card` with `h2`; `div.columns` (also `.even`, `.three`) puts cards side by side;
//! - `dl.figures` ([`crate::parts::figures`]), `dl.facts`, `dl.pairs`, `ul.plain`, `ol.timeline`;
//! - a table stands in `div.wide role="region" aria-label="…" tabindex="0"`, numbers in `.number`;
//! - `form.filters` (labels around fields), `form.search`, `form.stack`, `div.actions` of buttons;
//!   `button.quiet`, `button.small`, `button.bad`;
//! - marks: [`crate::badge`] for severities and bands of health, [`crate::parts::state`] for
//!   states, `span.tag.good`, `.warn`, `.bad`;
//! - charts: [`crate::chart`], each with its numbers in a table;
//! - `section.card.empty` says what to do first where there is nothing to show;
//! - `p.notice role="status"` says what was just done, `p.notice.bad role="alert"` what went wrong.
//!
//! Keyboard (`assets/app.js` tells more): a list with `data-keys` is walked with `j` and `k`. Its
//! items carry `data-item` and an `id`; in an item, the link with `data-open` is what Enter opens,
//! and what has `data-key="a"` is pressed by `a` while the item is selected. Outside of items
//! `data-key` belongs to the page. [`crate::parts::keys`] shows which keys there are. Selection is
//! the browser's alone: never render `aria-current="true"` on an item.

use maud::{DOCTYPE, Markup, html};

use crate::assets::File;
use crate::visitor::{SignedIn, Visitor};

/// A dot in the accent colour. Inline, so that no browser asks for a file.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 \
    32'%3E%3Ccircle cx='16' cy='16' r='14' fill='%232a55cf'/%3E%3Ccircle cx='16' cy='16' r='6' \
    fill='white'/%3E%3C/svg%3E";

/// The value of `content-security-policy`: nothing is loaded, run or asked but what we serve
/// ourselves, and nothing within a page is code.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; \
    style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

/// How htmx behaves here. No style of its own, going back loads the page that was there, and a
/// morph leaves alone what the browser keeps: what is folded out, and what has the focus.
const HTMX_CONFIG: &str = r#"{"includeIndicatorCSS":false,"history":"reload","extensions":"sse","morphIgnore":["data-htmx-powered","open","tabindex"]}"#;

/// Which entry of the navigation a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    /// What is going on.
    Now,
    /// The customers.
    Customers,
    /// The review queue.
    Reviews,
    /// What people should do.
    Interventions,
    /// The history of merges.
    Merges,
    /// The automations.
    Automations,
    /// What customers' histories mean.
    Insight,
    /// How the service is.
    System,
}

/// Makes a whole page for a visitor.
pub(crate) fn page(visitor: &Visitor, tab: Tab, title: &str, body: &Markup) -> Markup {
    let links = &visitor.links;
    // The letter goes with `g`: `g n` leads to what is going on.
    let entries = [
        (Tab::Now, "n", "Now", links.home()),
        (Tab::Customers, "c", "Customers", links.list()),
        (Tab::Interventions, "t", "Interventions", links.interventions(&[])),
        (Tab::Reviews, "r", "Reviews", links.reviews(None)),
        (Tab::Insight, "i", "Insight", links.insight()),
        (Tab::Automations, "a", "Automations", links.automations()),
        (Tab::Merges, "m", "Merges", links.merges(None)),
        (Tab::System, "s", "System", links.system()),
    ];
    let rail = html! {
        header.rail {
            a.logo href=(links.home()) { "Customer" b { "IQ" } }
            nav aria-label="Main" {
                ul {
                    @for (of, key, name, address) in &entries {
                        li {
                            a href=(address) aria-current=[(*of == tab).then_some("page")]
                                data-go=(key) { (name) }
                        }
                    }
                }
            }
            div.foot {
                p { "Brand " strong { (visitor.brand) } }
                div.actions {
                    button.quiet.small type="button" hidden data-theme-switch { "Theme" }
                    button.quiet.small type="button" hidden data-shortcuts { "Keys " kbd { "?" } }
                }
                @if visitor.signed_in == SignedIn::Here {
                    form method="post" action="/logout" {
                        button.quiet.small type="submit" { "Sign out" }
                    }
                }
            }
        }
    };
    document(title, Some(&rail), body)
}

/// Makes a whole page for someone of whom nothing is known, such as a refused visitor.
pub(crate) fn bare_page(title: &str, body: &Markup) -> Markup {
    document(title, None, body)
}

fn document(title: &str, rail: Option<&Markup>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="htmx-config" content=(HTMX_CONFIG);
                title { (title) " \u{b7} CustomerIQ" }
                link rel="icon" href=(ICON);
                link rel="stylesheet" href=(File::Style.address());
                // The first one sets the theme before anything is drawn. None is deferred: while the
                // page is being read, htmx waits, and its extension is there when it begins.
                script src=(File::App.address()) {}
                script src=(File::Htmx.address()) {}
                script src=(File::Sse.address()) {}
            }
            body {
                a.skip href="#main" { "Skip to content" }
                div class={ "frame" @if rail.is_none() { " bare" } } {
                    @if let Some(rail) = rail { (rail) }
                    div.page {
                        main #main tabindex="-1" { (body) }
                        footer { "Times are UTC. Amounts of different currencies are never added up." }
                    }
                }
                @if rail.is_some() { (shortcuts()) }
            }
        }
    }
}

/// The sheet that `?` opens. What it says of is in `assets/app.js`.
fn shortcuts() -> Markup {
    let go = [
        ("n", "Now"),
        ("c", "Customers"),
        ("t", "Interventions"),
        ("r", "Reviews"),
        ("i", "Insight"),
        ("a", "Automations"),
        ("m", "Merges"),
        ("s", "System"),
    ];
    html! {
        dialog #shortcuts aria-labelledby="shortcuts-title" {
            h2 #shortcuts-title { "Keyboard" }
            dl {
                dt { kbd { "?" } } dd { "This sheet" }
                dt { kbd { "/" } } dd { "Search" }
                dt { kbd { "j" } " " kbd { "k" } } dd { "Next and previous in a list" }
                dt { kbd { "Enter" } } dd { "Open what is selected" }
                @for (key, name) in go { dt { kbd { "g" } " " kbd { (key) } } dd { (name) } }
            }
            p.small.muted { "Further keys stand beside what they do." }
            // Who speaks to the browser would press keys without knowing.
            p { button.quiet.small type="button" data-keys-switch { "Single keys: on" } }
            form method="dialog" { button.quiet type="submit" { "Close" } }
        }
    }
}
