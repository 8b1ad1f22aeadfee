//! Links between rows that the process holds: the columns are lent, only row numbers are made.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::Run;
use super::answer::stored_columns;
use super::gather::Gathered;
use super::link::all;
use crate::error::Result;
use crate::index::{Edges, Map, MemoryRows, NO_ROW, Place, RowErrors, Targets};
use crate::plan::{LayerId, LinkWork, SlotId, StepId, Through};
use crate::sql::Page;

impl Run<'_> {
    /// All rows, or those whose columns equal the parent's.
    pub(super) fn memory_rows(
        &mut self,
        step: StepId,
        link: &LinkWork,
        rows: &MemoryRows,
        by: &[usize],
        order: &[(usize, bool)],
        page: Option<Page>,
    ) -> Result<()> {
        if by.is_empty() {
            let (found, map) = match (rows.ordered(order), page) {
                (None, None) => (rows.len(), None),
                (None, Some(page)) => {
                    let part = page_of(rows.len(), page);
                    (part.len(), Some(Map::Made((part.start as u32..part.end as u32).collect())))
                }
                (Some(ordered), None) => (ordered.len(), Some(Map::Lent(ordered))),
                (Some(ordered), Some(page)) => {
                    let part = &ordered[page_of(ordered.len(), page)];
                    (part.len(), Some(Map::Made(part.to_vec())))
                }
            };
            self.connect(step, all(found));
            self.lend(link.child, rows, found, map);
            return Ok(());
        }
        let layer = self.plan.step(step).layer;
        let sent = self.gather(layer, &link.requires)?;
        let groups = rows.grouped(by, order);
        let (mut ends, mut found) = (Vec::with_capacity(sent.rows), Vec::new());
        groups.each(&sent.columns, sent.rows, |rows| {
            found.extend_from_slice(paged(rows, page));
            ends.push(found.len() as u32);
        });
        self.connect_sent(step, layer, sent, ends, Targets::Same(found.len() as u32));
        self.lend(link.child, rows, found.len(), Some(Map::Made(found)));
        Ok(())
    }

    /// Rows of `target` that rows of `join` pair with the parents.
    pub(super) fn memory_through(
        &mut self,
        step: StepId,
        link: &LinkWork,
        through: &Through,
        page: Option<Page>,
    ) -> Result<()> {
        let (join, target) = ((through.join.get)(&self.context)?, (through.target.get)(&self.context)?);
        let layer = self.plan.step(step).layer;
        let sent = self.gather(layer, &link.requires)?;
        let groups = join.through((&through.from, &through.to), (&target, &through.key), &through.order);
        let (mut ends, mut targets) = (Vec::with_capacity(sent.rows), Vec::new());
        groups.each(&sent.columns, sent.rows, |rows| {
            targets.extend_from_slice(paged(rows, page));
            ends.push(targets.len() as u32);
        });
        let found = numbered(&mut targets, target.len());
        self.connect_sent(step, layer, sent, ends, Targets::Rows(targets));
        self.lend(link.child, &target, found.len(), Some(Map::Made(found)));
        Ok(())
    }

    fn connect_sent(&mut self, step: StepId, layer: LayerId, sent: Gathered, ends: Vec<u32>, targets: Targets) {
        let (ends, targets) = self.back(layer, &sent, Some(ends), targets);
        self.connect(step, Edges { ends, targets, shared: false, errors: RowErrors::new(sent.errors) });
    }

    /// Open a layer over so many rows, which stand at these positions.
    fn lend(&mut self, layer: LayerId, rows: &MemoryRows, found: usize, map: Option<Map>) {
        let plan = self.plan;
        let slots = (0..plan.layer(layer).slots.len() as u32).map(SlotId);
        let table = &mut self.tables[layer.0 as usize];
        table.rows = found;
        table.map = map;
        self.fill(layer, stored_columns(plan.layer(layer), slots, rows.columns()), Place::Source);
        self.open(layer);
    }
}

/// Rows of a source, of which there are so many, become rows of a layer: numbers of the distinct ones, which are answered.
fn numbered(rows: &mut [u32], of: usize) -> Vec<u32> {
    let mut found = Vec::new();
    let mut number = |row: &mut u32, known: &mut u32| {
        if *known == NO_ROW {
            *known = found.len() as u32;
            found.push(*row);
        }
        *row = *known;
    };
    // A request for a few rows does not pay for all there are.
    if of / 8 > rows.len() {
        let mut known = FxHashMap::default();
        rows.iter_mut().for_each(|row| number(row, known.entry(*row).or_insert(NO_ROW)));
    } else {
        let mut known = vec![NO_ROW; of];
        rows.iter_mut().for_each(|row| number(row, &mut known[*row as usize]));
    }
    found
}

fn paged(rows: &[u32], page: Option<Page>) -> &[u32] {
    page.map_or(rows, |page| &rows[page_of(rows.len(), page)])
}

/// Which of so many rows are on a page.
fn page_of(rows: usize, page: Page) -> Range<usize> {
    let at = |value: i64| usize::try_from(value).unwrap_or(usize::MAX);
    let start = at(page.offset).min(rows);
    start..start.saturating_add(at(page.limit)).min(rows)
}
