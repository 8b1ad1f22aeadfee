//! The rows of one place of a query: their columns, their errors, and the edges to the rows below.

use std::sync::Arc;

use super::bits::Bits;
use super::column::Column;
use crate::error::Error;

/// No row: the edge leads nowhere.
pub(crate) const NO_ROW: u32 = u32::MAX;

/// What a finished run leaves to the writer.
#[derive(Debug)]
pub(crate) struct Index {
    /// By layer.
    pub(crate) tables: Vec<Table>,
    /// By step; only those of links.
    pub(crate) edges: Vec<Option<Edges>>,
}

/// The rows of one layer.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) rows: usize,
    /// By slot; `None` until its step is done, and in layers without rows.
    pub(crate) cells: Vec<Option<Cells>>,
    /// Rows that turned out not to exist.
    pub(crate) missing: Option<Bits>,
    /// Where each row stands in the columns of its source; `None` where the positions are the same.
    pub(crate) map: Option<Map>,
    /// What made the load of all rows fail.
    pub(crate) failed: Option<Error>,
    /// Of a union or interface: for each row, which of its nodes it is of, and the row there.
    pub(crate) cases: Vec<(u32, u32)>,
}

/// Positions by row: made for one request, or lent by the source.
#[derive(Debug)]
pub(crate) enum Map {
    Made(Vec<u32>),
    Lent(Arc<[u32]>),
}

impl std::ops::Deref for Map {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        match self {
            Map::Made(rows) => rows,
            Map::Lent(rows) => rows,
        }
    }
}

/// One column of a layer, written once.
#[derive(Debug)]
pub(crate) struct Cells {
    pub(crate) column: Arc<Column>,
    pub(crate) place: Place,
    pub(crate) errors: RowErrors,
}

/// Where the value of a row stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// At the row.
    Row,
    /// At the row's position in the source: through [`Table::map`].
    Source,
    /// There is one value for all rows.
    Shared,
}

/// Which rows failed.
#[derive(Clone, Debug, Default)]
pub(crate) enum RowErrors {
    #[default]
    None,
    /// Every row, for one reason.
    All(Error),
    /// These rows, ascending.
    Some(Vec<(u32, Error)>),
}

impl RowErrors {
    pub(crate) fn new(mut errors: Vec<(u32, Error)>) -> Self {
        if errors.is_empty() {
            return RowErrors::None;
        }
        // Nearly always sorted already; the answers of functions written by hand need not be.
        if !errors.is_sorted_by_key(|(row, _)| *row) {
            errors.sort_by_key(|(row, _)| *row);
        }
        RowErrors::Some(errors)
    }

    /// Errors of an answer that holds for all rows.
    pub(crate) fn shared(errors: Vec<(u32, Error)>) -> Self {
        errors.into_iter().next().map_or(RowErrors::None, |(_, error)| RowErrors::All(error))
    }

    pub(crate) fn is_none(&self) -> bool {
        matches!(self, RowErrors::None)
    }

    /// Why this row failed.
    pub(crate) fn at(&self, row: usize) -> Option<&Error> {
        match self {
            RowErrors::None => None,
            RowErrors::All(error) => Some(error),
            RowErrors::Some(errors) => {
                errors.binary_search_by_key(&(row as u32), |(row, _)| *row).ok().map(|at| &errors[at].1)
            }
        }
    }
}

impl Table {
    /// The position of a row in the column of a slot.
    pub(crate) fn position(&self, place: Place, row: usize) -> usize {
        match (place, &self.map) {
            (Place::Row, _) | (Place::Source, None) => row,
            (Place::Source, Some(map)) => map[row] as usize,
            (Place::Shared, _) => 0,
        }
    }

    pub(crate) fn is_missing(&self, row: usize) -> bool {
        self.missing.as_ref().is_some_and(|missing| missing.get(row))
    }
}

/// From the rows of one layer to those of the next: compressed sparse rows.
#[derive(Debug, Default)]
pub(crate) struct Edges {
    /// Where the targets of each row end; `None` where each row has exactly one entry.
    pub(crate) ends: Option<Vec<u32>>,
    pub(crate) targets: Targets,
    /// There is one row, which holds for all.
    pub(crate) shared: bool,
    pub(crate) errors: RowErrors,
}

/// Rows of the next layer, one after the other; [`NO_ROW`] is a gap.
#[derive(Debug)]
pub(crate) enum Targets {
    /// So many rows, each once and in order.
    Same(u32),
    Rows(Vec<u32>),
}

impl Default for Targets {
    fn default() -> Self {
        Targets::Same(0)
    }
}

impl Targets {
    pub(crate) fn len(&self) -> usize {
        match self {
            Targets::Same(count) => *count as usize,
            Targets::Rows(rows) => rows.len(),
        }
    }

    pub(crate) fn get(&self, at: usize) -> Option<u32> {
        match self {
            Targets::Same(count) => u32::try_from(at).ok().filter(|at| at < count),
            Targets::Rows(rows) => rows.get(at).copied(),
        }
    }
}

impl Edges {
    /// The positions of the targets of a row.
    pub(crate) fn of(&self, row: usize) -> std::ops::Range<usize> {
        let row = if self.shared { 0 } else { row };
        match &self.ends {
            None if row < self.targets.len() => row..row + 1,
            None => 0..0,
            Some(ends) => {
                let Some(&end) = ends.get(row) else { return 0..0 };
                let start = if row == 0 { 0 } else { ends[row - 1] };
                start as usize..end as usize
            }
        }
    }
}
