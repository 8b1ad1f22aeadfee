//! Code in blocking style inside an async context: it awaits real futures, and no worker thread is blocked.
//!
//! [`awaitlet`] waits for a future from a plain function. Whoever calls such a function says how the waiting is done:
//!
//! | called | how it waits | feature |
//! |---|---|---|
//! | `async_def(f).await` | on a coroutine of this thread; the future is not `Send` | `coroutines` |
//! | [`async_def_send(f).await`](async_def_send) | with `coroutines` on a coroutine of a lane, else on a pooled thread | `bridge` |
//! | [`run(f)`](run), [`run_on(&handle, f)`](run_on) | this thread is blocked: a plain one, or one of `spawn_blocking` | `bridge` |
//!
//! ```
//! use hiku_core::bridge::{async_def_send, awaitlet, run};
//!
//! async fn load(id: i64) -> i64 {
//!     id * 2
//! }
//!
//! fn sum() -> i64 {
//!     awaitlet(load(1)) + awaitlet(load(2))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! assert_eq!(async_def_send(sum).await, 6);
//! assert_eq!(std::thread::spawn(|| run(sum)).join().unwrap(), 6);
//! # }
//! ```
//!
//! # Strategies
//!
//! A **thread** is safe everywhere. Each call has one of a pool to itself until it is done, so it may block in other ways too;
//! an await that is ready costs nothing to speak of, one that is not costs a wake-up of the thread. At most 512 calls run at
//! once, others wait for their turn; calls made by calls are not counted, so that nesting cannot lock up.
//!
//! A **coroutine** has a stack of its own, 256 KiB of address space unless [`stack_size`](AsyncDefSend::stack_size) says
//! otherwise, and is switched to in nanoseconds. It never leaves its thread: compilers keep addresses of thread-locals across
//! calls, so another thread would write into those of the first. Hence `AsyncDef` is not `Send`. `async_def_send` ships the
//! closure to a **lane** instead, one of a few threads that run coroutines and nothing else. Code that blocks otherwise (a
//! lock, a file, `std::thread::sleep`) holds up all calls of its lane: [`on_thread`](AsyncDefSend::on_thread) gives it a thread.
//! Futures are polled on the ordinary stack, so deep ones need no larger stack; what the code itself recurses must fit, and
//! beyond it the process ends by `SIGSEGV` at the guard page.
//!
//! # What is visible inside
//!
//! `AsyncDef` runs and polls in the task that awaits it: task-locals and spans of that task hold in the code and in what it
//! awaits. A thread or a lane is given the tokio runtime of the caller, so that timers and sockets work, and nothing else;
//! [`within`](AsyncDefSend::within) carries what is needed.
//!
//! A guard that is kept across an await (of a lock, a `RefCell`, an entered span or runtime) is held while other tasks run on
//! the thread, as it would be in async code, but the compiler does not see it here.
//!
//! Inside an awaited future `awaitlet` is outside again: use `.await`, or another `async_def` for a function in blocking
//! style. On a stack that is neither the thread's nor the call's own (of another coroutine library) it is outside, too.
//!
//! # Cancellation
//!
//! When the future is dropped while the code waits, what is awaited is dropped, then the code is unwound from [`awaitlet`] by a
//! payload that no panic hook sees, and its values are dropped in reverse order. Code that catches the payload gets it again
//! from every later `awaitlet`. A `Drop` uses [`try_awaitlet`], which answers [`AwaitletError::Cancelled`]. An `AsyncDef` is
//! unwound before its drop returns; threads and lanes are told, and unwind on their own.
//!
//! With `panic = "abort"` nothing can be unwound. On a coroutine `try_awaitlet` still answers, but code that waits in `awaitlet`
//! keeps its values and its stack for ever; on a thread it runs to its end with nobody waiting.
//!
//! A suspended future that is forgotten leaks its stack with everything on it. Do not keep one in a `thread_local!`: at the end
//! of the thread its code may find other thread-locals gone that it has borrowed.

mod blocking;
#[cfg(feature = "coroutines")]
mod lanes;
#[cfg(feature = "coroutines")]
mod local;
mod place;
mod send;
#[cfg(feature = "coroutines")]
mod stacks;
#[cfg(feature = "coroutines")]
mod switch;
mod threads;

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};

pub use self::blocking::{run, run_on};
#[cfg(feature = "coroutines")]
pub use self::local::{AsyncDef, async_def};
pub use self::send::{AsyncDefSend, async_def_send};

/// Why [`try_awaitlet`] did not wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AwaitletError {
    /// Nobody up the stack knows how to wait.
    NoContext,
    /// The future that runs this code was dropped; later calls answer the same.
    Cancelled,
    /// The thread is panicking: this is a `Drop` on the way.
    Unwinding,
}

impl fmt::Display for AwaitletError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoContext => {
                "`awaitlet` outside `async_def`: wrap the outermost call in blocking style, in async code as \
                 `bridge::async_def(|| ..).await` or `bridge::async_def_send(|| ..).await`, on a thread that may block as \
                 `bridge::run(|| ..)`; directly in async code, use `.await`"
            }
            Self::Cancelled => "`awaitlet` in a call that was cancelled",
            Self::Unwinding => "`awaitlet` while the thread is panicking: use `try_awaitlet` in `Drop`",
        })
    }
}

impl Error for AwaitletError {}

/// What a cancelled call is unwound by.
struct Cancelled;

/// Wait for a future from code in blocking style.
///
/// # Panics
/// Outside a bridge, with a message that says where the missing `async_def` belongs; the future is dropped unpolled. A panic of
/// the future comes out unchanged.
///
/// # Cancellation
/// Does not return once the call is cancelled: it unwinds.
#[track_caller]
pub fn awaitlet<F: IntoFuture>(future: F) -> F::Output {
    match try_awaitlet(future) {
        Ok(value) => value,
        Err(AwaitletError::Cancelled) => stop(),
        Err(error) => panic!("{error}"),
    }
}

/// As [`awaitlet`], for code that has something to do where there is nothing to wait in, such as a `Drop`.
///
/// # Errors
/// [`AwaitletError`]; the future is dropped.
pub fn try_awaitlet<F: IntoFuture>(future: F) -> Result<F::Output, AwaitletError> {
    match place::current() {
        None => Err(AwaitletError::NoContext),
        Some(place::Place::Thread(waiter)) => waiter.wait(future.into_future()),
        #[cfg(feature = "coroutines")]
        Some(place::Place::Coroutine(frame)) => frame.wait(future.into_future()),
    }
}

/// Whether [`awaitlet`] would find somebody to wait here.
pub fn inside() -> bool {
    place::current().is_some()
}

/// Leave the code of a cancelled call.
fn stop() -> ! {
    #[cfg(all(panic = "abort", feature = "coroutines"))]
    if let Some(place::Place::Coroutine(frame)) = place::current() {
        frame.stay();
    }
    resume_unwind(Box::new(Cancelled))
}

/// Code in blocking style has returned without a single [`awaitlet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAwaitOccurred;

impl fmt::Display for NoAwaitOccurred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`async_def` ran code that awaited nothing: it may have blocked the thread instead")
    }
}

impl Error for NoAwaitOccurred {}

/// The future of `require_await`: `Err` if the code has returned without a single [`awaitlet`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct RequireAwait<C>(C);

/// A future over code in blocking style.
trait Call: Future + Unpin {
    /// Whether the code has waited for something, ready or not.
    fn waited(&self) -> bool;
}

#[allow(private_bounds, reason = "the two calls of this module and no others")]
impl<C: Call> Future for RequireAwait<C> {
    type Output = Result<C::Output, NoAwaitOccurred>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let value = std::task::ready!(Pin::new(&mut self.0).poll(context));
        Poll::Ready(if self.0.waited() { Ok(value) } else { Err(NoAwaitOccurred) })
    }
}

#[cfg(all(test, feature = "coroutines"))]
mod tests;

/// What running code has come to: its value or its panic.
type Ended<T> = Result<T, Box<dyn Any + Send>>;
