//! Keys to rows: which rows have equal keys, and where a key stands.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::column::{Column, KeyRef, Values};
use super::table::NO_ROW;

/// The distinct keys of some rows.
pub(crate) struct Distinct {
    /// One column per part, one row per distinct key, in the order of first appearance.
    pub(crate) keys: Vec<Arc<Column>>,
    /// For every row asked, the row in `keys`; [`NO_ROW`] where a part is null.
    pub(crate) row_of: Vec<u32>,
}

/// The distinct keys of `rows` of `columns`; a key with a null part is none.
pub(crate) fn distinct(columns: &[Arc<Column>], rows: usize) -> Distinct {
    let mut index = KeyIndex::default();
    let mut row_of = Vec::with_capacity(rows);
    let mut first = Vec::new();
    for row in 0..rows {
        row_of.push(index.insert(columns, row, &mut first));
    }
    let keys = if first.len() == rows {
        // Every key once and none null: they are the columns as they are.
        columns.to_vec()
    } else {
        columns.iter().map(|column| Arc::new(column.take(first.iter().map(|&row| row as usize)))).collect()
    };
    Distinct { keys, row_of }
}

/// Where each key stands. Integers, the common case, are kept without indirection; the others by their text or bytes.
#[derive(Default)]
pub(crate) struct KeyIndex<'a> {
    integers: FxHashMap<i64, u32>,
    others: FxHashMap<KeyRef<'a>, u32>,
    composite: FxHashMap<Vec<KeyRef<'a>>, u32>,
}

impl<'a> KeyIndex<'a> {
    /// The index of all rows of these columns; of equal keys, the first.
    pub(crate) fn new(columns: &'a [Arc<Column>], rows: usize) -> Self {
        let mut index = KeyIndex::default();
        if let [column] = columns
            && let Values::I64(values) = column.values()
            && !column.has_nulls()
        {
            index.integers.reserve(rows);
            for (row, &value) in values.iter().enumerate() {
                index.integers.entry(value).or_insert(row as u32);
            }
            return index;
        }
        for row in 0..rows {
            index.put(columns, row, row as u32);
        }
        index
    }

    /// The number of the key at `row`, numbered in the order of first appearance; `first` gets the row of each new one.
    fn insert(&mut self, columns: &'a [Arc<Column>], row: usize, first: &mut Vec<u32>) -> u32 {
        let at = self.put(columns, row, first.len() as u32);
        if at == first.len() as u32 {
            first.push(row as u32);
        }
        at
    }

    /// The number known for the key at `row`, else `number`.
    fn put(&mut self, columns: &'a [Arc<Column>], row: usize, number: u32) -> u32 {
        match columns {
            [column] => match column.get(row) {
                None => NO_ROW,
                Some(KeyRef::Int(key)) => *self.integers.entry(key).or_insert(number),
                Some(key) => *self.others.entry(key).or_insert(number),
            },
            _ => match parts(columns, row) {
                None => NO_ROW,
                Some(key) => *self.composite.entry(key).or_insert(number),
            },
        }
    }

    /// How many distinct keys there are.
    pub(crate) fn len(&self) -> usize {
        self.integers.len() + self.others.len() + self.composite.len()
    }

    /// Where the key at `row` of `columns` stands.
    pub(crate) fn find(&self, columns: &[Arc<Column>], row: usize) -> Option<u32> {
        match columns {
            [column] => match column.get(row)? {
                KeyRef::Int(key) => self.integers.get(&key),
                key => self.others.get(&key),
            },
            _ => self.composite.get(&parts(columns, row)?),
        }
        .copied()
    }
}

fn parts<'a>(columns: &'a [Arc<Column>], row: usize) -> Option<Vec<KeyRef<'a>>> {
    columns.iter().map(|column| column.get(row)).collect()
}
