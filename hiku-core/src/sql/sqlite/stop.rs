//! Stopping what sqlx's threads do for users' statements: they run on when nobody waits for them.
//!
//! The connections of our own pools ask now and then whether to go on. Those of a user's pool may have a progress handler of
//! the user's, and SQLite knows only one: there, a statement that was given up runs to its end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use sqlx::{Connection as _, SqliteConnection};

/// How many steps of SQLite's machine there are between two questions.
const STEPS: i32 = 4000;

/// What stops a connection, by its address; whoever opens one at the same address again puts its own here.
fn known() -> MutexGuard<'static, FxHashMap<usize, Arc<AtomicBool>>> {
    static KNOWN: LazyLock<Mutex<FxHashMap<usize, Arc<AtomicBool>>>> = LazyLock::new(Mutex::default);
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stops what a connection does.
#[derive(Clone)]
pub(in crate::sql) struct Stop(Arc<AtomicBool>);

/// Make a new connection one that can be stopped.
///
/// # Errors
/// If its thread is gone.
pub(in crate::sql) async fn prepare(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mut locked = connection.lock_handle().await?;
    let stopped = Arc::new(AtomicBool::new(false));
    let asked = stopped.clone();
    locked.set_progress_handler(STEPS, move || !asked.load(Ordering::Relaxed));
    let address = locked.as_raw_handle().as_ptr().addr();
    let mut known = known();
    // Handlers of connections that were closed are gone, and what they asked is here only.
    if known.len() >= 256 {
        known.retain(|_, stopped| Arc::strong_count(stopped) > 1);
    }
    known.insert(address, stopped);
    Ok(())
}

impl Stop {
    /// Of this connection, if it is of a pool of ours.
    pub(in crate::sql) async fn of(connection: &mut SqliteConnection) -> Option<Stop> {
        let mut locked = connection.lock_handle().await.ok()?;
        let address = locked.as_raw_handle().as_ptr().addr();
        known().get(&address).cloned().map(Stop)
    }

    /// Stop what was given up, and wait for that: what comes next is not stopped.
    pub(in crate::sql) async fn settle(&self, connection: &mut SqliteConnection) {
        self.0.store(true, Ordering::Relaxed);
        let rested = connection.ping().await;
        self.0.store(false, Ordering::Relaxed);
        if let Err(error) = rested {
            tracing::debug!("a connection to SQLite does not answer: {error}");
        }
    }
}
