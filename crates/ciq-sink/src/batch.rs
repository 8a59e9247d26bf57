//! Messages on their way, many to an allocation.

use std::ops::Range;

/// A message: an event as it travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    /// The event's id.
    pub id: &'a str,
    /// Whose it is. Messages of one user arrive in the order in which they were pushed.
    pub user_id: &'a str,
    /// What kind of event it is.
    pub name: &'a str,
    /// The whole event as JSON, without a line break.
    pub body: &'a [u8],
}

/// Messages in order, in one run of bytes and one of places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    text: String,
    bodies: Vec<u8>,
    places: Vec<Place>,
}

/// Where a message ends: in the text after its id, its user and its name, and in the bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    id_end: usize,
    user_end: usize,
    name_end: usize,
    body_end: usize,
}

const START: Place = Place { id_end: 0, user_end: 0, name_end: 0, body_end: 0 };

impl Batch {
    /// Makes a batch of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a message behind the others.
    pub fn push(&mut self, message: Message<'_>) {
        let Message { id, user_id, name, body } = message;
        debug_assert!(!body.contains(&b'\n'), "a body is one line");
        self.text.push_str(id);
        let id_end = self.text.len();
        self.text.push_str(user_id);
        let user_end = self.text.len();
        self.text.push_str(name);
        let name_end = self.text.len();
        self.bodies.extend_from_slice(body);
        self.places.push(Place { id_end, user_end, name_end, body_end: self.bodies.len() });
    }

    /// Adds the messages of another batch behind these.
    pub fn append(&mut self, other: &Self) {
        if self.is_empty() {
            self.clone_from(other);
            return;
        }
        let (text, body) = (self.text.len(), self.bodies.len());
        self.text.push_str(&other.text);
        self.bodies.extend_from_slice(&other.bodies);
        self.places.extend(other.places.iter().map(|place| Place {
            id_end: text + place.id_end,
            user_end: text + place.user_end,
            name_end: text + place.name_end,
            body_end: body + place.body_end,
        }));
    }

    /// Returns the number of messages.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Tells whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Returns the bytes of all messages together, names and ids included.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.text.len() + self.bodies.len()
    }

    /// Returns the messages, first pushed first.
    pub fn iter(&self) -> impl Iterator<Item = Message<'_>> {
        self.range(0..self.len())
    }

    /// Returns the messages at some places; places that are none are passed over.
    pub(crate) fn range(&self, places: Range<usize>) -> impl Iterator<Item = Message<'_>> {
        places.map_while(|index| self.get(index))
    }

    /// Returns the place behind the messages from `from` that keep within both limits. The first
    /// always does.
    pub(crate) fn end_within(&self, from: usize, count_max: usize, bytes_max: usize) -> usize {
        let start = self.start_of(from).body_end;
        let last = self.len().min(from.saturating_add(count_max.max(1)));
        let fits = |place: &&Place| place.body_end - start <= bytes_max;
        let rest = self.places.get(from..last).unwrap_or_default();
        (from + rest.iter().take_while(fits).count()).max(from + 1).min(self.len())
    }

    /// Splits off what does not keep within both limits.
    pub(crate) fn split_within(self, count_max: usize, bytes_max: usize) -> Vec<Self> {
        if self.len() <= count_max && self.size_bytes() <= bytes_max {
            return vec![self];
        }
        let mut parts = Vec::new();
        let mut part = Self::new();
        for message in self.iter() {
            let size = message.size_bytes();
            if !part.is_empty() && (part.len() >= count_max || part.size_bytes() + size > bytes_max)
            {
                parts.push(std::mem::take(&mut part));
            }
            part.push(message);
        }
        parts.push(part);
        parts
    }

    /// Returns where among all bodies a message's is.
    pub(crate) fn body_place(&self, index: usize) -> Range<usize> {
        let end = self.places.get(index).map_or(self.bodies.len(), |place| place.body_end);
        self.start_of(index).body_end..end
    }

    /// Returns the bytes of the bodies at some places.
    pub(crate) fn bytes_of(&self, places: &Range<usize>) -> usize {
        self.start_of(places.end).body_end - self.start_of(places.start).body_end
    }

    /// Returns the message at a place.
    pub(crate) fn get(&self, index: usize) -> Option<Message<'_>> {
        let place = self.places.get(index)?;
        Some(Message {
            id: &self.text[self.start_of(index).name_end..place.id_end],
            user_id: &self.text[place.id_end..place.user_end],
            name: &self.text[place.user_end..place.name_end],
            body: &self.bodies[self.body_place(index)],
        })
    }

    fn start_of(&self, index: usize) -> Place {
        index.checked_sub(1).and_then(|before| self.places.get(before)).copied().unwrap_or(START)
    }
}

impl Message<'_> {
    /// Returns the bytes of the message, name and ids included.
    fn size_bytes(&self) -> usize {
        self.id.len() + self.user_id.len() + self.name.len() + self.body.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(count: usize) -> Batch {
        let mut batch = Batch::new();
        for index in 0..count {
            let (id, body) = (format!("evt_{index}"), format!("{{\"n\":{index}}}"));
            batch.push(Message { id: &id, user_id: "u", name: "n", body: body.as_bytes() });
        }
        batch
    }

    #[test]
    fn what_is_pushed_comes_out() {
        let batch = batch(3);
        let ids: Vec<&str> = batch.iter().map(|message| message.id).collect();
        assert_eq!(ids, ["evt_0", "evt_1", "evt_2"]);
        let last = Message { id: "evt_2", user_id: "u", name: "n", body: b"{\"n\":2}" };
        assert_eq!(batch.iter().last(), Some(last));
        assert_eq!((batch.len(), batch.size_bytes()), (3, 3 * 14));
    }

    #[test]
    fn an_appended_batch_is_as_if_pushed() {
        let (mut first, whole) = (batch(2), batch(5));
        let mut rest = Batch::new();
        whole.range(2..5).for_each(|message| rest.push(message));
        first.append(&rest);
        assert_eq!(first, whole);
    }

    #[test]
    fn parts_keep_within_limits_and_lose_nothing() {
        let whole = batch(5);
        assert_eq!(whole.end_within(1, 2, 1_000), 3);
        assert_eq!(whole.end_within(1, 100, 14), 3);
        assert_eq!(whole.end_within(4, 100, 0), 5);
        for (count, bytes) in [(2, 1_000), (100, 28), (1, 1), (100, 1_000)] {
            let mut again = Batch::new();
            for part in whole.clone().split_within(count, bytes) {
                assert!(part.len() == 1 || part.len() <= count && part.size_bytes() <= bytes);
                again.append(&part);
            }
            assert_eq!(again, whole);
        }
    }
}
