//! What generated code may name, and nothing else. Not part of the public interface.
//!
//! The facade exports it under a name with the version in it, so that macros and core of different versions do not link.

use std::any::Any;

pub use crate::context::{Context, DataDef};
pub use crate::error::{Error, Result};
pub use crate::graph::answer::{BatchSink, Entry, OfField, OfLink, batch, per_row, shared};
pub use crate::graph::def::Names;
pub use crate::graph::{
    Answer, ArgDef, Call, Cardinality, Col, DbDef, FieldDef, FieldValue, Key, KeyPart, Kind, LinkDef, LinkType,
    LinkVia, LoadFuture, LoaderDef, LoaderFn, Many, MemberDef, Node, NodeDef, OrderDef, Paging, ParamDef, Root,
    ScalarDef, ScopeDef, SourceDef, StoredDef, TableDef, TypeDef,
};
pub use crate::index::{Batch, Column, Newtype, Param, Value};
pub use crate::sql::{Db, Filter};

/// A value of the type `T` from the context, cloned.
///
/// # Errors
/// If there is none.
pub fn data<T: Any + Send + Sync + Clone>(call: &Call) -> Result<crate::context::Data<T>> {
    call.context.require::<T>().map(|value| crate::context::Data(value.clone()))
}

/// The argument at `at`.
///
/// # Errors
/// If the value is not one of `T`.
pub fn arg<T: Value>(call: &Call, at: usize) -> Result<T> {
    T::from_json(&call.args[at])
}

/// The required column at `at`, as a whole.
pub fn batch_of<'a, P: Param<'a>>(call: &'a Call, at: usize) -> Batch<'a, P> {
    P::batch(&call.columns[at])
}

/// One row of the required column at `at`.
pub fn row_of<'a, P: Param<'a>>(call: &'a Call, at: usize, row: usize) -> P {
    P::at(&call.columns[at], row)
}

/// The default of an argument of type `T`.
pub fn default<T: Value>(value: impl Into<T>) -> serde_json::Value {
    value.into().to_json()
}

/// The type of the field that a parameter of type `P` reads.
pub const fn param_type<'a, P: Param<'a>>() -> &'static TypeDef {
    <P::Owned as Value>::TYPE
}

/// The definition of the database type `D`: a `Db`, or a newtype that gives one.
pub const fn db<D: AsRef<Db> + Any + Send + Sync>() -> DbDef {
    fn get<D: AsRef<Db> + Any + Send + Sync>(context: &Context) -> Result<Db> {
        context.require::<D>().map(|db| db.as_ref().clone())
    }
    DbDef { data: DataDef::of::<D>(), get: get::<D> }
}

/// The need for the data that a scope function reads.
pub const fn scope_data<T: Any + Send + Sync>(_: fn(&T) -> Filter) -> DataDef {
    DataDef::of::<T>()
}

/// Calls a scope function with the data that it reads.
///
/// # Errors
/// If the data is missing.
pub fn scope<T: Any + Send + Sync>(context: &Context, filter: fn(&T) -> Filter) -> Result<Filter> {
    context.require::<T>().map(filter)
}

/// Fields of impl blocks: `Type::__HIKU_PART` is an empty list unless a `#[node] impl` shadows it.
pub trait NoPart {
    #[doc(hidden)]
    const __HIKU_PART: &'static [MemberDef] = &[];
}

impl<T> NoPart for T {}

/// Checks across types, evaluated while the user's crate compiles. Each reads leaf constants only.
pub mod check {
    use super::{Cardinality, Col, StoredDef, TypeDef};

    /// Whether two names are equal.
    const fn same(a: &str, b: &str) -> bool {
        let (a, b) = (a.as_bytes(), b.as_bytes());
        if a.len() != b.len() {
            return false;
        }
        let mut at = 0;
        while at < a.len() {
            if a[at] != b[at] {
                return false;
            }
            at += 1;
        }
        true
    }

    /// The type of the stored field `name`.
    const fn stored(fields: &[StoredDef], name: &str) -> Option<&'static TypeDef> {
        let mut at = 0;
        while at < fields.len() {
            if same(fields[at].name, name) {
                return Some(fields[at].ty);
            }
            at += 1;
        }
        None
    }

    /// Whether two types are stored alike and are equally nullable.
    const fn alike(a: &TypeDef, b: &TypeDef) -> bool {
        match (a, b) {
            (TypeDef::Nullable(a), TypeDef::Nullable(b)) | (TypeDef::List(a), TypeDef::List(b)) => alike(a, b),
            (TypeDef::Scalar(a), TypeDef::Scalar(b)) => a.kind as u8 == b.kind as u8,
            _ => false,
        }
    }

    /// A parameter of a loader names a stored field of the right type, or panics with one of the messages.
    pub const fn param(fields: &[StoredDef], name: &str, ty: &TypeDef, unknown: &'static str, wrong: &'static str) {
        match stored(fields, name) {
            None => panic!("{}", unknown),
            Some(found) if !alike(found, ty) => panic!("{}", wrong),
            Some(_) => {}
        }
    }

    /// A foreign key refers to a key: same type, and never null where the link says `One`.
    pub trait ForeignKey<K> {
        /// Whether the key can be null.
        const NULLABLE: bool;
    }
    impl<K: super::KeyPart> ForeignKey<K> for K {
        const NULLABLE: bool = false;
    }
    impl<K: super::KeyPart> ForeignKey<K> for Option<K> {
        const NULLABLE: bool = true;
    }

    /// The field behind `col` is of the type of the key `K`, or an `Option` of it; answers whether it can be null.
    pub const fn foreign_key<K, N, T: ForeignKey<K>>(_: &Col<N, T>) -> bool {
        T::NULLABLE
    }

    /// `One` cannot stand on a column that can be null.
    pub const fn one_is_not_null(cardinality: Cardinality, nullable: bool, message: &'static str) {
        if nullable && matches!(cardinality, Cardinality::One) {
            panic!("{}", message);
        }
    }
}

/// The rows that the process holds for `T`.
pub const fn memory<T: Node>() -> crate::graph::MemoryDef {
    fn get<T: Node>(context: &Context) -> Result<std::sync::Arc<crate::index::MemoryRows>> {
        context.require::<crate::index::Memory<T>>().map(crate::index::Memory::rows)
    }
    crate::graph::MemoryDef { data: DataDef::of::<crate::index::Memory<T>>(), get: get::<T> }
}
