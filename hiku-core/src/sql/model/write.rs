//! What changes rows.

use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use super::operation::ends;
use super::select::{Rows, read};
use super::table::Table;
use super::text::{Conflict, Text};
use super::{Change, Columns, Model, Operation, To, only, rows_of, same};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::index::Column;
#[cfg(feature = "mysql")]
use crate::sql::filter::{Condition, Test};
#[cfg(feature = "mysql")]
use crate::sql::session::OnConflict;
use crate::sql::session::Written;
use crate::sql::{Db, Dialect, Fetched, Filter, Page, Violation, violation};

/// Run a statement that writes.
async fn run(db: &Db, table: &Table, written: Written, returning: bool) -> Result<Fetched> {
    let statement = table.writing(returning);
    // MariaDB leaves out more than it should: that is found out after, and undone.
    #[cfg(feature = "mysql")]
    if db.dialect() == Dialect::MySql && written.on_conflict == OnConflict::Ignore {
        return db.atomic(|| crate::sql::session::write(db, statement, written)).await;
    }
    crate::sql::session::write(db, statement, written).await
}

/// What a statement that writes did; nothing, if there was nothing to write.
type Wrote = Result<Option<(Arc<Table>, Fetched)>>;

/// The rows that it answers.
fn rows_after<N: Model>(db: &Db, wrote: impl Future<Output = Wrote> + Send + 'static) -> Operation<Vec<N>> {
    Operation::new(db, async move { wrote.await?.map_or(Ok(Vec::new()), |(table, fetched)| rows_of(&table, fetched)) })
}

/// How many rows it wrote.
fn count_after(db: &Db, wrote: impl Future<Output = Wrote> + Send + 'static) -> Operation<u64> {
    Operation::new(db, async move { Ok(wrote.await?.map_or(0, |(_, fetched)| fetched.affected)) })
}

/// As an update that answers rows, on MariaDB, which does not answer them: they are locked, changed, and read.
#[cfg(feature = "mysql")]
async fn update_locked(db: &Db, table: &Table, changes: &[(usize, To)], filter: &Filter) -> Result<Fetched> {
    if let Some((at, _)) = changes.iter().find(|(at, _)| table.key.contains(at)) {
        let field = table.fields[*at].rust;
        return Err(Error::internal(format!(
            "MariaDB answers no rows of an update that sets `{field}`, a part of the key of `{}`: update without `returning`",
            table.name()
        )));
    }
    db.atomic(|| async {
        let text = Text::new(db, table).await?.locked(filter)?;
        let found = run(db, table, text, true).await?;
        let rows = found.columns.first().map_or(0, Column::len);
        if rows == 0 {
            return Ok(found);
        }
        let these = keys_of(table, &found);
        let text = Text::new(db, table).await?.update(changes, &these, false)?;
        run(db, table, text, false).await?;
        let text = Text::new(db, table).await?.locked(&these)?;
        run(db, table, text, true).await
    })
    .await
}

/// The rows of an answer that has all fields, by their keys.
#[cfg(feature = "mysql")]
fn keys_of(table: &Table, found: &Fetched) -> Filter {
    let field = |at: usize| table.fields[at].rust;
    if let [key] = table.key[..] {
        let test = Test::AnyOf(found.columns[key].clone());
        return Filter::of(vec![Condition::Field { field: field(key), test }]);
    }
    let part = |row: usize, at: usize| {
        let value = found.columns[at].take(std::iter::once(row));
        Condition::Field { field: field(at), test: Test::Compare("=", value) }
    };
    let rows = 0..found.columns.first().map_or(0, Column::len);
    let rows = rows.map(|row| Condition::All(table.key.iter().map(|&at| part(row, at)).collect()));
    Filter::of(vec![Condition::Any(rows.collect())])
}

/// The positions of what is to be set, each once.
fn changed<N>(table: &Table, changes: Vec<Change<N>>) -> Result<Vec<(usize, To)>> {
    let mut positions: Vec<(usize, To)> = Vec::with_capacity(changes.len());
    for change in changes {
        let at = table.field(change.field)?;
        if positions.iter().any(|(known, _)| *known == at) {
            return Err(Error::internal(format!("`{}` of `{}` is set twice", change.field, table.name())));
        }
        positions.push((at, change.to));
    }
    Ok(positions)
}

/// As [`changed`], for a row that is not there yet.
fn given<N>(table: &Table, changes: Vec<Change<N>>) -> Result<Given> {
    let value = |(at, to): (usize, To)| match to {
        To::Value(value) => Ok((at, value)),
        To::More(_) => Err(Error::internal(format!(
            "`{}` of `{}` was nothing before: `plus` is for updates",
            table.fields[at].rust,
            table.name()
        ))),
    };
    changed(table, changes)?.into_iter().map(value).collect()
}

/// Insert a row, and have it as it is stored.
async fn insert_one(db: &Db, table: &Table, values: &[(usize, Column)], conflict: &Conflict) -> Result<Fetched> {
    let insert =
        || async { run(db, table, Text::new(db, table).await?.insert_one(values, conflict, true)?, true).await };
    // Of several that insert the same at once MariaDB refuses some, as they wait for each other in a ring. In a transaction
    // that has undone all that was before.
    #[cfg(feature = "mysql")]
    for _ in 0..20 {
        match insert().await {
            Err(error) if !db.in_transaction() && crate::sql::mysql::is_deadlock(&error) => {}
            done => return done,
        }
    }
    insert().await
}

pub(super) fn create<N: Model>(db: &Db, values: Vec<Change<N>>) -> Operation<N> {
    let on = db.clone();
    Operation::new(db, async move {
        let table = Table::of::<N>()?;
        let values = given(&table, values)?;
        only(rows_of(&table, insert_one(&on, &table, &values, &Conflict::Fail).await?)?)
    })
}

pub(super) fn get_or_create<N: Model>(db: &Db, by: Vec<Change<N>>, rest: Vec<Change<N>>) -> Operation<(N, bool)> {
    let on = db.clone();
    Operation::new(db, async move {
        let (table, scope) = Rows::of::<N>().checked()?;
        let found = given(&table, by)?;
        let filter = scope.and(same(found.iter().map(|(at, value)| (table.fields[*at].rust, value.clone()))));
        let mut values = found;
        for (at, value) in given(&table, rest)? {
            // What the row is found by is what it has.
            if !values.iter().any(|(known, _)| *known == at) {
                values.push((at, value));
            }
        }
        // One that was made meanwhile is found the next time; what is in the way then is something else, and is the error.
        for conflict in [Conflict::Ignore, Conflict::Fail] {
            let page = Some(Page { limit: 1, offset: 0 });
            let rows = read(&on, table.reading_everything(&[], true)?, filter.clone(), page).await?;
            if let Some(row) = rows_of(&table, rows)?.pop() {
                return Ok((row, false));
            }
            // What MariaDB ignores beside uniqueness has to be undone; one row is inserted, or it is not.
            let tells = on.dialect() == Dialect::MySql;
            let as_told = if tells { &Conflict::Fail } else { &conflict };
            match insert_one(&on, &table, &values, as_told).await {
                Err(error) if tells && matches!(conflict, Conflict::Ignore) => match violation(&error) {
                    Some(Violation::Unique) => {}
                    _ => return Err(error),
                },
                made => {
                    if let Some(row) = rows_of(&table, made?)?.pop() {
                        return Ok((row, true));
                    }
                }
            }
        }
        Err(Error::internal("the database made no row and said nothing"))
    })
}

/// Values, by the position of their field.
type Given = Vec<(usize, Column)>;

/// The columns of the key, and the others.
fn split(table: &Table, columns: Vec<Column>) -> (Given, Given) {
    let stored: Vec<usize> = table.stored().collect();
    let fields = columns.into_iter().enumerate().filter(|(at, _)| stored.contains(at));
    fields.partition(|(at, _)| table.key.contains(at))
}

pub(super) fn save<N: Model>(db: &Db, columns: Vec<Column>) -> Operation<()> {
    let on = db.clone();
    Operation::new(db, async move {
        let (table, scope) = Rows::of::<N>().checked()?;
        let (key, rest) = split(&table, columns);
        let filter = scope.and(same(key.iter().map(|(at, value)| (table.fields[*at].rust, value.clone()))));
        // An update first: the table may have columns that the node does not know, and that cannot be null.
        if !rest.is_empty() {
            let changes: Vec<(usize, To)> = rest.iter().cloned().map(|(at, value)| (at, To::Value(value))).collect();
            let text = Text::new(&on, &table).await?.update(&changes, &filter, false)?;
            if run(&on, &table, text, false).await?.affected > 0 {
                return Ok(());
            }
        }
        let by = Conflict::Update(table.key.iter().map(|&at| table.fields[at].rust).collect());
        let values: Given = key.into_iter().chain(rest).collect();
        let text = Text::new(&on, &table).await?.insert_one(&values, &by, false)?;
        run(&on, &table, text, false).await.map(drop)
    })
}

pub(super) fn remove<N: Model>(db: &Db, columns: Vec<Column>) -> Operation<bool> {
    let on = db.clone();
    Operation::new(db, async move {
        let (table, scope) = Rows::of::<N>().checked()?;
        let (key, _) = split(&table, columns);
        let filter = scope.and(same(key.iter().map(|(at, value)| (table.fields[*at].rust, value.clone()))));
        let text = Text::new(&on, &table).await?.delete(&filter, false)?;
        Ok(run(&on, &table, text, false).await?.affected > 0)
    })
}

/// Rows to insert, all of them or none: `.await` or `.blocking()` answers how many were inserted or updated.
#[must_use = "nothing happens before `.await` or `.blocking()`"]
pub struct Insert<N> {
    db: Db,
    columns: Vec<Column>,
    conflict: Conflict,
    new_keys: bool,
    of: PhantomData<fn() -> N>,
}

impl<N: Model> Insert<N> {
    pub(super) fn new(db: &Db, columns: Vec<Column>) -> Self {
        Insert { db: db.clone(), columns, conflict: Conflict::Fail, new_keys: false, of: PhantomData }
    }

    /// The database gives the keys; those of the rows are not looked at.
    pub fn new_keys(mut self) -> Self {
        self.new_keys = true;
        self
    }

    /// Leave out rows that break a rule of uniqueness.
    pub fn or_ignore(mut self) -> Self {
        self.conflict = Conflict::Ignore;
        self
    }

    /// Where a row has the same values in these columns, which are the key or have a unique index, set all its other columns but
    /// the key. Of rows with the same values, insert one: PostgreSQL refuses to update a row twice.
    pub fn or_update(mut self, same: impl Columns<N>) -> Self {
        self.conflict = Conflict::Update(same.names());
        self
    }

    /// The rows as they are stored then; without those left out.
    pub fn returning(self) -> Operation<Vec<N>> {
        let db = self.db.clone();
        rows_after(&db, self.run(true))
    }

    async fn run(self, returning: bool) -> Wrote {
        let table = Table::of::<N>()?;
        if self.columns.first().is_none_or(Column::is_empty) {
            return Ok(None);
        }
        let (key, rest) = split(&table, self.columns);
        let columns = if self.new_keys { rest } else { key.into_iter().chain(rest).collect() };
        if columns.is_empty() {
            return Err(Error::internal(format!("`{}` has no column beside its key", table.name())));
        }
        // MariaDB counts a row twice where it updates it; it answers each of them once.
        let returning =
            returning || (self.db.dialect() == Dialect::MySql && matches!(self.conflict, Conflict::Update(_)));
        let text = Text::new(&self.db, &table).await?.insert_many(columns, &self.conflict, returning)?;
        let fetched = run(&self.db, &table, text, returning).await?;
        Ok(Some((table, fetched)))
    }

    fn operation(self) -> Operation<u64> {
        let db = self.db.clone();
        count_after(&db, self.run(false))
    }
}

ends!(Insert => u64);

/// Columns to set: `.await` or `.blocking()` answers of how many rows.
#[must_use = "nothing happens before `.await` or `.blocking()`"]
pub struct Update<N> {
    db: Db,
    rows: Rows,
    changes: Vec<Change<N>>,
}

/// Rows to delete: `.await` or `.blocking()` answers how many.
#[must_use = "nothing happens before `.await` or `.blocking()`"]
pub struct Delete<N> {
    db: Db,
    rows: Rows,
    of: PhantomData<fn() -> N>,
}

macro_rules! of_rows {
    ($builder:ident) => {
        impl<N: Model> $builder<N> {
            /// Only rows for which this holds as well.
            pub fn filter(mut self, filter: Filter<N>) -> Self {
                self.rows.filter(filter);
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

            fn operation(self) -> Operation<u64> {
                let db = self.db.clone();
                count_after(&db, self.run(false))
            }
        }

        ends!($builder => u64);
    };
}
of_rows!(Update);
of_rows!(Delete);

impl<N: Model> Update<N> {
    pub(super) fn new(db: &Db, changes: Vec<Change<N>>) -> Self {
        Update { db: db.clone(), rows: Rows::of::<N>(), changes }
    }

    /// The rows as they are then.
    pub fn returning(self) -> Operation<Vec<N>> {
        let db = self.db.clone();
        rows_after(&db, self.run(true))
    }

    async fn run(self, returning: bool) -> Wrote {
        let (table, filter) = self.rows.checked()?;
        let changes = changed(&table, self.changes)?;
        if changes.is_empty() {
            return Ok(None);
        }
        #[cfg(feature = "mysql")]
        if returning && self.db.dialect() == Dialect::MySql {
            let fetched = update_locked(&self.db, &table, &changes, &filter).await?;
            return Ok(Some((table, fetched)));
        }
        let text = Text::new(&self.db, &table).await?.update(&changes, &filter, returning)?;
        let fetched = run(&self.db, &table, text, returning).await?;
        Ok(Some((table, fetched)))
    }
}

impl<N: Model> Delete<N> {
    pub(super) fn new(db: &Db) -> Self {
        Delete { db: db.clone(), rows: Rows::of::<N>(), of: PhantomData }
    }

    /// The rows as they were.
    pub fn returning(self) -> Operation<Vec<N>> {
        let db = self.db.clone();
        rows_after(&db, self.run(true))
    }

    async fn run(self, returning: bool) -> Wrote {
        let (table, filter) = self.rows.checked()?;
        let text = Text::new(&self.db, &table).await?.delete(&filter, returning)?;
        let fetched = run(&self.db, &table, text, returning).await?;
        Ok(Some((table, fetched)))
    }
}
