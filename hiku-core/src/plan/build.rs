//! From an operation to its plan.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::{
    Args, Fetch, How, Key, Layer, LayerId, LinkWork, LoadFrom, Output, OutputEntry, OutputId, OutputSet, Page, Plan,
    RecordEntry, RecordId, RecordOutput, RecordSet, Slot, SlotId, Step, StepId, Through, Work,
};
use crate::error::Error;
use crate::escape::escape;
use crate::graph::{
    Arg, DbDef, Field, FieldSource, Graph, Link, Loader, Member, MemberId, NodeId, NodeInfo, Paging, Source, Table, Via,
};
use crate::query::{
    Expr, InputType, Operation, Parent, Position, Selected, Selection, SelectionSet, SetId, coerce_value, evaluate,
    is_checked,
};
use crate::sql::{KeyColumn, OrderColumn, Relation, SelectColumn, SelectExpr, Shape, Statement};

/// The plan of an operation. A mutation is a plan for each entry of its response: they run in turn, so they share no step.
pub fn build(graph: &Graph, operation: &Operation) -> Plan {
    let root = &operation.sets[0];
    if graph.mutation() != Some(operation.root()) || root.selections.len() < 2 {
        return part(graph, operation, &root.selections);
    }
    let mut parts = root.selections.chunks(1).map(|entry| part(graph, operation, entry));
    let mut first = parts.next().unwrap_or_else(|| unreachable!("there are at least two"));
    first.then = parts.map(Arc::new).collect();
    first
}

/// The plan of these selections of the root.
fn part(graph: &Graph, operation: &Operation, selections: &[Selection]) -> Plan {
    let (layers, steps, output, records) = Default::default();
    let mut builder = Builder { graph, operation, layers, steps, output, records };
    let root = builder.layer(operation.root());
    builder.output(root, SetId(0), selections);
    builder.finish_layers();
    let mut before = 0;
    for set in &mut builder.output {
        set.before = before;
        before += set.entries.len();
    }
    let Builder { layers, steps, output, records, .. } = builder;
    let introspection = operation.introspection.clone();
    Plan {
        graph: graph.clone(),
        layers,
        steps,
        output,
        records,
        introspection,
        then: Vec::new(),
        transaction: transaction(graph, operation, selections),
        written: AtomicUsize::new(1024),
    }
}

/// The database in whose transaction a mutation runs; it is the only entry of its plan.
fn transaction(graph: &Graph, operation: &Operation, selections: &[Selection]) -> Option<DbDef> {
    let root = graph.mutation().filter(|&root| root == operation.root())?;
    selections.iter().find_map(|selection| match selection.what {
        Selected::Field(member) | Selected::Record(member, _) | Selected::Link(member, _) => {
            graph.node(root).member(member).transaction()
        }
        _ => None,
    })
}

struct Builder<'a> {
    graph: &'a Graph,
    operation: &'a Operation,
    layers: Vec<Layer>,
    steps: Vec<Step>,
    output: Vec<OutputSet>,
    records: Vec<RecordSet>,
}

impl<'a> Builder<'a> {
    fn layer(&mut self, node: NodeId) -> LayerId {
        let (slots, key, steps, cases) = Default::default();
        self.layers.push(Layer { node, slots, key, steps, load: None, cases });
        let id = LayerId(self.layers.len() as u32 - 1);
        if let Source::OneOf(one) = &self.graph.node(node).source {
            let cases = one.nodes.iter().map(|&node| self.layer(node)).collect();
            self.at(id).cases = cases;
        }
        id
    }

    fn at(&mut self, layer: LayerId) -> &mut Layer {
        &mut self.layers[layer.0 as usize]
    }

    fn node(&self, layer: LayerId) -> &'a NodeInfo {
        self.graph.node(self.layers[layer.0 as usize].node)
    }

    fn step(&mut self, layer: LayerId, work: Work) -> StepId {
        let id = StepId(self.steps.len() as u32);
        self.steps.push(Step { layer, waits: 0, next: Vec::new(), work });
        self.at(layer).steps.push(id);
        id
    }

    /// Writes these selections of one set, and makes whatever they need.
    fn output(&mut self, layer: LayerId, set: SetId, selections: &[Selection]) -> OutputId {
        let id = OutputId(self.output.len() as u32);
        let operation = self.operation;
        let SelectionSet { cases: sets, failed, .. } = &operation.sets[set.0 as usize];
        let hides = match &self.node(layer).source {
            Source::Table(table) => table.filter.is_some() || table.scope.is_some() || table.view.is_some(),
            _ => false,
        };
        let (entries, cases) = Default::default();
        let failed = failure(failed.as_ref());
        self.output.push(OutputSet { layer, entries, before: 0, hides, cases, failed });
        let cases = std::iter::zip(self.layers[layer.0 as usize].cases.clone(), sets)
            .map(|(layer, &set)| self.output(layer, set, &operation.sets[set.0 as usize].selections))
            .collect();
        self.output[id.0 as usize].cases = cases;
        let mut entries = Vec::with_capacity(selections.len());
        for selection in selections {
            let what = match selection.what {
                Selected::Field(member) => Output::Value(self.slot(layer, member, selection), None),
                Selected::Record(member, set) => {
                    let slot = self.slot(layer, member, selection);
                    Output::Value(slot, Some(self.record(set)))
                }
                Selected::Link(member, set) => {
                    let below = &operation.sets[set.0 as usize].selections;
                    let (step, child) = self.link(layer, member, selection);
                    let Member::Link(link) = self.node(layer).member(member) else {
                        unreachable!("readers select links as links")
                    };
                    Output::Link { step, cardinality: link.cardinality, set: self.output(child, set, below) }
                }
                Selected::TypeName => Output::TypeName(quoted(&self.node(layer).name)),
                Selected::Introspection(at) => Output::Introspection(at),
            };
            let (name, key) = (selection.key.clone(), Key::new(&selection.key, entries.is_empty()));
            entries.push(OutputEntry { name, key, positions: selection.positions.clone(), what });
        }
        self.output[id.0 as usize].entries = entries;
        id
    }

    /// Writes one selection set of records.
    fn record(&mut self, set: SetId) -> RecordId {
        let set = &self.operation.sets[set.0 as usize];
        let Parent::Record(def) = set.of else { unreachable!("readers select records as records") };
        let mut entries = Vec::with_capacity(set.selections.len());
        for selection in &set.selections {
            let what = match selection.what {
                Selected::Field(member) => RecordOutput::Value(member.0, None),
                Selected::Record(member, set) => RecordOutput::Value(member.0, Some(self.record(set))),
                Selected::TypeName => RecordOutput::TypeName(quoted(def.name)),
                Selected::Link(..) | Selected::Introspection(_) => unreachable!("records have no links"),
            };
            let (name, key) = (selection.key.clone(), Key::new(&selection.key, entries.is_empty()));
            entries.push(RecordEntry { name, key, positions: selection.positions.clone(), what });
        }
        self.records.push(RecordSet { def, entries, failed: failure(set.failed.as_ref()) });
        RecordId(self.records.len() as u32 - 1)
    }

    /// The column of a field that is selected, made if it is not there yet.
    fn slot(&mut self, layer: LayerId, member: MemberId, selection: &Selection) -> SlotId {
        self.column(layer, member, &selection.args, &selection.args_at)
    }

    fn column(&mut self, layer: LayerId, member: MemberId, values: &[Expr], places: &[(u32, Position)]) -> SlotId {
        let known = self.at(layer).slots.iter().position(|slot| slot.member == member && slot.args == values);
        if let Some(known) = known {
            return SlotId(known as u32);
        }
        let node = self.node(layer);
        let field = node.field(member);
        let id = SlotId(self.at(layer).slots.len() as u32);
        let stored = node.stored_at(member).map(|at| at as u32);
        self.at(layer).slots.push(Slot { member, ty: field.ty, stored, args: values.to_vec() });
        if let FieldSource::Loader(loader) = &field.value {
            let requires = self.requires(layer, loader);
            let args = arguments(&field.args, values, places);
            self.step(layer, Work::Compute { loader: loader.clone(), requires, args, fills: id });
        }
        id
    }

    /// The columns that a loader needs, with the defaults of their arguments.
    fn requires(&mut self, layer: LayerId, loader: &Loader) -> Vec<SlotId> {
        loader.requires.iter().map(|&member| self.needed(layer, member)).collect()
    }

    fn needed(&mut self, layer: LayerId, member: MemberId) -> SlotId {
        let args = defaults(&self.node(layer).field(member).args);
        self.column(layer, member, &args, &[])
    }

    fn key(&mut self, layer: LayerId) -> Vec<SlotId> {
        let key: Vec<SlotId> = self.node(layer).key.iter().map(|&member| self.needed(layer, member)).collect();
        self.at(layer).key.clone_from(&key);
        key
    }

    /// The step of a link and the layer that it leads to, made if they are not there yet.
    fn link(&mut self, layer: LayerId, member: MemberId, selection: &Selection) -> (StepId, LayerId) {
        for &id in &self.layers[layer.0 as usize].steps {
            if let Work::Link(link) = &self.steps[id.0 as usize].work
                && link.member == member
                && link.args.values == selection.args
            {
                return (id, link.child);
            }
        }
        let node = self.node(layer);
        let Member::Link(link) = node.member(member) else { unreachable!("readers select links as links") };
        let child = self.layer(link.target);
        let requires = match &link.via {
            Via::To(_) | Via::Through { .. } | Via::Sql(_) => self.key(layer),
            Via::From(fields) => fields.iter().map(|&field| self.needed(layer, field)).collect(),
            Via::All | Via::ByKey | Via::Declared => Vec::new(),
            Via::Loader(loader) => self.requires(layer, loader),
        };
        let page = match link.paging {
            Paging::All => None,
            Paging::Page { default, max } => Some(Page { limit_at: link.args.len() - 2, default, max }),
        };
        let how = self.how(node, link, child, page.is_some());
        let args = arguments(&link.args, &selection.args, &selection.args_at);
        let work = LinkWork { member, cardinality: link.cardinality, child, requires, args, page, how };
        (self.step(layer, Work::Link(work)), child)
    }

    /// How the targets are found. Statements that bring the columns of the target are completed when all of these are
    /// known, in [`finish_layers`](Self::finish_layers).
    fn how(&mut self, node: &NodeInfo, link: &Link, child: LayerId, paged: bool) -> How {
        let target = self.graph.node(link.target);
        let by_key = |builder: &mut Self, how| {
            let cases = builder.layers[child.0 as usize].cases.clone();
            for layer in if cases.is_empty() { vec![child] } else { cases } {
                builder.key(layer);
                builder.load(layer);
            }
            how
        };
        match (&link.via, &target.source) {
            (Via::All, Source::Table(table)) => {
                let statement = statement(target, table, Shape::All { paged }, &link.order);
                How::All(fetch(target, table, statement))
            }
            (Via::To(fields), Source::Table(table)) => {
                let columns = fields.iter().map(|&field| key_column(target, field)).collect();
                let statement = statement(target, table, Shape::Children { columns, paged }, &link.order);
                How::Children(fetch(target, table, statement))
            }
            (Via::All, Source::Memory(rows)) => {
                How::Memory { rows: *rows, by: Vec::new(), order: stored_order(target, &link.order) }
            }
            (Via::To(fields), Source::Memory(rows)) => {
                How::Memory { rows: *rows, by: stored(target, fields), order: stored_order(target, &link.order) }
            }
            (Via::Through { join, from, to }, source) => {
                let join = self.graph.node(*join);
                match (&join.source, source) {
                    (Source::Table(through), Source::Table(table)) => {
                        let shape = Shape::Pairs {
                            join: relation(join, through),
                            from: from.iter().map(|&field| key_column(join, field)).collect(),
                            to: to.iter().map(|&field| key_column(join, field)).collect(),
                            target_key: target.key.iter().map(|&key| column_name(target.field(key)).into()).collect(),
                            paged,
                        };
                        let mut pairs = fetch(target, table, statement(target, table, shape, &link.order));
                        pairs.join_scope = through.scope;
                        pairs.name = format!("{} through {}", target.name, join.name).into();
                        by_key(self, How::Pairs(pairs))
                    }
                    (Source::Memory(through), Source::Memory(rows)) => How::MemoryThrough(Box::new(Through {
                        join: *through,
                        from: stored(join, from),
                        to: stored(join, to),
                        target: *rows,
                        key: stored(target, &target.key),
                        order: stored_order(target, &link.order),
                    })),
                    _ => unreachable!("the graph refuses a join of another kind of source"),
                }
            }
            (Via::Sql(sql), Source::Table(table)) => {
                let shape = Shape::Static {
                    text: sql.clone(),
                    key: key_column(node, node.key[0]),
                    target: key_column(target, target.key[0]),
                };
                let mut pairs = fetch(target, table, statement(target, table, shape, &[]));
                pairs.name = format!("{}.{}", node.name, link.names.rust).into();
                by_key(self, How::Pairs(pairs))
            }
            (Via::From(_), _) => by_key(self, How::Key),
            (Via::ByKey, _) => by_key(self, How::ByKey),
            (Via::Loader(loader), _) => by_key(self, How::Loader(loader.clone())),
            (Via::Declared, _) => unreachable!("no row is of an interface alone"),
            (Via::All | Via::To(_) | Via::Sql(_), _) => unreachable!("the graph refuses to search what has no rows"),
        }
    }

    /// The step that loads the rows of a layer by key, without which nobody knows whether they exist.
    fn load(&mut self, layer: LayerId) {
        let target = self.node(layer);
        let from = match &target.source {
            Source::None | Source::OneOf(_) => return,
            Source::Memory(rows) => LoadFrom::Memory { rows: *rows, by: stored(target, &target.key) },
            Source::Load(loader) => LoadFrom::Loader(loader.clone()),
            Source::Table(table) => {
                let columns = target.key.iter().map(|&key| key_column(target, key)).collect();
                LoadFrom::Table(fetch(target, table, statement(target, table, Shape::Keys { columns }, &[])))
            }
        };
        let step = self.step(layer, Work::Load { from, fills: Vec::new() });
        self.at(layer).load = Some(step);
    }

    /// All needs are known: complete the statements, and say which step waits for which.
    fn finish_layers(&mut self) {
        for at in 0..self.layers.len() {
            let layer = LayerId(at as u32);
            let node = self.node(layer);
            // Stored columns that a load by key brings; the key itself is there already.
            let by_load: Vec<SlotId> = (0..self.layers[at].slots.len() as u32)
                .map(SlotId)
                .filter(|slot| self.layers[at].slots[slot.0 as usize].stored.is_some())
                .filter(|slot| !self.layers[at].key.contains(slot))
                .collect();
            let load = self.layers[at].load;
            for id in self.layers[at].steps.clone() {
                let work = &mut self.steps[id.0 as usize].work;
                if let Work::Load { from, fills } = work {
                    if let LoadFrom::Table(fetch) = from {
                        let columns = by_load.iter().map(|slot| &self.layers[at].slots[slot.0 as usize]);
                        select(fetch, columns.map(|slot| select_column(node.field(slot.member))));
                    }
                    fills.clone_from(&by_load);
                    continue;
                }
                let waits_for = self.waits_for(layer, id, load);
                self.steps[id.0 as usize].waits = waits_for.len() as u32;
                for before in waits_for {
                    self.steps[before.0 as usize].next.push(id);
                }
                self.complete_fused(id);
            }
        }
    }

    /// The steps whose columns this step needs, or that decide which rows exist.
    fn waits_for(&self, layer: LayerId, id: StepId, load: Option<StepId>) -> Vec<StepId> {
        let layer = &self.layers[layer.0 as usize];
        let requires = match &self.steps[id.0 as usize].work {
            Work::Compute { requires, .. } => requires,
            Work::Link(link) => &link.requires,
            Work::Load { .. } => return Vec::new(),
        };
        let mut before: Vec<StepId> = load.into_iter().collect();
        for slot in requires {
            let filled =
                layer.steps.iter().copied().find(
                    |step| matches!(&self.steps[step.0 as usize].work, Work::Compute { fills, .. } if fills == slot),
                );
            before.extend(filled.filter(|step| !before.contains(step)));
        }
        before
    }

    /// The statement of a link that brings the columns of its targets selects what their layer needs, each column once.
    fn complete_fused(&mut self, id: StepId) {
        let step = &self.steps[id.0 as usize];
        let Work::Link(LinkWork { how: How::All(_) | How::Children(_), child, .. }) = &step.work else { return };
        let child = *child;
        if self.layers[child.0 as usize].slots.iter().all(|slot| slot.stored.is_none()) {
            // Nothing is asked of the rows; something has to be selected to know how many there are.
            self.key(child);
        }
        let step = &self.steps[id.0 as usize];
        let Work::Link(LinkWork { member, .. }) = &step.work else { return };
        let by = match self.node(step.layer).member(*member) {
            Member::Link(Link { via: Via::To(fields), .. }) => fields.as_slice(),
            _ => &[],
        };
        let child = &self.layers[child.0 as usize];
        let slot_of = |member: &MemberId| child.slots.iter().position(|slot| slot.member == *member);
        let lead: Vec<Option<SlotId>> = by.iter().map(|field| slot_of(field).map(|at| SlotId(at as u32))).collect();
        let fills: Vec<SlotId> = (0..child.slots.len() as u32)
            .map(SlotId)
            .filter(|slot| child.slots[slot.0 as usize].stored.is_some() && !lead.contains(&Some(*slot)))
            .collect();
        let node = self.graph.node(child.node);
        let columns: Vec<SelectColumn> =
            fills.iter().map(|slot| select_column(node.field(child.slots[slot.0 as usize].member))).collect();
        let Work::Link(link) = &mut self.steps[id.0 as usize].work else { return };
        if let How::All(fetch) | How::Children(fetch) = &mut link.how {
            select(fetch, columns.into_iter());
            (fetch.lead, fetch.fills) = (lead, fills);
        }
    }
}

/// The defaults of arguments. They are of their types: the reader's schema has judged them.
fn defaults(args: &[Arg]) -> Vec<Expr> {
    let default = |arg: &Arg| coerce_value(&InputType::of(arg.ty), arg.default.as_ref()?).ok();
    args.iter().map(|arg| default(arg).map_or(Expr::Absent, Expr::Const)).collect()
}

fn arguments(defs: &[Arg], values: &[Expr], places: &[(u32, Position)]) -> Args {
    let constant = values.iter().all(|value| matches!(value, Expr::Const(_) | Expr::Absent));
    let judged = !constant || defs.iter().any(|arg| is_checked(arg.checks, arg.ty));
    let constant = constant.then(|| values.iter().map(|value| evaluate(value, &[])).collect());
    Args { values: values.to_vec(), constant, places: places.to_vec(), judged }
}

fn failure(failed: Option<&(String, Position)>) -> Option<Error> {
    failed.map(|(message, at)| Error::new(message.as_str()).code("BAD_USER_INPUT").at(at.line, at.column))
}

fn quoted(name: &str) -> Box<[u8]> {
    let mut out = Vec::new();
    escape(&mut out, name);
    out.into()
}

fn stored(node: &NodeInfo, fields: &[MemberId]) -> Vec<usize> {
    fields.iter().filter_map(|&field| node.stored_at(field)).collect()
}

fn stored_order(node: &NodeInfo, order: &[(MemberId, bool)]) -> Vec<(usize, bool)> {
    order.iter().filter_map(|&(field, descending)| Some((node.stored_at(field)?, descending))).collect()
}

fn fetch(node: &NodeInfo, table: &Table, statement: Statement) -> Fetch {
    Fetch {
        db: table.db,
        statement: Arc::new(statement),
        scope: table.scope,
        join_scope: None,
        name: node.name.as_str().into(),
        lead: Vec::new(),
        fills: Vec::new(),
    }
}

fn statement(node: &NodeInfo, table: &Table, shape: Shape, order: &[(MemberId, bool)]) -> Statement {
    let order = order
        .iter()
        .map(|&(field, descending)| {
            let field = node.field(field);
            OrderColumn { column: column_name(field).into(), descending, nullable: field.ty.is_nullable() }
        })
        .collect();
    Statement::new(relation(node, table), Vec::new(), shape, order)
}

/// Say which columns a statement selects, before it is shared.
fn select(fetch: &mut Fetch, columns: impl Iterator<Item = SelectColumn>) {
    if let Some(statement) = Arc::get_mut(&mut fetch.statement) {
        statement.columns = columns.collect();
    }
}

fn relation(node: &NodeInfo, table: &Table) -> Relation {
    let fields = node.stored.iter().map(|&field| node.field(field));
    Relation {
        schema: table.schema.clone(),
        name: table.name.clone(),
        view: table.view.clone(),
        filter: table.filter.clone(),
        scoped: table.scope.is_some(),
        fields: fields.map(|field| (field.names.rust.clone(), column_name(field).to_owned())).collect(),
    }
}

fn select_column(field: &Field) -> SelectColumn {
    let expr = match &field.value {
        FieldSource::Column(name) => SelectExpr::Column(name.clone()),
        FieldSource::Sql(sql) => SelectExpr::Sql(sql.clone()),
        FieldSource::Loader(_) | FieldSource::Declared => unreachable!("only stored fields are selected"),
    };
    SelectColumn { expr, ty: field.ty }
}

fn key_column(node: &NodeInfo, field: MemberId) -> KeyColumn {
    let field = node.field(field);
    KeyColumn { name: column_name(field).into(), ty: field.ty }
}

/// The column of a stored field; an SQL expression has none and is refused where one is needed.
fn column_name(field: &Field) -> &str {
    match &field.value {
        FieldSource::Column(name) => name,
        _ => &field.names.rust,
    }
}
