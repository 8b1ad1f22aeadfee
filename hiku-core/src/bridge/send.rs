//! Calls away from the task that awaits them: on a lane, or on a thread.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::runtime::Handle;
use tokio::sync::oneshot::{Receiver, Sender, channel};

use super::blocking::{Signal, Waiter};
#[cfg(feature = "coroutines")]
use super::lanes;
use super::place::{self, Place};
use super::{Call, Ended, RequireAwait, threads};

/// Run code in blocking style while a task awaits the answer; the future is `Send`.
///
/// With the feature `coroutines` the code runs on a coroutine of a lane, else on a thread of its own; the parent module says
/// what that means. Nothing runs before the first poll, which takes the tokio runtime along if there is one.
///
/// # Panics
/// When polled: as the code does, with the same payload; and if the system gives no thread.
///
/// # Cancellation
/// Dropping the future tells the thread or lane, which drops what is awaited and unwinds the code. Code that is not waiting runs
/// on to its next wait.
pub fn async_def_send<F, T>(f: F) -> AsyncDefSend<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let how = How { stack_size: None, on_thread: cfg!(not(feature = "coroutines")), scope: None };
    AsyncDefSend { state: State::New(Box::new(f), how), waited: false }
}

/// The future of [`async_def_send`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct AsyncDefSend<T: Send + 'static> {
    state: State<T>,
    waited: bool,
}

enum State<T: Send + 'static> {
    New(Code<T>, How),
    Started(Started<T>),
    Done,
}

pub(super) type Code<T> = Box<dyn FnOnce() -> T + Send>;

struct How {
    stack_size: Option<usize>,
    on_thread: bool,
    scope: Scope,
}

/// What stretches of a call run in.
pub(super) type Scope = Option<Box<dyn FnMut(&mut dyn FnMut()) + Send>>;

/// What comes back.
pub(super) struct Answer<T> {
    pub(super) ended: Ended<T>,
    pub(super) waited: bool,
}

impl<T: Send + 'static> AsyncDefSend<T> {
    /// The stack of the code, in bytes, rounded up to whole pages. Unless this is said it has 256 KiB on a lane, and on a
    /// thread what threads have. Other sizes are not kept for later calls, which makes each of them cost some microseconds.
    pub fn stack_size(mut self, bytes: usize) -> Self {
        if let State::New(_, how) = &mut self.state {
            how.stack_size = Some(bytes);
        }
        self
    }

    /// Run on a thread even where there are lanes: for code that also blocks in other ways.
    pub fn on_thread(mut self) -> Self {
        if let State::New(_, how) = &mut self.state {
            how.on_thread = true;
        }
        self
    }

    /// Run every stretch of the code, and every poll of what it awaits, inside `scope`, which calls what it is given once.
    ///
    /// A stretch goes from one wait to the next on a lane; on a thread, the whole call is one.
    ///
    /// ```
    /// # use hiku_core::bridge::{async_def_send, awaitlet};
    /// tokio::task_local! {
    ///     static USER: u32;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # USER.scope(7, async {
    /// let user = USER.get();
    /// let call = async_def_send(|| (USER.get(), awaitlet(async { USER.get() })));
    /// assert_eq!(call.within(move |stretch| USER.sync_scope(user, stretch)).await, (7, 7));
    /// # }).await;
    /// # }
    /// ```
    pub fn within<S>(mut self, scope: S) -> Self
    where
        S: FnMut(&mut dyn FnMut()) + Send + 'static,
    {
        if let State::New(_, how) = &mut self.state {
            how.scope = Some(Box::new(scope));
        }
        self
    }

    /// Answer [`NoAwaitOccurred`](super::NoAwaitOccurred) if the code does not wait for anything, ready or not.
    pub fn require_await(self) -> RequireAwait<Self> {
        RequireAwait(self)
    }
}

impl<T: Send + 'static> Unpin for AsyncDefSend<T> {}

impl<T: Send + 'static> Future for AsyncDefSend<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        if matches!(self.state, State::New(..)) {
            let State::New(code, how) = mem::replace(&mut self.state, State::Done) else { unreachable!() };
            self.state = State::Started(start(code, how));
        }
        let State::Started(started) = &mut self.state else { panic!("`async_def_send` polled after its end") };
        let answer = ready!(Pin::new(&mut started.answer).poll(context));
        self.state = State::Done;
        let Ok(answer) = answer else { panic!("the thread of `async_def_send` ended without an answer") };
        self.waited = answer.waited;
        Poll::Ready(answer.ended.unwrap_or_else(|panic| resume_unwind(panic)))
    }
}

impl<T: Send + 'static> Call for AsyncDefSend<T> {
    fn waited(&self) -> bool {
        self.waited
    }
}

/// A call under way. Who runs it sees that `answer` is closed.
struct Started<T> {
    answer: Receiver<Answer<T>>,
    /// Wakes its thread, if it has one.
    signal: Option<Arc<Signal>>,
}

impl<T> Drop for Started<T> {
    fn drop(&mut self) {
        // Code on a thread that cannot be unwound goes on.
        if let (Some(signal), false) = (&self.signal, cfg!(panic = "abort")) {
            signal.cancel();
        }
    }
}

fn start<T: Send + 'static>(code: Code<T>, how: How) -> Started<T> {
    let (sender, answer) = channel();
    let runtime = Handle::try_current().ok();
    #[cfg(feature = "coroutines")]
    if !how.on_thread {
        lanes::start(code, how.stack_size, how.scope, runtime, sender);
        return Started { answer, signal: None };
    }
    debug_assert!(how.on_thread, "there are no lanes");
    let signal = Arc::<Signal>::default();
    let inside = signal.clone();
    let job = Box::new(move || run_here(code, how.scope, runtime, inside, sender));
    let made = match how.stack_size {
        Some(size) => threads::start_alone(size, job),
        None => threads::start(job),
    };
    if let Err(error) = made {
        panic!("no thread for `async_def_send`: {error}");
    }
    Started { answer, signal: Some(signal) }
}

fn run_here<T>(
    code: Code<T>,
    mut scope: Scope,
    runtime: Option<Handle>,
    signal: Arc<Signal>,
    sender: Sender<Answer<T>>,
) {
    if sender.is_closed() {
        return;
    }
    let _entered = runtime.as_ref().map(Handle::enter);
    let waiter = Waiter::new(signal);
    let inside = place::enter(Some(Place::Thread(waiter.clone())));
    let ended = catch_unwind(AssertUnwindSafe(|| scoped(&mut scope, code)));
    drop(inside);
    // If nobody waits any more, the answer is dropped here.
    let _ = sender.send(Answer { ended, waited: waiter.waited() });
}

pub(super) fn scoped<R>(scope: &mut Scope, f: impl FnOnce() -> R) -> R {
    let Some(scope) = scope else { return f() };
    let (mut f, mut result) = (Some(f), None);
    scope(&mut || {
        if let Some(f) = f.take() {
            result = Some(f());
        }
    });
    result.expect("what is given to `within` must call what it is given")
}
