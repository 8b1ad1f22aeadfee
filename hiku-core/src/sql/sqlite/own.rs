//! Connections of our own, through rusqlite: what `Db::connect` makes.
//!
//! A statement that is expected to be short runs in the caller's task, which is ten times cheaper than any way to another
//! thread; it is stopped if it takes longer than it may, and run again where it does not block anybody.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::BUSY_TIMEOUT;
use super::cancel::{Cancel, on_blocking_thread};
use super::rows::{self, Fail};
use crate::error::{Error, Result};
use crate::index::Column;
use crate::sql::Fetched;
use crate::sql::db::{ACQUIRE_TIMEOUT, MOST_CONNECTIONS, pool_options};
use crate::sql::room::Room;
use crate::sql::session::{Ask, Started};
use crate::threads::wait_until;

/// How long a statement may run in the caller's task.
const IN_PLACE: Duration = Duration::from_millis(1);

/// One that is expected to take longer does not even start there.
const SHORT: Duration = Duration::from_micros(500);

/// How many steps of SQLite's machine there are between two looks at the clock: some 10 µs.
const STEPS: i32 = 1000;

/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 250;

/// How long to wait for somebody else's lock before asking again, as SQLite itself would: in milliseconds, the last again and
/// again.
const DELAYS: [u64; 12] = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100];

/// How connections are opened.
pub(super) struct Open {
    pub(super) path: PathBuf,
    pub(super) flags: OpenFlags,
    pub(super) vfs: Option<&'static str>,
    pub(super) wal: bool,
    /// The same, for sqlx.
    pub(super) options: SqliteConnectOptions,
    /// How many connections sqlx may have.
    pub(super) most_of_sqlx: u32,
}

/// A small pool.
pub(in crate::sql) struct Own {
    open: Open,
    /// The one that was used last is used next: its cache is warm.
    idle: Mutex<Vec<OpenConnection>>,
    free: Semaphore,
    closed: AtomicBool,
    /// What stops those in use.
    in_use: Mutex<Vec<Arc<Limits>>>,
    /// A database in memory lives as long as any connection to it.
    anchor: Mutex<Option<Connection>>,
    sqlx: OnceLock<SqlitePool>,
}

/// An open connection.
struct OpenConnection {
    connection: Connection,
    limits: Arc<Limits>,
}

/// What SQLite asks now and then while it runs a statement.
#[derive(Default)]
struct Limits {
    /// In nanoseconds of [`now`]; 0 is none.
    until: AtomicU64,
    stopped: AtomicBool,
}

impl Limits {
    fn exceeded(&self) -> bool {
        let until = self.until.load(Ordering::Relaxed);
        self.stopped.load(Ordering::Relaxed) || (until != 0 && now() > until)
    }
}

/// Nanoseconds since some instant before now.
fn now() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(START.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

impl Own {
    /// A pool with its first connection.
    pub(super) async fn connect(open: Open) -> Result<Arc<Own>> {
        let anchored = open.vfs.is_some();
        let own = Arc::new(Own {
            open,
            idle: Mutex::default(),
            free: Semaphore::new(MOST_CONNECTIONS as usize),
            closed: AtomicBool::new(false),
            in_use: Mutex::default(),
            anchor: Mutex::default(),
            sqlx: OnceLock::new(),
        });
        let opened = own.clone();
        let first = move || -> rusqlite::Result<()> {
            if anchored {
                *opened.anchor.lock().unwrap_or_else(PoisonError::into_inner) = Some(opened.open.connection()?);
            }
            let first = opened.open.open()?;
            opened.idle().push(first);
            Ok(())
        };
        match Handle::try_current() {
            Ok(_) => on_blocking_thread(move |_| first()).await??,
            Err(_) => first()?,
        }
        Ok(own)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<OpenConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same database for statements that users write; connected when it is used first.
    pub(in crate::sql) fn sqlx(&self) -> &SqlitePool {
        self.sqlx.get_or_init(|| {
            // No connection is closed for its age: so the pool needs no task, and can be made without a runtime.
            let options = pool_options().max_connections(self.open.most_of_sqlx).idle_timeout(None).max_lifetime(None);
            let options = options.after_connect(|connection, _| Box::pin(super::prepare(connection)));
            options.connect_lazy_with(self.open.options.clone())
        })
    }

    pub(in crate::sql) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    fn in_use(&self) -> MutexGuard<'_, Vec<Arc<Limits>>> {
        self.in_use.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stop every statement that runs.
    pub(in crate::sql) fn stop_all(&self) {
        self.in_use().iter().for_each(|limits| limits.stopped.store(true, Ordering::Relaxed));
    }

    /// How many connections are open and idle, how many are in use, and how many there can be.
    pub(in crate::sql) fn stats(&self) -> (u32, u32, u32) {
        let idle = u32::try_from(self.idle().len()).unwrap_or(u32::MAX);
        (idle, u32::try_from(self.in_use().len()).unwrap_or(u32::MAX), MOST_CONNECTIONS)
    }

    /// Waits for the connections in use, then closes all.
    pub(in crate::sql) async fn close(self: &Arc<Self>) {
        self.closed.store(true, Ordering::Release);
        if let Ok(all) = self.free.acquire_many(MOST_CONNECTIONS).await {
            all.forget();
            self.free.close();
        }
        self.sqlx().close().await;
        let own = self.clone();
        let close = move || {
            own.idle().clear();
            *own.anchor.lock().unwrap_or_else(PoisonError::into_inner) = None;
        };
        // The last connection to a file writes its log into it.
        match Handle::try_current() {
            Ok(_) => drop(on_blocking_thread(move |_| close()).await),
            Err(_) => close(),
        }
    }

    fn slot(self: &Arc<Self>, permit: tokio::sync::SemaphorePermit<'_>) -> Result<Slot> {
        permit.forget();
        let mut slot = Slot { own: self.clone(), connection: None };
        if self.closed.load(Ordering::Acquire) {
            return Err(closed());
        }
        slot.connection = self.idle().pop();
        Ok(slot)
    }

    /// Waits for a place in the pool.
    async fn take(self: &Arc<Self>) -> Result<Slot> {
        let permit = match (self.free.try_acquire(), Handle::try_current()) {
            (Ok(permit), _) => permit,
            (Err(_), Ok(_)) => match tokio::time::timeout(ACQUIRE_TIMEOUT, self.free.acquire()).await {
                Ok(permit) => permit.map_err(|_| closed())?,
                Err(_) => return Err(too_busy()),
            },
            (Err(_), Err(_)) => self.free.acquire().await.map_err(|_| closed())?,
        };
        self.slot(permit)
    }

    /// Run a statement to its end on this thread, which waits by blocking. No runtime is needed, nor used if there is one.
    pub(in crate::sql) fn run(self: &Arc<Self>, ask: &Ask) -> Result<Fetched> {
        let since = Instant::now();
        let mut delays = DELAYS.iter();
        loop {
            let permit = match wait_until(self.free.acquire(), Instant::now() + ACQUIRE_TIMEOUT) {
                Some(permit) => permit.map_err(|_| ask.failed(&closed()))?,
                None => return Err(ask.failed(&too_busy())),
            };
            let slot = self.slot(permit).map_err(|error| ask.failed(&error))?;
            match slot.run(ask, Room::columns(ask), None, None) {
                Ok(fetched) => {
                    ask.log(&fetched);
                    return Ok(fetched);
                }
                Err(Fail::Busy(_) | Fail::Locked(_)) if since.elapsed() < BUSY_TIMEOUT => {
                    let delay = *delays.next().unwrap_or(&DELAYS[DELAYS.len() - 1]);
                    std::thread::sleep(Duration::from_millis(delay));
                }
                Err(Fail::Busy(error) | Fail::Locked(error) | Fail::Failed(error)) => return Err(ask.failed(&error)),
                Err(Fail::Stopped) => return Err(ask.failed(&Error::internal("it was interrupted"))),
            }
        }
    }

    /// Run a statement: to its end, if that is soon.
    pub(in crate::sql) fn start(self: &Arc<Self>, ask: Ask) -> Started {
        let limit = Handle::try_current().is_ok().then_some(IN_PLACE);
        let mut wait = false;
        if (limit.is_none() || ask.statement.pace.expected(ask.keys()).is_none_or(|expected| expected <= SHORT))
            && let Ok(permit) = self.free.try_acquire()
        {
            let slot = match self.slot(permit) {
                Ok(slot) => slot,
                Err(error) => return Started::Done(Err(ask.failed(&error))),
            };
            // Opening one reads the file.
            if slot.connection.is_some() || limit.is_none() {
                match slot.run(&ask, Room::columns(&ask), limit, None) {
                    Ok(fetched) => {
                        ask.log(&fetched);
                        return Started::Done(Ok(fetched));
                    }
                    Err(Fail::Failed(error)) => return Started::Done(Err(ask.failed(&error))),
                    Err(Fail::Stopped) => {}
                    Err(Fail::Busy(_) | Fail::Locked(_)) => wait = true,
                }
            }
        }
        Started::Waiting(Box::pin(self.clone().finish(Arc::new(ask), wait)))
    }

    /// Run a statement that writes. A file is waited for when it is stored, which is not for the caller's task.
    ///
    /// # Cancellation
    /// Dropping the future stops the statement, which then has changed nothing, unless it was done.
    pub(in crate::sql) async fn write(self: &Arc<Self>, ask: Ask) -> Result<Fetched> {
        if Handle::try_current().is_ok() && self.open.vfs.is_none() {
            return self.clone().finish(Arc::new(ask), false).await;
        }
        match self.start(ask) {
            Started::Done(fetched) => fetched,
            Started::Waiting(fetching) => fetching.await,
        }
    }

    /// Run a statement on a blocking thread, as soon as there is a connection and nobody has the lock.
    ///
    /// # Cancellation
    /// Dropping the future stops the statement; the connection goes back to the pool from there.
    async fn finish(self: Arc<Self>, ask: Arc<Ask>, mut wait: bool) -> Result<Fetched> {
        let since = Instant::now();
        let mut delays = DELAYS.iter();
        loop {
            if wait {
                let delay = Duration::from_millis(*delays.next().unwrap_or(&DELAYS[DELAYS.len() - 1]));
                match Handle::try_current() {
                    Ok(_) => tokio::time::sleep(delay).await,
                    Err(_) => std::thread::sleep(delay),
                }
            }
            let slot = self.take().await.map_err(|error| ask.failed(&error))?;
            let asked = ask.clone();
            // Here, where they are dropped: a thread that blocks would keep room for them of its own.
            let columns = Room::columns(&ask);
            let fetched = match Handle::try_current() {
                Ok(_) => on_blocking_thread(move |cancel| slot.run(&asked, columns, None, Some(cancel))).await?,
                Err(_) => slot.run(&asked, columns, None, None),
            };
            match fetched {
                Ok(fetched) => {
                    ask.log(&fetched);
                    return Ok(fetched);
                }
                Err(Fail::Busy(_) | Fail::Locked(_)) if since.elapsed() < BUSY_TIMEOUT => wait = true,
                Err(Fail::Busy(error) | Fail::Locked(error) | Fail::Failed(error)) => return Err(ask.failed(&error)),
                Err(Fail::Stopped) => return Err(ask.failed(&Error::internal("it was interrupted"))),
            }
        }
    }
}

fn too_busy() -> Error {
    Error::internal("all connections were in use for too long")
}

fn closed() -> Error {
    Error::internal("the database was closed")
}

impl Open {
    fn connection(&self) -> rusqlite::Result<Connection> {
        match self.vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(&self.path, self.flags, vfs),
            None => Connection::open_with_flags(&self.path, self.flags),
        }
    }

    fn open(&self) -> rusqlite::Result<OpenConnection> {
        let connection = self.connection()?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        if self.wal {
            connection.pragma_update(None, "journal_mode", "WAL")?;
        }
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        let limits = Arc::new(Limits::default());
        let asked = limits.clone();
        connection.progress_handler(STEPS, Some(move || asked.exceeded()))?;
        // From here on waiting is ours: not in a thread.
        connection.busy_timeout(Duration::ZERO)?;
        Ok(OpenConnection { connection, limits })
    }
}

/// A place in the pool, with a connection once there is one; given back when dropped.
struct Slot {
    own: Arc<Own>,
    connection: Option<OpenConnection>,
}

impl Slot {
    fn run(
        mut self,
        ask: &Ask,
        columns: Vec<Column>,
        limit: Option<Duration>,
        cancel: Option<&Cancel>,
    ) -> Result<Fetched, Fail> {
        let open = match &mut self.connection {
            Some(open) => open,
            none => none.insert(self.own.open.open()?),
        };
        let started = Instant::now();
        let nanos = |limit: Duration| u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX);
        open.limits.until.store(limit.map_or(0, |limit| now().saturating_add(nanos(limit))), Ordering::Relaxed);
        open.limits.stopped.store(false, Ordering::Relaxed);
        let limits = open.limits.clone();
        let _using = Using::new(&self.own, &limits);
        // Said before it was among those in use.
        if self.own.is_closed() {
            return Err(Fail::Failed(closed()));
        }
        let armed = match cancel.map(|cancel| cancel.arm(move || limits.stopped.store(true, Ordering::Relaxed))) {
            Some(None) => return Err(Fail::Stopped),
            armed => armed,
        };
        let fetched = rows::fetch(&open.connection, ask, columns, || false);
        drop(armed);
        if matches!(fetched, Ok(_) | Err(Fail::Stopped)) {
            ask.statement.pace.measured(ask.keys(), started.elapsed());
        }
        fetched
    }
}

/// A connection in use.
struct Using(Arc<Own>, Arc<Limits>);

impl Using {
    fn new(own: &Arc<Own>, limits: &Arc<Limits>) -> Self {
        own.in_use().push(limits.clone());
        Using(own.clone(), limits.clone())
    }
}

impl Drop for Using {
    fn drop(&mut self) {
        let mut in_use = self.0.in_use();
        if let Some(at) = in_use.iter().position(|limits| Arc::ptr_eq(limits, &self.1)) {
            in_use.swap_remove(at);
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        // One in a transaction would keep seeing what was there when that began.
        if let Some(open) = self.connection.take().filter(|open| open.connection.is_autocommit()) {
            self.own.idle().push(open);
        }
        // Whoever closes waits for this, and then closes what is idle.
        self.own.free.add_permits(1);
    }
}
