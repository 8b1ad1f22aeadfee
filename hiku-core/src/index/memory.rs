//! Rows that the process holds: turned into columns once, lent to every request without copying.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::column::{Column, KeyRef};
use super::keys::Combinations;
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

/// Stored fields; (field, descending).
type Order = [(usize, bool)];

/// Row numbers by the order that they are for; `None` where they are the rows as they stand.
type ByOrder = HashMap<Vec<(usize, bool)>, Option<Arc<[u32]>>>;

/// The columns of a [`Memory`], with the searches that links made so far: each is made by the first request that needs it.
#[derive(Debug, Default)]
pub struct MemoryRows {
    len: usize,
    columns: Vec<Arc<Column>>,
    /// There are a few of them, for each node that leads here.
    groups: Mutex<Vec<Search>>,
    /// The same, of the rows that these lead to: this is a join.
    through: Mutex<Vec<Through>>,
    /// By the order: all rows in that order.
    orders: Mutex<ByOrder>,
    /// By the order: where each row stands in it.
    ranks: Mutex<ByOrder>,
}

/// Rows grouped by some stored fields, each group in some order.
#[derive(Debug)]
struct Search {
    by: Vec<usize>,
    order: Vec<(usize, bool)>,
    groups: Arc<Groups>,
}

/// Rows of `target`, whose key `to` is, grouped by `from`, each group in some order.
#[derive(Debug)]
struct Through {
    from: Vec<usize>,
    to: Vec<usize>,
    /// Its address stays taken, so that no other rows are mistaken for it.
    target: Weak<MemoryRows>,
    order: Vec<(usize, bool)>,
    groups: Arc<Groups>,
}

/// Rows by the value of some columns; within a value in the order of the rows.
#[derive(Debug)]
pub struct Groups {
    columns: Vec<Arc<Column>>,
    by_key: ByKey,
    /// Where each group ends in `rows`.
    ends: Vec<u32>,
    rows: Vec<u32>,
}

/// Groups by key.
#[derive(Clone, Debug)]
enum ByKey {
    /// By `key - first`, for single integer keys that lie close together.
    Dense {
        first: i64,
        groups: Vec<u32>,
    },
    Any(Arc<Combinations>),
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

    /// All rows in this order; `None` if they stand in it.
    pub fn ordered(&self, order: &Order) -> Option<Arc<[u32]>> {
        if order.is_empty() {
            return None;
        }
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
        let rows: Option<Arc<[u32]>> = (!rows.is_sorted()).then(|| rows.into());
        orders.insert(order.to_vec(), rows.clone());
        rows
    }

    /// Where each row stands in this order; `None` if they stand in it.
    pub fn ranks(&self, order: &Order) -> Option<Arc<[u32]>> {
        let ordered = self.ordered(order)?;
        let mut ranks = self.ranks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = ranks.get(order) {
            return known.clone();
        }
        let mut of_row = vec![0; self.len];
        ordered.iter().enumerate().for_each(|(rank, &row)| of_row[row as usize] = rank as u32);
        let made: Option<Arc<[u32]>> = Some(of_row.into());
        ranks.insert(order.to_vec(), made.clone());
        made
    }

    /// The rows grouped by these stored fields, each group in this order.
    pub fn grouped(&self, by: &[usize], order: &Order) -> Arc<Groups> {
        let mut searches = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = searches.iter().find(|known| known.by == by && known.order == order) {
            return known.groups.clone();
        }
        let columns = by.iter().map(|&column| self.columns[column].clone()).collect();
        let groups = Arc::new(match self.ordered(order) {
            Some(rows) => Groups::new(columns, rows.iter().copied()),
            None => Groups::new(columns, 0..self.len as u32),
        });
        searches.push(Search { by: by.to_vec(), order: order.to_vec(), groups: groups.clone() });
        groups
    }

    /// As [`grouped`](Self::grouped) by `from`, with the rows of `target` whose `key` stands at `to`, each group in this
    /// order of theirs.
    pub fn through(
        &self,
        (from, to): (&[usize], &[usize]),
        (target, key): (&Arc<MemoryRows>, &[usize]),
        order: &Order,
    ) -> Arc<Groups> {
        let same = |known: &Through| known.from == from && known.to == to && known.order == order;
        let known = self.through.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().find(|known| same(known) && std::ptr::eq(known.target.as_ptr(), &raw const **target));
        if let Some(found) = found {
            return found.groups.clone();
        }
        drop(known);
        let (pairs, by_key) = (self.grouped(from, &[]), target.grouped(key, &[]));
        let ranks = target.ranks(order);
        let to_columns: Vec<Arc<Column>> = to.iter().map(|&column| self.columns[column].clone()).collect();
        let groups = Arc::new(pairs.map(|group| {
            let of = |&pair: &u32| by_key.find(&to_columns, pair as usize).first().copied();
            let mut rows: Vec<u32> = group.iter().filter_map(of).collect();
            match &ranks {
                None => rows.sort_unstable(),
                Some(ranks) => rows.sort_by_key(|&row| ranks[row as usize]),
            }
            rows
        }));
        let mut known = self.through.lock().unwrap_or_else(PoisonError::into_inner);
        // There is one target, unless requests bring their own.
        known.retain(|known| !same(known));
        let (from, to, order, target) = (from.to_vec(), to.to_vec(), order.to_vec(), Arc::downgrade(target));
        known.push(Through { from, to, target, order, groups: groups.clone() });
        groups
    }
}

impl Groups {
    fn new(columns: Vec<Arc<Column>>, rows: impl ExactSizeIterator<Item = u32>) -> Groups {
        let mut by_key = Combinations::default();
        let mut members: Vec<Vec<u32>> = Vec::new();
        let len = rows.len();
        for row in rows {
            if columns.iter().any(|column| column.get(row as usize).is_none()) {
                continue;
            }
            let next = members.len() as u32;
            let group = by_key.put(&columns, row as usize, next);
            if group == next {
                members.push(Vec::new());
            }
            members[group as usize].push(row);
        }
        let mut ends = Vec::with_capacity(members.len());
        let mut rows = Vec::with_capacity(len);
        for group in &members {
            rows.extend_from_slice(group);
            ends.push(rows.len() as u32);
        }
        let by_key = dense(&columns, &members).unwrap_or_else(|| ByKey::Any(Arc::new(by_key)));
        Groups { columns, by_key, ends, rows }
    }

    /// The same groups of other rows.
    fn map(&self, of: impl Fn(&[u32]) -> Vec<u32>) -> Groups {
        let (mut ends, mut rows) = (Vec::with_capacity(self.ends.len()), Vec::with_capacity(self.rows.len()));
        for group in 0..self.ends.len() {
            rows.extend_from_slice(&of(self.group(group)));
            ends.push(rows.len() as u32);
        }
        Groups { columns: self.columns.clone(), by_key: self.by_key.clone(), ends, rows }
    }

    fn group(&self, group: usize) -> &[u32] {
        let start = if group == 0 { 0 } else { self.ends[group - 1] as usize };
        &self.rows[start..self.ends[group] as usize]
    }

    /// As [`find`](Self::find), for each of so many rows of `keys`.
    pub fn each(&self, keys: &[Arc<Column>], rows: usize, mut found: impl FnMut(&[u32])) {
        if let ([column], ByKey::Dense { first, groups }) = (keys, &self.by_key)
            && let (false, Some(keys)) = (column.has_nulls(), column.integers())
        {
            for key in &keys[..rows] {
                found(self.dense(*first, groups, *key));
            }
            return;
        }
        (0..rows).for_each(|row| found(self.find(keys, row)));
    }

    fn dense(&self, first: i64, groups: &[u32], key: i64) -> &[u32] {
        let at = key.checked_sub(first).and_then(|at| usize::try_from(at).ok());
        match at.and_then(|at| groups.get(at)) {
            Some(&group) if group != NO_GROUP => self.group(group as usize),
            _ => &[],
        }
    }

    /// The rows whose columns equal row `row` of `keys`.
    pub fn find(&self, keys: &[Arc<Column>], row: usize) -> &[u32] {
        let group = match &self.by_key {
            ByKey::Dense { first, groups } => match keys[0].get(row) {
                Some(KeyRef::Int(key)) => return self.dense(*first, groups, key),
                _ => None,
            },
            // A key with a null part equals none.
            ByKey::Any(_) if keys.iter().any(|column| column.is_null(row)) => None,
            ByKey::Any(by_key) => by_key.find(&self.columns, keys, row),
        };
        group.map_or(&[], |group| self.group(group as usize))
    }
}

/// Groups by integer: worth it while the table is at most a few times as long as the rows.
fn dense(columns: &[Arc<Column>], members: &[Vec<u32>]) -> Option<ByKey> {
    let [column] = columns else { return None };
    let key = |group: &Vec<u32>| match column.get(*group.first()? as usize) {
        Some(KeyRef::Int(key)) => Some(key),
        _ => None,
    };
    let keys: Vec<i64> = members.iter().map(key).collect::<Option<_>>()?;
    let (first, last) = (*keys.iter().min()?, *keys.iter().max()?);
    let span = usize::try_from(last.checked_sub(first)?).ok()?;
    let rows: usize = members.iter().map(Vec::len).sum();
    if span / 4 > rows {
        return None;
    }
    let mut groups = vec![NO_GROUP; span + 1];
    keys.iter().zip(0..).for_each(|(key, group)| groups[(key - first) as usize] = group);
    Some(ByKey::Dense { first, groups })
}

/// Nulls last, as PostgreSQL orders; text by bytes.
fn compare(column: &Column, a: usize, b: usize) -> std::cmp::Ordering {
    match (column.is_null(a), column.is_null(b)) {
        (true, true) => return std::cmp::Ordering::Equal,
        (true, false) => return std::cmp::Ordering::Greater,
        (false, true) => return std::cmp::Ordering::Less,
        (false, false) => {}
    }
    use super::column::Values;
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
