//! Work on a blocking thread that ends with the future that waits for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};

/// Shared by the future that waits and the thread that works.
#[derive(Default)]
pub(super) struct Cancel {
    cancelled: AtomicBool,
    /// How to stop what runs now. It is called under the lock, and taken away under the lock before the connection goes on to
    /// anybody else: so it never stops anything but the statement that it was put here for.
    stop: Mutex<Option<Box<dyn Fn() + Send>>>,
}

impl Cancel {
    fn stop(&self) -> MutexGuard<'_, Option<Box<dyn Fn() + Send>>> {
        self.stop.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nobody waits any longer.
    pub(super) fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// From now until what it answers is dropped, cancelling calls `stop`. Nothing if nobody waits any longer.
    pub(super) fn arm(&self, stop: impl Fn() + Send + 'static) -> Option<Armed<'_>> {
        let mut slot = self.stop();
        if self.cancelled() {
            return None;
        }
        *slot = Some(Box::new(stop));
        Some(Armed(self))
    }

    fn cancel(&self) {
        let slot = self.stop();
        self.cancelled.store(true, Ordering::Relaxed);
        if let Some(stop) = &*slot {
            stop();
        }
    }
}

/// While it lives, what runs can be stopped.
pub(super) struct Armed<'a>(&'a Cancel);

impl Drop for Armed<'_> {
    fn drop(&mut self) {
        *self.0.stop() = None;
    }
}

struct CancelOnDrop(Arc<Cancel>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Work on a blocking thread of tokio's. A panic there goes on here.
///
/// # Cancellation
/// Dropping the future stops what was armed; the thread goes on to give back what it holds.
pub(super) async fn on_blocking_thread<T: Send + 'static>(
    work: impl FnOnce(&Cancel) -> T + Send + 'static,
) -> Result<T> {
    let cancel = Arc::new(Cancel::default());
    let waits = CancelOnDrop(cancel.clone());
    let answer = tokio::task::spawn_blocking(move || work(&cancel)).await;
    drop(waits);
    match answer {
        Ok(answer) => Ok(answer),
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(Error::internal("the runtime shuts down")),
    }
}
