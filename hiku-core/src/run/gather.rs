//! Which rows of a layer a loader is given: those that exist, whose required values did not fail, each combination once.

use std::sync::Arc;

use super::Run;
use crate::error::{Error, Result};
use crate::graph::{Loader, LoaderRun};
use crate::index::{Cells, Column, Combinations, NO_ROW, Place, is_sound, known};
use crate::plan::{LayerId, SlotId};

/// The rows sent, and how the answers come back to the rows of the layer.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// One column per required slot.
    pub(crate) columns: Vec<Arc<Column>>,
    /// How many rows were sent.
    pub(crate) rows: usize,
    /// For every row of the layer, the row sent; [`NO_ROW`] if it was not. `None` if they are the same.
    pub(crate) row_of: Option<Vec<u32>>,
    /// Rows of the layer that were not sent because a required value failed, ascending.
    pub(crate) errors: Vec<(u32, Error)>,
}

impl Gathered {
    /// The row sent for a row of the layer.
    pub(crate) fn sent_row(&self, row: usize) -> Option<usize> {
        match &self.row_of {
            None => Some(row),
            Some(row_of) => (row_of[row] != NO_ROW).then(|| row_of[row] as usize),
        }
    }
}

impl Run<'_> {
    /// The rows of a layer with the values of these slots.
    pub(super) fn gather(&self, layer: LayerId, slots: &[SlotId]) -> Result<Gathered> {
        let table = &self.tables[layer.0 as usize];
        let plan_layer = self.plan.layer(layer);
        if let Some(error) = &table.failed {
            return Err(error.clone());
        }
        let mut cells = Vec::with_capacity(slots.len());
        for slot in slots {
            let Some(cell) = &table.cells[slot.0 as usize] else {
                return Err(Error::internal("a step ran before the columns that it needs"));
            };
            cells.push((cell, &plan_layer.slots[slot.0 as usize]));
        }
        let whole = table.missing.is_none()
            && cells.iter().all(|(cell, slot)| cell.errors.is_none() && is_sound(slot.ty, &cell.column));
        if whole {
            let column = |cell: &Cells| match (cell.place, &table.map) {
                (Place::Row, _) | (Place::Source, None) => cell.column.clone(),
                (Place::Source, Some(map)) => Arc::new(cell.column.take(map.iter().map(|&at| at as usize))),
                (Place::Shared, _) => Arc::new(cell.column.take((0..table.rows).map(|_| 0))),
            };
            let columns = cells.iter().map(|(cell, _)| column(cell)).collect();
            return Ok(Gathered { columns, rows: table.rows, row_of: None, errors: Vec::new() });
        }
        let mut gathered = Gathered { row_of: Some(vec![NO_ROW; table.rows]), ..Gathered::default() };
        let mut rows = Vec::with_capacity(table.rows);
        for row in 0..table.rows {
            if table.is_missing(row) {
                continue;
            }
            let failed = cells.iter().find_map(|(cell, slot)| {
                cell.errors.at(row).cloned().or_else(|| {
                    let at = table.position(cell.place, row);
                    if cell.column.is_null(at) {
                        return (!slot.ty.is_nullable()).then(|| self.null_error(layer, slot.member));
                    }
                    known(slot.ty, &cell.column, at).err()
                })
            });
            match failed {
                Some(error) => gathered.errors.push((row as u32, error)),
                None => {
                    if let Some(row_of) = &mut gathered.row_of {
                        row_of[row] = rows.len() as u32;
                    }
                    rows.push(row);
                }
            }
        }
        gathered.rows = rows.len();
        gathered.columns = cells
            .iter()
            .map(|(cell, _)| Arc::new(cell.column.take(rows.iter().map(|&row| table.position(cell.place, row)))))
            .collect();
        Ok(gathered)
    }

    /// As [`gather`](Self::gather), each combination of values once: a map that a loader answers has one entry per key. One
    /// that only computes answers row by row, and is given all: to find those that repeat costs as much as most of what it
    /// would be asked.
    pub(super) fn gather_for(&self, loader: &Loader, layer: LayerId, slots: &[SlotId]) -> Result<Gathered> {
        if loader.requires.is_empty() {
            return Ok(Gathered { rows: 1, ..Gathered::default() });
        }
        let gathered = self.gather(layer, slots)?;
        if let LoaderRun::Pure(_) = loader.run {
            return Ok(gathered);
        }
        let node = self.plan.graph.node(self.plan.layer(layer).node);
        // Rows are distinct by key already.
        if !node.key.is_empty() && node.key.iter().all(|key| loader.requires.contains(key)) {
            return Ok(gathered);
        }
        Ok(unique(gathered))
    }

    /// A null where the definition says there is none.
    pub(super) fn null_error(&self, layer: LayerId, member: crate::graph::MemberId) -> Error {
        let node = self.plan.graph.node(self.plan.layer(layer).node);
        Error::internal(format!(
            "`{}.{}` is null, but its type says that it never is",
            node.name,
            node.field(member).names.rust
        ))
    }
}

/// Send each combination of values once.
fn unique(gathered: Gathered) -> Gathered {
    let mut seen = Combinations::default();
    let mut first = Vec::new();
    let mut number_of = Vec::with_capacity(gathered.rows);
    for row in 0..gathered.rows {
        let next = first.len() as u32;
        let number = seen.put(&gathered.columns, row, next);
        if number == next {
            first.push(row);
        }
        number_of.push(number);
    }
    if first.len() == gathered.rows {
        return gathered;
    }
    let columns = gathered.columns.iter().map(|column| Arc::new(column.take(first.iter().copied()))).collect();
    let row_of = match &gathered.row_of {
        None => number_of,
        Some(row_of) => {
            row_of.iter().map(|&row| if row == NO_ROW { NO_ROW } else { number_of[row as usize] }).collect()
        }
    };
    Gathered { columns, rows: first.len(), row_of: Some(row_of), errors: gathered.errors.clone() }
}
