//! Links between rows that the process holds: the columns are lent, only row numbers are made.

use std::sync::Arc;

use super::Run;
use super::answer::stored_columns;
use super::gather::Gathered;
use crate::error::Result;
use crate::index::{Column, Edges, MemoryRows, NO_ROW, Place, RowErrors};
use crate::plan::{LayerId, LinkWork, SlotId, StepId};
use crate::sql::Page;

impl Run {
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
            let ordered = rows.ordered(order);
            let found: Arc<[u32]> = match page {
                None => ordered,
                Some(page) => paged(&ordered, Some(page)).into(),
            };
            let targets = (0..found.len() as u32).collect();
            self.connect(step, Edges { ends: Some(vec![found.len() as u32]), targets, ..Edges::default() });
            self.lend(link.child, rows, found);
            return Ok(());
        }
        let layer = self.plan.step(step).layer;
        let sent = self.gather(layer, &link.requires)?;
        let groups = rows.grouped(by, order);
        let keys: Vec<&Column> = sent.columns.iter().map(|column| &**column).collect();
        let (mut ends, mut found) = (Vec::with_capacity(sent.rows), Vec::new());
        for row in 0..sent.rows {
            found.extend_from_slice(paged(groups.find(&keys, row), page));
            ends.push(found.len() as u32);
        }
        let targets = (0..found.len() as u32).collect();
        self.connect_sent(step, layer, sent, ends, targets);
        self.lend(link.child, rows, found.into());
        Ok(())
    }

    /// Rows of `target` that rows of `join` pair with the parents.
    pub(super) fn memory_through(
        &mut self,
        step: StepId,
        link: &LinkWork,
        (join, from, to): (&MemoryRows, &[usize], &[usize]),
        (target, order): (&MemoryRows, &[(usize, bool)]),
        page: Option<Page>,
    ) -> Result<()> {
        let layer = self.plan.step(step).layer;
        let sent = self.gather(layer, &link.requires)?;
        let pairs = join.grouped(from, &[]);
        let node = self.plan.graph.node(self.plan.layer(link.child).node);
        let key: Vec<usize> = node.key.iter().filter_map(|&key| node.stored_at(key)).collect();
        let by_key = target.grouped(&key, &[]);
        let ranks = target.ranks(order);
        let keys: Vec<&Column> = sent.columns.iter().map(|column| &**column).collect();
        let to: Vec<&Column> = to.iter().map(|&column| &*join.columns()[column]).collect();
        // A row of the target may be reached many times; it is one row of the layer.
        let mut row_of = vec![NO_ROW; target.len()];
        let (mut ends, mut targets, mut found, mut of_row) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for row in 0..sent.rows {
            of_row.clear();
            of_row.extend(pairs.find(&keys, row).iter().filter_map(|&pair| by_key.find(&to, pair as usize).first()));
            of_row.sort_by_key(|&row| ranks[row as usize]);
            for &memory_row in paged(&of_row, page) {
                let row = &mut row_of[memory_row as usize];
                if *row == NO_ROW {
                    *row = found.len() as u32;
                    found.push(memory_row);
                }
                targets.push(*row);
            }
            ends.push(targets.len() as u32);
        }
        self.connect_sent(step, layer, sent, ends, targets);
        self.lend(link.child, target, found.into());
        Ok(())
    }

    fn connect_sent(&mut self, step: StepId, layer: LayerId, sent: Gathered, ends: Vec<u32>, targets: Vec<u32>) {
        let (ends, targets) = self.back(layer, &sent, Some(ends), targets);
        self.connect(step, Edges { ends, targets, shared: false, errors: RowErrors::new(sent.errors) });
    }

    /// Open a layer over these rows.
    fn lend(&mut self, layer: LayerId, rows: &MemoryRows, found: Arc<[u32]>) {
        let plan = self.plan.clone();
        let slots = (0..plan.layer(layer).slots.len() as u32).map(SlotId);
        let same = found.iter().enumerate().all(|(row, &at)| row as u32 == at);
        let table = &mut self.tables[layer.0 as usize];
        table.rows = found.len();
        table.map = (!same).then_some(found);
        self.fill(layer, stored_columns(plan.layer(layer), slots, rows.columns()), Place::Source);
        self.open(layer);
    }
}

fn paged(rows: &[u32], page: Option<Page>) -> &[u32] {
    let Some(page) = page else { return rows };
    let at = |value: i64| usize::try_from(value).unwrap_or(usize::MAX);
    let start = at(page.offset).min(rows.len());
    let end = start.saturating_add(at(page.limit)).min(rows.len());
    &rows[start..end]
}
