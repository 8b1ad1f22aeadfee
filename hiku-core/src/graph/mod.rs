//! The definition of a graph: static definitions as the macros write them, builders, and the checked [`Graph`].
//!
//! Owns names, types and their consistency. It does not know query languages, plans or SQL text.

pub mod answer;
mod check;
mod checked;
pub mod def;
mod draft;
mod link;
mod loader;
mod types;

pub use checked::{
    Arg, Field, FieldSource, Graph, GraphError, Link, Loader, Member, MemberId, Names, Node as NodeInfo, NodeId, OneOf,
    Source, Table, Via, WithMutation,
};
pub use def::{
    AbstractDef, ArgDef, Cardinality, DbDef, FieldDef, FieldValue, LinkDef, LinkVia, LoaderDef, LoaderFn, MemberDef,
    MemoryDef, NodeDef, OrderDef, Paging, ParamDef, ScopeDef, SourceDef, TableDef,
};
pub use draft::{ArgBuilder, FieldBuilder, LinkBuilder, LoaderRun, NodeBuilder, SyncFn};
pub use link::{
    Col, IsSingle, Key, KeyPart, LinkShape, LinkType, Many, Maybe, MaybeMany, Node, Of, One, Root, Several, StoredDef,
};
pub use loader::{Answer, Call, LoadFuture, Rows};
pub(crate) use types::regex;
pub use types::{
    Check, EnumDef, EnumValueDef, InputDef, InputFieldDef, Kind, ParseFn, RecordDef, RecordFieldDef, ScalarDef, Stored,
    TypeDef,
};
