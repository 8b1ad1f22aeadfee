//! What generated code may name, and nothing else. Not part of the public interface.
//!
//! The facade exports it under a name with the version in it, so that macros and core of different versions do not link.

mod values;

use std::any::Any;
use std::fmt::Display;

pub use serde_json::Value as Json;

pub use crate::context::{Context, DataDef};
pub use crate::error::{Error, Result};
use crate::graph::IsSingle;
pub use crate::graph::answer::{BatchSink, Entry, OfField, OfLink, batch, load, per_row, shared};
pub use crate::graph::def::Names;
pub use crate::graph::{
    Answer, ArgDef, Call, Cardinality, Col, DbDef, FieldDef, FieldValue, Key, KeyPart, Kind, LinkDef, LinkShape,
    LinkType, LinkVia, LoadFuture, LoaderDef, LoaderFn, Many, MemberDef, Node, NodeDef, Of, OrderDef, Paging, ParamDef,
    Root, ScalarDef, ScopeDef, Several, SourceDef, StoredDef, TableDef, TypeDef,
};
pub use crate::index::{
    Batch, BigInt, Column, EnumType, ID, Newtype, Param, Value, enum_from_json, read_enum, read_record, write_record,
};
pub use crate::sql::{Db, Filter, Model};
pub use values::{
    AbstractDef, Check, EnumDef, EnumValueDef, InputDef, InputFieldDef, KEY_TAG, RecordDef, RecordFieldDef, STUB,
    Stored, TAG, argument, concat, count, declared, declared_link, enum_to_json, first, given, input_field,
    integer_item, item, judge_by, no_such, object, only, position, record_field, text_item, to_object, write_case,
    write_enum,
};

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
    T::from_given(call.args[at].as_ref())
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
pub fn default<T: Value>(value: impl DefaultOf<T>) -> serde_json::Value {
    value.value().to_json()
}

/// What converts into the type of an argument.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a default for the type `{T}`",
    label = "not a value of `{T}`",
    note = "write a value of that type, or one that converts into it"
)]
pub trait DefaultOf<T> {
    #[doc(hidden)]
    fn value(self) -> T;
}

#[diagnostic::do_not_recommend]
impl<T, V: Into<T>> DefaultOf<T> for V {
    fn value(self) -> T {
        self.into()
    }
}

/// The type of the field that a parameter of type `P` reads.
pub const fn param_type<'a, P: Param<'a>>() -> &'static TypeDef {
    <P::Owned as Value>::TYPE
}

/// A `Db`, or a newtype that gives one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a database",
    label = "not a database",
    note = "write a newtype over `Db`, and `impl AsRef<Db>` for it"
)]
pub trait Database: Any + Send + Sync {
    #[doc(hidden)]
    fn database(&self) -> &Db;
}

#[diagnostic::do_not_recommend]
impl<D: AsRef<Db> + Any + Send + Sync> Database for D {
    fn database(&self) -> &Db {
        self.as_ref()
    }
}

/// The definition of the database type `D`.
pub const fn db<D: Database>() -> DbDef {
    fn get<D: Database>(context: &Context) -> Result<Db> {
        context.require::<D>().map(|db| db.database().clone())
    }
    DbDef { data: DataDef::of::<D>(), get: get::<D> }
}

/// A scope function, as what it is: a mistake in it has the same text wherever it is named.
pub const fn scope_fn<T, N>(scope: fn(&T) -> Filter<N>) -> fn(&T) -> Filter<N> {
    scope
}

/// The need for the data that a scope function reads.
pub const fn scope_data<T: Any + Send + Sync, N>(_: fn(&T) -> Filter<N>) -> DataDef {
    DataDef::of::<T>()
}

/// Calls a scope function with the data that it reads.
///
/// # Errors
/// If the data is missing.
pub fn scope<T: Any + Send + Sync, N>(context: &Context, filter: fn(&T) -> Filter<N>) -> Result<Filter> {
    context.require::<T>().map(|data| filter(data).untyped())
}

/// Names of a member that is not in the schema.
pub const fn hidden(rust: &'static str, public: &'static str) -> Names {
    Names { hidden: true, ..names(rust, public) }
}

/// Names that are as usual: documented, current, public.
pub const fn names(rust: &'static str, public: &'static str) -> Names {
    Names { rust, public, description: None, deprecated: None, hidden: false }
}

/// A column whose type is that of the stored field at `at`. Not by its name: searches are slow while a crate compiles.
pub const fn column(stored: &[StoredDef], at: usize, names: Names, column: &'static str) -> MemberDef {
    let ty = stored[at].ty;
    MemberDef::Field(FieldDef { names, ty, args: &[], value: FieldValue::Column(column), transaction: None })
}

/// A column like any other: named as in Rust.
pub const fn plain(stored: &[StoredDef], at: usize, public: &'static str) -> MemberDef {
    let StoredDef { name, ty } = stored[at];
    MemberDef::Field(FieldDef {
        names: names(name, public),
        ty,
        args: &[],
        value: FieldValue::Column(name),
        transaction: None,
    })
}

/// As [`column`], an `ID`.
pub const fn id(stored: &[StoredDef], at: usize, names: Names, column: &'static str) -> MemberDef {
    let ty = id_type(stored[at].ty);
    MemberDef::Field(FieldDef { names, ty, args: &[], value: FieldValue::Column(column), transaction: None })
}

/// The `ID` over a type that can be a key; other types stay what they are, a check reports them.
pub const fn id_type(ty: &'static TypeDef) -> &'static TypeDef {
    const fn of<T: KeyPart>(nullable: bool) -> &'static TypeDef {
        if nullable { const { &TypeDef::Nullable(T::ID) } } else { T::ID }
    }
    match (ty.kind(), ty.is_nullable()) {
        (Some(Kind::I16), nullable) => of::<i16>(nullable),
        (Some(Kind::I32), nullable) => of::<i32>(nullable),
        (Some(Kind::I64), nullable) => of::<i64>(nullable),
        (Some(Kind::Text), nullable) => of::<String>(nullable),
        (Some(Kind::Uuid), nullable) => of::<uuid::Uuid>(nullable),
        _ => ty,
    }
}

/// As [`column`], a `BigInt`.
pub const fn big_int(stored: &[StoredDef], at: usize, names: Names, column: &'static str) -> MemberDef {
    let ty = big_int_type(stored[at].ty);
    MemberDef::Field(FieldDef { names, ty, args: &[], value: FieldValue::Column(column), transaction: None })
}

/// The `BigInt` over an integer of 64 bits; other types stay what they are, a check reports them.
pub const fn big_int_type(ty: &'static TypeDef) -> &'static TypeDef {
    match (ty.kind(), ty.is_nullable()) {
        (Some(Kind::I64), false) => BigInt::TYPE,
        (Some(Kind::I64), true) => <Option<BigInt>>::TYPE,
        _ => ty,
    }
}

/// An SQL expression whose type is that of the stored field at `at`.
pub const fn sql(stored: &[StoredDef], at: usize, names: Names, sql: &'static str) -> MemberDef {
    let ty = stored[at].ty;
    MemberDef::Field(FieldDef { names, ty, args: &[], value: FieldValue::Sql(sql), transaction: None })
}

/// As [`sql`], an `ID`.
pub const fn sql_id(stored: &[StoredDef], at: usize, names: Names, sql: &'static str) -> MemberDef {
    let ty = id_type(stored[at].ty);
    MemberDef::Field(FieldDef { names, ty, args: &[], value: FieldValue::Sql(sql), transaction: None })
}

/// As [`sql`], a `BigInt`.
pub const fn sql_big_int(stored: &[StoredDef], at: usize, names: Names, sql: &'static str) -> MemberDef {
    let ty = big_int_type(stored[at].ty);
    MemberDef::Field(FieldDef { names, ty, args: &[], value: FieldValue::Sql(sql), transaction: None })
}

/// A table with nothing special about it, in the `Db` of the context.
pub const fn table(name: &'static str) -> TableDef {
    TableDef { schema: None, name, view: None, filter: None, scope: None, order: &[], db: db::<Db>() }
}

/// The scalar of the newtype `T`.
pub const fn scalar<T: Newtype>(
    name: &'static str,
    description: Option<&'static str>,
    specified_by: Option<&'static str>,
) -> ScalarDef {
    match <T::Inner as Value>::TYPE {
        TypeDef::Scalar(inner) => ScalarDef { name, description, specified_by, store: Some(store::<T>), ..**inner },
        _ => panic!("a scalar has one value in it that is neither a list nor an `Option`"),
    }
}

fn store<T: Newtype>(value: &Json, column: &mut Column) -> Result<()> {
    T::parse(value).map(|value| value.inner().write_to(column))
}

/// Judges what a request gives for the newtype `T`.
///
/// # Errors
/// Why it is none.
pub fn judge<T: Newtype>(value: &Json) -> Result<(), String> {
    T::parse(value).map(drop).map_err(|error| error.public_message())
}

/// What a response has for a stored value of the newtype `T`.
///
/// # Errors
/// None so far.
pub fn serialize<T: Newtype>(column: &Column, row: usize) -> Result<Json> {
    Ok(read_newtype::<T>(column, row).serialize())
}

/// Calls the `parse` of the user for the newtype `T`.
///
/// # Errors
/// What the function says.
pub fn parsed<T: Newtype, E: Reason>(parse: fn(&Json) -> Result<T, E>, value: &Json) -> Result<T> {
    parse(value).map_err(|error| Error::new(error.text()).code("BAD_USER_INPUT"))
}

/// Why a `parse` refuses a value.
#[diagnostic::on_unimplemented(
    message = "a `parse` cannot fail with `{Self}`, which does not print",
    label = "a function that fails with `{Self}`",
    note = "answer `Result<Self, String>`, or `impl std::fmt::Display for {Self}`: clients see the text"
)]
pub trait Reason {
    #[doc(hidden)]
    fn text(&self) -> String;
}

#[diagnostic::do_not_recommend]
impl<E: Display> Reason for E {
    fn text(&self) -> String {
        self.to_string()
    }
}

/// Append the value inside.
pub fn write_newtype<T: Newtype>(value: &T, column: &mut Column) {
    value.inner().write_to(column);
}

/// The newtype around a stored value.
pub fn read_newtype<T: Newtype>(column: &Column, row: usize) -> T {
    T::wrap(T::Inner::read(column, row))
}

/// What a node is written to has one column per stored field.
///
/// # Panics
/// Always.
#[cold]
pub fn wrong_columns() {
    unreachable!("one column per stored field")
}

/// A link, paged by default.
#[track_caller]
pub const fn link_def(shape: LinkShape, names: Names, via: LinkVia) -> LinkDef {
    // Other ways compare keys, and fail at that.
    if shape.several && matches!(via, LinkVia::Sql(_) | LinkVia::All | LinkVia::ByKey) {
        panic!(
            "this link leads to one of several nodes, and only a function can say which: remove this field, and write \
             a function with `#[link]` in an `impl` block"
        );
    }
    LinkDef {
        names,
        target: shape.target,
        cardinality: shape.cardinality,
        args: &[],
        via,
        paging: Paging::DEFAULT,
        order: &[],
        transaction: None,
    }
}

/// As [`link_def`], as a member.
#[track_caller]
pub const fn link(shape: LinkShape, names: Names, via: LinkVia) -> MemberDef {
    MemberDef::Link(link_def(shape, names, via))
}

/// A field by a function whose answers `S` collects.
#[track_caller]
pub const fn field<S: OfField>(names: Names, args: &'static [ArgDef], loader: LoaderDef) -> MemberDef {
    MemberDef::Field(FieldDef {
        names,
        ty: values::output(S::TYPE),
        args,
        value: FieldValue::Loader(loader),
        transaction: None,
    })
}

/// A mutation that runs in a transaction of this database, with all below it.
pub const fn in_transaction(member: MemberDef, db: DbDef) -> MemberDef {
    match member {
        MemberDef::Field(field) => MemberDef::Field(FieldDef { transaction: Some(db), ..field }),
        MemberDef::Link(link) => MemberDef::Link(LinkDef { transaction: Some(db), ..link }),
    }
}

/// A link by a function whose answers `S` collects.
pub const fn link_by<S: OfLink>(names: Names, args: &'static [ArgDef], loader: LoaderDef) -> MemberDef {
    MemberDef::Link(LinkDef { args, paging: Paging::All, ..link_def(S::Link::SHAPE, names, LinkVia::Loader(loader)) })
}

/// What collects the answers of a function that is called once, or once per row.
pub type EntrySink<R> = <R as Entry>::Sink;

/// A required field of a loader.
pub const fn param<'a, P: Param<'a>>(field: &'static str) -> ParamDef {
    ParamDef { field, ty: param_type::<P>() }
}

/// A stored field.
#[track_caller]
pub const fn stored(name: &'static str, ty: &'static TypeDef) -> StoredDef {
    StoredDef { name, ty: values::output(ty) }
}

/// The columns of a node whose `from` link leads to `T`: it can be the join table of a many-to-many link to `T`. Of the
/// columns, not of the node, so that what is no node has no second error.
#[diagnostic::on_unimplemented(
    message = "this node does not say how it refers to `{T}`",
    label = "not a join table to `{T}`",
    note = "give it one link `#[link(from = ..)]` to `{T}`, or write `from = .., to = ..` after `through`"
)]
pub trait RefersTo<T> {
    /// The Rust names of the fields that hold the key of `T`.
    const COLUMNS: List;
}

impl<J, N: IsSingle> RefersTo<Several<N>> for J {
    const COLUMNS: List = &[];
}

/// What checks of other types read of a node: nothing if it has mistakes of its own.
pub type CheckedDef = Option<&'static NodeDef>;

/// A list of names, whatever `str` is where generated code stands.
pub type List = &'static [&'static str];

/// The node that a join table refers to.
pub struct To<T>(pub Of<T>);

impl<T> To<T> {
    /// The fields of the join table with the columns `J` that hold its key.
    pub const fn in_columns<J: RefersTo<T>>(self) -> List {
        J::COLUMNS
    }
}

/// Fields of impl blocks: `Type::__HIKU_PART__name_further_blocks_by_part` is an empty list unless a `#[node] impl` shadows it; likewise its source and
/// the names of its further parts.
pub trait NoPart {
    #[doc(hidden)]
    #[allow(non_upper_case_globals, reason = "rustc shows the name to whoever writes a second block without one")]
    const __HIKU_PART__name_further_blocks_by_part: &'static [MemberDef] = &[];
    #[doc(hidden)]
    const __HIKU_LOAD: SourceDef = SourceDef::None;
    #[doc(hidden)]
    const __HIKU_PARTS: List = &[];
}

impl<T> NoPart for T {}

/// Checks across types, evaluated while the user's crate compiles. Each reads leaf constants only.
pub mod check {
    use std::marker::PhantomData;

    pub use super::values::check::{carries, has_length, implements, is_never_null, is_number, is_text, single};
    use super::{Cardinality, Col, IsSingle, LinkShape, Node, Of, Several, StoredDef, TypeDef};

    /// Whether two names are equal.
    pub(super) const fn same(a: &str, b: &str) -> bool {
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
        match position(fields, name) {
            Some(at) => Some(fields[at].ty),
            None => None,
        }
    }

    const fn position(fields: &[StoredDef], name: &str) -> Option<usize> {
        let mut at = 0;
        while at < fields.len() {
            if same(fields[at].name, name) {
                return Some(at);
            }
            at += 1;
        }
        None
    }

    /// Where a stored field is, which `#[cfg]` decides; the macro names only fields that are there.
    pub const fn at(fields: &[StoredDef], name: &str) -> usize {
        match position(fields, name) {
            Some(at) => at,
            None => panic!("a stored field without a definition"),
        }
    }

    /// A stored field of this name is there, or panics with the message.
    pub const fn has_field(fields: &[StoredDef], name: &str, message: &'static str) {
        if stored(fields, name).is_none() {
            panic!("{}", message);
        }
    }

    /// The part is one that the struct names, or panics with the message.
    pub const fn part(parts: &[&str], name: &str, message: &'static str) {
        let mut at = 0;
        while at < parts.len() {
            if same(parts[at], name) {
                return;
            }
            at += 1;
        }
        panic!("{}", message);
    }

    /// A node with a source has no `#[load]`.
    pub const fn no_load(load: &super::SourceDef) {
        if !matches!(load, super::SourceDef::None) {
            panic!("the rows of this node come from `table` or `memory` and from a `#[load]`: remove one");
        }
    }

    /// Values of the type can be an `ID`, or panics with the message.
    pub const fn id(ty: &TypeDef, message: &'static str) {
        use super::Kind::{I16, I32, I64, Text, Uuid};
        if !matches!(ty.kind(), Some(I16 | I32 | I64 | Text | Uuid)) {
            panic!("{}", message);
        }
    }

    /// Values of the type can be a `BigInt`, or panics with the message.
    pub const fn big_int(ty: &TypeDef, message: &'static str) {
        if !matches!(ty.kind(), Some(super::Kind::I64)) {
            panic!("{}", message);
        }
    }

    /// The type is the scalar of this name.
    pub const fn scalar(ty: &TypeDef, name: &str, message: &'static str) {
        match ty.non_null() {
            TypeDef::Scalar(scalar) if same(scalar.name, name) => {}
            _ => panic!("{}", message),
        }
    }

    /// A parameter of a loader names a stored field of the right type, or panics with one of the messages.
    pub const fn param(fields: &[StoredDef], name: &str, ty: &TypeDef, unknown: &'static str, wrong: &'static str) {
        match stored(fields, name) {
            None => panic!("{}", unknown),
            Some(found) if !found.stored_like(ty) => panic!("{}", wrong),
            Some(_) => {}
        }
    }

    /// A foreign key refers to a key: same type, and never null where the link says `One`.
    #[diagnostic::on_unimplemented(
        message = "a foreign key of type `{Self}` does not refer to a key of type `{K}`",
        label = "the types of the two sides differ",
        note = "make the field `{K}`, or `Option<{K}>` if it can be null",
        note = "a key of several fields takes as many, in its order: `from(a, b)`, `to(Node::a, Node::b)`"
    )]
    pub trait ForeignKey<K> {
        /// Whether the key can be null.
        const NULLABLE: bool;
    }
    impl<T, N: IsSingle> ForeignKey<Several<N>> for T {
        const NULLABLE: bool = false;
    }
    #[diagnostic::do_not_recommend]
    impl<K: super::KeyPart> ForeignKey<K> for K {
        const NULLABLE: bool = false;
    }
    #[diagnostic::do_not_recommend]
    impl<K: super::KeyPart> ForeignKey<K> for Option<K> {
        const NULLABLE: bool = true;
    }

    /// The node that a foreign key is in is the one that the link leads to.
    #[diagnostic::on_unimplemented(
        message = "this link leads to `{N}`, but the foreign key is a field of `{Self}`",
        label = "a field of another node",
        note = "write `to = {N}::field`"
    )]
    pub trait FieldOf<N> {}
    impl<N: Node> FieldOf<N> for N {}
    impl<M, N: IsSingle> FieldOf<Several<N>> for M {}

    /// The key of a node.
    pub const fn key<N: Node>() -> Of<N::Key> {
        PhantomData
    }

    /// The field of a foreign key, and the node that it is in.
    pub const fn column<M, T>(_: &Col<M, T>) -> Of<(M, T)> {
        PhantomData
    }

    /// The foreign key is in the node that a link leads to.
    pub const fn held_by<N, M: FieldOf<N>, T>(_: Of<N>, columns: Of<(M, T)>) -> Of<(M, T)> {
        columns
    }

    /// The foreign key is of the type of the key `K`, or an `Option` of it; answers whether it can be null.
    pub const fn foreign_key<K, M, T: ForeignKey<K>>(_: Of<K>, _: Of<(M, T)>) -> bool {
        T::NULLABLE
    }

    macro_rules! composite {
        ($name:ident: $($k:ident $t:ident),+) => {
            #[diagnostic::do_not_recommend]
            impl<$($k,)+ $($t: ForeignKey<$k>),+> ForeignKey<($($k,)+)> for ($($t,)+) {
                const NULLABLE: bool = $($t::NULLABLE)||+;
            }
            /// As [`column`], of several fields.
            pub const fn $name<M, $($t),+>($(_: &Col<M, $t>),+) -> Of<(M, ($($t,)+))> {
                PhantomData
            }
        };
    }
    composite!(columns_2: A T1, B T2);
    composite!(columns_3: A T1, B T2, C T3);
    composite!(columns_4: A T1, B T2, C T3, D T4);

    /// `One` cannot stand on a column that can be null.
    pub const fn one_is_not_null(shape: LinkShape, nullable: bool, message: &'static str) {
        if nullable && matches!(shape.cardinality, Cardinality::One) {
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
