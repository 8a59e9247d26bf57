//! Values on their way to PostgreSQL and back.

use std::fmt;

use bytes::BytesMut;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, IsNull, Kind, ToSql, Type, to_sql_checked};

use super::{Error, Result};

/// The type of what is nothing.
pub(super) const NOTHING: Type = Type::VOID;

type Failure = Box<dyn std::error::Error + Sync + Send>;

/// A value, or a list of values of one type, as it is sent.
#[derive(Clone, PartialEq)]
pub(crate) enum Bound {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
    /// A list of which nothing is known but that it is empty.
    Empty,
    Integers(Vec<i64>),
    Texts(Vec<String>),
    Blobs(Vec<Vec<u8>>),
}

/// Without the value: the client logs what it is given, and that may be about a person.
impl fmt::Debug for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.ty().name())
    }
}

impl Bound {
    /// Takes over a value.
    pub(super) fn of(value: &impl rusqlite::ToSql) -> Result<Self> {
        Ok(match rusqlite::ToSql::to_sql(value)? {
            ToSqlOutput::Borrowed(value) => Self::of_ref(value),
            ToSqlOutput::Owned(value) => Self::of_ref(ValueRef::from(&value)),
            _ => return Err(Error::Statement("a value of a kind that is not known".to_owned())),
        })
    }

    fn of_ref(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(text) => Self::Text(text_of(text)),
            ValueRef::Blob(bytes) => Self::Blob(bytes.to_vec()),
        }
    }

    pub(super) fn of_list(list: &[Value]) -> Result<Self> {
        Ok(match list.first() {
            None => Self::Empty,
            Some(Value::Integer(_)) => Self::Integers(all(list, |value| match value {
                Value::Integer(number) => Some(*number),
                _ => None,
            })?),
            Some(Value::Text(_)) => Self::Texts(all(list, |value| match value {
                Value::Text(text) => Some(text_of(text.as_bytes())),
                _ => None,
            })?),
            Some(Value::Blob(_)) => Self::Blobs(all(list, |value| match value {
                Value::Blob(bytes) => Some(bytes.clone()),
                _ => None,
            })?),
            Some(Value::Null | Value::Real(_)) => return Err(mixed()),
        })
    }

    /// The type under which it is sent; `UNKNOWN` where the server has to find out, [`NOTHING`] for
    /// what is written out.
    pub(super) fn ty(&self) -> Type {
        match self {
            Self::Null => NOTHING,
            Self::Empty => Type::UNKNOWN,
            Self::Integer(_) => Type::INT8,
            Self::Real(_) => Type::FLOAT8,
            Self::Text(_) => Type::TEXT,
            Self::Blob(_) => Type::BYTEA,
            Self::Integers(_) => Type::INT8_ARRAY,
            Self::Texts(_) => Type::TEXT_ARRAY,
            Self::Blobs(_) => Type::BYTEA_ARRAY,
        }
    }
}

/// Takes every value of a list.
fn all<T>(list: &[Value], take: impl Fn(&Value) -> Option<T>) -> Result<Vec<T>> {
    list.iter().map(take).collect::<Option<_>>().ok_or_else(mixed)
}

fn mixed() -> Error {
    Error::Statement("a list of values of different kinds".to_owned())
}

/// What stands for NUL in PostgreSQL, whose text has none: a character that is none and that hardly
/// any text holds (Unicode, noncharacters), and `0` after it. With `1` after it, it is itself. The
/// wire forms refuse a NUL in what they read; names that are asked for, subjects of a bus, answers
/// of providers and what older files hold may have one.
const MARK: char = '\u{10fffe}';
const NUL: &str = "\u{10fffe}0";
const ITSELF: &str = "\u{10fffe}1";

/// Makes PostgreSQL's text.
fn text_of(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    // The first byte of the mark is rare.
    if bytes.iter().any(|byte| matches!(byte, 0 | 0xf4)) {
        text.replace(MARK, ITSELF).replace('\0', NUL)
    } else {
        text.into_owned()
    }
}

/// Makes the text again that PostgreSQL's stands for; `None` where it is the same, or no text.
pub(super) fn restored(value: ValueRef<'_>) -> Option<String> {
    let ValueRef::Text(text) = value else { return None };
    // The first byte of the mark is rare.
    if !text.contains(&0xf4) {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    text.contains(MARK).then(|| text.replace(NUL, "\0").replace(ITSELF, &MARK.to_string()))
}

impl ToSql for Bound {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> std::result::Result<IsNull, Failure> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            #[expect(clippy::cast_precision_loss, reason = "as SQLite keeps it in such a column")]
            Self::Integer(number) if *ty == Type::FLOAT8 => (*number as f64).to_sql(ty, out),
            Self::Integer(number) => number.to_sql(ty, out),
            Self::Real(number) => number.to_sql(ty, out),
            Self::Text(text) => text.to_sql(ty, out),
            Self::Blob(bytes) => bytes.to_sql(ty, out),
            Self::Empty => {
                let Kind::Array(member) = ty.kind() else {
                    return Err(format!("an empty list is given where {ty} is wanted").into());
                };
                // No dimensions, no nulls, and what it would hold (protocol 3.0, arrays).
                for word in [0, 0, member.oid()] {
                    out.extend_from_slice(&word.to_be_bytes());
                }
                Ok(IsNull::No)
            }
            Self::Integers(list) => list.to_sql(ty, out),
            Self::Texts(list) => list.to_sql(ty, out),
            Self::Blobs(list) => list.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Reads a column as SQLite would hold it.
pub(super) fn read(row: &Row, column: usize) -> Result<ValueRef<'_>> {
    let Some(ty) = row.columns().get(column).map(tokio_postgres::Column::type_) else {
        return Err(Error::Type { column, found: "there is no such column".to_owned() });
    };
    let value = match *ty {
        Type::INT8 => row.try_get::<_, Option<i64>>(column)?.map(ValueRef::Integer),
        Type::INT4 => {
            let number: Option<i32> = row.try_get(column)?;
            number.map(|number| ValueRef::Integer(number.into()))
        }
        Type::BOOL => {
            let is_so: Option<bool> = row.try_get(column)?;
            is_so.map(|is_so| ValueRef::Integer(is_so.into()))
        }
        Type::FLOAT8 => row.try_get::<_, Option<f64>>(column)?.map(ValueRef::Real),
        Type::TEXT | Type::VARCHAR | Type::NAME | Type::UNKNOWN => {
            let text: Option<&str> = row.try_get(column)?;
            text.map(|text| ValueRef::Text(text.as_bytes()))
        }
        Type::BYTEA => row.try_get::<_, Option<&[u8]>>(column)?.map(ValueRef::Blob),
        Type::NUMERIC => row.try_get::<_, Option<Numeric>>(column)?.map(|number| number.0),
        ref other => return Err(Error::Type { column, found: other.to_string() }),
    };
    Ok(value.unwrap_or(ValueRef::Null))
}

/// A NUMERIC, which sums of BIGINT are: an integer where it is one.
struct Numeric(ValueRef<'static>);

impl<'a> FromSql<'a> for Numeric {
    /// Groups of four decimal digits, the first of weight 10000^weight (protocol 3.0, numeric).
    fn from_sql(_: &Type, raw: &'a [u8]) -> std::result::Result<Self, Failure> {
        let mut words = raw.chunks_exact(2).filter_map(|pair| <[u8; 2]>::try_from(pair).ok());
        let mut word = || words.next().map(i16::from_be_bytes).ok_or("a numeric is too short");
        let (count, weight, sign, _scale) = (word()?, word()?, word()?, word()?);
        let groups: Vec<i16> = (0..count).map(|_| word()).collect::<std::result::Result<_, _>>()?;
        let is_negative = match sign {
            0 => false,
            0x4000 => true,
            _ => return Err("a numeric is no number".into()),
        };
        if let Some(whole) = integer_of(&groups, weight) {
            return Ok(Self(ValueRef::Integer(if is_negative { -whole } else { whole })));
        }
        let mut sum = 0.0;
        for (place, group) in (0..).zip(&groups) {
            sum += f64::from(*group) * 10_000_f64.powi(i32::from(weight) - place);
        }
        Ok(Self(ValueRef::Real(if is_negative { -sum } else { sum })))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::NUMERIC
    }
}

/// The integer that groups of four digits make; `None` where there is a fraction, or no room.
fn integer_of(groups: &[i16], weight: i16) -> Option<i64> {
    let wholes = usize::try_from(i32::from(weight) + 1).unwrap_or(0);
    let (whole, fraction) = groups.split_at(groups.len().min(wholes));
    if fraction.iter().any(|group| *group != 0) {
        return None;
    }
    let padded = whole.iter().copied().chain(std::iter::repeat(0)).take(wholes);
    padded
        .into_iter()
        .try_fold(0_i64, |sum, group| sum.checked_mul(10_000)?.checked_add(i64::from(group)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &[i16], expected: ValueRef<'static>) {
        let raw: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        assert_eq!(Numeric::from_sql(&Type::NUMERIC, &raw).unwrap().0, expected, "{words:?}");
    }

    #[test]
    fn sums_are_read_as_integers_and_means_as_reals() {
        check(&[0, 0, 0, 0], ValueRef::Integer(0));
        check(&[1, 0, 0, 0, 42], ValueRef::Integer(42));
        check(&[2, 1, 0, 0, 1, 2], ValueRef::Integer(10_002));
        check(&[1, 2, 0, 0, 7], ValueRef::Integer(700_000_000));
        check(&[1, 0, 0x4000, 0, 42], ValueRef::Integer(-42));
        check(&[2, 0, 0, 2, 1, 5000], ValueRef::Real(1.5));
        check(&[1, -1, 0, 2, 2500], ValueRef::Real(0.25));
    }

    #[test]
    fn every_text_comes_back_as_it_was() {
        for text in ["a\0b", "\0", "\u{10fffe}", "\u{10fffe}0", "\0\u{10fffe}1\u{10fffe}\0"] {
            let kept = text_of(text.as_bytes());
            assert!(!kept.contains('\0'), "{text:?}");
            assert_eq!(restored(ValueRef::from(&*kept)).as_deref(), Some(text));
        }
        assert_eq!(text_of("grün 🎉".as_bytes()), "grün 🎉");
        assert_eq!(restored(ValueRef::from("grün 🎉")), None);
    }

    #[test]
    fn what_is_given_is_not_shown() {
        let given = [Bound::Text("ann@example.com".to_owned()), Bound::Integers(vec![4_711])];
        assert_eq!(format!("{given:?}"), "[text, _int8]");
    }

    #[test]
    fn a_list_is_of_one_kind() {
        assert_eq!(Bound::of_list(&[]).unwrap(), Bound::Empty);
        let mixed = [Value::Integer(1), Value::Text("a".to_owned())];
        assert!(Bound::of_list(&mixed).is_err());
        assert!(Bound::of_list(&[Value::Real(1.0)]).is_err());
    }
}
