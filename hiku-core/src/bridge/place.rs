//! Who waits for the code that runs on this thread right now.

use std::cell::RefCell;
use std::rc::Rc;

use super::blocking::Waiter;
#[cfg(feature = "coroutines")]
use super::switch::Frame;

#[derive(Clone)]
pub(super) enum Place {
    /// The thread itself.
    Thread(Rc<Waiter>),
    /// The task that drives a coroutine.
    #[cfg(feature = "coroutines")]
    Coroutine(Rc<Frame>),
}

thread_local! {
    static PLACE: RefCell<Option<Place>> = const { RefCell::new(None) };
}

// Neither is inlined: a caller may be suspended, and must not keep the address of the thread-local.

#[inline(never)]
pub(super) fn current() -> Option<Place> {
    PLACE.try_with(|place| place.borrow().clone()).ok().flatten()
}

#[inline(never)]
fn replace(place: Option<Place>) -> Option<Place> {
    PLACE.try_with(|now| now.replace(place)).ok().flatten()
}

/// Until the answer is dropped, this is the place. It must be dropped on the same thread, before what entered earlier.
pub(super) fn enter(place: Option<Place>) -> Entered {
    Entered(replace(place))
}

#[must_use]
pub(super) struct Entered(Option<Place>);

impl Drop for Entered {
    fn drop(&mut self) {
        replace(self.0.take());
    }
}
