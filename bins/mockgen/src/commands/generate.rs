//! `generate`: a history into a file, the standard output or a sink.

mod asked;
mod progress;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::time::Instant;

use ciq_sink::{Batch, Message};
use ciq_synth::saas::{
    Dirt, Dirtier, DirtyLine, Event, History, Part, Renderer, event_id, user_id, write_history,
};
use serde::Serialize;

use crate::cli::GenerateArgs;
use crate::commands::truth::push_truth;
use crate::exit::Failure;
use crate::output::Output;
use crate::settings;
use crate::target::{Target, Written, hand_over};

pub(super) use asked::people;
use asked::{Asked, check};
use progress::Progress;

/// The most events of one batch into a sink.
const BATCH_EVENTS_MAX: usize = 4_096;

/// What was made.
#[derive(Debug, Serialize)]
struct Summary {
    /// Events written.
    events: u64,
    /// Events for which the format has no form.
    skipped: u64,
    users: u32,
    days: u32,
    seconds: f64,
    events_per_second: u64,
    out: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

/// A history on its way.
struct Making<'a> {
    asked: &'a Asked,
    renderer: Renderer,
    target: Target,
    progress: Progress,
    truth: Option<BufWriter<File>>,
    events: u64,
    skipped: u64,
}

/// Makes a history.
pub(super) fn run(output: Output, args: &GenerateArgs) -> Result<(), Failure> {
    let asked = check(args)?;
    let target = match settings::sink_of_url(&args.sink, &args.out) {
        Some(sink) => Target::feed(sink?)?,
        None => Target::text(&args.out)?,
    };
    let truth = args
        .truth
        .as_deref()
        .map(|path| File::create(path).map(BufWriter::new).map_err(Failure::file("write", path)));
    #[expect(clippy::disallowed_methods, reason = "how long it took is told, and no more")]
    let begun = Instant::now();
    let mut making = Making {
        renderer: Renderer::new(&asked.history.population, asked.format),
        target,
        progress: Progress::new(output, &asked.history),
        truth: truth.transpose()?,
        events: 0,
        skipped: 0,
        asked: &asked,
    };
    making.make(args)?;
    let Making { target, events, skipped, .. } = making;
    let is_text_out = matches!(&target, Target::Text(text) if text.is_stdout());
    let written = match target {
        Target::Text(text) => Some(text.finish()?),
        Target::Feed(feed) => feed.finish().map(|_| None)?,
    };
    let seconds = begun.elapsed().as_secs_f64();
    let summary = summary(args, &asked, (events, skipped, seconds), written);
    match (output.is_json(), is_text_out) {
        (true, false) => Output::json(&summary),
        (true, true) => Output::json_aside(&summary),
        (false, _) => {
            tell(output, &summary);
            Ok(())
        }
    }
}

impl Making<'_> {
    fn make(&mut self, args: &GenerateArgs) -> Result<(), Failure> {
        if let (Target::Text(text), Some(header)) = (&mut self.target, self.renderer.header()) {
            text.write(header)?;
        }
        self.write_people(args)?;
        let made = match self.asked.dirt {
            None => self.clean(),
            Some(dirt) => self.dirty(args, dirt),
        };
        self.progress.finish();
        made?;
        match (&mut self.truth, &args.truth) {
            (Some(truth), Some(path)) => truth.flush().map_err(Failure::file("write", path)),
            _ => Ok(()),
        }
    }

    /// Writes who is who.
    fn write_people(&mut self, args: &GenerateArgs) -> Result<(), Failure> {
        let (Some(truth), Some(path)) = (&mut self.truth, &args.truth) else { return Ok(()) };
        let mut line = Vec::new();
        for user in self.asked.users.clone() {
            line.clear();
            push_truth(&self.asked.history, user, &mut line)?;
            truth.write_all(&line).map_err(Failure::file("write", path))?;
        }
        Ok(())
    }

    fn clean(&mut self) -> Result<(), Failure> {
        let asked = self.asked;
        let renderer = self.renderer.clone();
        let mut written = Ok(());
        let users = asked.users.clone();
        write_history(&asked.history, users, asked.threads, &renderer, &mut |part| {
            written = self.write_part(part);
            if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        written
    }

    fn write_part(&mut self, part: Part<'_>) -> Result<(), Failure> {
        let lengths = part.ends.iter().scan(0, |begin, end| {
            let length = end - *begin;
            *begin = *end;
            Some(length)
        });
        let skipped = lengths.filter(|length| *length == 0).count();
        self.count(part.events.len() - skipped, skipped);
        if let Some(event) = part.events.last() {
            self.progress.reach(event.at_ms, self.events);
        }
        let feed = match &mut self.target {
            Target::Text(text) => return text.write(part.bytes),
            Target::Feed(feed) => feed,
        };
        let (mut batch, mut begin) = (Batch::new(), 0);
        for (event, end) in part.events.iter().zip(part.ends) {
            let end = usize::try_from(*end).unwrap_or(usize::MAX);
            let line = part.bytes.get(begin..end).unwrap_or_default();
            push(&mut batch, self.asked, event, line);
            begin = end;
            if batch.len() >= BATCH_EVENTS_MAX {
                hand_over(feed, &mut batch)?;
            }
        }
        hand_over(feed, &mut batch)
    }

    fn dirty(&mut self, args: &GenerateArgs, dirt: Dirt) -> Result<(), Failure> {
        let mut history = History::new(&self.asked.history, self.asked.users.clone());
        let mut dirtier = Dirtier::new(&self.asked.history.population, dirt);
        let (mut events, mut lines) = (Vec::new(), Vec::new());
        while history.next_events(&mut events) {
            for event in &events {
                dirtier.push(event, &mut lines);
            }
            self.write_lines(args, &dirtier, &lines)?;
            lines.clear();
        }
        dirtier.finish(&mut lines);
        self.write_lines(args, &dirtier, &lines)
    }

    fn write_lines(
        &mut self,
        args: &GenerateArgs,
        dirtier: &Dirtier,
        lines: &[DirtyLine],
    ) -> Result<(), Failure> {
        let mut text = Vec::new();
        let mut batch = Batch::new();
        let mut written = 0;
        for line in lines {
            let begin = text.len();
            line.render(&self.renderer, &mut text);
            let rendered = text.get(begin..).unwrap_or_default();
            written += usize::from(!rendered.is_empty());
            if let Target::Feed(feed) = &self.target {
                push(&mut batch, self.asked, &line.event, rendered);
                if batch.len() >= BATCH_EVENTS_MAX {
                    hand_over(feed, &mut batch)?;
                }
            }
            if let (Some(truth), Some(path), Some(mut row)) =
                (&mut self.truth, &args.truth, dirtier.truth(line))
            {
                row.push(b'\n');
                truth.write_all(&row).map_err(Failure::file("write", path))?;
            }
        }
        self.count(written, lines.len() - written);
        if let Some(line) = lines.last() {
            self.progress.reach(line.event.at_ms, self.events);
        }
        match &mut self.target {
            Target::Text(target) => target.write(&text),
            Target::Feed(feed) => hand_over(feed, &mut batch),
        }
    }

    fn count(&mut self, written: usize, skipped: usize) {
        self.events += written as u64;
        self.skipped += skipped as u64;
    }
}

fn push(batch: &mut Batch, asked: &Asked, event: &Event, line: &[u8]) {
    if line.is_empty() {
        return;
    }
    let population = &asked.history.population;
    batch.push(Message {
        id: event_id(population, event.user, event.sequence).as_str(),
        user_id: user_id(population, event.user).as_str(),
        name: event.payload.name(),
        body: line.trim_ascii_end(),
    });
}

fn summary(
    args: &GenerateArgs,
    asked: &Asked,
    (events, skipped, seconds): (u64, u64, f64),
    written: Option<Written>,
) -> Summary {
    let millis = std::time::Duration::try_from_secs_f64(seconds).map_or(1, |it| it.as_millis());
    let rate = u128::from(events) * 1_000 / millis.max(1);
    Summary {
        events,
        skipped,
        users: asked.users.end - asked.users.start,
        days: asked.history.days(),
        seconds,
        events_per_second: u64::try_from(rate).unwrap_or(u64::MAX),
        out: shown(&args.out),
        bytes: written.as_ref().map(|written| written.size_bytes),
        sha256: written.map(|written| written.sha256),
    }
}

/// Returns where it went; of a URL without what may be a password.
fn shown(out: &str) -> String {
    match (out.split_once("://"), out.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, place))) => format!("{scheme}://{place}"),
        _ => out.to_owned(),
    }
}

fn tell(output: Output, summary: &Summary) {
    let Summary { events, skipped, users, days, seconds, events_per_second, .. } = summary;
    output.note(format_args!(
        "{events} events of {users} users in {days} days; {seconds:.1} s, {events_per_second} a \
         second"
    ));
    if *skipped > 0 {
        output.note(format_args!("{skipped} events left out: the format has no form for them"));
    }
    if let (Some(bytes), Some(sha256)) = (summary.bytes, &summary.sha256) {
        output.note(format_args!("{bytes} bytes, SHA-256 {sha256}"));
    }
}
