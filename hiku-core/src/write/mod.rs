//! Writes: a finished index as bytes, a graph as its schema.
//!
//! Allocates nothing but its buffers. Only this module and the readers know languages.

mod leaf;
mod response;
mod sdl;

pub(crate) use response::{Bounds, Data, Written, refusal, response};
pub use sdl::sdl;
