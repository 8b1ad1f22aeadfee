//! The plan: an operation compiled against its graph, as steps in layers.
//!
//! A layer is a set of rows of one node: the distinct targets of one link at one place of the query. Its steps load
//! columns, compute columns, or follow links into further layers. Equal selections (same member, same argument
//! expressions) are one step, whatever their aliases. What is needed is kept apart from what is written.

mod build;
mod explain;

use std::any::TypeId;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use serde_json::Value as Json;

use crate::error::Error;
use crate::escape::escape;
use crate::graph::{
    Cardinality, DbDef, Graph, Loader, LoaderRun, MemberId, MemoryDef, NodeId, RecordDef, ScopeDef, TypeDef,
};
use crate::query::{Expr, Introspection, Position};
use crate::sql::Statement;

pub use build::build;

/// An operation ready to run. Immutable; shared by all requests that send the same text.
#[derive(Debug)]
pub struct Plan {
    pub(crate) graph: Graph,
    pub(crate) layers: Vec<Layer>,
    pub(crate) steps: Vec<Step>,
    /// What is written; the first set is the root's.
    pub(crate) output: Vec<OutputSet>,
    /// What is written of records.
    pub(crate) records: Vec<RecordSet>,
    pub(crate) introspection: Option<Introspection>,
    /// What runs and is written after this one, in turn: the further fields of a mutation.
    pub(crate) then: Vec<Arc<Plan>>,
    /// Of a mutation: the database in whose transaction it runs, and is written.
    pub(crate) transaction: Option<DbDef>,
    /// How many bytes the last response had: a guess for the next one. All that ever changes in a plan.
    pub(crate) written: AtomicUsize,
}

/// The position of a layer in its plan; 0 is the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LayerId(pub(crate) u32);

/// The position of a step in its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StepId(pub(crate) u32);

/// The position of a column in its layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SlotId(pub(crate) u32);

/// The position of an output set in its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct OutputId(pub(crate) u32);

/// The position of a record set in its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RecordId(pub(crate) u32);

/// A set of rows of one node.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) node: NodeId,
    /// The columns that are needed here, whether they are written or not.
    pub(crate) slots: Vec<Slot>,
    /// The slots of the node's key, in order, as far as they are needed.
    pub(crate) key: Vec<SlotId>,
    pub(crate) steps: Vec<StepId>,
    /// The step that loads the stored columns by key, if rows arrive as keys.
    pub(crate) load: Option<StepId>,
    /// Of a union or interface: the layers of its nodes, in their order. A row is a row of one of them.
    pub(crate) cases: Vec<LayerId>,
}

/// A column of a layer.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) member: MemberId,
    pub(crate) ty: &'static TypeDef,
    /// Where the member stands among the stored fields of its node, if it is stored.
    pub(crate) stored: Option<u32>,
    /// Told apart by arguments: `None` for stored fields.
    pub(crate) args: Vec<Expr>,
}

/// One piece of work.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) layer: LayerId,
    /// How many steps of the same layer must be done before.
    pub(crate) waits: u32,
    /// Steps of the same layer that wait for this one.
    pub(crate) next: Vec<StepId>,
    pub(crate) work: Work,
}

#[derive(Debug)]
pub(crate) enum Work {
    /// Load the stored columns of the layer by its keys.
    Load { from: LoadFrom, fills: Vec<SlotId> },
    /// Compute one column.
    Compute { loader: Arc<Loader>, requires: Vec<SlotId>, args: Args, fills: SlotId },
    /// Follow a link.
    Link(LinkWork),
}

/// The arguments of a step.
#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) values: Vec<Expr>,
    /// The values, if they depend on no variable.
    pub(crate) constant: Option<Arc<[Option<Json>]>>,
    /// Where those stand that are made of variables.
    pub(crate) places: Vec<(u32, Position)>,
    /// Whether they have to be judged at every request: they depend on variables, or more must hold than their types.
    pub(crate) judged: bool,
}

#[derive(Debug)]
pub(crate) enum LoadFrom {
    Table(Fetch),
    /// By these stored fields: those of the key.
    Memory {
        rows: MemoryDef,
        by: Vec<usize>,
    },
    Loader(Arc<Loader>),
}

/// A statement and the database it goes to.
#[derive(Debug)]
pub(crate) struct Fetch {
    pub(crate) db: DbDef,
    pub(crate) statement: Arc<Statement>,
    pub(crate) scope: Option<ScopeDef>,
    /// The scope of the join table, for pairs.
    pub(crate) join_scope: Option<ScopeDef>,
    /// How messages and logs call it.
    pub(crate) name: Box<str>,
    /// Of a link that brings the columns of its targets: their slots for what leads the answer, if they need it.
    pub(crate) lead: Vec<Option<SlotId>>,
    /// Of such a link: their slots for what is selected.
    pub(crate) fills: Vec<SlotId>,
}

#[derive(Debug)]
pub(crate) struct LinkWork {
    pub(crate) member: MemberId,
    pub(crate) cardinality: Cardinality,
    pub(crate) child: LayerId,
    /// The columns of the parent that it needs, in order.
    pub(crate) requires: Vec<SlotId>,
    pub(crate) args: Args,
    /// Where `limit` stands among the arguments, and what it can be; `offset` is next.
    pub(crate) page: Option<Page>,
    pub(crate) how: How,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    pub(crate) limit_at: usize,
    pub(crate) default: u32,
    pub(crate) max: u32,
}

/// How the targets of a link are found.
#[derive(Debug)]
pub(crate) enum How {
    /// All rows of the target's table, with their columns.
    All(Fetch),
    /// Rows of the target's table by foreign key, with their columns.
    Children(Fetch),
    /// Pairs of keys.
    Pairs(Fetch),
    /// The required columns are the target's key.
    Key,
    /// The arguments are the target's key.
    ByKey,
    /// Rows that the process holds, by columns; with no columns, all.
    Memory { rows: MemoryDef, by: Vec<usize>, order: Vec<(usize, bool)> },
    /// Rows that the process holds, through other such rows.
    MemoryThrough(Box<Through>),
    /// A function.
    Loader(Arc<Loader>),
}

/// See [`How::MemoryThrough`]: rows of `target` that rows of `join` lead to. All but the rows are stored fields.
#[derive(Debug)]
pub(crate) struct Through {
    pub(crate) join: MemoryDef,
    pub(crate) from: Vec<usize>,
    pub(crate) to: Vec<usize>,
    pub(crate) target: MemoryDef,
    pub(crate) key: Vec<usize>,
    pub(crate) order: Vec<(usize, bool)>,
}

/// What of one place of the query is written, in order.
#[derive(Debug)]
pub(crate) struct OutputSet {
    pub(crate) layer: LayerId,
    pub(crate) entries: Vec<OutputEntry>,
    /// How many entries the sets before have.
    pub(crate) before: usize,
    /// A filter or a scope can hide rows.
    pub(crate) hides: bool,
    /// Of a union or interface: what is written of each of its nodes, in their order.
    pub(crate) cases: Vec<OutputId>,
    /// Why nothing can be written.
    pub(crate) failed: Option<Error>,
}

/// What of a record is written, in order.
#[derive(Debug)]
pub(crate) struct RecordSet {
    pub(crate) def: &'static RecordDef,
    pub(crate) entries: Vec<RecordEntry>,
    /// Why nothing can be written.
    pub(crate) failed: Option<Error>,
}

/// A response key as it is written: behind what opens the object or separates it from the value before, as in `,"key":`.
#[derive(Debug)]
pub(crate) struct Key {
    /// With the quote that opens a text.
    bytes: Box<[u8]>,
    /// The same, if it is short: a copy of constant length is a few instructions, any other a call.
    padded: Option<[u8; Key::SHORT]>,
}

impl Key {
    const SHORT: usize = 24;

    pub(crate) fn new(name: &str, is_first: bool) -> Self {
        let mut bytes = Vec::with_capacity(name.len() + 5);
        bytes.push(if is_first { b'{' } else { b',' });
        escape(&mut bytes, name);
        bytes.extend_from_slice(b":\"");
        let mut padded = [0; Key::SHORT];
        let short = padded.get_mut(..bytes.len()).map(|start| start.copy_from_slice(&bytes)).is_some();
        Key { bytes: bytes.into(), padded: short.then_some(padded) }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        self.write_part(out, self.bytes.len() - 1);
    }

    /// With the quote that opens a text.
    pub(crate) fn write_with_quote(&self, out: &mut Vec<u8>) {
        self.write_part(out, self.bytes.len());
    }

    fn write_part(&self, out: &mut Vec<u8>, length: usize) {
        match &self.padded {
            Some(padded) => {
                out.extend_from_slice(padded);
                out.truncate(out.len() - Key::SHORT + length);
            }
            None => out.extend_from_slice(&self.bytes[..length]),
        }
    }
}

#[derive(Debug)]
pub(crate) struct RecordEntry {
    /// The response key.
    pub(crate) name: Box<str>,
    pub(crate) key: Key,
    pub(crate) positions: Box<[Position]>,
    pub(crate) what: RecordOutput,
}

#[derive(Debug)]
pub(crate) enum RecordOutput {
    /// The field at this position; what of it, if it is a record itself.
    Value(u32, Option<RecordId>),
    /// The name of the type, as JSON.
    TypeName(Box<[u8]>),
}

#[derive(Debug)]
pub(crate) struct OutputEntry {
    /// The response key.
    pub(crate) name: Box<str>,
    pub(crate) key: Key,
    pub(crate) positions: Box<[Position]>,
    pub(crate) what: Output,
}

#[derive(Debug)]
pub(crate) enum Output {
    /// What of it, if it is a record.
    Value(SlotId, Option<RecordId>),
    Link {
        step: StepId,
        cardinality: Cardinality,
        set: OutputId,
    },
    /// The name of the type, as JSON.
    TypeName(Box<[u8]>),
    /// The answer at this position.
    Introspection(u32),
}

impl Plan {
    pub(crate) fn layer(&self, id: LayerId) -> &Layer {
        &self.layers[id.0 as usize]
    }

    pub(crate) fn step(&self, id: StepId) -> &Step {
        &self.steps[id.0 as usize]
    }

    /// The node where it starts.
    pub(crate) fn root(&self) -> Option<NodeId> {
        self.layers.first().map(|layer| layer.node)
    }

    /// Whether a statement goes to the database of this type, or a function takes it.
    pub(crate) fn asks(&self, db: TypeId) -> bool {
        let takes = |loader: &Loader| loader.data.iter().any(|data| (data.id)() == db);
        self.steps.iter().any(|step| match &step.work {
            Work::Load { from: LoadFrom::Table(fetch), .. }
            | Work::Link(LinkWork { how: How::All(fetch) | How::Children(fetch) | How::Pairs(fetch), .. }) => {
                (fetch.db.data.id)() == db
            }
            Work::Load { from: LoadFrom::Loader(loader), .. }
            | Work::Compute { loader, .. }
            | Work::Link(LinkWork { how: How::Loader(loader), .. }) => takes(loader),
            _ => false,
        })
    }

    /// How much memory it takes, roughly: for the bound of caches.
    pub fn size(&self) -> usize {
        let slots: usize = self.layers.iter().map(|layer| layer.slots.len()).sum();
        let entries: usize = self.output.iter().map(|set| set.entries.len()).sum();
        let introspected = self.introspection.as_ref().map_or(0, |introspection| introspection.entries);
        let then: usize = self.then.iter().map(|plan| plan.size() + 256).sum();
        then + self.layers.len() * 256 + slots * 64 + self.steps.len() * 512 + (entries + introspected) * 128
    }

    /// Functions and statements of all its steps, in order: what a driver has to wait for.
    pub(crate) fn waits(&self) -> impl Iterator<Item = Waits<'_>> {
        let plans = std::iter::once(self).chain(self.then.iter().map(|then| &**then));
        plans.flat_map(|plan| &plan.steps).filter_map(|step| match &step.work {
            Work::Load { from: LoadFrom::Table(fetch), .. }
            | Work::Link(LinkWork { how: How::All(fetch) | How::Children(fetch) | How::Pairs(fetch), .. }) => {
                Some(Waits::Statement(fetch))
            }
            Work::Load { from: LoadFrom::Loader(loader), .. }
            | Work::Compute { loader, .. }
            | Work::Link(LinkWork { how: How::Loader(loader), .. }) => Some(Waits::Loader(loader)),
            _ => None,
        })
    }

    /// The first entry of a mutation that runs in a transaction.
    pub(crate) fn transactional(&self) -> Option<&str> {
        let plans = std::iter::once(self).chain(self.then.iter().map(|then| &**then));
        let mut plans = plans.filter(|plan| plan.transaction.is_some());
        plans.next()?.output.first()?.entries.first().map(|entry| &*entry.name)
    }
}

impl Plan {
    /// The first function that blocks.
    pub(crate) fn blocking(&self) -> Option<&str> {
        self.waits().find_map(|step| match step {
            Waits::Loader(loader) if matches!(loader.run, LoaderRun::Blocking(_)) => Some(&*loader.name),
            _ => None,
        })
    }
}

/// What a step waits for.
pub(crate) enum Waits<'p> {
    Statement(&'p Fetch),
    Loader(&'p Loader),
}
