//! What an annotated item says: data only, made by `lower`, judged by `check`, printed by `expand`.

use proc_macro2::{Span, TokenStream};
use syn::{Attribute, Ident, ItemImpl, ItemStruct, LitStr, Path, Type, Visibility};

use crate::attr::Bounds;

/// Which of the two macros.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Macro {
    Node,
    Root,
}

impl Macro {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Macro::Node => "node",
            Macro::Root => "root",
        }
    }
}

/// An annotated struct.
pub(crate) struct Struct {
    pub(crate) of: Macro,
    /// The user's item, without link fields and without our attributes.
    pub(crate) item: ItemStruct,
    pub(crate) krate: Path,
    /// The name in the schema.
    pub(crate) name: LitStr,
    pub(crate) docs: Option<String>,
    pub(crate) members: Vec<Member>,
    pub(crate) table: Option<Table>,
    /// Whether the process holds the rows.
    pub(crate) memory: bool,
    /// The names of the further impl blocks.
    pub(crate) parts: Vec<Ident>,
}

impl Struct {
    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field> {
        self.members.iter().filter_map(|member| match member {
            Member::Field(field) => Some(field),
            Member::Link(_) => None,
        })
    }

    pub(crate) fn links(&self) -> impl Iterator<Item = &Link> {
        self.members.iter().filter_map(|member| match member {
            Member::Link(link) => Some(link),
            Member::Field(_) => None,
        })
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &Field> {
        self.fields().filter(|field| field.key)
    }
}

/// Where the rows are.
pub(crate) struct Table {
    pub(crate) name: LitStr,
    pub(crate) schema: Option<LitStr>,
    pub(crate) view: Option<LitStr>,
    pub(crate) filter: Option<LitStr>,
    pub(crate) scope: Option<Path>,
    pub(crate) db: Option<Type>,
    pub(crate) order: Vec<Order>,
}

/// A field of an annotated struct.
pub(crate) enum Member {
    Field(Field),
    Link(Link),
}

/// What fields, links and functions have in common.
pub(crate) struct Names {
    pub(crate) ident: Ident,
    pub(crate) rust: String,
    pub(crate) public: LitStr,
    pub(crate) docs: Option<String>,
    pub(crate) deprecated: Option<String>,
    pub(crate) hidden: bool,
    pub(crate) cfgs: Vec<Attribute>,
}

impl Names {
    /// Whether there is nothing to say but the two names.
    pub(crate) fn is_plain(&self) -> bool {
        self.docs.is_none() && self.deprecated.is_none() && !self.hidden
    }
}

/// A stored field.
pub(crate) struct Field {
    pub(crate) names: Names,
    pub(crate) ty: Type,
    pub(crate) key: bool,
    /// The scalar that the annotation asks for.
    pub(crate) scalar: Option<Ident>,
    pub(crate) source: Source,
}

/// Where a stored field is read from.
pub(crate) enum Source {
    Column(LitStr),
    Sql(LitStr),
}

/// A link of a struct.
pub(crate) struct Link {
    pub(crate) names: Names,
    /// `Many<Actor>`.
    pub(crate) ty: Type,
    pub(crate) via: Via,
    pub(crate) paging: Option<Paging>,
    pub(crate) order: Vec<Order>,
}

/// How the targets of a link are found.
pub(crate) enum Via {
    To { owner: Path, columns: Vec<Ident> },
    From(Vec<Ident>),
    Through { join: Path, columns: Option<(Vec<Ident>, Vec<Ident>)> },
    Sql(LitStr),
    All,
    ByKey,
}

/// What an annotation says about paging.
#[derive(Clone, Copy)]
pub(crate) enum Paging {
    All,
    Page { default: u32, max: u32 },
}

/// One key of an order.
pub(crate) struct Order {
    pub(crate) field: String,
    pub(crate) descending: bool,
    pub(crate) span: Span,
}

/// An annotated impl block.
pub(crate) struct Impl {
    pub(crate) of: Macro,
    /// The user's item, without our attributes.
    pub(crate) item: ItemImpl,
    pub(crate) krate: Path,
    /// The last part of the type's path.
    pub(crate) type_name: Ident,
    pub(crate) part: Option<Ident>,
    pub(crate) functions: Vec<Function>,
}

/// What a function is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Field,
    Link,
    Load,
}

impl Role {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Role::Field => "field",
            Role::Link => "link",
            Role::Load => "load",
        }
    }
}

/// An annotated function.
pub(crate) struct Function {
    pub(crate) names: Names,
    pub(crate) role: Role,
    pub(crate) is_async: bool,
    /// It may wait by blocking its thread.
    pub(crate) is_blocking: bool,
    pub(crate) transaction: Option<Transaction>,
    pub(crate) params: Vec<Param>,
    pub(crate) output: Type,
}

/// `transaction`, or `transaction = Reports`.
pub(crate) struct Transaction {
    pub(crate) word: Ident,
    pub(crate) db: Option<Type>,
}

impl Function {
    /// The fields that it requires, in order.
    pub(crate) fn requires(&self) -> impl Iterator<Item = (&Ident, &Type)> {
        self.params.iter().filter_map(|param| match param {
            Param::Batch(name, ty) | Param::Row(name, ty) => Some((name, ty)),
            _ => None,
        })
    }

    pub(crate) fn is_batch(&self) -> bool {
        self.params.iter().any(|param| matches!(param, Param::Batch(..)))
    }

    pub(crate) fn is_per_row(&self) -> bool {
        self.params.iter().any(|param| matches!(param, Param::Row(..)))
    }
}

/// A parameter of a function.
pub(crate) enum Param {
    /// `id: &[T]`.
    Batch(Ident, Type),
    /// `name: &str`.
    Row(Ident, Type),
    /// `Data(api): Data<T>`.
    Data(Type),
    /// `&Context`.
    Context,
    Arg(Arg),
}

/// `#[arg] first: i32`.
pub(crate) struct Arg {
    pub(crate) name: LitStr,
    pub(crate) docs: Option<String>,
    pub(crate) deprecated: Option<String>,
    pub(crate) ty: Type,
    pub(crate) default: Option<TokenStream>,
    pub(crate) checks: Vec<Check>,
}

/// What must hold of a value that a request gives, and where that is said.
pub(crate) struct Check {
    pub(crate) span: Span,
    pub(crate) rule: Rule,
}

/// One of the checks.
pub(crate) enum Rule {
    Length(Bounds),
    Range(Bounds),
    Pattern(LitStr),
    Custom(Path),
}

/// What the types of values, unions and interfaces have in common.
pub(crate) struct Head {
    pub(crate) ident: Ident,
    pub(crate) krate: Path,
    /// The name in the schema.
    pub(crate) name: LitStr,
    pub(crate) docs: Option<String>,
}

/// `#[derive(Enum)]`.
pub(crate) struct Enum {
    pub(crate) head: Head,
    /// Stored as its discriminants.
    pub(crate) integers: bool,
    /// Whether the user writes some of these.
    pub(crate) discriminants: bool,
    pub(crate) items: Vec<Item>,
}

/// A variant of an enum.
pub(crate) struct Item {
    pub(crate) names: Names,
    /// The text in columns.
    pub(crate) stored: LitStr,
}

/// `#[derive(Record)]`.
pub(crate) struct Record {
    pub(crate) head: Head,
    pub(crate) fields: Vec<RecordField>,
    /// Whether it holds itself, with no end to its size.
    pub(crate) endless: bool,
}

/// A field of a record.
pub(crate) struct RecordField {
    pub(crate) names: Names,
    pub(crate) ty: Type,
    /// The scalar that the annotation asks for.
    pub(crate) scalar: Option<Ident>,
}

/// `#[derive(Input)]`.
pub(crate) struct Input {
    pub(crate) head: Head,
    /// Of an enum: one of the fields is given.
    pub(crate) one_of: bool,
    pub(crate) fields: Vec<InputField>,
    /// Whether it holds itself, with no end to its size.
    pub(crate) endless: bool,
}

/// A field of an input, or a variant of a `@oneOf` input.
pub(crate) struct InputField {
    pub(crate) names: Names,
    pub(crate) ty: Type,
    pub(crate) default: Option<TokenStream>,
    pub(crate) checks: Vec<Check>,
}

/// Which of the two abstract types.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Abstract {
    Union,
    Interface,
}

impl Abstract {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Abstract::Union => "union",
            Abstract::Interface => "interface",
        }
    }
}

/// `#[derive(Union)]` and `#[derive(Interface)]`.
pub(crate) struct Cases {
    pub(crate) of: Abstract,
    pub(crate) head: Head,
    pub(crate) vis: Visibility,
    pub(crate) cases: Vec<Case>,
    /// The interfaces that an interface implements itself.
    pub(crate) implements: Vec<Path>,
    /// The fields and links of an interface.
    pub(crate) members: Vec<Declared>,
}

/// A variant of a union or an interface.
pub(crate) struct Case {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
}

/// A field or link of an interface.
pub(crate) struct Declared {
    pub(crate) names: Names,
    pub(crate) link: bool,
    pub(crate) args: Vec<Arg>,
    pub(crate) ty: Type,
}
