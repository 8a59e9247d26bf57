//! What no error, no log and no counter tells, and what the metrics do.
//!
//! The tests run on one thread, so that what listens there hears everything.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ciq_sink::{Sink, SinkSettings, SinkState};
use ciq_testkit::{RedisConfig, RedisServer};
use metrics_exporter_prometheus::PrometheusBuilder;
use tracing_subscriber::fmt::MakeWriter;

use crate::receiver::{Receiver, Reply};
use crate::support::{LIMIT, batch, counters, drain, send, until};

/// A log that is kept in memory.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Listens to everything that is logged on this thread.
    fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let subscriber = tracing_subscriber::fmt().with_writer(self.clone()).with_ansi(false);
        let subscriber = subscriber.with_max_level(tracing::Level::TRACE).finish();
        tracing::subscriber::set_default(subscriber)
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Returns all that a sink tells of itself.
fn told(sink: &Sink) -> String {
    format!("{sink:?} {} {:?}", sink.settings(), counters(sink))
}

#[tokio::test]
async fn secrets_of_a_service_are_sent_and_not_told() {
    let log = Log::default();
    let _listening = log.listen();
    // The worst of services: it tells us what we sent.
    let receiver = Receiver::start_with(vec![Reply::Echo(500), Reply::Echo(400)], usize::MAX).await;
    let url = receiver.url().replace("http://", "http://ann:hu%20sh@") + "?token=hush-hush";
    let settings = SinkSettings::http(&url).unwrap().with_header("x-api-key", "hush-key");
    let sink = Sink::open(settings).await.unwrap();
    sink.offer(batch(0..1)).unwrap();
    drain(&sink).await;
    let headers = receiver.requests()[0].headers.clone();
    assert_eq!(headers["authorization"], "Basic YW5uOmh1IHNo");
    assert_eq!(headers["x-api-key"], "hush-key");
    assert!(log.text().contains("could not deliver, yet"), "{}", log.text());
    for text in [told(&sink), log.text()] {
        for secret in ["hush", "hu sh", "hu%20sh", "YW5uOmh1IHNo"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

#[tokio::test]
async fn a_password_of_redis_is_used_and_not_told() {
    let log = Log::default();
    let _listening = log.listen();
    let server = RedisServer::start(RedisConfig::new().with_password("hush")).unwrap();
    let open = |url: &str| SinkSettings::redis(url, "domain.events", None);
    let sink = Sink::open(open(&server.url()).unwrap()).await.unwrap();
    sink.offer(batch(0..1)).unwrap();
    drain(&sink).await;
    let wrong = open(&server.url().replace("hush", "hush-wrong")).unwrap();
    let wrong = Sink::open(wrong).await.unwrap();
    wrong.offer(batch(0..1)).unwrap();
    until(&wrong, |counters| counters.state == SinkState::Failing).await;
    let texts = [told(&sink), told(&wrong), log.text()];
    let report = wrong.close(Duration::ZERO).await;
    assert_eq!(report.undelivered, 1);
    assert!(log.text().contains("could not deliver, yet"), "{}", log.text());
    let error = open("redis://:hush@").unwrap_err();
    for text in texts.into_iter().chain([format!("{report:?} {error} {error:?}"), log.text()]) {
        assert!(!text.contains("hush"), "{text}");
    }
}

#[tokio::test]
async fn outcomes_are_counted_for_the_operator() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _counting = metrics::set_default_local_recorder(&recorder);
    let receiver = Receiver::start_with(vec![Reply::Rejecting(2)], usize::MAX).await;
    let sink = Sink::open(SinkSettings::http(&receiver.url()).unwrap()).await.unwrap();
    sink.offer(batch(0..1)).unwrap();
    drain(&sink).await;
    send(&sink, 1..10, 9).await;
    let left = sink.clone();
    assert_eq!(sink.close(LIMIT).await.undelivered, 0);
    assert!(left.offer(batch(0..4)).is_err());
    let page = recorder.handle().render();
    for (outcome, count) in [("accepted", 10), ("delivered", 9), ("refused", 1), ("dropped", 4)] {
        let line = format!("mockgen_sink_events_total{{outcome=\"{outcome}\"}} {count}");
        assert!(page.contains(&line), "{line} in {page}");
    }
}
