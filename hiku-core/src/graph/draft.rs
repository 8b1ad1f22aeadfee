//! Definitions by value: what a graph is checked from, whether macros wrote it down or a builder made it.

use std::sync::Arc;

use super::def::{
    AbstractDef, ArgDef, Cardinality, DbDef, FieldDef, FieldValue, LinkDef, LinkVia, LoaderDef, LoaderFn, MemberDef,
    MemoryDef, NodeDef, OrderDef, Paging, ScopeDef, SourceDef, TableDef,
};
use super::loader::{Answer, Call, LoadFuture};
use super::types::{Check, TypeDef};
use crate::context::DataDef;
use crate::error::Result;

/// A node as it was described; a link names its target.
#[derive(Clone, Debug)]
pub struct NodeBuilder {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) key: Vec<String>,
    pub(super) members: Vec<MemberBuilder>,
    pub(super) source: SourceDraft,
}

#[derive(Clone, Debug)]
pub(super) enum MemberBuilder {
    Field(FieldBuilder),
    Link(LinkBuilder),
}

/// How a definition refers to a node.
#[derive(Clone)]
pub(super) enum TargetName {
    Name(String),
    Def(fn() -> &'static NodeDef),
}

impl std::fmt::Debug for TargetName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TargetName::Name(name) => f.write_str(name),
            TargetName::Def(def) => f.write_str(def().name),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum SourceDraft {
    None,
    Table(TableDraft),
    Memory(MemoryDef),
    Load(LoaderDraft),
    OneOf(AbstractDef),
}

#[derive(Clone, Debug)]
pub(super) struct TableDraft {
    pub(super) schema: Option<String>,
    pub(super) name: String,
    pub(super) view: Option<String>,
    pub(super) filter: Option<String>,
    pub(super) scope: Option<ScopeDef>,
    pub(super) order: Vec<(String, bool)>,
    pub(super) db: DbDef,
}

/// A field as it was described.
#[derive(Clone, Debug)]
pub struct FieldBuilder {
    pub(super) names: NamesDraft,
    pub(super) ty: &'static TypeDef,
    pub(super) args: Vec<ArgBuilder>,
    pub(super) value: ValueDraft,
    pub(super) transaction: Option<DbDef>,
}

#[derive(Clone, Debug)]
pub(super) enum ValueDraft {
    Column(String),
    Sql(String),
    Loader(LoaderDraft),
    Declared,
}

#[derive(Clone, Debug)]
pub(super) struct NamesDraft {
    pub(super) rust: String,
    pub(super) public: String,
    pub(super) description: Option<String>,
    pub(super) deprecated: Option<String>,
    pub(super) hidden: bool,
}

/// A link as it was described.
#[derive(Clone, Debug)]
pub struct LinkBuilder {
    pub(super) names: NamesDraft,
    pub(super) target: TargetName,
    pub(super) cardinality: Cardinality,
    pub(super) args: Vec<ArgBuilder>,
    pub(super) via: ViaDraft,
    pub(super) paging: Paging,
    pub(super) order: Vec<(String, bool)>,
    pub(super) transaction: Option<DbDef>,
}

#[derive(Clone, Debug)]
pub(super) enum ViaDraft {
    /// A builder that was told nothing yet.
    Unset,
    To(Vec<String>),
    From(Vec<String>),
    Through {
        join: TargetName,
        from: Vec<String>,
        to: Vec<String>,
    },
    Sql(String),
    All,
    ByKey,
    Loader(LoaderDraft),
    Declared,
}

/// An argument as it was described.
#[derive(Clone, Debug)]
pub struct ArgBuilder {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) deprecated: Option<String>,
    pub(super) ty: &'static TypeDef,
    pub(super) default: Option<serde_json::Value>,
    pub(super) checks: &'static [Check],
}

#[derive(Clone, Debug)]
pub(super) struct LoaderDraft {
    pub(super) name: String,
    pub(super) requires: Vec<(String, Option<&'static TypeDef>)>,
    pub(super) data: Vec<DataDef>,
    pub(super) run: LoaderRun,
}

/// A function that answers when it returns.
pub type SyncFn = dyn Fn(&Call) -> Result<Answer> + Send + Sync;

/// The function of a loader, called once for a batch.
#[derive(Clone)]
#[allow(missing_docs, reason = "as in `LoaderFn`")]
pub enum LoaderRun {
    Pure(Arc<SyncFn>),
    Inline(Arc<SyncFn>),
    Blocking(Arc<SyncFn>),
    Async(Arc<dyn Fn(Call) -> LoadFuture + Send + Sync>),
}

impl std::fmt::Debug for LoaderRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            LoaderRun::Pure(_) => "pure",
            LoaderRun::Inline(_) => "inline",
            LoaderRun::Blocking(_) => "blocking",
            LoaderRun::Async(_) => "async",
        })
    }
}

impl NodeBuilder {
    /// A node of this name; give it a key and a source.
    pub fn new(name: impl Into<String>) -> Self {
        NodeBuilder {
            name: name.into(),
            description: None,
            key: Vec::new(),
            members: Vec::new(),
            source: SourceDraft::None,
        }
    }

    /// The description in the schema.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Rows come from this table of the database of type `Db` in the context.
    #[must_use]
    pub fn table(mut self, name: impl Into<String>) -> Self {
        self.source = SourceDraft::Table(TableDraft {
            schema: None,
            name: name.into(),
            view: None,
            filter: None,
            scope: None,
            order: Vec::new(),
            db: DbDef::of::<crate::sql::Db>(),
        });
        self
    }

    /// Whole nodes come from a function of keys: it is called with the columns of the key, and answers
    /// [`Answer::Nodes`] with one entry per row.
    #[must_use]
    pub fn load(mut self, run: LoaderRun) -> Self {
        let name = format!("{}.load", self.name);
        let requires = self.key.iter().map(|key| (key.clone(), None)).collect();
        self.source = SourceDraft::Load(LoaderDraft { name, requires, data: Vec::new(), run });
        self
    }

    /// A field that is (part of) the key.
    #[must_use]
    pub fn key(mut self, name: impl Into<String>, ty: &'static TypeDef) -> Self {
        let name = name.into();
        self.key.push(name.clone());
        self.field(FieldBuilder::column(name, ty))
    }

    /// A field.
    #[must_use]
    pub fn field(mut self, field: FieldBuilder) -> Self {
        self.members.push(MemberBuilder::Field(field));
        self
    }

    /// A link.
    #[must_use]
    pub fn link(mut self, link: LinkBuilder) -> Self {
        self.members.push(MemberBuilder::Link(link));
        self
    }

    pub(super) fn from_def(def: &'static NodeDef) -> Self {
        let members = std::iter::once(def.members).chain(def.parts.iter().copied()).flatten();
        NodeBuilder {
            name: def.name.into(),
            description: def.description.map(Into::into),
            key: strings(def.key),
            members: members
                .map(|member| match member {
                    MemberDef::Field(field) => MemberBuilder::Field(FieldBuilder::from_def(field)),
                    MemberDef::Link(link) => MemberBuilder::Link(LinkBuilder::from_def(link)),
                })
                .collect(),
            source: match &def.source {
                SourceDef::None => SourceDraft::None,
                SourceDef::Table(table) => SourceDraft::Table(TableDraft::from_def(table)),
                SourceDef::Memory(memory) => SourceDraft::Memory(*memory),
                SourceDef::Load(loader) => SourceDraft::Load(LoaderDraft::from_def(loader)),
                SourceDef::OneOf(nodes) => SourceDraft::OneOf(*nodes),
            },
        }
    }
}

fn strings(from: &[&str]) -> Vec<String> {
    from.iter().map(|&text| text.into()).collect()
}

fn order(from: &[OrderDef]) -> Vec<(String, bool)> {
    from.iter().map(|key| (key.field.into(), key.descending)).collect()
}

impl TableDraft {
    fn from_def(def: &TableDef) -> Self {
        TableDraft {
            schema: def.schema.map(Into::into),
            name: def.name.into(),
            view: def.view.map(Into::into),
            filter: def.filter.map(Into::into),
            scope: def.scope,
            order: order(def.order),
            db: def.db,
        }
    }
}

impl NamesDraft {
    fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        NamesDraft { public: name.clone(), rust: name, description: None, deprecated: None, hidden: false }
    }

    fn from_def(def: &super::def::Names) -> Self {
        NamesDraft {
            rust: def.rust.into(),
            public: def.public.into(),
            description: def.description.map(Into::into),
            deprecated: def.deprecated.map(Into::into),
            hidden: def.hidden,
        }
    }
}

/// What fields and links have in common.
macro_rules! names {
    ($($name:ident)+) => {$(
        impl $name {
            /// The description in the schema.
            #[must_use]
            pub fn description(mut self, text: impl Into<String>) -> Self {
                self.names.description = Some(text.into());
                self
            }

            /// The name in the schema, if it is not the one that definitions refer to.
            #[must_use]
            pub fn public_name(mut self, name: impl Into<String>) -> Self {
                self.names.public = name.into();
                self
            }

            /// Not in the public schema.
            #[must_use]
            pub fn hidden(mut self) -> Self {
                self.names.hidden = true;
                self
            }

            /// Deprecated, and why.
            #[must_use]
            pub fn deprecated(mut self, reason: impl Into<String>) -> Self {
                self.names.deprecated = Some(reason.into());
                self
            }

            /// Of a mutation: run it and all below it in a transaction of the database of type `D` in the context.
            #[must_use]
            pub fn transaction<D: AsRef<crate::sql::Db> + std::any::Any + Send + Sync>(mut self) -> Self {
                self.transaction = Some(DbDef::of::<D>());
                self
            }

            /// An argument.
            #[must_use]
            pub fn arg(mut self, arg: ArgBuilder) -> Self {
                self.args.push(arg);
                self
            }
        }
    )+};
}
names!(FieldBuilder LinkBuilder);

impl FieldBuilder {
    /// A column of the node's source, with the same name there.
    pub fn column(name: impl Into<String>, ty: &'static TypeDef) -> Self {
        let names = NamesDraft::new(name);
        FieldBuilder { value: ValueDraft::Column(names.rust.clone()), names, ty, args: Vec::new(), transaction: None }
    }

    /// A value that a function computes from other fields of the node; it answers [`Answer::Column`].
    pub fn computed(name: impl Into<String>, ty: &'static TypeDef, requires: &[&str], run: LoaderRun) -> Self {
        let names = NamesDraft::new(name);
        let loader = LoaderDraft::by_hand(&names.rust, requires, run);
        FieldBuilder { value: ValueDraft::Loader(loader), names, ty, args: Vec::new(), transaction: None }
    }

    fn from_def(def: &FieldDef) -> Self {
        FieldBuilder {
            names: NamesDraft::from_def(&def.names),
            ty: def.ty,
            args: def.args.iter().map(ArgBuilder::from_def).collect(),
            value: match &def.value {
                FieldValue::Column(column) => ValueDraft::Column((*column).into()),
                FieldValue::Sql(sql) => ValueDraft::Sql((*sql).into()),
                FieldValue::Loader(loader) => ValueDraft::Loader(LoaderDraft::from_def(loader)),
                FieldValue::Declared => ValueDraft::Declared,
            },
            transaction: def.transaction,
        }
    }
}

impl LinkBuilder {
    /// A link to the node named `target`; say next how its targets are found.
    pub fn new(name: impl Into<String>, target: impl Into<String>, cardinality: Cardinality) -> Self {
        LinkBuilder {
            names: NamesDraft::new(name),
            target: TargetName::Name(target.into()),
            cardinality,
            args: Vec::new(),
            via: ViaDraft::Unset,
            paging: Paging::DEFAULT,
            order: Vec::new(),
            transaction: None,
        }
    }

    /// The named fields of the target hold the key of this node.
    #[must_use]
    pub fn to(mut self, fields: &[&str]) -> Self {
        self.via = ViaDraft::To(strings(fields));
        self
    }

    /// The named fields of this node hold the key of the target.
    #[must_use]
    pub fn from(mut self, fields: &[&str]) -> Self {
        self.via = ViaDraft::From(strings(fields));
        self
    }

    /// The node `join` holds the key of this node in the fields `from`, that of the target in the fields `to`.
    #[must_use]
    pub fn through(mut self, join: impl Into<String>, from: &[&str], to: &[&str]) -> Self {
        self.via = ViaDraft::Through { join: TargetName::Name(join.into()), from: strings(from), to: strings(to) };
        self
    }

    /// Root only: every row of the target.
    #[must_use]
    pub fn all(mut self) -> Self {
        self.via = ViaDraft::All;
        self
    }

    /// Root only: the row with the key given as arguments.
    #[must_use]
    pub fn by_key(mut self) -> Self {
        self.via = ViaDraft::ByKey;
        self
    }

    /// A function of fields of this node; it answers [`Answer::Keys`] or [`Answer::Nodes`].
    #[must_use]
    pub fn function(mut self, requires: &[&str], run: LoaderRun) -> Self {
        self.via = ViaDraft::Loader(LoaderDraft::by_hand(&self.names.rust, requires, run));
        self
    }

    /// Whether queries page through it; by [`Paging::DEFAULT`] unless said.
    #[must_use]
    pub fn paging(mut self, paging: Paging) -> Self {
        self.paging = paging;
        self
    }

    fn from_def(def: &LinkDef) -> Self {
        LinkBuilder {
            names: NamesDraft::from_def(&def.names),
            target: TargetName::Def(def.target),
            cardinality: def.cardinality,
            args: def.args.iter().map(ArgBuilder::from_def).collect(),
            via: match &def.via {
                LinkVia::To(fields) => ViaDraft::To(strings(fields)),
                LinkVia::From(fields) => ViaDraft::From(strings(fields)),
                LinkVia::Through { join, from, to } => {
                    ViaDraft::Through { join: TargetName::Def(*join), from: strings(from), to: strings(to) }
                }
                LinkVia::Sql(sql) => ViaDraft::Sql((*sql).into()),
                LinkVia::All => ViaDraft::All,
                LinkVia::ByKey => ViaDraft::ByKey,
                LinkVia::Loader(loader) => ViaDraft::Loader(LoaderDraft::from_def(loader)),
                LinkVia::Declared => ViaDraft::Declared,
            },
            paging: def.paging,
            order: order(def.order),
            transaction: def.transaction,
        }
    }
}

impl ArgBuilder {
    /// An argument; without a default, required unless its type is nullable.
    pub fn new(name: impl Into<String>, ty: &'static TypeDef) -> Self {
        ArgBuilder { name: name.into(), description: None, deprecated: None, ty, default: None, checks: &[] }
    }

    /// What it is when a query does not give it.
    #[must_use]
    pub fn default_value(mut self, value: impl Into<serde_json::Value>) -> Self {
        self.default = Some(value.into());
        self
    }

    fn from_def(def: &ArgDef) -> Self {
        ArgBuilder {
            name: def.name.into(),
            description: def.description.map(Into::into),
            deprecated: def.deprecated.map(Into::into),
            ty: def.ty,
            default: def.default.map(|default| default()),
            checks: def.checks,
        }
    }
}

impl LoaderDraft {
    fn by_hand(name: &str, requires: &[&str], run: LoaderRun) -> Self {
        let requires = requires.iter().map(|&field| (field.into(), None)).collect();
        LoaderDraft { name: name.into(), requires, data: Vec::new(), run }
    }

    fn from_def(def: &LoaderDef) -> Self {
        LoaderDraft {
            name: def.name.into(),
            requires: def.requires.iter().map(|param| (param.field.into(), Some(param.ty))).collect(),
            data: def.data.to_vec(),
            run: match def.run {
                LoaderFn::Pure(run) => LoaderRun::Pure(Arc::new(run)),
                LoaderFn::Inline(run) => LoaderRun::Inline(Arc::new(run)),
                LoaderFn::Blocking(run) => LoaderRun::Blocking(Arc::new(run)),
                LoaderFn::Async(run) => LoaderRun::Async(Arc::new(run)),
            },
        }
    }
}
