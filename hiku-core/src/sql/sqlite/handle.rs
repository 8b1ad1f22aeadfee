//! The connection of a user's pool, as rusqlite sees it. The one module with `unsafe` code.
//!
//! The need: through sqlx every row of SQLite crosses a channel from sqlx's thread, four times the cost of the same rows read
//! through the handle; and there would be a second decoder of rows, with its own mistakes.
#![allow(unsafe_code, reason = "rusqlite borrows a connection of sqlx; each use says why it is sound")]

use std::ptr::NonNull;

use rusqlite::{Connection, ffi};
use sqlx::sqlite::LockedSqliteHandle;

use super::cancel::Cancel;

/// A connection to interrupt.
struct Interrupt(NonNull<ffi::sqlite3>);

// SAFETY: what is done with the pointer is `sqlite3_interrupt`, which any thread may call while the connection is open.
unsafe impl Send for Interrupt {}

impl Interrupt {
    fn interrupt(&self) {
        // SAFETY: the connection is open: this is called by `Cancel` under its lock while it is armed, and `borrow` disarms it,
        // under the same lock, before the borrow of the locked handle ends.
        unsafe { ffi::sqlite3_interrupt(self.0.as_ptr()) }
    }
}

/// Run `work` on the connection behind a locked handle. Cancelling interrupts it; nothing if it was cancelled before.
///
/// What was prepared is finalized when `work` is done: sqlx knows nothing of it.
pub(super) fn borrow<T>(
    locked: &mut LockedSqliteHandle<'_>,
    cancel: &Cancel,
    work: impl FnOnce(&Connection) -> T,
) -> rusqlite::Result<Option<T>> {
    let handle = locked.as_raw_handle();
    // SAFETY:
    // - The pointer is of an open connection, and stays so: `locked` holds sqlx's lock on it, is borrowed until this function
    //   returns or unwinds, and sqlx's own thread, which alone closes it, waits for that lock.
    // - Nobody else uses it meanwhile, for the same reason, except `sqlite3_interrupt` above. SQLite may be used from any thread
    //   as long as it is one at a time, and the lock orders the two threads' accesses.
    // - It is the `sqlite3` of the same library: the type is that of one `libsqlite3-sys`, of which cargo links only one.
    // - `Connection` does not own it: dropping it finalizes the statements in its cache and leaves the connection open, and its
    //   hooks alone, from rusqlite 0.39 on (before, it removed hooks that others had set). `work` gets it by reference and cannot
    //   keep it; statements borrow from it.
    let connection = unsafe { Connection::from_handle(handle.as_ptr()) }?;
    let interrupt = Interrupt(handle);
    let Some(armed) = cancel.arm(move || interrupt.interrupt()) else { return Ok(None) };
    let done = work(&connection);
    // Declared after `connection`, `armed` goes first also when `work` panics: nothing is interrupted that is not ours.
    drop(armed);
    Ok(Some(done))
}
