//! The connections of one request.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::db::Db;
use super::filter::Filter;
use super::statement::Statement;
#[cfg(feature = "sql")]
use super::violation::StatementError;
use crate::error::{Error, Result};
use crate::index::Column;

/// Which part of the rows is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many rows at most.
    pub limit: i64,
    /// How many rows are skipped before.
    pub offset: i64,
}

/// The values of one run of a statement.
#[derive(Clone, Debug, Default)]
pub struct FetchArgs {
    /// One column per part of the key, of equal lengths, without nulls.
    pub keys: Vec<Arc<Column>>,
    /// The page, if the statement is paged.
    pub page: Option<Page>,
    /// The condition on the table, if it has a scope.
    pub scope: Option<Filter>,
    /// The condition on the join table, if it has a scope.
    pub join_scope: Option<Filter>,
}

/// The rows of a statement, column by column.
#[derive(Debug, Default)]
pub struct Fetched {
    /// One column for each part of the key that leads the answer, then one for each selected column, all of equal lengths.
    pub columns: Vec<Column>,
    /// Values that are not of their type, in the order of rows; null stands in their places.
    pub errors: Vec<ValueError>,
    /// How many rows a statement that writes has changed.
    pub affected: u64,
}

/// A value that is not of the type of its field.
#[derive(Debug)]
pub struct ValueError {
    /// The position of the column among those selected.
    pub column: u32,
    /// The row.
    pub row: u32,
    /// What is wrong.
    pub error: Error,
}

/// Whether a thread without a runtime can wait for a database.
pub(crate) enum Without {
    #[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "only SQLite does"))]
    Works,
    #[cfg_attr(not(feature = "sql"), allow(dead_code, reason = "there is no database"))]
    NeedsRuntime,
    /// Only the task can run statements in it.
    #[cfg_attr(not(feature = "sql"), allow(dead_code, reason = "nothing has transactions"))]
    InTransaction,
}

/// What is asked of a connection.
#[cfg(feature = "sql")]
pub(super) struct Ask {
    pub(super) statement: Arc<Statement>,
    pub(super) args: FetchArgs,
    pub(super) text: Arc<str>,
    pub(super) binds: super::statement::ScopeBinds,
    /// Of a text that writes.
    #[cfg(feature = "mysql")]
    pub(super) writes: Option<Writes>,
}

/// What MariaDB has to be told of a text that writes.
#[cfg(feature = "mysql")]
pub(super) struct Writes {
    /// Which bind each placeholder has.
    pub(super) numbers: Vec<usize>,
    pub(super) on_conflict: OnConflict,
}

/// What a statement that writes does where a rule of uniqueness is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnConflict {
    Fail,
    Ignore,
    Update,
}

/// A text that writes, and what is bound to it.
pub(super) struct Written {
    pub(super) text: String,
    pub(super) binds: super::statement::ScopeBinds,
    /// The numbers of the placeholders in the order of the text.
    #[cfg_attr(not(feature = "mysql"), allow(dead_code, reason = "those of others stand in the text"))]
    pub(super) numbers: Vec<usize>,
    #[cfg_attr(not(feature = "mysql"), allow(dead_code, reason = "others do it by themselves"))]
    pub(super) on_conflict: OnConflict,
}

#[cfg(feature = "sql")]
impl Ask {
    pub(super) fn new(dialect: super::Dialect, statement: Arc<Statement>, args: FetchArgs) -> Result<Self> {
        let one = statement.is_of_one(&args.keys);
        let (text, binds) = statement.text_for(dialect, one, args.scope.as_ref(), args.join_scope.as_ref())?;
        Ok(Ask {
            statement,
            args,
            text,
            binds,
            #[cfg(feature = "mysql")]
            writes: None,
        })
    }

    pub(super) fn keys(&self) -> usize {
        self.args.keys.first().map_or(0, |column| column.len())
    }

    pub(super) fn log(&self, fetched: &Fetched) {
        tracing::debug!(rows = fetched.columns.first().map_or(0, Column::len), "{}", self.text);
    }

    /// The error as the log has it.
    pub(super) fn failed(&self, error: &Error) -> Error {
        let text = format!("`{}`: {error}; the statement: {}", self.statement.table.name, self.text);
        StatementError { text, violation: super::violation::violation(error), cause: Some(error.clone()) }.into()
    }
}

/// How MariaDB compares the columns of a table. Of others nothing has to be known.
#[allow(clippy::unused_async, reason = "only MariaDB is asked")]
pub(super) async fn key_types(db: &Db, relation: &super::Relation) -> Result<super::dialect::KeyTypes> {
    #[cfg(feature = "mysql")]
    if let Some(server) = db.server() {
        if let Some(known) = server.known_columns(relation) {
            return Ok(known);
        }
        return match super::transaction::current(db) {
            Some(scope) => scope.key_types(relation).await,
            None => super::mysql::columns(super::transaction::acquire_living(db).await?, relation).await.1,
        };
    }
    let _ = (db, relation);
    Ok(super::dialect::KeyTypes::default())
}

/// Run a statement that writes, in the transaction of this task if there is one. Unlike one that reads, it is never asked
/// again when a connection is lost: with a server, the connection is asked before.
///
/// # Cancellation
/// Dropping the future stops the statement.
#[cfg(feature = "sql")]
pub(super) async fn write(db: &Db, statement: Arc<Statement>, written: Written) -> Result<Fetched> {
    let ask = Ask {
        statement,
        args: FetchArgs::default(),
        text: written.text.into(),
        binds: written.binds,
        #[cfg(feature = "mysql")]
        writes: Some(Writes { numbers: written.numbers, on_conflict: written.on_conflict }),
    };
    if let Some(scope) = super::transaction::current(db) {
        return scope.write(ask).await;
    }
    #[cfg(feature = "sqlite")]
    if let Some(own) = db.own() {
        return own.write(ask).await;
    }
    let ask = Arc::new(ask);
    let acquired = super::transaction::acquire_living(db).await.map_err(|error| ask.failed(&error.into()))?;
    let (connection, fetched) = acquired.run(&ask).await;
    match fetched {
        Ok(fetched) => {
            connection.into_iter().for_each(|connection| db.give_back(connection));
            ask.log(&fetched);
            Ok(fetched)
        }
        Err(failed) => Err(ask.failed(&failed.error)),
    }
}

/// Nothing is written without a driver.
#[cfg(not(feature = "sql"))]
#[allow(clippy::unused_async, reason = "with a driver it waits")]
pub(super) async fn write(_: &Db, _: Arc<Statement>, written: Written) -> Result<Fetched> {
    drop((written.text, written.binds));
    Err(Error::internal(super::db::NO_DRIVER))
}

/// A statement that was started.
pub enum Started {
    /// It has ended already.
    Done(Result<Fetched>),
    /// It goes on as long as this is polled.
    Waiting(Fetching),
}

/// An answer under way.
pub type Fetching = Pin<Box<dyn Future<Output = Result<Fetched>> + Send>>;

/// The connections of one request to one database. Cheap to clone.
///
/// Statements that run one after the other use one connection. While it is in use, another statement takes a further one
/// only if the pool has one at once; else it waits for one of the request's own. So a request never waits for the pool
/// while it holds a connection.
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    db: Db,
    #[cfg(feature = "sql")]
    leases: super::db::Leases,
}

#[cfg(feature = "sql")]
impl Drop for Inner {
    fn drop(&mut self) {
        self.leases.release_idle(&self.db);
    }
}

impl Session {
    /// A session without connections yet.
    pub fn new(db: Db) -> Self {
        Session(Arc::new(Inner {
            #[cfg(feature = "sql")]
            leases: super::db::Leases::default(),
            db,
        }))
    }

    /// The text that this statement has with these arguments.
    ///
    /// # Errors
    /// If a scope names no field of the table.
    pub fn text(&self, statement: &Statement, args: &FetchArgs) -> Result<Arc<str>> {
        let one = statement.is_of_one(&args.keys);
        let text = statement.text_for(self.0.db.dialect(), one, args.scope.as_ref(), args.join_scope.as_ref())?;
        Ok(text.0)
    }

    /// Start a statement, in the transaction of this task if there is one; one of SQLite that is short is done when this returns. A null stays one, whatever the type says; a
    /// selected value that is not of its type is null and an error of its own.
    ///
    /// # Errors
    /// What the database says, or that a key is not of its type; internal, with the text of the statement.
    ///
    /// # Cancellation
    /// Dropping the future stops the statement; the connection goes back to the pool.
    pub fn start(&self, statement: Arc<Statement>, args: FetchArgs) -> Started {
        #[cfg(feature = "sql")]
        if let Some(scope) = super::transaction::current(&self.0.db) {
            return match Ask::new(self.0.db.dialect(), statement, args) {
                Ok(ask) => Started::Waiting(Box::pin(scope.fetch(ask))),
                Err(error) => Started::Done(Err(error)),
            };
        }
        #[cfg(feature = "sqlite")]
        if let Some(own) = self.0.db.own() {
            return match Ask::new(self.0.db.dialect(), statement, args) {
                Ok(ask) => own.start(ask),
                Err(error) => Started::Done(Err(error)),
            };
        }
        #[cfg(feature = "sql")]
        {
            let inner = self.0.clone();
            Started::Waiting(Box::pin(async move { inner.db.fetch(&inner.leases, statement, args).await }))
        }
        #[cfg(not(feature = "sql"))]
        {
            let _ = (statement, args, &self.0.db);
            Started::Done(Err(Error::internal(super::db::NO_DRIVER)))
        }
    }

    /// Whether [`run`](Self::run) can run its statements.
    pub(crate) fn works_here(&self) -> bool {
        matches!(self.0.db.without_runtime(), Without::Works)
    }

    /// Run a statement on this thread, without a runtime; it waits by blocking.
    ///
    /// # Errors
    /// As of [`start`](Self::start), and if the driver cannot do it.
    pub(crate) fn run(&self, statement: Arc<Statement>, args: FetchArgs) -> Result<Fetched> {
        #[cfg(feature = "sqlite")]
        if let Some(own) = self.0.db.own() {
            return own.run(&Ask::new(self.0.db.dialect(), statement, args)?);
        }
        drop((statement, args));
        Err(Error::internal("this database needs a runtime"))
    }

    /// Give back the connections that no statement uses: before the request waits for anything else.
    pub fn release_idle(&self) {
        #[cfg(feature = "sql")]
        self.0.leases.release_idle(&self.0.db);
    }
}

/// Let others have a turn, every so many rows: what comes fast never waits, and would keep the thread from everybody else. So
/// many take some hundred microseconds.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(super) async fn give_way(rows: usize) {
    const PIECE: usize = 256;
    if rows.is_multiple_of(PIECE) {
        tokio::task::yield_now().await;
    }
}
