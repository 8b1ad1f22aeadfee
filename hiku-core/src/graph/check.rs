//! From drafts to a checked graph: references become positions; each rule is one function; all errors come at once.

mod rules;

use rustc_hash::FxHashMap;

use super::checked::{
    Arg, Field, FieldSource, Graph, GraphError, Link, Loader, Member, MemberId, Names, Node, NodeId, OneOf, Origin,
    Roots, Source, Table, Types, Via,
};
use super::def::{NodeDef, Paging};
use super::draft::{
    ArgBuilder, FieldBuilder, LinkBuilder, LoaderDraft, MemberBuilder, NamesDraft, NodeBuilder, SourceDraft,
    TargetName, ValueDraft, ViaDraft,
};
use super::types::{Kind, ScalarDef, TypeDef};

/// Collects drafts, then resolves and checks them.
#[derive(Default)]
pub(super) struct Checker {
    drafts: Vec<NodeBuilder>,
    /// By the address of the definition: one node per static.
    by_def: FxHashMap<usize, NodeId>,
    problems: Vec<String>,
}

/// The types of the arguments of paging.
static INT: TypeDef = TypeDef::Scalar(&ScalarDef::new("Int", Kind::I64));
static NULLABLE_INT: TypeDef = TypeDef::Nullable(&INT);

impl Checker {
    /// The node of a static definition, and everything that it links to.
    pub(super) fn reach(&mut self, def: &'static NodeDef) -> NodeId {
        let address = std::ptr::from_ref(def) as usize;
        if let Some(&known) = self.by_def.get(&address) {
            return known;
        }
        let id = self.add(NodeBuilder::from_def(def));
        self.by_def.insert(address, id);
        for target in targets(&self.drafts[id.0 as usize]) {
            if let TargetName::Def(target) = target {
                self.reach(target());
            }
        }
        id
    }

    /// A node by hand.
    pub(super) fn add(&mut self, node: NodeBuilder) -> NodeId {
        self.drafts.push(node);
        NodeId(self.drafts.len() as u32 - 1)
    }

    /// The checked graph, or everything that is wrong.
    pub(super) fn finish(mut self, roots: Roots, origin: Origin) -> Result<Graph, GraphError> {
        let drafts = std::mem::take(&mut self.drafts);
        let public = self.public(&drafts, roots);
        let mut nodes: Vec<Node> = drafts.iter().map(|draft| self.fields(draft)).collect();
        for (at, draft) in drafts.iter().enumerate() {
            nodes[at].public = public[at];
            self.resolve(&mut nodes, &drafts, NodeId(at as u32), draft, roots);
        }
        for at in 0..nodes.len() {
            if let (true, Source::OneOf(one)) = (nodes[at].public, &nodes[at].source) {
                for id in one.nodes.clone() {
                    nodes[id.0 as usize].one_of.push(NodeId(at as u32));
                }
            }
        }
        let mut types = Types::new();
        if self.problems.is_empty() {
            for id in 0..nodes.len() {
                self.references(&nodes, NodeId(id as u32), roots);
            }
            types = self.types(&nodes);
            self.names(&nodes, &types);
            self.cycles(&nodes);
        }
        if self.problems.is_empty() {
            Ok(Graph::checked(nodes, roots, origin, types))
        } else {
            Err(GraphError { problems: self.problems, origin })
        }
    }

    fn problem(&mut self, text: String) {
        self.problems.push(text);
    }

    /// Which nodes operations can reach.
    fn public(&mut self, drafts: &[NodeBuilder], roots: Roots) -> Vec<bool> {
        let mut public = vec![false; drafts.len()];
        let mut open: Vec<NodeId> = roots.iter().collect();
        while let Some(id) = open.pop() {
            if std::mem::replace(&mut public[id.0 as usize], true) {
                continue;
            }
            for member in &drafts[id.0 as usize].members {
                if let MemberBuilder::Link(link) = member
                    && !link.names.hidden
                {
                    open.extend(self.find(drafts, &link.target));
                }
            }
            if let SourceDraft::OneOf(one) = &drafts[id.0 as usize].source {
                let others = one.nodes.iter().chain(one.implements);
                open.extend(others.filter_map(|&def| self.find(drafts, &TargetName::Def(def))));
            }
        }
        public
    }

    fn find(&self, drafts: &[NodeBuilder], target: &TargetName) -> Option<NodeId> {
        match target {
            TargetName::Def(def) => self.by_def.get(&(std::ptr::from_ref(def()) as usize)).copied(),
            TargetName::Name(name) => drafts.iter().position(|draft| draft.name == *name).map(|at| NodeId(at as u32)),
        }
    }

    /// The node with its fields; links come when all nodes have their fields.
    fn fields(&mut self, draft: &NodeBuilder) -> Node {
        let mut node = Node {
            name: draft.name.clone(),
            description: draft.description.clone(),
            members: Vec::with_capacity(draft.members.len()),
            key: Vec::new(),
            stored: Vec::new(),
            source: Source::None,
            public: false,
            one_of: Vec::new(),
            by_public: FxHashMap::default(),
            by_rust: FxHashMap::default(),
        };
        for (at, member) in draft.members.iter().enumerate() {
            let names = match member {
                MemberBuilder::Field(field) => &field.names,
                MemberBuilder::Link(link) => &link.names,
            };
            let id = MemberId(at as u32);
            if node.by_rust.insert(names.rust.clone(), id).is_some() {
                self.problem(format!("`{}` has two members named `{}`", draft.name, names.rust));
            }
            if !names.hidden && node.by_public.insert(names.public.clone(), id).is_some() {
                self.problem(format!("`{}` has two members that are `{}` in the schema", draft.name, names.public));
            }
            if let MemberBuilder::Field(FieldBuilder { value: ValueDraft::Column(_) | ValueDraft::Sql(_), .. }) = member
            {
                node.stored.push(id);
            }
        }
        for key in &draft.key {
            match node.by_rust.get(key) {
                Some(id) if node.stored.contains(id) => node.key.push(*id),
                Some(_) => self.problem(format!("the key `{}.{key}` is not a stored field", draft.name)),
                None => self.problem(format!("the key `{}.{key}` is not a field", draft.name)),
            }
        }
        node
    }

    fn resolve(&mut self, nodes: &mut [Node], drafts: &[NodeBuilder], id: NodeId, draft: &NodeBuilder, roots: Roots) {
        let at = id.0 as usize;
        let mut members = Vec::with_capacity(draft.members.len());
        for member in &draft.members {
            match member {
                MemberBuilder::Field(field) => {
                    members.push(Some(Member::Field(self.field(&nodes[at], field))));
                }
                MemberBuilder::Link(link) => {
                    let link = self.link(nodes, drafts, id, link, roots);
                    members.push(link.map(Member::Link));
                }
            }
        }
        let source = self.source(&nodes[at], drafts, draft);
        // A link that did not resolve left a problem behind, and a graph with problems is never used.
        nodes[at].members = members.into_iter().flatten().collect();
        nodes[at].source = source;
    }

    fn field(&mut self, node: &Node, draft: &FieldBuilder) -> Field {
        let path = format!("{}.{}", node.name, draft.names.rust);
        Field {
            names: names(&draft.names),
            ty: draft.ty,
            args: self.args(&path, &draft.args),
            value: match &draft.value {
                ValueDraft::Column(name) => FieldSource::Column(name.clone()),
                ValueDraft::Sql(sql) => FieldSource::Sql(sql.clone()),
                ValueDraft::Loader(loader) => FieldSource::Loader(self.loader(node, &path, loader).into()),
                ValueDraft::Declared => FieldSource::Declared,
            },
            transaction: draft.transaction,
        }
    }

    fn args(&mut self, path: &str, drafts: &[ArgBuilder]) -> Vec<Arg> {
        let mut args: Vec<Arg> = Vec::with_capacity(drafts.len() + 2);
        for draft in drafts {
            if args.iter().any(|arg| arg.name == draft.name) {
                self.problem(format!("`{path}` has two arguments named `{}`", draft.name));
            }
            if draft.default.as_ref().is_some_and(serde_json::Value::is_null) && !draft.ty.is_nullable() {
                self.problem(format!("the argument `{}` of `{path}` is never null, but its default is", draft.name));
            }
            args.push(Arg {
                name: draft.name.clone(),
                description: draft.description.clone(),
                deprecated: draft.deprecated.clone(),
                ty: draft.ty,
                default: draft.default.clone(),
                checks: draft.checks,
            });
        }
        args
    }

    fn loader(&mut self, node: &Node, path: &str, draft: &LoaderDraft) -> Loader {
        let mut requires = Vec::with_capacity(draft.requires.len());
        for (field, _) in &draft.requires {
            match node.by_rust.get(field) {
                Some(&id) => requires.push(id),
                None => self.problem(format!("`{path}` requires `{field}`, which is not a field of `{}`", node.name)),
            }
        }
        let expects = draft.requires.iter().map(|(_, ty)| *ty).collect();
        Loader { name: draft.name.clone(), requires, expects, data: draft.data.clone(), run: draft.run.clone() }
    }

    fn source(&mut self, node: &Node, drafts: &[NodeBuilder], draft: &NodeBuilder) -> Source {
        let ids = |defs: &[fn() -> &'static NodeDef]| {
            defs.iter().filter_map(|&def| self.find(drafts, &TargetName::Def(def))).collect()
        };
        match &draft.source {
            SourceDraft::None => Source::None,
            SourceDraft::OneOf(one) => Source::OneOf(OneOf {
                interface: one.interface,
                implements: ids(one.implements),
                nodes: ids(one.nodes),
            }),
            SourceDraft::Memory(memory) => Source::Memory(*memory),
            SourceDraft::Load(loader) => Source::Load(self.loader(node, &loader.name, loader).into()),
            SourceDraft::Table(table) => Source::Table(Table {
                schema: table.schema.clone(),
                name: table.name.clone(),
                view: table.view.clone(),
                filter: table.filter.clone(),
                scope: table.scope,
                order: self.order(node, &node.name, &table.order),
                db: table.db,
            }),
        }
    }

    /// An order over stored fields of `node`, with its key at the end so that it is total.
    fn order(&mut self, node: &Node, path: &str, draft: &[(String, bool)]) -> Vec<(MemberId, bool)> {
        let mut order = Vec::with_capacity(draft.len() + node.key.len());
        for (field, descending) in draft {
            match node.by_rust.get(field) {
                Some(id) if node.stored.contains(id) => order.push((*id, *descending)),
                _ => self
                    .problem(format!("`{path}` orders by `{field}`, which is not a stored field of `{}`", node.name)),
            }
        }
        for &key in &node.key {
            if !order.iter().any(|&(field, _)| field == key) {
                order.push((key, false));
            }
        }
        order
    }

    fn link(
        &mut self,
        nodes: &[Node],
        drafts: &[NodeBuilder],
        id: NodeId,
        draft: &LinkBuilder,
        roots: Roots,
    ) -> Option<Link> {
        let node = &nodes[id.0 as usize];
        let path = format!("{}.{}", node.name, draft.names.rust);
        let Some(target_id) = self.find(drafts, &draft.target) else {
            self.problem(format!("`{path}` links to `{:?}`, which is not a node of the graph", draft.target));
            return None;
        };
        if roots.has(target_id) {
            self.problem(format!("`{path}` links to a root"));
        }
        let target = &nodes[target_id.0 as usize];
        let before = self.problems.len();
        let fields = |this: &mut Self, of: &Node, fields: &[String]| -> Vec<MemberId> {
            let mut ids = Vec::with_capacity(fields.len());
            for field in fields {
                match of.by_rust.get(field) {
                    Some(&id) => ids.push(id),
                    None => this.problem(format!("`{path}` names `{field}`, which is not a field of `{}`", of.name)),
                }
            }
            ids
        };
        let mut args = self.args(&path, &draft.args);
        let mut by_sql = true;
        let via = match &draft.via {
            ViaDraft::Unset => {
                self.problem(format!("`{path}` does not say how its targets are found"));
                return None;
            }
            ViaDraft::To(to) => Via::To(fields(self, target, to)),
            ViaDraft::From(from) => Via::From(fields(self, node, from)),
            ViaDraft::Through { join, from, to } => {
                let Some(join_id) = self.find(drafts, join) else {
                    self.problem(format!("`{path}` goes through `{join:?}`, which is not a node of the graph"));
                    return None;
                };
                let join = &nodes[join_id.0 as usize];
                Via::Through { join: join_id, from: fields(self, join, from), to: fields(self, join, to) }
            }
            ViaDraft::Sql(sql) => Via::Sql(sql.as_str().into()),
            ViaDraft::All => Via::All,
            ViaDraft::ByKey => {
                for key in &drafts[target_id.0 as usize].key {
                    if let Some(MemberBuilder::Field(field)) =
                        target.by_rust.get(key).map(|id| &drafts[target_id.0 as usize].members[id.0 as usize])
                    {
                        args.push(Arg {
                            name: field.names.public.clone(),
                            description: None,
                            deprecated: None,
                            ty: field.ty,
                            default: None,
                            checks: &[],
                        });
                    }
                }
                Via::ByKey
            }
            ViaDraft::Declared => {
                by_sql = false;
                Via::Declared
            }
            ViaDraft::Loader(loader) => {
                by_sql = false;
                Via::Loader(self.loader(node, &path, loader).into())
            }
        };
        if !draft.cardinality.is_many() && by_sql && matches!(via, Via::To(_) | Via::Through { .. } | Via::All) {
            self.problem(format!("`{path}` leads to many; write `Many<{}>`", target.name));
        }
        if by_sql && draft.cardinality.is_many() && draft.cardinality.is_nullable() {
            self.problem(format!("`{path}` is never null; write `Many<{}>`", target.name));
        }
        if draft.cardinality.is_many() && matches!(via, Via::From(_) | Via::ByKey) {
            self.problem(format!("`{path}` leads to one; write `One<{0}>` or `Maybe<{0}>`", target.name));
        }
        let paged = by_sql && draft.cardinality.is_many() && !matches!(via, Via::Sql(_));
        let paging = if paged { draft.paging } else { Paging::All };
        if let Paging::Page { default, max } = paging {
            if default > max {
                self.problem(format!("`{path}` pages by {default}, more than its maximum of {max}"));
            }
            args.push(Arg {
                name: "limit".into(),
                description: Some(format!("How many at most; {max} is the most that can be asked for.")),
                deprecated: None,
                ty: &NULLABLE_INT,
                default: Some(default.into()),
                checks: &[],
            });
            args.push(Arg {
                name: "offset".into(),
                description: Some("How many to skip.".into()),
                deprecated: None,
                ty: &NULLABLE_INT,
                default: Some(0.into()),
                checks: &[],
            });
        }
        let table_order = match &drafts[target_id.0 as usize].source {
            SourceDraft::Table(table) if draft.order.is_empty() => table.order.as_slice(),
            _ => draft.order.as_slice(),
        };
        let order = self.order(target, &path, table_order);
        (self.problems.len() == before).then(|| Link {
            names: names(&draft.names),
            target: target_id,
            cardinality: draft.cardinality,
            args,
            via,
            paging,
            order,
            transaction: draft.transaction,
        })
    }
}

fn names(draft: &NamesDraft) -> Names {
    Names {
        rust: draft.rust.clone(),
        public: draft.public.clone(),
        description: draft.description.clone(),
        deprecated: draft.deprecated.clone(),
        hidden: draft.hidden,
    }
}

/// Every definition that a node refers to.
fn targets(node: &NodeBuilder) -> Vec<TargetName> {
    let mut targets = Vec::new();
    for member in &node.members {
        if let MemberBuilder::Link(link) = member {
            targets.push(link.target.clone());
            if let ViaDraft::Through { join, .. } = &link.via {
                targets.push(join.clone());
            }
        }
    }
    if let SourceDraft::OneOf(one) = &node.source {
        targets.extend(one.nodes.iter().chain(one.implements).map(|&def| TargetName::Def(def)));
    }
    targets
}
