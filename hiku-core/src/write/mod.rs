//! Writes a finished index as bytes.
//!
//! Allocates nothing but its buffers. Only this module and the readers know languages.

mod entry;
mod failure;
mod leaf;
mod response;
mod writer;

pub(crate) use failure::refusal;
pub(crate) use response::{Bounds, Data, Written, response};
