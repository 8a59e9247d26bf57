//! Everything that is compared, ordered for looking things up; and what was found out of place.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::{Difference, Found};
use crate::calendar::month_name;
use crate::money::dollars;
use crate::plan::{RunPlan, step};
use crate::{RunFile, SnapshotRow};

/// Everything that is compared.
pub(super) struct Case<'a> {
    pub(super) plan: &'a RunPlan,
    pub(super) run: &'a RunFile,
    pub(super) found: &'a Found,
    /// The plan's customers by `cus_…`.
    pub(super) customers: BTreeMap<&'a str, u32>,
    /// The rows of each month, by its name.
    pub(super) rows: BTreeMap<&'a str, Vec<&'a SnapshotRow>>,
}

impl<'a> Case<'a> {
    pub(super) fn new(
        plan: &'a RunPlan,
        run: &'a RunFile,
        snapshots: &'a [SnapshotRow],
        found: &'a Found,
    ) -> Self {
        let customers = run.customer_ids.iter().map(String::as_str).zip(0..).collect();
        let mut rows: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for row in snapshots {
            rows.entry(row.month.as_str()).or_default().push(row);
        }
        Self { plan, run, found, customers, rows }
    }

    /// Returns the rows of a month, counted from 0.
    pub(super) fn rows_of(&self, month: u32) -> &[&'a SnapshotRow] {
        self.rows.get(self.month_name(month).as_str()).map_or(&[], Vec::as_slice)
    }

    pub(super) fn month_name(&self, month: u32) -> String {
        month_name(self.run.start, month)
    }

    /// Returns the last month whose snapshot is written; none before the first.
    pub(super) fn last_month(&self) -> Option<u32> {
        self.run.months_done.checked_sub(1)
    }

    /// Returns why something is ahead of the last snapshot: the run itself where it has not come to
    /// its end, and otherwise `cause`.
    pub(super) fn cause_of_ahead(&self, cause: &'static str) -> &'static str {
        match self.run.finished_at {
            None => "the run stopped in the middle of a month: resume it",
            Some(_) => cause,
        }
    }

    /// Names a customer for people: by its number, where the plan knows it.
    pub(super) fn customer(&self, id: &str) -> String {
        match self.customers.get(id) {
            Some(index) => format!("customer {} ({id})", step::number(*index)),
            None => format!("customer {id}"),
        }
    }
}

/// What was found out of place.
#[derive(Debug, Default)]
pub(super) struct Findings {
    differences: Vec<Difference>,
}

impl Findings {
    /// Notes a difference.
    pub(super) fn add(
        &mut self,
        place: impl Display,
        expected: impl Display,
        found: impl Display,
        cause: &str,
    ) {
        self.differences.push(Difference {
            place: place.to_string(),
            expected: expected.to_string(),
            found: found.to_string(),
            cause: cause.to_owned(),
        });
    }

    /// Notes a difference where two things are not equal.
    pub(super) fn compare<T: PartialEq + Display>(
        &mut self,
        place: impl Display,
        expected: T,
        found: T,
        cause: &str,
    ) {
        if expected != found {
            self.add(place, expected, found, cause);
        }
    }

    pub(super) fn into_differences(self) -> Vec<Difference> {
        self.differences
    }
}

/// Returns an amount for people.
pub(super) fn cents(cents: i64) -> String {
    format!("${}", dollars(cents))
}
