//! What came back becomes columns: of loads by key, and of computed fields.

use std::sync::Arc;

use super::Run;
use super::gather::Gathered;
use crate::error::{Error, Result};
use crate::graph::{Answer, NodeInfo, Rows, TypeDef};
use crate::index::{Bits, Cells, Column, KeyIndex, Map, MemoryRows, NO_ROW, Place, RowErrors, Table};
use crate::plan::{Layer, LayerId, SlotId, StepId, Work};
use crate::sql::{Fetched, ValueError};

impl Run<'_> {
    /// The rows of a statement: first the columns that rows are found by, then those selected.
    pub(super) fn fetched(&mut self, step: StepId, sent: Gathered, fetched: Fetched) -> Result<()> {
        let plan = self.plan;
        match &plan.step(step).work {
            Work::Load { fills, .. } => {
                let layer = plan.step(step).layer;
                let Fetched { columns, errors, .. } = fetched;
                let mut columns: Vec<Arc<Column>> = columns.into_iter().map(Arc::new).collect();
                let values = columns.split_off(sent.columns.len());
                self.found(layer, &columns);
                self.fill(layer, fills.iter().copied().zip(values), Place::Source);
                self.value_errors(layer, fills, errors);
                self.done(step);
                Ok(())
            }
            Work::Link(link) => self.linked_rows(step, link, sent, fetched),
            Work::Compute { .. } => Err(Error::internal("a computed field is not a statement")),
        }
    }

    /// What a function answered.
    pub(super) fn answered(&mut self, step: StepId, sent: Gathered, answer: Answer) -> Result<()> {
        let plan = self.plan;
        let layer = plan.step(step).layer;
        match &plan.step(step).work {
            Work::Compute { loader, fills, .. } => {
                let Answer::Column(rows) = answer else {
                    return Err(Error::internal(format!("`{}` answered links, not values", loader.name)));
                };
                let got = rows.values.len();
                let wanted = if rows.shared { 1 } else { sent.rows };
                check_count(&loader.name, got, wanted)?;
                check_columns(&loader.name, [&rows.values], [plan.layer(layer).slots[fills.0 as usize].ty])?;
                let cells = self.computed(layer, *fills, sent, rows);
                self.tables[layer.0 as usize].cells[fills.0 as usize] = Some(cells);
                self.done(step);
                Ok(())
            }
            Work::Load { from, fills } => {
                let crate::plan::LoadFrom::Loader(loader) = from else {
                    return Err(Error::internal("a statement does not answer as a function"));
                };
                let Answer::Nodes(rows) = answer else {
                    return Err(Error::internal(format!("`{}` answered no nodes", loader.name)));
                };
                let got = rows.values.first().map_or(0, Column::len);
                check_count(&loader.name, got, sent.rows)?;
                let node = plan.graph.node(plan.layer(layer).node);
                check_columns(&loader.name, &rows.values, node.stored.iter().map(|&field| node.field(field).ty))?;
                self.loaded_nodes(layer, fills, rows);
                self.done(step);
                Ok(())
            }
            Work::Link(link) => self.linked_answer(step, link, sent, answer),
        }
    }

    /// Every row of a step failed before it was asked: it has no answer, only errors.
    pub(super) fn nothing(&mut self, step: StepId, sent: Gathered) {
        let plan = self.plan;
        let layer = plan.step(step).layer;
        match &plan.step(step).work {
            Work::Compute { fills, .. } => {
                let ty = plan.layer(layer).slots[fills.0 as usize].ty;
                let mut column = Column::new(ty);
                (0..self.tables[layer.0 as usize].rows).for_each(|_| column.push_null());
                let errors = RowErrors::new(sent.errors);
                let cells = Cells { column: Arc::new(column), place: Place::Row, errors };
                self.tables[layer.0 as usize].cells[fills.0 as usize] = Some(cells);
                self.done(step);
            }
            Work::Link(_) => self.no_targets(step, sent),
            Work::Load { .. } => self.done(step),
        }
    }

    /// A computed column, brought back to the rows of the layer.
    fn computed(&self, layer: LayerId, slot: SlotId, sent: Gathered, rows: Rows<Column>) -> Cells {
        let table = &self.tables[layer.0 as usize];
        if rows.shared {
            let errors = RowErrors::shared(rows.errors);
            return Cells { column: Arc::new(rows.values), place: Place::Shared, errors };
        }
        let Some(row_of) = &sent.row_of else {
            return Cells { column: Arc::new(rows.values), place: Place::Row, errors: RowErrors::new(rows.errors) };
        };
        let mut column = Column::with_capacity(self.plan.layer(layer).slots[slot.0 as usize].ty, table.rows);
        let of_sent = RowErrors::new(rows.errors);
        let mut errors = sent.errors;
        for (row, &sent_row) in row_of.iter().enumerate() {
            if sent_row == NO_ROW {
                column.push_null();
                continue;
            }
            column.push_from(&rows.values, sent_row as usize);
            errors.extend(of_sent.at(sent_row as usize).map(|error| (row as u32, error.clone())));
        }
        errors.sort_by_key(|(row, _)| *row);
        Cells { column: Arc::new(column), place: Place::Row, errors: RowErrors::new(errors) }
    }

    /// Put columns into slots.
    pub(super) fn fill(&mut self, layer: LayerId, cells: impl Iterator<Item = (SlotId, Arc<Column>)>, place: Place) {
        let table = &mut self.tables[layer.0 as usize];
        for (slot, column) in cells {
            table.cells[slot.0 as usize] = Some(Cells { column, place, errors: RowErrors::None });
        }
    }

    /// Values of a statement that are not of their type: errors of the rows of the layer that have them.
    pub(super) fn value_errors(&mut self, layer: LayerId, fills: &[SlotId], errors: Vec<ValueError>) {
        if errors.is_empty() {
            return;
        }
        let mut of_column: Vec<Vec<(u32, Error)>> = fills.iter().map(|_| Vec::new()).collect();
        for ValueError { column, row, error } in errors {
            if let Some(of_column) = of_column.get_mut(column as usize) {
                of_column.push((row, error));
            }
        }
        let table = &mut self.tables[layer.0 as usize];
        for (slot, errors) in fills.iter().zip(of_column) {
            let of_source = RowErrors::new(errors);
            let of_rows = (0..table.rows)
                .filter(|&row| !of_source.is_none() && !table.is_missing(row))
                .filter_map(|row| Some((row as u32, of_source.at(table.position(Place::Source, row))?.clone())));
            let errors = RowErrors::new(of_rows.collect());
            if let Some(cells) = &mut table.cells[slot.0 as usize] {
                cells.errors = errors;
            }
        }
    }

    /// Where the rows of the layer stand among the rows found, which have these keys; those not found are missing.
    fn found(&mut self, layer: LayerId, keys: &[Arc<Column>]) {
        let index = KeyIndex::new(keys, keys.first().map_or(0, |column| column.len()));
        let key = &self.plan.layer(layer).key;
        place_rows(&mut self.tables[layer.0 as usize], key, |wanted, row| index.find(wanted, row));
    }

    /// Rows that the process holds, by the key of the layer, which these stored fields are.
    pub(super) fn load_memory(&mut self, step: StepId, rows: &MemoryRows, by: &[usize], fills: &[SlotId]) {
        let layer = self.plan.step(step).layer;
        let groups = rows.grouped(by, &[]);
        let key = &self.plan.layer(layer).key;
        let table = &mut self.tables[layer.0 as usize];
        place_rows(table, key, |wanted, row| groups.find(wanted, row).first().copied());
        let columns = stored_columns(self.plan.layer(layer), fills.iter().copied(), rows.columns());
        self.fill(layer, columns, Place::Source);
        self.done(step);
    }

    /// Whole nodes that a function answered, one per row of the layer.
    fn loaded_nodes(&mut self, layer: LayerId, fills: &[SlotId], rows: Rows<Vec<Column>>) {
        let plan = self.plan;
        let columns: Vec<Arc<Column>> = rows.values.into_iter().map(Arc::new).collect();
        let node = plan.graph.node(plan.layer(layer).node);
        let table = &mut self.tables[layer.0 as usize];
        let errors = RowErrors::new(rows.errors);
        if let Some(key) = key_column(node, &columns) {
            let mut missing = Bits::filled(table.rows, false);
            let mut any = false;
            for row in 0..table.rows {
                if key.is_null(row) && errors.at(row).is_none() {
                    missing.set(row, true);
                    any = true;
                }
            }
            table.missing = any.then_some(missing);
        }
        self.fill(layer, stored_columns(plan.layer(layer), fills.iter().copied(), &columns), Place::Row);
        let table = &mut self.tables[layer.0 as usize];
        // A row that failed to load fails in every column, the key included: whoever is asked for it has the reason.
        if !errors.is_none() {
            table.cells.iter_mut().flatten().for_each(|cells| cells.errors = errors.clone());
        }
    }
}

/// The columns of stored slots out of one column per stored field.
pub(super) fn stored_columns(
    layer: &Layer,
    slots: impl Iterator<Item = SlotId>,
    columns: &[Arc<Column>],
) -> impl Iterator<Item = (SlotId, Arc<Column>)> {
    slots.filter_map(|slot| {
        let stored = layer.slots[slot.0 as usize].stored?;
        Some((slot, columns.get(stored as usize)?.clone()))
    })
}

/// The first column of the key among one column per stored field.
pub(super) fn key_column<'a>(node: &NodeInfo, columns: &'a [Arc<Column>]) -> Option<&'a Arc<Column>> {
    columns.get(node.stored_at(*node.key.first()?)?)
}

/// Map the rows of a table to positions in its source: `find` says where the key of a row stands, given these columns of it.
fn place_rows(table: &mut Table, key: &[SlotId], find: impl Fn(&[Arc<Column>], usize) -> Option<u32>) {
    let mut parts = key.iter().filter_map(|slot| table.cells[slot.0 as usize].as_ref()).map(|cell| &cell.column);
    let several: Vec<Arc<Column>>;
    let wanted = match (parts.next(), key.len()) {
        (Some(only), 1) => std::slice::from_ref(only),
        (first, _) => {
            several = first.into_iter().chain(parts).cloned().collect();
            &several
        }
    };
    let mut positions: Vec<u32> = (0..table.rows).map(|row| find(wanted, row).unwrap_or(NO_ROW)).collect();
    if positions.iter().enumerate().all(|(row, &at)| row as u32 == at) {
        return;
    }
    if positions.contains(&NO_ROW) {
        let mut missing = Bits::default();
        positions.iter().for_each(|&at| missing.push(at == NO_ROW));
        table.missing = Some(missing);
        positions.iter_mut().filter(|at| **at == NO_ROW).for_each(|at| *at = 0);
    }
    table.map = Some(Map::Made(positions));
}

/// A loader answers one entry per key.
pub(super) fn check_count(name: &str, got: usize, wanted: usize) -> Result<()> {
    if got == wanted {
        return Ok(());
    }
    Err(Error::internal(format!("`{name}` answered {got} entries for {wanted} keys")))
}

/// A loader answers columns of these types, of equal lengths.
pub(super) fn check_columns<'a>(
    name: &str,
    columns: impl IntoIterator<Item = &'a Column, IntoIter: ExactSizeIterator>,
    types: impl IntoIterator<Item = &'static TypeDef, IntoIter: ExactSizeIterator>,
) -> Result<()> {
    let (columns, types) = (columns.into_iter(), types.into_iter());
    if columns.len() != types.len() {
        let (got, wanted) = (columns.len(), types.len());
        return Err(Error::internal(format!("`{name}` answered {got} columns, not {wanted}")));
    }
    let mut length = None;
    for (column, ty) in columns.zip(types) {
        if !column.is_of(ty) {
            return Err(Error::internal(format!("`{name}` answered a column that is not of the type `{ty}`")));
        }
        if *length.get_or_insert(column.len()) != column.len() {
            return Err(Error::internal(format!("`{name}` answered columns of different lengths")));
        }
    }
    Ok(())
}
