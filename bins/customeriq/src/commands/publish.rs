//! `publish`: samples and records to NATS, where a stream or a service takes them.

mod records;
mod samples;

use std::io::BufRead;
use std::path::Path;
use std::time::Duration;

use ciq_engine::Settings;
use ciq_event::{Brand, EventId, EventType};
use ciq_ingest::{Clock as _, SystemClock};
use ciq_nats::{Nats, NatsOptions, Outgoing, Partitions, Published, Publisher, SubjectFilter};
use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};
use tokio::time::{Interval, interval};

use self::records::{Line, next_line, subject_of, subject_of_record};
use self::samples::{Mark, TYPES, sample};
use super::import::open_input;
use crate::cli::{PublishArgs, Rate};
use crate::exit::{Exit, Failure};
use crate::nats::runtime;
use crate::output::{Output, Voice, visible};
use crate::session::Session;
use crate::table::{count, counted};

pub(super) use self::records::subject_of_message;

/// The header in which a publisher names its brand.
const BRAND_HEADER: &str = "x-brand-id";

/// The header in which a publisher names its message: a stream takes each name once.
pub(super) const MESSAGE_ID_HEADER: &str = "Nats-Msg-Id";

/// Records that are told one by one when they cannot be read; the rest is a count.
const TOLD_MAX: u64 = 20;

/// What was published.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct Report {
    published: u64,
    confirmed: u64,
    duplicates: u64,
    sent: u64,
    refused: u64,
    seconds: f64,
}

impl Report {
    /// Makes the report of what became of all messages.
    pub(super) fn new(published: Published, elapsed: Duration) -> Self {
        let Published { confirmed_count, duplicate_count, sent_count } = published;
        Self {
            published: confirmed_count + sent_count,
            confirmed: confirmed_count,
            duplicates: duplicate_count,
            sent: sent_count,
            refused: 0,
            seconds: elapsed.as_secs_f64(),
        }
    }

    /// Tells what was published.
    pub(super) fn write(&self, output: &mut Output) -> Result<(), Failure> {
        if output.is_json() {
            return output.json(self);
        }
        let mut parts = Vec::new();
        if self.confirmed > 0 {
            let duplicates = match self.duplicates {
                0 => String::new(),
                known => format!(", which had {} of them already", count(known)),
            };
            parts.push(format!("{} confirmed by a stream{duplicates}", count(self.confirmed)));
        }
        if self.sent > 0 {
            let sent = count(self.sent);
            parts.push(format!("{sent} sent without a stream: only who listened has them"));
        }
        if self.refused > 0 {
            parts.push(format!("{} could not be read", counted(self.refused, "record")));
        }
        let parts =
            if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
        output.line(format_args!("published {}{parts}", counted(self.published, "message")))?;
        output.note(format_args!("{:.1} s", self.seconds));
        Ok(())
    }
}

/// Publishes what is asked for.
pub(super) fn run(session: &mut Session, args: &PublishArgs) -> Result<Exit, Failure> {
    let types = types(args)?;
    let subjects = SubjectFilter::parse(&format!("{}.>", args.subject_prefix));
    let (Ok(subjects), false) = (subjects, args.subject_prefix.contains(['*', '>'])) else {
        let advice = "--subject-prefix takes words with dots between them, such as customer.events";
        return Err(Failure::Usage(advice.to_owned()));
    };
    let options = args.nats.nats_options(&session.environment)?;
    let runtime = runtime()?;
    if args.request {
        return runtime.block_on(async {
            let nats = Nats::connect(&options).await?;
            request(session, &nats, (&types, &args.customer)).await
        });
    }
    let started = SystemClock.now();
    let (published, refused) = match &args.file {
        None => runtime.block_on(async {
            let (nats, mut sender) = connect(session, args, &options, &subjects).await?;
            publish_samples(&mut sender, args, &types).await?;
            Ok::<_, Failure>((sender.finish(&nats).await?, 0))
        })?,
        Some(path) => {
            let settings = session.options.settings(session.brand.clone())?;
            let voice = session.output.voice();
            let (mut input, bar) = open_input(path, voice)?;
            runtime.block_on(async {
                let (nats, mut sender) = connect(session, args, &options, &subjects).await?;
                let payload_bytes_max = nats.payload_bytes_max();
                let file = File { path, bar: &bar, settings: &settings, payload_bytes_max, voice };
                let refused = file.publish(&mut sender, &args.subject_prefix, &mut input).await;
                bar.finish_and_clear();
                Ok::<_, Failure>((sender.finish(&nats).await?, refused?))
            })?
        }
    };
    let elapsed = SystemClock.now().duration_since(started).unsigned_abs();
    let report = Report { refused, ..Report::new(published, elapsed) };
    report.write(&mut session.output)?;
    Ok(if refused > 0 { Exit::SomeRefused } else { Exit::Done })
}

async fn connect(
    session: &Session,
    args: &PublishArgs,
    options: &NatsOptions,
    subjects: &SubjectFilter,
) -> Result<(Nats, Sender), Failure> {
    let nats = Nats::connect(options).await?;
    let publisher = match args.partitions {
        None => Publisher::new(&nats, subjects).await?,
        Some(partitions) => to_partitions(&nats, partitions).await?,
    };
    let headers = brand_header(&session.brand).into_iter().collect();
    let pace = args.rate.map(pace);
    Ok((nats, Sender { publisher, partitions: args.partitions, pace, headers }))
}

/// Publishes to partitions, which only a stream takes.
async fn to_partitions(nats: &Nats, partitions: Partitions) -> Result<Publisher, Failure> {
    let publisher = Publisher::new(nats, &partitions.subjects()?).await?;
    if publisher.is_confirmed() {
        return Ok(publisher);
    }
    Err(Failure::Unsound(format!(
        "no stream takes events in {partitions} partitions: start `customeriq worker --partitions \
         {partitions}` once, which makes it, or name the number that there is"
    )))
}

/// Returns the types of which samples are wanted.
fn types(args: &PublishArgs) -> Result<Vec<String>, Failure> {
    if args.all {
        return Ok(TYPES.map(str::to_owned).to_vec());
    }
    let Some(event) = &args.event else { return Ok(Vec::new()) };
    let parsed = EventType::parse(event).map_err(|rejection| {
        Failure::Usage(format!("--event {}: {}", visible(event), rejection.reason))
    })?;
    Ok(vec![parsed.as_str().to_owned()])
}

/// Returns the header that names a brand; none for the default one.
pub(super) fn brand_header(brand: &Brand) -> Option<(String, String)> {
    (*brand != Brand::default()).then(|| (BRAND_HEADER.to_owned(), brand.to_string()))
}

/// Tells whether a message is of a brand: one whose headers name none is of every brand.
pub(super) fn is_of_brand(headers: &[(String, String)], brand: &Brand) -> bool {
    let named = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(BRAND_HEADER));
    named.is_none_or(|(_, value)| value.is_empty() || value == brand.as_str())
}

fn pace(rate: Rate) -> Interval {
    interval(Duration::from_secs(1) / rate.per_second.get())
}

/// Publishes no faster than it may.
struct Sender {
    publisher: Publisher,
    /// The partitions to which it goes straight, if any.
    partitions: Option<Partitions>,
    pace: Option<Interval>,
    headers: Vec<(String, String)>,
}

impl Sender {
    async fn send(
        &mut self,
        subject: String,
        body: Vec<u8>,
        message_id: Option<EventId>,
    ) -> Result<(), Failure> {
        if let Some(pace) = &mut self.pace {
            pace.tick().await;
        }
        let id = message_id.map(|id| (MESSAGE_ID_HEADER.to_owned(), id.to_string()));
        let headers = self.headers.iter().cloned().chain(id).collect();
        let sorted = self.partitions.and_then(|partitions| partitions.sorted(&subject));
        let subject = sorted.unwrap_or(subject);
        Ok(self.publisher.publish(Outgoing { subject, headers, body }).await?)
    }

    async fn finish(mut self, nats: &Nats) -> Result<Published, Failure> {
        let published = self.publisher.finish().await?;
        nats.close().await?;
        Ok(published)
    }
}

async fn publish_samples(
    sender: &mut Sender,
    args: &PublishArgs,
    types: &[String],
) -> Result<(), Failure> {
    let run = run_name();
    let mut index = 0;
    for _ in 0..args.count {
        for event_type in types {
            let mark = mark(&run, index);
            let body = sample(event_type, &args.customer, mark).map_err(unwritable)?;
            let subject = subject_of(&args.subject_prefix, Some(&args.customer), event_type);
            sender.send(subject, body, Some(mark.id)).await?;
            index += 1;
        }
    }
    Ok(())
}

/// Names this run, so that its samples are nobody else's.
fn run_name() -> String {
    format!("{}/{}", SystemClock.now().as_nanosecond(), std::process::id())
}

fn mark(run: &str, index: u64) -> Mark {
    let id = EventId::given("publish", &format!("{run}/{index}"));
    Mark { index, id, at: SystemClock.now() }
}

fn unwritable(error: serde_json::Error) -> Failure {
    Failure::System { doing: "write a sample".to_owned(), source: error.into() }
}

/// What the service says about a request, as far as it matters here.
#[derive(Debug, Default, Deserialize)]
struct Answer {
    success: Option<bool>,
}

/// Sends one sample as a request, and prints the answer.
async fn request(
    session: &mut Session,
    nats: &Nats,
    (types, customer): (&[String], &str),
) -> Result<Exit, Failure> {
    let Some(event_type) = types.first() else {
        return Err(Failure::Usage("--request takes an --event".to_owned()));
    };
    let mark = mark(&run_name(), 0);
    let body = sample(event_type, customer, mark).map_err(unwritable)?;
    let subject = format!("customeriq.{}.ingest", session.brand);
    let headers = [(MESSAGE_ID_HEADER.to_owned(), mark.id.to_string())];
    let answer = nats.request(&subject, body, &headers).await?;
    session.output.line(visible(&String::from_utf8_lossy(&answer)))?;
    let answer: Answer = serde_json::from_slice(&answer).unwrap_or_default();
    Ok(if answer.success == Some(false) { Exit::SomeRefused } else { Exit::Done })
}

/// A file that is published.
struct File<'a> {
    path: &'a Path,
    bar: &'a ProgressBar,
    settings: &'a Settings,
    payload_bytes_max: usize,
    voice: Voice,
}

impl File<'_> {
    /// Publishes every record that can be read, and returns how many could not.
    async fn publish(
        &self,
        sender: &mut Sender,
        prefix: &str,
        input: &mut dyn BufRead,
    ) -> Result<u64, Failure> {
        let mut refused_count = 0;
        let mut line_number = 0_u64;
        while let Some(line) = next_line(input).map_err(Failure::file("read", self.path))? {
            line_number += 1;
            let refused = match line {
                Line::Blank => None,
                Line::TooLong => Some("body: too large".to_owned()),
                Line::Record(record) => match self.subject(&record, prefix) {
                    Ok(subject) => {
                        sender.send(subject, record, None).await?;
                        None
                    }
                    Err(reason) => Some(reason),
                },
            };
            let Some(reason) = refused else { continue };
            refused_count += 1;
            if refused_count <= TOLD_MAX {
                let line = format!("{}:{line_number}: {reason}", self.path.display());
                self.bar.suspend(|| self.voice.note(visible(&line)));
            }
        }
        if refused_count > TOLD_MAX {
            let further = count(refused_count - TOLD_MAX);
            self.bar.suspend(|| self.voice.note(format_args!("and {further} further ones")));
        }
        Ok(refused_count)
    }

    fn subject(&self, record: &[u8], prefix: &str) -> Result<String, String> {
        if record.len() > self.payload_bytes_max {
            let max = count(self.payload_bytes_max);
            return Err(format!("body: the server takes no more than {max} bytes"));
        }
        let known = (self.settings, SystemClock.now());
        subject_of_record(record, prefix, known).map_err(|rejection| rejection.to_string())
    }
}
