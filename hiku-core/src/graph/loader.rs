//! The contract between the engine and loaders: what a call gives, what an answer holds.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::index::Column;

/// The one boxed future of an asynchronous loader call.
pub type LoadFuture = Pin<Box<dyn Future<Output = Result<Answer>> + Send + 'static>>;

/// One call of a loader for a whole batch.
#[derive(Clone)]
pub struct Call {
    /// The data of the process and of the request.
    pub context: Context,
    /// One column per required field, in the order of the definition, each of [`rows`](Self::rows) entries.
    pub columns: Vec<Arc<Column>>,
    /// How many parents the batch has; 1 for a root.
    pub rows: usize,
    /// The values of the arguments, coerced, in the order of the definition; `None` for one that is absent.
    pub args: Arc<[Option<serde_json::Value>]>,
}

/// What a loader answered for a batch.
#[derive(Debug)]
pub enum Answer {
    /// Of a field: one value per row.
    Column(Rows<Column>),
    /// Of a link: keys of targets.
    Keys(Rows<Vec<Column>>),
    /// Of a link: whole targets. One column per stored field of the node, in the order of
    /// [`Node::STORED`](crate::graph::Node::STORED).
    Nodes(Rows<Vec<Column>>),
}

/// Values by row of the call.
#[derive(Debug)]
pub struct Rows<T> {
    /// The values. For links with cardinality One and Maybe one entry per row; else `ends.last()` entries.
    /// A null key (any part) is “no target”. Of whole nodes, a gap is a row whose columns are all null.
    pub values: T,
    /// For links to many: where the targets of each row end. One entry per row. `None` for fields and links to one.
    pub ends: Option<Vec<u32>>,
    /// Rows that failed, ascending; their values are null, or no targets.
    pub errors: Vec<(u32, Error)>,
    /// The answer has one row, which holds for every row of the call.
    pub shared: bool,
}
