//! A pool of the user's, with whatever functions, collations and databases its connections have.

use std::ops::DerefMut;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use sqlx::SqliteConnection;

use super::cancel::{Cancel, on_blocking_thread};
use super::rows::{self, Fail};
use super::{BUSY_TIMEOUT, handle};
use crate::error::Error;
use crate::sql::Fetched;
use crate::sql::db::Failed;
use crate::sql::room::Room;
use crate::sql::session::Ask;

/// A statement that took longer than this does not run in the caller's task: nothing would stop it there.
const SHORT: Duration = Duration::from_micros(200);

/// Run a statement on a connection, which comes back with the answer: in the caller's task if it was short before, else on a
/// blocking thread.
///
/// # Cancellation
/// Dropping the future interrupts the statement; the connection goes back to its pool from there.
pub(in crate::sql) async fn fetch<C>(mut connection: C, ask: Arc<Ask>) -> (Option<C>, Result<Fetched, Failed>)
where
    C: DerefMut<Target = SqliteConnection> + Send + 'static,
{
    if ask.statement.pace.expected(ask.keys()).is_some_and(|expected| expected <= SHORT) {
        let in_place = try_in_place(&mut connection, &ask).await;
        match in_place {
            Err(error) => return (Some(connection), Err(Failed::new(error, 0))),
            // Somebody has the lock: waiting for it is not for this thread.
            Ok(None | Some(Err(Fail::Busy(_) | Fail::Locked(_)))) => {}
            Ok(Some(fetched)) => return (Some(connection), fetched.map_err(failed)),
        }
    }
    let answer = on_blocking_thread(move |cancel| {
        let runtime = tokio::runtime::Handle::current();
        let fetched = (|| {
            let mut locked = runtime.block_on(connection.lock_handle()).map_err(|error| Failed::new(error, 0))?;
            let fetch = |connection: &Connection| patiently(cancel, || run(connection, &ask, Some(cancel)));
            match handle::borrow(&mut locked, cancel, fetch) {
                Ok(Some(fetched)) => fetched.map_err(failed),
                Ok(None) => Err(failed(Fail::Stopped)),
                Err(error) => Err(Failed::value(error.into())),
            }
        })();
        (connection, fetched)
    });
    match answer.await {
        Ok((connection, fetched)) => (Some(connection), fetched),
        Err(error) => (None, Err(Failed::value(error))),
    }
}

/// Nothing if it cannot be done without waiting.
async fn try_in_place(
    connection: &mut SqliteConnection,
    ask: &Ask,
) -> Result<Option<Result<Fetched, Fail>>, sqlx::Error> {
    let mut locked = connection.lock_handle().await?;
    let fetch = |connection: &Connection| without_waiting(connection, || run(connection, ask, None));
    Ok(handle::borrow(&mut locked, &Cancel::default(), fetch).ok().flatten().flatten())
}

/// Whether no transaction is open, whatever sqlx counts.
pub(in crate::sql) async fn is_autocommit(connection: &mut SqliteConnection) -> bool {
    let Ok(mut locked) = connection.lock_handle().await else { return true };
    let asked = handle::borrow(&mut locked, &Cancel::default(), Connection::is_autocommit);
    asked.ok().flatten().unwrap_or(true)
}

fn run(connection: &Connection, ask: &Ask, cancel: Option<&Cancel>) -> Result<Fetched, Fail> {
    let started = Instant::now();
    let fetched = rows::fetch(connection, ask, Room::columns(ask), || cancel.is_some_and(Cancel::cancelled))?;
    ask.statement.pace.measured(ask.keys(), started.elapsed());
    Ok(fetched)
}

/// Again, where connections share a cache and one has locked a table: the connection's own waiting knows nothing of that.
fn patiently(cancel: &Cancel, fetch: impl Fn() -> Result<Fetched, Fail>) -> Result<Fetched, Fail> {
    let since = Instant::now();
    loop {
        match fetch() {
            Err(Fail::Locked(_)) if since.elapsed() < BUSY_TIMEOUT && !cancel.cancelled() => {
                std::thread::sleep(Duration::from_millis(5));
            }
            fetched => return fetched,
        }
    }
}

fn failed(fail: Fail) -> Failed {
    Failed::value(match fail {
        Fail::Busy(error) | Fail::Locked(error) | Fail::Failed(error) => error,
        Fail::Stopped => Error::internal("the statement was interrupted"),
    })
}

/// Do something with a connection that does not wait for locks meanwhile. Nothing if that cannot be had: with a time of 0
/// there may be a handler of the user's, which could not be put back.
fn without_waiting<T>(connection: &Connection, work: impl FnOnce() -> T) -> Option<T> {
    struct PutBack<'a>(&'a Connection, u64);
    impl Drop for PutBack<'_> {
        fn drop(&mut self) {
            let _ = self.0.busy_timeout(Duration::from_millis(self.1));
        }
    }
    let timeout: u64 =
        connection.query_row("PRAGMA busy_timeout", (), |row| row.get::<_, i64>(0)).ok()?.try_into().ok()?;
    if timeout == 0 {
        return None;
    }
    connection.busy_timeout(Duration::ZERO).ok()?;
    let _back = PutBack(connection, timeout);
    Some(work())
}
