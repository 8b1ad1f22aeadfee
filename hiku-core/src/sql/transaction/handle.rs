//! Connections and transactions in the hands of users.
#![cfg_attr(
    not(any(feature = "sqlite", feature = "postgres")),
    allow(irrefutable_let_patterns, reason = "with one driver, every connection is of it")
)]

use std::future::Future;
use std::marker::PhantomData;
use std::panic::Location;

use super::error::TransactionError;
use super::live;
use super::scope::{Held, Level, current};
use crate::sql::Db;
use crate::sql::db::Connection;

/// A connection for statements that you write: that of the transaction around, if there is one, else one of the pool. Nobody
/// else uses it until this is dropped.
pub struct Conn(Of);

enum Of {
    Pool {
        /// There until this is dropped.
        connection: Option<Connection>,
        #[cfg(feature = "sqlite")]
        stop: Option<crate::sql::sqlite::Stop>,
        /// A statement may be under way, or a transaction open.
        in_doubt: bool,
    },
    Scope(Held),
    /// With a statement that was dropped.
    #[cfg(feature = "mysql")]
    Gone,
}

impl Conn {
    /// One that a user holds, who is named to others that wait for it.
    pub(super) async fn taken(db: &Db, at: &'static Location<'static>) -> Result<Conn, TransactionError> {
        let mut conn = Conn::of(db).await?;
        if let Of::Scope(held) = &mut conn.0 {
            held.taken("a `Conn`", at);
        }
        Ok(conn)
    }

    pub(super) async fn of(db: &Db) -> Result<Conn, TransactionError> {
        let Some(scope) = current(db) else {
            #[cfg_attr(not(feature = "sqlite"), allow(unused_mut, reason = "only SQLite is asked more"))]
            let mut connection = live::acquire_living(db).await?;
            return Ok(Conn(Of::Pool {
                #[cfg(feature = "sqlite")]
                stop: live::stop(&mut connection).await,
                connection: Some(connection),
                in_doubt: false,
            }));
        };
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
            Of::Pool { connection, .. } => connection.as_mut().ok_or(TransactionError::ScopeClosed),
            Of::Scope(held) => held.connection(),
            #[cfg(feature = "mysql")]
            Of::Gone => Err(TransactionError::Unavailable("a statement of this connection was given up half-way")),
        }
    }

    fn in_doubt(&mut self, doubt: bool) {
        match &mut self.0 {
            Of::Pool { connection, in_doubt, .. } => {
                *in_doubt = doubt;
                #[cfg(feature = "postgres")]
                if let Some(Connection::Postgres(connection)) = connection {
                    connection.suspect(doubt);
                }
                #[cfg(not(feature = "postgres"))]
                let _ = connection;
            }
            Of::Scope(held) => held.in_doubt(doubt),
            #[cfg(feature = "mysql")]
            Of::Gone => {}
        }
    }

    /// As sqlx's connection to SQLite.
    ///
    /// # Errors
    /// If it is of another database.
    #[cfg(feature = "sqlite")]
    pub fn sqlite(&mut self) -> Result<&mut sqlx::SqliteConnection, TransactionError> {
        self.in_doubt(true);
        sqlite(self.connection()?)
    }

    /// As sqlx's connection to PostgreSQL.
    ///
    /// # Errors
    /// If it is of another database.
    #[cfg(feature = "postgres")]
    pub fn postgres(&mut self) -> Result<&mut sqlx::PgConnection, TransactionError> {
        self.in_doubt(true);
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
    /// Dropping the future stops them; on PostgreSQL, when they do not end at once. A transaction around may be aborted by that.
    /// On MariaDB it takes the connection along: what is asked of it next is an error.
    pub async fn execute(&mut self, statements: impl Into<String>) -> Result<u64, TransactionError> {
        let statements: String = statements.into();
        #[cfg(feature = "mysql")]
        if let Connection::MySql(connection) = self.connection()? {
            if begins(&statements) {
                connection.begins_by_hand();
            }
            return self.execute_mysql(statements).await;
        }
        let (before, begins) = (self.is_in_doubt(), begins(&statements));
        self.in_doubt(true);
        let done = live::execute(self.connection()?, statements).await;
        self.in_doubt(before || begins);
        Ok(done?)
    }

    /// The connection goes along with the statement, and comes back with its answer.
    #[cfg(feature = "mysql")]
    async fn execute_mysql(&mut self, statements: String) -> Result<u64, TransactionError> {
        match std::mem::replace(&mut self.0, Of::Gone) {
            Of::Pool { connection: Some(connection), .. } => {
                let (connection, done) = crate::sql::mysql::execute(connection, statements).await;
                self.0 = Of::Pool {
                    connection: Some(connection),
                    #[cfg(feature = "sqlite")]
                    stop: None,
                    in_doubt: false,
                };
                done
            }
            Of::Scope(held) => {
                let (held, done) = crate::sql::mysql::execute(held, statements).await;
                self.0 = Of::Scope(held);
                done
            }
            _ => Err(TransactionError::ScopeClosed),
        }
    }

    fn is_in_doubt(&self) -> bool {
        match &self.0 {
            Of::Pool { in_doubt, .. } => *in_doubt,
            Of::Scope(held) => held.is_in_doubt(),
            #[cfg(feature = "mysql")]
            Of::Gone => false,
        }
    }
}

#[cfg(feature = "sqlite")]
impl Drop for Conn {
    fn drop(&mut self) {
        // What is left to do on PostgreSQL, the connection does itself.
        if let Of::Pool { connection, stop, in_doubt: true } = &mut self.0
            && let Some(mut connection) = connection.take_if(|connection| matches!(connection, Connection::Sqlite(_)))
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let stop = stop.take();
            runtime.spawn(async move {
                live::settle(&mut connection, stop).await;
                live::leave_transaction(connection).await;
            });
        }
    }
}

/// Whether statements may begin a transaction, and leave it open.
fn begins(statements: &str) -> bool {
    let mut words = statements.split(|letter: char| !letter.is_ascii_alphabetic());
    words.any(|word| ["begin", "start", "savepoint"].iter().any(|begin| word.eq_ignore_ascii_case(begin)))
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
            connection.begins_by_hand();
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

    #[cfg(feature = "postgres")]
    pub(super) fn into_level(self) -> Level {
        self.level
    }

    /// The connection, which others may have had.
    async fn held(&mut self) -> Result<&mut Held, TransactionError> {
        // A statement that was given up: not waited for to its end, but for its stop.
        if self.held.as_mut().is_none_or(Held::is_at_work) {
            self.held = None;
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
        held.in_doubt(true);
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
        let before = held.is_in_doubt();
        held.in_doubt(true);
        let done = live::execute(held.connection()?, statements.into()).await;
        held.in_doubt(before);
        Ok(done?)
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
        let level = Level::nested(self.level.scope.clone(), false, None).await?;
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
