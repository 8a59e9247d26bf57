//! `replay`: the events of a file again, with the gaps between them.

mod line;
mod schedule;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use ciq_sink::{Batch, Message};
use flate2::read::MultiGzDecoder;
use serde::Serialize;

use crate::cli::ReplayArgs;
use crate::exit::Failure;
use crate::feed::Feed;
use crate::output::Output;
use crate::settings;
use crate::target::hand_over;

use line::Line;
use schedule::{Schedule, Speed};

/// How much of a file is read at once, in bytes.
const BUFFER: usize = 256 * 1024;

/// The longest line, in bytes: what NATS and customeriq take.
const LINE_BYTES_MAX: u64 = 1024 * 1024;

/// The most events of one batch.
const BATCH_EVENTS_MAX: usize = 4_096;

/// The shortest wait: what is due within it goes together.
const TICK: Duration = Duration::from_millis(1);

/// What was sent.
#[derive(Debug, Serialize)]
struct Summary {
    events: u64,
    delivered: u64,
    /// How long the events took when they happened, from the first to the last.
    span_seconds: f64,
    seconds: f64,
}

/// Sends the events of a file.
pub(super) fn run(output: Output, args: &ReplayArgs) -> Result<(), Failure> {
    let speed: Speed = args.speed.parse().map_err(|reason| Failure::Setting {
        name: "--speed",
        reason: format!("{:?} is no speed: {reason}", args.speed),
    })?;
    let lines = open(&args.file)?;
    let feed = Feed::open(settings::sink(&args.sink)?)?;
    #[expect(clippy::disallowed_methods, reason = "the schedule is kept against this clock")]
    let begun = Instant::now();
    let mut replay =
        Replay { feed, schedule: Schedule::new(speed), batch: Batch::new(), events: 0, begun };
    let sent = replay.send_all(lines, &args.file);
    let Replay { feed, schedule, events, .. } = replay;
    // What was handed over before a broken line arrives all the same.
    let report = feed.finish();
    sent?;
    let summary = Summary {
        events,
        delivered: report?.delivered,
        span_seconds: schedule.span().as_secs_f64(),
        seconds: begun.elapsed().as_secs_f64(),
    };
    if output.is_json() {
        return Output::json_aside(&summary);
    }
    let Summary { events, span_seconds, seconds, .. } = summary;
    output.note(format_args!("{events} events of {span_seconds:.1} s sent in {seconds:.1} s"));
    Ok(())
}

/// A file on its way.
struct Replay {
    feed: Feed,
    schedule: Schedule,
    batch: Batch,
    events: u64,
    begun: Instant,
}

impl Replay {
    /// Sends every line; up to a broken one, if there is one.
    fn send_all(&mut self, lines: Box<dyn BufRead>, path: &Path) -> Result<(), Failure> {
        let sent = self.send_lines(lines, path);
        hand_over(&self.feed, &mut self.batch)?;
        sent
    }

    fn send_lines(&mut self, mut lines: Box<dyn BufRead>, path: &Path) -> Result<(), Failure> {
        let mut text = Vec::new();
        for number in 1.. {
            text.clear();
            let read = (&mut lines).take(LINE_BYTES_MAX + 1).read_until(b'\n', &mut text);
            if read.map_err(Failure::file("read", path))? == 0 {
                break;
            }
            let body = text.trim_ascii();
            if !body.is_empty() {
                self.send_line(number, body)?;
            }
        }
        Ok(())
    }

    fn send_line(&mut self, number: u64, body: &[u8]) -> Result<(), Failure> {
        let broken = |reason| Failure::Line { line: number, reason };
        if body.len() as u64 > LINE_BYTES_MAX {
            return Err(broken(format!("it is longer than {LINE_BYTES_MAX} bytes")));
        }
        let line = Line::parse(body, number).map_err(broken)?;
        let due = self.schedule.due(line.at_ms);
        let left = due.saturating_sub(self.begun.elapsed());
        if left >= TICK {
            hand_over(&self.feed, &mut self.batch)?;
            self.feed.wait(due.saturating_sub(self.begun.elapsed()));
        } else if self.batch.len() >= BATCH_EVENTS_MAX {
            hand_over(&self.feed, &mut self.batch)?;
        }
        self.batch.push(Message { id: &line.id, user_id: &line.user_id, name: &line.name, body });
        self.events += 1;
        Ok(())
    }
}

/// Opens a file, or the standard input for `-`. What is compressed is known by its first bytes.
fn open(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    let failed = Failure::file("read", path);
    let source: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(path).map_err(&failed)?)
    };
    let mut source = BufReader::with_capacity(BUFFER, source);
    let begin = source.fill_buf().map_err(&failed)?;
    Ok(match begin {
        [0x1f, 0x8b, ..] => Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(source))),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            let decoder = zstd::Decoder::with_buffer(source).map_err(&failed)?;
            Box::new(BufReader::with_capacity(BUFFER, decoder))
        }
        _ => Box::new(source),
    })
}
