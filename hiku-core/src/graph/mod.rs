//! The definition of a graph: static definitions as the macros write them, builders, and the checked [`Graph`].
//!
//! Owns names, types and their consistency. It does not know query languages, plans or SQL text.

pub mod answer;
pub mod def;
mod link;
mod loader;
mod types;

pub use def::*;
pub use link::{Col, Key, KeyPart, LinkType, Many, Maybe, MaybeMany, Node, One, Root, StoredDef};
pub use loader::{Answer, Call, LoadFuture, Rows};
pub use types::{Kind, ScalarDef, TypeDef};
