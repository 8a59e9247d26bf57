//! Batches on their way into a brand's file, one being written while the next is folded over it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use ciq_engine::{Entry, EntryOutcome, Settings, prepare};
use ciq_event::Message;

use crate::brand::{Ahead, LANES_POSTGRES};
use crate::writer::{Chain, count};
use crate::{BrandHandle, IngestError, PendingAnswer, Refused};

/// Batches on their way into a brand's file, in order: one is being written while the next is
/// folded over it. Each carries a tag `T`, by which its sender knows it again. For a thread that
/// may block.
#[derive(Debug)]
pub struct Pipeline<T> {
    handle: Arc<BrandHandle>,
    flight: VecDeque<InFlight<T>>,
    chain: Chain,
    /// Whether the entries of a batch are shared out over the lanes of the brand.
    is_sharing_out: bool,
    /// Where batches are not folded ahead: those that the lanes have.
    handed_over: VecDeque<HandedOver<T>>,
}

/// A batch that is stored.
#[derive(Debug)]
pub struct Settled<T> {
    /// What its sender gave along.
    pub tag: T,
    /// What became of each entry, in order.
    pub outcomes: Vec<EntryOutcome>,
}

/// Is asked whether to try again after a failure that may pass. It waits as long as it likes.
pub type Retry<'a> = dyn FnMut(&IngestError) -> bool + 'a;

/// Batches that may be on their way at once: a fold starts from the batch before it, which may be
/// on its way into the file; the one before that must have arrived.
const FLIGHT_MAX: usize = 2;

/// Batches that the lanes may have where nothing is folded ahead: one each, and one that waits.
const HANDED_OVER_MAX: usize = LANES_POSTGRES + 1;

/// A batch that the lanes have, each a part of it.
#[derive(Debug)]
struct HandedOver<T> {
    /// The lane of each entry.
    lanes: Vec<usize>,
    answers: BTreeMap<usize, PendingAnswer>,
    tag: T,
}

/// A batch that is folded and being written. What it was parsed into is let go meanwhile, and
/// made again from the messages should it be needed.
#[derive(Debug)]
struct InFlight<T> {
    messages: Vec<Kept>,
    tag: T,
    ahead: Ahead,
}

/// What an entry is made of again.
#[derive(Debug)]
enum Kept {
    Message(Arc<Message>),
    Rejected(Entry),
}

impl<T> Pipeline<T> {
    /// Makes one into which nothing was put yet.
    #[must_use]
    pub fn new(handle: Arc<BrandHandle>) -> Self {
        let (flight, handed_over) = (VecDeque::new(), VecDeque::new());
        Self { handle, flight, chain: Chain::default(), is_sharing_out: false, handed_over }
    }

    /// Shares out what is put in over the lanes of the brand, where it has several (PostgreSQL):
    /// faster, and the order is kept among the events of a customer only. Who of two strangers is
    /// heard first may then differ from run to run, as it does between several workers.
    #[must_use]
    pub fn sharing_out(self) -> Self {
        self.handle.open_lanes();
        Self { is_sharing_out: true, ..self }
    }

    /// Puts a batch in, and returns those that arrived meanwhile, in order.
    pub fn push(
        &mut self,
        entries: Vec<Entry>,
        tag: T,
        retry: &mut Retry<'_>,
    ) -> Result<Vec<Settled<T>>, IngestError> {
        let mut settled = Vec::new();
        if !self.handle.may_fold_ahead() {
            while self.handed_over.len() >= HANDED_OVER_MAX {
                self.settle_handed_over(&mut settled, retry)?;
            }
            self.handed_over.push_back(self.hand_over(entries, tag));
            return Ok(settled);
        }
        while self.flight.len() >= FLIGHT_MAX {
            self.settle(&mut settled, retry)?;
        }
        let before = self.flight.back().map(|last| &last.ahead.working);
        if let Ok(ahead) = self.handle.fold_ahead(&entries, before, self.chain.clone()) {
            self.flight.push_back(InFlight::new(entries, tag, ahead));
            return Ok(settled);
        }
        while !self.flight.is_empty() {
            self.settle(&mut settled, retry)?;
        }
        settled.push(self.store(entries, tag, retry)?);
        Ok(settled)
    }

    /// Waits until everything that was put in is stored.
    pub fn finish(&mut self, retry: &mut Retry<'_>) -> Result<Vec<Settled<T>>, IngestError> {
        let mut settled = Vec::new();
        while !self.flight.is_empty() {
            self.settle(&mut settled, retry)?;
        }
        while !self.handed_over.is_empty() {
            self.settle_handed_over(&mut settled, retry)?;
        }
        Ok(settled)
    }

    fn hand_over(&self, entries: Vec<Entry>, tag: T) -> HandedOver<T> {
        let lane_of = |entry| if self.is_sharing_out { self.handle.lane_of(entry) } else { 0 };
        let lanes: Vec<usize> = entries.iter().map(lane_of).collect();
        let mut parts: BTreeMap<usize, Vec<Entry>> = BTreeMap::new();
        for (lane, entry) in lanes.iter().zip(entries) {
            parts.entry(*lane).or_default().push(entry);
        }
        let parts = parts.into_iter();
        let answers = parts.map(|(lane, part)| (lane, self.handle.submit_to(lane, part)));
        HandedOver { lanes, answers: answers.collect(), tag }
    }

    /// Waits until the oldest batch that the lanes have is stored.
    fn settle_handed_over(
        &mut self,
        settled: &mut Vec<Settled<T>>,
        retry: &mut Retry<'_>,
    ) -> Result<(), IngestError> {
        let Some(HandedOver { lanes, answers, tag }) = self.handed_over.pop_front() else {
            return Ok(());
        };
        let mut stored = BTreeMap::new();
        for (lane, answer) in answers {
            stored.insert(lane, self.outcomes(lane, answer, retry)?.into_iter());
        }
        let in_order = lanes.iter().filter_map(|lane| stored.get_mut(lane)?.next());
        settled.push(Settled { tag, outcomes: in_order.collect() });
        Ok(())
    }

    /// Waits until the oldest batch is written. Where it was not, or where somebody else wrote
    /// meanwhile, it and all that was folded over it are stored anew, in their order.
    fn settle(
        &mut self,
        settled: &mut Vec<Settled<T>>,
        retry: &mut Retry<'_>,
    ) -> Result<(), IngestError> {
        let Some(mut oldest) = self.flight.pop_front() else { return Ok(()) };
        if matches!(oldest.ahead.wait(), Ok(true)) {
            count(&oldest.ahead.outcomes);
            settled.push(Settled { tag: oldest.tag, outcomes: oldest.ahead.outcomes });
            return Ok(());
        }
        self.chain = Chain::default();
        let mut anew = vec![oldest];
        for mut later in self.flight.drain(..) {
            // What was folded over a batch that is not there finds other counters in the file.
            let written = later.ahead.wait();
            debug_assert!(!matches!(written, Ok(true)), "a batch went in before the one before it");
            anew.push(later);
        }
        for batch in anew {
            let (entries, tag) = batch.into_entries(self.handle.settings());
            settled.push(self.store(entries, tag, retry)?);
        }
        Ok(())
    }

    /// Stores a batch, trying again as long as the sender wants to wait.
    fn store(
        &self,
        entries: Vec<Entry>,
        tag: T,
        retry: &mut Retry<'_>,
    ) -> Result<Settled<T>, IngestError> {
        let outcomes = self.outcomes(0, self.handle.submit(entries), retry)?;
        Ok(Settled { tag, outcomes })
    }

    /// Waits for a lane's answer, and tries again as long as the sender wants to wait.
    fn outcomes(
        &self,
        lane: usize,
        mut answer: PendingAnswer,
        retry: &mut Retry<'_>,
    ) -> Result<Vec<EntryOutcome>, IngestError> {
        loop {
            match answer.wait() {
                Ok(outcomes) => return Ok(outcomes),
                Err(Refused { error, entries: refused }) => {
                    let may_retry = error.is_transient() && !refused.is_empty();
                    if !may_retry || !retry(&error) {
                        return Err(error);
                    }
                    answer = self.handle.submit_to(lane, refused);
                }
            }
        }
    }
}

impl<T> InFlight<T> {
    fn new(entries: Vec<Entry>, tag: T, ahead: Ahead) -> Self {
        let messages = entries.into_iter().map(|entry| match entry {
            Entry::Told(prepared) => Kept::Message(prepared.message),
            rejected @ Entry::Rejected { .. } => Kept::Rejected(rejected),
        });
        Self { messages: messages.collect(), tag, ahead }
    }

    fn into_entries(self, settings: &Settings) -> (Vec<Entry>, T) {
        let Self { messages, tag, ahead: _ } = self;
        let entries = messages.into_iter().map(|kept| match kept {
            Kept::Message(message) => prepare(Arc::unwrap_or_clone(message), settings),
            Kept::Rejected(entry) => entry,
        });
        (entries.collect(), tag)
    }
}
