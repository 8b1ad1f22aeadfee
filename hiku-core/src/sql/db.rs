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
mod leases {
    use tokio::sync::Notify;

    use super::*;
    use crate::sql::session::Ask;
    use crate::sql::{FetchArgs, Fetched, Statement};

    /// What every driver's pool is asked for: few connections, and no waiting for ever.
    pub(in crate::sql) fn pool_options<DB: sqlx::Database>() -> sqlx::pool::PoolOptions<DB> {
        sqlx::pool::PoolOptions::new()
            .max_connections(MOST_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
    }

    /// A connection that is lent by a pool.
    pub(in crate::sql) enum Connection {
        #[cfg(feature = "sqlite")]
        Sqlite(sqlx::pool::PoolConnection<sqlx::Sqlite>),
        #[cfg(feature = "postgres")]
        Postgres(crate::sql::postgres::Lent),
        #[cfg(feature = "mysql")]
        MySql(crate::sql::mysql::Lent),
    }

    #[cfg(any(feature = "postgres", feature = "mysql"))]
    impl Connection {
        /// When the pool lent it.
        pub(in crate::sql) fn lent_at(&self) -> std::time::Instant {
            match self {
                #[cfg(feature = "sqlite")]
                Connection::Sqlite(_) => std::time::Instant::now(),
                #[cfg(feature = "postgres")]
                Connection::Postgres(connection) => connection.lent_at(),
                #[cfg(feature = "mysql")]
                Connection::MySql(connection) => connection.lent_at(),
            }
        }

        /// Close it without a word, and without a runtime.
        pub(in crate::sql) fn hang_up(self) {
            match self {
                #[cfg(feature = "sqlite")]
                Connection::Sqlite(connection) => drop(connection.leak()),
                #[cfg(feature = "postgres")]
                Connection::Postgres(connection) => connection.hang_up(),
                #[cfg(feature = "mysql")]
                Connection::MySql(connection) => connection.hang_up(),
            }
        }
    }

    #[cfg(feature = "mysql")]
    impl crate::sql::mysql::Keeper for Connection {
        fn lent(&mut self) -> Option<&mut crate::sql::mysql::Lent> {
            match self {
                Connection::MySql(lent) => Some(lent),
                #[cfg(any(feature = "sqlite", feature = "postgres"))]
                _ => None,
            }
        }
    }

    /// The connections of one request.
    #[derive(Default)]
    pub(in crate::sql) struct Leases {
        state: Mutex<State>,
        returned: Notify,
    }

    #[derive(Default)]
    struct State {
        idle: Vec<Connection>,
        in_use: usize,
    }

    /// A connection in use; back to the request when its statement is done, back to the pool when it is not.
    struct Lease<'a> {
        leases: &'a Leases,
        connection: Option<Connection>,
    }

    impl Leases {
        fn state(&self) -> MutexGuard<'_, State> {
            self.state.lock().unwrap_or_else(PoisonError::into_inner)
        }

        /// Give back those that no statement uses.
        pub(in crate::sql) fn release_idle(&self, db: &Db) {
            // Outside the lock: dropping a connection does work of its own.
            let idle = std::mem::take(&mut self.state().idle);
            idle.into_iter().for_each(|connection| db.give_back(connection));
        }
    }

    impl Drop for Lease<'_> {
        fn drop(&mut self) {
            self.leases.state().in_use -= 1;
            self.leases.returned.notify_one();
        }
    }

    impl Lease<'_> {
        fn done(mut self) {
            if let Some(connection) = self.connection.take() {
                self.leases.state().idle.push(connection);
            }
        }

        /// Whether the connection lives; one that does not is closed.
        async fn ping(&mut self) -> Result<(), sqlx::Error> {
            let answer = match &mut self.connection {
                #[cfg(feature = "sqlite")]
                Some(Connection::Sqlite(connection)) => sqlx::Connection::ping(&mut **connection).await,
                #[cfg(feature = "postgres")]
                Some(Connection::Postgres(connection)) => sqlx::Connection::ping(&mut **connection).await,
                #[cfg(feature = "mysql")]
                Some(Connection::MySql(connection)) => connection.ping().await,
                None => Ok(()),
            };
            if answer.is_err() {
                self.close_on_drop();
            }
            answer
        }

        /// The connection does not go back to the pool.
        fn close_on_drop(&mut self) {
            match &mut self.connection {
                #[cfg(feature = "sqlite")]
                Some(Connection::Sqlite(connection)) => connection.close_on_drop(),
                #[cfg(feature = "postgres")]
                Some(Connection::Postgres(connection)) => connection.close_on_drop(),
                #[cfg(feature = "mysql")]
                Some(Connection::MySql(connection)) => connection.close_on_drop(),
                None => {}
            }
        }
    }

    enum Next {
        Known(Connection),
        /// The request has none in use: it may wait for the pool.
        FromPool,
        Wait,
    }

    impl Db {
        async fn lease<'a>(&self, leases: &'a Leases) -> Result<Lease<'a>> {
            loop {
                let returned = leases.returned.notified();
                let next = {
                    let mut state = leases.state();
                    match state.idle.pop() {
                        Some(connection) => Next::Known(connection),
                        None if state.in_use == 0 => Next::FromPool,
                        None => self.try_acquire().map_or(Next::Wait, Next::Known),
                    }
                    .counted(&mut state)
                };
                let mut lease = match next {
                    Next::Wait => {
                        returned.await;
                        continue;
                    }
                    Next::Known(connection) => Lease { leases, connection: Some(connection) },
                    Next::FromPool => Lease { leases, connection: None },
                };
                if lease.connection.is_none() {
                    lease.connection = Some(crate::sql::transaction::acquire(self).await?);
                }
                return Ok(lease);
            }
        }

        /// A connection on which nothing is under way is there for who asks next.
        pub(in crate::sql) fn give_back(&self, connection: Connection) {
            #[cfg(any(feature = "postgres", feature = "mysql"))]
            if let Some(ready) = self.ready()
                && self.is_connected()
            {
                return ready.keep(connection);
            }
            drop(connection);
        }

        fn try_acquire(&self) -> Option<Connection> {
            #[cfg(any(feature = "postgres", feature = "mysql"))]
            if let Some(connection) = self.ready().and_then(|ready| ready.take()) {
                return Some(connection);
            }
            match &*self.pool {
                #[cfg(feature = "sqlite")]
                Pool::Own(_) => None,
                #[cfg(feature = "sqlite")]
                Pool::Sqlite(pool) => pool.try_acquire().map(Connection::Sqlite),
                #[cfg(feature = "postgres")]
                Pool::Postgres(pool) => {
                    let lent = |connection| crate::sql::postgres::Lent::new(connection, pool);
                    pool.try_acquire().map(lent).map(Connection::Postgres)
                }
                #[cfg(feature = "mysql")]
                Pool::MySql(server) => server.try_acquire().map(Connection::MySql),
            }
        }

        fn most_connections(&self) -> u32 {
            match &*self.pool {
                #[cfg(feature = "sqlite")]
                Pool::Own(_) => MOST_CONNECTIONS,
                #[cfg(feature = "sqlite")]
                Pool::Sqlite(pool) => pool.options().get_max_connections(),
                #[cfg(feature = "postgres")]
                Pool::Postgres(pool) => pool.options().get_max_connections(),
                #[cfg(feature = "mysql")]
                Pool::MySql(server) => server.pool.options().get_max_connections(),
            }
        }

        /// Run a statement on a connection of the request.
        pub(in crate::sql) async fn fetch(
            &self,
            leases: &Leases,
            statement: Arc<Statement>,
            args: FetchArgs,
        ) -> Result<Fetched> {
            let ask = Arc::new(Ask::new(self.dialect(), statement, args)?);
            let mut retried = false;
            loop {
                let mut lease = self.lease(leases).await?;
                // Where one connection was dead, others may be: the second try asks first. Each one that does not answer
                // is closed, so in the end there is a new one, or the reason why there is none.
                let mut left = if retried { self.most_connections() } else { 0 };
                while left > 0 && lease.ping().await.is_err() {
                    drop(lease);
                    lease = self.lease(leases).await?;
                    left -= 1;
                }
                let fetched = match lease.connection.take() {
                    #[cfg(feature = "sqlite")]
                    Some(Connection::Sqlite(connection)) => {
                        let (connection, fetched) = crate::sql::sqlite::fetch(connection, ask.clone()).await;
                        lease.connection = connection.map(Connection::Sqlite);
                        fetched
                    }
                    #[cfg(feature = "postgres")]
                    Some(Connection::Postgres(mut connection)) => {
                        if let Some(pool) = self.postgres() {
                            connection.identify(pool).await;
                        }
                        let fetched = crate::sql::postgres::fetch(&mut connection, &ask).await;
                        lease.connection = Some(Connection::Postgres(connection));
                        fetched
                    }
                    #[cfg(feature = "mysql")]
                    Some(connection @ Connection::MySql(_)) => {
                        let (connection, fetched) = crate::sql::mysql::fetch(connection, ask.clone()).await;
                        lease.connection = Some(connection);
                        fetched
                    }
                    None => return Err(Error::internal("a lease without a connection")),
                };
                match fetched {
                    Ok(fetched) => {
                        lease.done();
                        ask.log(&fetched);
                        return Ok(fetched);
                    }
                    // The connection was dead before it answered anything: a read can be asked again, once.
                    Err(Failed { error, lost: true, rows: 0 }) if !retried => {
                        retried = true;
                        tracing::debug!("a connection was lost ({error}); asking again");
                        lease.close_on_drop();
                    }
                    Err(Failed { error, .. }) => return Err(ask.failed(&error)),
                }
            }
        }
    }

    impl Next {
        /// Whoever gets a connection counts as using one from now on.
        fn counted(self, state: &mut State) -> Self {
            if !matches!(self, Next::Wait) {
                state.in_use += 1;
            }
            self
        }
    }

    /// Why a statement failed.
    pub(in crate::sql) struct Failed {
        pub(in crate::sql) error: Error,
        /// The connection is gone.
        pub(in crate::sql) lost: bool,
        /// How many rows had come.
        pub(in crate::sql) rows: usize,
    }

    impl Failed {
        pub(in crate::sql) fn new(error: sqlx::Error, rows: usize) -> Self {
            Failed { lost: lost(&error), error: error.into(), rows }
        }

        pub(in crate::sql) fn value(error: Error) -> Self {
            Failed { error, lost: false, rows: usize::MAX }
        }

        /// Something that had to be asked before.
        #[cfg(feature = "mysql")]
        pub(in crate::sql) fn before(error: Error) -> Self {
            let lost = error.source().and_then(|source| source.downcast_ref()).is_some_and(lost);
            Failed { error, lost, rows: 0 }
        }
    }

    /// Whether the connection is gone.
    pub(in crate::sql) fn lost(error: &sqlx::Error) -> bool {
        use sqlx::Error as E;
        match error {
            E::Io(_) | E::WorkerCrashed | E::Protocol(_) => true,
            // PostgreSQL: 57P01 to 57P03, the server shuts down; 08xxx, the connection. “Cached plan must not change
            // result type”: the table changed since this connection prepared the statement.
            #[cfg(feature = "mysql")]
            E::Database(error) if crate::sql::mysql::is_killed(&**error) => true,
            E::Database(error) => error.code().is_some_and(|code| {
                let stale = code == "0A000" && error.message().starts_with("cached plan");
                stale || code.starts_with("57P") || code.starts_with("08")
            }),
            _ => false,
        }
    }
}

#[cfg(feature = "sql")]
pub(super) use leases::{Connection, Failed, lost, pool_options};
