//! A brand's tables, in a file or in a schema, and ways to fill them.

use std::cell::OnceCell;

use ciq_engine::{
    Action, Decision, DecisionError, DecisionOutcome, Entry, EntryOutcome, EventOutcome, Needs,
    Settings, decide_on, fold, prepare,
};
use ciq_event::{Brand, Currency, CustomerId, MergeId, Message, ParseContext, WireForm};
use ciq_identity::{NormaliseRules, Policy};
use ciq_store::{Location, PageRequest, Reader, Writer};
use jiff::Timestamp;
use serde_json::json;

use crate::ground::{Ground, OWN, dump_of};

/// Where the log is folded again.
const REBUILT: &str = "rebuilt";

pub(crate) fn settings() -> Settings {
    Settings {
        context: ParseContext { brand: Brand::default(), currency: Currency::USD },
        rules: NormaliseRules::new("US").unwrap(),
        policy: Policy::default(),
        summary_length_max: 500,
    }
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_734_000_000 + second).unwrap()
}

pub(crate) struct Shelf {
    pub(crate) writer: Writer,
    pub(crate) settings: Settings,
    /// One that stays.
    reader: OnceCell<Reader>,
    // After the writer and the reader, whose connections end first.
    ground: Ground,
    decision_count: i64,
}

impl Shelf {
    pub(crate) fn new() -> Self {
        Self::on(Ground::chosen())
    }

    pub(crate) fn on(ground: Ground) -> Self {
        let writer = Writer::open(ground.location(OWN), &Brand::default()).unwrap();
        Self { writer, settings: settings(), reader: OnceCell::new(), ground, decision_count: 0 }
    }

    /// Another writer of the same tables.
    pub(crate) fn another_writer(&self) -> Writer {
        Writer::open(self.location(), &Brand::default()).unwrap()
    }

    pub(crate) fn location(&self) -> Location {
        self.ground.location(OWN)
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.ground.is_postgres()
    }

    /// Asks the tables in their own language.
    pub(crate) fn sql(&self, sql: &str) -> Vec<Vec<String>> {
        self.ground.sql(OWN, sql)
    }

    /// Asks for one value.
    #[track_caller]
    pub(crate) fn one_value(&self, sql: &str) -> String {
        let mut rows = self.sql(sql);
        assert_eq!((rows.len(), rows[0].len()), (1, 1), "{sql}");
        rows.remove(0).remove(0)
    }

    pub(crate) fn reader(&self) -> &Reader {
        self.reader.get_or_init(|| Reader::open(self.location()).unwrap())
    }

    /// Stores messages as one batch.
    pub(crate) fn take(&mut self, messages: &[Message]) -> Vec<EntryOutcome> {
        let entries: Vec<Entry> =
            messages.iter().map(|message| prepare(message.clone(), &self.settings)).collect();
        let mut working = self.writer.load(&Needs::of_entries(&entries)).unwrap();
        let (changes, outcomes) = fold(&mut working, &entries, &self.settings);
        self.writer.commit(&changes, working.next).unwrap();
        outcomes
    }

    /// Stores one message and returns whose its first event is.
    pub(crate) fn one(&mut self, message: Message) -> CustomerId {
        match self.take(&[message]).remove(0) {
            EntryOutcome::Events(events) => match events.into_iter().next().unwrap() {
                EventOutcome::Stored { customer, .. } => customer,
                other => panic!("not stored: {other:?}"),
            },
            EntryOutcome::Rejected(rejection) => panic!("rejected: {rejection}"),
        }
    }

    pub(crate) fn decide(&mut self, action: Action) -> Result<DecisionOutcome, DecisionError> {
        self.decision_count += 1;
        let decision = Decision::new(at(1_000_000 + self.decision_count), "tester", action);
        let mut working = self.writer.load(&Needs::of_decision(&decision)).unwrap();
        match decide_on(&mut working, &decision, &self.settings) {
            Ok((changes, outcome)) => {
                self.writer.commit(&changes, working.next).unwrap();
                Ok(outcome)
            }
            Err(error) => {
                self.writer.abandon();
                Err(error)
            }
        }
    }

    pub(crate) fn merge(&mut self, ids: &[&CustomerId]) -> MergeId {
        let customers = ids.iter().map(|id| (*id).clone()).collect();
        let action = Action::Merge { customers, reason: "same person".to_owned() };
        match self.decide(action).unwrap() {
            DecisionOutcome::Merged { merge: Some(merge), .. } => merge,
            other => panic!("not merged: {other:?}"),
        }
    }

    pub(crate) fn undo(&mut self, merge: MergeId) {
        self.decide(Action::Undo { merge }).unwrap();
    }

    /// The ids of all merges that stand, the latest first.
    pub(crate) fn standing_merges(&self) -> Vec<MergeId> {
        let page = PageRequest { cursor: None, limit: Some(1_000) };
        let (merges, _) = self.reader().merges(&page).unwrap();
        let standing = merges.into_iter().filter(|merge| merge.undone_at.is_none());
        standing.map(|merge| merge.id.parse().unwrap()).collect()
    }

    pub(crate) fn dump(&self) -> String {
        dump_of(self.reader())
    }

    /// The dump without the sections that begin with any of these names.
    pub(crate) fn dump_without(&self, sections: &[&str]) -> String {
        let dump = self.dump();
        let kept = dump
            .lines()
            .filter(|line| !sections.iter().any(|name| line.starts_with(&format!("{name}\t"))));
        kept.collect::<Vec<_>>().join("\n")
    }

    /// Fails where the tables do not agree.
    #[track_caller]
    pub(crate) fn check(&self) {
        // By a new reader: in one that stays, FTS5 looks at what it read before.
        for check in Reader::open(self.location()).unwrap().check().unwrap() {
            assert!(check.is_ok, "{}: {}", check.name, check.finding);
        }
    }

    /// Folds the log into other tables.
    pub(crate) fn rebuilt(&self) -> Location {
        self.ground.clear(REBUILT);
        let to = self.ground.location(REBUILT);
        let brand = Brand::default();
        ciq_store::rebuild(self.location(), &to, &brand, &self.settings, &mut |_| {}).unwrap();
        to
    }

    /// What other tables mean that the log is folded into.
    pub(crate) fn rebuilt_dump(&self) -> String {
        dump_of(&Reader::open(self.rebuilt()).unwrap())
    }
}

pub(crate) fn message(form: &str, body: impl Into<Vec<u8>>) -> Message {
    let form: WireForm = form.parse().unwrap();
    Message::new(form, body, at(5_000_000))
}

/// An envelope of a type with data, `second` seconds into the story.
pub(crate) fn envelope(
    event_type: &str,
    second: i64,
    customer_id: Option<&str>,
    data: impl Into<serde_json::Value>,
) -> Message {
    let mut body = json!({
        "event_type": event_type,
        "timestamp": at(second).as_second(),
        "source_service": "test",
        "data": data.into(),
    });
    if let Some(id) = customer_id {
        body["customer_id"] = id.into();
    }
    message("envelope", body.to_string())
}

pub(crate) fn purchase(second: i64, id: &str, total: &str, email: &str) -> Message {
    envelope(
        "purchase",
        second,
        None,
        json!({"purchase_id": id, "product_name": "Lamp", "total": total, "email": email}),
    )
}
