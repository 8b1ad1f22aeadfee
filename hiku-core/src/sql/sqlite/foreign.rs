//! A pool of the user's, with whatever functions, collations and databases its connections have.

use std::sync::Arc;

use sqlx::Sqlite;
use sqlx::pool::PoolConnection;

use super::cancel::on_blocking_thread;
use super::rows::{self, Fail};
use super::handle;
use crate::error::Error;
use crate::sql::Fetched;
use crate::sql::db::Failed;
use crate::sql::session::Ask;

/// Run a statement on a connection, which comes back with the answer. It always runs on a blocking thread: how long it waits
/// for locks is the user's setting, and the way to the connection is a longer one than that to the thread.
///
/// # Cancellation
/// Dropping the future interrupts the statement; the connection goes back to its pool from there.
pub(in crate::sql) async fn fetch(
    mut connection: PoolConnection<Sqlite>,
    ask: Arc<Ask>,
) -> (Option<PoolConnection<Sqlite>>, Result<Fetched, Failed>) {
    let answer = on_blocking_thread(move |cancel| {
        let runtime = tokio::runtime::Handle::current();
        let fetched = (|| {
            let mut locked = runtime.block_on(connection.lock_handle()).map_err(|error| Failed::new(error, 0))?;
            let fetch = |connection: &rusqlite::Connection| rows::fetch(connection, &ask, || cancel.cancelled());
            match handle::borrow(&mut locked, cancel, fetch) {
                Ok(Some(Ok(fetched))) => Ok(fetched),
                Ok(None | Some(Err(Fail::Stopped))) => {
                    Err(Failed::value(Error::internal("the statement was interrupted")))
                }
                Ok(Some(Err(Fail::Busy(error) | Fail::Failed(error)))) => Err(Failed::value(error)),
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
