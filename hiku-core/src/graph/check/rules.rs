//! The rules, over nodes whose references are resolved: each is one function, and says all that is wrong.

use rustc_hash::FxHashMap;

use super::super::checked::{
    Field, FieldSource, Link, Loader, Member, MemberId, Node, NodeId, OneOf, Roots, Source, Types, Via,
};
use super::super::def::Cardinality;
use super::super::types::{Check, InputDef, TypeDef, regex};
use super::Checker;

impl Checker {
    /// What a reference leads to is of the right kind.
    pub(super) fn references(&mut self, nodes: &[Node], id: NodeId, roots: Roots) {
        let node = &nodes[id.0 as usize];
        if let Source::OneOf(one) = &node.source {
            return self.one_of(nodes, node, one);
        }
        if !roots.has(id) && node.key.is_empty() {
            self.problem(format!("`{}` has no key; mark a field with `#[key]`", node.name));
        }
        for &key in &node.key {
            let field = node.field(key);
            if field.ty.is_nullable() {
                self.problem(format!("the key `{}.{}` can be null", node.name, field.names.rust));
            }
        }
        if matches!(node.source, Source::Load(_) | Source::Memory(_) | Source::None) {
            for &stored in &node.stored {
                if let FieldSource::Sql(_) = node.field(stored).value {
                    let name = &node.field(stored).names.rust;
                    self.problem(format!("`{}.{name}` is an SQL expression, but `{0}` has no table", node.name));
                }
            }
        }
        if let Source::Load(loader) = &node.source {
            if loader.requires != node.key {
                self.problem(format!(
                    "`{}` is not given exactly the key of `{}`, in its order",
                    loader.name, node.name
                ));
            }
            self.requires(node, loader);
        }
        for member in &node.members {
            if member.transaction().is_some() && roots.mutation != Some(id) {
                self.problem(format!(
                    "`{}.{}` says `transaction`, which only members of the root of mutations can",
                    node.name,
                    member.names().rust
                ));
            }
            match member {
                Member::Field(Field { value: FieldSource::Loader(loader), .. }) => self.requires(node, loader),
                Member::Field(_) => {}
                Member::Link(link) => self.link_rules(nodes, id, link, roots),
            }
        }
        if roots.has(id) && !node.stored.is_empty() {
            let name = &node.field(node.stored[0]).names.rust;
            self.problem(format!("`{}.{name}` is a stored field, but a root has no rows", node.name));
        }
    }

    /// What a loader requires is fields.
    fn requires(&mut self, node: &Node, loader: &Loader) {
        for (&required, expected) in loader.requires.iter().zip(&loader.expects) {
            match node.member(required) {
                Member::Field(field) if expected.is_some_and(|expected| !expected.stored_like(field.ty)) => {
                    self.problem(format!(
                        "`{}` expects `{}` to be {}, but it is {}",
                        loader.name,
                        field.names.rust,
                        expected.map_or_else(String::new, |expected| expected.stored()),
                        field.ty.stored()
                    ));
                }
                Member::Link(link) => {
                    self.problem(format!("`{}` requires `{}`, which is a link", loader.name, link.names.rust));
                }
                Member::Field(field) if field.args.iter().any(|arg| arg.default.is_none() && !arg.ty.is_nullable()) => {
                    self.problem(format!(
                        "`{}` requires `{}`, which has an argument that must be given",
                        loader.name, field.names.rust
                    ));
                }
                Member::Field(_) => {}
            }
        }
    }

    fn link_rules(&mut self, nodes: &[Node], id: NodeId, link: &Link, roots: Roots) {
        let node = &nodes[id.0 as usize];
        let target = &nodes[link.target.0 as usize];
        let path = format!("{}.{}", node.name, link.names.rust);
        if let (Source::OneOf(_), false) = (&target.source, matches!(link.via, Via::Loader(_))) {
            return self.problem(format!(
                "`{path}` leads to `{}`, which is one of several nodes: only a function can say which; write `#[link]` above one",
                target.name
            ));
        }
        match &link.via {
            Via::To(fields) => {
                self.same_key(&path, target, fields, node);
                self.has_rows(&path, target);
            }
            Via::From(fields) => {
                self.same_key(&path, node, fields, target);
                self.loadable(&path, target);
                let nullable = fields.iter().any(|&field| is_nullable(node, field));
                if nullable && link.cardinality == Cardinality::One {
                    self.problem(format!("`{path}` can be null; write `Maybe<{}>`", target.name));
                }
            }
            Via::Through { join, from, to } => {
                let join = &nodes[join.0 as usize];
                self.same_key(&path, join, from, node);
                self.same_key(&path, join, to, target);
                self.has_rows(&path, join);
                self.loadable(&path, target);
                if std::mem::discriminant(&join.source) != std::mem::discriminant(&target.source) {
                    self.problem(format!("`{path}` goes through `{}`, which is of another kind of source", join.name));
                }
                if let (Source::Table(a), Source::Table(b)) = (&join.source, &target.source)
                    && (a.db.data.id)() != (b.db.data.id)()
                {
                    self.problem(format!("`{path}` goes through `{}`, which is in another database", join.name));
                }
            }
            Via::Sql(sql) => {
                if !sql.contains("{keys}") {
                    self.problem(format!("the statement of `{path}` has no `{{keys}}`"));
                }
                if node.key.len() != 1 || target.key.len() != 1 {
                    self.problem(format!("`{path}` is a link by SQL between keys of several parts"));
                }
                if !matches!(target.source, Source::Table(_)) {
                    self.problem(format!("`{path}` is a link by SQL to `{}`, which has no table", target.name));
                }
            }
            Via::All => {
                self.root_only(&path, id, roots);
                self.has_rows(&path, target);
            }
            Via::ByKey => {
                self.root_only(&path, id, roots);
                self.loadable(&path, target);
            }
            Via::Loader(loader) => self.requires(node, loader),
            Via::Declared => {}
        }
        let needs_parent = matches!(link.via, Via::To(_) | Via::From(_) | Via::Through { .. } | Via::Sql(_));
        if needs_parent && roots.has(id) {
            self.problem(format!("`{path}` needs a parent, but a root has no rows; write `all` or `by_key`"));
        }
    }

    /// Every node has the fields of its interface.
    fn one_of(&mut self, nodes: &[Node], node: &Node, one: &OneOf) {
        for &id in &one.nodes {
            let of = &nodes[id.0 as usize];
            if matches!(of.source, Source::OneOf(_)) || of.key.is_empty() {
                self.problem(format!("`{}` names `{}`, which is no node with a key", node.name, of.name));
                continue;
            }
            for &parent in &one.implements {
                let parent = &nodes[parent.0 as usize];
                if !matches!(&parent.source, Source::OneOf(parent) if parent.nodes.contains(&id)) {
                    self.problem(format!(
                        "`{}` implements `{}`, which does not name `{}`; add it there",
                        node.name, parent.name, of.name
                    ));
                }
            }
            self.conforms(nodes, of, node);
        }
        for &parent in &one.implements {
            match &nodes[parent.0 as usize].source {
                Source::OneOf(OneOf { interface: true, .. }) => self.conforms(nodes, node, &nodes[parent.0 as usize]),
                _ => self.problem(format!(
                    "`{}` implements `{}`, which is not an interface",
                    node.name, nodes[parent.0 as usize].name
                )),
            }
        }
    }

    /// `of` has the fields of the interface: GraphQL specification, October 2021, IsValidImplementation (3.6).
    fn conforms(&mut self, nodes: &[Node], of: &Node, interface: &Node) {
        let shown = |member: &Member| match member {
            Member::Field(field) => field.ty.to_string(),
            Member::Link(link) => link.cardinality.of(&nodes[link.target.0 as usize].name),
        };
        for wanted in interface.members.iter().filter(|member| !member.names().hidden) {
            let name = &wanted.names().public;
            let Some(found) = of.public(name).map(|id| of.member(id)) else {
                self.problem(format!(
                    "`{}` is a `{}`, but has no `{name}: {}`; add it",
                    of.name,
                    interface.name,
                    shown(wanted)
                ));
                continue;
            };
            if !conforms(nodes, found, wanted) {
                self.problem(format!(
                    "`{}.{name}` is {}, but the interface `{}` says {}",
                    of.name,
                    shown(found),
                    interface.name,
                    shown(wanted)
                ));
            }
            for arg in wanted.args() {
                if !found
                    .args()
                    .iter()
                    .any(|other| other.name == arg.name && other.ty.to_string() == arg.ty.to_string())
                {
                    self.problem(format!(
                        "`{}.{name}` lacks the argument `{}: {}` of the interface `{}`",
                        of.name, arg.name, arg.ty, interface.name
                    ));
                }
            }
            for arg in found.args() {
                let more = !wanted.args().iter().any(|other| other.name == arg.name);
                if more && arg.default.is_none() && !arg.ty.is_nullable() {
                    self.problem(format!(
                        "`{}.{name}` requires the argument `{}`, which the interface `{}` does not have",
                        of.name, arg.name, interface.name
                    ));
                }
            }
        }
    }

    fn root_only(&mut self, path: &str, id: NodeId, roots: Roots) {
        if !roots.has(id) {
            self.problem(format!("`{path}` says `all` or `by_key`, which only links of a root can"));
        }
    }

    /// The rows of the node can be searched.
    fn has_rows(&mut self, path: &str, node: &Node) {
        if !matches!(node.source, Source::Table(_) | Source::Memory(_)) {
            self.problem(format!(
                "`{path}` searches the rows of `{}`, which has neither a table nor `memory`",
                node.name
            ));
        }
    }

    /// Nodes can be loaded by key.
    fn loadable(&mut self, path: &str, node: &Node) {
        if matches!(node.source, Source::None) {
            self.problem(format!(
                "`{path}` leads to `{}` by key, which has no source; give it `table = ..`, `memory`, or a `#[load]` function",
                node.name
            ));
        }
    }

    /// `fields` of `holder` are stored and of the types of the key of `of`.
    fn same_key(&mut self, path: &str, holder: &Node, fields: &[MemberId], of: &Node) {
        if fields.len() != of.key.len() {
            return self.problem(format!(
                "`{path}` names {} fields, but the key of `{}` has {}",
                fields.len(),
                of.name,
                of.key.len()
            ));
        }
        for (&field, &key) in fields.iter().zip(&of.key) {
            let Member::Field(field) = holder.member(field) else {
                self.problem(format!("`{path}` names `{}`, which is a link", holder.member(field).names().rust));
                continue;
            };
            let key = of.field(key);
            if matches!(field.value, FieldSource::Loader(_)) {
                self.problem(format!("`{path}` names `{}`, which is not stored", field.names.rust));
            }
            if field.ty.kind() != key.ty.kind() {
                self.problem(format!(
                    "`{path}`: `{}.{}` is {:?}, but the key `{}.{}` is {:?}",
                    holder.name,
                    field.names.rust,
                    field.ty.kind(),
                    of.name,
                    key.names.rust,
                    key.ty.kind()
                ));
            }
        }
    }

    /// The types of values that the public schema mentions. Definitions of one scalar can share a name: one says more.
    pub(super) fn types(&mut self, nodes: &[Node]) -> Types {
        let mut types = Types::new();
        let members = |node| (node as &Node).members.iter().map(move |member| (node, member));
        for (node, member) in nodes.iter().filter(|node| node.public).flat_map(members) {
            if member.names().hidden {
                continue;
            }
            if let Member::Field(field) = member {
                self.mention(&mut types, field.ty);
            }
            for arg in member.args() {
                self.mention(&mut types, arg.ty);
                self.patterns(&arg.name, arg.checks);
                let optional = arg.ty.is_nullable() || arg.default.is_some();
                if !optional && arg.deprecated.is_some() {
                    let of = format!("the argument `{}` of `{}.{}`", arg.name, node.name, member.names().rust);
                    self.required(of);
                }
            }
        }
        self.endless(&types);
        types
    }

    /// GraphQL specification 3.10: an input can be given without itself in it.
    fn endless(&mut self, types: &Types) {
        let inputs = types.values().filter_map(|ty| match ty {
            TypeDef::Input(def) => Some(def()),
            _ => None,
        });
        // What has an end, in however many steps.
        let mut open: Vec<_> = inputs.collect();
        loop {
            let before = open.len();
            let ends = |ty: &TypeDef, open: &[&InputDef]| match ty {
                TypeDef::Input(def) => !open.iter().any(|other| std::ptr::eq(*other, def())),
                _ => true,
            };
            let left = open.iter().copied().filter(|def| {
                let mut fields = def.fields.iter();
                !if def.one_of {
                    fields.any(|field| ends(field.ty.non_null(), &open))
                } else {
                    fields.all(|field| ends(field.ty, &open))
                }
            });
            let left: Vec<_> = left.collect();
            open = left;
            if open.len() == before {
                break;
            }
        }
        if !open.is_empty() {
            let mut names: Vec<_> = open.iter().map(|def| format!("`{}`", def.name)).collect();
            names.sort();
            self.problem(format!(
                "no request can give {}, which would hold another one without end; make one of the fields between them an `Option` or a `Vec`",
                names.join(", ")
            ));
        }
    }

    fn mention(&mut self, types: &mut Types, ty: &TypeDef) {
        let ty = *ty.leaf();
        if let Some(known) = types.get_mut(ty.name()) {
            match (&*known, ty) {
                (TypeDef::Scalar(known), TypeDef::Scalar(other))
                    if known.description.is_some() || other.description.is_none() => {}
                (TypeDef::Scalar(_), TypeDef::Scalar(_)) => *known = ty,
                (TypeDef::Enum(known), TypeDef::Enum(other)) if std::ptr::eq(*known, other) => {}
                (TypeDef::Record(known), TypeDef::Record(other)) if std::ptr::eq(known(), other()) => {}
                (TypeDef::Input(known), TypeDef::Input(other)) if std::ptr::eq(known(), other()) => {}
                _ => {
                    let problem = format!("two types are named `{}`", ty.name());
                    if !self.problems.contains(&problem) {
                        self.problem(problem);
                    }
                }
            }
            return;
        }
        types.insert(ty.name(), ty);
        match ty {
            TypeDef::Record(def) => def().fields.iter().for_each(|field| self.mention(types, field.ty)),
            TypeDef::Input(def) => {
                for field in def().fields {
                    self.mention(types, field.ty);
                    self.patterns(field.name, field.checks);
                    let optional = field.ty.is_nullable() || field.default.is_some();
                    if !optional && field.deprecated.is_some() {
                        self.required(format!("`{}.{}`", def().name, field.name));
                    }
                }
            }
            _ => {}
        }
    }

    /// GraphQL specification, 3.13.3: who must give it cannot stop giving it.
    fn required(&mut self, of: String) {
        self.problem(format!(
            "{of} is required, so it cannot be deprecated: give it a default, or make it an `Option`"
        ));
    }

    /// Patterns are regular expressions.
    fn patterns(&mut self, of: &str, checks: &[Check]) {
        for check in checks {
            if let Check::Pattern(pattern) = check
                && regex(pattern).is_none()
            {
                self.problem(format!("the pattern `{pattern}` of `{of}` is not a regular expression"));
            }
        }
    }

    /// Names fit the schema language.
    pub(super) fn names(&mut self, nodes: &[Node], types: &Types) {
        let built_in = |name: &str| matches!(name, "Int" | "Float" | "String" | "Boolean" | "ID");
        let mut seen: FxHashMap<&str, ()> = FxHashMap::default();
        let mut wrong = Vec::new();
        for node in nodes.iter().filter(|node| node.public) {
            if seen.insert(&node.name, ()).is_some() {
                wrong.push(format!("two nodes are named `{}`", node.name));
            }
            if built_in(&node.name) || types.contains_key(node.name.as_str()) {
                wrong.push(format!("the node `{}` has the name of a scalar or another type", node.name));
            }
            if node.by_public.is_empty() && !matches!(node.source, Source::OneOf(OneOf { interface: false, .. })) {
                wrong.push(format!("`{}` has no field in the schema", node.name));
            }
            let members = node.members.iter().filter(|member| !member.names().hidden);
            let names = members.flat_map(|member| {
                std::iter::once(&member.names().public).chain(member.args().iter().map(|arg| &arg.name))
            });
            for name in std::iter::once(&node.name).chain(names) {
                if !is_name(name) {
                    wrong.push(format!("`{name}`, in `{}`, is not a name of GraphQL", node.name));
                }
            }
        }
        self.problems.extend(wrong);
    }

    /// Nothing requires itself, in however many steps.
    pub(super) fn cycles(&mut self, nodes: &[Node]) {
        for node in nodes {
            // 0: not seen, 1: on the way, 2: done.
            let mut state = vec![0u8; node.members.len()];
            for at in 0..node.members.len() {
                if let Some(name) = cycle(node, at, &mut state) {
                    self.problem(format!("`{}.{name}` requires itself", node.name));
                    break;
                }
            }
        }
    }
}

/// The member at `at` or one that it requires, if it requires itself. The depth is bounded by the number of members.
fn cycle(node: &Node, at: usize, state: &mut [u8]) -> Option<String> {
    match std::mem::replace(&mut state[at], 1) {
        1 => return Some(node.members[at].names().rust.clone()),
        2 => {
            state[at] = 2;
            return None;
        }
        _ => {}
    }
    if let Member::Field(Field { value: FieldSource::Loader(loader), .. }) = &node.members[at] {
        for required in &loader.requires {
            if let Some(name) = cycle(node, required.0 as usize, state) {
                return Some(name);
            }
        }
    }
    state[at] = 2;
    None
}

fn is_nullable(node: &Node, field: MemberId) -> bool {
    matches!(node.member(field), Member::Field(field) if field.ty.is_nullable())
}

/// IsValidImplementationFieldType of the specification.
fn conforms(nodes: &[Node], found: &Member, wanted: &Member) -> bool {
    match (found, wanted) {
        (Member::Field(found), Member::Field(wanted)) => subtype(found.ty, wanted.ty),
        (Member::Link(found), Member::Link(wanted)) => {
            let is_a = found.target == wanted.target || nodes[found.target.0 as usize].one_of.contains(&wanted.target);
            is_a && found.cardinality.is_many() == wanted.cardinality.is_many()
                && (wanted.cardinality.is_maybe() || !found.cardinality.is_maybe())
                && (wanted.cardinality.is_nullable() || !found.cardinality.is_nullable())
        }
        _ => false,
    }
}

fn subtype(found: &TypeDef, wanted: &TypeDef) -> bool {
    if found.is_nullable() && !wanted.is_nullable() {
        return false;
    }
    match (found.non_null(), wanted.non_null()) {
        (TypeDef::List(found), TypeDef::List(wanted)) => subtype(found, wanted),
        (TypeDef::List(_), _) | (_, TypeDef::List(_)) => false,
        (found, wanted) => found.name() == wanted.name(),
    }
}

/// A name of the schema language that is not reserved; GraphQL specification, October 2021, 2.1.9 and 3.
fn is_name(name: &str) -> bool {
    let mut chars = name.bytes();
    chars.next().is_some_and(|first| first == b'_' || first.is_ascii_alphabetic())
        && chars.all(|next| next == b'_' || next.is_ascii_alphanumeric())
        && !name.starts_with("__")
}
