//! The engine of hiku: what `hiku` re-exports.
//!
//! Data flows one way: read → plan → run → write. See `docs/ARCHITECTURE.md` of the repository.

#![warn(clippy::print_stdout, clippy::print_stderr)]

#[cfg(feature = "bridge")]
pub mod bridge;
pub mod context;
pub mod engine;
pub mod error;
mod escape;
pub mod graph;
pub mod index;
pub mod plan;
#[doc(hidden)]
pub mod private;
pub mod query;
pub mod read;
pub mod run;
mod sdl;
pub mod sql;
pub mod testing;
pub mod threads;
#[cfg(feature = "sql")]
pub use sqlx;
pub mod write;
