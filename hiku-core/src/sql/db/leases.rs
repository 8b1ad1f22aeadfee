//! The connections of a request, and how statements run on them.

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

impl Connection {
    /// Run a statement. The connection comes back with the answer, unless it is gone.
    ///
    /// # Cancellation
    /// Dropping the future stops the statement.
    pub(in crate::sql) async fn run(self, ask: &Arc<Ask>) -> (Option<Connection>, Result<Fetched, Failed>) {
        match self {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(connection) => {
                let (connection, fetched) = crate::sql::sqlite::fetch(connection, ask.clone()).await;
                (connection.map(Connection::Sqlite), fetched)
            }
            #[cfg(feature = "postgres")]
            Connection::Postgres(mut connection) => {
                let fetched = crate::sql::postgres::fetch(&mut connection, ask).await;
                (Some(Connection::Postgres(connection)), fetched)
            }
            #[cfg(feature = "mysql")]
            connection @ Connection::MySql(_) => {
                let (connection, fetched) = crate::sql::mysql::fetch(connection, ask.clone()).await;
                (Some(connection), fetched)
            }
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
        let mut retried = 0;
        loop {
            let mut lease = self.lease(leases).await?;
            // Where one connection was dead, others may be: the second try asks first. Each one that does not answer
            // is closed, so in the end there is a new one, or the reason why there is none.
            let mut left = if retried > 0 { self.most_connections() } else { 0 };
            while left > 0 && lease.ping().await.is_err() {
                drop(lease);
                lease = self.lease(leases).await?;
                left -= 1;
            }
            #[cfg(feature = "postgres")]
            if let (Some(Connection::Postgres(connection)), Some(pool)) = (&mut lease.connection, self.postgres()) {
                connection.identify(pool).await;
            }
            let Some(connection) = lease.connection.take() else {
                return Err(Error::internal("a lease without a connection"));
            };
            let (connection, fetched) = connection.run(&ask).await;
            lease.connection = connection;
            match fetched {
                Ok(fetched) => {
                    lease.done();
                    ask.log(&fetched);
                    return Ok(fetched);
                }
                // The connection was dead before it answered anything: a read can be asked again, once. Each whose runtime is
                // gone is no sign that the next one is.
                Err(Failed { error, lost: true, rows: 0 })
                    if retried == 0 || (retried <= self.most_connections() && is_orphaned(&error)) =>
                {
                    retried += 1;
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

/// Whether the connection belongs to a runtime that has ended. One such can answer when it is asked whether it lives: what came
/// quickly enough is read without the runtime.
fn is_orphaned(error: &Error) -> bool {
    let error = error.source().and_then(|source| source.downcast_ref());
    matches!(error, Some(sqlx::Error::Io(error)) if tokio::runtime::is_rt_shutdown_err(error))
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
