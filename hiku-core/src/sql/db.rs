//! A database: a pool of connections of one of the drivers.

use std::sync::Arc;
#[cfg(feature = "sql")]
use std::sync::{Mutex, MutexGuard, PoisonError};
#[cfg(feature = "sql")]
use std::time::Duration;

use super::blocking::Home;
use super::dialect::Dialect;
use super::session::Without;
use crate::error::{Error, Result};

/// What a database without a driver answers.
#[cfg(not(feature = "sql"))]
pub(super) const NO_DRIVER: &str =
    "no database driver; switch on the feature `sqlite`, `postgres` or `mysql` of `hiku`";

/// How long a request waits for a connection. While a server is down, sqlx tries again until then.
#[cfg(feature = "sql")]
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// How many connections a pool has at most.
#[cfg(feature = "sql")]
pub(super) const MOST_CONNECTIONS: u32 = 10;

/// The address is not repeated: it may hold a password.
const NO_ADDRESS: &str = "not the address of a database; write `sqlite:…`, `postgres://…` or `mysql://…`";

/// The kind of database that an address is of.
#[cfg(feature = "sql")]
pub(super) fn dialect_of(url: &str) -> Result<Dialect> {
    match url.split(':').next().unwrap_or_default() {
        "sqlite" => Ok(Dialect::Sqlite),
        "postgres" | "postgresql" => Ok(Dialect::Postgres),
        "mysql" | "mariadb" => Ok(Dialect::MySql),
        _ => Err(Error::internal(NO_ADDRESS)),
    }
}

/// A database: give it to the engine by `.data(db)`. Cheap to clone; clones share one pool.
#[derive(Clone)]
pub struct Db {
    pool: Arc<Pool>,
    home: Home,
    /// Connections that were just used, of a pool that nobody else has made.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    ready: Option<Arc<super::ready::Ready>>,
}

enum Pool {
    #[cfg(feature = "sqlite")]
    Own(Arc<super::sqlite::Own>),
    /// A pool of the user's.
    #[cfg(feature = "sqlite")]
    Sqlite(sqlx::SqlitePool),
    #[cfg(feature = "postgres")]
    Postgres(sqlx::PgPool),
    #[cfg(feature = "mysql")]
    MySql(Arc<super::mysql::Server>),
}

impl Db {
    /// Connect to `sqlite::memory:`, `sqlite:path`, `postgres://…`, or MariaDB as `mysql://…` or `mariadb://…`.
    ///
    /// `sqlite::memory:` is one database, of up to 1 GiB, for as long as the `Db` or its sqlx pool has a connection. Files of
    /// SQLite are made if they are not there (`?mode=rw` does not, `?mode=ro` only reads), with write-ahead log; foreign keys
    /// are on. Pools have at most 10 connections; waiting for one ends after 10 s, waiting for somebody else's lock in SQLite
    /// after 5 s. For other settings there is [`Db::builder`], and `Db::from` of a sqlx pool.
    ///
    /// Rows of SQLite are read over connections of our own. What belongs to one connection, as attached databases, temporary
    /// tables, functions and collations do, is not there: it needs `Db::from` of the sqlx pool that has it.
    ///
    /// # Errors
    /// If the address is of no database that is compiled in (the message names the feature), or nothing answers there.
    pub async fn connect(url: &str) -> Result<Db> {
        let scheme = url.split(':').next().unwrap_or_default();
        match scheme {
            #[cfg(feature = "sqlite")]
            "sqlite" => Ok(match super::sqlite::connect(url).await? {
                super::sqlite::Connected::Own(own) => Db::over(Pool::Own(own)),
                super::sqlite::Connected::Foreign(pool) => Db::from(pool),
            }),
            #[cfg(not(feature = "sqlite"))]
            "sqlite" => Err(Error::internal("`sqlite:` needs the feature `sqlite` of `hiku`")),
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => Ok(Db::from(super::postgres::connect(url).await?).with_ready()),
            #[cfg(not(feature = "postgres"))]
            "postgres" | "postgresql" => Err(Error::internal("`postgres:` needs the feature `postgres` of `hiku`")),
            #[cfg(feature = "mysql")]
            "mysql" | "mariadb" => Db::builder(url).connect().await,
            #[cfg(not(feature = "mysql"))]
            "mysql" | "mariadb" => Err(Error::internal("`mysql:` needs the feature `mysql` of `hiku`")),
            _ => Err(Error::internal(NO_ADDRESS)),
        }
    }

    #[cfg(feature = "sql")]
    fn over(pool: Pool) -> Db {
        Db {
            pool: Arc::new(pool),
            home: Home::here(),
            #[cfg(any(feature = "postgres", feature = "mysql"))]
            ready: None,
        }
    }

    /// The pool is ours: its connections may go from one to the next.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub(super) fn with_ready(self) -> Db {
        Db { ready: Some(Arc::default()), ..self }
    }

    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub(super) fn ready(&self) -> Option<&Arc<super::ready::Ready>> {
        self.ready.as_ref()
    }

    /// The kind of database.
    pub fn dialect(&self) -> Dialect {
        match *self.pool {
            #[cfg(feature = "sqlite")]
            Pool::Own(_) | Pool::Sqlite(_) => Dialect::Sqlite,
            #[cfg(feature = "postgres")]
            Pool::Postgres(_) => Dialect::Postgres,
            #[cfg(feature = "mysql")]
            Pool::MySql(_) => Dialect::MySql,
        }
    }

    /// The sqlx pool, if it is SQLite: for statements that you write. That of an address has connections to the same database,
    /// made when they are needed; of `sqlite::memory:` it has one, because two writers would be in each other's way.
    #[cfg(feature = "sqlite")]
    pub fn sqlite(&self) -> Option<&sqlx::SqlitePool> {
        match &*self.pool {
            Pool::Own(own) => Some(own.sqlx()),
            Pool::Sqlite(pool) => Some(pool),
            #[cfg(feature = "postgres")]
            Pool::Postgres(_) => None,
            #[cfg(feature = "mysql")]
            Pool::MySql(_) => None,
        }
    }

    /// The sqlx pool, if it is PostgreSQL.
    #[cfg(feature = "postgres")]
    pub fn postgres(&self) -> Option<&sqlx::PgPool> {
        match &*self.pool {
            Pool::Postgres(pool) => Some(pool),
            #[cfg(feature = "sqlite")]
            Pool::Own(_) | Pool::Sqlite(_) => None,
            #[cfg(feature = "mysql")]
            Pool::MySql(_) => None,
        }
    }

    /// The sqlx pool, if it is MariaDB. What sqlx is asked there has to be waited for to its end: sqlx loses its place in the
    /// answers of a connection if a future of it is dropped in between. What `Db` does itself can be dropped.
    #[cfg(feature = "mysql")]
    pub fn mysql(&self) -> Option<&sqlx::MySqlPool> {
        self.server().map(|server| &server.pool)
    }

    #[cfg(feature = "mysql")]
    pub(super) fn server(&self) -> Option<&Arc<super::mysql::Server>> {
        match &*self.pool {
            Pool::MySql(server) => Some(server),
            #[cfg(any(feature = "sqlite", feature = "postgres"))]
            _ => None,
        }
    }

    /// Where it was connected.
    #[cfg_attr(not(feature = "sql"), allow(dead_code, reason = "nobody waits where nothing is connected"))]
    pub(super) fn home(&self) -> &Home {
        &self.home
    }

    /// The connections of our own, if it has them.
    #[cfg(feature = "sqlite")]
    pub(super) fn own(&self) -> Option<&Arc<super::sqlite::Own>> {
        match &*self.pool {
            Pool::Own(own) => Some(own),
            _ => None,
        }
    }

    /// Whether its statements can run on this thread without a runtime.
    pub(crate) fn without_runtime(&self) -> Without {
        #[cfg(feature = "sql")]
        if super::transaction::current(self).is_some() {
            return Without::InTransaction;
        }
        match *self.pool {
            #[cfg(feature = "sqlite")]
            Pool::Own(_) => Without::Works,
            #[cfg(feature = "sql")]
            _ => Without::NeedsRuntime,
        }
    }

    /// Run a statement that answers no rows; how many rows it changed. Inside [`atomic`](Self::atomic), it is part of that.
    ///
    /// # Errors
    /// What the database says.
    pub async fn execute(&self, statement: &'static str) -> Result<u64> {
        self.execute_raw(statement).await
    }

    /// As [`execute`](Self::execute), of a text made at run time: whoever makes it sees to it that it holds no input.
    ///
    /// # Errors
    /// What the database says.
    pub async fn execute_raw(&self, statement: impl Into<String>) -> Result<u64> {
        let statement: String = statement.into();
        #[cfg(not(feature = "sql"))]
        drop(statement);
        #[cfg(feature = "sql")]
        return super::transaction::execute(self, statement).await;
        #[cfg(not(feature = "sql"))]
        Err(Error::internal(NO_DRIVER))
    }

    /// Close the pool: waits for the connections in use. Whoever asks for one later has an error.
    pub async fn close(&self) {
        let close = self.close_pool();
        #[cfg(any(feature = "postgres", feature = "mysql"))]
        if let Some(ready) = self.ready() {
            // It is closed when it is polled first: from then on nothing is kept.
            let mut close = std::pin::pin!(close);
            if futures_util::poll!(close.as_mut()).is_pending() {
                ready.clear();
                close.await;
            }
            return;
        }
        close.await;
    }

    async fn close_pool(&self) {
        match *self.pool {
            #[cfg(feature = "sqlite")]
            Pool::Own(ref own) => own.close().await,
            #[cfg(feature = "sqlite")]
            Pool::Sqlite(ref pool) => pool.close().await,
            #[cfg(feature = "postgres")]
            Pool::Postgres(ref pool) => pool.close().await,
            #[cfg(feature = "mysql")]
            Pool::MySql(ref server) => server.pool.close().await,
        }
    }
}

#[cfg(feature = "sql")]
impl Db {
    /// Whether it was not closed.
    pub fn is_connected(&self) -> bool {
        match *self.pool {
            #[cfg(feature = "sqlite")]
            Pool::Own(ref own) => !own.is_closed(),
            #[cfg(feature = "sqlite")]
            Pool::Sqlite(ref pool) => !pool.is_closed(),
            #[cfg(feature = "postgres")]
            Pool::Postgres(ref pool) => !pool.is_closed(),
            #[cfg(feature = "mysql")]
            Pool::MySql(ref server) => !server.pool.is_closed(),
        }
    }

    /// Close the pool without waiting for who uses it. Open transactions are undone, and what wants to go on in them fails;
    /// loaders of SQLite are stopped, sessions of PostgreSQL and MariaDB that hiku lent are ended by the server. A connection in use is
    /// closed when it comes back.
    ///
    /// # Cancellation
    /// Dropping the future leaves the pool closed; some sessions may go on.
    pub async fn terminate(&self) {
        // It says that the pool is closed when it is polled first.
        let close = self.clone();
        let mut closed = Box::pin(async move { close.close().await });
        let now = futures_util::FutureExt::now_or_never(&mut closed).is_some();
        super::transaction::end_all(self);
        match *self.pool {
            #[cfg(feature = "sqlite")]
            Pool::Own(ref own) => own.stop_all(),
            #[cfg(feature = "sqlite")]
            Pool::Sqlite(_) => {}
            #[cfg(feature = "postgres")]
            Pool::Postgres(ref pool) => super::postgres::end_lent(pool).await,
            #[cfg(feature = "mysql")]
            Pool::MySql(ref server) => server.end_lent().await,
        }
        if !now && let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(closed);
        }
    }
}

impl std::fmt::Debug for Db {
    /// The kind only: addresses hold passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Db({:?})", self.dialect())
    }
}

impl AsRef<Db> for Db {
    fn as_ref(&self) -> &Db {
        self
    }
}

#[cfg(feature = "sqlite")]
impl From<sqlx::SqlitePool> for Db {
    fn from(pool: sqlx::SqlitePool) -> Self {
        Db::over(Pool::Sqlite(pool))
    }
}

#[cfg(feature = "postgres")]
impl From<sqlx::PgPool> for Db {
    fn from(pool: sqlx::PgPool) -> Self {
        Db::over(Pool::Postgres(pool))
    }
}

#[cfg(feature = "mysql")]
impl From<sqlx::MySqlPool> for Db {
    /// Its connections are as they were made: [`Db::builder`] sets `sql_mode` and the isolation of transactions.
    fn from(pool: sqlx::MySqlPool) -> Self {
        Db::over(Pool::MySql(super::mysql::Server::new(pool)))
    }
}

#[cfg(feature = "sql")]
pub(super) use leases::Leases;

#[cfg(feature = "sql")]
mod leases;

#[cfg(feature = "sql")]
pub(super) use leases::{Connection, Failed, lost, pool_options};
