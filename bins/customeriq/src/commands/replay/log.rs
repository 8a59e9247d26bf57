//! `replay log`: the messages in the log, as records or to NATS.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use ciq_engine::Settings;
use ciq_event::{Message, WireForm, wrap_record};
use ciq_ingest::{Clock as _, SystemClock};
use ciq_nats::{Nats, Outgoing, Published, Publisher, SubjectFilter, request_brand};
use ciq_store::{LogEntry, Reader};
use indicatif::ProgressBar;
use jiff::Timestamp;
use serde_json::json;

use crate::cli::ReplayLogArgs;
use crate::commands::publish::{MESSAGE_ID_HEADER, Report, brand_header, subject_of_message};
use crate::exit::{Exit, Failure};
use crate::nats::runtime;
use crate::session::Session;
use crate::table::counted;

/// The name that stands for standard output.
const STDOUT: &str = "-";

/// How the subjects begin of messages that came on none.
const SUBJECT_PREFIX: &str = "customer.events";

/// The messages of the log in order, page by page.
struct Pages {
    reader: Reader,
    after: i64,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    message_count: u64,
    decision_count: u64,
    bar: ProgressBar,
}

impl Pages {
    /// Returns the messages of the next page; `None` past the end.
    fn next(&mut self) -> Result<Option<Vec<Message>>, Failure> {
        let Some((until, entries)) = self.reader.log_page(self.after)? else {
            self.bar.finish_and_clear();
            return Ok(None);
        };
        self.after = until;
        let mut messages = Vec::with_capacity(entries.len());
        for entry in entries {
            match entry {
                LogEntry::Message(message) if self.is_wanted(message.received_at) => {
                    messages.push(message);
                }
                LogEntry::Message(_) => {}
                LogEntry::Decision(decision) => {
                    self.decision_count += u64::from(self.is_wanted(decision.decided_at));
                }
            }
        }
        self.message_count += messages.len() as u64;
        self.bar.set_message(counted(self.message_count, "message"));
        self.bar.tick();
        Ok(Some(messages))
    }

    fn is_wanted(&self, at: Timestamp) -> bool {
        self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at < until)
    }
}

/// Writes the log, or publishes it.
pub(super) fn run(session: &mut Session, args: &ReplayLogArgs) -> Result<Exit, Failure> {
    if let (Some(since), Some(until)) = (args.since, args.until)
        && since >= until
    {
        return Err(Failure::Usage("--since must be before --until".to_owned()));
    }
    let is_lively = session.output.voice().is_lively();
    let mut pages = Pages {
        reader: session.reader()?,
        after: 0,
        since: args.since,
        until: args.until,
        message_count: 0,
        decision_count: 0,
        bar: if is_lively { ProgressBar::new_spinner() } else { ProgressBar::hidden() },
    };
    match args.out.as_deref().filter(|path| *path != Path::new(STDOUT)) {
        _ if args.to_nats => publish(session, args, &mut pages)?,
        None => write(&mut pages, session.output.raw(), Failure::Output)?,
        Some(path) => {
            let doing = Failure::file("write", path);
            let mut file = BufWriter::new(File::create(path).map_err(&doing)?);
            write(&mut pages, &mut file, &doing)?;
            file.flush().map_err(doing)?;
            report_file(session, &pages, path)?;
        }
    }
    if pages.decision_count > 0 {
        let decisions = counted(pages.decision_count, "decision");
        session.output.note(format_args!(
            "{decisions} of people left out: only a copy of the file carries them"
        ));
    }
    Ok(Exit::Done)
}

fn write(
    pages: &mut Pages,
    out: &mut dyn Write,
    failed: impl Fn(std::io::Error) -> Failure,
) -> Result<(), Failure> {
    while let Some(messages) = pages.next()? {
        for message in messages {
            let mut record = wrap_record(&message);
            record.push(b'\n');
            out.write_all(&record).map_err(&failed)?;
        }
    }
    Ok(())
}

fn report_file(session: &mut Session, pages: &Pages, path: &Path) -> Result<(), Failure> {
    let output = &mut session.output;
    if output.is_json() {
        let (records, decisions) = (pages.message_count, pages.decision_count);
        return output.json(&json!({ "records": records, "decisions_left_out": decisions }));
    }
    let records = counted(pages.message_count, "record");
    output.note(format_args!("wrote {records} to {}", path.display()));
    Ok(())
}

fn publish(session: &mut Session, args: &ReplayLogArgs, pages: &mut Pages) -> Result<(), Failure> {
    let options = args.nats.nats_options(&session.environment)?;
    let settings = session.options.settings(session.brand.clone())?;
    let started = SystemClock.now();
    let published = runtime()?.block_on(async {
        let nats = Nats::connect(&options).await?;
        let mut publishers = Publishers { nats, by_beginning: BTreeMap::new() };
        while let Some(messages) = pages.next()? {
            for message in messages {
                publishers.publish(outgoing(&message, &settings)).await?;
            }
        }
        publishers.finish().await
    })?;
    let elapsed = SystemClock.now().duration_since(started).unsigned_abs();
    Report::new(published, elapsed).write(&mut session.output)
}

/// Makes of a message what goes out: on the subject on which it came, as it came.
fn outgoing(message: &Message, settings: &Settings) -> Outgoing {
    let carrier = message.carrier.as_deref();
    // A request has a subject of its own, on which no stream listens.
    let came_on = carrier.map(|carrier| carrier.subject.as_str());
    let came_on = came_on.filter(|subject| is_subject(subject) && request_brand(subject).is_none());
    let subject = match came_on {
        Some(subject) => subject.to_owned(),
        // Other settings than when it came may refuse it: whoever takes it says so.
        None => subject_of_message(message, SUBJECT_PREFIX, settings)
            .unwrap_or_else(|_| format!("{SUBJECT_PREFIX}.message")),
    };
    let body = match message.form {
        WireForm::Envelope => message.body.clone(),
        WireForm::Domain
        | WireForm::Shopify { .. }
        | WireForm::Twilio
        | WireForm::TwilioForm
        | WireForm::Pos
        | WireForm::Stripe => wrap_record(message),
    };
    let message_id = carrier.and_then(|carrier| carrier.message_id.clone());
    let message_id = message_id.map(|id| (MESSAGE_ID_HEADER.to_owned(), id));
    let headers = brand_header(&settings.context.brand).into_iter().chain(message_id).collect();
    Outgoing { subject, headers, body }
}

/// Tells whether something can be published there: what was imported may say anything.
fn is_subject(text: &str) -> bool {
    SubjectFilter::parse(text).is_ok() && !text.contains(['*', '>'])
}

/// A publisher for each beginning of a subject: one stream may take what another does not.
struct Publishers {
    nats: Nats,
    by_beginning: BTreeMap<String, Publisher>,
}

impl Publishers {
    async fn publish(&mut self, message: Outgoing) -> Result<(), Failure> {
        let beginning = beginning_of(&message.subject);
        let publisher = match self.by_beginning.entry(beginning) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let subjects = SubjectFilter::parse(unknown.key())?;
                unknown.insert(Publisher::new(&self.nats, &subjects).await?)
            }
        };
        Ok(publisher.publish(message).await?)
    }

    async fn finish(mut self) -> Result<Published, Failure> {
        let mut all = Published::default();
        for publisher in self.by_beginning.values_mut() {
            let Published { confirmed_count, duplicate_count, sent_count } =
                publisher.finish().await?;
            all.confirmed_count += confirmed_count;
            all.duplicate_count += duplicate_count;
            all.sent_count += sent_count;
        }
        self.nats.close().await?;
        Ok(all)
    }
}

/// Returns what subjects have in common that one stream is likely to take: their first two words.
fn beginning_of(subject: &str) -> String {
    let mut dots = subject.match_indices('.').map(|(place, _)| place);
    match dots.nth(1) {
        Some(second) => format!("{}.>", &subject[..second]),
        None => subject.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ciq_event::{Brand, Carrier};
    use ciq_ingest::EngineOptions;

    use super::*;

    const LOGIN: &str = r#"{"customer_id":"c1","event_type":"login","timestamp":1734134400}"#;

    fn sent(form: WireForm, body: &str, carrier: Option<(&str, Option<&str>)>) -> Outgoing {
        let at = "2026-01-31T10:00:00Z".parse().unwrap();
        let carrier = carrier.map(|(subject, id)| {
            let (subject, message_id) = (subject.to_owned(), id.map(str::to_owned));
            Arc::new(Carrier { subject, message_id, headers: Vec::new() })
        });
        let message = Message { carrier, ..Message::new(form, body, at) };
        let settings = EngineOptions::default().settings(Brand::default()).unwrap();
        outgoing(&message, &settings)
    }

    #[test]
    fn a_message_goes_out_as_it_came() {
        let out = sent(WireForm::Envelope, LOGIN, Some(("billing.events.x", Some("m1"))));
        assert_eq!(
            (out.subject.as_str(), out.body),
            ("billing.events.x", LOGIN.as_bytes().to_vec())
        );
        assert_eq!(out.headers, [("Nats-Msg-Id".to_owned(), "m1".to_owned())]);
    }

    #[test]
    fn a_message_that_came_on_no_subject_gets_that_of_its_event() {
        for subject in ["", "a b", "customer.events.>", "customeriq.default.ingest"] {
            let carrier = Some((subject, None)).filter(|_| !subject.is_empty());
            let out = sent(WireForm::Envelope, LOGIN, carrier);
            assert_eq!(out.subject, "customer.events.c1.login");
            assert!(out.headers.is_empty());
        }
        let mailed = r#"{"event_type":"login","timestamp":1734134400,"data":{"email":"a@x.org"}}"#;
        assert_eq!(sent(WireForm::Envelope, mailed, None).subject, "customer.events.login");
    }

    #[test]
    fn a_body_of_another_form_says_which() {
        let body = r#"{"id":"e1","ts":"2025-01-15T10:00:00Z","userId":"u1","name":"x","props":{}}"#;
        let out = sent(WireForm::Domain, body, None);
        assert_eq!(out.subject, "customer.events.u1.x");
        assert!(out.body.starts_with(br#"{"wire_form":"domain""#));
    }

    #[test]
    fn subjects_are_gathered_by_their_beginning() {
        for (subject, beginning) in
            [("a.b.c.d", "a.b.>"), ("a.b.c", "a.b.>"), ("a.b", "a.b"), ("a", "a")]
        {
            assert_eq!(beginning_of(subject), beginning);
        }
    }
}
