//! The response: one pass over plan and index straight into the buffer.
//!
//! A value that fails where null is not allowed takes its object with it: the writer goes back to the nearest place that
//! can be null and drops what it wrote since. Paths are known while writing, so that errors need no pass of their own.
//! GraphQL specification, October 2021, 6.4.4 and 7.1.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::leaf::{self, Form};
use crate::error::Error;
use crate::escape::{escape, escape_open};
use crate::graph::{Cardinality, TypeDef};
use crate::index::{Cells, Column, Edges, Index, NO_ROW, Place, RowErrors, Table, Text, Values};
use crate::plan::{
    How, Output, OutputEntry, OutputId, OutputSet, Plan, RecordId, RecordOutput, RecordSet, StepId, Work,
};
use crate::query::{Introspected, PathPart, Position, RequestError};

/// How many errors a response lists; what comes after is counted.
const MOST_ERRORS: usize = 1000;

/// What a response may cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Bytes of data, also of data that was dropped again.
    pub(crate) bytes: usize,
}

/// The parts of one response.
pub(crate) struct Written {
    pub(crate) bytes: Vec<u8>,
    /// Errors that were masked, for the log.
    pub(crate) masked: Vec<Error>,
    pub(crate) errors: usize,
}

/// The response of a run.
pub(crate) fn response(plan: &Plan, index: &Index, introspected: &Introspected, bounds: Bounds) -> Written {
    let mut data = Data::new(plan, bounds);
    data.write(plan, index, introspected);
    data.finish()
}

/// A response while it is written: of one run, or of several whose entries make one object.
pub(crate) struct Data<'p> {
    out: Vec<u8>,
    errors: Vec<Failure<'p>>,
    more_errors: usize,
    dropped: usize,
    bounds: Bounds,
    /// Where the length is kept, as a guess for the next one.
    written: &'p AtomicUsize,
}

const HEAD: &[u8] = b"{\"data\":";

/// How far a response was written.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    bytes: usize,
    errors: usize,
    more_errors: usize,
}

impl<'p> Data<'p> {
    /// For the answer of this plan, which is the first one of several.
    pub(crate) fn new(plan: &'p Plan, bounds: Bounds) -> Self {
        // Some more, since answers differ, and a key takes a little more room while it is written.
        let last = plan.written.load(Ordering::Relaxed);
        let mut out = Vec::with_capacity(last + last / 32 + 64);
        out.extend_from_slice(HEAD);
        Data { out, errors: Vec::new(), more_errors: 0, dropped: 0, bounds, written: &plan.written }
    }

    /// Adds what a run left. `false` if there is no data any more, so that nothing can be added.
    pub(crate) fn write(&mut self, plan: &'p Plan, index: &Index, introspected: &'p Introspected) -> bool {
        let mut entries = Vec::with_capacity(plan.output.iter().map(|set| set.entries.len()).sum());
        plan.output.iter().for_each(|set| entries.extend(set.entries.iter().map(|of| entry(plan, index, set, of))));
        let records: Vec<RecordOut<'_>> = plan.records.iter().map(RecordOut::new).collect();
        let mut writer = Writer {
            plan,
            tables: &index.tables,
            entries: &entries,
            records: &records,
            introspected,
            out: std::mem::take(&mut self.out),
            errors: std::mem::take(&mut self.errors),
            more_errors: self.more_errors,
            dropped: self.dropped,
            most: self.bounds.bytes,
            memo: Some(Vec::new()),
        };
        let more = writer.out.len() > HEAD.len();
        if more {
            writer.out.pop();
        }
        let start = writer.out.len();
        let written = writer.object(OutputId(0), 0, None);
        let Writer { out, errors, more_errors, dropped, .. } = writer;
        (self.out, self.errors, self.more_errors, self.dropped) = (out, errors, more_errors, dropped);
        if let Err(stop) = written {
            self.out.truncate(HEAD.len());
            self.out.extend_from_slice(b"null");
            if let Stop::TooLarge = stop {
                let message = format!("the response is larger than {} bytes; ask for less", self.bounds.bytes);
                let error = Error::new(message).code("RESPONSE_TOO_LARGE");
                self.errors = vec![Failure { error, path: Vec::new(), positions: &[] }];
                self.more_errors = 0;
            }
            return false;
        }
        if more {
            // The object goes on: what would open it separates.
            self.out[start] = b',';
        }
        true
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark { bytes: self.out.len(), errors: self.errors.len(), more_errors: self.more_errors }
    }

    /// Whether an error has made the one entry null that was added since.
    pub(crate) fn is_null_since(&self, mark: Mark) -> bool {
        let failed = self.errors.len() > mark.errors || self.more_errors > mark.more_errors;
        failed && self.out.ends_with(b":null}")
    }

    /// As it was. What has failed since, for the log.
    pub(crate) fn back_to(&mut self, mark: Mark) -> Vec<Error> {
        self.out.truncate(mark.bytes);
        self.more_errors = mark.more_errors;
        let since = mark.errors.min(self.errors.len());
        self.errors.drain(since..).map(|failure| failure.error).collect()
    }

    pub(crate) fn finish(self) -> Written {
        let Data { mut out, errors, more_errors, written, .. } = self;
        let mut masked = Vec::new();
        if !errors.is_empty() {
            out.extend_from_slice(b",\"errors\":[");
            for (at, failure) in errors.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                failure.write(&mut out);
                if !failure.error.is_public() {
                    masked.push(failure.error.clone());
                }
            }
            if more_errors > 0 {
                out.extend_from_slice(b",{\"message\":");
                escape(&mut out, &format!("{more_errors} more errors"));
                out.push(b'}');
            }
            out.push(b']');
        }
        out.push(b'}');
        written.store(out.len(), Ordering::Relaxed);
        Written { bytes: out, masked, errors: errors.len() + more_errors }
    }
}

/// The response to a request that was refused: no data.
pub(crate) fn refusal(errors: &[RequestError]) -> Vec<u8> {
    let mut out = b"{\"errors\":[".to_vec();
    for (at, error) in errors.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"message\":");
        escape(&mut out, &error.message);
        locations(&mut out, &error.locations);
        out.extend_from_slice(b",\"extensions\":{\"code\":");
        escape(&mut out, error.code);
        out.extend_from_slice(b"}}");
    }
    out.extend_from_slice(b"]}");
    out
}

fn locations(out: &mut Vec<u8>, positions: &[Position]) {
    if positions.is_empty() {
        return;
    }
    out.extend_from_slice(b",\"locations\":[");
    for (at, position) in positions.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.extend_from_slice(format!("{{\"line\":{},\"column\":{}}}", position.line, position.column).as_bytes());
    }
    out.push(b']');
}

/// Why writing stopped.
enum Stop {
    /// The value is null; the nearest place that can be null takes it.
    Null,
    /// The response is too large.
    TooLarge,
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Key(&'a str),
    Index(u32),
}

/// Where the writer is: on its stack, since only an error asks.
#[derive(Clone, Copy)]
struct Path<'s, 'p> {
    above: Option<&'s Path<'s, 'p>>,
    part: Part<'p>,
}

fn under_key<'s, 'p>(above: Option<&'s Path<'s, 'p>>, name: &'p str) -> Path<'s, 'p> {
    Path { above, part: Part::Key(name) }
}

fn at_index<'s, 'p>(above: Option<&'s Path<'s, 'p>>, index: usize) -> Path<'s, 'p> {
    Path { above, part: Part::Index(index as u32) }
}

struct Failure<'a> {
    error: Error,
    path: Vec<Part<'a>>,
    /// Unless the error knows its own.
    positions: &'a [Position],
}

impl Failure<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"message\":");
        escape(out, &self.error.public_message());
        match self.error.place() {
            Some((line, column)) => locations(out, &[Position { line, column }]),
            None => locations(out, self.positions),
        }
        if !self.path.is_empty() {
            out.extend_from_slice(b",\"path\":[");
            for (at, part) in self.path.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                match part {
                    Part::Key(key) => escape(out, key),
                    Part::Index(index) => out.extend_from_slice(itoa::Buffer::new().format(*index).as_bytes()),
                }
            }
            out.push(b']');
        }
        if let Some(code) = self.error.public_code() {
            out.extend_from_slice(b",\"extensions\":{\"code\":");
            escape(out, code);
            out.push(b'}');
        }
        out.push(b'}');
    }
}

/// What is written of records of one place.
struct RecordOut<'p> {
    plan: &'p RecordSet,
    /// By field of the record.
    forms: Vec<Form>,
}

impl<'p> RecordOut<'p> {
    fn new(plan: &'p RecordSet) -> Self {
        RecordOut { plan, forms: plan.def.fields.iter().map(|field| Form::of(field.ty)).collect() }
    }
}

/// What is written of one place under one key, with its column at hand.
struct Entry<'p, 'a> {
    plan: &'p OutputEntry,
    what: What<'p, 'a>,
}

enum What<'p, 'a> {
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
struct ValueOut<'p, 'a> {
    /// `None` if it was not loaded.
    cells: Option<&'a Cells>,
    at: At<'a>,
    ty: &'static TypeDef,
    form: Form,
    record: Option<RecordId>,
    member: &'p str,
}

impl ValueOut<'_, '_> {
    fn is_null(&self, at: usize) -> bool {
        self.cells.is_none_or(|cells| cells.column.is_null(at))
    }
}

/// Where the value of a row stands in its column.
#[derive(Clone, Copy)]
enum At<'a> {
    Row,
    Map(&'a [u32]),
    First,
}

impl At<'_> {
    fn of(self, row: usize) -> usize {
        match self {
            At::Row => row,
            At::Map(map) => map[row] as usize,
            At::First => 0,
        }
    }
}

#[derive(Clone, Copy)]
struct LinkOut<'p, 'a> {
    edges: Option<&'a Edges>,
    cardinality: Cardinality,
    set: OutputId,
    /// Which targets that do not exist are left out.
    drops: Drops,
    /// Targets repeat: each is written once and copied.
    repeats: bool,
    /// There are no errors, and every target is a row that is there, of a node that is no union or interface.
    plain: bool,
    name: &'p str,
}

/// Which targets of a link are left out when they do not exist.
#[derive(Clone, Copy, PartialEq)]
enum Drops {
    None,
    /// Those of a node whose rows a filter or a scope can hide.
    Hidden,
    /// All, as a join would.
    All,
}

fn entry<'p, 'a>(plan: &'p Plan, index: &'a Index, set: &'p OutputSet, of: &'p OutputEntry) -> Entry<'p, 'a> {
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

/// Paths, and with them errors, live as long as the plan; the rest only as long as one run's index.
struct Writer<'p, 'a> {
    plan: &'p Plan,
    tables: &'a [Table],
    /// Of all sets, one after the other.
    entries: &'a [Entry<'p, 'a>],
    records: &'a [RecordOut<'p>],
    introspected: &'p Introspected,
    out: Vec<u8>,
    errors: Vec<Failure<'p>>,
    more_errors: usize,
    /// Bytes that were written and dropped again.
    dropped: usize,
    most: usize,
    /// By set and row: where the row was written. Given up at the first error, whose path each copy would need.
    memo: Option<Vec<Vec<(u32, u32)>>>,
}

/// The path to what is written; none at the root.
type Here<'s, 'p> = Option<&'s Path<'s, 'p>>;

impl<'p, 'a> Writer<'p, 'a> {
    fn failed(&mut self, error: Error, here: Here<'_, 'p>, positions: &'p [Position]) {
        let mut path: Vec<Part<'p>> = std::iter::successors(here, |path| path.above).map(|path| path.part).collect();
        path.reverse();
        self.failed_at(error, path, positions);
    }

    fn failed_at(&mut self, error: Error, path: Vec<Part<'p>>, positions: &'p [Position]) {
        self.memo = None;
        if self.errors.len() == MOST_ERRORS {
            self.more_errors += 1;
            return;
        }
        self.errors.push(Failure { error, path, positions });
    }

    /// Go back to `start`, and write null there.
    fn null_at(&mut self, start: usize) {
        self.memo = None;
        self.dropped += self.out.len() - start;
        self.out.truncate(start);
        self.out.extend_from_slice(b"null");
    }

    fn check_size(&self) -> Result<(), Stop> {
        if self.out.len() + self.dropped > self.most { Err(Stop::TooLarge) } else { Ok(()) }
    }

    fn object(&mut self, set: OutputId, row: usize, here: Here<'_, 'p>) -> Result<(), Stop> {
        let plan: &'p Plan = self.plan;
        if let Some(error) = &plan.output[set.0 as usize].failed {
            self.failed(error.clone(), here, &[]);
            return Err(Stop::Null);
        }
        self.fields(self.entries_of(set), row, here)
    }

    fn entries_of(&self, set: OutputId) -> &'a [Entry<'p, 'a>] {
        let of = &self.plan.output[set.0 as usize];
        &self.entries[of.before..of.before + of.entries.len()]
    }

    /// One object. Texts, which most values are, are written here; all else is called, so that this fits into the loop over a
    /// list.
    #[inline(always)]
    fn fields(&mut self, entries: &'a [Entry<'p, 'a>], row: usize, here: Here<'_, 'p>) -> Result<(), Stop> {
        if entries.is_empty() {
            self.out.push(b'{');
        }
        for entry in entries {
            if let What::Text(text, value) = &entry.what {
                let at = value.at.of(row);
                if !value.is_null(at) {
                    entry.plan.key.write_with_quote(&mut self.out);
                    escape_open(&mut self.out, text.bytes_at(at));
                    continue;
                }
            }
            self.field(entry, row, here)?;
        }
        self.out.push(b'}');
        self.check_size()
    }

    fn field(&mut self, entry: &'a Entry<'p, 'a>, row: usize, here: Here<'_, 'p>) -> Result<(), Stop> {
        let Entry { plan, what } = entry;
        plan.key.write(&mut self.out);
        match what {
            What::Plain(value) => self.plain(plan, value, row, here),
            What::Text(_, value) | What::Value(value) => self.value(plan, value, row, here),
            What::Link(link) => self.link(link, row, &under_key(here, &plan.name), &plan.positions),
            What::TypeName(name) => {
                self.out.extend_from_slice(name);
                Ok(())
            }
            What::Introspection(at) => self.introspected(*at),
        }
    }

    /// A scalar that has not failed.
    fn plain(
        &mut self,
        plan: &'p OutputEntry,
        value: &'a ValueOut<'p, 'a>,
        row: usize,
        here: Here<'_, 'p>,
    ) -> Result<(), Stop> {
        let at = value.at.of(row);
        let start = self.out.len();
        let column = match value.cells {
            Some(cells) if !cells.column.is_null(at) => &cells.column,
            _ => return self.value(plan, value, row, here),
        };
        if let Err(error) = leaf::write(&mut self.out, column, at, value.form) {
            self.failed(error, Some(&under_key(here, &plan.name)), &plan.positions);
            return self.null_or_stop(value.ty, start);
        }
        Ok(())
    }

    /// The answer to a field of introspection, with what went wrong in it.
    fn introspected(&mut self, at: u32) -> Result<(), Stop> {
        let Introspected { bytes, answers, errors, too_large } = self.introspected;
        if *too_large {
            return Err(Stop::TooLarge);
        }
        let first = errors.partition_point(|error| error.answer < at);
        for error in errors[first..].iter().take_while(|error| error.answer == at) {
            let path = error.path.iter().map(|part| match part {
                PathPart::Key(key) => Part::Key(key),
                PathPart::Index(at) => Part::Index(*at),
            });
            let path = path.collect();
            let refused = Error::new(&*error.message).code("BAD_USER_INPUT");
            self.failed_at(refused, path, std::slice::from_ref(&error.position));
        }
        let written = answers.get(at as usize).and_then(|answer| bytes.get(answer.clone()?));
        self.out.extend_from_slice(written.ok_or(Stop::Null)?);
        self.check_size()
    }

    /// A value that may be null, failed, or a list.
    fn value(
        &mut self,
        plan: &'p OutputEntry,
        value: &'a ValueOut<'p, 'a>,
        row: usize,
        here: Here<'_, 'p>,
    ) -> Result<(), Stop> {
        let ValueOut { cells, at, ty, form, record, member } = *value;
        let start = self.out.len();
        let here = under_key(here, &plan.name);
        let written = match cells {
            None => Err(Some(Error::internal(format!("`{member}` was not loaded")))),
            Some(cells) => match cells.errors.at(row) {
                Some(error) => Err(Some(error.clone())),
                None => {
                    let (column, out) = (&*cells.column, (form, record));
                    self.item(column, at.of(row), ty, out, &here, (&plan.positions, member))
                }
            },
        };
        written.or_else(|error| {
            if let Some(error) = error {
                self.failed(error, Some(&here), &plan.positions);
            }
            self.null_or_stop(ty, start)
        })
    }

    fn null_or_stop(&mut self, ty: &TypeDef, start: usize) -> Result<(), Stop> {
        if !ty.is_nullable() {
            return Err(Stop::Null);
        }
        self.null_at(start);
        Ok(())
    }

    /// One value or item; an error without text was reported further down.
    fn item(
        &mut self,
        column: &'a Column,
        at: usize,
        ty: &'static TypeDef,
        (form, record): (Form, Option<RecordId>),
        here: &Path<'_, 'p>,
        (positions, member): (&'p [Position], &str),
    ) -> Result<(), Option<Error>> {
        if column.is_null(at) {
            if ty.is_nullable() {
                self.out.extend_from_slice(b"null");
                return Ok(());
            }
            return Err(Some(Error::internal(format!(
                "`{member}` is null, but its type `{ty}` says that it never is"
            ))));
        }
        let (list, of) = match (column.values(), ty.non_null(), record) {
            (Values::List(list), TypeDef::List(of), _) => (list, of),
            (Values::Record(fields), _, Some(record)) => return self.record(record, fields.fields(), at, here),
            _ => return leaf::write(&mut self.out, column, at, form).map_err(Some),
        };
        let of: &'static TypeDef = of;
        self.out.push(b'[');
        for (number, item) in list.range(at).enumerate() {
            if number > 0 {
                self.out.push(b',');
            }
            let here = at_index(Some(here), number);
            let start = self.out.len();
            if let Err(error) = self.item(&list.items, item, of, (form, record), &here, (positions, member)) {
                if let Some(error) = error {
                    self.failed(error, Some(&here), positions);
                }
                if !of.is_nullable() {
                    return Err(None);
                }
                self.null_at(start);
            }
        }
        self.out.push(b']');
        Ok(())
    }

    /// One record; an error without text was reported further down.
    fn record(
        &mut self,
        record: RecordId,
        fields: &'a [Column],
        at: usize,
        here: &Path<'_, 'p>,
    ) -> Result<(), Option<Error>> {
        let records = self.records;
        let RecordOut { plan, forms } = &records[record.0 as usize];
        if let Some(error) = &plan.failed {
            return Err(Some(error.clone()));
        }
        if plan.entries.is_empty() {
            self.out.push(b'{');
        }
        for entry in &plan.entries {
            entry.key.write(&mut self.out);
            let (field, below) = match &entry.what {
                RecordOutput::TypeName(name) => {
                    self.out.extend_from_slice(name);
                    continue;
                }
                RecordOutput::Value(field, below) => (*field as usize, *below),
            };
            let (start, def) = (self.out.len(), &plan.def.fields[field]);
            let here = under_key(Some(here), &entry.name);
            let of = (&*entry.positions, def.stored);
            if let Err(error) = self.item(&fields[field], at, def.ty, (forms[field], below), &here, of) {
                if let Some(error) = error {
                    self.failed(error, Some(&here), &entry.positions);
                }
                if !def.ty.is_nullable() {
                    return Err(None);
                }
                self.null_at(start);
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    /// Where a target of a link stands: of a union or interface, among the rows of its own node.
    fn resolve(&self, set: OutputId, target: u32) -> (OutputId, u32) {
        let of = &self.plan.output[set.0 as usize];
        match self.tables[of.layer.0 as usize].cases.get(target as usize) {
            Some(&(case, row)) => (of.cases[case as usize], row),
            None => (set, target),
        }
    }

    fn link(
        &mut self,
        link: &LinkOut<'p, 'a>,
        row: usize,
        here: &Path<'_, 'p>,
        positions: &'p [Position],
    ) -> Result<(), Stop> {
        let start = self.out.len();
        let edges = match link.edges {
            None => Err(Error::internal(format!("`{}` was not loaded", link.name))),
            Some(edges) => match edges.errors.at(if edges.shared { 0 } else { row }) {
                Some(error) => Err(error.clone()),
                None => Ok(edges),
            },
        };
        let edges = match edges {
            Ok(edges) => edges,
            Err(error) if error.is_null() => {
                self.out.extend_from_slice(b"null");
                return Ok(());
            }
            Err(error) => {
                self.failed(error, Some(here), positions);
                return if link.cardinality.is_nullable() { self.nulled(start) } else { Err(Stop::Null) };
            }
        };
        let mut places = edges.of(row);
        let target = |at: usize| edges.targets.get(at).unwrap_or(NO_ROW);
        if !link.cardinality.is_many() {
            let written = self.target(link, places.next().map_or(NO_ROW, target), here, positions);
            return match written {
                Err(Stop::Null) if link.cardinality == Cardinality::Maybe => self.nulled(start),
                written => written,
            };
        }
        self.out.push(b'[');
        let entries = if link.plain { self.entries_of(link.set) } else { &[] };
        let mut number = 0;
        for target in places.map(target) {
            if !link.plain && self.drops(link, target) {
                continue;
            }
            if number > 0 {
                self.out.push(b',');
            }
            let item = self.out.len();
            let here_below = at_index(Some(here), number);
            let written = if link.plain && target != NO_ROW {
                self.fields(entries, target as usize, Some(&here_below))
            } else {
                self.target(link, target, &here_below, positions)
            };
            match written {
                Err(Stop::Null) if link.cardinality.is_maybe() => self.nulled(item)?,
                Err(Stop::Null) if link.cardinality.is_nullable() => return self.nulled(start),
                written => written?,
            }
            number += 1;
        }
        self.out.push(b']');
        Ok(())
    }

    /// Whether a target is left out since it does not exist.
    fn drops(&self, link: &LinkOut<'p, 'a>, target: u32) -> bool {
        if link.drops == Drops::None || target == NO_ROW {
            return false;
        }
        let (set, row) = self.resolve(link.set, target);
        let set = &self.plan.output[set.0 as usize];
        (link.drops == Drops::All || set.hides) && self.tables[set.layer.0 as usize].is_missing(row as usize)
    }

    fn nulled(&mut self, start: usize) -> Result<(), Stop> {
        self.null_at(start);
        self.check_size()
    }

    /// One node behind a link; [`Stop::Null`] if there is none where there must be one, or none could be written.
    fn target(
        &mut self,
        link: &LinkOut<'p, 'a>,
        target: u32,
        here: &Path<'_, 'p>,
        positions: &'p [Position],
    ) -> Result<(), Stop> {
        let (set, target) = self.resolve(link.set, target);
        let table = &self.tables[self.plan.output[set.0 as usize].layer.0 as usize];
        let missing = target == NO_ROW || table.is_missing(target as usize);
        if missing && link.cardinality.is_maybe() {
            self.out.extend_from_slice(b"null");
            return Ok(());
        }
        if missing {
            let error =
                Error::new(format!("`{}` leads to nothing, but it must lead to a node", link.name)).code("NOT_FOUND");
            self.failed(error, Some(here), positions);
            return Err(Stop::Null);
        }
        let row = target as usize;
        if let Some(error) = &table.failed {
            self.failed(error.clone(), Some(here), positions);
            return Err(Stop::Null);
        }
        if !link.repeats {
            return self.object(set, row, Some(here));
        }
        if let Some(memo) = &mut self.memo {
            if memo.is_empty() {
                memo.resize(self.plan.output.len(), Vec::new());
            }
            let of_set = &mut memo[set.0 as usize];
            if of_set.is_empty() {
                of_set.resize(table.rows, (0, 0));
            }
            let (start, end) = of_set[row];
            if end > start {
                self.out.extend_from_within(start as usize..end as usize);
                return self.check_size();
            }
        }
        let start = self.out.len();
        self.object(set, row, Some(here))?;
        if let Some(memo) = &mut self.memo
            && let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(self.out.len()))
        {
            memo[set.0 as usize][row] = (start, end);
        }
        Ok(())
    }
}
