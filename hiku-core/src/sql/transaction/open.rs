//! Which transactions are open: for whoever waits in vain for a connection that they have.

use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::error::TransactionError;
use crate::sql::Db;

struct Entry {
    id: u64,
    db: usize,
    at: &'static Location<'static>,
    since: Instant,
}

fn entries() -> MutexGuard<'static, Vec<Entry>> {
    static ENTRIES: Mutex<Vec<Entry>> = Mutex::new(Vec::new());
    ENTRIES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An open transaction, as long as it lives.
pub(super) struct Open(u64);

impl Open {
    pub(super) fn new(db: &Db, at: &'static Location<'static>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        entries().push(Entry { id, db: identity(db), at, since: Instant::now() });
        Open(id)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        entries().retain(|entry| entry.id != self.0);
    }
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
