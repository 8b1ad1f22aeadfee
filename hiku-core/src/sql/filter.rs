//! Conditions from request data: what a `scope` function answers.

use crate::graph::Col;
use crate::index::{Column, Value};

/// A condition on the rows of a table, with bound values: which rows this request may see.
///
/// ```
/// # use hiku_core::sql::Filter;
/// # use hiku_core::graph::Col;
/// # struct Account; let tenant_id: Col<Account, i64> = Col::new("tenant_id");
/// let mine = Filter::eq(tenant_id, 7);
/// ```
#[derive(Clone, Debug)]
pub struct Filter {
    pub(super) conditions: Vec<Condition>,
    /// No row at all.
    pub(super) none: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Condition {
    /// The Rust name of the field.
    pub(super) field: &'static str,
    pub(super) test: Test,
}

#[derive(Clone, Debug)]
pub(super) enum Test {
    /// Equal to the one value of the column.
    Equal(Column),
    /// Equal to any value of the column.
    AnyOf(Column),
    Null,
}

impl Filter {
    /// Every row.
    pub fn all() -> Self {
        Filter { conditions: Vec::new(), none: false }
    }

    /// No row.
    pub fn none() -> Self {
        Filter { conditions: Vec::new(), none: true }
    }

    /// Rows whose field is this value; null equals nothing.
    pub fn eq<N, T: Value>(field: Col<N, T>, value: impl Into<T>) -> Self {
        let mut column = Column::new(T::TYPE);
        value.into().write_to(&mut column);
        Filter::when(field.name(), Test::Equal(column))
    }

    /// Rows whose field is one of these values; null equals nothing.
    pub fn any_of<N, T: Value>(field: Col<N, T>, values: impl IntoIterator<Item = T>) -> Self {
        let mut column = Column::new(T::TYPE);
        values.into_iter().for_each(|value| value.write_to(&mut column));
        // Drivers bind a list without its nulls.
        if column.has_nulls() {
            let some: Vec<usize> = (0..column.len()).filter(|&row| !column.is_null(row)).collect();
            column = column.take(some.into_iter());
        }
        Filter::when(field.name(), Test::AnyOf(column))
    }

    /// Rows whose field is null.
    pub fn is_null<N, T: Value>(field: Col<N, Option<T>>) -> Self {
        Filter::when(field.name(), Test::Null)
    }

    /// Rows for which both hold.
    #[must_use]
    pub fn and(mut self, other: Filter) -> Self {
        self.conditions.extend(other.conditions);
        self.none |= other.none;
        self
    }

    fn when(field: &'static str, test: Test) -> Self {
        Filter { conditions: vec![Condition { field, test }], none: false }
    }
}
