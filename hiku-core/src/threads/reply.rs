//! An answer that comes from another thread: one channel for each.

use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

use super::conn::ConnectionClosed;

/// Where one answer is put and taken.
pub(crate) struct Slot<T> {
    state: Mutex<SlotState<T>>,
    changed: Condvar,
}

struct SlotState<T> {
    value: Option<T>,
    waker: Option<Waker>,
}

impl<T> Slot<T> {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Slot { state: Mutex::new(SlotState { value: None, waker: None }), changed: Condvar::new() })
    }

    fn state(&self) -> MutexGuard<'_, SlotState<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where nobody waits any more, the value goes with the slot.
    pub(super) fn put(&self, value: T) {
        let waker = {
            let mut state = self.state();
            state.value = Some(value);
            state.waker.take()
        };
        self.changed.notify_one();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(super) fn poll(&self, context: &Context<'_>) -> Poll<T> {
        let mut state = self.state();
        if let Some(value) = state.value.take() {
            return Poll::Ready(value);
        }
        if !state.waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
            state.waker = Some(context.waker().clone());
        }
        Poll::Pending
    }

    fn wait(&self) -> T {
        let mut state = self.state();
        loop {
            if let Some(value) = state.value.take() {
                return value;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Puts what nobody else put: whoever waits for a job that was dropped is told so.
pub(super) struct Deliver<T, F: FnOnce() -> T> {
    slot: Arc<Slot<T>>,
    dropped: Option<F>,
}

impl<T, F: FnOnce() -> T> Deliver<T, F> {
    pub(super) fn new(slot: Arc<Slot<T>>, dropped: F) -> Self {
        Deliver { slot, dropped: Some(dropped) }
    }

    pub(super) fn put(mut self, value: T) {
        self.dropped = None;
        self.slot.put(value);
    }
}

impl<T, F: FnOnce() -> T> Drop for Deliver<T, F> {
    fn drop(&mut self) {
        if let Some(dropped) = self.dropped.take() {
            self.slot.put(dropped());
        }
    }
}

pub(super) type Outcome<T, E> = thread::Result<Result<T, E>>;

/// An answer of a thread: `.await` it, or end it with [`blocking`](Self::blocking). Nothing is asked before.
///
/// A panic in what was asked goes on here.
///
/// # Cancellation
/// Dropping it takes back what was not started yet. What runs is interrupted if the connection knows how
/// ([`ThreadConn::connect_interruptible`](super::ThreadConn::connect_interruptible)), else it goes on to its end; its answer is
/// dropped and is never that of another.
#[must_use = "nothing is asked before it is awaited, or ended with `.blocking()`"]
pub struct Reply<T, E = ConnectionClosed> {
    ask: Option<Ask<T, E>>,
    sent: Option<Sent<T, E>>,
}

type Ask<T, E> = Box<dyn FnOnce(Arc<Slot<Outcome<T, E>>>) -> After + Send>;

struct Sent<T, E> {
    slot: Arc<Slot<Outcome<T, E>>>,
    after: After,
}

/// What is to be done by whoever waits.
#[derive(Default)]
pub(super) struct After {
    /// If nobody waits any more.
    pub(super) cancel: Option<Box<dyn FnOnce() + Send>>,
    /// When the answer is there; whether it is a good one.
    pub(super) finish: Option<Box<dyn FnOnce(bool) + Send>>,
}

impl<T, E> Reply<T, E> {
    pub(super) fn new(ask: impl FnOnce(Arc<Slot<Outcome<T, E>>>) -> After + Send + 'static) -> Self {
        Reply { ask: Some(Box::new(ask)), sent: None }
    }

    fn sent(&mut self) -> Option<&Arc<Slot<Outcome<T, E>>>> {
        if let Some(ask) = self.ask.take() {
            let slot = Slot::new();
            let after = ask(slot.clone());
            self.sent = Some(Sent { slot, after });
        }
        self.sent.as_ref().map(|sent| &sent.slot)
    }

    fn finish(&mut self, outcome: Outcome<T, E>) -> Result<T, E> {
        if let Some(finish) = self.sent.take().and_then(|sent| sent.after.finish) {
            finish(matches!(outcome, Ok(Ok(_))));
        }
        outcome.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Ask, and block this thread until the answer is there. Not in async code: there, `.await` it.
    ///
    /// # Errors
    /// As awaiting it.
    pub fn blocking(mut self) -> Result<T, E> {
        // It was not polled before, or it would not be in hand.
        let outcome = match self.sent() {
            Some(slot) => slot.clone().wait(),
            None => unreachable!("a reply is taken once"),
        };
        self.finish(outcome)
    }
}

impl<T, E> Future for Reply<T, E> {
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(slot) = self.sent() else { return Poll::Pending };
        match slot.poll(context) {
            Poll::Ready(outcome) => Poll::Ready(self.finish(outcome)),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T, E> Drop for Reply<T, E> {
    fn drop(&mut self) {
        if let Some(cancel) = self.sent.take().and_then(|sent| sent.after.cancel) {
            cancel();
        }
    }
}

impl<T, E> std::fmt::Debug for Reply<T, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.ask.is_some() { "Reply(not asked)" } else { "Reply(asked)" })
    }
}
