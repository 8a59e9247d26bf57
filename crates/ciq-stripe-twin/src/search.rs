//! Stripe's query language: `status:"active" AND metadata["plan"]:"Pro"`.
//!
//! Clauses are joined by `AND` or by `OR`, never by both; a `-` before a clause turns it round.
//! `:` compares, `~` looks for a part of a text, `<`, `<=`, `>` and `>=` compare numbers.
//! Texts are compared without regard to upper and lower case.

mod clause;

use serde_json::Value;

use crate::ApiError;
use crate::route::Kind;
use clause::{Clause, Reader};

/// How many clauses a query may have: Stripe's limit.
const CLAUSE_COUNT_MAX: usize = 10;

/// A query that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    clauses: Vec<Clause>,
    joint: Joint,
}

/// How clauses are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    And,
    Or,
}

/// Returns a kind's plural, as paths and messages have it.
pub(crate) fn plural(kind: Kind) -> &'static str {
    match kind {
        Kind::TestClock => "test_clocks",
        Kind::Product => "products",
        Kind::Price => "prices",
        Kind::Customer => "customers",
        Kind::PaymentMethod => "payment_methods",
        Kind::Subscription => "subscriptions",
        Kind::Invoice => "invoices",
        Kind::LineItem => "line_items",
        Kind::Event => "events",
    }
}

/// Which fields can be searched, besides metadata.
fn fields(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Customer => &["created", "email", "name", "phone"],
        Kind::Invoice => &[
            "created",
            "currency",
            "customer",
            "number",
            "receipt_number",
            "status",
            "subscription",
            "total",
        ],
        Kind::Price => &["active", "currency", "lookup_key", "product", "type"],
        Kind::Product => &["active", "description", "name", "shippable", "url"],
        Kind::Subscription => &["canceled_at", "created", "status"],
        Kind::TestClock | Kind::PaymentMethod | Kind::LineItem | Kind::Event => &[],
    }
}

impl Query {
    /// Reads a query.
    pub(crate) fn parse(text: &str, kind: Kind) -> Result<Self, ApiError> {
        let mut reader = Reader::new(text);
        let mut clauses = Vec::new();
        let mut joint = None;
        loop {
            let clause = reader.clause().ok_or_else(unreadable)?;
            clause.check(kind)?;
            clauses.push(clause);
            if reader.is_at_end() {
                break;
            }
            // Clauses side by side are joined by AND.
            let next = reader.joint().unwrap_or(Joint::And);
            if joint.replace(next).is_some_and(|before| before != next) {
                return Err(refused("A query joins its clauses by AND or by OR, not by both."));
            }
        }
        if clauses.len() > CLAUSE_COUNT_MAX {
            return Err(refused(&format!("A query has at most {CLAUSE_COUNT_MAX} clauses.")));
        }
        Ok(Self { clauses, joint: joint.unwrap_or(Joint::And) })
    }

    /// Tells whether an object is looked for.
    pub(crate) fn matches(&self, object: &Value) -> bool {
        let mut clauses = self.clauses.iter();
        match self.joint {
            Joint::And => clauses.all(|clause| clause.matches(object)),
            Joint::Or => clauses.any(|clause| clause.matches(object)),
        }
    }
}

fn unreadable() -> ApiError {
    refused(
        "We were unable to parse your search query. Write field:\"value\" or \
         metadata[\"key\"]:\"value\", joined by AND or OR.",
    )
}

fn refused(message: &str) -> ApiError {
    ApiError::invalid(message).with_param("query")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(query: &str, expected: &[&str]) {
        let customers = [
            json!({"id": "a", "name": "Ann Lee", "email": "ann@example.com", "created": 10,
                   "metadata": {"plan": "Pro \"Plus\"", "run": "x"}, "phone": null}),
            json!({"id": "b", "name": "Bob", "email": "bob@example.com", "created": 20,
                   "metadata": {"run": "x"}, "phone": "123"}),
        ];
        let query = Query::parse(query, Kind::Customer).unwrap();
        let found = customers.iter().filter(|customer| query.matches(customer));
        let ids: Vec<_> = found.map(|customer| customer["id"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{query:?}");
    }

    #[track_caller]
    fn refuses(query: &str, message: &str) {
        let error = Query::parse(query, Kind::Customer).unwrap_err();
        assert!(error.message().contains(message), "{query}: {}", error.message());
        assert_eq!((error.status(), error.param()), (400, Some("query")));
    }

    #[test]
    fn a_clause_compares_texts_without_regard_to_case() {
        check("email:\"ann@example.com\"", &["a"]);
        check("email:'ANN@example.com'", &["a"]);
        check("name~\"lee\"", &["a"]);
        check("name:\"lee\"", &[]);
        check("-name:\"Bob\"", &["a"]);
    }

    #[test]
    fn metadata_is_asked_by_its_key() {
        check("metadata[\"run\"]:\"x\"", &["a", "b"]);
        check("metadata['plan']:'Pro \"Plus\"'", &["a"]);
        check("metadata[\"plan\"]:\"Pro \\\"Plus\\\"\"", &["a"]);
        check("metadata[\"plan\"]:null", &["b"]);
        check("-metadata[\"plan\"]:null", &["a"]);
    }

    #[test]
    fn numbers_are_compared() {
        check("created>10", &["b"]);
        check("created>=10", &["a", "b"]);
        check("created<20", &["a"]);
        check("created:20", &["b"]);
        check("created:\"20\"", &["b"]);
    }

    #[test]
    fn what_is_not_there_is_null() {
        check("phone:null", &["a"]);
        check("-phone:null", &["b"]);
    }

    #[test]
    fn clauses_are_joined_by_one_word() {
        check("name:\"Bob\" OR name~\"Ann\"", &["a", "b"]);
        check("name:\"Bob\" AND created>10", &["b"]);
        check("name:\"Bob\" created<10", &[]);
        refuses("name:\"a\" AND name:\"b\" OR name:\"c\"", "not by both");
    }

    proptest! {
        #[test]
        fn any_query_is_read_or_refused(text in "(name|metadata\\['a'\\])[:~]\"[é\\\\a]*\"?|.{0,40}") {
            prop_assert!(matches!(Query::parse(&text, Kind::Customer), Ok(_) | Err(_)));
        }
    }

    #[test]
    fn what_cannot_be_read_or_searched_is_refused() {
        refuses("Ann", "unable to parse");
        refuses("name:\"Ann", "unable to parse");
        refuses("name:\"Ann\" AND", "unable to parse");
        refuses("", "unable to parse");
        refuses("metadata:\"x\"", "unable to parse");
        refuses("balance:1", "Field `balance` is an unsupported search field");
        refuses("created~1", "substring");
        refuses("name>\"a\"", "numbers");
        refuses(&["name:\"a\""; 11].join(" OR "), "at most 10 clauses");
    }
}
