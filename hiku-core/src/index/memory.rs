//! Rows that the process holds: turned into columns once, lent to every request without copying.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::column::{Column, KeyRef};
use crate::graph::Node;

/// Rows of the node `T`, as columns: the source of a node with `#[node(memory)]`, given to the engine by `.data(..)`.
pub struct Memory<T> {
    rows: Arc<MemoryRows>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Memory<T> {
    fn clone(&self) -> Self {
        Memory { rows: self.rows.clone(), of: PhantomData }
    }
}

impl<T> std::fmt::Debug for Memory<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Memory({} rows)", self.rows.len)
    }
}

impl<T: Node> Memory<T> {
    /// Columns of these rows. Of rows with the same key, links by key lead to the first.
    pub fn new<'a>(rows: impl IntoIterator<Item = &'a T>) -> Self {
        let mut columns: Vec<Column> = T::STORED.iter().map(|stored| Column::new(stored.ty)).collect();
        let mut len = 0;
        for row in rows {
            row.write_to(&mut columns);
            len += 1;
        }
        let columns = columns.into_iter().map(Arc::new).collect();
        Memory { rows: Arc::new(MemoryRows { len, columns, ..MemoryRows::default() }), of: PhantomData }
    }

    /// The columns.
    pub fn rows(&self) -> Arc<MemoryRows> {
        self.rows.clone()
    }
}

/// Row numbers by the order that they are for: (stored field, descending).
type ByOrder = HashMap<Vec<(usize, bool)>, Arc<[u32]>>;

/// The columns of a [`Memory`], with the searches that links made so far.
#[derive(Debug, Default)]
pub struct MemoryRows {
    len: usize,
    columns: Vec<Arc<Column>>,
    /// By the columns searched: made by the first request that needs it.
    groups: Mutex<HashMap<Vec<usize>, Arc<Groups>>>,
    /// By the order: all rows in that order.
    orders: Mutex<ByOrder>,
    /// By the order: where each row stands in it.
    ranks: Mutex<ByOrder>,
}

/// Rows by the value of some columns; within a value in the order of the rows.
#[derive(Debug)]
pub struct Groups {
    /// `None`: keys are looked up in `dense`.
    by_key: Option<FxHashMap<OwnedKey, u32>>,
    /// Groups by `key - first`, for single integer keys that lie close together.
    dense: Vec<u32>,
    first: i64,
    /// Where each group ends in `rows`.
    ends: Vec<u32>,
    rows: Vec<u32>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum OwnedKey {
    Int(i64),
    Wide(u128),
    Text(Box<str>),
    Parts(Box<[OwnedKey]>),
}

impl From<KeyRef<'_>> for OwnedKey {
    fn from(key: KeyRef<'_>) -> Self {
        match key {
            KeyRef::Int(value) => OwnedKey::Int(value),
            KeyRef::Wide(value) => OwnedKey::Wide(value),
            KeyRef::Text(value) => OwnedKey::Text(value.into()),
        }
    }
}

fn owned(columns: &[&Column], row: usize) -> Option<OwnedKey> {
    if let [column] = columns {
        return column.get(row).map(Into::into);
    }
    columns.iter().map(|column| column.get(row).map(Into::into)).collect::<Option<Box<[_]>>>().map(OwnedKey::Parts)
}

const NO_GROUP: u32 = u32::MAX;

impl MemoryRows {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// One column per stored field of the node.
    pub fn columns(&self) -> &[Arc<Column>] {
        &self.columns
    }

    /// All rows in this order of stored fields; (field, descending).
    pub fn ordered(&self, order: &[(usize, bool)]) -> Arc<[u32]> {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = orders.get(order) {
            return known.clone();
        }
        let mut rows: Vec<u32> = (0..self.len as u32).collect();
        rows.sort_by(|&a, &b| {
            order
                .iter()
                .map(|&(column, descending)| {
                    let by = compare(&self.columns[column], a as usize, b as usize);
                    if descending { by.reverse() } else { by }
                })
                .find(|by| by.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        let rows: Arc<[u32]> = rows.into();
        orders.insert(order.to_vec(), rows.clone());
        rows
    }

    /// Where each row stands in this order.
    pub fn ranks(&self, order: &[(usize, bool)]) -> Arc<[u32]> {
        let ordered = self.ordered(order);
        let mut ranks = self.ranks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = ranks.get(order) {
            return known.clone();
        }
        let mut of_row = vec![0; self.len];
        ordered.iter().enumerate().for_each(|(rank, &row)| of_row[row as usize] = rank as u32);
        let made: Arc<[u32]> = of_row.into();
        ranks.insert(order.to_vec(), made.clone());
        made
    }

    /// The rows grouped by these stored fields, each group in this order.
    pub fn grouped(&self, by: &[usize], order: &[(usize, bool)]) -> Arc<Groups> {
        let sorted = self.ordered(order);
        // The order is part of what is searched for: columns and order cannot be confused, the lengths are fixed per link.
        let mut name = by.to_vec();
        name.push(usize::MAX);
        name.extend(order.iter().map(|&(column, descending)| column * 2 + usize::from(descending)));
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = groups.get(&name) {
            return known.clone();
        }
        let columns: Vec<&Column> = by.iter().map(|&column| &*self.columns[column]).collect();
        let made = Arc::new(Groups::new(&columns, &sorted));
        groups.insert(name, made.clone());
        made
    }
}

impl Groups {
    fn new(columns: &[&Column], rows: &[u32]) -> Groups {
        let mut by_key: FxHashMap<OwnedKey, u32> = FxHashMap::default();
        let mut members: Vec<Vec<u32>> = Vec::new();
        let (mut least, mut greatest, mut integers) = (i64::MAX, i64::MIN, columns.len() == 1);
        for &row in rows {
            let Some(key) = owned(columns, row as usize) else { continue };
            match key {
                OwnedKey::Int(value) => (least, greatest) = (least.min(value), greatest.max(value)),
                _ => integers = false,
            }
            let group = *by_key.entry(key).or_insert_with(|| {
                members.push(Vec::new());
                members.len() as u32 - 1
            });
            members[group as usize].push(row);
        }
        let mut ends = Vec::with_capacity(members.len());
        let mut flat = Vec::with_capacity(rows.len());
        for group in &members {
            flat.extend_from_slice(group);
            ends.push(flat.len() as u32);
        }
        let mut groups = Groups { by_key: None, dense: Vec::new(), first: 0, ends, rows: flat };
        // A table indexed by key is worth it while it is at most a few times as long as the rows.
        let span = greatest.checked_sub(least).and_then(|span| usize::try_from(span).ok());
        match span {
            Some(span) if integers && span / 4 <= rows.len() => {
                groups.first = least;
                groups.dense = vec![NO_GROUP; span + 1];
                for (key, group) in by_key {
                    if let OwnedKey::Int(value) = key {
                        groups.dense[(value - least) as usize] = group;
                    }
                }
            }
            _ => groups.by_key = Some(by_key),
        }
        groups
    }

    /// The rows whose columns equal row `row` of `keys`.
    pub fn find(&self, keys: &[&Column], row: usize) -> &[u32] {
        let group = match &self.by_key {
            None => match keys[0].get(row) {
                Some(KeyRef::Int(key)) => key
                    .checked_sub(self.first)
                    .and_then(|at| usize::try_from(at).ok())
                    .and_then(|at| self.dense.get(at).copied())
                    .filter(|&group| group != NO_GROUP),
                _ => None,
            },
            Some(by_key) => owned(keys, row).and_then(|key| by_key.get(&key).copied()),
        };
        let Some(group) = group else { return &[] };
        let group = group as usize;
        let start = if group == 0 { 0 } else { self.ends[group - 1] as usize };
        &self.rows[start..self.ends[group] as usize]
    }
}

/// Nulls last, as PostgreSQL orders; text by bytes.
fn compare(column: &Column, a: usize, b: usize) -> std::cmp::Ordering {
    use super::column::Values;
    match (column.is_null(a), column.is_null(b)) {
        (true, true) => return std::cmp::Ordering::Equal,
        (true, false) => return std::cmp::Ordering::Greater,
        (false, true) => return std::cmp::Ordering::Less,
        (false, false) => {}
    }
    match column.values() {
        Values::Bool(v) => v[a].cmp(&v[b]),
        Values::I16(v) => v[a].cmp(&v[b]),
        Values::I32(v) => v[a].cmp(&v[b]),
        Values::I64(v) => v[a].cmp(&v[b]),
        Values::F32(v) => v[a].total_cmp(&v[b]),
        Values::F64(v) => v[a].total_cmp(&v[b]),
        #[cfg(feature = "decimal")]
        Values::Decimal(v) => v[a].cmp(&v[b]),
        Values::Text(v) | Values::Json(v) => v.get(a).cmp(v.get(b)),
        Values::Uuid(v) => v[a].cmp(&v[b]),
        Values::Date(v) => v[a].cmp(&v[b]),
        Values::Time(v) => v[a].cmp(&v[b]),
        Values::DateTime(v) => v[a].cmp(&v[b]),
        Values::LocalDateTime(v) => v[a].cmp(&v[b]),
        Values::List(_) | Values::Record(_) => std::cmp::Ordering::Equal,
    }
}
