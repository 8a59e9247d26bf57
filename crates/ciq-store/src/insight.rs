//! What customers' histories mean: histories out, insights in, and how far the passes have come.

mod histories;
mod model;
mod rows;
mod touched;
mod view;

pub use histories::Products;
pub use model::{ModelView, StoredModel};
pub use rows::{InsightRow, PassChanges};
pub use touched::Touched;
pub use view::{
    FeatureView, InsightFilter, InsightPage, InsightView, IntentView, JourneyView, PredictionView,
};
