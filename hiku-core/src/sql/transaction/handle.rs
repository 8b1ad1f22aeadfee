//! Connections and transactions in the hands of users.

use std::future::Future;
use std::marker::PhantomData;

use super::error::TransactionError;
use super::live;
use super::scope::{Held, Level, current};
use crate::sql::Db;
use crate::sql::db::Connection;

/// A connection for statements that you write: that of the transaction around, if there is one, else one of the pool. Nobody
/// else uses it until this is dropped.
pub struct Conn(Of);

enum Of {
    Pool(Connection),
    Scope(Held),
}

impl Conn {
    pub(super) async fn of(db: &Db) -> Result<Conn, TransactionError> {
        let Some(scope) = current(db) else { return Ok(Conn(Of::Pool(live::acquire_living(db).await?))) };
        let mut held = scope.hold().await?;
        held.check().await?;
        held.suspect();
        Ok(Conn(Of::Scope(held)))
    }

    fn connection(&mut self) -> Result<&mut Connection, TransactionError> {
        match &mut self.0 {
            Of::Pool(connection) => Ok(connection),
            Of::Scope(held) => held.connection(),
        }
    }

    /// As sqlx's connection to SQLite.
    ///
    /// # Errors
    /// If it is of another database.
    #[cfg(feature = "sqlite")]
    pub fn sqlite(&mut self) -> Result<&mut sqlx::SqliteConnection, TransactionError> {
        sqlite(self.connection()?)
    }

    /// As sqlx's connection to PostgreSQL.
    ///
    /// # Errors
    /// If it is of another database.
    #[cfg(feature = "postgres")]
    pub fn postgres(&mut self) -> Result<&mut sqlx::PgConnection, TransactionError> {
        postgres(self.connection()?)
    }

    /// Run statements that answer no rows; how many rows they changed.
    ///
    /// # Errors
    /// What the database says.
    pub async fn execute(&mut self, statements: impl Into<String>) -> Result<u64, TransactionError> {
        Ok(live::execute(self.connection()?, statements.into()).await?)
    }
}

#[cfg(feature = "sqlite")]
fn sqlite(connection: &mut Connection) -> Result<&mut sqlx::SqliteConnection, TransactionError> {
    match connection {
        Connection::Sqlite(connection) => Ok(connection),
        #[cfg(feature = "postgres")]
        Connection::Postgres(_) => Err(TransactionError::Unavailable("this connection is to PostgreSQL")),
    }
}

#[cfg(feature = "postgres")]
fn postgres(connection: &mut Connection) -> Result<&mut sqlx::PgConnection, TransactionError> {
    match connection {
        Connection::Postgres(connection) => Ok(connection),
        #[cfg(feature = "sqlite")]
        Connection::Sqlite(_) => Err(TransactionError::Unavailable("this connection is to SQLite")),
    }
}

/// A transaction in the hand, or a savepoint in one: what [`Db::begin`] makes. Dropped, it is rolled back.
///
/// Loaders know nothing of it, unless they run [`within`](Self::within) it.
pub struct Tx<'a> {
    /// Before `level`, which undoes at once what nobody holds.
    held: Option<Held>,
    level: Level,
    /// The transaction around cannot be used meanwhile.
    outer: PhantomData<&'a mut ()>,
}

impl Tx<'_> {
    pub(super) fn new(level: Level) -> Tx<'static> {
        Tx { held: None, level, outer: PhantomData }
    }

    /// The connection, which others may have had.
    async fn held(&mut self) -> Result<&mut Held, TransactionError> {
        if self.held.is_none() {
            self.held = Some(self.level.scope.clone().hold().await?);
        }
        self.held.as_mut().ok_or(TransactionError::ScopeClosed)
    }

    /// As sqlx's connection to SQLite, for its queries.
    ///
    /// # Errors
    /// If it is of another database, or the database has ended the transaction.
    #[cfg(feature = "sqlite")]
    pub async fn sqlite(&mut self) -> Result<&mut sqlx::SqliteConnection, TransactionError> {
        let held = self.held().await?;
        held.check().await?;
        sqlite(held.connection()?)
    }

    /// As sqlx's connection to PostgreSQL, for its queries.
    ///
    /// # Errors
    /// If it is of another database.
    #[cfg(feature = "postgres")]
    pub async fn postgres(&mut self) -> Result<&mut sqlx::PgConnection, TransactionError> {
        let held = self.held().await?;
        held.suspect();
        postgres(held.connection()?)
    }

    /// Run statements that answer no rows; how many rows they changed.
    ///
    /// # Errors
    /// What the database says.
    pub async fn execute(&mut self, statements: impl Into<String>) -> Result<u64, TransactionError> {
        let held = self.held().await?;
        held.check().await?;
        held.suspect();
        Ok(live::execute(held.connection()?, statements.into()).await?)
    }

    /// Run something as if it stood in [`Db::atomic`]: loaders, [`Db::execute`] and nested scopes use this transaction.
    ///
    /// # Cancellation
    /// Dropping the future leaves the transaction as it is, without what was not done.
    pub async fn within<F: Future>(&mut self, work: impl FnOnce() -> F) -> F::Output {
        self.held = None;
        self.level.run(work).await
    }

    /// A transaction in this one, which cannot be used before that has ended.
    ///
    /// # Errors
    /// What the database says.
    pub async fn savepoint(&mut self) -> Result<Tx<'_>, TransactionError> {
        self.held = None;
        let level = Level::nested(self.level.scope.clone(), false).await?;
        Ok(Tx { held: None, level, outer: PhantomData })
    }

    /// Keep its changes.
    ///
    /// # Errors
    /// [`TransactionError::Aborted`] if a statement had failed on PostgreSQL; what the database says. Then nothing is stored.
    ///
    /// # Cancellation
    /// Dropping the future leaves it open whether they are kept.
    pub async fn commit(mut self) -> Result<(), TransactionError> {
        self.held = None;
        self.level.commit().await
    }

    /// Undo its changes.
    ///
    /// # Errors
    /// What the database says: the connection is closed then, so nothing is stored.
    pub async fn rollback(mut self) -> Result<(), TransactionError> {
        self.held = None;
        self.level.rollback().await
    }
}

impl std::fmt::Debug for Conn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Conn")
    }
}

impl std::fmt::Debug for Tx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tx")
    }
}
