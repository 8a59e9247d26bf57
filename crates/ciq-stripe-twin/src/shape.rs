//! What operations accept: names, types, allowed words, what must be there.
//!
//! The tables in [`tables`] follow Stripe's published description of its API 2026-09-30.endive.
//! A parameter that Stripe takes and the twin does not is refused by name, never ignored.

mod check;
pub(crate) mod tables;

pub(crate) use check::check;

/// One parameter of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    name: &'static str,
    shape: Shape,
    is_required: bool,
    can_be_unset: bool,
}

/// What a parameter looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Text of at most so many characters.
    Text(usize),
    /// A whole number, from and to.
    Integer(i64, i64),
    /// Seconds since 1970.
    Time,
    /// Seconds since 1970, or one of these words.
    TimeOr(&'static [&'static str]),
    /// `true` or `false`.
    Boolean,
    /// A decimal number.
    Decimal,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of texts.
    Texts,
    /// Free keys, text values.
    Metadata,
    /// A time, or a map of `gt`, `gte`, `lt`, `lte`.
    Range,
    /// Named fields.
    Object(&'static [Field]),
    /// A list of such.
    Objects(&'static [Field]),
    /// Stripe takes it, the twin does not.
    Beyond,
}

impl Field {
    const fn new(name: &'static str, shape: Shape) -> Self {
        Self { name, shape, is_required: false, can_be_unset: false }
    }

    /// It must be there.
    const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// Empty text unsets it.
    const fn unset(self) -> Self {
        Self { can_be_unset: true, ..self }
    }
}

/// The longest of most texts: Stripe's own limit of text fields.
const TEXT_LENGTH_MAX: usize = 5_000;

const fn text(name: &'static str) -> Field {
    Field::new(name, Shape::Text(TEXT_LENGTH_MAX))
}

const fn short_text(name: &'static str, length_max: usize) -> Field {
    Field::new(name, Shape::Text(length_max))
}

const fn integer(name: &'static str, low: i64, high: i64) -> Field {
    Field::new(name, Shape::Integer(low, high))
}

const fn time(name: &'static str) -> Field {
    Field::new(name, Shape::Time)
}

const fn time_or(name: &'static str, words: &'static [&'static str]) -> Field {
    Field::new(name, Shape::TimeOr(words))
}

const fn boolean(name: &'static str) -> Field {
    Field::new(name, Shape::Boolean)
}

const fn word(name: &'static str, words: &'static [&'static str]) -> Field {
    Field::new(name, Shape::Word(words))
}

const fn texts(name: &'static str) -> Field {
    Field::new(name, Shape::Texts)
}

const fn metadata() -> Field {
    Field::new(crate::params::METADATA, Shape::Metadata).unset()
}

const fn range(name: &'static str) -> Field {
    Field::new(name, Shape::Range)
}

const fn object(name: &'static str, fields: &'static [Field]) -> Field {
    Field::new(name, Shape::Object(fields))
}

const fn objects(name: &'static str, fields: &'static [Field]) -> Field {
    Field::new(name, Shape::Objects(fields))
}

const fn beyond(name: &'static str) -> Field {
    Field::new(name, Shape::Beyond)
}
