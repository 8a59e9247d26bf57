//! What a checked request asks the books for, and what it wants to see of their answer.

use jiff::Timestamp;
use serde_json::Value;

use crate::ApiError;
use crate::books::Books;
use crate::expand::Expansions;
use crate::list::{self, Page, SearchPage};
use crate::params::Params;
use crate::route::{Answer, Kind, Route};
use crate::search::Query;

/// A request that can be carried out.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    route: &'a Route,
    path: &'a str,
    params: Params,
    expansions: Expansions,
    view: View,
}

/// Which part of the books' answer is shown.
#[derive(Debug)]
enum View {
    Whole,
    Page(Page),
    Found(Query, SearchPage),
}

impl<'a> Ask<'a> {
    /// Reads what is asked. Nothing has happened where this fails.
    pub(crate) fn new(
        route: &'a Route,
        path: &'a str,
        mut params: Params,
    ) -> Result<Self, ApiError> {
        route.check(&mut params)?;
        let expansions = Expansions::take(&mut params, route.kind, route.answer)?;
        let view = match route.answer {
            Answer::Object | Answer::Deleted => View::Whole,
            Answer::List => View::Page(Page::take(&mut params)?),
            Answer::Search => {
                let page = SearchPage::take(&mut params)?;
                let query = params.take("query");
                let query = query.as_ref().and_then(|query| query.as_text()).unwrap_or_default();
                View::Found(Query::parse(query, route.kind)?, page)
            }
        };
        Ok(Self { route, path, params, expansions, view })
    }

    /// Carries it out.
    pub(crate) fn perform(&self, books: &mut Books, now: Timestamp) -> Result<Value, ApiError> {
        let answer = books.apply(&self.route.operation, &self.params, now)?;
        Ok(match &self.view {
            View::Whole => self.expanded(answer, books, now),
            View::Page(page) => {
                let word = singular(self.route.kind);
                let (data, has_more) = match self.route.part {
                    None => page.cut(all(answer), word, |id| books.rank(id))?,
                    Some(part) => {
                        let parts = all(answer.pointer(part).cloned().unwrap_or_default());
                        let order: Vec<_> = parts.iter().map(|it| it["id"].clone()).collect();
                        let place = |id: &str| order.iter().rev().position(|it| it == id);
                        page.cut(parts, word, |id| place(id).map(|place| place as u64))?
                    }
                };
                let data = data.into_iter().map(|object| self.expanded(object, books, now));
                list::envelope(&data.collect::<Vec<_>>(), has_more, self.path)
            }
            View::Found(query, page) => {
                let found = all(answer).into_iter().filter(|object| query.matches(object));
                let mut envelope = page.envelope(found.collect(), self.path);
                if let Some(data) = envelope["data"].as_array_mut() {
                    for object in data {
                        *object = self.expanded(object.take(), books, now);
                    }
                }
                envelope
            }
        })
    }

    fn expanded(&self, mut object: Value, books: &mut Books, now: Timestamp) -> Value {
        self.expansions
            .apply(&mut object, &mut |operation, params| books.apply(operation, params, now).ok());
        object
    }
}

/// Returns the entries of a list.
fn all(answer: Value) -> Vec<Value> {
    match answer {
        Value::Array(all) => all,
        other => vec![other],
    }
}

/// Returns a kind's word in messages.
fn singular(kind: Kind) -> &'static str {
    match kind {
        Kind::TestClock => "testclock",
        Kind::Product => "product",
        Kind::Price => "price",
        Kind::Customer => "customer",
        Kind::PaymentMethod => "PaymentMethod",
        Kind::Subscription => "subscription",
        Kind::Invoice => "invoice",
        Kind::LineItem => "line_item",
        Kind::Event => "event",
    }
}
