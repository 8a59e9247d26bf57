//! Which stream takes what: worked out from what the server has, before anything is made.

use crate::{NatsError, SubjectFilter};

/// A stream as the server has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownStream {
    pub(crate) name: String,
    pub(crate) subjects: Vec<String>,
}

/// What to read, and what to make for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The streams to read, each whole or by one subject.
    pub(crate) reads: Vec<StreamRead>,
    /// What no stream takes yet.
    pub(crate) missing: Vec<SubjectFilter>,
}

/// A stream to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StreamRead {
    pub(crate) stream: String,
    /// `None` for all that it takes.
    pub(crate) filter: Option<SubjectFilter>,
}

/// Works out which streams take the wanted subjects.
pub(crate) fn plan(wanted: &[SubjectFilter], streams: &[KnownStream]) -> Result<Plan, NatsError> {
    let mut plan = Plan::default();
    for subject in wanted {
        let Some(stream) = taker(subject, streams)? else {
            plan.missing.push(subject.clone());
            continue;
        };
        let is_all_wanted =
            stream.subjects.iter().all(|taken| wanted.iter().any(|want| want.covers(taken)));
        let filter = (!is_all_wanted).then(|| subject.clone());
        let read = StreamRead { stream: stream.name.clone(), filter };
        if !plan.reads.contains(&read) {
            plan.reads.push(read);
        }
    }
    Ok(plan)
}

/// Returns the stream that takes a subject whole; none where no stream takes any of it.
fn taker<'a>(
    subject: &SubjectFilter,
    streams: &'a [KnownStream],
) -> Result<Option<&'a KnownStream>, NatsError> {
    let meets = |taken: &&String| subject.meets(taken);
    let Some(stream) = streams.iter().find(|known| known.subjects.iter().any(|at| meets(&at)))
    else {
        return Ok(None);
    };
    let is_whole = |known: &KnownStream| {
        known.subjects.iter().any(|taken| {
            SubjectFilter::parse(taken).is_ok_and(|taken| taken.covers(subject.as_str()))
        })
    };
    if let Some(whole) = streams.iter().find(|known| is_whole(known)) {
        return Ok(Some(whole));
    }
    let theirs: Vec<&str> = stream.subjects.iter().filter(meets).map(String::as_str).collect();
    Err(NatsError::PartOfSubject {
        stream: stream.name.clone(),
        theirs: theirs.join(", "),
        wanted: subject.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str, subjects: &[&str]) -> KnownStream {
        let subjects = subjects.iter().map(ToString::to_string).collect();
        KnownStream { name: name.to_owned(), subjects }
    }

    #[track_caller]
    fn check(wanted: &str, streams: &[KnownStream], expected: &str) {
        let wanted = SubjectFilter::parse_list(wanted).unwrap();
        let told = match plan(&wanted, streams) {
            Err(error) => error.to_string(),
            Ok(Plan { reads, missing }) => {
                let reads = reads.iter().map(|read| match &read.filter {
                    Some(filter) => format!("{}[{filter}]", read.stream),
                    None => read.stream.clone(),
                });
                let missing = missing.iter().map(|subject| format!("+{subject}"));
                reads.chain(missing).collect::<Vec<_>>().join(" ")
            }
        };
        assert!(told.starts_with(expected), "{told}");
    }

    #[test]
    fn what_no_stream_takes_is_missing() {
        check("customer.events.>", &[], "+customer.events.>");
        check("customer.events.>", &[known("X", &["orders.>"])], "+customer.events.>");
    }

    #[test]
    fn a_stream_that_takes_just_this_is_read_whole() {
        check("a.>,b.>", &[known("X", &["a.>"])], "X +b.>");
        check("a.>,b.>", &[known("X", &["a.>", "b.>"])], "X");
    }

    #[test]
    fn a_stream_that_takes_more_is_filtered() {
        check("a.b.>,a.c.>", &[known("X", &["a.>"])], "X[a.b.>] X[a.c.>]");
    }

    #[test]
    fn a_stream_that_takes_a_part_is_refused() {
        check("a.>", &[known("X", &["a.b", "c"])], "stream X takes a.b, which is only a part");
    }
}
