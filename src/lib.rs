#![doc = include_str!("../README.md")]
#![doc(test(attr(deny(warnings))))]

#[cfg(feature = "bridge")]
pub use hiku_core::bridge;
pub use hiku_core::context::{Context, Data};
pub use hiku_core::engine::{Engine, EngineBuilder, EngineError, OnBlocking, Request, Response};
pub use hiku_core::error::{Error, Result};
pub use hiku_core::graph::{
    Graph, GraphError, Key, KeyPart, Many, Maybe, MaybeMany, Node, One, Root, ScalarDef, TypeDef, WithMutation,
};
pub use hiku_core::index::{BigInt, ID, MaybeAbsent, Memory, Value};
pub use hiku_core::read::Limits;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub use hiku_core::sqlx;
pub use hiku_core::{graph, index, plan, query, read, run, sql, testing, threads};
pub use hiku_derive::{Enum, Input, Interface, Record, Scalar, Union, node, root};

#[doc = include_str!("../docs/guide.md")]
pub mod guide {}

#[doc(hidden)]
pub use hiku_core::private as __private010;

/// What most files of a user need: `use hiku::prelude::*;`.
pub mod prelude {
    pub use crate::sql::{Db, Model};
    pub use crate::{
        BigInt, Context, Data, Engine, Enum, Error, Graph, ID, Input, Interface, Many, Maybe, MaybeAbsent, MaybeMany,
        Memory, Node, One, Record, Request, Response, Result, Root, Scalar, Union, WithMutation, node, root,
    };
}
