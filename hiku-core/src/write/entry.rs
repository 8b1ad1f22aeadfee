//! What is written of each place of a plan, with the columns of a run at hand.

use super::leaf::Form;
use crate::graph::{Cardinality, TypeDef};
use crate::index::{Cells, Edges, Index, Place, RowErrors, Text, Values};
use crate::plan::{How, Output, OutputEntry, OutputId, OutputSet, Plan, RecordId, RecordSet, StepId, Work};

/// What is written of records of one place.
pub(super) struct RecordOut<'p> {
    pub(super) plan: &'p RecordSet,
    /// By field of the record.
    pub(super) forms: Vec<Form>,
}

impl<'p> RecordOut<'p> {
    pub(super) fn new(plan: &'p RecordSet) -> Self {
        RecordOut { plan, forms: plan.def.fields.iter().map(|field| Form::of(field.ty)).collect() }
    }
}

/// What is written of one place under one key, with its column at hand.
pub(super) struct Entry<'p, 'a> {
    pub(super) plan: &'p OutputEntry,
    pub(super) what: What<'p, 'a>,
}

pub(super) enum What<'p, 'a> {
    /// Texts without errors; one that is null is written as any other value.
    Text(&'a Text, ValueOut<'p, 'a>),
    /// Scalars without errors; one that is null is written as any other value.
    Plain(ValueOut<'p, 'a>),
    Value(ValueOut<'p, 'a>),
    Link(LinkOut<'p, 'a>),
    TypeName(&'p [u8]),
    Introspection(u32),
}

#[derive(Clone, Copy)]
pub(super) struct ValueOut<'p, 'a> {
    /// `None` if it was not loaded.
    pub(super) cells: Option<&'a Cells>,
    pub(super) at: At<'a>,
    pub(super) ty: &'static TypeDef,
    pub(super) form: Form,
    pub(super) record: Option<RecordId>,
    pub(super) member: &'p str,
}

impl ValueOut<'_, '_> {
    pub(super) fn is_null(&self, at: usize) -> bool {
        self.cells.is_none_or(|cells| cells.column.is_null(at))
    }
}

/// Where the value of a row stands in its column.
#[derive(Clone, Copy)]
pub(super) enum At<'a> {
    Row,
    Map(&'a [u32]),
    First,
}

impl At<'_> {
    pub(super) fn of(self, row: usize) -> usize {
        match self {
            At::Row => row,
            At::Map(map) => map[row] as usize,
            At::First => 0,
        }
    }
}

#[derive(Clone, Copy)]
pub(super) struct LinkOut<'p, 'a> {
    pub(super) edges: Option<&'a Edges>,
    pub(super) cardinality: Cardinality,
    pub(super) set: OutputId,
    /// Which targets that do not exist are left out.
    pub(super) drops: Drops,
    /// Targets repeat: each is written once and copied.
    pub(super) repeats: bool,
    /// There are no errors, and every target is a row that is there, of a node that is no union or interface.
    pub(super) plain: bool,
    pub(super) name: &'p str,
}

/// Which targets of a link are left out when they do not exist.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Drops {
    None,
    /// Those of a node whose rows a filter or a scope can hide.
    Hidden,
    /// All, as a join would.
    All,
}

pub(super) fn entry<'p, 'a>(
    plan: &'p Plan,
    index: &'a Index,
    set: &'p OutputSet,
    of: &'p OutputEntry,
) -> Entry<'p, 'a> {
    let layer = set.layer.0 as usize;
    let what = match &of.what {
        Output::Value(slot, record) => {
            let table = &index.tables[layer];
            let cells = table.cells[slot.0 as usize].as_ref();
            let slot = &plan.layers[layer].slots[slot.0 as usize];
            let at = match (cells.map(|cells| cells.place), &table.map) {
                (Some(Place::Source), Some(map)) => At::Map(map),
                (Some(Place::Shared), _) => At::First,
                _ => At::Row,
            };
            let node = plan.graph.node(plan.layers[layer].node);
            let (ty, form, member) = (slot.ty, Form::of(slot.ty), node.field(slot.member).names.rust.as_str());
            let value = ValueOut { cells, at, ty, form, record: *record, member };
            match cells {
                Some(Cells { column, errors: RowErrors::None, .. }) if ty.kind().is_some() => {
                    match (column.values(), form) {
                        (Values::Text(text), Form::Plain | Form::Id) => What::Text(text, value),
                        _ => What::Plain(value),
                    }
                }
                _ => What::Value(value),
            }
        }
        Output::Link { step, cardinality, set } => What::Link(link(plan, index, *step, *cardinality, *set)),
        Output::TypeName(name) => What::TypeName(name),
        Output::Introspection(at) => What::Introspection(*at),
    };
    Entry { plan: of, what }
}

fn link<'p, 'a>(
    plan: &'p Plan,
    index: &'a Index,
    step: StepId,
    cardinality: Cardinality,
    set: OutputId,
) -> LinkOut<'p, 'a> {
    let edges = index.edges[step.0 as usize].as_ref();
    let table = &index.tables[plan.output[set.0 as usize].layer.0 as usize];
    let node = plan.graph.node(plan.layer(plan.step(step).layer).node);
    let (member, drops) = match &plan.step(step).work {
        Work::Link(link) => {
            let drops = match link.how {
                How::Pairs(_) => Drops::All,
                // In a list with gaps, what is hidden is one: the function says which place is whose.
                How::Loader(_) if !cardinality.is_maybe() => Drops::Hidden,
                _ => Drops::None,
            };
            (Some(link.member), drops)
        }
        _ => (None, Drops::None),
    };
    let repeats = edges.is_some_and(|edges| edges.targets.len() >= table.rows * 2);
    let sound = table.cases.is_empty() && table.missing.is_none() && table.failed.is_none();
    LinkOut {
        edges,
        cardinality,
        set,
        drops,
        repeats,
        plain: sound
            && !repeats
            && edges.is_some_and(|edges| edges.errors.is_none())
            && plan.output[set.0 as usize].failed.is_none(),
        name: member.map_or("", |member| &node.member(member).names().rust),
    }
}
