//! Writes: a finished index as bytes, a graph as its schema.
//!
//! Allocates nothing but its buffers. Only this module and the readers know languages.

mod escape;
mod leaf;
mod response;

pub(crate) use escape::escape;
pub(crate) use response::{Bounds, Written, refusal, response};
