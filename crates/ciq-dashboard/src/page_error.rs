//! What a visitor sees instead of a page, and why.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use ciq_http::{Problem, ProblemKind};
use maud::{Markup, html};

use crate::layout::bare_page;

/// Why a visitor does not see the page.
#[derive(Debug)]
pub(crate) enum PageError {
    /// Nothing has that address.
    NoPage,
    /// Nobody has that id.
    NoCustomer(String),
    /// A form came from another site.
    CrossSite,
    /// The visitor has to say who it is.
    SignIn(SignIn),
    /// Whatever the API would say, too.
    Problem(Problem),
}

/// Why a visitor has to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignIn {
    /// It did not yet.
    First,
    /// The token that it gave is not valid.
    WrongToken,
}

impl<P: Into<Problem>> From<P> for PageError {
    fn from(problem: P) -> Self {
        let problem = problem.into();
        match problem.kind() {
            ProblemKind::Unauthorized => Self::SignIn(SignIn::First),
            _ => Self::Problem(problem),
        }
    }
}

impl PageError {
    fn status(&self) -> StatusCode {
        match self {
            Self::NoPage | Self::NoCustomer(_) => StatusCode::NOT_FOUND,
            Self::CrossSite => StatusCode::FORBIDDEN,
            Self::SignIn(_) => StatusCode::UNAUTHORIZED,
            Self::Problem(problem) => problem.kind().status(),
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::NoPage => "No such page",
            Self::NoCustomer(_) => "No such customer",
            Self::CrossSite => "Refused",
            Self::SignIn(_) => "Sign in",
            Self::Problem(problem) => match problem.kind() {
                ProblemKind::Forbidden => "Not allowed",
                ProblemKind::NotFound => "Not found",
                ProblemKind::Conflict => "Done already",
                ProblemKind::Unavailable | ProblemKind::Timeout => "Not now",
                ProblemKind::Internal => "Something went wrong here",
                _ => "Not understood",
            },
        }
    }

    /// Says what is wrong, and what to do next.
    fn said(&self) -> Markup {
        match self {
            Self::NoPage => html! { p { "Nothing is at this address." } (way_back()) },
            Self::NoCustomer(id) => html! {
                p { "Nobody has, or ever had, the id " strong.id { (id) } " in this brand." }
                p { "Search for a name, an e-mail address or a number instead." }
                (way_back())
            },
            Self::CrossSite => html! {
                p { "This form was sent from another site. Nothing was changed." }
                p { "Open the page here and try again." }
                (way_back())
            },
            Self::SignIn(why) => sign_in_form(*why),
            Self::Problem(problem) => html! { p { (sentence(problem.detail())) } (way_back()) },
        }
    }
}

fn way_back() -> Markup {
    html! { p { a href="/customers" { "All customers" } } }
}

/// Makes a sentence of a fragment.
fn sentence(fragment: &str) -> String {
    let mut characters = fragment.chars();
    let first = characters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(characters).chain(['.']).collect()
}

fn sign_in_form(why: SignIn) -> Markup {
    html! {
        @match why {
            SignIn::First => p { "These pages are for people with a token." },
            SignIn::WrongToken => p role="alert" { strong { "That token is not valid." } },
        }
        form.stack method="post" action="/login" {
            label for="token" { "Token" }
            input #token type="password" name="token" required autocomplete="current-password";
            div { button type="submit" { "Sign in" } }
        }
        p.small.muted {
            "Whoever runs this service hands out tokens. Programs send theirs as "
            code { "Authorization: Bearer TOKEN" } "."
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let title = self.title();
        let body = html! { section.card.empty { h1 { (title) } (self.said()) } };
        (self.status(), Html(bare_page(title, &body).into_string())).into_response()
    }
}
