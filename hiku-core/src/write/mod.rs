//! Writes a finished index as bytes.
//!
//! Allocates nothing but its buffers. Only this module and the readers know languages.

mod leaf;
mod response;

pub(crate) use response::{Bounds, Data, Written, refusal, response};
