//! The response: one pass over plan and index straight into the buffer.
//!
//! A value that fails where null is not allowed takes its object with it: the writer goes back to the nearest place that
//! can be null and drops what it wrote since. Paths are known while writing, so that errors need no pass of their own.
//! GraphQL specification, October 2021, 6.4.4 and 7.1.

use super::leaf::{self, Form};
use crate::error::Error;
use crate::escape::escape;
use crate::graph::{Cardinality, Source, TypeDef};
use crate::index::{Cells, Column, Edges, Index, NO_ROW, Place, RowErrors, Table, Values};
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
    let mut data = Data::new(bounds);
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
}

const HEAD: &[u8] = b"{\"data\":";

impl<'p> Data<'p> {
    pub(crate) fn new(bounds: Bounds) -> Self {
        let mut out = Vec::with_capacity(1024);
        out.extend_from_slice(HEAD);
        Data { out, errors: Vec::new(), more_errors: 0, dropped: 0, bounds }
    }

    /// Adds what a run left. `false` if there is no data any more, so that nothing can be added.
    pub(crate) fn write(&mut self, plan: &'p Plan, index: &Index, introspected: &'p Introspected) -> bool {
        let sets: Vec<Set<'_, '_>> = plan.output.iter().map(|set| Set::new(plan, index, set)).collect();
        let records: Vec<RecordOut<'_>> = plan.records.iter().map(RecordOut::new).collect();
        let mut writer = Writer {
            sets: &sets,
            records: &records,
            introspected,
            out: std::mem::take(&mut self.out),
            path: Vec::new(),
            errors: std::mem::take(&mut self.errors),
            more_errors: self.more_errors,
            dropped: self.dropped,
            most: self.bounds.bytes,
            memo: Some(plan.output.iter().map(|_| Vec::new()).collect()),
        };
        let more = writer.out.len() > HEAD.len();
        if more {
            writer.out.pop();
        }
        let start = writer.out.len();
        let written = writer.object(OutputId(0), 0);
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

    pub(crate) fn finish(self) -> Written {
        let Data { mut out, errors, more_errors, .. } = self;
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

/// What is written of one place, with its columns at hand.
struct Set<'p, 'a> {
    table: &'a Table,
    entries: Vec<Entry<'p, 'a>>,
    plan: &'p OutputSet,
    /// A filter or a scope can hide rows.
    hides: bool,
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

struct Entry<'p, 'a> {
    plan: &'p OutputEntry,
    what: What<'a>,
}

enum What<'a> {
    /// One value per row, none of them null or failed.
    Plain {
        column: &'a Column,
        place: Place,
        ty: &'static TypeDef,
        form: Form,
    },
    Value(ValueOut<'a>),
    Link(LinkOut<'a>),
    TypeName(&'a [u8]),
    Introspection(u32),
}

#[derive(Clone, Copy)]
struct ValueOut<'a> {
    cells: Option<&'a Cells>,
    ty: &'static TypeDef,
    form: Form,
    record: Option<RecordId>,
    member: &'a str,
}

#[derive(Clone, Copy)]
struct LinkOut<'a> {
    edges: Option<&'a Edges>,
    cardinality: Cardinality,
    set: OutputId,
    /// Which targets that do not exist are left out.
    drops: Drops,
    /// Targets repeat: each is written once and copied.
    repeats: bool,
    name: &'a str,
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

impl<'p: 'a, 'a> Set<'p, 'a> {
    fn new(plan: &'p Plan, index: &'a Index, set: &'p OutputSet) -> Self {
        let (layer, entries) = (set.layer.0 as usize, &set.entries);
        let table = &index.tables[layer];
        let node = plan.graph.node(plan.layers[layer].node);
        let entries = entries.iter().map(|entry| {
            let what = match &entry.what {
                Output::Value(slot, record) => {
                    let cells = table.cells[slot.0 as usize].as_ref();
                    let slot = &plan.layers[layer].slots[slot.0 as usize];
                    let (ty, form) = (slot.ty, Form::of(slot.ty));
                    let member = &node.field(slot.member).names.rust;
                    match cells {
                        Some(Cells { column, place, errors: RowErrors::None })
                            if !column.has_nulls() && ty.kind().is_some() =>
                        {
                            What::Plain { column, place: *place, ty, form }
                        }
                        _ => What::Value(ValueOut { cells, ty, form, record: *record, member }),
                    }
                }
                Output::Link { step, cardinality, set } => What::Link(link(plan, index, *step, *cardinality, *set)),
                Output::TypeName(name) => What::TypeName(name),
                Output::Introspection(at) => What::Introspection(*at),
            };
            Entry { plan: entry, what }
        });
        let hides = match &node.source {
            Source::Table(table) => table.filter.is_some() || table.scope.is_some() || table.view.is_some(),
            _ => false,
        };
        Set { table, entries: entries.collect(), plan: set, hides }
    }
}

fn link<'a>(plan: &'a Plan, index: &'a Index, step: StepId, cardinality: Cardinality, set: OutputId) -> LinkOut<'a> {
    let edges = index.edges[step.0 as usize].as_ref();
    let rows = index.tables[plan.output[set.0 as usize].layer.0 as usize].rows;
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
    LinkOut {
        edges,
        cardinality,
        set,
        drops,
        repeats: edges.is_some_and(|edges| edges.targets.len() >= rows * 2),
        name: member.map_or("", |member| &node.member(member).names().rust),
    }
}

/// Paths, and with them errors, live as long as the plan; the rest only as long as one run's index.
struct Writer<'p, 'a> {
    sets: &'a [Set<'p, 'a>],
    records: &'a [RecordOut<'p>],
    introspected: &'p Introspected,
    out: Vec<u8>,
    path: Vec<Part<'p>>,
    errors: Vec<Failure<'p>>,
    more_errors: usize,
    /// Bytes that were written and dropped again.
    dropped: usize,
    most: usize,
    /// By set and row: where the row was written. Given up at the first error, whose path each copy would need.
    memo: Option<Vec<Vec<(u32, u32)>>>,
}

impl<'p, 'a> Writer<'p, 'a> {
    fn failed(&mut self, error: Error, positions: &'p [Position]) {
        self.memo = None;
        if self.errors.len() == MOST_ERRORS {
            self.more_errors += 1;
            return;
        }
        self.errors.push(Failure { error, path: self.path.clone(), positions });
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

    fn object(&mut self, set: OutputId, row: usize) -> Result<(), Stop> {
        let set = &self.sets[set.0 as usize];
        if let Some(error) = &set.plan.failed {
            self.failed(error.clone(), &[]);
            return Err(Stop::Null);
        }
        self.out.push(b'{');
        for (at, entry) in set.entries.iter().enumerate() {
            if at > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(&entry.plan.key);
            match &entry.what {
                What::Plain { column, place, ty, form } => {
                    let start = self.out.len();
                    if let Err(error) = leaf::write(&mut self.out, column, set.table.position(*place, row), *form) {
                        self.path.push(Part::Key(&entry.plan.name));
                        self.failed(error, &entry.plan.positions);
                        self.path.pop();
                        self.null_or_stop(ty, start)?;
                    }
                }
                What::Value(value) => self.value(set.table, entry.plan, *value, row)?,
                What::Link(link) => {
                    self.path.push(Part::Key(&entry.plan.name));
                    let written = self.link(*link, row, &entry.plan.positions);
                    self.path.pop();
                    written?;
                }
                What::TypeName(name) => self.out.extend_from_slice(name),
                What::Introspection(at) => self.introspected(*at)?,
            }
        }
        self.out.push(b'}');
        self.check_size()
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
            self.path.extend(path);
            self.failed(Error::new(&*error.message).code("BAD_USER_INPUT"), std::slice::from_ref(&error.position));
            self.path.clear();
        }
        let written = answers.get(at as usize).and_then(|answer| bytes.get(answer.clone()?));
        self.out.extend_from_slice(written.ok_or(Stop::Null)?);
        self.check_size()
    }

    /// A value that may be null, failed, or a list.
    fn value(&mut self, table: &'a Table, plan: &'p OutputEntry, value: ValueOut<'a>, row: usize) -> Result<(), Stop> {
        let ValueOut { cells, ty, form, record, member } = value;
        let start = self.out.len();
        self.path.push(Part::Key(&plan.name));
        let written = match cells {
            None => Err(Some(Error::internal(format!("`{member}` was not loaded")))),
            Some(cells) => match cells.errors.at(row) {
                Some(error) => Err(Some(error.clone())),
                None => {
                    let at = table.position(cells.place, row);
                    self.item(&cells.column, at, ty, (form, record), &plan.positions, member)
                }
            },
        };
        let written = written.or_else(|error| {
            if let Some(error) = error {
                self.failed(error, &plan.positions);
            }
            self.null_or_stop(ty, start)
        });
        self.path.pop();
        written
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
        positions: &'p [Position],
        member: &str,
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
            (Values::Record(fields), _, Some(record)) => return self.record(record, fields.fields(), at),
            _ => return leaf::write(&mut self.out, column, at, form).map_err(Some),
        };
        let of: &'static TypeDef = of;
        self.out.push(b'[');
        for (index, item) in list.range(at).enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.path.push(Part::Index(index as u32));
            let start = self.out.len();
            if let Err(error) = self.item(&list.items, item, of, (form, record), positions, member) {
                if let Some(error) = error {
                    self.failed(error, positions);
                }
                if !of.is_nullable() {
                    self.path.pop();
                    return Err(None);
                }
                self.null_at(start);
            }
            self.path.pop();
        }
        self.out.push(b']');
        Ok(())
    }

    /// One record; an error without text was reported further down.
    fn record(&mut self, record: RecordId, fields: &'a [Column], at: usize) -> Result<(), Option<Error>> {
        let records = self.records;
        let RecordOut { plan, forms } = &records[record.0 as usize];
        if let Some(error) = &plan.failed {
            return Err(Some(error.clone()));
        }
        self.out.push(b'{');
        for (index, entry) in plan.entries.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(&entry.key);
            let (field, below) = match &entry.what {
                RecordOutput::TypeName(name) => {
                    self.out.extend_from_slice(name);
                    continue;
                }
                RecordOutput::Value(field, below) => (*field as usize, *below),
            };
            let (start, def) = (self.out.len(), &plan.def.fields[field]);
            self.path.push(Part::Key(&entry.name));
            let written = self.item(&fields[field], at, def.ty, (forms[field], below), &entry.positions, def.stored);
            if let Err(error) = written {
                if let Some(error) = error {
                    self.failed(error, &entry.positions);
                }
                if !def.ty.is_nullable() {
                    self.path.pop();
                    return Err(None);
                }
                self.null_at(start);
            }
            self.path.pop();
        }
        self.out.push(b'}');
        Ok(())
    }

    /// Where a target of a link stands: of a union or interface, among the rows of its own node.
    fn resolve(&self, set: OutputId, target: u32) -> (OutputId, u32) {
        let of = &self.sets[set.0 as usize];
        match of.table.cases.get(target as usize) {
            Some(&(case, row)) => (of.plan.cases[case as usize], row),
            None => (set, target),
        }
    }

    fn link(&mut self, link: LinkOut<'a>, row: usize, positions: &'p [Position]) -> Result<(), Stop> {
        let start = self.out.len();
        let error = match link.edges {
            None => Some(Error::internal(format!("`{}` was not loaded", link.name))),
            Some(edges) => edges.errors.at(if edges.shared { 0 } else { row }).cloned(),
        };
        if let Some(error) = error {
            if !error.is_null() {
                self.failed(error, positions);
                return if link.cardinality.is_nullable() { self.nulled(start) } else { Err(Stop::Null) };
            }
            self.out.extend_from_slice(b"null");
            return Ok(());
        }
        let targets = link.edges.map_or(&[][..], |edges| edges.of(row));
        if !link.cardinality.is_many() {
            let written = self.target(link, targets.first().copied().unwrap_or(NO_ROW), positions);
            return match written {
                Err(Stop::Null) if link.cardinality == Cardinality::Maybe => self.nulled(start),
                written => written,
            };
        }
        self.out.push(b'[');
        let mut index = 0;
        for &target in targets {
            if link.drops != Drops::None && target != NO_ROW {
                let (set, row) = self.resolve(link.set, target);
                let set = &self.sets[set.0 as usize];
                if (link.drops == Drops::All || set.hides) && set.table.is_missing(row as usize) {
                    continue;
                }
            }
            if index > 0 {
                self.out.push(b',');
            }
            self.path.push(Part::Index(index));
            let item = self.out.len();
            let written = self.target(link, target, positions);
            self.path.pop();
            match written {
                Err(Stop::Null) if link.cardinality.is_maybe() => self.nulled(item)?,
                Err(Stop::Null) if link.cardinality.is_nullable() => return self.nulled(start),
                written => written?,
            }
            index += 1;
        }
        self.out.push(b']');
        Ok(())
    }

    fn nulled(&mut self, start: usize) -> Result<(), Stop> {
        self.null_at(start);
        self.check_size()
    }

    /// One node behind a link; [`Stop::Null`] if there is none where there must be one, or none could be written.
    fn target(&mut self, link: LinkOut<'a>, target: u32, positions: &'p [Position]) -> Result<(), Stop> {
        let (set, target) = self.resolve(link.set, target);
        let table = self.sets[set.0 as usize].table;
        let missing = target == NO_ROW || table.is_missing(target as usize);
        if missing && link.cardinality.is_maybe() {
            self.out.extend_from_slice(b"null");
            return Ok(());
        }
        if missing {
            let error =
                Error::new(format!("`{}` leads to nothing, but it must lead to a node", link.name)).code("NOT_FOUND");
            self.failed(error, positions);
            return Err(Stop::Null);
        }
        let row = target as usize;
        if let Some(error) = &table.failed {
            self.failed(error.clone(), positions);
            return Err(Stop::Null);
        }
        if !link.repeats {
            return self.object(set, row);
        }
        if let Some(memo) = &mut self.memo {
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
        self.object(set, row)?;
        if let Some(memo) = &mut self.memo
            && let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(self.out.len()))
        {
            memo[set.0 as usize][row] = (start, end);
        }
        Ok(())
    }
}
