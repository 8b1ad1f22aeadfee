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
    /// With a statement that was dropped.
    #[cfg(feature = "mysql")]
    Gone,
}

impl Conn {
    pub(super) async fn of(db: &Db) -> Result<Conn, TransactionError> {
        let Some(scope) = current(db) else { return Ok(Conn(Of::Pool(live::acquire_living(db).await?))) };
        let mut held = scope.hold().await?;
        held.check().await?;
        #[cfg(feature = "mysql")]
        {
            held = verified(held).await?;
        }
        held.suspect();
        Ok(Conn(Of::Scope(held)))
    }

    fn connection(&mut self) -> Result<&mut Connection, TransactionError> {
        match &mut self.0 {
            Of::Pool(connection) => Ok(connection),
            Of::Scope(held) => held.connection(),
            #[cfg(feature = "mysql")]
            Of::Gone => Err(TransactionError::Unavailable("a statement of this connection was given up half-way")),
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

    /// As sqlx's connection to MariaDB. What sqlx is asked has to be waited for to its end: see [`Db::mysql`].
    ///
    /// # Errors
    /// If it is of another database.
    #[cfg(feature = "mysql")]
    pub fn mysql(&mut self) -> Result<&mut sqlx::MySqlConnection, TransactionError> {
        mysql(self.connection()?)
    }

    /// Run statements that answer no rows; how many rows they changed.
    ///
    /// # Errors
    /// What the database says.
    ///
    /// # Cancellation
    /// On MariaDB, dropping the future takes the connection along: what is asked of it next is an error.
    pub async fn execute(&mut self, statements: impl Into<String>) -> Result<u64, TransactionError> {
        #[cfg(feature = "mysql")]
        if matches!(self.connection()?, Connection::MySql(_)) {
            return match std::mem::replace(&mut self.0, Of::Gone) {
                Of::Pool(connection) => {
                    let (connection, done) = crate::sql::mysql::execute(connection, statements.into()).await;
                    self.0 = Of::Pool(connection);
                    done
                }
                Of::Scope(held) => {
                    let (held, done) = crate::sql::mysql::execute(held, statements.into()).await;
                    self.0 = Of::Scope(held);
                    done
                }
                Of::Gone => Err(TransactionError::ScopeClosed),
            };
        }
        Ok(live::execute(self.connection()?, statements.into()).await?)
    }
}

/// An error if MariaDB has ended the transaction on its own.
#[cfg(feature = "mysql")]
async fn verified(held: Held) -> Result<Held, TransactionError> {
    let (held, verified) = crate::sql::mysql::verify(held).await;
    verified.map(|()| held)
}

#[cfg(feature = "mysql")]
fn mysql(connection: &mut Connection) -> Result<&mut sqlx::MySqlConnection, TransactionError> {
    match connection {
        Connection::MySql(connection) => {
            connection.suspect();
            Ok(connection)
        }
        #[cfg(any(feature = "sqlite", feature = "postgres"))]
        _ => Err(TransactionError::Unavailable("this connection is not to MariaDB")),
    }
}

#[cfg(feature = "sqlite")]
fn sqlite(connection: &mut Connection) -> Result<&mut sqlx::SqliteConnection, TransactionError> {
    match connection {
        Connection::Sqlite(connection) => Ok(connection),
        #[cfg(any(feature = "postgres", feature = "mysql"))]
        _ => Err(TransactionError::Unavailable("this connection is not to SQLite")),
    }
}

#[cfg(feature = "postgres")]
fn postgres(connection: &mut Connection) -> Result<&mut sqlx::PgConnection, TransactionError> {
    match connection {
        Connection::Postgres(connection) => Ok(connection),
        #[cfg(any(feature = "sqlite", feature = "mysql"))]
        _ => Err(TransactionError::Unavailable("this connection is not to PostgreSQL")),
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

    /// As sqlx's connection to MariaDB, for its queries. They have to be waited for to their ends: see [`Db::mysql`].
    ///
    /// # Errors
    /// If it is of another database, or the database has ended the transaction.
    #[cfg(feature = "mysql")]
    pub async fn mysql(&mut self) -> Result<&mut sqlx::MySqlConnection, TransactionError> {
        self.held().await?;
        let held = self.held.take().ok_or(TransactionError::ScopeClosed)?;
        mysql(self.held.insert(verified(held).await?).connection()?)
    }

    /// Run statements that answer no rows; how many rows they changed.
    ///
    /// # Errors
    /// What the database says.
    pub async fn execute(&mut self, statements: impl Into<String>) -> Result<u64, TransactionError> {
        #[cfg(feature = "mysql")]
        if matches!(self.held().await?.connection()?, Connection::MySql(_))
            && let Some(held) = self.held.take()
        {
            let (held, done) = crate::sql::mysql::execute(held, statements.into()).await;
            self.held = Some(held);
            return done;
        }
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
