//! Waiting by blocking the thread.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use tokio::runtime::Handle;

use super::AwaitletError;
use super::place::{self, Place};

/// Run code in blocking style on this thread, which is blocked while it waits.
///
/// For plain threads and for those of `spawn_blocking`. Timers and sockets need the tokio runtime that the thread belongs to, see
/// [`run_on`]; other futures need none. Inside a bridge the code just runs: it waits as its caller does.
///
/// # Panics
/// In async code on tokio, where the thread must not be blocked: there, use `async_def` or
/// [`async_def_send`](super::async_def_send).
#[track_caller]
pub fn run<F: FnOnce() -> T, T>(f: F) -> T {
    if super::inside() {
        return f();
    }
    if let Ok(runtime) = Handle::try_current() {
        // Tokio knows its workers, and says so by a panic.
        runtime.block_on(std::future::ready(()));
    }
    let _inside = place::enter(Some(Place::Thread(Waiter::new(Arc::default()))));
    f()
}

/// As [`run`], with the timers and sockets of a tokio runtime.
///
/// A runtime of the flavour `current_thread` must be running elsewhere: nothing drives it here.
///
/// # Panics
/// As [`run`] does.
#[track_caller]
pub fn run_on<F: FnOnce() -> T, T>(runtime: &Handle, f: F) -> T {
    if super::inside() {
        return f();
    }
    let _entered = runtime.enter();
    run(f)
}

/// Wakes a blocked thread.
#[derive(Default)]
pub(super) struct Signal {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    woken: bool,
    cancelled: bool,
}

impl Signal {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn cancel(&self) {
        self.state().cancelled = true;
        self.changed.notify_one();
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.state().cancelled
    }

    /// Block until woken; false once cancelled.
    fn sleep(&self) -> bool {
        let state = self.state();
        let waits = |state: &mut State| !state.woken && !state.cancelled;
        let mut state = self.changed.wait_while(state, waits).unwrap_or_else(PoisonError::into_inner);
        state.woken = false;
        !state.cancelled
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.state().woken = true;
        self.changed.notify_one();
    }
}

/// Polls on this thread, and blocks it in between.
pub(super) struct Waiter {
    signal: Arc<Signal>,
    waker: Waker,
    waited: Cell<bool>,
}

impl Waiter {
    pub(super) fn new(signal: Arc<Signal>) -> Rc<Self> {
        Rc::new(Waiter { waker: signal.clone().into(), signal, waited: Cell::new(false) })
    }

    pub(super) fn waited(&self) -> bool {
        self.waited.get()
    }

    /// Whatever the answer, the future is dropped before it is given.
    pub(super) fn wait<F: Future>(&self, future: F) -> Result<F::Output, AwaitletError> {
        if self.signal.is_cancelled() {
            return Err(AwaitletError::Cancelled);
        }
        if std::thread::panicking() {
            return Err(AwaitletError::Unwinding);
        }
        self.waited.set(true);
        let mut future = pin!(future);
        loop {
            let outside = place::enter(None);
            let polled = future.as_mut().poll(&mut Context::from_waker(&self.waker));
            drop(outside);
            if let Poll::Ready(value) = polled {
                return Ok(value);
            }
            if !self.signal.sleep() {
                return Err(AwaitletError::Cancelled);
            }
        }
    }

    /// Block until a future is done, whatever happens.
    #[cfg(feature = "coroutines")]
    pub(super) fn block_on<F: Future>(future: F) -> F::Output {
        match Waiter::new(Arc::default()).wait(future) {
            Ok(value) => value,
            Err(error) => unreachable!("{error}"),
        }
    }
}
