//! A connection that is lent by a pool: what it was doing when it comes back is stopped on the server.
//!
//! sqlx sends no cancel requests, and keeps what they need to itself. So the server is told over another connection, outside
//! the pool: `pg_cancel_backend` of the process behind this one. A cancel that comes late must not hit what comes next.
//! Therefore the connection is kept until the server has answered that the signal was sent, and then has answered once more
//! over the connection itself: a process that has a signal waiting takes it before it reads on, and one that waits for a
//! command ignores it.

use std::ops::{Deref, DerefMut};
use std::pin::pin;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::{Either, select};
use rustc_hash::FxHashMap;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgStatement};
use sqlx::{Connection as _, Executor, PgConnection, PgPool, Postgres, SqlSafeStr, Statement};
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};

/// How long a statement that nobody waits for may go on: most end sooner than a cancel comes to them.
const GRACE: Duration = Duration::from_millis(50);

/// How long telling the server may take.
const TELLING: Duration = Duration::from_secs(5);

/// The process behind a connection, and when it started: numbers are given again.
const WHO: &str =
    "SELECT pid, extract(epoch FROM backend_start)::float8 FROM pg_stat_activity WHERE pid = pg_backend_pid()";

/// One process of the server.
#[derive(Clone)]
struct Process {
    id: i32,
    started: f64,
    server: Arc<PgConnectOptions>,
}

/// Which connections there are.
///
/// sqlx's connections cannot be told apart, but what they have prepared can: preparing a text again gives what the connection
/// keeps of it, without asking the server. It is kept here too, so that its address is no other's.
#[derive(Default)]
struct Known {
    processes: FxHashMap<usize, (PgStatement, Process)>,
    /// Of pools whose connections keep nothing: behind a pooler, whose processes change, there is nobody to tell.
    nameless: Vec<Weak<PgConnectOptions>>,
    /// Those that are lent now, with their pools.
    lent: Vec<(usize, Process)>,
}

/// More are forgotten, and asked again.
const MOST_KNOWN: usize = 1000;

fn known() -> MutexGuard<'static, Known> {
    static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells pools apart.
fn pool_id(pool: &PgPool) -> usize {
    std::ptr::from_ref(pool.options()).addr()
}

/// A connection of a pool, in use.
pub(in crate::sql) struct Lent {
    /// There until this is dropped.
    connection: Option<PoolConnection<Postgres>>,
    process: Option<Process>,
    pool: usize,
    /// Whoever had it may have left a transaction open.
    suspect: bool,
    at: Instant,
}

impl Lent {
    pub(in crate::sql) fn new(connection: PoolConnection<Postgres>, pool: &PgPool) -> Self {
        Lent { connection: Some(connection), process: None, pool: pool_id(pool), suspect: false, at: Instant::now() }
    }

    /// Learn which process is behind it: asked once for each connection.
    ///
    /// # Cancellation
    /// Dropping the future leaves it as it is.
    pub(in crate::sql) async fn identify(&mut self, pool: &PgPool) {
        if self.process.is_some() {
            return;
        }
        let server = pool.connect_options();
        if known().nameless.iter().any(|of| std::ptr::eq(of.as_ptr(), &raw const *server)) {
            return;
        }
        // What fails here, fails again where it is said to somebody.
        match process(self, server).await {
            Ok(Some(process)) => {
                known().lent.push((self.pool, process.clone()));
                self.process = Some(process);
            }
            Ok(None) => {}
            Err(error) => tracing::debug!("the process of a connection is not known: {error}"),
        }
    }

    /// It does not go back to the pool.
    pub(in crate::sql) fn close_on_drop(&mut self) {
        if let Some(connection) = &mut self.connection {
            connection.close_on_drop();
        }
    }

    /// When the pool lent it.
    pub(in crate::sql) fn lent_at(&self) -> Instant {
        self.at
    }

    /// Close it without a word, and without a runtime.
    pub(in crate::sql) fn hang_up(mut self) {
        self.forget();
        drop(self.connection.take().map(PoolConnection::leak));
    }

    /// What is under way when it is dropped is the undoing of a transaction, which is not to be stopped.
    pub(in crate::sql) fn let_it_finish(&mut self) {
        self.forget();
    }

    /// Whoever has it does not tell what was done with it.
    pub(in crate::sql) fn suspect(&mut self, suspect: bool) {
        self.suspect = suspect;
    }

    fn forget(&mut self) -> Option<Process> {
        let process = self.process.take()?;
        let mut known = known();
        if let Some(at) = known.lent.iter().position(|(of, lent)| *of == self.pool && lent.id == process.id) {
            known.lent.swap_remove(at);
        }
        Some(process)
    }

    /// Whether a statement was given up, and is still under way.
    pub(in crate::sql) fn is_at_work(&mut self) -> bool {
        self.connection.as_mut().is_some_and(|connection| is_at_work(connection))
    }

    /// Let a statement that was given up end, or stop it. Whether it was stopped.
    pub(in crate::sql) async fn settle(&mut self) -> bool {
        let process = self.process.clone();
        settle(self, process.as_ref()).await
    }
}

impl Deref for Lent {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        match &self.connection {
            Some(connection) => connection,
            None => unreachable!("it is there until this is dropped"),
        }
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut PgConnection {
        match &mut self.connection {
            Some(connection) => connection,
            None => unreachable!("it is there until this is dropped"),
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let process = self.forget();
        let Some(mut connection) = self.connection.take() else { return };
        let given_up = process.is_some() && is_at_work(&mut connection);
        if !given_up && !self.suspect {
            return;
        }
        let suspect = self.suspect;
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                // The cancel may have hit a `ROLLBACK` that stood behind the statement.
                if settle(&mut connection, process.as_ref()).await || suspect {
                    leave_transaction(&mut connection).await;
                }
            });
        }
    }
}

/// Whether the server has something to answer, or has just said that what nobody waits for has failed. Nothing is read or
/// written if it has not.
fn is_at_work(connection: &mut PgConnection) -> bool {
    !matches!(connection.flush().now_or_never(), Some(Ok(())))
}

async fn process(connection: &mut PgConnection, server: Arc<PgConnectOptions>) -> Result<Option<Process>, sqlx::Error> {
    let prepared = connection.prepare(WHO.into_sql_str()).await?;
    let address = prepared.columns().as_ptr().addr();
    if let Some((_, process)) = known().processes.get(&address) {
        return Ok(Some(process.clone()));
    }
    if connection.cached_statements_size() == 0 {
        let mut known = known();
        known.nameless.retain(|of| of.strong_count() > 0);
        known.nameless.push(Arc::downgrade(&server));
        return Ok(None);
    }
    let (id, started) = sqlx::query_as(WHO).fetch_one(&mut *connection).await?;
    let process = Process { id, started, server };
    let mut known = known();
    if known.processes.len() >= MOST_KNOWN {
        known.processes.clear();
    }
    known.processes.insert(address, (prepared, process.clone()));
    Ok(Some(process))
}

/// Wait until nothing is under way. What fails has nobody to be told.
async fn rest(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    loop {
        match connection.ping().await {
            Err(sqlx::Error::Database(_)) => {}
            rested => return rested,
        }
    }
}

async fn settle(connection: &mut PgConnection, process: Option<&Process>) -> bool {
    let Some(process) = process else {
        let _ = rest(connection).await;
        return false;
    };
    let told = {
        let rested = pin!(rest(connection));
        let tell = pin!(async {
            sleep(GRACE).await;
            timeout(TELLING, PgConnection::connect_with(&process.server)).await
        });
        // Connecting takes the longest: what ends meanwhile needs no cancel, and none has been sent.
        match select(rested, tell).await {
            Either::Left(_) => return false,
            Either::Right((Ok(Ok(other)), _)) => timeout(TELLING, process.tell(other, "pg_cancel_backend")).await,
            Either::Right((Ok(Err(error)), _)) => Ok(Err(error)),
            Either::Right((Err(late), _)) => Err(late),
        }
    };
    match told {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "a statement that nobody waits for goes on: it was not cancelled"),
        Err(_) => tracing::warn!("a statement that nobody waits for goes on: the server did not answer in time"),
    }
    // sqlx closes a connection that does not answer.
    let _ = rest(connection).await;
    true
}

/// What was begun by hand, and not ended, is undone: nobody gets a connection that is in a transaction.
async fn leave_transaction(connection: &mut PgConnection) {
    // Outside, each statement is a transaction of its own, which begins with it.
    let inside = sqlx::query_scalar("SELECT now() < statement_timestamp()").fetch_one(&mut *connection).await;
    match inside {
        Ok(false) => {}
        Ok(true) | Err(sqlx::Error::Database(_)) => {
            // A connection that cannot do this is closed by sqlx.
            let _ = sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await;
        }
        Err(_) => {}
    }
}

impl Process {
    /// Have the server call one of its functions with this process, if it still is the same.
    async fn tell(&self, mut other: PgConnection, function: &'static str) -> Result<(), sqlx::Error> {
        let text = format!(
            "SELECT {function}(pid) FROM pg_stat_activity WHERE pid = $1 AND extract(epoch FROM backend_start)::float8 = $2"
        );
        sqlx::query(sqlx::AssertSqlSafe(text)).bind(self.id).bind(self.started).execute(&mut other).await?;
        other.close().await
    }
}

/// End the sessions of every connection that the pool has lent.
pub(in crate::sql) async fn end_lent(pool: &PgPool) {
    let id = pool_id(pool);
    let lent: Vec<Process> =
        known().lent.iter().filter(|(of, _)| *of == id).map(|(_, process)| process.clone()).collect();
    for process in lent {
        let tell = async {
            let other = PgConnection::connect_with(&process.server).await?;
            process.tell(other, "pg_terminate_backend").await
        };
        match timeout(TELLING, tell).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "a connection in use was not closed"),
            Err(_) => tracing::warn!("a connection in use was not closed: the server did not answer in time"),
        }
    }
}
