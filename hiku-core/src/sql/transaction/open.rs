//! Which transactions are open: for whoever waits in vain for a connection that they have.

use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::error::TransactionError;
use crate::sql::Db;

struct Entry {
    id: u64,
    db: usize,
    at: &'static Location<'static>,
    since: Instant,
    end: Arc<dyn Fn() + Send + Sync>,
}

fn entries() -> MutexGuard<'static, Vec<Entry>> {
    static ENTRIES: Mutex<Vec<Entry>> = Mutex::new(Vec::new());
    ENTRIES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An open transaction, as long as it lives.
pub(super) struct Open(u64);

impl Open {
    /// `end` is how to give it up at once.
    pub(super) fn new(db: &Db, at: &'static Location<'static>, end: impl Fn() + Send + Sync + 'static) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        entries().push(Entry { id, db: identity(db), at, since: Instant::now(), end: Arc::new(end) });
        Open(id)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        entries().retain(|entry| entry.id != self.0);
    }
}

/// Give up every transaction of this database.
pub(in crate::sql) fn end_all(db: &Db) {
    let db = identity(db);
    // Not under the lock: the last one who holds a transaction may be who ends it.
    let ends: Vec<_> = entries().iter().filter(|entry| entry.db == db).map(|entry| entry.end.clone()).collect();
    ends.iter().for_each(|end| end());
}

/// The same for all handles of one pool, and for no other pool while this one lives.
pub(super) fn identity(db: &Db) -> usize {
    #[cfg(feature = "sqlite")]
    if let Some(pool) = db.sqlite() {
        return std::ptr::from_ref(pool.options()).addr();
    }
    #[cfg(feature = "postgres")]
    if let Some(pool) = db.postgres() {
        return std::ptr::from_ref(pool.options()).addr();
    }
    #[cfg(feature = "mysql")]
    if let Some(pool) = db.mysql() {
        return std::ptr::from_ref(pool.options()).addr();
    }
    0
}

/// How long one waits for a connection of this pool.
pub(super) fn patience(db: &Db) -> Duration {
    #[cfg(feature = "sqlite")]
    if let Some(pool) = db.sqlite() {
        return pool.options().get_acquire_timeout();
    }
    #[cfg(feature = "postgres")]
    if let Some(pool) = db.postgres() {
        return pool.options().get_acquire_timeout();
    }
    #[cfg(feature = "mysql")]
    if let Some(pool) = db.mysql() {
        return pool.options().get_acquire_timeout();
    }
    crate::sql::db::ACQUIRE_TIMEOUT
}

/// The error of a pool; where no connection came in time, with the transactions that have some.
pub(super) fn explain(db: &Db, error: sqlx::Error) -> TransactionError {
    if !matches!(error, sqlx::Error::PoolTimedOut) {
        return error.into();
    }
    let db = identity(db);
    let entries = entries();
    let mut open: Vec<&Entry> = entries.iter().filter(|entry| entry.db == db).collect();
    if open.is_empty() {
        return error.into();
    }
    open.sort_by_key(|entry| entry.since);
    let places: Vec<String> = open
        .iter()
        .take(5)
        .map(|entry| format!("{} ({:.1} s ago)", entry.at, entry.since.elapsed().as_secs_f32()))
        .collect();
    let transactions = format!(
        "connections are held by {} open transactions, begun at {}; a task that is spawned inside one runs outside it and \
         needs another connection",
        open.len(),
        places.join(", ")
    );
    TransactionError::NoConnection { transactions }
}
