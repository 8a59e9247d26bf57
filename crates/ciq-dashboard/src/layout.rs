//! What every page has: head, stylesheet, navigation, and the rules for what a browser may load.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::visitor::{SignedIn, Visitor};

/// The one stylesheet; it stands within the page, so that a page is one request.
const STYLE: &str = include_str!("style.css");

/// A dot in the accent colour. Inline, so that no browser asks for a file.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 \
    32'%3E%3Ccircle cx='16' cy='16' r='14' fill='%232a55cf'/%3E%3Ccircle cx='16' cy='16' r='6' \
    fill='white'/%3E%3C/svg%3E";

/// The value of `content-security-policy`: nothing may be loaded or run but our stylesheet, which
/// its hash names.
pub(crate) static CONTENT_SECURITY_POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    )
});

/// Which entry of the navigation a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    /// The customers.
    Customers,
    /// The review queue.
    Reviews,
    /// The history of merges.
    Merges,
    /// The automations.
    Automations,
}

/// Makes a whole page for a visitor.
pub(crate) fn page(visitor: &Visitor, tab: Tab, title: &str, body: &Markup) -> Markup {
    let links = &visitor.links;
    let entries = [
        (Tab::Customers, "Customers", links.home()),
        (Tab::Reviews, "Reviews", links.reviews(None)),
        (Tab::Merges, "Merges", links.merges(None)),
        (Tab::Automations, "Automations", links.automations()),
    ];
    let navigation = html! {
        nav.tabs aria-label="Main" {
            ul {
                @for (of, name, address) in &entries {
                    li { a href=(address) aria-current=[(*of == tab).then_some("page")] { (name) } }
                }
            }
        }
        span.brand { "Brand " strong { (visitor.brand) } }
        @if visitor.signed_in == SignedIn::Here {
            form method="post" action="/logout" {
                button.quiet.small type="submit" { "Sign out" }
            }
        }
    };
    document(title, &links.home(), &navigation, body)
}

/// Makes a whole page for someone of whom nothing is known, such as a refused visitor.
pub(crate) fn bare_page(title: &str, body: &Markup) -> Markup {
    document(title, "/", &html! {}, body)
}

fn document(title: &str, home: &str, navigation: &Markup, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " \u{b7} CustomerIQ" }
                link rel="icon" href=(ICON);
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to content" }
                header.top {
                    div {
                        a.logo href=(home) { "Customer" b { "IQ" } }
                        (navigation)
                    }
                }
                main #main { (body) }
                footer { "Times are UTC. Amounts of different currencies are never added up." }
            }
        }
    }
}
