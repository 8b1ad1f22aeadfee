//! The engine of hiku.

pub mod context;
pub mod error;
pub mod graph;
pub mod index;
pub mod sql;
#[doc(hidden)]
pub mod private;
