//! Events to send, and what to expect of them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use ciq_sink::{Batch, Message, Sink, SinkCounters};

/// How long anything may take before a test gives up.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// Users that events belong to.
pub(crate) const USERS: usize = 37;

pub(crate) fn id(number: usize) -> String {
    format!("evt_{number:06}")
}

pub(crate) fn user(number: usize) -> String {
    format!("U{:02}", number % USERS)
}

pub(crate) fn body(number: usize) -> String {
    let (id, user) = (id(number), user(number));
    format!("{{\"id\":\"{id}\",\"userId\":\"{user}\",\"name\":\"login\",\"props\":{{}}}}")
}

pub(crate) fn batch(numbers: Range<usize>) -> Batch {
    let mut batch = Batch::new();
    for number in numbers {
        let (id, user_id, body) = (id(number), user(number), body(number));
        batch.push(Message { id: &id, user_id: &user_id, name: "login", body: body.as_bytes() });
    }
    batch
}

/// Sends events in batches of a size.
pub(crate) async fn send(sink: &Sink, numbers: Range<usize>, size: usize) {
    let end = numbers.end;
    for start in numbers.step_by(size) {
        sink.send(batch(start..end.min(start + size))).await.unwrap();
    }
}

/// Checks that each event is there once, and each user's in order.
#[track_caller]
pub(crate) fn check_once_in_order(bodies: &[String], count: usize) {
    let mut by_user: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for body in bodies {
        let event: serde_json::Value = serde_json::from_str(body).unwrap();
        let text = |field: &str| event[field].as_str().unwrap().to_owned();
        by_user.entry(text("userId")).or_default().push(text("id"));
    }
    let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for number in 0..count {
        expected.entry(user(number)).or_default().push(id(number));
    }
    assert_eq!(bodies.len(), count);
    for (user, ids) in expected {
        let got = &by_user[&user];
        let differs = (0..ids.len()).find(|&index| got.get(index) != ids.get(index));
        assert_eq!(differs, None, "{user}: {:?}", differs.map(|at| &got[at.min(got.len())..]));
    }
}

/// Checks that the counters add up, and returns them.
#[track_caller]
pub(crate) fn counters(sink: &Sink) -> SinkCounters {
    let counters = sink.counters();
    let SinkCounters { accepted, delivered, refused, buffered, .. } = counters;
    assert_eq!(accepted, delivered + refused + buffered, "{counters:?}");
    counters
}

/// Waits until the counters are as wanted.
pub(crate) async fn until(sink: &Sink, is_so: impl Fn(&SinkCounters) -> bool) -> SinkCounters {
    let looking = async {
        loop {
            let counters = counters(sink);
            if is_so(&counters) {
                return counters;
            }
            tokio::task::yield_now().await;
        }
    };
    let found = tokio::time::timeout(LIMIT, looking).await;
    found.unwrap_or_else(|_| panic!("never came: {:?}", sink.counters()))
}

/// Waits until nothing is on its way.
pub(crate) async fn drain(sink: &Sink) {
    let drained = tokio::time::timeout(LIMIT, sink.drain()).await;
    drained.unwrap_or_else(|_| panic!("never drained: {:?}", sink.counters()));
}
