//! A job that runs once or never: whoever takes it first runs it, or drops it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Builder};
use std::time::Duration;

/// How long to wait for an interrupt to have effect before the next one; then longer and longer.
const PAUSE: Duration = Duration::from_millis(100);

/// Stops what a connection does; called from other threads.
pub(super) type Interrupt = Arc<dyn Fn() + Send + Sync>;

/// Shared by who waits for the job and by who may run it.
pub(super) struct Ticket<J>(Arc<Mutex<State<J>>>);

enum State<J> {
    Queued(J),
    Running(Option<Interrupt>),
    Over,
}

impl<J> Clone for Ticket<J> {
    fn clone(&self) -> Self {
        Ticket(self.0.clone())
    }
}

impl<J> Ticket<J> {
    pub(super) fn new(job: J) -> Self {
        Ticket(Arc::new(Mutex::new(State::Queued(job))))
    }

    fn state(&self) -> MutexGuard<'_, State<J>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The job, unless somebody was faster. Until [`end`](Self::end), cancelling calls `interrupt`.
    pub(super) fn begin(&self, interrupt: Option<&Interrupt>) -> Option<J> {
        let mut state = self.state();
        match std::mem::replace(&mut *state, State::Over) {
            State::Queued(job) => {
                *state = State::Running(interrupt.cloned());
                Some(job)
            }
            other => {
                *state = other;
                None
            }
        }
    }

    /// What runs next on the same connection is not interrupted for this one.
    pub(super) fn end(&self) {
        *self.state() = State::Over;
    }

    /// It does not start any more.
    pub(super) fn discard(&self) {
        let mut state = self.state();
        if let State::Running(_) = *state {
            return;
        }
        let job = std::mem::replace(&mut *state, State::Over);
        // Dropping it tells who waits, and drops what belongs to users.
        drop(state);
        drop(job);
    }
}

impl<J: Send + 'static> Ticket<J> {
    /// It does not start any more; if it runs, it is interrupted, under the lock that its end takes. On a thread of its own:
    /// whoever gives up waiting must not wait for that.
    pub(super) fn cancel(&self) {
        self.discard();
        if !matches!(*self.state(), State::Running(Some(_))) {
            return;
        }
        let ticket = self.clone();
        let insist = move || {
            let mut pause = PAUSE;
            // A driver forgets what it is told between two statements: until it has ended, it is told again.
            while ticket.interrupt() {
                thread::sleep(pause);
                pause = pause.saturating_mul(2);
            }
        };
        if let Err(error) = Builder::new().name("hiku-interrupt".to_owned()).spawn(insist) {
            tracing::warn!(%error, "a connection is not interrupted");
        }
    }

    /// Whether it runs and can be interrupted.
    fn interrupt(&self) -> bool {
        match &*self.state() {
            State::Running(Some(interrupt)) => {
                interrupt();
                true
            }
            _ => false,
        }
    }
}
