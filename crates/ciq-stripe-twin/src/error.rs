//! Errors as Stripe words them.

use std::fmt;

use serde_json::{Map, Value, json};

/// The pages about error codes. A client may show the link.
const CODE_PAGES: &str = "https://stripe.com/docs/error-codes/";

/// An error that a client sees: a status and Stripe's error body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    status: u16,
    kind: &'static str,
    message: String,
    code: Option<&'static str>,
    param: Option<String>,
    decline_code: Option<&'static str>,
}

impl ApiError {
    /// Makes an error of a status and a type, such as `invalid_request_error`.
    pub(crate) fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, kind, message, code: None, param: None, decline_code: None }
    }

    /// 400: the request cannot be carried out as it is.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    /// 404, or 400 where the id came in a parameter: no such thing.
    ///
    /// `what` is Stripe's word for it: `customer`, `price`, `subscription`, `PaymentMethod`,
    /// `testclock`, ….
    pub(crate) fn no_such(what: &str, id: &str, param: &str) -> Self {
        let status = if param == "id" { 404 } else { 400 };
        Self::new(status, "invalid_request_error", format!("No such {what}: '{id}'"))
            .with_code("resource_missing")
            .with_param(param)
    }

    /// 400: a parameter that must be there is not.
    pub(crate) fn missing(param: &str) -> Self {
        Self::invalid(format!("Missing required param: {param}."))
            .with_code("parameter_missing")
            .with_param(param)
    }

    /// 400: a parameter that the operation does not take.
    pub(crate) fn unknown_parameter(param: &str) -> Self {
        Self::invalid(format!("Received unknown parameter: {param}"))
            .with_code("parameter_unknown")
            .with_param(param)
    }

    /// 400: no whole number.
    pub(crate) fn invalid_integer(param: &str, text: &str) -> Self {
        Self::invalid(format!("Invalid integer: {text}"))
            .with_code("parameter_invalid_integer")
            .with_param(param)
    }

    /// 400: neither `true` nor `false`.
    pub(crate) fn invalid_boolean(param: &str, text: &str) -> Self {
        Self::invalid(format!("Invalid boolean: {text}")).with_param(param)
    }

    /// 400: a number that is no time.
    pub(crate) fn invalid_timestamp(param: &str) -> Self {
        Self::invalid("Invalid timestamp: must be an integer Unix timestamp").with_param(param)
    }

    /// 429: the object is busy. It is no rate limit: no limiter's header goes with it.
    pub(crate) fn too_many_requests(message: impl Into<String>) -> Self {
        Self::new(429, "invalid_request_error", message)
    }

    /// 402: a card was asked for money and declined.
    pub(crate) fn card_declined(decline_code: &'static str) -> Self {
        let declined = Self::new(402, "card_error", "Your card was declined.");
        let declined = declined.with_code("card_declined");
        Self { decline_code: Some(decline_code), ..declined }
    }

    /// Names the error's code.
    #[must_use]
    pub(crate) fn with_code(self, code: &'static str) -> Self {
        Self { code: Some(code), ..self }
    }

    /// Names the parameter that is wrong.
    #[must_use]
    pub(crate) fn with_param(self, param: impl Into<String>) -> Self {
        Self { param: Some(param.into()), ..self }
    }

    /// Returns the HTTP status.
    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    /// Returns the body of the answer.
    pub(crate) fn body(&self) -> Value {
        let mut error = Map::new();
        error.insert("message".to_owned(), json!(self.message));
        error.insert("type".to_owned(), json!(self.kind));
        let code_page = self.code.map(|code| format!("{CODE_PAGES}{}", code.replace('_', "-")));
        let optional = [
            ("code", self.code),
            ("param", self.param.as_deref()),
            ("decline_code", self.decline_code),
            ("doc_url", code_page.as_deref()),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                error.insert(name.to_owned(), json!(value));
            }
        }
        json!({ "error": error })
    }
}

#[cfg(test)]
impl ApiError {
    /// Returns the text for people.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Returns the code, such as `resource_missing`.
    pub(crate) fn code(&self) -> Option<&'static str> {
        self.code
    }

    /// Returns the parameter that is wrong.
    pub(crate) fn param(&self) -> Option<&str> {
        self.param.as_deref()
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}: {}", self.status, self.message)
    }
}

impl std::error::Error for ApiError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_holds_only_what_is_known() {
        let error = ApiError::missing("frozen_time");
        assert_eq!(
            error.body(),
            json!({"error": {
                "type": "invalid_request_error",
                "message": "Missing required param: frozen_time.",
                "code": "parameter_missing",
                "param": "frozen_time",
                "doc_url": "https://stripe.com/docs/error-codes/parameter-missing",
            }})
        );
        let busy = ApiError::too_many_requests("Busy").body();
        assert_eq!(busy, json!({"error": {"type": "invalid_request_error", "message": "Busy"}}));
    }

    #[test]
    fn what_is_missing_is_404_by_its_path_and_400_by_a_parameter() {
        assert_eq!(ApiError::no_such("customer", "cus_x", "id").status(), 404);
        assert_eq!(ApiError::no_such("customer", "cus_x", "customer").status(), 400);
    }
}
