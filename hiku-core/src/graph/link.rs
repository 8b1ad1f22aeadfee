//! What user types say of themselves to the graph: nodes, roots, links.

use std::marker::PhantomData;

use super::def::{Cardinality, NodeDef};
use super::types::{Kind, ScalarDef, TypeDef};
use crate::index::{Column, Newtype, Value};

/// A type of object with a key. Written by `#[node]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a node",
    label = "not a node",
    note = "put `#[node]` above `struct {Self}`, and mark its key with `#[key]`"
)]
pub trait Node: Sized + Send + Sync + 'static {
    /// The key: one value, or a tuple of several.
    type Key: Key;
    /// The typed columns.
    type Columns: 'static;
    /// The node itself, or [`Several`] of a union or an interface.
    type Stated: Keyed;
    /// Whether it is a union or an interface.
    const SEVERAL: bool = false;
    /// The typed columns: `Actor::COLUMNS.name`.
    const COLUMNS: Self::Columns;
    /// The stored fields (those of the struct), in the order of declaration.
    const STORED: &'static [StoredDef];
    /// The whole definition, for checks while the crate of the user compiles.
    const DEF: Option<&'static NodeDef> = None;
    /// The whole definition.
    fn def() -> &'static NodeDef;
    /// Append this node to its columns: one per entry of [`STORED`](Self::STORED), in that order.
    fn write_to(&self, columns: &mut [Column]);
}

/// Where queries start. Written by `#[root]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a root",
    label = "queries start at a root",
    note = "put `#[root]` above `struct {Self}`"
)]
pub trait Root: Sized + 'static {
    /// The whole definition.
    fn def() -> &'static NodeDef;
}

/// Name and type of a stored field.
#[derive(Clone, Copy, Debug)]
pub struct StoredDef {
    /// The Rust name.
    pub name: &'static str,
    /// The type.
    pub ty: &'static TypeDef,
}

/// A field of the node `N` with values of type `T`.
pub struct Col<N, T> {
    name: &'static str,
    of: PhantomData<fn() -> (N, T)>,
}

impl<N, T> Col<N, T> {
    /// The column of the field with this Rust name.
    pub const fn new(name: &'static str) -> Self {
        Col { name, of: PhantomData }
    }

    /// The Rust name of the field.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl<N, T> Clone for Col<N, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N, T> Copy for Col<N, T> {}

impl<N, T> std::fmt::Debug for Col<N, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Col({})", self.name)
    }
}

/// A type that can be a key: a [`Value`] that compares, or a tuple of up to four of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a key",
    label = "this type cannot be a key",
    note = "keys are integers, `String`, `Uuid`, newtypes of these with `#[derive(Clone, PartialEq, Eq, Hash, Scalar)]`, and tuples of up to four of them"
)]
pub trait Key: Clone + Send + Sync + 'static {
    /// The types of the parts.
    const PARTS: &'static [&'static TypeDef];
    /// Append to one column per part.
    fn write_to(&self, columns: &mut [Column]);
}

/// Values that can be a key, or a part of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a key",
    label = "this type cannot be a key",
    note = "keys are integers, `String`, `Uuid`, newtypes of these with `#[derive(Clone, PartialEq, Eq, Hash, Scalar)]`, and tuples of up to four of them"
)]
pub trait KeyPart: Value + Eq + std::hash::Hash + Clone {
    /// The GraphQL type `ID` over this type: what a key is unless the annotation says otherwise.
    const ID: &'static TypeDef;
}

#[diagnostic::do_not_recommend]
impl<T: KeyPart> Key for T {
    const PARTS: &'static [&'static TypeDef] = &[T::TYPE];
    fn write_to(&self, columns: &mut [Column]) {
        Value::write_to(self, &mut columns[0]);
    }
}

macro_rules! composite {
    ($($t:ident $at:tt),+) => {
        #[diagnostic::do_not_recommend]
        impl<$($t: KeyPart),+> Key for ($($t,)+) {
            const PARTS: &'static [&'static TypeDef] = &[$($t::TYPE),+];
            fn write_to(&self, columns: &mut [Column]) {
                $(Value::write_to(&self.$at, &mut columns[$at]);)+
            }
        }
    };
}
composite!(A 0, B 1);
composite!(A 0, B 1, C 2);
composite!(A 0, B 1, C 2, D 3);

/// The type of a link: what `Many<Actor>` says in an annotation.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the type of a link",
    label = "not the type of a link",
    note = "write `One<Node>`, `Maybe<Node>`, `Many<Node>` or `MaybeMany<Node>`"
)]
pub trait LinkType {
    /// The node at the other end.
    type Target: Node;
    /// How many, and whether there may be none.
    const CARDINALITY: Cardinality;
    /// Both, for definitions.
    const SHAPE: LinkShape = LinkShape {
        target: <Self::Target as Node>::def,
        stored: <Self::Target as Node>::STORED,
        cardinality: Self::CARDINALITY,
        several: <Self::Target as Node>::SEVERAL,
    };
    /// The target, for checks.
    const TARGET: Of<<Self::Target as Node>::Stated> = PhantomData;
    /// The key of the target, for checks.
    const KEY: Of<<<Self::Target as Node>::Stated as Keyed>::Key> = PhantomData;
}

/// In place of a union or an interface: what a link without a function cannot lead to.
pub struct Several<N>(PhantomData<N>);

/// What a link without a function leads to.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is one of several nodes, and only a function can say which",
    label = "leads to a union or an interface",
    note = "remove this field, and write a function with `#[link]` in an `impl` block with `#[node]` or `#[root]`"
)]
pub trait IsSingle {}

/// What has a key that a foreign key can hold.
pub trait Keyed {
    /// The key.
    type Key;
}

impl<N: Node> Keyed for N {
    type Key = N::Key;
}

impl<N> Keyed for Several<N> {
    type Key = Several<N>;
}

/// A type as a value.
pub type Of<T> = PhantomData<fn() -> T>;

/// Where a link leads to, and to how many.
#[derive(Clone, Copy)]
pub struct LinkShape {
    /// The definition of the node at the other end.
    pub target: fn() -> &'static NodeDef,
    /// Its stored fields.
    pub stored: &'static [StoredDef],
    /// How many, and whether there may be none.
    pub cardinality: Cardinality,
    /// Whether it is a union or an interface.
    pub several: bool,
}

pub(super) enum One_<T: Node> {
    Key(T::Key),
    Node(T),
}

/// A link to exactly one node; in the schema `T!`.
///
/// As the answer of a function, by key or with the whole node.
pub struct One<T: Node>(pub(super) One_<T>);

impl<T: Node> One<T> {
    /// The node with this key.
    pub fn key(key: T::Key) -> Self {
        One(One_::Key(key))
    }

    /// This node: it is not loaded again.
    pub fn node(node: T) -> Self {
        One(One_::Node(node))
    }
}

/// A link to one node or none; in the schema `T`.
pub struct Maybe<T: Node>(pub(super) Option<One_<T>>);

impl<T: Node> Maybe<T> {
    /// No node.
    pub fn none() -> Self {
        Maybe(None)
    }

    /// The node with this key, if there is a key.
    pub fn key(key: impl Into<Option<T::Key>>) -> Self {
        Maybe(key.into().map(One_::Key))
    }

    /// This node, if there is one: it is not loaded again.
    pub fn node(node: impl Into<Option<T>>) -> Self {
        Maybe(node.into().map(One_::Node))
    }
}

pub(super) enum Many_<T: Node> {
    Keys(Vec<Option<T::Key>>),
    Nodes(Vec<Option<T>>),
}

/// A link to any number of nodes; in the schema `[T!]!`.
pub struct Many<T: Node>(pub(super) Many_<T>);

impl<T: Node> Many<T> {
    /// The nodes with these keys, in this order.
    pub fn keys(keys: impl IntoIterator<Item = T::Key>) -> Self {
        Many(Many_::Keys(keys.into_iter().map(Some).collect()))
    }

    /// These nodes, in this order: they are not loaded again.
    pub fn nodes(nodes: impl IntoIterator<Item = T>) -> Self {
        Many(Many_::Nodes(nodes.into_iter().map(Some).collect()))
    }
}

/// A link to any number of nodes, with gaps; in the schema `[T]!`.
pub struct MaybeMany<T: Node>(pub(super) Many_<T>);

impl<T: Node> MaybeMany<T> {
    /// The nodes with these keys, in this order; `None` is a gap.
    pub fn keys(keys: impl IntoIterator<Item = Option<T::Key>>) -> Self {
        MaybeMany(Many_::Keys(keys.into_iter().collect()))
    }

    /// These nodes, in this order: they are not loaded again; `None` is a gap.
    pub fn nodes(nodes: impl IntoIterator<Item = Option<T>>) -> Self {
        MaybeMany(Many_::Nodes(nodes.into_iter().collect()))
    }
}

macro_rules! link_type {
    ($($name:ident)+) => {$(
        impl<T: Node> LinkType for $name<T> {
            type Target = T;
            const CARDINALITY: Cardinality = Cardinality::$name;
        }
    )+};
}
link_type!(One Maybe Many MaybeMany);

#[diagnostic::do_not_recommend]
impl<T: Node> LinkType for Option<Many<T>> {
    type Target = T;
    const CARDINALITY: Cardinality = Cardinality::OptionalMany;
}

#[diagnostic::do_not_recommend]
impl<T: Node> LinkType for Option<MaybeMany<T>> {
    type Target = T;
    const CARDINALITY: Cardinality = Cardinality::OptionalMaybeMany;
}

macro_rules! key_part {
    ($($ty:ty, $kind:ident;)+) => {$(
        #[diagnostic::do_not_recommend]
        impl KeyPart for $ty {
            const ID: &'static TypeDef = &TypeDef::Scalar(&ScalarDef::new("ID", Kind::$kind));
        }
    )+};
}
key_part! { i16, I16; i32, I32; i64, I64; String, Text; uuid::Uuid, Uuid; }

#[diagnostic::do_not_recommend]
impl<T: Newtype + Value + Eq + std::hash::Hash + Clone> KeyPart for T
where
    T::Inner: KeyPart,
{
    const ID: &'static TypeDef = <T::Inner as KeyPart>::ID;
}
