//! Pages for people, rendered on the server; they work without JavaScript. In reading order:
//!
//! - in the making

mod format;
mod link;
mod same_origin;
