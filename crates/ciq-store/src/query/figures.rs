//! Figures of everyone: what all insights, orders and events of a brand come to.

mod cohorts;
mod file;
mod letters;
mod lives;
mod outbox;
mod rfm;

use std::collections::BTreeMap;

use ciq_insight::{Segment, Stage};
use jiff::Timestamp;

use super::view::{Amount, amount};
use crate::{Reader, StoreError};

pub use cohorts::{Cohort, Cohorts};
pub use file::{CursorView, FileFacts};
pub use letters::{DeadLetterExcerpt, DeadLetterFilter, DeadLetterGroup};
pub use outbox::{AutomationFigures, DeliveryView};
pub use rfm::{RfmGrid, RfmGrids};

use lives::Lives;

/// Figures of everyone, as of a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// Customers that insights were computed for.
    pub customer_count: i64,
    /// Events that were looked at.
    pub event_count: i64,
    /// The latest time that an insight was computed for; `None` before the first pass.
    pub insights_as_of: Option<Timestamp>,
    /// The segments: those that a model may say, in its order, then others by name.
    pub segments: Vec<SegmentFigures>,
    /// The stages of the journey, the first first, and how many customers stand there.
    pub stages: Vec<(String, i64)>,
    /// How lately, how often and for how much customers ordered; `None` for too few of them.
    pub rfm: Option<RfmGrids>,
    /// Who came back with another order.
    pub order_cohorts: Cohorts,
    /// Who came back with any event.
    pub event_cohorts: Cohorts,
    /// How well accounts go, the worst first.
    pub health: Vec<HealthFigures>,
}

/// Customers of a segment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SegmentFigures {
    /// The segment.
    pub name: String,
    /// How many customers.
    pub customer_count: i64,
    /// What they have spent and are expected to spend within a year, by currency. Currencies are
    /// never added up.
    pub lifetime_values: BTreeMap<String, Amount>,
    /// The mean of their chances of leaving; 0 for nobody.
    pub mean_churn: f64,
}

/// Accounts that go about equally well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthFigures {
    /// The lowest score of the ten that are counted here: 0, 10, and so on to 90.
    pub score_from: i64,
    /// How that is called.
    pub band: String,
    /// How many.
    pub customer_count: i64,
}

/// What insights come to while they are read.
#[derive(Debug, Default)]
struct Tally {
    customer_count: i64,
    as_of_ms: Option<i64>,
    segments: BTreeMap<String, SegmentTally>,
    stages: BTreeMap<String, i64>,
}

#[derive(Debug, Default)]
struct SegmentTally {
    customer_count: i64,
    churn_sum: f64,
    /// In minor units, by currency.
    values: BTreeMap<String, i64>,
}

impl Reader {
    /// Computes figures of everyone. Reads all insights, orders and events, about two million rows
    /// a second: keep what it returns rather than ask at every request, and ask a connection of
    /// [`crate::Readers::for_everything`].
    pub fn figures(&self, now: Timestamp) -> Result<Figures, StoreError> {
        let tally = self.tally()?;
        let lives = Lives::read(self, now)?;
        let insights_as_of =
            tally.as_of_ms.and_then(|at_ms| Timestamp::from_millisecond(at_ms).ok());
        Ok(Figures {
            customer_count: tally.customer_count,
            event_count: lives.event_count,
            insights_as_of,
            stages: tally.stages(),
            segments: tally.into_segments(),
            rfm: RfmGrids::of(&lives, now),
            order_cohorts: lives.order_cohorts(),
            event_cohorts: lives.event_cohorts(),
            health: self.health_figures()?,
        })
    }

    fn tally(&self) -> Result<Tally, StoreError> {
        const SQL: &str = "SELECT as_of, churn, lifetime_value_minor, currency, segment, stage
            FROM insight";
        let doing = StoreError::doing("count insights");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let mut rows = statement.query([]).map_err(&doing)?;
        let mut tally = Tally::default();
        while let Some(row) = rows.next().map_err(&doing)? {
            let text = |column| row.text(column).map_err(&doing);
            let (currency, segment, stage) = (text(3)?, text(4)?, text(5)?);
            let churn: f64 = row.get(1).map_err(&doing)?;
            let value_minor: i64 = row.get(2).map_err(&doing)?;
            tally.customer_count += 1;
            tally.as_of_ms = tally.as_of_ms.max(row.get(0).map_err(&doing)?);
            with(&mut tally.stages, &stage, |count| *count += 1);
            with(&mut tally.segments, &segment, |segment| {
                segment.customer_count += 1;
                segment.churn_sum += churn;
                with(&mut segment.values, &currency, |sum| *sum += value_minor);
            });
        }
        Ok(tally)
    }

    fn health_figures(&self) -> Result<Vec<HealthFigures>, StoreError> {
        const SQL: &str = "SELECT min(score, 99) / 10 * 10, band FROM health";
        let doing = StoreError::doing("count healths");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let mut rows = statement.query([]).map_err(&doing)?;
        let mut tens: BTreeMap<i64, BTreeMap<String, i64>> = BTreeMap::new();
        while let Some(row) = rows.next().map_err(&doing)? {
            let band = row.text(1).map_err(&doing)?;
            let bands = tens.entry(row.get(0).map_err(&doing)?).or_default();
            with(bands, &band, |count| *count += 1);
        }
        let each = tens.into_iter().flat_map(|(score_from, bands)| {
            bands.into_iter().map(move |(band, customer_count)| HealthFigures {
                score_from,
                band,
                customer_count,
            })
        });
        Ok(each.collect())
    }
}

/// Changes what stands under a name, the default where nothing does. Makes a text of the name only
/// then, not for each row.
fn with<T: Default>(map: &mut BTreeMap<String, T>, name: &str, change: impl FnOnce(&mut T)) {
    match map.get_mut(name) {
        Some(held) => change(held),
        None => change(map.entry(name.to_owned()).or_default()),
    }
}

impl Tally {
    fn stages(&self) -> Vec<(String, i64)> {
        let count = |name: &str| self.stages.get(name).copied().unwrap_or_default();
        Stage::ALL.map(|stage| (stage.name().to_owned(), count(stage.name()))).into()
    }

    fn into_segments(mut self) -> Vec<SegmentFigures> {
        let known = Segment::ALL.map(|segment| {
            let tally = self.segments.remove(segment.name()).unwrap_or_default();
            tally.named(segment.name().to_owned())
        });
        let others = self.segments.into_iter().map(|(name, tally)| tally.named(name));
        known.into_iter().chain(others).collect()
    }
}

impl SegmentTally {
    fn named(self, name: String) -> SegmentFigures {
        let values = self.values.into_iter();
        let count = u32::try_from(self.customer_count).unwrap_or(u32::MAX);
        SegmentFigures {
            name,
            customer_count: self.customer_count,
            lifetime_values: values
                .map(|(code, minor)| (code.clone(), amount(minor, &code)))
                .collect(),
            mean_churn: self.churn_sum / f64::from(count.max(1)),
        }
    }
}
