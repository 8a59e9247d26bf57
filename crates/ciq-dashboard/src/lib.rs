//! Pages for people, rendered on the server; they work without JavaScript, and do more with it. In
//! reading order:
//!
//! - [`router`]: which address shows what, and what every answer carries;
//! - `session`: who visits; `cookie` and `sign_in`: how a browser shows a token; `same_origin`:
//!   why no other site can post our forms;
//! - `pages`: the handlers; `reads`: what each page reads from [`ciq_store`];
//! - `now`, `interventions`, `list_page`, `customer_page`, `reviews_page`, `merges_page`,
//!   `automations_page`, `insight`, `system`: views in, markup out, pure;
//! - `live`: what is kept up to date while somebody looks;
//! - `layout`, `parts`, `badge`, `chart`, `evidence`, `format`, `link`: what the pages share;
//! - `assets`: the files that they load.

mod asked;
mod assets;
mod automations_page;
mod badge;
mod chart;
mod cookie;
mod customer_page;
mod digest;
mod evidence;
mod format;
mod insight;
mod interventions;
mod layout;
mod link;
mod list_page;
mod live;
mod merges_page;
mod now;
mod page_error;
mod pages;
mod parts;
mod reads;
mod reviews_page;
mod router;
mod same_origin;
mod session;
mod sign_in;
mod system;
mod visitor;

pub use router::router;
