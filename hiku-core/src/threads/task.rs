//! Whether a thread is at work for a task.

use std::task::{Context, Poll, Waker};

use tokio::task::coop;

/// Whether a task is being polled on this thread, or the future of a `block_on`: tokio gives those a budget, and nothing
/// else. What is left of it can only be found out by taking it; it is given back.
pub(crate) fn in_async() -> bool {
    let mut context = Context::from_waker(Waker::noop());
    let mut taken = Vec::new();
    let limited = loop {
        match coop::poll_proceed(&mut context) {
            _ if !coop::has_budget_remaining() => break true,
            // It is counted in a byte.
            Poll::Ready(_) if taken.len() > usize::from(u8::MAX) => break false,
            Poll::Ready(unit) => taken.push(unit),
            Poll::Pending => break true,
        }
    };
    // Each puts back what there was before it.
    while taken.pop().is_some() {}
    limited
}
