//! A connection in a transaction: how it begins, nests and ends on each driver.
//!
//! sqlx counts the levels of its transactions on the connection. They are made and ended by what sqlx itself calls, so that
//! transactions that users begin on the same connection nest in them.
#![cfg_attr(
    not(all(feature = "sqlite", feature = "postgres", feature = "mysql")),
    allow(irrefutable_let_patterns, unused_variables, reason = "with one driver, every connection is of it")
)]

use sqlx::{AssertSqlSafe, Database, SqlSafeStr};
use sqlx_core::transaction::TransactionManager;

use super::error::TransactionError;
use super::open;
use super::options::TxOptions;
use crate::sql::Db;
use crate::sql::db::Connection;
#[cfg(feature = "sqlite")]
use crate::sql::sqlite::Stop;

/// A connection with so many open levels; 1 is the transaction itself.
pub(super) struct Live {
    connection: Option<Connection>,
    depth: u32,
    /// A statement may have failed without anybody having told us.
    suspect: bool,
    /// SQLite was told to refuse writing.
    query_only: bool,
    #[cfg(feature = "sqlite")]
    stop: Option<Stop>,
}

macro_rules! on {
    ($connection:expr, $c:ident: $DB:ident => $work:expr) => {
        match $connection {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite($c) => {
                #[allow(dead_code)]
                type $DB = sqlx::Sqlite;
                $work
            }
            #[cfg(feature = "postgres")]
            Connection::Postgres($c) => {
                #[allow(dead_code)]
                type $DB = sqlx::Postgres;
                $work
            }
            #[cfg(feature = "mysql")]
            Connection::MySql($c) => {
                #[allow(dead_code)]
                type $DB = sqlx::MySql;
                $c.works();
                let done = $work;
                $c.rests();
                done
            }
        }
    };
}

/// How many connections are tried where one was lost.
const MOST_LOST: u32 = 100;

type Manager<DB> = <DB as Database>::TransactionManager;

/// A connection: one that was just used, or one of the pool.
pub(in crate::sql) async fn acquire(db: &Db) -> Result<Connection, TransactionError> {
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    if let Some(ready) = db.ready() {
        if let Some(connection) = ready.take() {
            return Ok(connection);
        }
        // Scopes nest: what waits is not part of each.
        return Box::pin(ready.acquire(of_pool(db))).await;
    }
    of_pool(db).await
}

/// A connection of the pool. The transactions that have the others are named where none comes in time.
async fn of_pool(db: &Db) -> Result<Connection, TransactionError> {
    #[cfg(feature = "sqlite")]
    if let Some(pool) = db.sqlite() {
        return Ok(Connection::Sqlite(pool.acquire().await.map_err(|error| open::explain(db, error))?));
    }
    #[cfg(feature = "postgres")]
    if let Some(pool) = db.postgres() {
        let connection = opened(pool).await.map_err(|error| open::explain(db, error))?;
        let mut connection = crate::sql::postgres::Lent::new(connection, pool);
        connection.identify(pool).await;
        return Ok(Connection::Postgres(connection));
    }
    #[cfg(feature = "mysql")]
    if let Some(server) = db.server() {
        return Ok(Connection::MySql(server.acquire().await.map_err(|error| open::explain(db, error))?));
    }
    Err(TransactionError::Unavailable("no pool"))
}

/// A connection of a server. One that has to be opened, is opened in a task of its own: where nobody waits for it any more, it is
/// there for the next one. Else who is in a greater hurry than the server would never have any.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(in crate::sql) async fn opened<DB: Database>(
    pool: &sqlx::Pool<DB>,
) -> Result<sqlx::pool::PoolConnection<DB>, sqlx::Error> {
    if pool.num_idle() > 0 || pool.size() >= pool.options().get_max_connections() {
        return pool.acquire().await;
    }
    let pool = pool.clone();
    match tokio::spawn(async move { pool.acquire().await }).await {
        Ok(opened) => opened,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime shuts down.
            Err(_) => Err(sqlx::Error::WorkerCrashed),
        },
    }
}

/// One that answers: a statement that changes something cannot be asked again, so the connection is asked before. On SQLite
/// there is nobody who could have ended it.
pub(in crate::sql) async fn acquire_living(db: &Db) -> Result<Connection, TransactionError> {
    let mut lost = 0;
    loop {
        let mut connection = acquire(db).await?;
        let Err(error) = ping(&mut connection).await else { return Ok(connection) };
        discard(&mut connection);
        if !crate::sql::db::lost(&error) || lost == MOST_LOST {
            return Err(error.into());
        }
        lost += 1;
    }
}

#[allow(clippy::unused_async, reason = "SQLite is not asked")]
async fn ping(connection: &mut Connection) -> Result<(), sqlx::Error> {
    match connection {
        #[cfg(feature = "postgres")]
        Connection::Postgres(c) => sqlx::Connection::ping(&mut **c).await,
        #[cfg(feature = "mysql")]
        Connection::MySql(c) => c.ping().await,
        #[cfg(feature = "sqlite")]
        Connection::Sqlite(_) => Ok(()),
    }
}

pub(in crate::sql) async fn execute(connection: &mut Connection, text: String) -> Result<u64, sqlx::Error> {
    on!(connection, c: DB => {
        sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut **c).await.map(|done| done.rows_affected())
    })
}

/// What is done to a connection whose state is not known: it does not go back to the pool.
fn discard(connection: &mut Connection) {
    on!(connection, c: DB => c.close_on_drop());
}

/// While a transaction begins. Whoever gives up then does not know whether it began, and sqlx does not either on PostgreSQL:
/// such a connection is asked before it goes back. The thread that SQLite has in sqlx undoes a beginning that nobody waits for.
struct Beginning(Option<Connection>);

impl Drop for Beginning {
    fn drop(&mut self) {
        #[cfg(feature = "postgres")]
        if let Some(Connection::Postgres(connection)) = &mut self.0 {
            connection.suspect(true);
        }
    }
}

impl Live {
    /// # Cancellation
    /// Dropping the future leaves no transaction open.
    pub(super) async fn begin(db: &Db, options: TxOptions) -> Result<Live, TransactionError> {
        let text = options.statement(db.dialect());
        let mut lost = 0;
        loop {
            let mut beginning = Beginning(Some(acquire(db).await?));
            let Some(connection) = &mut beginning.0 else { continue };
            mend(connection).await?;
            let begin = AssertSqlSafe(text.clone()).into_sql_str();
            match on!(connection, c: DB => Manager::<DB>::begin(&mut **c, Some(begin)).await) {
                Ok(()) => {
                    #[cfg(feature = "mysql")]
                    if let Connection::MySql(c) = connection {
                        c.begun();
                    }
                    let mut live = Live {
                        connection: beginning.0.take(),
                        depth: 1,
                        suspect: false,
                        query_only: false,
                        #[cfg(feature = "sqlite")]
                        stop: None,
                    };
                    #[cfg(feature = "sqlite")]
                    if let Some(Connection::Sqlite(connection)) = &mut live.connection {
                        live.stop = Stop::of(connection).await;
                    }
                    if options.read_only {
                        live.refuse_writing().await?;
                    }
                    return Ok(live);
                }
                // It was lost while it was idle, as others may have been: the pool makes new ones.
                Err(error) if crate::sql::db::lost(&error) && lost < MOST_LOST => lost += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    #[allow(clippy::unused_async, reason = "without SQLite there is nothing to do")]
    async fn refuse_writing(&mut self) -> Result<(), TransactionError> {
        #[cfg(feature = "sqlite")]
        if let Some(Connection::Sqlite(connection)) = &mut self.connection {
            let refused: bool = sqlx::query_scalar("PRAGMA query_only").fetch_one(&mut **connection).await?;
            if !refused {
                self.query_only = true;
                sqlx::raw_sql("PRAGMA query_only = 1").execute(&mut **connection).await?;
            }
        }
        Ok(())
    }

    /// The connection, with so many levels: deeper ones were left without an end, and are undone now.
    pub(super) fn at(&mut self, depth: u32) -> Result<&mut Connection, TransactionError> {
        #[cfg(feature = "mysql")]
        if let Some(Connection::MySql(connection)) = &self.connection
            && let Some(error) = connection.over()
        {
            return Err(error);
        }
        self.undo_to(depth);
        let lost = self.depth < depth;
        match &mut self.connection {
            _ if lost => Err(TransactionError::Aborted),
            Some(connection) => Ok(connection),
            None => Err(TransactionError::ScopeClosed),
        }
    }

    fn undo_to(&mut self, depth: u32) {
        let Some(connection) = &mut self.connection else { return };
        while self.depth > depth {
            on!(connection, c: DB => Manager::<DB>::start_rollback(&mut **c));
            self.depth -= 1;
        }
        // PostgreSQL counts at once: what users began on the connection and forgot, and what a savepoint that failed took along.
        #[cfg(feature = "postgres")]
        if let Connection::Postgres(connection) = connection {
            let counted = |c: &sqlx::PgConnection| Manager::<sqlx::Postgres>::get_transaction_depth(c);
            while counted(connection) > self.depth as usize {
                Manager::<sqlx::Postgres>::start_rollback(connection);
            }
            self.depth = u32::try_from(counted(connection)).unwrap_or(self.depth);
        }
        #[cfg(feature = "mysql")]
        if let Some(Connection::MySql(connection)) = &mut self.connection {
            let counted = |c: &mut sqlx::MySqlConnection| Manager::<sqlx::MySql>::get_transaction_depth(c);
            while counted(connection) > self.depth as usize {
                Manager::<sqlx::MySql>::start_rollback(connection);
            }
            self.depth = u32::try_from(counted(connection)).unwrap_or(self.depth);
        }
    }

    /// An error if MariaDB has ended the transaction on its own. Not to be dropped on the way.
    #[allow(clippy::unused_async, reason = "only MariaDB is asked")]
    async fn verify(&mut self) -> Result<(), TransactionError> {
        #[cfg(feature = "mysql")]
        if let Some(Connection::MySql(connection)) = &mut self.connection {
            return connection.verify().await;
        }
        Ok(())
    }

    /// A statement failed, or was run by somebody who does not tell.
    pub(super) fn suspect(&mut self) {
        self.suspect = true;
    }

    /// One level more. Not to be dropped on the way: sqlx would undo the level below.
    pub(super) async fn savepoint(&mut self) -> Result<(), TransactionError> {
        self.verify().await?;
        let depth = self.depth;
        let connection = self.at(depth)?;
        on!(connection, c: DB => Manager::<DB>::begin(&mut **c, None).await)?;
        self.depth += 1;
        Ok(())
    }

    /// Keep the changes of the innermost level, which is a savepoint. Not to be dropped on the way.
    pub(super) async fn release(&mut self) -> Result<(), TransactionError> {
        self.verify().await?;
        let depth = self.depth;
        let connection = self.at(depth)?;
        on!(connection, c: DB => Manager::<DB>::commit(&mut **c).await)?;
        self.depth -= 1;
        Ok(())
    }

    /// Undo the changes of the innermost level, which is a savepoint. Not to be dropped on the way on MariaDB: what was read of
    /// the answer would be lost.
    pub(super) async fn rollback_savepoint(&mut self) -> Result<(), TransactionError> {
        let depth = self.depth;
        let connection = self.at(depth)?;
        on!(connection, c: DB => Manager::<DB>::rollback(&mut **c).await)?;
        self.depth -= 1;
        // The savepoint is still there, and so would be thousands of them in a loop.
        let name = format!("RELEASE SAVEPOINT _sqlx_savepoint_{}", self.depth);
        if let Some(connection) = &mut self.connection {
            execute(connection, name).await?;
        }
        Ok(())
    }

    /// # Cancellation
    /// Dropping the future leaves it open whether the transaction is stored; it has ended.
    pub(super) async fn commit(&mut self) -> Result<(), TransactionError> {
        let suspect = self.suspect;
        self.verify().await?;
        let connection = self.at(1)?;
        let committed = match connection {
            // PostgreSQL says that it commits, and does not, when a statement had failed.
            #[cfg(feature = "postgres")]
            Connection::Postgres(c) if suspect => match sqlx::raw_sql("SELECT").execute(&mut **c).await {
                Ok(_) => Manager::<sqlx::Postgres>::commit(c).await,
                Err(error) => Err(error),
            },
            connection => on!(connection, c: DB => Manager::<DB>::commit(&mut **c).await),
        };
        match committed {
            Ok(()) => {
                self.depth = 0;
                self.give_back().await;
                Ok(())
            }
            Err(error) => {
                let ended = self.is_autocommit().await;
                if let Err(second) = self.rollback().await {
                    tracing::warn!(error = %second, "a transaction that failed to commit was not rolled back; its connection is closed");
                }
                Err(if ended { TransactionError::Aborted } else { error.into() })
            }
        }
    }

    /// Run a statement that has the server keep the transaction and begins an empty one in its place: which sqlx ends, who
    /// counts them.
    ///
    /// # Cancellation
    /// Dropping the future leaves it open whether the transaction is kept; it has ended.
    #[cfg(feature = "postgres")]
    pub(super) async fn prepare(&mut self, statement: String) -> Result<(), TransactionError> {
        let suspect = self.suspect;
        let connection = self.at(1)?;
        let prepared = match connection {
            // As at a commit: of one that was given up, PostgreSQL says nothing.
            Connection::Postgres(c) => match suspect {
                true => sqlx::raw_sql("SELECT").execute(&mut **c).await.map(drop),
                false => Ok(()),
            },
            #[cfg(any(feature = "sqlite", feature = "mysql"))]
            _ => {
                self.rollback().await?;
                return Err(TransactionError::Unavailable("only PostgreSQL keeps prepared transactions"));
            }
        };
        let prepared = match prepared {
            Ok(()) => execute(connection, statement).await.map(drop),
            Err(error) => Err(error),
        };
        if let Err(second) = self.rollback().await {
            tracing::warn!(error = %second, "the connection of a prepared transaction is closed");
        }
        Ok(prepared?)
    }

    /// Whether SQLite has ended the transaction on its own: after an interrupted write, a full disk, `ON CONFLICT ROLLBACK`.
    #[allow(clippy::unused_async, reason = "only SQLite does that")]
    pub(super) async fn is_autocommit(&mut self) -> bool {
        match &mut self.connection {
            #[cfg(feature = "sqlite")]
            Some(Connection::Sqlite(connection)) => crate::sql::sqlite::is_autocommit(connection).await,
            _ => false,
        }
    }

    /// Undo everything. A connection that does not is closed.
    pub(super) async fn rollback(&mut self) -> Result<(), TransactionError> {
        if self.discard_if_over() {
            return Ok(());
        }
        self.undo_to(1);
        let ended = self.is_autocommit().await;
        let Some(connection) = &mut self.connection else { return Ok(()) };
        let result = async {
            if ended {
                return mend(connection).await;
            }
            on!(connection, c: DB => Manager::<DB>::rollback(&mut **c).await)
        };
        let result = result.await;
        self.depth = 0;
        match result {
            Ok(()) => self.give_back().await,
            Err(error) => {
                if let Some(mut connection) = self.connection.take() {
                    discard(&mut connection);
                }
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// MariaDB has ended the transaction on its own, and sqlx still counts its levels.
    fn discard_if_over(&mut self) -> bool {
        #[cfg(feature = "mysql")]
        if let Some(Connection::MySql(connection)) = &mut self.connection
            && connection.over().is_some()
        {
            connection.close_on_drop();
            (self.connection, self.depth) = (None, 0);
            return true;
        }
        false
    }

    async fn give_back(&mut self) {
        #[cfg(feature = "mysql")]
        if let Some(Connection::MySql(connection)) = &mut self.connection {
            connection.ended();
        }
        if self.query_only
            && let Some(connection) = &mut self.connection
        {
            match execute(connection, "PRAGMA query_only = 0".to_owned()).await {
                Ok(_) => self.query_only = false,
                Err(_) => discard(connection),
            }
        }
        self.connection = None;
    }

    /// End it at once, without waiting: what the connection is told last is to undo everything.
    pub(super) fn abandon(&mut self) {
        if self.discard_if_over() {
            return;
        }
        self.undo_to(0);
        let Some(mut connection) = self.connection.take() else { return };
        #[cfg(feature = "postgres")]
        if let Connection::Postgres(connection) = &mut connection {
            connection.let_it_finish();
        }
        if std::mem::take(&mut self.query_only)
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move {
                if execute(&mut connection, "PRAGMA query_only = 0".to_owned()).await.is_err() {
                    discard(&mut connection);
                }
            });
        }
    }

    /// Whether somebody gave up a statement that is still under way. sqlx's connection to SQLite does not say so: there it is
    /// believed to be who is in doubt.
    pub(super) fn is_at_work(&mut self, in_doubt: bool) -> bool {
        match &mut self.connection {
            #[cfg(feature = "postgres")]
            Some(Connection::Postgres(connection)) => connection.is_at_work(),
            #[cfg(feature = "sqlite")]
            Some(Connection::Sqlite(_)) => in_doubt && self.stop.is_some(),
            _ => false,
        }
    }

    /// Let a statement that somebody gave up end, or stop it: what it did is not known, and on PostgreSQL the transaction may
    /// be aborted.
    pub(super) async fn settle(&mut self) {
        self.suspect = true;
        match &mut self.connection {
            #[cfg(feature = "postgres")]
            Some(Connection::Postgres(connection)) => {
                connection.settle().await;
            }
            #[cfg(feature = "sqlite")]
            Some(Connection::Sqlite(connection)) => {
                if let Some(stop) = &self.stop {
                    stop.settle(connection).await;
                }
            }
            // What was given up there goes on with its connection.
            #[cfg(feature = "mysql")]
            Some(Connection::MySql(_)) => {}
            None => {}
        }
    }

    #[cfg(feature = "sqlite")]
    pub(super) fn connection_ref(&self) -> Option<&Connection> {
        self.connection.as_ref()
    }

    /// The connection, while there is one.
    pub(super) fn connection(&mut self) -> Option<&mut Connection> {
        self.connection.as_mut()
    }
}

/// What stops a statement of this connection, if it is of SQLite.
#[cfg(feature = "sqlite")]
pub(super) async fn stop(connection: &mut Connection) -> Option<Stop> {
    match connection {
        Connection::Sqlite(connection) => Stop::of(connection).await,
        #[cfg(feature = "postgres")]
        Connection::Postgres(_) => None,
        #[cfg(feature = "mysql")]
        Connection::MySql(_) => None,
    }
}

/// Stop a statement that was given up, on SQLite.
#[cfg(feature = "sqlite")]
pub(super) async fn settle(connection: &mut Connection, stop: Option<Stop>) {
    if let (Connection::Sqlite(connection), Some(stop)) = (connection, stop) {
        stop.settle(connection).await;
    }
}

/// What was begun by hand, and not ended, is undone: nobody gets a connection that is in a transaction.
#[cfg(feature = "sqlite")]
pub(super) async fn leave_transaction(mut connection: Connection) {
    if let Connection::Sqlite(c) = &mut connection
        && Manager::<sqlx::Sqlite>::get_transaction_depth(c) == 0
        && !crate::sql::sqlite::is_autocommit(c).await
        && let Err(error) = execute(&mut connection, "ROLLBACK".to_owned()).await
    {
        tracing::warn!(%error, "a transaction that was left open is not rolled back; its connection is closed");
        discard(&mut connection);
    }
}

/// Where SQLite ended a transaction that was given up, sqlx still counts it.
#[allow(clippy::unused_async, reason = "only SQLite does that")]
async fn mend(connection: &mut Connection) -> Result<(), sqlx::Error> {
    #[cfg(feature = "sqlite")]
    if let Connection::Sqlite(c) = connection
        && Manager::<sqlx::Sqlite>::get_transaction_depth(c) > 0
    {
        if crate::sql::sqlite::is_autocommit(c).await {
            // What it counts has to be there to be ended.
            let mut levels = "BEGIN".to_owned();
            for level in 1..Manager::<sqlx::Sqlite>::get_transaction_depth(c) {
                levels.push_str(&format!("; SAVEPOINT _sqlx_savepoint_{level}"));
            }
            execute(connection, levels).await?;
        }
        let Connection::Sqlite(c) = connection else { return Ok(()) };
        while Manager::<sqlx::Sqlite>::get_transaction_depth(c) > 0 {
            Manager::<sqlx::Sqlite>::rollback(c).await?;
        }
    }
    Ok(())
}

impl Drop for Live {
    fn drop(&mut self) {
        self.abandon();
    }
}
