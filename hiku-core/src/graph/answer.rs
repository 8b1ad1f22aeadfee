//! From what the functions of users return to answers: maps, pairs, lists in key order, results per entry or as a whole.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;
use std::sync::Arc;

use super::link::{LinkType, Many, Many_, Maybe, MaybeMany, Node, One, One_};
use super::loader::{Answer, Call, Rows};
use super::types::TypeDef;
use crate::error::{Error, Result};
use crate::index::{Column, Param, Value};

/// What a loader can answer for one row: a value, a link, or a `Result` of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a loader can answer for one row",
    label = "not an answer for one row",
    note = "answer a value, `One`, `Maybe`, `Many` or `MaybeMany` of nodes, or a `Result` of one of these"
)]
pub trait Entry: Sized {
    /// What collects the entries of a batch.
    type Sink: Sink;
    /// Append this entry; an error is that of the row.
    ///
    /// # Errors
    /// The entry's own; nothing was appended then.
    fn put(self, sink: &mut Self::Sink) -> Result<()>;
}

/// Collects the entries of a batch.
pub trait Sink {
    /// Room for this many rows.
    fn with_capacity(rows: usize) -> Self;
    /// Append what stands for no entry: null, no target, an empty list.
    fn missing(&mut self);
    /// The answer.
    ///
    /// # Errors
    /// If keys and whole nodes were mixed.
    fn finish(self, errors: Vec<(u32, Error)>, shared: bool) -> Result<Answer>;
}

/// Collects values of a field.
pub struct FieldSink<V> {
    column: Column,
    of: PhantomData<fn() -> V>,
}

/// Says the type of a field by what its function returns.
#[diagnostic::on_unimplemented(
    message = "this function answers links, not values",
    label = "`#[field]` on a function that answers links",
    note = "write `#[link]` above it"
)]
pub trait OfField {
    /// The type of the field.
    const TYPE: &'static TypeDef;
}

impl<V: Value> OfField for FieldSink<V> {
    const TYPE: &'static TypeDef = V::TYPE;
}

/// Says the type of a link by what its function returns.
#[diagnostic::on_unimplemented(
    message = "this function answers values, not links",
    label = "`#[link]` on a function that answers values",
    note = "write `#[field]` above it, or answer `One`, `Maybe`, `Many` or `MaybeMany` of nodes"
)]
pub trait OfLink {
    /// `Many<Node>` and its kin.
    type Link: LinkType;
}

impl<L: LinkType> OfLink for LinkSink<L> {
    type Link = L;
}

impl<V: Value> Sink for FieldSink<V> {
    fn with_capacity(rows: usize) -> Self {
        FieldSink { column: Column::with_capacity(V::TYPE, rows), of: PhantomData }
    }
    fn missing(&mut self) {
        self.column.push_null();
    }
    fn finish(self, errors: Vec<(u32, Error)>, shared: bool) -> Result<Answer> {
        Ok(Answer::Column(Rows { values: self.column, ends: None, errors, shared }))
    }
}

impl<V: Value> Entry for V {
    type Sink = FieldSink<V>;
    fn put(self, sink: &mut Self::Sink) -> Result<()> {
        self.write_to(&mut sink.column);
        Ok(())
    }
}

impl<T: Entry, E: Into<Error>> Entry for Result<T, E> {
    type Sink = T::Sink;
    fn put(self, sink: &mut Self::Sink) -> Result<()> {
        self.map_err(Into::into)?.put(sink)
    }
}

/// Collects links.
pub struct LinkSink<L: LinkType> {
    targets: Targets,
    ends: Vec<u32>,
    /// Rows whose list is null.
    nulls: Vec<u32>,
    of: PhantomData<fn() -> L>,
}

/// Keys or whole nodes, one column per part or stored field.
struct Targets {
    keys: Vec<Column>,
    nodes: Vec<Column>,
    key_count: usize,
    node_count: usize,
}

impl Targets {
    fn new<T: Node>() -> Self {
        Targets {
            keys: <T::Key as super::link::Key>::PARTS.iter().map(|ty| Column::new(ty)).collect(),
            nodes: T::STORED.iter().map(|stored| Column::new(stored.ty)).collect(),
            key_count: 0,
            node_count: 0,
        }
    }

    /// A gap counts as both, until the first real target says which.
    fn gap(&mut self) {
        self.keys.iter_mut().chain(&mut self.nodes).for_each(Column::push_null);
    }

    fn key<T: Node>(&mut self, key: &T::Key) {
        super::link::Key::write_to(key, &mut self.keys);
        self.nodes.iter_mut().for_each(Column::push_null);
        self.key_count += 1;
    }

    fn node<T: Node>(&mut self, node: &T) {
        node.write_to(&mut self.nodes);
        self.keys.iter_mut().for_each(Column::push_null);
        self.node_count += 1;
    }

    fn put_one<T: Node>(&mut self, one: &Option<One_<T>>) {
        match one {
            None => self.gap(),
            Some(One_::Key(key)) => self.key::<T>(key),
            Some(One_::Node(node)) => self.node(node),
        }
    }

    fn put_many<T: Node>(&mut self, many: &Many_<T>) {
        match many {
            Many_::Keys(keys) => keys.iter().for_each(|key| match key {
                Some(key) => self.key::<T>(key),
                None => self.gap(),
            }),
            Many_::Nodes(nodes) => nodes.iter().for_each(|node| match node {
                Some(node) => self.node(node),
                None => self.gap(),
            }),
        }
    }

    fn len(&self) -> u32 {
        u32::try_from(self.keys[0].len()).expect("one answer leads to at most 2³² nodes")
    }
}

impl<L: LinkType> Sink for LinkSink<L> {
    fn with_capacity(rows: usize) -> Self {
        let targets = Targets::new::<L::Target>();
        LinkSink { targets, ends: Vec::with_capacity(rows), nulls: Vec::new(), of: PhantomData }
    }
    fn missing(&mut self) {
        if L::CARDINALITY.is_many() {
            if L::CARDINALITY.is_nullable() {
                self.nulls.push(self.ends.len() as u32);
            }
            self.ends.push(self.targets.len());
        } else {
            self.targets.gap();
        }
    }
    fn finish(self, mut errors: Vec<(u32, Error)>, shared: bool) -> Result<Answer> {
        if !self.nulls.is_empty() {
            let failed: Vec<u32> = errors.iter().map(|(row, _)| *row).collect();
            let nulls = self.nulls.iter().filter(|row| failed.binary_search(row).is_err());
            errors.extend(nulls.map(|&row| (row, Error::null())));
            errors.sort_by_key(|(row, _)| *row);
        }
        let ends = L::CARDINALITY.is_many().then_some(self.ends);
        let Targets { keys, nodes, key_count, node_count } = self.targets;
        match (key_count, node_count) {
            (_, 0) => Ok(Answer::Keys(Rows { values: keys, ends, errors, shared })),
            (0, _) => Ok(Answer::Nodes(Rows { values: nodes, ends, errors, shared })),
            _ => Err(Error::internal(
                "the loader answered keys for some rows and whole nodes for others; answer one kind",
            )),
        }
    }
}

impl<T: Node> Entry for One<T> {
    type Sink = LinkSink<One<T>>;
    fn put(self, sink: &mut Self::Sink) -> Result<()> {
        sink.targets.put_one(&Some(self.0));
        Ok(())
    }
}

impl<T: Node> Entry for Maybe<T> {
    type Sink = LinkSink<Maybe<T>>;
    fn put(self, sink: &mut Self::Sink) -> Result<()> {
        sink.targets.put_one(&self.0);
        Ok(())
    }
}

impl<L: LinkType> LinkSink<L> {
    /// Append a list; one that is not there is null.
    fn put_list(&mut self, list: Option<&Many_<L::Target>>) {
        let Some(list) = list else { return self.missing() };
        self.targets.put_many(list);
        self.ends.push(self.targets.len());
    }
}

macro_rules! list {
    ($($list:ty, $self:ident => $targets:expr;)+) => {$(
        impl<T: Node> Entry for $list {
            type Sink = LinkSink<$list>;
            fn put($self, sink: &mut Self::Sink) -> Result<()> {
                sink.put_list($targets);
                Ok(())
            }
        }
    )+};
}
list! {
    Many<T>, self => Some(&self.0);
    MaybeMany<T>, self => Some(&self.0);
    Option<Many<T>>, self => self.as_ref().map(|many| &many.0);
    Option<MaybeMany<T>>, self => self.as_ref().map(|many| &many.0);
}

/// What a loader can answer for a whole batch.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a loader can answer for a batch",
    label = "not an answer for a batch",
    note = "a function with `&[T]` parameters answers `HashMap<K, V>`, `Vec<(K, V)>`, or a `Vec<V>` in key order, or a `Result` of these"
)]
pub trait BatchAnswer: Sized {
    /// [`ByKey`] or [`InOrder`].
    type Keying;
    /// What collects the entries.
    type Sink: Sink;
    /// All entries, in the order of the call's rows.
    ///
    /// # Errors
    /// If there are not as many entries as rows.
    fn collect(self, call: &Call) -> Result<Answer>;
}

/// Entries are found by their key.
pub struct ByKey<K>(PhantomData<K>);
/// Entries stand in the order of the keys given.
pub struct InOrder;

/// The entries of an answer can be found by the keys of a loader.
#[diagnostic::on_unimplemented(
    message = "the keys of the answer are not those of the loader",
    label = "the loader's keys are `{K}`",
    note = "answer `HashMap<{K}, V>`, `Vec<({K}, V)>`, or a `Vec<V>` in key order"
)]
pub trait KeyedBy<K> {}
impl<K> KeyedBy<K> for ByKey<K> {}
impl<K> KeyedBy<K> for InOrder {}

/// The key of one row of a call: the required field, or a tuple of several.
pub trait RowKey: Eq + Hash {
    /// The key at `row`.
    fn read(columns: &[Arc<Column>], row: usize) -> Self;
}

impl<T: Value + Eq + Hash> RowKey for T {
    fn read(columns: &[Arc<Column>], row: usize) -> Self {
        T::read(&columns[0], row)
    }
}

/// The parameters `&[A]`, `&[B]`, … of a loader as a tuple.
pub trait Params<'a> {
    /// The key of one row: the type of the only field, or a tuple of the types of several.
    type Key;
}

impl<'a, A: Param<'a>> Params<'a> for (A,) {
    type Key = A::Owned;
}

macro_rules! several {
    ($($t:ident $at:tt),+) => {
        impl<$($t: Value + Eq + Hash),+> RowKey for ($($t,)+) {
            fn read(columns: &[Arc<Column>], row: usize) -> Self {
                ($($t::read(&columns[$at], row),)+)
            }
        }
        impl<'a, $($t: Param<'a>),+> Params<'a> for ($($t,)+) {
            type Key = ($($t::Owned,)+);
        }
    };
}
several!(A 0, B 1);
several!(A 0, B 1, C 2);
several!(A 0, B 1, C 2, D 3);
several!(A 0, B 1, C 2, D 3, F 4);
several!(A 0, B 1, C 2, D 3, F 4, G 5);

impl<K: RowKey, V: Entry, S: BuildHasher> BatchAnswer for HashMap<K, V, S> {
    type Keying = ByKey<K>;
    type Sink = V::Sink;
    fn collect(mut self, call: &Call) -> Result<Answer> {
        fill((0..call.rows).map(|row| self.remove(&K::read(&call.columns, row))))
    }
}

impl<K: RowKey, V: Entry> BatchAnswer for Vec<(K, V)> {
    type Keying = ByKey<K>;
    type Sink = V::Sink;
    fn collect(self, call: &Call) -> Result<Answer> {
        self.into_iter().collect::<HashMap<K, V>>().collect(call)
    }
}

impl<V: Entry> BatchAnswer for Vec<V> {
    type Keying = InOrder;
    type Sink = V::Sink;
    fn collect(self, call: &Call) -> Result<Answer> {
        if self.len() != call.rows {
            let (got, rows) = (self.len(), call.rows);
            return Err(Error::internal(format!("the loader answered {got} entries for {rows} keys")));
        }
        fill(self.into_iter().map(Some))
    }
}

fn fill<V: Entry>(entries: impl ExactSizeIterator<Item = Option<V>>) -> Result<Answer> {
    let mut sink = V::Sink::with_capacity(entries.len());
    let mut errors = Vec::new();
    for (row, entry) in entries.enumerate() {
        match entry.map(|entry| entry.put(&mut sink)) {
            Some(Ok(())) => {}
            None => sink.missing(),
            Some(Err(error)) => {
                errors.push((row as u32, error));
                sink.missing();
            }
        }
    }
    sink.finish(errors, false)
}

/// The whole return value of a function with `&[T]` parameters: a [`BatchAnswer`], or a `Result` of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a loader can answer for a batch",
    label = "not an answer for a batch",
    note = "a function with `&[T]` parameters answers `HashMap<K, V>`, `Vec<(K, V)>`, or a `Vec<V>` in key order, or a `Result` of these",
    note = "an error is `hiku::Error`, or converts into it, as every `std::error::Error` does"
)]
pub trait Outcome {
    /// The answer without the `Result`.
    type Batch: BatchAnswer;
    /// The answer, if there is one.
    ///
    /// # Errors
    /// The function's own.
    fn outcome(self) -> Result<Self::Batch>;
}

impl<A: BatchAnswer> Outcome for A {
    type Batch = A;
    fn outcome(self) -> Result<A> {
        Ok(self)
    }
}

impl<A: BatchAnswer, E: Into<Error>> Outcome for Result<A, E> {
    type Batch = A;
    fn outcome(self) -> Result<A> {
        self.map_err(Into::into)
    }
}

/// The sink of a whole return value `R`.
pub type BatchSink<R> = <<R as Outcome>::Batch as BatchAnswer>::Sink;

/// The answer of a function with the `&[T]` parameters `P`.
///
/// # Errors
/// The function's own, or that of a wrong number of entries.
pub fn batch<'a, P, R>(call: &Call, returned: R) -> Result<Answer>
where
    P: Params<'a>,
    R: Outcome,
    <R::Batch as BatchAnswer>::Keying: KeyedBy<P::Key>,
{
    returned.outcome()?.collect(call)
}

/// The answer of a function without `&[T]` parameters: one entry, for every row of the call.
///
/// # Errors
/// The function's own.
pub fn shared<R: Entry>(returned: R) -> Result<Answer> {
    let mut sink = R::Sink::with_capacity(1);
    returned.put(&mut sink)?;
    sink.finish(Vec::new(), true)
}

/// The answer of a function that is called row by row.
///
/// # Errors
/// If keys and whole nodes were mixed.
pub fn per_row<R: Entry>(call: &Call, mut function: impl FnMut(usize) -> R) -> Result<Answer> {
    fill((0..call.rows).map(|row| Some(function(row))))
}

/// What a `#[load]` function of the node `T` can answer: its nodes by key, as pairs, or in key order.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what `#[load]` can answer",
    label = "not nodes by key",
    note = "answer `HashMap<K, Self>`, `Vec<(K, Self)>`, or a `Vec<Option<Self>>` in key order, or a `Result` of these"
)]
pub trait LoadAnswer<T: Node> {
    /// The same, with each node as a link.
    type Batch: BatchAnswer;
    /// The nodes, if there are any.
    ///
    /// # Errors
    /// The function's own.
    fn nodes(self) -> Result<Self::Batch>;
}

impl<K: RowKey, T: Node, S: BuildHasher> LoadAnswer<T> for HashMap<K, T, S> {
    type Batch = HashMap<K, Maybe<T>>;
    fn nodes(self) -> Result<Self::Batch> {
        Ok(self.into_iter().map(|(key, node)| (key, Maybe::node(node))).collect())
    }
}

impl<K: RowKey, T: Node> LoadAnswer<T> for Vec<(K, T)> {
    type Batch = HashMap<K, Maybe<T>>;
    fn nodes(self) -> Result<Self::Batch> {
        Ok(self.into_iter().map(|(key, node)| (key, Maybe::node(node))).collect())
    }
}

impl<T: Node> LoadAnswer<T> for Vec<Option<T>> {
    type Batch = Vec<Maybe<T>>;
    fn nodes(self) -> Result<Self::Batch> {
        Ok(self.into_iter().map(Maybe::node).collect())
    }
}

impl<T: Node, E: Into<Error>> LoadAnswer<T> for Vec<Result<Option<T>, E>> {
    type Batch = Vec<Result<Maybe<T>, E>>;
    fn nodes(self) -> Result<Self::Batch> {
        Ok(self.into_iter().map(|node| node.map(Maybe::node)).collect())
    }
}

impl<T: Node, A: LoadAnswer<T>, E: Into<Error>> LoadAnswer<T> for Result<A, E> {
    type Batch = A::Batch;
    fn nodes(self) -> Result<Self::Batch> {
        self.map_err(Into::into)?.nodes()
    }
}

/// The answer of a `#[load]` function with the `&[T]` parameters `P`: whole nodes.
///
/// # Errors
/// The function's own, or that of a wrong number of entries.
pub fn load<'a, P, T, R>(call: &Call, returned: R) -> Result<Answer>
where
    P: Params<'a>,
    T: Node,
    R: LoadAnswer<T>,
    <R::Batch as BatchAnswer>::Keying: KeyedBy<P::Key>,
{
    match returned.nodes()?.collect(call)? {
        // No node was found: every row is a gap.
        Answer::Keys(rows) => {
            let mut values: Vec<Column> = T::STORED.iter().map(|stored| Column::new(stored.ty)).collect();
            (0..call.rows).for_each(|_| values.iter_mut().for_each(Column::push_null));
            Ok(Answer::Nodes(Rows { values, ends: rows.ends, errors: rows.errors, shared: rows.shared }))
        }
        other => Ok(other),
    }
}
