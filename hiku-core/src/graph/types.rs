//! The types of values: scalars, lists, nullability. Static, so that macros can write them down.

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
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScalarDef {
    /// The name in the schema.
    pub name: &'static str,
    /// How values are stored.
    pub kind: Kind,
    /// The description in the schema.
    pub description: Option<&'static str>,
    /// The `@specifiedBy` address.
    pub specified_by: Option<&'static str>,
}

impl ScalarDef {
    /// A scalar of this name, without description.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        ScalarDef { name, kind, description: None, specified_by: None }
    }
}

/// The type of a value. Never null unless it says [`Nullable`](TypeDef::Nullable).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum TypeDef {
    /// A scalar.
    Scalar(&'static ScalarDef),
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
            // Comparing them by `==` is not constant.
            (TypeDef::Scalar(a), TypeDef::Scalar(b)) => a.kind as u8 == b.kind as u8,
            _ => false,
        }
    }

    /// How values are stored, for messages.
    pub(crate) fn stored(&self) -> String {
        match self {
            TypeDef::Scalar(scalar) => format!("{:?}", scalar.kind),
            TypeDef::List(item) => format!("Vec<{}>", item.stored()),
            TypeDef::Nullable(inner) => format!("Option<{}>", inner.stored()),
        }
    }

    /// How values are stored; `None` for lists.
    pub const fn kind(&self) -> Option<Kind> {
        match self.non_null() {
            TypeDef::Scalar(scalar) => Some(scalar.kind),
            _ => None,
        }
    }
}

impl std::fmt::Display for TypeDef {
    /// As the schema language writes it: `[String!]!`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.non_null() {
            TypeDef::Scalar(scalar) => f.write_str(scalar.name)?,
            TypeDef::List(item) => write!(f, "[{item}]")?,
            TypeDef::Nullable(_) => unreachable!("`non_null` unwraps it, and types do not nest it"),
        }
        f.write_str(if self.is_nullable() { "" } else { "!" })
    }
}
