//! How often workers stood in each other's way: what the program counts itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use metrics::{
    Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit,
    set_global_recorder,
};

/// The program's metric.
const NAME: &str = "customeriq_conflicts_total";

/// Batches that were begun again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conflicts(Arc<AtomicU64>);

impl Conflicts {
    /// Begins to count, once in a program.
    pub(crate) fn counting() -> Self {
        let conflicts = Self::default();
        set_global_recorder(conflicts.clone()).unwrap();
        conflicts
    }

    /// Returns the count, and begins anew.
    pub(crate) fn take(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }
}

impl Recorder for Conflicts {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        if key.name() == NAME { Counter::from_arc(Arc::clone(&self.0)) } else { Counter::noop() }
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}
