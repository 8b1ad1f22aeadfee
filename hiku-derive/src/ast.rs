//! What an annotated item says: data only, made by `lower`, judged by `check`, printed by `expand`.

use proc_macro2::{Span, TokenStream};
use syn::{Attribute, Ident, ItemImpl, ItemStruct, LitStr, Path, Type};

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
    pub(crate) params: Vec<Param>,
    pub(crate) output: Type,
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
}
