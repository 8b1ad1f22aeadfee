//! Code written by hand for exactly these queries: no parsing, no validation, no engine.
//!
//! One statement per level, prepared once; rows go into columns, columns into one buffer of JSON. It is the reference:
//! what an engine adds shows as the distance to it.

mod columns;
mod json;
pub mod memory;
mod respond;
pub mod rusqlite;
mod sql;
pub mod sqlx;

pub use sql::{ByHand, json_keys};
