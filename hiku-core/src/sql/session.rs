//! The connections of one request.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::db::Db;
use super::filter::Filter;
use super::statement::Statement;
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

/// What is asked of a connection.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub(super) struct Ask {
    pub(super) statement: Arc<Statement>,
    pub(super) args: FetchArgs,
    pub(super) text: Arc<str>,
    pub(super) binds: super::statement::ScopeBinds,
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
impl Ask {
    pub(super) fn new(dialect: super::Dialect, statement: Arc<Statement>, args: FetchArgs) -> Result<Self> {
        let (text, binds) = statement.text_for(dialect, args.scope.as_ref(), args.join_scope.as_ref())?;
        Ok(Ask { statement, args, text, binds })
    }

    #[cfg(feature = "sqlite")]
    pub(super) fn keys(&self) -> usize {
        self.args.keys.first().map_or(0, |column| column.len())
    }

    pub(super) fn log(&self, fetched: &Fetched) {
        tracing::debug!(rows = fetched.columns.first().map_or(0, Column::len), "{}", self.text);
    }

    /// The error as the log has it.
    pub(super) fn failed(&self, error: &Error) -> Error {
        Error::internal(format!("`{}`: {error}; the statement: {}", self.statement.table.name, self.text))
    }
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
    #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
    leases: super::db::Leases,
}

impl Session {
    /// A session without connections yet.
    pub fn new(db: Db) -> Self {
        Session(Arc::new(Inner {
            #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
            leases: super::db::Leases::default(),
            db,
        }))
    }

    /// The text that this statement has with these arguments.
    ///
    /// # Errors
    /// If a scope names no field of the table.
    pub fn text(&self, statement: &Statement, args: &FetchArgs) -> Result<Arc<str>> {
        let text = statement.text_for(self.0.db.dialect(), args.scope.as_ref(), args.join_scope.as_ref())?;
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
        #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
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
        #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
        {
            let inner = self.0.clone();
            Started::Waiting(Box::pin(async move { inner.db.fetch(&inner.leases, statement, args).await }))
        }
        #[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
        {
            let _ = (statement, args, &self.0.db);
            Started::Done(Err(Error::internal(super::db::NO_DRIVER)))
        }
    }

    /// Give back the connections that no statement uses: before the request waits for anything else.
    pub fn release_idle(&self) {
        #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
        self.0.leases.release_idle();
    }
}
