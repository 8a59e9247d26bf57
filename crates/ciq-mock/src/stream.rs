//! A stream: the thread that runs it, and what can be told about it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Sender};
use std::thread::JoinHandle;

use ciq_sink::Sink;
use ciq_synth::saas::{Mode, Modes, Population};
use jiff::Timestamp;

use crate::asked::NewStream;
use crate::live::{Figures, LiveSource, first_number, run_paced};
use crate::pacer::{Jitter, Pacer};
use crate::wire::StreamBody;

/// A stream that runs.
#[derive(Debug)]
pub(crate) struct Stream {
    settings: NewStream,
    figures: Arc<Figures>,
    /// The thread ends when this does.
    stop: Sender<()>,
    thread: JoinHandle<u64>,
}

impl Stream {
    /// Starts the thread of a stream. Its events are numbered from `next_number` or above.
    pub(crate) fn start(
        settings: NewStream,
        population: Population,
        (clock, next_number): (fn() -> Timestamp, u64),
        sink: Sink,
    ) -> io::Result<Self> {
        let figures = Arc::<Figures>::default();
        let (stop, stopped) = mpsc::channel();
        let counted = Arc::clone(&figures);
        let started_at = clock();
        let run = move || {
            let first = first_number(started_at.as_millisecond(), next_number);
            let mut source = LiveSource::new(&population, settings.modes, first);
            // Another stream of the same users has other gaps.
            let seed = ciq_synth::Seed::new(population.seed().mark("mockgen stream", first));
            let pacer = Pacer::new(settings.per_minute, settings.jitter, seed);
            // Making the source takes a while for many users.
            let begun_ms = clock().as_millisecond();
            counted.begun_ms.store(begun_ms, Ordering::Relaxed);
            run_paced(pacer, &stopped, &mut |times, late| {
                let batch = source.batch(begun_ms, times);
                counted.count(times.len(), late, &sink.offer(batch));
            });
            source.next_number()
        };
        let thread = std::thread::Builder::new().name("mockgen-stream".to_owned()).spawn(run)?;
        Ok(Self { settings, figures, stop, thread })
    }

    /// Returns what the stream was asked to be.
    pub(crate) fn settings(&self) -> NewStream {
        self.settings
    }

    /// Stops the stream. Returns what it did, and the number after its last event.
    pub(crate) async fn stop(self, now: Timestamp) -> (StreamBody, u64) {
        let Self { settings, figures, stop, thread } = self;
        drop(stop);
        // The thread ends within a batch; waiting for it belongs on no thread that serves.
        let ended = tokio::task::spawn_blocking(move || thread.join()).await;
        let next_number = ended.ok().and_then(Result::ok).unwrap_or_else(|| {
            tracing::error!("the thread of a stream broke");
            0
        });
        let body = body(settings, &figures, now);
        (StreamBody { streaming: false, ..body }, next_number)
    }

    /// Tells what the stream did so far.
    pub(crate) fn body(&self, now: Timestamp) -> StreamBody {
        body(self.settings, &self.figures, now)
    }
}

fn body(settings: NewStream, figures: &Figures, now: Timestamp) -> StreamBody {
    let begun_ms = Some(figures.begun_ms.load(Ordering::Relaxed)).filter(|begun| *begun != 0);
    let since_ms = begun_ms.map_or(0, |begun| now.as_millisecond().saturating_sub(begun));
    let begun_at = begun_ms.and_then(|begun| Timestamp::from_millisecond(begun).ok());
    let emitted = figures.emitted.load(Ordering::Relaxed);
    StreamBody {
        streaming: true,
        rate: settings.per_minute,
        achieved_rate: per_minute(emitted, since_ms),
        modes: names_of(settings.modes),
        jitter: settings.jitter == Jitter::Poisson,
        started_at: begun_at.map(|begun| format!("{begun:.3}")),
        emitted,
        dropped: figures.dropped.load(Ordering::Relaxed),
        late: figures.late.load(Ordering::Relaxed),
    }
}

/// Returns the names of modes.
pub(crate) fn names_of(modes: Modes) -> Vec<&'static str> {
    let all = [Mode::Product, Mode::Billing, Mode::Ticket, Mode::Profile];
    all.into_iter().filter(|mode| modes.contains(*mode)).map(Mode::name).collect()
}

/// Returns a rate per minute, to a hundredth; 0 for no time at all.
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn per_minute(count: u64, since_ms: i64) -> f64 {
    let minutes = since_ms as f64 / 60_000.0;
    if minutes > 0.0 { (count as f64 / minutes * 100.0).round() / 100.0 } else { 0.0 }
}
