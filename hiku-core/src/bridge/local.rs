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
    let call = OnCoroutine { state: State::New(f), stack_size: stacks::SIZE, waited: false };
    AsyncDef(Box::new(call))
}

/// The future of [`async_def`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct AsyncDef<T: 'static>(Box<dyn StaysOnItsThread<T>>);

/// What a call does; its name is what the compiler says where an [`AsyncDef`] has to be `Send`.
trait StaysOnItsThread<T> {
    fn set_stack_size(&mut self, bytes: usize);
    fn poll_ended(&mut self, context: &mut Context<'_>) -> Poll<Ended<T>>;
    fn waited(&self) -> bool;
}

struct OnCoroutine<F, T: 'static> {
    state: State<F, T>,
    stack_size: usize,
    waited: bool,
}

enum State<F, T: 'static> {
    New(F),
    Started(Switch<T>),
    Done,
}

impl<F: FnOnce() -> T + 'static, T: 'static> StaysOnItsThread<T> for OnCoroutine<F, T> {
    fn set_stack_size(&mut self, bytes: usize) {
        self.stack_size = bytes;
    }

    fn poll_ended(&mut self, context: &mut Context<'_>) -> Poll<Ended<T>> {
        if matches!(self.state, State::New(_)) {
            let State::New(f) = mem::replace(&mut self.state, State::Done) else { unreachable!() };
            match stacks::take(self.stack_size) {
                Ok(stack) => self.state = State::Started(Switch::new(stack, self.stack_size, f)),
                Err(error) => panic!("no stack for `async_def`: {error}"),
            }
        }
        let State::Started(switch) = &mut self.state else { panic!("`async_def` polled after its end") };
        let polled = switch.poll(context);
        if polled.is_ready() {
            self.waited = switch.waited();
            self.state = State::Done;
        }
        polled
    }

    fn waited(&self) -> bool {
        self.waited
    }
}

impl<T: 'static> AsyncDef<T> {
    /// The stack of the code, in bytes, rounded up to whole pages; 256 KiB unless this is said before the first poll. Other
    /// sizes are not kept for later calls, which makes each of them cost some microseconds.
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.0.set_stack_size(bytes);
        self
    }

    /// Answer [`NoAwaitOccurred`](super::NoAwaitOccurred) if the code does not wait for anything, ready or not.
    pub fn require_await(self) -> RequireAwait<Self> {
        RequireAwait(self)
    }

    /// As `poll`, with panics as values.
    pub(super) fn poll_ended(&mut self, context: &mut Context<'_>) -> Poll<Ended<T>> {
        self.0.poll_ended(context)
    }
}

impl<T: 'static> Future for AsyncDef<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        self.poll_ended(context).map(|ended| ended.unwrap_or_else(|panic| resume_unwind(panic)))
    }
}

impl<T: 'static> Call for AsyncDef<T> {
    fn waited(&self) -> bool {
        self.0.waited()
    }
}
