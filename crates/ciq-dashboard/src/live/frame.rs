//! What goes over a stream: markup that takes the place of what a page shows.

use axum::body::Bytes;
use maud::Markup;

use crate::digest::name_of;
use crate::visitor::Visitor;

/// A message as it stands on the wire. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    id: String,
    bytes: Bytes,
}

impl Message {
    /// Makes a message of markup. Its id follows from the text alone, so that equal texts are
    /// equal messages, whoever rendered them and when.
    pub(crate) fn new(markup: &Markup) -> Self {
        let id = name_of(markup.0.as_bytes());
        let bytes = encoded(&id, &markup.0).into();
        Self { id, bytes }
    }

    /// Returns what tells this message from others.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Returns what goes over the wire.
    pub(super) fn bytes(&self) -> Bytes {
        self.bytes.clone()
    }
}

/// Writes a text as one server-sent event. A line ends with either of its signs, or both.
fn encoded(id: &str, text: &str) -> String {
    let mut out = format!("id: {id}\n");
    for line in text.replace("\r\n", "\n").split(['\n', '\r']) {
        out.push_str("data: ");
        out.push_str(line);
        out.push('\n');
    }
    out.push('\n');
    out
}

/// For whom something is rendered: what differs from visitor to visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Variant {
    names_brand: bool,
    may_act: bool,
}

impl Variant {
    /// Every variant, each at its [`place`](Self::place).
    pub(super) const ALL: [Self; 4] = [
        Self { names_brand: false, may_act: false },
        Self { names_brand: false, may_act: true },
        Self { names_brand: true, may_act: false },
        Self { names_brand: true, may_act: true },
    ];

    /// Returns what a visitor sees.
    pub(crate) fn of(visitor: &Visitor) -> Self {
        Self { names_brand: visitor.links.brand().is_some(), may_act: visitor.may_act() }
    }

    /// Tells whether addresses name the brand.
    pub(crate) fn names_brand(self) -> bool {
        self.names_brand
    }

    /// Tells whether the visitor may do more than read.
    pub(crate) fn may_act(self) -> bool {
        self.may_act
    }

    fn place(self) -> usize {
        usize::from(self.names_brand) * 2 + usize::from(self.may_act)
    }
}

/// What there is to see now, for everyone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame([Message; Variant::ALL.len()]);

impl Frame {
    /// Renders everything once.
    pub(super) fn new(render: impl Fn(Variant) -> Markup) -> Self {
        Self(Variant::ALL.map(|variant| Message::new(&render(variant))))
    }

    /// Returns what visitors of a kind see.
    pub(super) fn of(&self, variant: Variant) -> &Message {
        &self.0[variant.place()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use maud::PreEscaped;

    #[test]
    fn no_text_ends_a_message_before_its_time() {
        assert_eq!(
            encoded("1", "a\r\n\r\nb\rc\n"),
            "id: 1\ndata: a\ndata: \ndata: b\ndata: c\ndata: \n\n"
        );
    }

    #[test]
    fn each_variant_has_a_place_of_its_own() {
        let name = |variant: Variant| PreEscaped(format!("{variant:?}"));
        let frame = Frame::new(name);
        for variant in Variant::ALL {
            assert_eq!(frame.of(variant), &Message::new(&name(variant)));
        }
    }

    #[test]
    fn equal_texts_are_equal_messages() {
        let message = |text: &str| Message::new(&PreEscaped(text.to_owned()));
        assert_eq!(message("a").id(), message("a").id());
        assert_ne!(message("a").id(), message("b").id());
    }
}
