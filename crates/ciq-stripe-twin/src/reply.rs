//! What goes back.

use serde_json::Value;

use crate::ApiError;

/// What goes back for one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Body,
    /// What went wrong on purpose.
    pub(crate) fault: Option<&'static str>,
}

/// The body of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    /// JSON.
    Json(String),
    /// What something between client and Stripe may say.
    Html(&'static str),
    /// None: the connection is cut.
    Cut,
}

impl Reply {
    /// An answer in JSON.
    pub(crate) fn json(status: u16, body: String) -> Self {
        Self { status, headers: Vec::new(), body: Body::Json(body), fault: None }
    }

    /// An object.
    pub(crate) fn object(object: &Value) -> Self {
        Self::json(200, object.to_string())
    }

    /// Adds a header.
    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Says that the answer is a fault.
    pub(crate) fn with_fault(self, fault: &'static str) -> Self {
        Self { fault: Some(fault), ..self }
    }
}

impl From<ApiError> for Reply {
    fn from(error: ApiError) -> Self {
        let reply = Self::json(error.status(), error.body().to_string());
        match error.status() {
            401 => reply.with_header("www-authenticate", "Basic realm=\"Stripe\""),
            _ => reply,
        }
    }
}
