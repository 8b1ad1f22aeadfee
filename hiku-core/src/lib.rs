//! The engine of hiku: what `hiku` re-exports.
//!
//! Data flows one way: read → plan → run → write. See `docs/ARCHITECTURE.md` of the repository.

pub mod context;
pub mod error;
pub mod graph;
pub mod index;
#[doc(hidden)]
pub mod private;
pub mod query;
pub mod read;
pub mod sql;
pub mod write;
