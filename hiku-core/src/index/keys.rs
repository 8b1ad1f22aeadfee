//! Keys to rows: which rows have equal keys, and where a key stands. Nothing is allocated per row.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHasher};

use super::column::{Column, KeyRef};
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
    let mut index = KeyIndex::empty(columns, rows);
    let mut row_of = Vec::with_capacity(rows);
    let mut first = Vec::new();
    let integers = match columns {
        [column] if !column.has_nulls() => column.integers(),
        _ => None,
    };
    for row in 0..rows {
        let next = first.len() as u32;
        let number = match integers {
            Some(keys) => index.integers.put(keys[row], next),
            None => index.put(row, next),
        };
        if number == next {
            first.push(row as u32);
        }
        row_of.push(number);
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
pub(crate) struct KeyIndex<'a> {
    columns: &'a [Arc<Column>],
    integers: Integers,
    others: FxHashMap<KeyRef<'a>, u32>,
    composite: Combinations,
    len: usize,
}

/// Numbers by integer.
enum Integers {
    /// By `key - first`, for keys that lie close together.
    Dense {
        first: i64,
        numbers: Vec<u32>,
    },
    Hashed(FxHashMap<i64, u32>),
}

impl<'a> KeyIndex<'a> {
    /// The index of all rows of these columns; of equal keys, the first.
    pub(crate) fn new(columns: &'a [Arc<Column>], rows: usize) -> Self {
        let mut index = KeyIndex::empty(columns, rows);
        for row in 0..rows {
            index.put(row, row as u32);
        }
        index
    }

    fn empty(columns: &'a [Arc<Column>], rows: usize) -> Self {
        let integers = match columns {
            [column] => column.integers().map(Integers::for_keys),
            _ => None,
        };
        let integers = integers.unwrap_or_else(|| Integers::Hashed(FxHashMap::default()));
        debug_assert!(columns.iter().all(|column| column.len() >= rows));
        KeyIndex { columns, integers, others: FxHashMap::default(), composite: Combinations::default(), len: 0 }
    }

    /// The number known for the key at `row`, else `number`; [`NO_ROW`] where a part is null.
    fn put(&mut self, row: usize, number: u32) -> u32 {
        let known = match self.columns {
            [column] => match column.get(row) {
                None => return NO_ROW,
                Some(KeyRef::Int(key)) => self.integers.put(key, number),
                Some(key) => *self.others.entry(key).or_insert(number),
            },
            columns if columns.iter().any(|column| column.is_null(row)) => return NO_ROW,
            columns => self.composite.put(columns, row, number),
        };
        self.len += usize::from(known == number);
        known
    }

    /// How many distinct keys there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Where the key at `row` of `columns` stands.
    pub(crate) fn find(&self, columns: &[Arc<Column>], row: usize) -> Option<u32> {
        match columns {
            [column] => match column.get(row)? {
                KeyRef::Int(key) => self.integers.get(key),
                key => self.others.get(&key).copied(),
            },
            _ if columns.iter().any(|column| column.is_null(row)) => None,
            _ => self.composite.find(self.columns, columns, row),
        }
    }
}

impl Integers {
    /// A table for these keys; one by position while it is at most a few times as long as the keys.
    fn for_keys(keys: &[i64]) -> Self {
        let least = keys.iter().copied().min().unwrap_or(0);
        let greatest = keys.iter().copied().max().unwrap_or(0);
        match greatest.checked_sub(least).and_then(|span| usize::try_from(span).ok()) {
            Some(span) if span / 4 <= keys.len() => Integers::Dense { first: least, numbers: vec![NO_ROW; span + 1] },
            _ => Integers::Hashed(FxHashMap::with_capacity_and_hasher(keys.len(), Default::default())),
        }
    }

    fn put(&mut self, key: i64, number: u32) -> u32 {
        match self {
            Integers::Dense { first, numbers } => {
                let known = &mut numbers[(key - *first) as usize];
                if *known == NO_ROW {
                    *known = number;
                }
                *known
            }
            Integers::Hashed(known) => *known.entry(key).or_insert(number),
        }
    }

    fn get(&self, key: i64) -> Option<u32> {
        match self {
            Integers::Dense { first, numbers } => {
                let at = usize::try_from(key.checked_sub(*first)?).ok()?;
                numbers.get(at).copied().filter(|&number| number != NO_ROW)
            }
            Integers::Hashed(known) => known.get(&key).copied(),
        }
    }
}

/// Numbers by the values of several columns. A combination is kept as the row that it was first seen at; whoever asks brings
/// the columns along.
#[derive(Debug, Default)]
pub(crate) struct Combinations {
    /// By hash: the last of the entries that have it.
    last: FxHashMap<u64, u32>,
    entries: Vec<Combination>,
}

#[derive(Debug)]
struct Combination {
    row: u32,
    number: u32,
    /// The entry before with the same hash; [`NO_ROW`] if there is none.
    before: u32,
}

impl Combinations {
    /// The number known for the combination at `row`, else `number`. Nulls are equal.
    pub(crate) fn put(&mut self, columns: &[Arc<Column>], row: usize, number: u32) -> u32 {
        let hash = hash(columns, row);
        if let Some(known) = self.known(columns, hash, columns, row) {
            return known;
        }
        let at = self.entries.len() as u32;
        let before = self.last.insert(hash, at).unwrap_or(NO_ROW);
        self.entries.push(Combination { row: row as u32, number, before });
        number
    }

    /// The number of the combination at `row` of `others`, if it is among these columns.
    pub(crate) fn find(&self, columns: &[Arc<Column>], others: &[Arc<Column>], row: usize) -> Option<u32> {
        self.known(columns, hash(others, row), others, row)
    }

    fn known(&self, columns: &[Arc<Column>], hash: u64, others: &[Arc<Column>], row: usize) -> Option<u32> {
        let mut at = *self.last.get(&hash)?;
        while let Some(entry) = self.entries.get(at as usize) {
            if std::iter::zip(columns, others).all(|(a, b)| equal(a, entry.row as usize, b, row)) {
                return Some(entry.number);
            }
            at = entry.before;
        }
        None
    }
}

fn hash(columns: &[Arc<Column>], row: usize) -> u64 {
    let mut hasher = FxHasher::default();
    for column in columns {
        match column.get(row) {
            None if !column.is_null(row) => printed(column, row).hash(&mut hasher),
            key => key.hash(&mut hasher),
        }
    }
    hasher.finish()
}

fn equal(a: &Column, at: usize, b: &Column, row: usize) -> bool {
    match (a.get(at), b.get(row)) {
        (None, None) => a.is_null(at) == b.is_null(row) && (a.is_null(at) || printed(a, at) == printed(b, row)),
        (a, b) => a == b,
    }
}

/// Lists and records are compared by their printed form.
fn printed(column: &Column, row: usize) -> String {
    format!("{:?}", column.take(std::iter::once(row)))
}
