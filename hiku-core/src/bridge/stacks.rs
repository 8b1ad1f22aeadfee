//! Stacks of coroutines: a fresh one is mapped by the system, which costs more than all the rest of a call, so they are kept.

use std::cell::RefCell;
use std::io;

use corosensei::stack::DefaultStack;

/// What a stack has unless its call says otherwise.
pub(super) const SIZE: usize = 256 * 1024;
/// How many stacks of [`SIZE`] a thread keeps.
const KEPT: usize = 64;

thread_local! {
    static FREE: RefCell<Vec<DefaultStack>> = const { RefCell::new(Vec::new()) };
}

pub(super) fn take(size: usize) -> io::Result<DefaultStack> {
    let kept = if size == SIZE { FREE.try_with(|free| free.borrow_mut().pop()).ok().flatten() } else { None };
    kept.map_or_else(|| DefaultStack::new(size), Ok)
}

pub(super) fn give_back(size: usize, stack: DefaultStack) {
    if size == SIZE {
        // What does not fit is unmapped, and so is everything at the end of the thread.
        let _ = FREE.try_with(|free| {
            let mut free = free.borrow_mut();
            if free.len() < KEPT {
                free.push(stack);
            }
        });
    }
}
