//! What is given to a statement.

use std::rc::Rc;

use super::bound::Bound;
use super::{Result, Value};

/// A value that may be given to a statement.
pub(crate) trait ToSql {
    /// Returns it as SQLite takes it.
    fn for_sqlite(&self) -> &dyn rusqlite::ToSql;

    /// Returns it as PostgreSQL takes it.
    fn for_postgres(&self) -> Result<Bound>;
}

impl<V: rusqlite::ToSql> ToSql for V {
    fn for_sqlite(&self) -> &dyn rusqlite::ToSql {
        self
    }

    fn for_postgres(&self) -> Result<Bound> {
        Bound::of(self)
    }
}

/// Values of one kind, for `IN rarray(?)`.
#[derive(Debug, Clone)]
pub(crate) struct List(Rc<Vec<Value>>);

impl FromIterator<Value> for List {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Self {
        Self(Rc::new(values.into_iter().collect()))
    }
}

impl ToSql for List {
    fn for_sqlite(&self) -> &dyn rusqlite::ToSql {
        &self.0
    }

    fn for_postgres(&self) -> Result<Bound> {
        Bound::of_list(&self.0)
    }
}

/// Values of different kinds, to be given in order.
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        &[$(&$value as &dyn $crate::sql::ToSql),*] as &[&dyn $crate::sql::ToSql]
    };
}

pub(crate) use params;

/// What is given to a statement: a list, a tuple, `params![…]`, or nothing.
pub(crate) trait Params {
    /// Hands over the values in order.
    fn with<T>(self, take: impl FnOnce(&[&dyn ToSql]) -> T) -> T;
}

impl Params for &[&dyn ToSql] {
    fn with<T>(self, take: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
        take(self)
    }
}

/// Nothing is given.
impl Params for [&(dyn ToSql + Send + Sync); 0] {
    fn with<T>(self, take: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
        take(&[])
    }
}

macro_rules! of_list {
    ($($count:literal)+) => {$(
        impl<V: ToSql> Params for [V; $count] {
            fn with<T>(self, take: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
                take(&self.each_ref().map(|value| -> &dyn ToSql { value }))
            }
        }
    )+};
}

of_list!(1 2 3 4 5 6);

macro_rules! of_tuple {
    ($($name:ident $place:tt)+) => {
        impl<$($name: ToSql),+> Params for ($($name,)+) {
            fn with<T>(self, take: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
                take(&[$(&self.$place),+])
            }
        }
    };
}

of_tuple!(A 0 B 1);
of_tuple!(A 0 B 1 C 2);
of_tuple!(A 0 B 1 C 2 D 3);
of_tuple!(A 0 B 1 C 2 D 3 E 4);

/// Values of which there are as many as there are.
#[derive(Debug)]
pub(crate) struct Values(Vec<Value>);

/// Gives values one by one.
pub(crate) fn params_from_iter(values: impl IntoIterator<Item = Value>) -> Values {
    Values(values.into_iter().collect())
}

impl Params for Values {
    fn with<T>(self, take: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
        let given: Vec<&dyn ToSql> = self.0.iter().map(|value| -> &dyn ToSql { value }).collect();
        take(&given)
    }
}

/// Returns values as SQLite takes them.
pub(super) fn for_sqlite<'v>(values: &[&'v dyn ToSql]) -> Vec<&'v dyn rusqlite::ToSql> {
    values.iter().map(|value| value.for_sqlite()).collect()
}
