//! The running stream: a thread that paces, makes and offers events, and never waits for the sink.

use std::ops::Range;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use ciq_sink::{Batch, Message};
use ciq_synth::saas::{Film, Format, Modes, Population, Renderer, user_id};

use crate::pacer::Pacer;

/// The shortest wait between two looks at the schedule.
const TICK: Duration = Duration::from_millis(1);

/// The most events of one batch: about a megabyte, and a few milliseconds of work.
const BATCH_EVENTS_MAX: usize = 8_192;

/// How long after its time an event counts as late.
const LATE: Duration = Duration::from_millis(100);

/// How many events a millisecond may have before numbers by time could meet.
const NUMBERS_PER_MS: u64 = 1 << 20;

/// Where a rendered line has the event's id.
const ID_PLACE: Range<usize> = 7..27;

/// What a stream has done so far.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// From when on events are due; 0 while the users get ready.
    pub(crate) begun_ms: AtomicI64,
    pub(crate) emitted: AtomicU64,
    pub(crate) dropped: AtomicU64,
    pub(crate) late: AtomicU64,
}

impl Figures {
    /// Counts a batch that was offered.
    pub(crate) fn count(&self, events: usize, late: usize, offered: &Result<(), Batch>) {
        let events = events as u64;
        let counter = if offered.is_ok() { &self.emitted } else { &self.dropped };
        counter.fetch_add(events, Ordering::Relaxed);
        self.late.fetch_add(late as u64, Ordering::Relaxed);
    }
}

/// Makes the events of a live stream, rendered.
#[derive(Debug)]
pub struct LiveSource {
    film: Film,
    population: Population,
    renderer: Renderer,
    /// Names the next event.
    number: u64,
    line: Vec<u8>,
}

impl LiveSource {
    /// Makes a source. Takes a while for many users.
    ///
    /// A film begins anew with every stream, so the ids of its events follow from a number of the
    /// stream's own instead: choose the first with [`first_number`], and no event has the id of
    /// another.
    #[must_use]
    pub fn new(population: &Population, modes: Modes, first_number: u64) -> Self {
        Self {
            film: Film::new(population, modes),
            population: *population,
            renderer: Renderer::new(population, Format::Mockgen),
            number: first_number,
            line: Vec::new(),
        }
    }

    /// Makes one event for each time, counted from the start.
    pub fn batch(&mut self, started_ms: i64, times: &[Duration]) -> Batch {
        let mut batch = Batch::new();
        for time in times {
            let event = self.film.next();
            let since_ms = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
            self.line.clear();
            self.renderer.render_at(&event, started_ms.saturating_add(since_ms), &mut self.line);
            let id = id_of(self.population.seed().mark("live", self.number));
            self.number = self.number.wrapping_add(1);
            if let Some(place) = self.line.get_mut(ID_PLACE) {
                debug_assert!(place.starts_with(b"evt_"), "the id comes first");
                place.copy_from_slice(&id);
            }
            batch.push(Message {
                id: str::from_utf8(&id).unwrap_or_default(),
                user_id: user_id(&self.population, event.user).as_str(),
                name: event.payload.name(),
                body: self.line.trim_ascii_end(),
            });
        }
        batch
    }

    /// Returns the number that the next event will have.
    #[must_use]
    pub fn next_number(&self) -> u64 {
        self.number
    }
}

/// Writes an id: `evt_` and sixteen digits.
fn id_of(mark: u64) -> [u8; 20] {
    let mut id = *b"evt_0000000000000000";
    for (place, byte) in mark.to_be_bytes().into_iter().enumerate() {
        for (half, digit) in [byte >> 4, byte & 15].into_iter().enumerate() {
            id[4 + 2 * place + half] = b"0123456789abcdef"[usize::from(digit)];
        }
    }
    id
}

/// Returns the number from which a stream names its events: by the time, so that another process
/// chooses others, and not below `next_number`, where the stream before ended.
#[must_use]
pub fn first_number(now_ms: i64, next_number: u64) -> u64 {
    u64::try_from(now_ms).unwrap_or(0).wrapping_mul(NUMBERS_PER_MS).max(next_number)
}

/// Calls `emit` with the times of everything that is due, and with how many of them are late, until
/// told to stop. Whatever `emit` costs, nothing that is due is left out.
pub fn run_paced(mut pacer: Pacer, stop: &Receiver<()>, emit: &mut dyn FnMut(&[Duration], usize)) {
    #[expect(clippy::disallowed_methods, reason = "the schedule is kept against this clock")]
    let begun = Instant::now();
    let mut times = Vec::with_capacity(BATCH_EVENTS_MAX);
    loop {
        let elapsed = begun.elapsed();
        loop {
            times.clear();
            pacer.due(elapsed, BATCH_EVENTS_MAX, &mut times);
            if times.is_empty() {
                break;
            }
            let late = elapsed.saturating_sub(LATE);
            emit(&times, times.partition_point(|time| *time < late));
            if stop.try_recv() != Err(TryRecvError::Empty) {
                return;
            }
        }
        let wait = pacer.next_due().saturating_sub(begun.elapsed()).max(TICK);
        if stop.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}
