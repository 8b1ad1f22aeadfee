//! Threads for what blocks: a bounded pool for loaders, and connections of blocking drivers that live on threads of their own.
//!
//! [`Threads`] is where an engine runs loaders that block ([`EngineBuilder::threads`](crate::engine::EngineBuilder::threads)).
//! [`ThreadConn`] and [`ConnPool`] are for drivers without `async`: rusqlite, postgres, whatever has a connection. A connection
//! is made, used and dropped on one thread, so it need not be `Send`; what is asked of it is a closure, and the answer a
//! [`Reply`], to be awaited or waited for. Nothing here needs a runtime.

mod conn;
mod conns;
mod line;
mod pool;
mod reply;
mod ticket;

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Instant;

pub use conn::{ConnectionClosed, ThreadConn};
pub use conns::ConnPool;
pub use pool::Threads;
pub use reply::Reply;

pub(crate) use pool::{Crew, offload};

/// Block this thread until a future is ready, or until then. For futures that need no runtime to go on.
#[cfg_attr(
    not(feature = "sqlite"),
    allow(dead_code, reason = "only SQLite has something to wait for without a runtime")
)]
pub(crate) fn wait_until<F: Future>(future: F, until: Instant) -> Option<F::Output> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(value);
        }
        let left = until.checked_duration_since(Instant::now())?;
        thread::park_timeout(left);
    }
}
