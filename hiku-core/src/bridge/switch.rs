//! Switching between a task and a coroutine: the only unsafe code of the bridge.
//!
//! corosensei makes the switch itself safe. What it cannot know is that deep in the code of the coroutine somebody wants to
//! suspend it, and that the task polls a future that lies on the suspended stack. Two pointers say so: [`Frame::yielder`] and
//! [`Waiting::slot`]. The argument for each stands where it is read; both rest on this:
//!
//! - `Switch` is neither `Send` nor `Sync`, so everything here happens on one thread.
//! - While the coroutine is suspended, nothing but the task touches its stack; while it runs, the task stands in `resume`.
//! - A stack is unmapped or used again only after its code has returned. A `Switch` that is forgotten, or whose code cannot be
//!   unwound, leaks it with all that lies there, so what is pinned on it stays in place for ever.
//! - The closure is `'static`, so a stack that is leaked holds no borrow that ends.
#![allow(
    unsafe_code,
    reason = "the code of a coroutine is reached through a thread-local, its futures through a pointer"
)]

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::ptr::NonNull;
use std::rc::Rc;
use std::task::{Context, Poll};

use corosensei::stack::{DefaultStack, Stack};
use corosensei::{Coroutine, CoroutineResult, Yielder};

use super::place::{self, Place};
use super::{AwaitletError, Ended, stacks};

/// What the coroutine hands to the task: a future to poll. `None`: it will never do anything again.
type Wants = Option<Waiting>;

/// A coroutine as its own code sees it.
pub(super) struct Frame {
    /// Where its stack is.
    stack: Range<usize>,
    /// Some while the code runs or is suspended.
    yielder: Cell<Option<NonNull<Yielder<(), Wants>>>>,
    cancelled: Cell<bool>,
    waited: Cell<bool>,
}

impl Frame {
    pub(super) fn waited(&self) -> bool {
        self.waited.get()
    }

    /// Whatever the answer, the future is dropped before it is given.
    pub(super) fn wait<F: Future>(&self, future: F) -> Result<F::Output, AwaitletError> {
        if self.cancelled.get() {
            return Err(AwaitletError::Cancelled);
        }
        if std::thread::panicking() {
            return Err(AwaitletError::Unwinding);
        }
        let mut slot = Slot { future, output: None };
        let waiting = Waiting { slot: NonNull::from(&mut slot).cast(), poll: poll_slot::<F> };
        self.waited.set(true);
        self.suspend(Some(waiting))?;
        if self.cancelled.get() {
            return Err(AwaitletError::Cancelled);
        }
        match slot.output.take() {
            Some(Ok(value)) => Ok(value),
            Some(Err(panic)) => {
                drop(slot);
                resume_unwind(panic)
            }
            None => unreachable!("resumed before the future was done"),
        }
    }

    /// Suspend for ever.
    #[cfg(panic = "abort")]
    pub(super) fn stay(&self) -> ! {
        loop {
            if let Err(error) = self.suspend(None) {
                panic!("{error}");
            }
        }
    }

    /// Answers when the task resumes the coroutine.
    ///
    /// # Errors
    /// `NoContext` on another stack, such as that of a foreign coroutine which this one runs: it would be frozen in the middle
    /// of its caller's call.
    fn suspend(&self, wants: Wants) -> Result<(), AwaitletError> {
        let here = std::ptr::from_ref(&wants).addr();
        let Some(yielder) = self.yielder.get().filter(|_| self.stack.contains(&here)) else {
            return Err(AwaitletError::NoContext);
        };
        // SAFETY: the pointer is there from the first line of the coroutine's code to its last, and the yielder lies at the base
        // of its stack for as long. That this function itself runs on this stack was just seen, so the coroutine is running.
        unsafe { yielder.as_ref() }.suspend(wants);
        Ok(())
    }
}

/// A future that is waited for, on the stack of the coroutine.
struct Slot<F: Future> {
    future: F,
    output: Option<Ended<F::Output>>,
}

/// A [`Slot`] of some type.
#[derive(Clone, Copy)]
struct Waiting {
    slot: NonNull<()>,
    /// True when the slot has its output.
    poll: unsafe fn(NonNull<()>, &mut Context<'_>) -> bool,
}

/// # Safety
/// `slot` points to a `Slot<F>` that nobody else uses meanwhile, and that is not moved until it is dropped or leaked.
unsafe fn poll_slot<F: Future>(slot: NonNull<()>, context: &mut Context<'_>) -> bool {
    // SAFETY: by the contract of this function.
    let slot = unsafe { slot.cast::<Slot<F>>().as_mut() };
    // SAFETY: likewise; the future is reached only here until it is dropped in place.
    let future = unsafe { Pin::new_unchecked(&mut slot.future) };
    slot.output = match catch_unwind(AssertUnwindSafe(|| future.poll(context))) {
        Ok(Poll::Pending) => return false,
        Ok(Poll::Ready(value)) => Some(Ok(value)),
        Err(panic) => Some(Err(panic)),
    };
    true
}

/// A coroutine as the task sees it: started, and not at its end.
pub(super) struct Switch<T: 'static> {
    /// None once its code has returned. Never dropped: that would try to unwind it in another way.
    coroutine: ManuallyDrop<Option<Coroutine<(), Wants, Ended<T>>>>,
    waiting: Option<Waiting>,
    frame: Rc<Frame>,
    stack_size: usize,
}

impl<T: 'static> Switch<T> {
    /// Made, not started: the first poll does that, and it must come.
    pub(super) fn new(stack: DefaultStack, stack_size: usize, f: impl FnOnce() -> T + 'static) -> Self {
        let frame = Rc::new(Frame {
            stack: stack.limit().get()..stack.base().get(),
            yielder: Cell::new(None),
            cancelled: Cell::new(false),
            waited: Cell::new(false),
        });
        let inside = frame.clone();
        let coroutine = Coroutine::with_stack(stack, move |yielder: &Yielder<(), Wants>, ()| {
            inside.yielder.set(Some(NonNull::from(yielder)));
            let ended = catch_unwind(AssertUnwindSafe(f));
            inside.yielder.set(None);
            ended
        });
        Switch { coroutine: ManuallyDrop::new(Some(coroutine)), waiting: None, frame, stack_size }
    }

    pub(super) fn waited(&self) -> bool {
        self.frame.waited()
    }

    /// Run the code until it has ended, or waits for a future that is pending.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Ended<T>> {
        loop {
            if let Some(waiting) = self.waiting {
                let _outside = place::enter(None);
                // SAFETY: `waiting` was yielded by `Frame::wait`, which is still suspended there: its slot is a local that it
                // does not move, and that nobody else uses before `resume`, where `waiting` is taken away.
                if !unsafe { (waiting.poll)(waiting.slot, context) } {
                    return Poll::Pending;
                }
            }
            if let Some(ended) = self.resume() {
                return Poll::Ready(ended);
            }
        }
    }

    /// None if the code is suspended.
    fn resume(&mut self) -> Option<Ended<T>> {
        self.waiting = None;
        let inside = place::enter(Some(Place::Coroutine(self.frame.clone())));
        let result = self.coroutine.as_mut()?.resume(());
        drop(inside);
        match result {
            CoroutineResult::Yield(wants) => {
                self.waiting = wants;
                None
            }
            CoroutineResult::Return(ended) => {
                let stack = self.coroutine.take().map(Coroutine::into_stack);
                stack.into_iter().for_each(|stack| stacks::give_back(self.stack_size, stack));
                Some(ended)
            }
        }
    }
}

impl<T: 'static> Drop for Switch<T> {
    fn drop(&mut self) {
        if self.coroutine.is_some() {
            // From now on every wait answers at once, so the code returns, or suspends itself for ever and is leaked.
            self.frame.cancelled.set(true);
            let _ = self.resume();
        }
    }
}
