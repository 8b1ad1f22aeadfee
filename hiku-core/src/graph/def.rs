//! What the macros emit: definitions as static data.
//!
//! A reference from one definition to another is a function that answers it, so that nodes can link to each other.
//! Names of fields are the Rust names; [`Graph`](super::Graph) resolves them once.

use super::loader::{Answer, Call, LoadFuture};
use super::types::{Check, TypeDef};
use crate::context::{Context, DataDef};
use crate::error::Result;

/// A node: a type of object with a key.
#[derive(Clone, Copy)]
pub struct NodeDef {
    /// The name in the schema.
    pub name: &'static str,
    /// The description in the schema.
    pub description: Option<&'static str>,
    /// The Rust names of the key's fields, in order. Empty for a root.
    pub key: &'static [&'static str],
    /// Fields and links of the struct, in the order of declaration.
    pub members: &'static [MemberDef],
    /// Fields and links of the impl blocks, block by block.
    pub parts: &'static [&'static [MemberDef]],
    /// Where rows come from.
    pub source: SourceDef,
}

/// A field or a link of a node.
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "the payloads are documented")]
pub enum MemberDef {
    Field(FieldDef),
    Link(LinkDef),
}

/// What a field and a link have in common.
#[derive(Clone, Copy)]
pub struct Names {
    /// The name in Rust: how `requires` and attributes refer to it.
    pub rust: &'static str,
    /// The name in the schema.
    pub public: &'static str,
    /// The description in the schema.
    pub description: Option<&'static str>,
    /// Why it is deprecated, if it is.
    pub deprecated: Option<&'static str>,
    /// Loadable and linkable, but not in the public schema.
    pub hidden: bool,
}

/// A value of a node.
#[derive(Clone, Copy)]
pub struct FieldDef {
    /// Names and description.
    pub names: Names,
    /// The type of the value.
    pub ty: &'static TypeDef,
    /// The arguments that a query can give.
    pub args: &'static [ArgDef],
    /// Where the value comes from.
    pub value: FieldValue,
    /// Of a mutation: the database in whose transaction it runs, with all below it.
    pub transaction: Option<DbDef>,
}

/// Where the value of a field comes from.
#[derive(Clone, Copy)]
pub enum FieldValue {
    /// A column of the node's source, under this name in the database.
    Column(&'static str),
    /// An SQL expression over the columns of the node's table; it is read, never written.
    Sql(&'static str),
    /// A function: per row or per batch.
    Loader(LoaderDef),
    /// Of an interface: each node that implements it has its own.
    Declared,
}

/// An edge to other nodes.
#[derive(Clone, Copy)]
pub struct LinkDef {
    /// Names and description.
    pub names: Names,
    /// The node at the other end.
    pub target: fn() -> &'static NodeDef,
    /// How many nodes one link leads to, and whether there may be none.
    pub cardinality: Cardinality,
    /// The arguments that a query can give, beside those of paging.
    pub args: &'static [ArgDef],
    /// How the targets are found.
    pub via: LinkVia,
    /// Whether a query pages through the targets. Only links by SQL are paged.
    pub paging: Paging,
    /// The order of the targets; the key of the target is appended. Only for links by SQL.
    pub order: &'static [OrderDef],
    /// Of a mutation: the database in whose transaction it runs, with all below it.
    pub transaction: Option<DbDef>,
}

/// How many nodes one link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cardinality {
    /// Exactly one; `T!`.
    One,
    /// One or none; `T`.
    Maybe,
    /// Any number; `[T!]!`.
    Many,
    /// Any number, with gaps; `[T]!`.
    MaybeMany,
    /// Any number, or null; `[T!]`. Only by a function.
    OptionalMany,
    /// Any number with gaps, or null; `[T]`. Only by a function.
    OptionalMaybeMany,
}

impl Cardinality {
    /// The type in the schema of a link to nodes of this name.
    pub(crate) fn of(self, name: &str) -> String {
        match self {
            Cardinality::One => format!("{name}!"),
            Cardinality::Maybe => name.to_owned(),
            Cardinality::Many => format!("[{name}!]!"),
            Cardinality::MaybeMany => format!("[{name}]!"),
            Cardinality::OptionalMany => format!("[{name}!]"),
            Cardinality::OptionalMaybeMany => format!("[{name}]"),
        }
    }

    /// Whether it leads to a list.
    pub const fn is_many(self) -> bool {
        !matches!(self, Cardinality::One | Cardinality::Maybe)
    }

    /// Whether a target may be missing.
    pub const fn is_maybe(self) -> bool {
        matches!(self, Cardinality::Maybe | Cardinality::MaybeMany | Cardinality::OptionalMaybeMany)
    }

    /// Whether the whole can be null.
    pub const fn is_nullable(self) -> bool {
        matches!(self, Cardinality::Maybe | Cardinality::OptionalMany | Cardinality::OptionalMaybeMany)
    }
}

/// How the targets of a link are found.
#[derive(Clone, Copy)]
pub enum LinkVia {
    /// One to many: the named fields of the target hold the key of this node, in the order of its parts.
    To(&'static [&'static str]),
    /// Many to one: the named fields of this node hold the key of the target, in the order of its parts.
    From(&'static [&'static str]),
    /// Many to many through the table of another node.
    Through {
        /// The node of the join table.
        join: fn() -> &'static NodeDef,
        /// Its fields that hold the key of this node.
        from: &'static [&'static str],
        /// Its fields that hold the key of the target.
        to: &'static [&'static str],
    },
    /// A statement that answers pairs (this node's key, the target's key) in the order wanted. `{keys}` in it stands for
    /// the list of this node's keys: `WHERE actor_id IN {keys}`. Only for keys of one part.
    Sql(&'static str),
    /// Root only: every row of the target's table, in order.
    All,
    /// Root only: the row with the key given as arguments, named like the key's fields.
    ByKey,
    /// A function.
    Loader(LoaderDef),
    /// Of an interface: each node that implements it has its own.
    Declared,
}

/// Whether a query pages through a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// All targets, always.
    All,
    /// By the arguments `limit` and `offset`.
    Page {
        /// What `limit` is when not given.
        default: u32,
        /// What `limit` can be at most.
        max: u32,
    },
}

impl Paging {
    /// What holds where an annotation says nothing.
    pub const DEFAULT: Paging = Paging::Page { default: 100, max: 1000 };
}

/// One key of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderDef {
    /// The Rust name of a stored field of the target.
    pub field: &'static str,
    /// From the greatest to the least.
    pub descending: bool,
}

/// An argument of a field or link.
#[derive(Clone, Copy)]
pub struct ArgDef {
    /// The name in the schema.
    pub name: &'static str,
    /// The description in the schema.
    pub description: Option<&'static str>,
    /// Why it is deprecated, if it is.
    pub deprecated: Option<&'static str>,
    /// The type; without a default, a type that is not nullable makes the argument required.
    pub ty: &'static TypeDef,
    /// The default, made once at start-up.
    pub default: Option<fn() -> serde_json::Value>,
    /// What must hold of a value beside its type.
    pub checks: &'static [Check],
}

/// Where the rows of a node come from.
#[derive(Clone, Copy)]
pub enum SourceDef {
    /// Nowhere: a root, or a node that is only ever returned whole.
    None,
    /// A table of a database.
    Table(TableDef),
    /// Rows that the process holds: a [`Memory`](crate::index::Memory) of the node in the context.
    Memory(MemoryDef),
    /// A function from keys to whole nodes.
    Load(LoaderDef),
    /// Other nodes, each with a source of its own: a union or an interface.
    OneOf(AbstractDef),
}

/// A union or an interface: a node that is one of several.
///
/// A key of it, and a whole node of it, is a wide row: the position of the node in `nodes` (an `I32`), then the key or the
/// stored fields of each of them, null but for that one.
#[derive(Clone, Copy, Debug)]
pub struct AbstractDef {
    /// Whether it has fields of its own, which all of the nodes have.
    pub interface: bool,
    /// The interfaces that an interface implements itself.
    pub implements: &'static [fn() -> &'static NodeDef],
    /// The nodes, in the order of declaration.
    pub nodes: &'static [fn() -> &'static NodeDef],
}

/// Rows that the process holds.
#[derive(Clone, Copy, Debug)]
pub struct MemoryDef {
    /// The type in the context.
    pub data: DataDef,
    /// Takes the rows out.
    pub get: fn(&Context) -> Result<std::sync::Arc<crate::index::MemoryRows>>,
}

/// A table of a database.
#[derive(Clone, Copy)]
pub struct TableDef {
    /// The schema of the database that the table is in.
    pub schema: Option<&'static str>,
    /// The table's name.
    pub name: &'static str,
    /// A `SELECT` that stands in place of the table.
    pub view: Option<&'static str>,
    /// A condition on every row ever read, over the table's columns.
    pub filter: Option<&'static str>,
    /// A condition from request data on every row ever read.
    pub scope: Option<ScopeDef>,
    /// The order of rows where a link says nothing; the key is appended.
    pub order: &'static [OrderDef],
    /// Which database.
    pub db: DbDef,
}

/// Which of the databases in the context a table is in.
#[derive(Clone, Copy, Debug)]
pub struct DbDef {
    /// The type in the context.
    pub data: DataDef,
    /// Takes it out, as the database itself.
    pub get: fn(&Context) -> Result<crate::sql::Db>,
}

impl DbDef {
    /// The database of the type `D` in the context: a `Db`, or a newtype that gives one.
    pub const fn of<D: AsRef<crate::sql::Db> + std::any::Any + Send + Sync>() -> Self {
        fn get<D: AsRef<crate::sql::Db> + std::any::Any + Send + Sync>(context: &Context) -> Result<crate::sql::Db> {
            context.require::<D>().map(|db| db.as_ref().clone())
        }
        DbDef { data: DataDef::of::<D>(), get: get::<D> }
    }
}

/// A condition from request data.
#[derive(Clone, Copy, Debug)]
pub struct ScopeDef {
    /// The type that the function reads.
    pub data: DataDef,
    /// The filter for this request.
    pub filter: fn(&Context) -> Result<crate::sql::Filter>,
}

/// A function of the user behind a field, a link or a source.
#[derive(Clone, Copy)]
pub struct LoaderDef {
    /// How messages and logs call it: `Character.costars`.
    pub name: &'static str,
    /// The fields of the parent whose columns it is given, in order.
    pub requires: &'static [ParamDef],
    /// The data that it takes from the context.
    pub data: &'static [DataDef],
    /// The function.
    pub run: LoaderFn,
}

/// A required field of a loader.
#[derive(Clone, Copy)]
pub struct ParamDef {
    /// The Rust name of the field.
    pub field: &'static str,
    /// The type that the function expects; the graph refuses a field of another.
    pub ty: &'static TypeDef,
}

/// The function of a loader: called once for a batch.
#[derive(Clone, Copy)]
pub enum LoaderFn {
    /// Does not wait: pure computation over columns, run inline wherever it is.
    Pure(fn(&Call) -> Result<Answer>),
    /// Does not wait: an ordinary `fn`, called once, run inline wherever it is.
    Inline(fn(&Call) -> Result<Answer>),
    /// May block: where that would hold up others, it runs on a thread of a pool.
    Blocking(fn(&Call) -> Result<Answer>),
    /// Waits: the future owns its columns.
    Async(fn(Call) -> LoadFuture),
}
