//! What the rules ask of the schema.

use std::fmt;

use apollo_compiler::Name;
use apollo_compiler::ast::{FieldDefinition, Type};
use apollo_compiler::collections::HashMap;
use apollo_compiler::schema::{ExtendedType, Implementers, InputObjectType};

/// The types that a document is judged by.
#[derive(Clone, Copy)]
pub(in super::super) struct Types<'a> {
    pub(in super::super) schema: &'a apollo_compiler::Schema,
    pub(in super::super) implementers: &'a HashMap<Name, Implementers>,
}

impl<'a> Types<'a> {
    pub(super) fn named(self, name: &str) -> Option<&'a ExtendedType> {
        self.schema.types.get(name)
    }

    /// The type of what is in a field.
    pub(super) fn of(self, field: &FieldDefinition) -> Option<&'a ExtendedType> {
        self.named(field.ty.inner_named_type())
    }

    /// A field of an object, an interface or a union, `__typename` and the like included.
    pub(super) fn field(self, parent: &'a ExtendedType, name: &str) -> Option<&'a FieldDefinition> {
        let own = own_field(parent, name);
        if own.is_some() || !name.starts_with("__") {
            return own;
        }
        self.schema.type_field(parent.name(), name).ok().map(|field| &***field)
    }

    /// Whether a value can be of both composite types.
    pub(super) fn overlap(self, a: &ExtendedType, b: &ExtendedType) -> bool {
        std::ptr::eq(a, b)
            || match (is_abstract(a), is_abstract(b)) {
                (true, true) => self.possible(a).any(|name| self.schema.is_subtype(b.name(), name)),
                (true, false) => self.schema.is_subtype(a.name(), b.name()),
                (false, true) => self.schema.is_subtype(b.name(), a.name()),
                (false, false) => false,
            }
    }

    /// The objects that a value of an abstract type can be.
    pub(super) fn possible(self, of: &ExtendedType) -> impl Iterator<Item = &'a Name> {
        let (members, objects) = match self.schema.types.get(of.name()) {
            Some(ExtendedType::Union(union)) => (Some(union.members.iter().map(|member| &member.name)), None),
            Some(ExtendedType::Interface(_)) => {
                (None, self.implementers.get(of.name()).map(|found| found.objects.iter()))
            }
            _ => (None, None),
        };
        members.into_iter().flatten().chain(objects.into_iter().flatten())
    }
}

/// A field of an object or an interface.
pub(super) fn own_field<'a>(parent: &'a ExtendedType, name: &str) -> Option<&'a FieldDefinition> {
    match parent {
        ExtendedType::Object(object) => object.fields.get(name).map(|field| &***field),
        ExtendedType::Interface(interface) => interface.fields.get(name).map(|field| &***field),
        _ => None,
    }
}

pub(super) fn is_composite(ty: &ExtendedType) -> bool {
    matches!(ty, ExtendedType::Object(_) | ExtendedType::Interface(_) | ExtendedType::Union(_))
}

pub(super) fn is_leaf(ty: &ExtendedType) -> bool {
    matches!(ty, ExtendedType::Scalar(_) | ExtendedType::Enum(_))
}

pub(super) fn is_input(ty: &ExtendedType) -> bool {
    is_leaf(ty) || matches!(ty, ExtendedType::InputObject(_))
}

pub(super) fn is_abstract(ty: &ExtendedType) -> bool {
    matches!(ty, ExtendedType::Interface(_) | ExtendedType::Union(_))
}

pub(super) fn is_one_of(input: &InputObjectType) -> bool {
    input.directives.iter().any(|directive| directive.name == "oneOf")
}

/// The type that a value is expected to be of.
#[derive(Clone, Copy)]
pub(super) struct Expected<'a> {
    ty: &'a Type,
    /// Null is allowed, whatever the type says.
    or_null: bool,
}

impl<'a> Expected<'a> {
    pub(super) fn new(ty: &'a Type) -> Self {
        Expected { ty, or_null: false }
    }

    pub(super) fn name(self) -> &'a Name {
        self.ty.inner_named_type()
    }

    pub(super) fn is_non_null(self) -> bool {
        !self.or_null && self.ty.is_non_null()
    }

    pub(super) fn is_list(self) -> bool {
        self.ty.is_list()
    }

    /// What the items of a list are expected to be. If no list is expected, the language still looks into it.
    pub(super) fn item(self) -> Self {
        match self.ty {
            Type::List(item) | Type::NonNullList(item) => Expected::new(item),
            _ => Expected { or_null: true, ..self },
        }
    }

    /// Whether a variable of this type can stand here; a default makes up for null.
    pub(super) fn takes(self, variable: &Type, has_default: bool) -> bool {
        let lenient = !self.is_non_null() || (!variable.is_non_null() && has_default);
        if lenient && self.ty.is_non_null() {
            return variable.is_assignable_to(&self.ty.clone().nullable());
        }
        variable.is_assignable_to(self.ty)
    }
}

impl fmt::Display for Expected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.or_null { write!(f, "{}", self.ty.clone().nullable()) } else { write!(f, "{}", self.ty) }
    }
}
