//! Links: from the rows of a layer to the distinct rows of the next.

use std::sync::Arc;

use serde_json::Value as Json;

use super::answer::{check_columns, check_count, key_column, stored_columns};
use super::gather::Gathered;
use super::{JobWork, Next, Run};
use crate::error::{Error, Result};
use crate::graph::{Answer, Cardinality, Kind, Loader, Rows, ScalarDef, TypeDef};
use crate::index::{Column, Edges, KeyIndex, NO_ROW, Place, RowErrors, Targets, Values, distinct, push_given};
use crate::plan::{How, LayerId, LinkWork, SlotId, StepId};
use crate::sql::{Fetched, Page};

/// What says of which node a target is.
static TAG: TypeDef = TypeDef::Scalar(&ScalarDef::new("Int", Kind::I32));

impl Run<'_> {
    pub(super) fn start_link(&mut self, step: StepId, link: &LinkWork) -> Result<Next> {
        let layer = self.plan.step(step).layer;
        let args = self.args(layer, link.member, &link.args)?;
        let page = link.page.map(|page| read_page(page, &args)).transpose()?;
        match &link.how {
            How::All(fetch) => {
                let sent = Gathered { rows: 1, ..Gathered::default() };
                let args = self.fetch_args(fetch, &sent, page)?;
                self.send(step, sent, &fetch.name);
                Ok(Next::Job(JobWork::Fetch(args)))
            }
            How::Children(fetch) | How::Pairs(fetch) => {
                let sent = self.gather(layer, &link.requires)?;
                if sent.rows == 0 {
                    self.no_targets(step, sent);
                    return Ok(Next::Done);
                }
                let args = self.fetch_args(fetch, &sent, page)?;
                self.send(step, sent, &fetch.name);
                Ok(Next::Job(JobWork::Fetch(args)))
            }
            How::Key => {
                let sent = self.gather(layer, &link.requires)?;
                let keys = distinct(&sent.columns, sent.rows);
                let targets = self.back(layer, &sent, None, Targets::Rows(keys.row_of)).1;
                self.connect(step, Edges { targets, errors: RowErrors::new(sent.errors), ..Edges::default() });
                self.open_keys(link.child, keys.keys);
                Ok(Next::Done)
            }
            How::ByKey => {
                let node = self.plan.graph.node(self.plan.layer(link.child).node);
                for ((&key, value), &slot) in node.key.iter().zip(args.iter()).zip(&self.plan.layer(link.child).key) {
                    let mut column = Column::new(node.field(key).ty);
                    push_given(&mut column, node.field(key).ty, value.as_ref().unwrap_or(&Json::Null))?;
                    self.fill(link.child, std::iter::once((slot, Arc::new(column))), Place::Row);
                }
                self.connect(step, Edges { targets: Targets::Same(1), ..Edges::default() });
                self.tables[link.child.0 as usize].rows = 1;
                self.open(link.child);
                Ok(Next::Done)
            }
            How::Memory { rows, by, order } => {
                let rows = (rows.get)(&self.context)?;
                self.memory_rows(step, link, &rows, by, order, page)?;
                Ok(Next::Done)
            }
            How::MemoryThrough(through) => {
                self.memory_through(step, link, through, page)?;
                Ok(Next::Done)
            }
            How::Loader(loader) => {
                let sent = self.gather_for(loader, layer, &link.requires)?;
                self.call(step, loader, sent, args)
            }
        }
    }

    /// The rows of a statement behind a link.
    pub(super) fn linked_rows(
        &mut self,
        step: StepId,
        link: &LinkWork,
        sent: Gathered,
        fetched: Fetched,
    ) -> Result<()> {
        let plan = self.plan;
        let layer = plan.step(step).layer;
        let Fetched { columns, errors, .. } = fetched;
        let mut lead: Vec<Arc<Column>> = columns.into_iter().map(Arc::new).collect();
        match &link.how {
            How::All(fetch) => {
                let rows = rows_of(&lead);
                self.connect(step, all(rows));
                self.open_rows(link.child, rows, fetch.fills.iter().copied().zip(lead));
                self.value_errors(link.child, &fetch.fills, errors);
            }
            How::Children(fetch) => {
                let values = lead.split_off(sent.columns.len());
                let rows = rows_of(&lead);
                let (ends, targets) = group(&sent, &lead, rows, |row| row as u32);
                let (ends, targets) = self.back(layer, &sent, Some(ends), Targets::Rows(targets));
                self.connect(step, Edges { ends, targets, shared: false, errors: RowErrors::new(sent.errors) });
                let lead = fetch.lead.iter().zip(lead).filter_map(|(slot, column)| Some(((*slot)?, column)));
                self.open_rows(link.child, rows, lead.chain(fetch.fills.iter().copied().zip(values)));
                self.value_errors(link.child, &fetch.fills, errors);
            }
            How::Pairs(_) => {
                let to = lead.split_off(sent.columns.len());
                let rows = rows_of(&lead);
                let keys = distinct(&to, rows);
                let (ends, targets) = group(&sent, &lead, rows, |row| keys.row_of[row]);
                let (ends, targets) = self.back(layer, &sent, Some(ends), Targets::Rows(targets));
                let edges = Edges { ends, targets, shared: false, errors: RowErrors::new(sent.errors) };
                self.connect(step, one_of(link.cardinality, edges));
                self.open_keys(link.child, keys.keys);
            }
            _ => return Err(Error::internal("this link is not a statement")),
        }
        Ok(())
    }

    /// What the function behind a link answered.
    pub(super) fn linked_answer(
        &mut self,
        step: StepId,
        link: &LinkWork,
        sent: Gathered,
        answer: Answer,
    ) -> Result<()> {
        let plan = self.plan;
        let How::Loader(loader) = &link.how else {
            return Err(Error::internal("this link is not a function"));
        };
        let layer = plan.step(step).layer;
        let (rows, whole) = match answer {
            Answer::Keys(rows) => (rows, false),
            Answer::Nodes(rows) => (rows, true),
            Answer::Column(_) => return Err(Error::internal(format!("`{}` answered values, not links", loader.name))),
        };
        if !plan.layer(link.child).cases.is_empty() {
            return self.one_of_answer(step, (link, loader), sent, rows, whole);
        }
        let Rows { values, ends, errors, shared } = rows;
        let node = plan.graph.node(plan.layer(link.child).node);
        let fields = if whole { &node.stored } else { &node.key };
        check_columns(&loader.name, &values, fields.iter().map(|&field| node.field(field).ty))?;
        let columns: Vec<Arc<Column>> = values.into_iter().map(Arc::new).collect();
        let entries = rows_of(&columns);
        let wanted = if shared { 1 } else { sent.rows };
        check_count(&loader.name, ends.as_ref().map_or(entries, Vec::len), wanted)?;
        let child = plan.layer(link.child);
        let mut keys = columns.clone();
        if whole {
            keys = node.key.iter().filter_map(|&key| columns.get(node.stored_at(key)?).cloned()).collect();
        }
        if keys.len() != node.key.len()
            || ends
                .as_ref()
                .is_some_and(|ends| !ends.is_sorted() || ends.last().copied().unwrap_or(0) as usize > entries)
        {
            return Err(Error::internal(format!("`{}` answered malformed links", loader.name)));
        }
        let distinct = distinct(&keys, entries);
        let found = rows_of(&distinct.keys);
        let mut edges =
            Edges { ends, targets: Targets::Rows(distinct.row_of.clone()), shared, errors: RowErrors::None };
        if shared {
            edges.errors = RowErrors::shared(errors);
        } else {
            let (ends, targets) = self.back(layer, &sent, edges.ends, edges.targets);
            edges = Edges { ends, targets, shared, errors: self.errors_back(layer, &sent, errors) };
        }
        self.connect(step, edges);
        if !whole {
            self.open_keys(link.child, distinct.keys);
            return Ok(());
        }
        // The first of each key, as its row.
        let mut first = vec![NO_ROW; found];
        for (entry, &row) in distinct.row_of.iter().enumerate() {
            if row != NO_ROW && first[row as usize] == NO_ROW {
                first[row as usize] = entry as u32;
            }
        }
        let columns = if found == entries {
            columns
        } else {
            columns.iter().map(|column| Arc::new(column.take(first.iter().map(|&row| row as usize)))).collect()
        };
        debug_assert!(key_column(node, &columns).is_none_or(|key| key.len() == found));
        self.tables[link.child.0 as usize].rows = found;
        let slots = (0..child.slots.len() as u32).map(SlotId);
        self.fill(link.child, stored_columns(child, slots, &columns), Place::Row);
        self.open_whole(link.child);
        Ok(())
    }

    /// As [`linked_answer`](Self::linked_answer), where the targets are of several nodes: each is opened as one batch.
    fn one_of_answer(
        &mut self,
        step: StepId,
        (link, loader): (&LinkWork, &Loader),
        sent: Gathered,
        rows: Rows<Vec<Column>>,
        whole: bool,
    ) -> Result<()> {
        let plan = self.plan;
        let layer = plan.step(step).layer;
        let Rows { values, ends, errors, shared } = rows;
        let malformed = || Error::internal(format!("`{}` answered malformed links", loader.name));
        let mut columns = values.into_iter().map(Arc::new);
        let tag = columns.next().ok_or_else(malformed)?;
        let Values::I32(tags) = tag.values() else { return Err(malformed()) };
        let entries = tag.len();
        let wanted = if shared { 1 } else { sent.rows };
        check_count(&loader.name, ends.as_ref().map_or(entries, Vec::len), wanted)?;
        if ends.as_ref().is_some_and(|ends| !ends.is_sorted() || ends.last().copied().unwrap_or(0) as usize > entries) {
            return Err(malformed());
        }
        let mut rows_of_entries = vec![NO_ROW; entries];
        let mut cases = Vec::with_capacity(entries);
        let mut of_cases: Vec<Vec<usize>> = plan.layer(link.child).cases.iter().map(|_| Vec::new()).collect();
        for entry in (0..entries).filter(|&entry| !tag.is_null(entry)) {
            usize::try_from(tags[entry])
                .ok()
                .and_then(|case| of_cases.get_mut(case))
                .ok_or_else(malformed)?
                .push(entry);
        }
        for (case, &child) in plan.layer(link.child).cases.iter().enumerate() {
            let node = plan.graph.node(plan.layer(child).node);
            let fields = if whole { &node.stored } else { &node.key };
            let of_case: Vec<Arc<Column>> = columns.by_ref().take(fields.len()).collect();
            check_columns(
                &loader.name,
                of_case.iter().map(|column| &**column).chain([&*tag]).collect::<Vec<_>>(),
                fields.iter().map(|&field| node.field(field).ty).chain([&TAG]).collect::<Vec<_>>(),
            )?;
            let chosen = std::mem::take(&mut of_cases[case]);
            let taken: Vec<Arc<Column>> =
                of_case.iter().map(|column| Arc::new(column.take(chosen.iter().copied()))).collect();
            let keys: Vec<Arc<Column>> = if whole {
                node.key.iter().filter_map(|&key| taken.get(node.stored_at(key)?).cloned()).collect()
            } else {
                taken.clone()
            };
            let distinct = distinct(&keys, chosen.len());
            let mut first = vec![NO_ROW; rows_of(&distinct.keys)];
            for (at, (&entry, &row)) in chosen.iter().zip(&distinct.row_of).enumerate() {
                if row == NO_ROW {
                    continue;
                }
                rows_of_entries[entry] = cases.len() as u32;
                cases.push((case as u32, row));
                if first[row as usize] == NO_ROW {
                    first[row as usize] = at as u32;
                }
            }
            if whole {
                let rows = first.len();
                let columns: Vec<Arc<Column>> =
                    taken.iter().map(|column| Arc::new(column.take(first.iter().map(|&row| row as usize)))).collect();
                self.tables[child.0 as usize].rows = rows;
                let slots = (0..plan.layer(child).slots.len() as u32).map(SlotId);
                self.fill(child, stored_columns(plan.layer(child), slots, &columns), Place::Row);
                self.open_whole(child);
            } else {
                self.open_keys(child, distinct.keys);
            }
        }
        let table = &mut self.tables[link.child.0 as usize];
        table.rows = cases.len();
        table.cases = cases;
        let mut edges = Edges { ends, targets: Targets::Rows(rows_of_entries), shared, errors: RowErrors::None };
        if shared {
            edges.errors = RowErrors::shared(errors);
        } else {
            let (ends, targets) = self.back(layer, &sent, edges.ends, edges.targets);
            edges = Edges { ends, targets, shared, errors: self.errors_back(layer, &sent, errors) };
        }
        self.connect(step, edges);
        Ok(())
    }

    /// A link that leads nowhere.
    pub(super) fn no_targets(&mut self, step: StepId, sent: Gathered) {
        let rows = self.tables[self.plan.step(step).layer.0 as usize].rows;
        let plan = self.plan;
        let crate::plan::Work::Link(link) = &plan.step(step).work else { return };
        let many = link.cardinality.is_many();
        let (ends, targets) =
            if many { (Some(vec![0; rows]), Targets::Same(0)) } else { (None, Targets::Rows(vec![NO_ROW; rows])) };
        self.connect(step, Edges { ends, targets, shared: false, errors: RowErrors::new(sent.errors) });
    }

    pub(super) fn connect(&mut self, step: StepId, edges: Edges) {
        self.edges[step.0 as usize] = Some(edges);
        self.done(step);
    }

    /// Open a layer whose rows are keys; its other columns are still to be loaded.
    pub(super) fn open_keys(&mut self, layer: LayerId, keys: Vec<Arc<Column>>) {
        self.tables[layer.0 as usize].rows = rows_of(&keys);
        let slots = &self.plan.layer(layer).key;
        self.fill(layer, slots.iter().copied().zip(keys), Place::Row);
        self.open(layer);
    }

    /// Open a layer whose rows came with their columns.
    pub(super) fn open_rows(
        &mut self,
        layer: LayerId,
        rows: usize,
        columns: impl Iterator<Item = (SlotId, Arc<Column>)>,
    ) {
        self.tables[layer.0 as usize].rows = rows;
        self.fill(layer, columns, Place::Row);
        self.open(layer);
    }

    /// Edges of the rows sent, as edges of the rows of the layer.
    pub(super) fn back(
        &self,
        layer: LayerId,
        sent: &Gathered,
        ends: Option<Vec<u32>>,
        targets: Targets,
    ) -> (Option<Vec<u32>>, Targets) {
        let Some(row_of) = &sent.row_of else { return (ends, targets) };
        let edges = Edges { ends, targets, ..Edges::default() };
        let rows = self.tables[layer.0 as usize].rows;
        let mut out = Vec::with_capacity(edges.targets.len());
        let target = |at: usize| edges.targets.get(at).unwrap_or(NO_ROW);
        if edges.ends.is_none() {
            out.extend(row_of.iter().map(|&row| if row == NO_ROW { NO_ROW } else { target(row as usize) }));
            return (None, Targets::Rows(out));
        }
        let mut ends = Vec::with_capacity(rows);
        for &row in row_of {
            if row != NO_ROW {
                out.extend(edges.of(row as usize).map(target));
            }
            ends.push(out.len() as u32);
        }
        (Some(ends), Targets::Rows(out))
    }

    /// Errors of the rows sent, and of those not sent, as errors of the rows of the layer.
    fn errors_back(&self, layer: LayerId, sent: &Gathered, errors: Vec<(u32, Error)>) -> RowErrors {
        if errors.is_empty() {
            return RowErrors::new(sent.errors.clone());
        }
        let of_sent = RowErrors::new(errors);
        let mut all = sent.errors.clone();
        for row in 0..self.tables[layer.0 as usize].rows {
            let error = sent.sent_row(row).and_then(|sent_row| of_sent.at(sent_row));
            all.extend(error.map(|error| (row as u32, error.clone())));
        }
        all.sort_by_key(|(row, _)| *row);
        RowErrors::new(all)
    }
}

/// Edges from the root to so many rows.
pub(super) fn all(rows: usize) -> Edges {
    Edges { ends: Some(vec![rows as u32]), targets: Targets::Same(rows as u32), ..Edges::default() }
}

/// How many rows columns have.
fn rows_of(columns: &[Arc<Column>]) -> usize {
    columns.first().map_or(0, |column| column.len())
}

/// Found rows by the row sent that they belong to, each group in the order found.
fn group(sent: &Gathered, lead: &[Arc<Column>], rows: usize, target: impl Fn(usize) -> u32) -> (Vec<u32>, Vec<u32>) {
    let index = KeyIndex::new(&sent.columns, sent.rows);
    // A pair without a target, by a null in the join table, is none.
    let owner = |row| if target(row) == NO_ROW { NO_ROW } else { index.find(lead, row).unwrap_or(NO_ROW) };
    let owners: Vec<u32> = (0..rows).map(owner).collect();
    let mut ends = vec![0u32; sent.rows];
    for &owner in owners.iter().filter(|&&owner| owner != NO_ROW) {
        ends[owner as usize] += 1;
    }
    let mut next = Vec::with_capacity(sent.rows);
    let mut total = 0;
    for end in &mut ends {
        next.push(total);
        total += *end;
        *end = total;
    }
    let mut targets = vec![NO_ROW; total as usize];
    for (row, &owner) in owners.iter().enumerate() {
        if owner != NO_ROW {
            let at = &mut next[owner as usize];
            targets[*at as usize] = target(row);
            *at += 1;
        }
    }
    if index.len() == sent.rows {
        return (ends, targets);
    }
    // A source that is no table with a key can repeat one: what belongs to the first belongs to all.
    let of_first = targets;
    let first = Edges { ends: Some(ends), ..Edges::default() };
    let (mut ends, mut targets) = (Vec::with_capacity(sent.rows), Vec::with_capacity(of_first.len()));
    for row in 0..sent.rows {
        if let Some(first_row) = index.find(&sent.columns, row) {
            targets.extend_from_slice(&of_first[first.of(first_row as usize)]);
        }
        ends.push(targets.len() as u32);
    }
    (ends, targets)
}

/// Pairs behind a link to one: the first of each.
fn one_of(cardinality: Cardinality, edges: Edges) -> Edges {
    if cardinality.is_many() {
        return edges;
    }
    let rows = edges.ends.as_ref().map_or(0, Vec::len);
    let first = |row| edges.of(row).next().and_then(|at| edges.targets.get(at)).unwrap_or(NO_ROW);
    let targets = Targets::Rows((0..rows).map(first).collect());
    Edges { ends: None, targets, ..edges }
}

/// The page that the arguments ask for.
fn read_page(page: crate::plan::Page, args: &[Option<Json>]) -> Result<Page> {
    let refuse = |text: String| Error::new(text).code("BAD_USER_INPUT");
    let number = |at: usize, default: i64| args.get(at).and_then(|arg| arg.as_ref()?.as_i64()).unwrap_or(default);
    let (limit, offset) = (number(page.limit_at, page.default.into()), number(page.limit_at + 1, 0));
    if limit < 0 || offset < 0 {
        return Err(refuse("`limit` and `offset` cannot be negative".into()));
    }
    if limit > i64::from(page.max) {
        return Err(refuse(format!("`limit` can be {} at most", page.max)));
    }
    Ok(Page { limit, offset })
}
