//! Conditions on the rows of a table: what a `scope` function answers, and what a [`Select`](super::Select) is asked for.

use std::fmt::Write;
use std::marker::PhantomData;

use super::dialect::{Dialect, KeyType};
use super::statement::{ScopeBind, ScopeBinds};
use crate::error::{Error, Result};
use crate::graph::Col;
use crate::index::{Column, Value, Values};

/// A condition on the rows of the node `N`, with bound values. It is made of columns:
///
/// ```
/// # use hiku_core::sql::Filter;
/// # use hiku_core::graph::Col;
/// # struct Account; struct C { tenant_id: Col<Account, i64>, name: Col<Account, Option<String>> }
/// # let c = C { tenant_id: Col::new("tenant_id"), name: Col::new("name") };
/// // `c` is `Account::COLUMNS`.
/// let mine: Filter<Account> = c.tenant_id.eq(7).and(c.name.starts_with("A").or(c.name.is_null()));
/// ```
///
/// As in SQL, a null is neither equal to a value nor unequal, so `not` does not find it either.
pub struct Filter<N = ()> {
    /// They must all hold.
    pub(super) all: Vec<Condition>,
    of: PhantomData<fn() -> N>,
}

#[derive(Clone, Debug)]
pub(super) enum Condition {
    /// No row at all.
    Never,
    Field {
        /// The Rust name of the field.
        field: &'static str,
        test: Test,
    },
    /// Of none: every row.
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
}

#[derive(Clone, Debug)]
pub(super) enum Test {
    /// Compared with the one value of the column.
    Compare(&'static str, Column),
    /// Equal to any value of the column.
    AnyOf(Column),
    /// Text that starts with the one of the column.
    StartsWith(Column),
    Null,
}

impl<N> Filter<N> {
    /// Every row.
    pub fn all() -> Self {
        Filter::of(Vec::new())
    }

    /// No row.
    pub fn none() -> Self {
        Filter::of(vec![Condition::Never])
    }

    /// Rows for which both hold.
    #[must_use]
    pub fn and(mut self, other: Filter<N>) -> Self {
        self.all.extend(other.all);
        self
    }

    /// Rows for which one of them holds, or both.
    #[must_use]
    pub fn or(self, other: Filter<N>) -> Self {
        let mut any = match self.one() {
            Condition::Any(any) => any,
            one => vec![one],
        };
        any.push(other.one());
        Filter::of(vec![Condition::Any(any)])
    }

    /// Rows for which it does not hold.
    #[must_use]
    #[allow(clippy::should_implement_trait, reason = "it stands beside `and` and `or`")]
    pub fn not(self) -> Self {
        Filter::of(vec![Condition::Not(Box::new(self.one()))])
    }

    pub(crate) fn untyped(self) -> Filter {
        Filter::of(self.all)
    }

    pub(super) fn of(all: Vec<Condition>) -> Self {
        Filter { all, of: PhantomData }
    }

    fn one(mut self) -> Condition {
        match (self.all.pop(), self.all.is_empty()) {
            (Some(only), true) => only,
            (last, _) => {
                self.all.extend(last);
                Condition::All(self.all)
            }
        }
    }
}

impl<N> Clone for Filter<N> {
    fn clone(&self) -> Self {
        Filter::of(self.all.clone())
    }
}

impl<N> std::fmt::Debug for Filter<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Filter").field(&self.all).finish()
    }
}

/// A value that a column of type `T` is compared with or set to: a `T`; where that is an `Option`, also what is in it; and
/// `&str` for text.
#[diagnostic::on_unimplemented(
    message = "a column of type `{T}` has no value of type `{Self}`",
    label = "not a value of this column",
    note = "write a `{T}`; for an `Option` also what is in it, and `&str` for `String`"
)]
pub trait Operand<T> {
    #[doc(hidden)]
    fn operand(self) -> T;
}

#[diagnostic::do_not_recommend]
impl<T: Value> Operand<T> for T {
    fn operand(self) -> T {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T: Value> Operand<Option<T>> for T {
    fn operand(self) -> Option<T> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl Operand<String> for &str {
    fn operand(self) -> String {
        self.to_owned()
    }
}

#[diagnostic::do_not_recommend]
impl Operand<Option<String>> for &str {
    fn operand(self) -> Option<String> {
        Some(self.to_owned())
    }
}

/// The types of columns of text.
#[diagnostic::on_unimplemented(
    message = "a column of type `{Self}` is no text",
    label = "`starts_with` is for `String` and `Option<String>`"
)]
pub trait TextValue: Value {}
impl TextValue for String {}
impl TextValue for Option<String> {}

/// One value as a column.
pub(super) fn column_of<T: Value>(value: &T) -> Column {
    let mut column = Column::new(T::TYPE);
    value.write_to(&mut column);
    column
}

/// Conditions on one field.
impl<N, T: Value> Col<N, T> {
    /// Equal to the value. A null equals nothing: there is [`is_null`](Col::is_null).
    pub fn eq(self, value: impl Operand<T>) -> Filter<N> {
        self.compare("=", value)
    }

    /// Another value than this one, and not null.
    pub fn ne(self, value: impl Operand<T>) -> Filter<N> {
        self.compare("<>", value)
    }

    /// Less than the value. Texts compare as the database sorts them.
    pub fn lt(self, value: impl Operand<T>) -> Filter<N> {
        self.compare("<", value)
    }

    /// Less than the value, or equal.
    pub fn le(self, value: impl Operand<T>) -> Filter<N> {
        self.compare("<=", value)
    }

    /// Greater than the value.
    pub fn gt(self, value: impl Operand<T>) -> Filter<N> {
        self.compare(">", value)
    }

    /// Greater than the value, or equal.
    pub fn ge(self, value: impl Operand<T>) -> Filter<N> {
        self.compare(">=", value)
    }

    /// Equal to one of the values, of any number: one statement for all, also for none.
    pub fn any_of(self, values: impl IntoIterator<Item: Operand<T>>) -> Filter<N> {
        let mut column = Column::new(T::TYPE);
        values.into_iter().for_each(|value| value.operand().write_to(&mut column));
        // Drivers bind a list without its nulls, which equal nothing.
        if column.has_nulls() {
            let some: Vec<usize> = (0..column.len()).filter(|&row| !column.is_null(row)).collect();
            column = column.take(some.into_iter());
        }
        self.when(Test::AnyOf(column))
    }

    /// Text that starts with this one, letter by letter and case by case.
    pub fn starts_with(self, text: &str) -> Filter<N>
    where
        T: TextValue,
    {
        self.when(Test::StartsWith(column_of(&text.to_owned())))
    }

    fn compare(self, operator: &'static str, value: impl Operand<T>) -> Filter<N> {
        self.when(Test::Compare(operator, column_of(&value.operand())))
    }

    fn when(self, test: Test) -> Filter<N> {
        Filter::of(vec![Condition::Field { field: self.name(), test }])
    }
}

/// Conditions on a field that can be null.
impl<N, T: Value> Col<N, Option<T>> {
    /// Null.
    pub fn is_null(self) -> Filter<N> {
        self.when(Test::Null)
    }

    /// Not null.
    pub fn is_not_null(self) -> Filter<N> {
        self.is_null().not()
    }
}

/// Writes conditions into the text of a statement.
pub(super) struct Conditions<'a> {
    pub(super) dialect: Dialect,
    pub(super) out: &'a mut String,
    /// The number of the next placeholder.
    pub(super) next: &'a mut usize,
    pub(super) binds: &'a mut ScopeBinds,
    /// The numbers of the placeholders in the order of the text.
    pub(super) numbers: &'a mut Vec<usize>,
    /// How MariaDB compares a column, where it is known.
    pub(super) types: &'a dyn Fn(&str) -> Option<KeyType>,
    /// The column of a field by its Rust name.
    pub(super) column: &'a dyn Fn(&str) -> Option<&'a str>,
    /// What the filter is called in an error.
    pub(super) what: &'a str,
}

impl Conditions<'_> {
    /// Each of those that must all hold, after `before` or `AND`.
    pub(super) fn write<N>(&mut self, filter: &Filter<N>, before: &str) -> Result<()> {
        let mut lead = before;
        for one in &filter.all {
            self.out.push_str(lead);
            self.nested(one)?;
            lead = " AND ";
        }
        Ok(())
    }

    fn nested(&mut self, condition: &Condition) -> Result<()> {
        match condition {
            Condition::Never => self.out.push_str("1 = 0"),
            Condition::All(all) if all.is_empty() => self.out.push_str("1 = 1"),
            Condition::All(all) => self.list(all, " AND ")?,
            Condition::Any(any) => self.list(any, " OR ")?,
            Condition::Not(condition) => {
                self.out.push_str("NOT (");
                self.nested(condition)?;
                self.out.push(')');
            }
            Condition::Field { field, test } => self.field(field, test)?,
        }
        Ok(())
    }

    fn list(&mut self, conditions: &[Condition], between: &str) -> Result<()> {
        for (at, condition) in conditions.iter().enumerate() {
            self.out.push_str(if at == 0 { "(" } else { between });
            self.nested(condition)?;
        }
        self.out.push(')');
        Ok(())
    }

    fn field(&mut self, field: &str, test: &Test) -> Result<()> {
        let Some(column) = (self.column)(field) else {
            return Err(Error::internal(format!("{} names `{field}`, which is not a field of it", self.what)));
        };
        let mut quoted = String::new();
        self.dialect.quote(&mut quoted, column);
        match test {
            Test::Null => {
                let _ = write!(self.out, "{quoted} IS NULL");
            }
            Test::Compare(operator, value) => {
                let _ = write!(self.out, "{quoted} {operator} ");
                match *operator {
                    "=" => self.dialect.steady(self.out, *self.next),
                    // How many rows are above one value tells nothing of another.
                    _ => self.dialect.placeholder(self.out, *self.next),
                }
                self.numbers.push(*self.next);
                self.bind(ScopeBind::One(value.clone()));
            }
            Test::StartsWith(start) => {
                let pattern = self.dialect.starts_with(self.out, &quoted, text(start), *self.next);
                // MariaDB has it twice.
                let times = if self.dialect == Dialect::MySql { 2 } else { 1 };
                self.numbers.extend(std::iter::repeat_n(*self.next, times));
                self.bind(ScopeBind::One(column_of(&pattern)));
            }
            Test::AnyOf(values) => {
                // The kind is that of the values, which drivers bind with their type; MariaDB has to be told.
                let kind = if self.dialect == Dialect::MySql { &[values.kind()][..] } else { &[] };
                self.numbers.push(*self.next);
                self.dialect.in_keys(self.out, &[quoted], kind, vec![(self.types)(column)], *self.next);
                self.bind(ScopeBind::Many(values.clone()));
            }
        }
        Ok(())
    }

    fn bind(&mut self, bind: ScopeBind) {
        *self.next += 1;
        self.binds.push(bind);
    }
}

fn text(column: &Column) -> &str {
    match column.values() {
        Values::Text(text) => text.get(0),
        _ => "",
    }
}
