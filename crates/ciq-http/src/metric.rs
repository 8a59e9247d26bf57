//! Figures for Prometheus.

use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Counts requests by method, route and status.
pub(crate) const REQUESTS_TOTAL: &str = "customeriq_http_requests_total";

/// How long requests took, by method and route.
pub(crate) const REQUEST_SECONDS: &str = "customeriq_http_request_seconds";

/// Bounds of the latency's buckets in seconds: from a cached read to the timeout.
const LATENCY_BUCKETS_S: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0, 30.0];

/// How often samples are folded into buckets, so that they do not pile up when nobody asks.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// The process has one recorder.
static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Begins to keep figures, for the whole process. Later calls do nothing.
pub fn install_metrics() {
    handle();
}

/// Returns the figures as Prometheus reads them; `None` where another recorder was there first.
pub(crate) fn render() -> Option<String> {
    handle().map(PrometheusHandle::render)
}

/// Folds samples into buckets, for ever.
pub(crate) async fn keep_up() {
    loop {
        tokio::time::sleep(UPKEEP_EVERY).await;
        if let Some(handle) = handle() {
            handle.run_upkeep();
        }
    }
}

fn handle() -> Option<&'static PrometheusHandle> {
    RECORDER.get_or_init(install).as_ref()
}

fn install() -> Option<PrometheusHandle> {
    let latency = Matcher::Full(REQUEST_SECONDS.to_owned());
    let builder = PrometheusBuilder::new().set_buckets_for_metric(latency, &LATENCY_BUCKETS_S);
    let recorder = builder.ok()?.build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("figures are kept elsewhere: /metrics has none to show");
        return None;
    }
    metrics::describe_counter!(REQUESTS_TOTAL, "Requests by method, route and status.");
    metrics::describe_histogram!(REQUEST_SECONDS, "Seconds that requests took.");
    metrics::describe_counter!("customeriq_events_total", "Events by what became of them.");
    metrics::describe_counter!("customeriq_batches_total", "Batches written.");
    Some(handle)
}
