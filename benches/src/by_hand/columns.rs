//! Columns of an answer, and how the rows of one belong to the rows of another.

use rustc_hash::FxHashMap;

/// Texts one after the other in one string.
#[derive(Default)]
pub struct Texts {
    bytes: String,
    /// Where each text ends, and whether it is there at all.
    ends: Vec<(u32, bool)>,
}

impl Texts {
    pub fn push(&mut self, text: Option<&str>) {
        self.bytes.push_str(text.unwrap_or_default());
        self.ends.push((self.bytes.len() as u32, text.is_some()));
    }

    pub fn get(&self, row: usize) -> Option<&str> {
        let start = if row == 0 { 0 } else { self.ends[row - 1].0 as usize };
        let (end, there) = self.ends[row];
        there.then(|| &self.bytes[start..end as usize])
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }
}

#[derive(Clone, Copy)]
pub enum Kind {
    /// 64 bits.
    Id,
    /// 32 bits.
    Int,
    Text,
}

pub enum Column {
    Ints(Vec<i64>),
    Texts(Texts),
}

impl Column {
    pub fn new(kind: Kind) -> Column {
        match kind {
            Kind::Id | Kind::Int => Column::Ints(Vec::new()),
            Kind::Text => Column::Texts(Texts::default()),
        }
    }

    pub fn ints(&self) -> &[i64] {
        let Column::Ints(ints) = self else { unreachable!("the statement says that this column is an integer") };
        ints
    }

    pub fn texts(&self) -> &Texts {
        let Column::Texts(texts) = self else { unreachable!("the statement says that this column is text") };
        texts
    }
}

/// Row numbers by key.
pub struct Positions(FxHashMap<i64, u32>);

impl Positions {
    pub fn new(keys: &[i64]) -> Positions {
        Positions(keys.iter().zip(0..).map(|(&key, row)| (key, row)).collect())
    }

    pub fn of(&self, key: i64) -> u32 {
        self.0[&key]
    }
}

/// For each parent, row numbers of children.
pub struct Edges {
    offsets: Vec<u32>,
    rows: Vec<u32>,
}

impl Edges {
    /// `parent` is the key of each child's parent; `row` the row number to keep for it. Children keep their order.
    pub fn new(parents: &[i64], parent: &[i64], row: impl Fn(usize) -> u32) -> Edges {
        let positions = Positions::new(parents);
        let parent: Vec<usize> = parent.iter().map(|&key| positions.of(key) as usize).collect();
        let mut offsets = vec![0; parents.len() + 1];
        for &at in &parent {
            offsets[at + 1] += 1;
        }
        for at in 1..offsets.len() {
            offsets[at] += offsets[at - 1];
        }
        let mut next = offsets.clone();
        let mut rows = vec![0; parent.len()];
        for (child, &at) in parent.iter().enumerate() {
            rows[next[at] as usize] = row(child);
            next[at] += 1;
        }
        Edges { offsets, rows }
    }

    pub fn of(&self, parent: usize) -> impl Iterator<Item = usize> {
        let range = self.offsets[parent] as usize..self.offsets[parent + 1] as usize;
        self.rows[range].iter().map(|&row| row as usize)
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }
}

pub fn distinct(keys: &[i64]) -> Vec<i64> {
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    keys.dedup();
    keys
}
