//! From a valid document to selection sets: fragments put in place, conditions decided, equal keys merged.
//!
//! CollectFields and MergeSelectionSets of the GraphQL specification, October 2021, 6.3.2 and 6.4.3. What is asked of a union
//! or an interface is collected for each of its nodes, so that a fragment applies or it does not.

use apollo_compiler::ast::{Argument, Value};
use apollo_compiler::executable::{DirectiveList, ExecutableDocument, Field, Selection as Item, SelectionSet as Items};
use apollo_compiler::{Node, Schema};
use rustc_hash::{FxHashMap, FxHashSet};

use super::expand::start;
use super::introspect::Entry;
use super::lines::Lines;
use super::literal::{self, Variables};
use crate::graph::{Arg, Graph, Member, MemberId, NodeId, OneOf, RecordDef, Source, TypeDef};
use crate::query::{Expr, InputType, Parent, Position, Selected, Selection, SelectionSet, SetId, coerce_value};

/// Fields under one response key, in the order of the response.
type Groups<'a> = (Vec<Vec<&'a Node<Field>>>, FxHashMap<&'a str, usize>);

/// What fields under one response key ask for.
type Select<'s, 'a> = dyn Fn(&mut Collector<'a>, &[&'a Node<Field>]) -> Option<Selection> + 's;

/// How many places of one field are kept: an error repeats them.
const MOST_POSITIONS: usize = 100;

/// What selections are collected from.
pub(super) struct Collector<'a> {
    pub(super) graph: &'a Graph,
    pub(super) schema: &'a Schema,
    pub(super) document: &'a ExecutableDocument,
    pub(super) lines: &'a Lines,
    pub(super) variables: &'a Variables<'a>,
    /// The values of the variables that conditions depend on.
    pub(super) conditions: &'a FxHashMap<&'a str, Option<bool>>,
    pub(super) sets: Vec<SelectionSet>,
    /// The fields of introspection, in the order of the response.
    pub(super) introspected: Vec<Entry>,
}

impl<'a> Collector<'a> {
    /// The merged set of what these sets ask of `node`, and the sets below. The recursion is bounded by the limits of reading.
    pub(super) fn collect(&mut self, node: NodeId, sets: &[&'a Items]) -> SetId {
        let graph = self.graph;
        if let Source::OneOf(OneOf { nodes, .. }) = &graph.node(node).source {
            let id = self.set(Parent::Node(node));
            let cases = nodes.iter().map(|&node| self.collect(node, sets)).collect();
            self.sets[id.0 as usize].cases = cases;
            return id;
        }
        self.merged(Parent::Node(node), sets, &|name| graph.is_a(node, name), &|this, fields| {
            this.selection(node, fields)
        })
    }

    fn record(&mut self, def: &'static RecordDef, sets: &[&'a Items]) -> SetId {
        self.merged(Parent::Record(def), sets, &|name| name == def.name, &|this, fields| {
            let field = fields[0];
            if field.name == "__typename" {
                return Some(this.selected(fields, Selected::TypeName, &[]));
            }
            let at = def.fields.iter().position(|known| known.name == field.name.as_str())?;
            let what = this.value(MemberId(at as u32), def.fields[at].ty, fields);
            Some(this.selected(fields, what, &[]))
        })
    }

    fn set(&mut self, of: Parent) -> SetId {
        self.sets.push(SelectionSet { of, selections: Vec::new(), cases: Vec::new(), failed: None });
        SetId(self.sets.len() as u32 - 1)
    }

    fn merged(
        &mut self,
        of: Parent,
        sets: &[&'a Items],
        applies: &dyn Fn(&str) -> bool,
        select: &Select<'_, 'a>,
    ) -> SetId {
        let id = self.set(of);
        match self.grouped(sets, applies) {
            Ok(groups) => {
                let mut selections = Vec::with_capacity(groups.len());
                for fields in groups {
                    selections.extend(select(self, &fields));
                }
                self.sets[id.0 as usize].selections = selections;
            }
            Err(failed) => self.sets[id.0 as usize].failed = Some(failed),
        }
        id
    }

    /// The fields of these sets by response key, in the order of the response. An error says which condition is null.
    pub(super) fn grouped(
        &self,
        sets: &[&'a Items],
        applies: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<Vec<&'a Node<Field>>>, (String, Position)> {
        let mut groups: Groups<'a> = Default::default();
        let mut seen = FxHashSet::default();
        let conditions = self.conditions;
        for set in sets {
            let is_included = |directives| included(directives, conditions);
            gather(self.document, applies, set, &mut seen, &mut groups, &is_included).map_err(|at| {
                let message = "Argument \"if\" of non-null type \"Boolean!\" must not be null.".to_owned();
                (message, self.lines.position(start(at)))
            })?;
        }
        Ok(groups.0)
    }

    fn selection(&mut self, node: NodeId, fields: &[&'a Node<Field>]) -> Option<Selection> {
        let (field, graph) = (fields[0], self.graph);
        Some(match field.name.as_str() {
            "__typename" => self.selected(fields, Selected::TypeName, &[]),
            "__schema" | "__type" if node == graph.query() => {
                let entry = Entry::new(self, &graph.node(node).name, fields)?;
                let at = self.introspected.len() as u32;
                self.introspected.push(entry);
                self.selected(fields, Selected::Introspection(at), &[])
            }
            name => {
                let member = graph.node(node).public(name)?;
                let definition = graph.node(node).member(member);
                let what = match definition {
                    Member::Field(of) => self.value(member, of.ty, fields),
                    Member::Link(link) => Selected::Link(member, self.collect(link.target, &below(fields))),
                };
                self.selected(fields, what, definition.args())
            }
        })
    }

    fn value(&mut self, member: MemberId, ty: &TypeDef, fields: &[&'a Node<Field>]) -> Selected {
        match ty.leaf() {
            TypeDef::Record(def) => Selected::Record(member, self.record(def(), &below(fields))),
            _ => Selected::Field(member),
        }
    }

    fn selected(&self, fields: &[&'a Node<Field>], what: Selected, args: &[Arg]) -> Selection {
        let field = fields[0];
        let given = |arg: &Arg| field.arguments.iter().find(|given| given.name == *arg.name);
        let args_at = args.iter().enumerate().filter_map(|(at, arg)| {
            let value = &given(arg)?.value;
            literal::has_variables(value).then(|| (at as u32, self.lines.position(start(value))))
        });
        Selection {
            key: field.response_key().as_str().into(),
            positions: fields.iter().take(MOST_POSITIONS).map(|field| self.lines.position(start(field))).collect(),
            what,
            args: args.iter().map(|arg| self.arg(arg, &field.arguments)).collect(),
            args_at: args_at.collect::<Vec<(u32, Position)>>(),
        }
    }

    fn arg(&self, arg: &Arg, given: &[Node<Argument>]) -> Expr {
        let ty = InputType::of(arg.ty);
        // It is of its type: `Schema::new` has judged it.
        let default = arg.default.as_ref().and_then(|default| coerce_value(&ty, default).ok());
        match given.iter().find(|given| given.name == *arg.name) {
            None => default.map_or(Expr::Absent, Expr::Const),
            Some(given) => literal::argument(&given.value, &ty, default, self.variables),
        }
    }
}

pub(super) fn below<'a>(fields: &[&'a Node<Field>]) -> Vec<&'a Items> {
    fields.iter().map(|field| &field.selection_set).collect()
}

/// Fails where a condition is null: at its value.
fn gather<'a>(
    document: &'a ExecutableDocument,
    applies: &dyn Fn(&str) -> bool,
    set: &'a Items,
    seen: &mut FxHashSet<&'a str>,
    groups: &mut Groups<'a>,
    is_included: &dyn Fn(&'a DirectiveList) -> Result<bool, &'a Node<Value>>,
) -> Result<(), &'a Node<Value>> {
    for item in &set.selections {
        // What was spread before is passed over, whatever its conditions are.
        if matches!(item, Item::FragmentSpread(spread) if seen.contains(spread.fragment_name.as_str())) {
            continue;
        }
        if !is_included(item.directives())? {
            continue;
        }
        let inner = match item {
            Item::Field(field) => {
                let (fields, at) = &mut *groups;
                let group = *at.entry(field.response_key().as_str()).or_insert_with(|| {
                    fields.push(Vec::new());
                    fields.len() - 1
                });
                fields[group].push(field);
                continue;
            }
            Item::InlineFragment(inline) => {
                if inline.type_condition.as_ref().is_some_and(|condition| !applies(condition)) {
                    continue;
                }
                &inline.selection_set
            }
            Item::FragmentSpread(spread) => match document.fragments.get(&spread.fragment_name) {
                Some(fragment) if seen.insert(&spread.fragment_name) && applies(fragment.type_condition()) => {
                    &fragment.selection_set
                }
                _ => continue,
            },
        };
        gather(document, applies, inner, seen, groups, is_included)?;
    }
    Ok(())
}

/// Whether `@skip` and `@include` leave a selection in; section 3.13.1. An error is a condition that is null.
fn included<'a>(
    directives: &'a DirectiveList,
    conditions: &FxHashMap<&str, Option<bool>>,
) -> Result<bool, &'a Node<Value>> {
    let holds = |name: &str| {
        let Some(condition) = directives.get(name).and_then(|it| it.specified_argument_by_name("if")) else {
            return Ok(None);
        };
        match &**condition {
            Value::Boolean(value) => Ok(Some(*value)),
            Value::Variable(name) => match conditions.get(name.as_str()) {
                Some(Some(value)) => Ok(Some(*value)),
                _ => Err(condition),
            },
            _ => Ok(None),
        }
    };
    Ok(!holds("skip")?.unwrap_or(false) && holds("include")?.unwrap_or(true))
}

/// The variables that conditions depend on, in the order in which they stand in the operation and the fragments it spreads.
pub(super) fn conditions<'a>(document: &'a ExecutableDocument, set: &'a Items) -> Vec<&'a str> {
    fn walk<'a>(
        document: &'a ExecutableDocument,
        set: &'a Items,
        seen: &mut FxHashSet<&'a str>,
        found: &mut Vec<&'a str>,
    ) {
        for item in &set.selections {
            for name in ["skip", "include"] {
                let condition = item.directives().get(name).and_then(|it| it.specified_argument_by_name("if"));
                if let Some(Value::Variable(variable)) = condition.map(|value| &**value)
                    && !found.contains(&variable.as_str())
                {
                    found.push(variable);
                }
            }
            match item {
                Item::Field(field) => walk(document, &field.selection_set, seen, found),
                Item::InlineFragment(inline) => walk(document, &inline.selection_set, seen, found),
                Item::FragmentSpread(spread) => {
                    if seen.insert(&spread.fragment_name)
                        && let Some(fragment) = document.fragments.get(&spread.fragment_name)
                    {
                        walk(document, &fragment.selection_set, seen, found);
                    }
                }
            }
        }
    }
    let mut found = Vec::new();
    walk(document, set, &mut FxHashSet::default(), &mut found);
    found
}
