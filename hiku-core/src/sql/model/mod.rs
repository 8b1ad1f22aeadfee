//! Models: rows of nodes, read and written by code. Everything is done over the definition that the macro emits; what there is
//! for each type is only how a row is taken out of columns.

mod operation;
mod select;
mod table;
mod text;
mod write;

use std::borrow::Borrow;
use std::marker::PhantomData;
use std::sync::Arc;

pub use operation::Operation;
pub use select::{Order, Select};
pub use write::{Delete, Insert, Update};

use self::table::Table;
use super::filter::{Condition, Test, column_of};
use super::{Db, Fetched, Filter, Operand};
use crate::error::{Error, Result};
use crate::graph::{Col, Key, Node};
use crate::index::{Column, Value};

/// What an operation sets a column to.
#[derive(Clone, Debug)]
pub struct Change<N> {
    field: &'static str,
    to: To,
    of: PhantomData<fn() -> N>,
}

#[derive(Clone, Debug)]
enum To {
    Value(Column),
    /// What it was, and so much more.
    More(Column),
}

impl<N, T: Value> Col<N, T> {
    /// This value.
    pub fn set(self, value: impl Operand<T>) -> Change<N> {
        Change { field: self.name(), to: To::Value(column_of(&value.operand())), of: PhantomData }
    }

    /// What it was before, and so much more: of numbers, in an update.
    pub fn plus(self, value: impl Operand<T>) -> Change<N> {
        Change { field: self.name(), to: To::More(column_of(&value.operand())), of: PhantomData }
    }
}

/// The columns that tell whether two rows are the same: a column, or a tuple of up to four.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no column of `{N}`",
    label = "write a column, or a tuple of up to four columns, of `{N}`"
)]
pub trait Columns<N> {
    #[doc(hidden)]
    fn names(&self) -> Vec<&'static str>;
}

impl<N, T> Columns<N> for Col<N, T> {
    fn names(&self) -> Vec<&'static str> {
        vec![self.name()]
    }
}

macro_rules! tuple {
    ($($t:ident $at:tt),+) => {
        impl<N, $($t),+> Columns<N> for ($(Col<N, $t>,)+) {
            fn names(&self) -> Vec<&'static str> {
                vec![$(self.$at.name()),+]
            }
        }
    };
}
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);

/// A node with a table, as rows that code reads and writes. Every `#[node(table = ..)]` is one.
///
/// Each operation is one value, and there are two ways to end it: `.await`, or `.blocking()` where a thread may wait (see
/// [`Operation::blocking`]). Both do the same, as part of [`Db::atomic`] if they stand in it. Values are bound.
///
/// ```
/// # use hiku_core::error::Result;
/// # use hiku_core::sql::{Db, Model};
/// # use hiku_core::graph::Col;
/// # struct Columns { id: Col<(), i64>, text: Col<(), String> }
/// # #[allow(dead_code)]
/// # async fn f<Note: Model>(db: &Db, c: hiku_core::graph::Col<Note, String>) -> Result<()> {
/// // `c` is a column: `let c = Note::COLUMNS.text;`
/// let note = Note::create(db, [c.set("FOO")]).await?;
/// let changed: u64 = Note::update(db, [c.set("BAR")]).filter(c.eq("FOO")).await?;
/// let texts: Vec<String> = Note::select(db).filter(c.starts_with("B")).order_by(c).column(c).await?;
/// note.save(db).blocking()?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Every operation fails with what the database says, internal, with the text of the statement;
/// [`violation`](crate::sql::violation) tells which of its rules was broken. A value that is not of its type is an error too.
///
/// A `filter` of the annotation holds for everything but inserts. A node with a `scope` is read, updated and deleted through
/// [`select`](Self::select), [`update`](Self::update) and [`delete`](Self::delete) only, which are told whose request it is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no node with a table",
    label = "not a model",
    note = "models are nodes with `#[node(table = \"..\")]`"
)]
pub trait Model: Node {
    /// A row out of columns, one for each of [`STORED`](Node::STORED), all of whose values are of their types.
    #[doc(hidden)]
    fn read(columns: &[Column], row: usize) -> Self;

    /// Make a row of these values, and answer it. Columns that are not named have what the database gives: a new key, a default,
    /// or null.
    fn create(db: &impl AsRef<Db>, values: impl IntoIterator<Item = Change<Self>>) -> Operation<Self> {
        let values = values.into_iter().collect();
        write::create(db.as_ref(), values)
    }

    /// The row with this key, if there is one.
    fn get(db: &impl AsRef<Db>, key: impl Into<Self::Key>) -> Operation<Option<Self>> {
        select::get(db.as_ref(), key_filter(&key.into()))
    }

    /// The row with the values `by`, and whether it was made now: of those values and `rest`.
    ///
    /// Two that do this at once make one row if a unique index is over `by`; without one they may make two.
    fn get_or_create(
        db: &impl AsRef<Db>,
        by: impl IntoIterator<Item = Change<Self>>,
        rest: impl IntoIterator<Item = Change<Self>>,
    ) -> Operation<(Self, bool)> {
        write::get_or_create(db.as_ref(), by.into_iter().collect(), rest.into_iter().collect())
    }

    /// Rows to read: all, unless it is told which.
    fn select(db: &impl AsRef<Db>) -> Select<Self> {
        Select::new(db.as_ref())
    }

    /// Set columns of rows: of all, unless it is told which.
    fn update(db: &impl AsRef<Db>, changes: impl IntoIterator<Item = Change<Self>>) -> Update<Self> {
        Update::new(db.as_ref(), changes.into_iter().collect())
    }

    /// Delete rows: all, unless it is told which.
    fn delete(db: &impl AsRef<Db>) -> Delete<Self> {
        Delete::new(db.as_ref())
    }

    /// Insert whole rows, of any number, by one statement.
    fn insert<R: Borrow<Self>>(db: &impl AsRef<Db>, rows: impl IntoIterator<Item = R>) -> Insert<Self> {
        let mut columns: Vec<Column> = Self::STORED.iter().map(|field| Column::new(field.ty)).collect();
        rows.into_iter().for_each(|row| row.borrow().write_to(&mut columns));
        Insert::new(db.as_ref(), columns)
    }

    /// Store this row: update the one with its key, or insert it where there is none.
    fn save(&self, db: &impl AsRef<Db>) -> Operation<()> {
        let mut columns: Vec<Column> = Self::STORED.iter().map(|field| Column::new(field.ty)).collect();
        self.write_to(&mut columns);
        write::save::<Self>(db.as_ref(), columns)
    }

    /// Delete the row with the key of this one; whether it was there.
    fn remove(&self, db: &impl AsRef<Db>) -> Operation<bool> {
        let mut columns: Vec<Column> = Self::STORED.iter().map(|field| Column::new(field.ty)).collect();
        self.write_to(&mut columns);
        write::remove::<Self>(db.as_ref(), columns)
    }
}

/// The row with this key.
fn key_filter<N: Node>(key: &N::Key) -> Filter<N> {
    let mut columns: Vec<Column> = N::Key::PARTS.iter().map(|ty| Column::new(ty)).collect();
    key.write_to(&mut columns);
    same(N::def().key.iter().copied().zip(columns))
}

/// Rows whose fields have these values, or null where that is the value.
fn same<N>(values: impl Iterator<Item = (&'static str, Column)>) -> Filter<N> {
    let tests = values.map(|(field, value)| {
        let test = if value.is_null(0) { Test::Null } else { Test::Compare("=", value) };
        Condition::Field { field, test }
    });
    Filter::of(tests.collect())
}

/// The rows of an answer that has all fields.
fn rows_of<N: Model>(table: &Arc<Table>, mut fetched: Fetched) -> Result<Vec<N>> {
    let columns = table.sound(&mut fetched, N::STORED.iter().map(|field| (field.name, field.ty)))?;
    Ok((0..columns.first().map_or(0, Column::len)).map(|row| N::read(&columns, row)).collect())
}

/// The one row that was made.
fn only<N>(mut rows: Vec<N>) -> Result<N> {
    rows.pop().ok_or_else(|| Error::internal("the database made no row and said nothing"))
}
