//! A request as it came, before anything is made of it.

use crate::ApiError;
use crate::params::Params;

/// The longest idempotency key.
const KEY_LENGTH_MAX: usize = 255;

/// A request as it came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) body: String,
    pub(crate) authorization: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) version: Option<String>,
    /// Why its body could not be read.
    pub(crate) damage: Option<ApiError>,
}

impl Request {
    /// Returns query and body as one form: where both name a parameter, the body counts.
    ///
    /// A GET has no body for Stripe, whatever was sent.
    pub(crate) fn form(&self) -> String {
        let body = if self.method == "GET" { "" } else { self.body.as_str() };
        match (self.query.as_str(), body) {
            ("", form) | (form, "") => form.to_owned(),
            (query, body) => format!("{query}&{body}"),
        }
    }

    /// Reads the parameters.
    pub(crate) fn params(&self) -> Result<Params, ApiError> {
        let content_type =
            self.content_type.as_deref().unwrap_or("application/x-www-form-urlencoded");
        let is_form = content_type.starts_with("application/x-www-form-urlencoded");
        if self.method != "GET" && !self.body.is_empty() && !is_form {
            return Err(ApiError::invalid(
                "Invalid request (check that your POST content type is \
                 application/x-www-form-urlencoded).",
            ));
        }
        Params::decode(&self.form())
    }

    /// Returns the key under which the answer is kept; only a POST has one.
    pub(crate) fn key(&self) -> Result<Option<&str>, ApiError> {
        let key = self.idempotency_key.as_deref().filter(|_| self.method == "POST");
        match key {
            Some(key) if key.is_empty() || key.len() > KEY_LENGTH_MAX => {
                let message = format!(
                    "Invalid Idempotency-Key: it has 1 to {KEY_LENGTH_MAX} characters, not {}.",
                    key.len()
                );
                Err(ApiError::invalid(message))
            }
            key => Ok(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(body: &str) -> Request {
        let (method, body) = ("POST".to_owned(), body.to_owned());
        Request { method, body, ..Request::default() }
    }

    #[test]
    fn query_and_body_are_one_form() {
        let request = Request { query: "a=1&b=1".to_owned(), ..post("b=2") };
        let params = request.params().unwrap();
        assert_eq!((params.text(&["a"]), params.text(&["b"])), (Some("1"), Some("2")));
    }

    #[test]
    fn a_body_of_another_type_is_refused() {
        let json = Some("application/json".to_owned());
        let request = Request { content_type: json, ..post("{}") };
        assert!(request.params().unwrap_err().message().contains("content type"));
        let form = Some("application/x-www-form-urlencoded; charset=utf-8".to_owned());
        assert!(Request { content_type: form, ..post("a=1") }.params().is_ok());
    }

    #[test]
    fn a_key_has_255_characters_at_most_and_counts_for_a_post() {
        let with = |length: usize| Some("k".repeat(length));
        assert!(Request { idempotency_key: with(255), ..post("") }.key().unwrap().is_some());
        assert!(Request { idempotency_key: with(256), ..post("") }.key().is_err());
        let method = "DELETE".to_owned();
        let deletion = Request { idempotency_key: with(9), method, ..post("") };
        assert_eq!(deletion.key().unwrap(), None);
    }
}
