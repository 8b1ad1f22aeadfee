//! async-graphql: as its book shows it, and tuned.

pub mod memory;
pub mod sql;
