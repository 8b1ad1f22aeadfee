//! Rows of a node: which, in which order, how many.

use std::marker::PhantomData;
use std::sync::Arc;

use super::operation::ends;
use super::table::Table;
use super::{Model, Operation, rows_of};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::graph::{Col, OrderDef, TypeDef};
use crate::index::Value;
use crate::sql::{Db, FetchArgs, Fetched, Filter, Page, SelectColumn, SelectExpr, Session, Started, Statement};

/// A place in an order: a column, or a column from the greatest to the least.
#[derive(Clone, Copy, Debug)]
pub struct Order<N> {
    by: OrderDef,
    of: PhantomData<fn() -> N>,
}

impl<N, T: Value> From<Col<N, T>> for Order<N> {
    fn from(column: Col<N, T>) -> Self {
        Order { by: OrderDef { field: column.name(), descending: false }, of: PhantomData }
    }
}

impl<N, T: Value> Col<N, T> {
    /// From the greatest to the least; nulls come first.
    pub fn desc(self) -> Order<N> {
        Order { by: OrderDef { field: self.name(), descending: true }, of: PhantomData }
    }
}

/// Which rows an operation is about.
#[derive(Clone)]
pub(super) struct Rows {
    pub(super) table: Result<Arc<Table>>,
    pub(super) filter: Filter,
    /// What a request may see of a node with a `scope`.
    scope: Result<Filter>,
}

impl Rows {
    pub(super) fn of<N: Model>() -> Rows {
        let table = Table::of::<N>();
        let scope = match &table {
            Ok(table) if table.has_scope() => Err(Error::internal(format!(
                "`{}` has a `scope`, and this operation knows no request: select, update or delete its rows with \
                 `.scoped(&context)`, or with `.unscoped()` for all of them",
                table.name()
            ))),
            _ => Ok(Filter::all()),
        };
        Rows { table, filter: Filter::all(), scope }
    }

    pub(super) fn filter<N>(&mut self, filter: Filter<N>) {
        let before = std::mem::replace(&mut self.filter, Filter::none());
        self.filter = before.and(filter.untyped());
    }

    pub(super) fn scoped(&mut self, context: &Context) {
        self.scope = self.table.as_ref().map_err(Clone::clone).and_then(|table| table.scope_of(context));
    }

    pub(super) fn unscoped(&mut self) {
        self.scope = Ok(Filter::all());
    }

    /// The table, and the condition on its rows.
    pub(super) fn checked(self) -> Result<(Arc<Table>, Filter)> {
        Ok((self.table?, self.scope?.and(self.filter)))
    }
}

/// Run a statement that reads.
pub(super) async fn read(db: &Db, statement: Arc<Statement>, filter: Filter, page: Option<Page>) -> Result<Fetched> {
    let args = FetchArgs { page, scope: Some(filter), ..FetchArgs::default() };
    match Session::new(db.clone()).start(statement, args) {
        Started::Done(fetched) => fetched,
        Started::Waiting(fetching) => fetching.await,
    }
}

/// The row with a key. The database knows that there is one at most: neither an order nor a page has to be planned.
pub(super) fn get<N: Model>(db: &Db, key: Filter<N>) -> Operation<Option<N>> {
    let on = db.clone();
    Operation::new(db, async move {
        let (table, scope) = Rows::of::<N>().checked()?;
        let rows = read(&on, table.reading_by_key(), scope.and(key.untyped()), None).await?;
        Ok(rows_of(&table, rows)?.pop())
    })
}

/// Rows to read: `.await` or `.blocking()` answers all of them, in order.
///
/// Without an order of its own it has that of the annotation; the key comes last in any case, so that it is always the same.
#[must_use = "nothing happens before `.await` or `.blocking()`"]
pub struct Select<N> {
    db: Db,
    rows: Rows,
    order: Vec<OrderDef>,
    limit: Option<u64>,
    offset: u64,
    of: PhantomData<fn() -> N>,
}

impl<N: Model> Select<N> {
    pub(super) fn new(db: &Db) -> Self {
        Select { db: db.clone(), rows: Rows::of::<N>(), order: Vec::new(), limit: None, offset: 0, of: PhantomData }
    }

    /// Only rows for which this holds as well.
    pub fn filter(mut self, filter: Filter<N>) -> Self {
        self.rows.filter(filter);
        self
    }

    /// Sorted by a column; a further one sorts what is equal by the ones before.
    pub fn order_by(mut self, order: impl Into<Order<N>>) -> Self {
        self.order.push(order.into().by);
        self
    }

    /// At most so many rows.
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Without the first so many rows.
    pub fn offset(mut self, rows: u64) -> Self {
        self.offset = rows;
        self
    }

    /// Of a node with a `scope`: the rows that this request may see.
    pub fn scoped(mut self, context: &Context) -> Self {
        self.rows.scoped(context);
        self
    }

    /// Of a node with a `scope`: all rows.
    pub fn unscoped(mut self) -> Self {
        self.rows.unscoped();
        self
    }

    /// The first row, if there is one.
    pub fn get(self) -> Operation<Option<N>> {
        let all = self.limit(1);
        let db = all.db.clone();
        Operation::new(&db, async move { Ok(all.await?.pop()) })
    }

    /// The first so many rows.
    pub fn first(self, rows: u64) -> Operation<Vec<N>> {
        self.limit(rows).operation()
    }

    /// One column of all rows.
    pub fn column<T: Value>(self, column: Col<N, T>) -> Operation<Vec<T>> {
        let name = column.name();
        let db = self.db.clone();
        Operation::new(&db, async move {
            let (table, filter, page) = self.asked()?;
            let field = table.fields[table.field(name)?];
            let order = table.order(&self.order)?;
            let statement = table.reading(vec![field.selected()], order, page.is_some());
            let mut fetched = read(&self.db, statement, filter, page).await?;
            let columns = table.sound(&mut fetched, std::iter::once((field.rust, field.ty)))?;
            Ok((0..columns[0].len()).map(|row| T::read(&columns[0], row)).collect())
        })
    }

    /// One column of the first row, if there is one.
    pub fn scalar<T: Value>(self, column: Col<N, T>) -> Operation<Option<T>> {
        let db = self.db.clone();
        Operation::new(&db, async move { Ok(self.limit(1).column(column).await?.pop()) })
    }

    /// How many rows there are, at most as many as the limit.
    pub fn count(self) -> Operation<u64> {
        let db = self.db.clone();
        Operation::new(&db, async move {
            let (offset, limit) = (self.offset, self.limit);
            let counted = self.plain("count(*)", i64::TYPE, None).await?;
            let counted = counted.columns.first().map_or(0, |column| i64::read(column, 0));
            let left = u64::try_from(counted)?.saturating_sub(offset);
            Ok(limit.map_or(left, |limit| left.min(limit)))
        })
    }

    /// Whether there is any row.
    pub fn exists(self) -> Operation<bool> {
        let db = self.db.clone();
        Operation::new(&db, async move {
            let limit = self.limit.unwrap_or(1).min(1);
            let page = Page { limit: limit.cast_signed(), offset: signed(self.offset) };
            let found = self.plain("1", i32::TYPE, Some(page)).await?;
            Ok(found.columns.first().is_some_and(|column| !column.is_empty()))
        })
    }

    async fn plain(self, sql: &str, ty: &'static TypeDef, page: Option<Page>) -> Result<Fetched> {
        let (table, filter, _) = self.asked()?;
        let column = SelectColumn { expr: SelectExpr::Sql(sql.to_owned()), ty };
        read(&self.db, table.reading(vec![column], Vec::new(), page.is_some()), filter, page).await
    }

    fn asked(&self) -> Result<(Arc<Table>, Filter, Option<Page>)> {
        let (table, filter) = self.rows.clone().checked()?;
        let paged = self.limit.is_some() || self.offset > 0;
        let page = Page { limit: signed(self.limit.unwrap_or(u64::MAX)), offset: signed(self.offset) };
        Ok((table, filter, paged.then_some(page)))
    }

    fn operation(self) -> Operation<Vec<N>> {
        let db = self.db.clone();
        Operation::new(&db, async move {
            let (table, filter, page) = self.asked()?;
            let statement = table.reading_everything(&self.order, page.is_some())?;
            rows_of(&table, read(&self.db, statement, filter, page).await?)
        })
    }
}

fn signed(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

ends!(Select => Vec<N>);
