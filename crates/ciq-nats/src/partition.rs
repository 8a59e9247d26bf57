//! Partitions: events sorted by customer onto so many subjects, so that many workers share them and
//! each customer's stay in order.
//!
//! `customer.events.{customer_id}.{event_type}` becomes
//! `customer.partitioned.{count}.{partition}.{customer_id}.{event_type}`. The count is a part of the
//! subject: who counts wrongly finds no stream there, instead of putting a customer in two places.

mod consumer;
mod stream;

use std::fmt;
use std::str::FromStr;

use crate::{Mode, NatsError, SourceOptions, SubjectFilter};

pub use consumer::{PartitionHold, PartitionMessages, PartitionReader};

/// How the subjects of events begin before they are sorted.
const PLAIN: &str = "customer.events.";

/// How they begin afterwards.
const SORTED: &str = "customer.partitioned.";

/// Most partitions. Each is a consumer, which costs the server some memory and an open file.
const COUNT_MAX: u32 = 256;

/// The stream of events that are sorted, unless another is named.
const STREAM: &str = "CUSTOMER_PARTITIONS";

/// How many partitions there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Partitions(u32);

impl Partitions {
    /// Takes a number of partitions.
    pub fn new(count: u32) -> Result<Self, NatsError> {
        if (1..=COUNT_MAX).contains(&count) {
            return Ok(Self(count));
        }
        let reason = format!("a whole number from 1 to {COUNT_MAX}, such as 8");
        Err(NatsError::Setting { name: "NATS_PARTITIONS", reason })
    }

    /// Returns the number.
    #[must_use]
    pub fn count(self) -> u32 {
        self.0
    }

    /// Returns the partition of a customer, by the word that stands for it in subjects: the same
    /// one as the server's `partition()` says.
    #[must_use]
    pub fn of(self, word: &str) -> u32 {
        hash(word.as_bytes()) % self.0
    }

    /// Returns the subject on which an event is published straight to its partition, from the
    /// subject on which it would be published otherwise; `None` where that is no event's.
    ///
    /// What names no customer goes by its only word.
    ///
    /// ```
    /// let partitions = ciq_nats::Partitions::new(8)?;
    /// let subject = partitions.sorted("customer.events.cust_7001.purchase");
    /// assert_eq!(subject.as_deref(), Some("customer.partitioned.8.3.cust_7001.purchase"));
    /// # Ok::<(), ciq_nats::NatsError>(())
    /// ```
    #[must_use]
    pub fn sorted(self, subject: &str) -> Option<String> {
        let words = subject.strip_prefix(PLAIN)?;
        let first = words.split('.').next().filter(|word| !word.is_empty())?;
        Some(format!("{SORTED}{self}.{}.{words}", self.of(first)))
    }

    /// Returns what all events are published to once they are sorted.
    pub fn subjects(self) -> Result<SubjectFilter, NatsError> {
        SubjectFilter::parse(&format!("{SORTED}{self}.>"))
    }

    /// Returns what the events of one partition are published to.
    fn filter(self, partition: u32) -> String {
        format!("{SORTED}{self}.{partition}.>")
    }
}

impl SourceOptions {
    /// Turns to events that are sorted: to their subjects, and to their stream unless another one
    /// is named. Without streams there are none.
    pub fn sorted(self, partitions: Partitions) -> Result<Self, NatsError> {
        if self.mode == Mode::Core {
            let reason = "partitions are a matter of streams: auto or jetstream".to_owned();
            return Err(NatsError::Setting { name: "NATS_MODE", reason });
        }
        let filters =
            (0..partitions.count()).map(|it| SubjectFilter::parse(&partitions.filter(it)));
        let subjects = filters.collect::<Result<_, _>>()?;
        let is_named = self.stream != Self::STREAM;
        let stream = if is_named { self.stream } else { STREAM.to_owned() };
        Ok(Self { subjects, stream, ..self })
    }
}

/// Returns where what is published to subjects of events may come out sorted; `None` where it is
/// published elsewhere.
pub(crate) fn sorted_from(subjects: &SubjectFilter) -> Option<SubjectFilter> {
    let all = SubjectFilter::parse(&format!("{SORTED}>")).ok()?;
    subjects.meets(&format!("{PLAIN}>")).then_some(all)
}

/// Returns the subject of an event as it was before it was sorted, so that what an event says does
/// not depend on the way that it came; `None` where it was not sorted.
pub(crate) fn unsorted(subject: &str) -> Option<String> {
    let (count, rest) = subject.strip_prefix(SORTED)?.split_once('.')?;
    let (partition, words) = rest.split_once('.')?;
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(count) && is_number(partition)).then(|| format!("{PLAIN}{words}"))
}

impl fmt::Display for Partitions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Partitions {
    type Err = NatsError;

    fn from_str(text: &str) -> Result<Self, NatsError> {
        Self::new(text.trim().parse().unwrap_or_default())
    }
}

/// FNV-1a with 32 bits, as the server has it: <http://www.isthe.com/chongo/tech/comp/fnv/>.
fn hash(bytes: &[u8]) -> u32 {
    const BASIS: u32 = 0x811c_9dc5;
    const PRIME: u32 = 0x0100_0193;
    bytes.iter().fold(BASIS, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_one_that_is_published() {
        for (text, expected) in [("", 0x811c_9dc5), ("a", 0xe40c_292c), ("foobar", 0xbf9c_f968)] {
            assert_eq!(hash(text.as_bytes()), expected, "{text}");
        }
    }

    #[track_caller]
    fn check(plain: &str, rest: &str) {
        let partitions = Partitions::new(8).unwrap();
        let sorted = partitions.sorted(plain).unwrap();
        let (partition, words) =
            sorted.strip_prefix("customer.partitioned.8.").unwrap().split_once('.').unwrap();
        assert!(partition.parse::<u32>().unwrap() < 8, "{sorted}");
        assert_eq!(words, rest);
        assert_eq!(unsorted(&sorted).as_deref(), Some(plain));
        assert!(partitions.subjects().unwrap().covers(&sorted));
        let filter = partitions.filter(partition.parse().unwrap());
        assert!(SubjectFilter::parse(&filter).unwrap().covers(&sorted));
    }

    #[test]
    fn a_subject_that_is_sorted_reads_back() {
        check("customer.events.c1.purchase", "c1.purchase");
        check("customer.events.Jürgen_é.note", "Jürgen_é.note");
        check("customer.events.web", "web");
    }

    #[test]
    fn all_events_of_a_customer_are_in_one_partition() {
        let partitions = Partitions::new(7).unwrap();
        let place = |kind: &str| {
            let sorted = partitions.sorted(&format!("customer.events.cust_1.{kind}")).unwrap();
            sorted.split('.').nth(3).unwrap().to_owned()
        };
        assert_eq!(place("purchase"), place("login"));
        assert_eq!(place("purchase"), partitions.of("cust_1").to_string());
    }

    #[test]
    fn what_is_no_event_is_not_sorted() {
        let partitions = Partitions::new(8).unwrap();
        for subject in ["customer.dead.default.body", "customer.events", "customer.events."] {
            assert_eq!(partitions.sorted(subject), None, "{subject}");
        }
        for subject in ["customer.events.c1.login", "customer.partitioned.8", "a.8.1.c1.login"] {
            assert_eq!(unsorted(subject), None, "{subject}");
        }
    }

    #[test]
    fn a_number_that_is_none_says_what_one_looks_like() {
        for text in ["0", "257", "many", "-1", ""] {
            let error = text.parse::<Partitions>().unwrap_err().to_string();
            assert!(error.contains("NATS_PARTITIONS") && error.contains("256"), "{error}");
        }
        assert_eq!(" 16 ".parse::<Partitions>().unwrap().count(), 16);
    }

    #[test]
    fn a_stream_of_its_own_unless_one_is_named() {
        let options = SourceOptions::new(SubjectFilter::parse_list("a.>").unwrap());
        let named = SourceOptions { stream: "MINE".to_owned(), ..options.clone() };
        let two = Partitions::new(2).unwrap();
        let sorted = |options: SourceOptions| options.sorted(two).unwrap();
        assert_eq!(sorted(options.clone()).stream, "CUSTOMER_PARTITIONS");
        assert_eq!(sorted(named).stream, "MINE");
        let subjects: Vec<String> =
            sorted(options).subjects.iter().map(ToString::to_string).collect();
        assert_eq!(subjects, ["customer.partitioned.2.0.>", "customer.partitioned.2.1.>"]);
    }

    #[test]
    fn without_streams_there_are_no_partitions() {
        let options = SourceOptions::new(SubjectFilter::parse_list("a.>").unwrap());
        let options = SourceOptions { mode: Mode::Core, ..options };
        let error = options.sorted(Partitions::new(2).unwrap()).unwrap_err().to_string();
        assert!(error.contains("NATS_MODE"), "{error}");
    }
}
