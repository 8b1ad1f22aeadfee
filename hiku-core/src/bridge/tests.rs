//! What only shows beside another coroutine library.

use std::task::{Context, Poll, Waker};

use corosensei::Coroutine;

use super::{AwaitletError, async_def, awaitlet, inside, try_awaitlet};

#[test]
fn another_librarys_stack_is_outside() {
    let mut call = async_def(|| {
        let foreign = Coroutine::<(), (), _>::new(|_, ()| try_awaitlet(async { 1 })).resume(()).as_return();
        (foreign, awaitlet(async { 2 }), inside())
    });
    let polled = std::pin::Pin::new(&mut call).poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(polled, Poll::Ready((Some(Err(AwaitletError::NoContext)), 2, true)));
}
