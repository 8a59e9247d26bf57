//! The work of a backfill: makes the history and hands it to the sink, at the sink's pace.

use std::ops::ControlFlow;
use std::sync::Arc;

use ciq_sink::{Batch, Message, Sink, SinkError};
use ciq_synth::saas::{
    Dirt, Dirtier, DirtyLine, Event, Format, History, HistorySettings, Part, Population, Renderer,
    event_id, user_id, write_history,
};
use jiff::Timestamp;
use tokio::runtime::Handle;

use super::job::{End, Job, Outcome};

/// Threads that make a history: the sink is slower than one.
const THREADS: usize = 1;

/// The most events of one batch, so that a cancelled backfill ends soon.
const BATCH_EVENTS_MAX: usize = 4_096;

/// Starts the work on a thread for waiting.
pub(super) fn start(
    job: &Arc<Job>,
    (settings, dirt): (HistorySettings, Option<Dirt>),
    clock: fn() -> Timestamp,
    sink: Sink,
) {
    let job = Arc::clone(job);
    tokio::task::spawn_blocking(move || {
        let hand_over = HandOver { job: &job, sink: &sink, runtime: Handle::current() };
        let outcome = hand_over.run(&settings, dirt);
        job.finish(End { at: clock(), outcome });
    });
}

/// Hands a history over.
struct HandOver<'a> {
    job: &'a Job,
    sink: &'a Sink,
    runtime: Handle,
}

impl HandOver<'_> {
    fn run(&self, settings: &HistorySettings, dirt: Option<Dirt>) -> Outcome {
        let renderer = Renderer::new(&settings.population, Format::Mockgen);
        let handed = match dirt {
            None => self.clean(settings, &renderer),
            Some(dirt) => self.dirty(settings, dirt, &renderer),
        };
        handed.err().unwrap_or(Outcome::Done)
    }

    fn clean(&self, settings: &HistorySettings, renderer: &Renderer) -> Result<(), Outcome> {
        let users = 0..settings.population.users();
        let mut handed = Ok(());
        write_history(settings, users, THREADS, renderer, &mut |part| {
            handed = self.send_part(&settings.population, part);
            if handed.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        handed
    }

    fn dirty(
        &self,
        settings: &HistorySettings,
        dirt: Dirt,
        renderer: &Renderer,
    ) -> Result<(), Outcome> {
        let population = &settings.population;
        let mut history = History::new(settings, 0..population.users());
        let mut dirtier = Dirtier::new(population, dirt);
        let (mut events, mut lines) = (Vec::new(), Vec::new());
        while history.next_events(&mut events) {
            for event in &events {
                dirtier.push(event, &mut lines);
            }
            self.send_lines(population, renderer, &lines)?;
            lines.clear();
        }
        dirtier.finish(&mut lines);
        self.send_lines(population, renderer, &lines)
    }

    fn send_part(&self, population: &Population, part: Part<'_>) -> Result<(), Outcome> {
        let mut begin = 0;
        let mut batch = Batch::new();
        for (event, end) in part.events.iter().zip(part.ends) {
            let end = usize::try_from(*end).unwrap_or(usize::MAX);
            push(&mut batch, population, event, part.bytes.get(begin..end).unwrap_or_default());
            begin = end;
            if batch.len() >= BATCH_EVENTS_MAX {
                self.send(std::mem::take(&mut batch), event.at_ms)?;
            }
        }
        let reached_ms = part.events.last().map_or(0, |event| event.at_ms);
        self.send(batch, reached_ms)
    }

    fn send_lines(
        &self,
        population: &Population,
        renderer: &Renderer,
        lines: &[DirtyLine],
    ) -> Result<(), Outcome> {
        let mut text = Vec::new();
        for lines in lines.chunks(BATCH_EVENTS_MAX) {
            let mut batch = Batch::new();
            for line in lines {
                text.clear();
                line.render(renderer, &mut text);
                push(&mut batch, population, &line.event, &text);
            }
            let reached_ms = lines.last().map_or(0, |line| line.event.at_ms);
            self.send(batch, reached_ms)?;
        }
        Ok(())
    }

    /// Waits until the sink has room, or until there is no need any more.
    fn send(&self, batch: Batch, reached_ms: i64) -> Result<(), Outcome> {
        if self.job.is_cancelled() {
            return Err(Outcome::Cancelled);
        }
        if batch.is_empty() {
            return Ok(());
        }
        let count = batch.len();
        self.runtime.block_on(async {
            tokio::select! {
                sent = self.sink.send(batch) => sent.map_err(|error| failed(&error)),
                () = self.job.cancelled() => Err(Outcome::Cancelled),
            }
        })?;
        self.job.advance(count, reached_ms);
        Ok(())
    }
}

fn failed(error: &SinkError) -> Outcome {
    Outcome::Failed(error.to_string())
}

fn push(batch: &mut Batch, population: &Population, event: &Event, line: &[u8]) {
    batch.push(Message {
        id: event_id(population, event.user, event.sequence).as_str(),
        user_id: user_id(population, event.user).as_str(),
        name: event.payload.name(),
        body: line.trim_ascii_end(),
    });
}
