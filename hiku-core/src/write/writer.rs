//! One pass over plan and index, straight into the buffer.

use super::entry::{Drops, Entry, LinkOut, RecordOut, ValueOut, What};
use super::failure::{Failure, Part, Path, at_index, under_key};
use super::leaf::{self, Form};
use crate::error::Error;
use crate::escape::escape_open;
use crate::graph::{Cardinality, TypeDef};
use crate::index::{Column, NO_ROW, Table, Values};
use crate::plan::{OutputEntry, OutputId, Plan, RecordId, RecordOutput};
use crate::query::{Introspected, PathPart, Position};

/// How many errors a response lists; what comes after is counted.
const MOST_ERRORS: usize = 1000;

/// Why writing stopped.
pub(super) enum Stop {
    /// The value is null; the nearest place that can be null takes it.
    Null,
    /// The response is too large.
    TooLarge,
}

/// Paths, and with them errors, live as long as the plan; the rest only as long as one run's index.
pub(super) struct Writer<'p, 'a> {
    pub(super) plan: &'p Plan,
    pub(super) tables: &'a [Table],
    /// Of all sets, one after the other.
    pub(super) entries: &'a [Entry<'p, 'a>],
    pub(super) records: &'a [RecordOut<'p>],
    pub(super) introspected: &'p Introspected,
    pub(super) out: Vec<u8>,
    pub(super) errors: Vec<Failure<'p>>,
    pub(super) more_errors: usize,
    /// Bytes that were written and dropped again.
    pub(super) dropped: usize,
    pub(super) most: usize,
    /// By set and row: where the row was written. Given up at the first error, whose path each copy would need.
    pub(super) memo: Option<Vec<Vec<(u32, u32)>>>,
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

    pub(super) fn object(&mut self, set: OutputId, row: usize, here: Here<'_, 'p>) -> Result<(), Stop> {
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
