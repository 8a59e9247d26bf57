//! Pages for people, rendered on the server; they work without JavaScript. In reading order:
//!
//! - [`router`]: which address shows what, and what every answer carries;
//! - `session`: who visits; `cookie` and `sign_in`: how a browser shows a token; `same_origin`:
//!   why no other site can post our forms;
//! - `pages`: the handlers; `reads`: what each page reads from [`ciq_store`];
//! - `list_page`, `customer_page`, `reviews_page`, `merges_page`, `automations_page`: views in,
//!   markup out, pure;
//! - `layout`, `parts`, `evidence`, `format`, `link`: what the pages share.

mod asked;
mod automations_page;
mod cookie;
mod customer_page;
mod evidence;
mod format;
mod layout;
mod link;
mod list_page;
mod merges_page;
mod page_error;
mod pages;
mod parts;
mod reads;
mod reviews_page;
mod router;
mod same_origin;
mod session;
mod sign_in;
mod visitor;

pub use router::router;
