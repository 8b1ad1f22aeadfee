//! The types of values: scalars, enums, records, inputs, lists, nullability. Static, so that macros can write them down.

use std::sync::{Arc, PoisonError, RwLock};

use regex_lite::Regex;
use rustc_hash::FxHashMap;
use serde_json::Value as Json;

use crate::error::{Error, Result};
use crate::index::Column;

/// How values of a scalar are stored in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are those of the Rust types")]
pub enum Kind {
    Bool,
    I16,
    I32,
    I64,
    F32,
    F64,
    /// An exact decimal number.
    #[cfg(feature = "decimal")]
    Decimal,
    Text,
    Uuid,
    Date,
    Time,
    /// An instant, in UTC.
    DateTime,
    /// A date and a time of day without a zone.
    LocalDateTime,
    Json,
}

/// A named scalar of the schema. Several scalars may share a name (an `ID` can be an integer or a text).
#[derive(Clone, Copy, Debug)]
pub struct ScalarDef {
    /// The name in the schema.
    pub name: &'static str,
    /// How values are stored.
    pub kind: Kind,
    /// The description in the schema.
    pub description: Option<&'static str>,
    /// The `@specifiedBy` address.
    pub specified_by: Option<&'static str>,
    /// Judges a value that a request gives, beyond what its kind can hold.
    ///
    /// # Errors
    /// Why it is none, as a sentence for the client.
    pub parse: Option<ParseFn>,
    /// Appends a value that a request gives to a column, where that is more than to read it as its kind: keys.
    ///
    /// # Errors
    /// If it is none, as a public error.
    pub store: Option<fn(&Json, &mut Column) -> Result<()>>,
    /// What stands in the response for a stored value, if that is something else.
    ///
    /// # Errors
    /// If the stored value is none of this scalar.
    pub serialize: Option<fn(&Column, usize) -> Result<Json>>,
}

impl ScalarDef {
    /// A scalar of this name, without description.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        ScalarDef { name, kind, description: None, specified_by: None, parse: None, store: None, serialize: None }
    }

    /// Whether GraphQL has it built in.
    pub(crate) fn is_built_in(&self) -> bool {
        matches!(self.name, "Int" | "Float" | "String" | "Boolean" | "ID")
    }
}

/// An enum of the schema.
#[derive(Clone, Copy, Debug)]
pub struct EnumDef {
    /// The name in the schema.
    pub name: &'static str,
    /// The description in the schema.
    pub description: Option<&'static str>,
    /// How values are stored: [`Kind::Text`], or an integer.
    pub kind: Kind,
    /// The values, in the order of declaration.
    pub values: &'static [EnumValueDef],
}

/// A value of an enum.
#[derive(Clone, Copy, Debug)]
pub struct EnumValueDef {
    /// The name in the schema.
    pub name: &'static str,
    /// The description in the schema.
    pub description: Option<&'static str>,
    /// Why it is deprecated, if it is.
    pub deprecated: Option<&'static str>,
    /// What columns hold for it.
    pub stored: Stored,
}

/// What columns hold for a value of an enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Stored {
    Text(&'static str),
    Integer(i64),
}

/// A type of values with fields: embedded in a node, without a key.
#[derive(Clone, Copy, Debug)]
pub struct RecordDef {
    /// The name in the schema.
    pub name: &'static str,
    /// The description in the schema.
    pub description: Option<&'static str>,
    /// The fields, in the order of declaration.
    pub fields: &'static [RecordFieldDef],
}

/// A field of a record.
#[derive(Clone, Copy, Debug)]
pub struct RecordFieldDef {
    /// The name in the schema.
    pub name: &'static str,
    /// The key in stored JSON: the name in Rust.
    pub stored: &'static str,
    /// The description in the schema.
    pub description: Option<&'static str>,
    /// Why it is deprecated, if it is.
    pub deprecated: Option<&'static str>,
    /// The type of the value.
    pub ty: &'static TypeDef,
}

/// A type of objects that requests give.
#[derive(Clone, Copy, Debug)]
pub struct InputDef {
    /// The name in the schema.
    pub name: &'static str,
    /// The description in the schema.
    pub description: Option<&'static str>,
    /// Exactly one field is given, and it is not null.
    pub one_of: bool,
    /// The fields, in the order of declaration.
    pub fields: &'static [InputFieldDef],
}

/// A field of an input.
#[derive(Clone, Copy, Debug)]
pub struct InputFieldDef {
    /// The name in the schema.
    pub name: &'static str,
    /// The description in the schema.
    pub description: Option<&'static str>,
    /// Why it is deprecated, if it is.
    pub deprecated: Option<&'static str>,
    /// The type; without a default, a type that is not nullable makes the field required.
    pub ty: &'static TypeDef,
    /// The default, made once at start-up.
    pub default: Option<fn() -> Json>,
    /// What must hold of a value beside its type.
    pub checks: &'static [Check],
}

/// What must hold of a value that a request gives, beside its type. Null is not judged.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// How many characters of a text, or items of a list; both ends included.
    Length {
        /// At least.
        min: u64,
        /// At most.
        max: u64,
    },
    /// How large a number is; both ends included.
    Range {
        /// At least.
        min: f64,
        /// At most.
        max: f64,
    },
    /// A text matches this regular expression somewhere; `^` and `$` bind it to the ends.
    Pattern(&'static str),
    /// A function of the user.
    Custom(fn(&Json) -> Result<(), Error>),
}

/// The type of a value. Never null unless it says [`Nullable`](TypeDef::Nullable).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum TypeDef {
    /// A scalar.
    Scalar(&'static ScalarDef),
    /// An enum.
    Enum(&'static EnumDef),
    /// A value with fields. By a function, because a record can hold its like.
    Record(fn() -> &'static RecordDef),
    /// An object of a request: the type of arguments, never of fields.
    Input(fn() -> &'static InputDef),
    /// A list of values.
    List(&'static TypeDef),
    /// A value or null.
    Nullable(&'static TypeDef),
}

impl TypeDef {
    /// The type without its outermost nullability.
    pub const fn non_null(&self) -> &TypeDef {
        match self {
            TypeDef::Nullable(inner) => inner,
            other => other,
        }
    }

    /// Whether null is a value of this type.
    pub const fn is_nullable(&self) -> bool {
        matches!(self, TypeDef::Nullable(_))
    }

    /// Whether values of both are stored alike and equally nullable.
    pub(crate) const fn stored_like(&self, other: &TypeDef) -> bool {
        match (self, other) {
            (TypeDef::Nullable(a), TypeDef::Nullable(b)) | (TypeDef::List(a), TypeDef::List(b)) => a.stored_like(b),
            (TypeDef::Nullable(_), _) | (_, TypeDef::Nullable(_)) => false,
            // That it is the same record is found out when the graph is built: functions do not compare.
            (TypeDef::Record(_), TypeDef::Record(_)) => true,
            (a, b) => match (a.kind(), b.kind()) {
                // Comparing them by `==` is not constant.
                (Some(a), Some(b)) => a as u8 == b as u8,
                _ => false,
            },
        }
    }

    /// The type without lists and nullability.
    pub const fn leaf(&self) -> &TypeDef {
        match self {
            TypeDef::List(inner) | TypeDef::Nullable(inner) => inner.leaf(),
            other => other,
        }
    }

    /// The name of the [`leaf`](Self::leaf) in the schema.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            TypeDef::Scalar(scalar) => scalar.name,
            TypeDef::Enum(def) => def.name,
            TypeDef::Record(def) => def().name,
            TypeDef::Input(def) => def().name,
            TypeDef::List(inner) | TypeDef::Nullable(inner) => inner.name(),
        }
    }

    /// How values are stored, for messages.
    pub(crate) fn stored(&self) -> String {
        match self {
            TypeDef::Scalar(ScalarDef { kind, .. }) | TypeDef::Enum(EnumDef { kind, .. }) => format!("{kind:?}"),
            TypeDef::Record(_) | TypeDef::Input(_) => self.name().to_owned(),
            TypeDef::List(item) => format!("Vec<{}>", item.stored()),
            TypeDef::Nullable(inner) => format!("Option<{}>", inner.stored()),
        }
    }

    /// How values are stored; `None` for lists and records, which are stored as JSON.
    pub const fn kind(&self) -> Option<Kind> {
        match self.non_null() {
            TypeDef::Scalar(scalar) => Some(scalar.kind),
            TypeDef::Enum(def) => Some(def.kind),
            _ => None,
        }
    }
}

impl std::fmt::Display for TypeDef {
    /// As the schema language writes it: `[String!]!`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.non_null() {
            TypeDef::List(item) => write!(f, "[{item}]")?,
            leaf @ (TypeDef::Scalar(_) | TypeDef::Enum(_) | TypeDef::Record(_) | TypeDef::Input(_)) => {
                f.write_str(leaf.name())?;
            }
            TypeDef::Nullable(_) => unreachable!("`non_null` unwraps it, and types do not nest it"),
        }
        f.write_str(if self.is_nullable() { "" } else { "!" })
    }
}

/// Judges a value of a request; the sentence says why it is none.
pub type ParseFn = fn(&Json) -> Result<(), String>;

/// By its text; `None` is no pattern.
type Patterns = FxHashMap<&'static str, Option<Arc<Regex>>>;

/// A pattern, compiled once for the process: definitions are static, so there are only so many.
pub(crate) fn regex(pattern: &'static str) -> Option<Arc<Regex>> {
    static KNOWN: RwLock<Option<Patterns>> = RwLock::new(None);
    if let Some(known) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(|all| all.get(pattern))
    {
        return known.clone();
    }
    let known = Regex::new(pattern).ok().map(Arc::new);
    KNOWN.write().unwrap_or_else(PoisonError::into_inner).get_or_insert_default().insert(pattern, known.clone());
    known
}
