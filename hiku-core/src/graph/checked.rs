//! The checked graph: every reference resolved to a position, every rule held.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::check::Checker;
use super::def::{Cardinality, DbDef, MemoryDef, NodeDef, Paging, ScopeDef};
use super::draft::{LoaderRun, NodeBuilder};
use super::link::Root;
use super::types::{Check, TypeDef};
use crate::context::DataDef;

/// The position of a node in its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(crate) u32);

/// The position of a field or link in its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId(pub(crate) u32);

/// A whole definition: nodes, root, types. Immutable, checked, cheap to clone.
#[derive(Clone, Debug)]
pub struct Graph(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    nodes: Vec<Node>,
    roots: Roots,
    origin: Origin,
    types: Types,
}

/// The types of values that the public schema mentions, by name; each a leaf.
pub(crate) type Types = std::collections::BTreeMap<&'static str, TypeDef>;

/// Where operations start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Roots {
    pub(super) query: NodeId,
    pub(super) mutation: Option<NodeId>,
}

impl Roots {
    pub(super) fn has(self, id: NodeId) -> bool {
        self.query == id || self.mutation == Some(id)
    }

    pub(super) fn iter(self) -> impl Iterator<Item = NodeId> {
        std::iter::once(self.query).chain(self.mutation)
    }
}

/// The root of queries as a type said it, for a graph that has no other root yet.
pub(super) type Origin = Option<fn() -> &'static NodeDef>;

/// A node of a checked graph.
#[derive(Debug)]
pub struct Node {
    /// The name in the schema.
    pub name: String,
    /// The description in the schema.
    pub description: Option<String>,
    /// Fields and links, in the order of declaration.
    pub members: Vec<Member>,
    /// The fields of the key, in order; empty for a root.
    pub key: Vec<MemberId>,
    /// The fields that come from the source (columns and SQL expressions), in the order of declaration.
    pub stored: Vec<MemberId>,
    /// Where rows come from.
    pub source: Source,
    /// Whether a query can reach it; a join table that no public link leads to is not public.
    pub public: bool,
    /// The public unions and interfaces that it is one of, in the order of the graph.
    pub one_of: Vec<NodeId>,
    pub(super) by_public: FxHashMap<String, MemberId>,
    pub(super) by_rust: FxHashMap<String, MemberId>,
}

/// A field or a link.
#[derive(Debug)]
#[allow(missing_docs, reason = "the payloads are documented")]
pub enum Member {
    Field(Field),
    Link(Link),
}

/// What fields and links have in common.
#[derive(Debug)]
pub struct Names {
    /// The name in Rust.
    pub rust: String,
    /// The name in the schema.
    pub public: String,
    /// The description in the schema.
    pub description: Option<String>,
    /// Why it is deprecated.
    pub deprecated: Option<String>,
    /// Not in the public schema.
    pub hidden: bool,
}

/// A value of a node.
#[derive(Debug)]
pub struct Field {
    /// Names and description.
    pub names: Names,
    /// The type of the value.
    pub ty: &'static TypeDef,
    /// The arguments, in order.
    pub args: Vec<Arg>,
    /// Where the value comes from.
    pub value: FieldSource,
    /// Of a mutation: the database in whose transaction it runs, with all below it.
    pub transaction: Option<DbDef>,
}

/// Where the value of a field comes from.
#[derive(Debug)]
pub enum FieldSource {
    /// A column of the source.
    Column(String),
    /// An SQL expression over the table of the source.
    Sql(String),
    /// A function.
    Loader(Arc<Loader>),
    /// Of an interface.
    Declared,
}

/// An edge to other nodes.
#[derive(Debug)]
pub struct Link {
    /// Names and description.
    pub names: Names,
    /// The node at the other end.
    pub target: NodeId,
    /// How many, and whether there may be none.
    pub cardinality: Cardinality,
    /// The arguments, in order: those of the definition, then `limit` and `offset` if it is paged.
    pub args: Vec<Arg>,
    /// How the targets are found.
    pub via: Via,
    /// Whether queries page through the targets.
    pub paging: Paging,
    /// The order of the targets, with the key of the target at its end: (stored field of the target, descending).
    pub order: Vec<(MemberId, bool)>,
    /// Of a mutation: the database in whose transaction it runs, with all below it.
    pub transaction: Option<DbDef>,
}

/// How the targets of a link are found.
#[derive(Debug)]
pub enum Via {
    /// Fields of the target hold this node's key.
    To(Vec<MemberId>),
    /// Fields of this node hold the target's key.
    From(Vec<MemberId>),
    /// Fields of a third node hold both.
    Through {
        /// The third node.
        join: NodeId,
        /// Its fields that hold this node's key.
        from: Vec<MemberId>,
        /// Its fields that hold the target's key.
        to: Vec<MemberId>,
    },
    /// A statement that answers pairs of keys.
    Sql(Arc<str>),
    /// Every row of the target.
    All,
    /// The row whose key the arguments are.
    ByKey,
    /// A function.
    Loader(Arc<Loader>),
    /// Of an interface.
    Declared,
}

/// Where the rows of a node come from.
#[derive(Debug)]
#[allow(missing_docs, reason = "as in `SourceDef`")]
pub enum Source {
    None,
    Table(Table),
    Memory(MemoryDef),
    Load(Arc<Loader>),
    OneOf(OneOf),
}

/// The nodes that a union or an interface stands for.
#[derive(Debug)]
pub struct OneOf {
    /// Whether it has fields of its own, which all of the nodes have.
    pub interface: bool,
    /// The interfaces that an interface implements itself.
    pub implements: Vec<NodeId>,
    /// The nodes, in the order of declaration.
    pub nodes: Vec<NodeId>,
}

/// A table of a database.
#[derive(Debug)]
pub struct Table {
    /// The schema of the database.
    pub schema: Option<String>,
    /// The table's name.
    pub name: String,
    /// A `SELECT` in its place.
    pub view: Option<String>,
    /// A condition on every row.
    pub filter: Option<String>,
    /// A condition from request data on every row.
    pub scope: Option<ScopeDef>,
    /// The order where a link says nothing, with the key at its end.
    pub order: Vec<(MemberId, bool)>,
    /// Which database.
    pub db: DbDef,
}

/// A function behind a field, a link or a source.
#[derive(Debug)]
pub struct Loader {
    /// How messages and logs call it.
    pub name: String,
    /// The fields of the parent that it is given.
    pub requires: Vec<MemberId>,
    /// The types that it expects of them, as far as they were said.
    pub(super) expects: Vec<Option<&'static TypeDef>>,
    /// The data that it takes from the context.
    pub data: Vec<DataDef>,
    /// The function.
    pub run: LoaderRun,
}

/// An argument.
#[derive(Clone, Debug)]
pub struct Arg {
    /// The name in the schema.
    pub name: String,
    /// The description in the schema.
    pub description: Option<String>,
    /// Why it is deprecated.
    pub deprecated: Option<String>,
    /// The type.
    pub ty: &'static TypeDef,
    /// What it is when not given.
    pub default: Option<serde_json::Value>,
    /// What must hold of a value beside its type.
    pub checks: &'static [Check],
}

impl Graph {
    /// The graph that is reachable from the root `Q`, checked as a whole; for mutations, see [`WithMutation`].
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn new<Q: Root>() -> Result<Graph, GraphError> {
        let mut checker = Checker::default();
        let query = checker.reach(Q::def());
        checker.finish(Roots { query, mutation: None }, Some(Q::def))
    }

    /// A graph by hand: its root and its nodes.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn build(query: NodeBuilder, nodes: impl IntoIterator<Item = NodeBuilder>) -> Result<Graph, GraphError> {
        Graph::by_hand(query, None, nodes)
    }

    /// A graph by hand that has a root of mutations too.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn build_with_mutation(
        query: NodeBuilder,
        mutation: NodeBuilder,
        nodes: impl IntoIterator<Item = NodeBuilder>,
    ) -> Result<Graph, GraphError> {
        Graph::by_hand(query, Some(mutation), nodes)
    }

    fn by_hand(
        query: NodeBuilder,
        mutation: Option<NodeBuilder>,
        nodes: impl IntoIterator<Item = NodeBuilder>,
    ) -> Result<Graph, GraphError> {
        let mut checker = Checker::default();
        let query = checker.add(query);
        let mutation = mutation.map(|mutation| checker.add(mutation));
        for node in nodes {
            checker.add(node);
        }
        checker.finish(Roots { query, mutation }, None)
    }

    pub(super) fn checked(nodes: Vec<Node>, roots: Roots, origin: Origin, types: Types) -> Graph {
        Graph(Arc::new(Inner { nodes, roots, origin, types }))
    }

    pub(crate) fn types(&self) -> &Types {
        &self.0.types
    }

    /// All nodes, roots included.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.0.nodes.iter().enumerate().map(|(at, node)| (NodeId(at as u32), node))
    }

    /// The node at this position.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.0.nodes[id.0 as usize]
    }

    /// The node of this name in the schema.
    pub fn node_named(&self, name: &str) -> Option<NodeId> {
        self.nodes().find(|(_, node)| node.public && node.name == name).map(|(id, _)| id)
    }

    /// Whether a value of the node can be of the type of this name: itself, or a union or interface that it is one of.
    pub(crate) fn is_a(&self, node: NodeId, name: &str) -> bool {
        let node = self.node(node);
        node.name == name || node.one_of.iter().any(|&one| self.node(one).name == name)
    }

    /// The root of queries.
    pub fn query(&self) -> NodeId {
        self.0.roots.query
    }

    /// The root of mutations, if there is one.
    pub fn mutation(&self) -> Option<NodeId> {
        self.0.roots.mutation
    }
}

impl Node {
    /// The field or link at this position.
    pub fn member(&self, id: MemberId) -> &Member {
        &self.members[id.0 as usize]
    }

    /// The field or link of this name in the public schema.
    pub fn public(&self, name: &str) -> Option<MemberId> {
        self.by_public.get(name).copied()
    }

    /// The field at this position.
    ///
    /// # Panics
    /// If it is a link: the checks leave no such reference.
    pub fn field(&self, id: MemberId) -> &Field {
        match self.member(id) {
            Member::Field(field) => field,
            Member::Link(link) => panic!("`{}` is a link", link.names.rust),
        }
    }

    /// Where a field stands among the stored ones.
    pub fn stored_at(&self, id: MemberId) -> Option<usize> {
        self.stored.iter().position(|&stored| stored == id)
    }

    /// The field or link of this Rust name.
    pub fn rust(&self, name: &str) -> Option<MemberId> {
        self.by_rust.get(name).copied()
    }
}

impl Member {
    /// Names and description.
    pub fn names(&self) -> &Names {
        match self {
            Member::Field(field) => &field.names,
            Member::Link(link) => &link.names,
        }
    }

    /// The database in whose transaction it runs, with all below it.
    pub(crate) fn transaction(&self) -> Option<DbDef> {
        match self {
            Member::Field(field) => field.transaction,
            Member::Link(link) => link.transaction,
        }
    }

    /// The arguments, in order.
    pub fn args(&self) -> &[Arg] {
        match self {
            Member::Field(field) => &field.args,
            Member::Link(link) => &link.args,
        }
    }
}

/// Gives a graph its root of mutations: `Graph::new::<Query>().mutation::<Mutation>()`.
pub trait WithMutation {
    /// The graph that is reachable from both roots, checked as a whole: a node that both reach is one node.
    ///
    /// # Errors
    /// Everything that is wrong with either, at once; also if the graph has this root already, or was made by hand
    /// ([`Graph::build_with_mutation`] is for those).
    fn mutation<M: Root>(self) -> Result<Graph, GraphError>;
}

impl WithMutation for Result<Graph, GraphError> {
    fn mutation<M: Root>(self) -> Result<Graph, GraphError> {
        let (origin, mut problems) = match self {
            Ok(graph) => (graph.0.origin, Vec::new()),
            Err(error) => (error.origin, error.problems),
        };
        let mut checker = Checker::default();
        let Some(query) = origin else {
            problems.push("only `Graph::new::<Query>()` takes `.mutation::<Mutation>()`, and only once".into());
            return Err(GraphError::new(problems));
        };
        let (query, mutation) = (checker.reach(query()), checker.reach(M::def()));
        if query == mutation {
            return Err(GraphError::new(vec![format!("`{}` is the root of queries and of mutations", M::def().name)]));
        }
        checker.finish(Roots { query, mutation: Some(mutation) }, None)
    }
}

/// Why a graph was refused: everything that is wrong with it.
#[derive(Clone, Debug)]
pub struct GraphError {
    /// One line each.
    pub problems: Vec<String>,
    /// Its root, for one that adds another.
    pub(super) origin: Origin,
}

impl GraphError {
    pub(crate) fn new(problems: Vec<String>) -> Self {
        GraphError { problems, origin: None }
    }
}

impl PartialEq for GraphError {
    fn eq(&self, other: &Self) -> bool {
        self.problems == other.problems
    }
}

impl Eq for GraphError {}

impl std::fmt::Display for GraphError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the graph is not consistent:")?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n- {problem}"))
    }
}

impl std::error::Error for GraphError {}
