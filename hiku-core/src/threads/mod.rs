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
#[cfg(any(feature = "sql", feature = "bridge"))]
mod task;
mod ticket;
#[cfg(feature = "sql")]
mod wait;

pub use conn::{ConnectionClosed, ThreadConn};
pub use conns::ConnPool;
pub use pool::Threads;
pub use reply::Reply;

pub(crate) use pool::{Crew, offload};
#[cfg(any(feature = "sql", feature = "bridge"))]
pub(crate) use task::in_async;
#[cfg(feature = "sql")]
pub(crate) use wait::wait;
#[cfg(feature = "sqlite")]
pub(crate) use wait::wait_until;
