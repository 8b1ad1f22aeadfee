//! The operation: what a reader makes of a query, resolved against the graph. After this no name is compared again.

mod judge;
mod variables;

use std::ops::Range;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::graph::{MemberId, NodeId, RecordDef, TypeDef};

pub(crate) use judge::{check_value, is_checked, judge};
pub use variables::{coerce, evaluate};
pub(crate) use variables::{coerce_value, judge_scalar};

/// A place in the text of a query; both count from 1, the column in UTF-16 units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// Why a request was refused before anything ran.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestError {
    /// What is wrong.
    pub message: String,
    /// Where in the query, if it is about the query.
    pub locations: Vec<Position>,
    /// `extensions.code`.
    pub code: &'static str,
}

/// A query resolved against its graph, for one choice of the conditions that depend on variables.
#[derive(Debug, Default)]
pub struct Operation {
    /// All selection sets; the first is that of the root.
    pub sets: Vec<SelectionSet>,
    /// Answers `__schema` and `__type`, if they are asked.
    pub introspection: Option<Introspection>,
}

impl Operation {
    /// The root that it starts at.
    ///
    /// # Panics
    /// If it was not made by a reader.
    pub fn root(&self) -> NodeId {
        match self.sets[0].of {
            Parent::Node(node) => node,
            Parent::Record(_) => unreachable!("operations start at a root"),
        }
    }
}

/// The position of a selection set in its operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SetId(pub u32);

/// What is asked of one type of objects, merged by response key, in the order of the response.
#[derive(Debug)]
pub struct SelectionSet {
    /// What it is asked of.
    pub of: Parent,
    /// One entry per response key.
    pub selections: Vec<Selection>,
    /// Of a union or interface: what is asked of each of its nodes, in their order. Nothing is selected then.
    pub cases: Vec<SetId>,
    /// Why nothing can be selected: a condition is null.
    pub failed: Option<(String, Position)>,
}

/// What a selection set is asked of.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Parent {
    Node(NodeId),
    Record(&'static RecordDef),
}

/// One entry of a response object.
#[derive(Debug)]
pub struct Selection {
    /// The response key: alias or name.
    pub key: Box<str>,
    /// Where it stands in the query: each of the fields that are merged into it.
    pub positions: Box<[Position]>,
    /// What it asks for.
    pub what: Selected,
    /// One expression per argument of the definition, in its order.
    pub args: Vec<Expr>,
    /// Where the arguments stand that are made of variables: the position among `args`, and that of the value.
    pub args_at: Vec<(u32, Position)>,
}

/// What a selection asks for.
#[derive(Debug, Clone, Copy)]
pub enum Selected {
    /// A value; of a record, the field at this position.
    Field(MemberId),
    /// Records, and what of them.
    Record(MemberId, SetId),
    /// Nodes, and what of them.
    Link(MemberId, SetId),
    /// The name of the node's type.
    TypeName,
    /// `__schema` or `__type`: the answer at this position; only at the root.
    Introspection(u32),
}

/// The value of an argument: known, or made of variables.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// Coerced already.
    Const(Json),
    /// Not given, and without a default.
    Absent,
    /// A variable; where the request does not give it and it has no default, that of the argument.
    Variable {
        /// The position among the variables of the operation.
        at: u32,
        /// What it is if the variable is absent; `None` for no value at all.
        absent: Option<Json>,
    },
    /// A list with variables in it.
    List(Vec<Expr>),
    /// An object with variables in it.
    Object(Vec<(Box<str>, Expr)>),
}

/// A variable of an operation.
#[derive(Clone, Debug)]
pub struct Variable {
    /// The name, without `$`.
    pub name: String,
    /// The type.
    pub ty: InputType,
    /// What it is when the request does not give it.
    pub default: Option<Json>,
    /// Where it is declared.
    pub position: Position,
}

/// The type of a variable; nullable unless it says otherwise.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub enum InputType {
    /// A scalar, an enum or an input.
    Named(TypeDef),
    List(Box<InputType>),
    NonNull(Box<InputType>),
}

/// Answers the introspection fields of an operation.
#[derive(Clone)]
pub struct Introspection {
    /// The answers, given the values of the variables (as [`coerce`] answers them) and how many bytes there may be.
    pub answer: Arc<IntrospectionFn>,
    /// How many selections it holds.
    pub entries: usize,
}

/// See [`Introspection`].
pub type IntrospectionFn = dyn Fn(&[Option<Json>], usize) -> Introspected + Send + Sync;

impl std::fmt::Debug for Introspection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Introspection({})", self.entries)
    }
}

/// The answers to the introspection fields of an operation.
#[derive(Debug, Default)]
pub struct Introspected {
    /// JSON, one value behind the other.
    pub bytes: Vec<u8>,
    /// By position: where it stands among the bytes; `None` for null where null is not allowed.
    pub answers: Vec<Option<Range<usize>>>,
    /// What went wrong, in the order of the answers.
    pub errors: Vec<IntrospectionError>,
    /// There are more bytes than there may be, so there is no answer.
    pub too_large: bool,
}

/// What went wrong in an answer: the request is at fault.
#[derive(Debug)]
pub struct IntrospectionError {
    /// The position of the answer.
    pub answer: u32,
    /// What is wrong.
    pub message: Box<str>,
    /// Where in the query.
    pub position: Position,
    /// Where in the response, the key of the answer included.
    pub path: Vec<PathPart>,
}

/// A step into a response.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum PathPart {
    Key(Box<str>),
    Index(u32),
}
