//! Pages: of lists by the id of a neighbour, of searches by a mark.

use serde_json::{Value, json};

use crate::ApiError;
use crate::params::Params;

/// How many objects a page has, if nothing else is asked for.
pub(crate) const LIMIT_DEFAULT: usize = 10;

/// Which page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    limit: usize,
    cursor: Cursor,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Cursor {
    Start,
    After(String),
    Before(String),
}

impl Page {
    /// Takes what says which page out of the parameters.
    pub(crate) fn take(params: &mut Params) -> Result<Self, ApiError> {
        let limit = take_limit(params)?;
        let mut text = |name: &str| {
            let given = params.take(name);
            given.and_then(|value| value.as_text().map(str::to_owned))
        };
        let cursor = match (text("starting_after"), text("ending_before")) {
            (None, None) => Cursor::Start,
            (Some(id), None) => Cursor::After(id),
            (None, Some(id)) => Cursor::Before(id),
            (Some(_), Some(_)) => {
                let message = "Received both starting_after and ending_before parameters. \
                               Please pass in only one.";
                return Err(ApiError::invalid(message).with_param("starting_after"));
            }
        };
        Ok(Self { limit, cursor })
    }

    /// Cuts the page out of everything, newest first. `rank` tells the age of an object, also of
    /// one that is not in the list any more: a newer object has a higher rank.
    pub(crate) fn cut(
        &self,
        all: Vec<Value>,
        what: &str,
        rank: impl Fn(&str) -> Option<u64>,
    ) -> Result<(Vec<Value>, bool), ApiError> {
        let known = |id: &str, param: &str| {
            rank(id).ok_or_else(|| {
                let message = format!("No such {what}: '{id}'");
                ApiError::invalid(message).with_code("resource_missing").with_param(param)
            })
        };
        let rank_of = |object: &Value| object["id"].as_str().and_then(&rank).unwrap_or_default();
        Ok(match &self.cursor {
            Cursor::Start => first(all, self.limit),
            Cursor::After(id) => {
                let cursor = known(id, "starting_after")?;
                let older = all.into_iter().filter(|it| rank_of(it) < cursor).collect();
                first(older, self.limit)
            }
            Cursor::Before(id) => {
                let cursor = known(id, "ending_before")?;
                let newer: Vec<_> = all.into_iter().filter(|it| rank_of(it) > cursor).collect();
                // The nearest ones: the last of what is newer.
                let start = newer.len().saturating_sub(self.limit);
                (newer.into_iter().skip(start).collect(), start > 0)
            }
        })
    }
}

fn first(mut all: Vec<Value>, limit: usize) -> (Vec<Value>, bool) {
    let has_more = all.len() > limit;
    all.truncate(limit);
    (all, has_more)
}

fn take_limit(params: &mut Params) -> Result<usize, ApiError> {
    let limit = params.integer(&["limit"])?;
    params.take("limit");
    Ok(limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(LIMIT_DEFAULT))
}

/// Wraps a page of a list.
pub(crate) fn envelope(data: &[Value], has_more: bool, url: &str) -> Value {
    json!({"object": "list", "data": data, "has_more": has_more, "url": url})
}

/// Which page of a search: how many objects came before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SearchPage {
    limit: usize,
    start: usize,
}

/// What the mark of a search's page begins with.
const MARK: &str = "page_";

impl SearchPage {
    /// Takes what says which page out of the parameters.
    pub(crate) fn take(params: &mut Params) -> Result<Self, ApiError> {
        let limit = take_limit(params)?;
        let start = match params.take("page") {
            None => 0,
            Some(value) => {
                let text = value.as_text().unwrap_or_default();
                let start = text.strip_prefix(MARK).and_then(|start| start.parse().ok());
                start.ok_or_else(|| ApiError::invalid("Invalid page").with_param("page"))?
            }
        };
        Ok(Self { limit, start })
    }

    /// Cuts the page out of everything found, and wraps it.
    pub(crate) fn envelope(self, found: Vec<Value>, url: &str) -> Value {
        let end = self.start.saturating_add(self.limit);
        let next_page = (found.len() > end).then(|| format!("{MARK}{end}"));
        let data: Vec<_> = found.into_iter().skip(self.start).take(self.limit).collect();
        json!({
            "object": "search_result",
            "data": data,
            "has_more": next_page.is_some(),
            "next_page": next_page,
            "url": url,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twelve objects, newest first: `x12` to `x1`.
    fn all() -> Vec<Value> {
        (1..=12).rev().map(|number| json!({"id": format!("x{number}")})).collect()
    }

    fn rank(id: &str) -> Option<u64> {
        id.strip_prefix('x')?.parse().ok()
    }

    #[track_caller]
    fn page(form: &str, ids: &[u64], has_more: bool) {
        let page = Page::take(&mut Params::decode(form).unwrap()).unwrap();
        let (data, more) = page.cut(all(), "thing", rank).unwrap();
        let found: Vec<_> =
            data.iter().map(|it| rank(it["id"].as_str().unwrap()).unwrap()).collect();
        assert_eq!((found.as_slice(), more), (ids, has_more), "{form}");
    }

    #[test]
    fn a_page_has_ten_objects_unless_asked_otherwise() {
        page("", &[12, 11, 10, 9, 8, 7, 6, 5, 4, 3], true);
        page("limit=2", &[12, 11], true);
        page("limit=100", &[12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1], false);
    }

    #[test]
    fn a_cursor_leads_on_and_back() {
        page("limit=2&starting_after=x11", &[10, 9], true);
        page("limit=2&starting_after=x3", &[2, 1], false);
        page("limit=2&starting_after=x1", &[], false);
        page("limit=2&ending_before=x9", &[11, 10], true);
        page("limit=2&ending_before=x11", &[12], false);
    }

    #[test]
    fn a_cursor_that_left_the_list_still_has_its_place() {
        let page = Page::take(&mut Params::decode("starting_after=x11&limit=1").unwrap()).unwrap();
        let without = all().into_iter().filter(|it| it["id"] != "x11").collect();
        assert_eq!(page.cut(without, "thing", rank).unwrap().0, [json!({"id": "x10"})]);
    }

    #[test]
    fn an_unknown_cursor_is_refused() {
        let page = Page::take(&mut Params::decode("starting_after=y1").unwrap()).unwrap();
        let error = page.cut(all(), "thing", rank).unwrap_err();
        assert_eq!((error.status(), error.message()), (400, "No such thing: 'y1'"));
        assert_eq!(error.param(), Some("starting_after"));
        let both = "starting_after=x1&ending_before=x2";
        assert!(Page::take(&mut Params::decode(both).unwrap()).is_err());
    }

    #[test]
    fn a_search_tells_where_it_goes_on() {
        let take = |form: &str| SearchPage::take(&mut Params::decode(form).unwrap());
        let first = take("limit=7").unwrap().envelope(all(), "/v1/things/search");
        assert_eq!((&first["has_more"], &first["next_page"]), (&json!(true), &json!("page_7")));
        let last = take("limit=7&page=page_7").unwrap().envelope(all(), "/v1/things/search");
        assert_eq!((&last["has_more"], &last["next_page"]), (&json!(false), &Value::Null));
        assert_eq!(last["data"].as_array().map(Vec::len), Some(5));
        assert!(take("page=soon").is_err());
    }
}
