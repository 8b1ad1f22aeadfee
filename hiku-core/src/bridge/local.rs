//! Calls on a coroutine of the thread that polls them.

use std::mem;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::switch::Switch;
use super::{Call, Ended, RequireAwait, stacks};

/// Run code in blocking style inside the task that awaits the answer: wherever it waits by [`awaitlet`](super::awaitlet), the
/// task waits.
///
/// Nothing runs before the first poll. The code may keep what is not `Send`, since it never leaves this thread; for the same
/// reason the future is not `Send`, see [`async_def_send`](super::async_def_send). Borrows are not taken: a future that is
/// forgotten would outlive them.
///
/// # Panics
/// When polled: as the code does, with the same payload.
///
/// # Cancellation
/// Dropping the future drops what is awaited, then unwinds the code.
pub fn async_def<F, T>(f: F) -> AsyncDef<T>
where
    F: FnOnce() -> T + 'static,
    T: 'static,
{
    AsyncDef { state: State::New(Box::new(f)), stack_size: stacks::SIZE, awaited: false }
}

/// The future of [`async_def`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct AsyncDef<T: 'static> {
    state: State<T>,
    stack_size: usize,
    awaited: bool,
}

enum State<T: 'static> {
    New(Box<dyn FnOnce() -> T>),
    Started(Switch<T>),
    Done,
}

impl<T: 'static> AsyncDef<T> {
    /// The stack of the code, in bytes, rounded up to whole pages; 256 KiB unless this is said. Other sizes are not kept for
    /// later calls, which makes each of them cost some microseconds.
    pub fn stack_size(self, bytes: usize) -> Self {
        AsyncDef { stack_size: bytes, ..self }
    }

    /// Answer [`NoAwaitOccurred`](super::NoAwaitOccurred) if the code does not wait for anything, ready or not.
    pub fn require_await(self) -> RequireAwait<Self> {
        RequireAwait(self)
    }

    /// As `poll`, with panics as values.
    pub(super) fn poll_ended(&mut self, context: &mut Context<'_>) -> Poll<Ended<T>> {
        let mut switch = match mem::replace(&mut self.state, State::Done) {
            State::Started(switch) => switch,
            State::New(f) => match stacks::take(self.stack_size) {
                Ok(stack) => Switch::new(stack, self.stack_size, f),
                Err(error) => panic!("no stack for `async_def`: {error}"),
            },
            State::Done => panic!("`async_def` polled after its end"),
        };
        let polled = switch.poll(context);
        self.awaited = switch.awaited();
        if polled.is_pending() {
            self.state = State::Started(switch);
        }
        polled
    }
}

impl<T: 'static> Unpin for AsyncDef<T> {}

impl<T: 'static> Future for AsyncDef<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        self.poll_ended(context).map(|ended| ended.unwrap_or_else(|panic| resume_unwind(panic)))
    }
}

impl<T: 'static> Call for AsyncDef<T> {
    fn awaited(&self) -> bool {
        self.awaited
    }
}
