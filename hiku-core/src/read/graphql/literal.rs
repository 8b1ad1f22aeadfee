//! Values in a query, coerced to the types that they stand for (GraphQL specification, October 2021, 3.5 and 3.11).
//!
//! The rules of validation hold already: a value that does not fit its type becomes null here, it is never refused.

use apollo_compiler::ast::{Type, Value};
use rustc_hash::FxHashMap;
use serde_json::{Number, Value as Json};

use crate::graph::TypeDef;
use crate::query::{Expr, InputType};

/// The positions of the variables of an operation.
pub(super) type Variables<'a> = FxHashMap<&'a str, u32>;

/// A value in the place of an argument, where an absent variable means the argument's default.
pub(super) fn argument(value: &Value, ty: &InputType, default: Option<Json>, variables: &Variables<'_>) -> Expr {
    match value {
        Value::Variable(name) => match variables.get(name.as_str()) {
            Some(&at) => Expr::Variable { at, absent: default },
            None => Expr::Const(Json::Null),
        },
        _ => expr(value, ty, variables),
    }
}

fn expr(value: &Value, ty: &InputType, variables: &Variables<'_>) -> Expr {
    match (value, nullable(ty)) {
        (Value::Variable(_), _) => argument(value, ty, None, variables),
        (Value::List(items), item) if has_variables(value) => {
            let item = if let InputType::List(item) = item { item } else { ty };
            Expr::List(items.iter().map(|value| expr(value, item, variables)).collect())
        }
        // A single value for a list, with variables in it.
        (_, InputType::List(item)) if has_variables(value) => Expr::List(vec![expr(value, item, variables)]),
        _ => Expr::Const(constant(value, ty)),
    }
}

/// A value without variables.
pub(super) fn constant(value: &Value, ty: &InputType) -> Json {
    match (value, nullable(ty)) {
        (Value::Null, _) => Json::Null,
        (Value::List(items), InputType::List(item)) => {
            Json::Array(items.iter().map(|value| constant(value, item)).collect())
        }
        (_, InputType::List(item)) => Json::Array(vec![constant(value, item)]),
        (_, InputType::Scalar(name)) => scalar(value, name),
        (_, InputType::NonNull(inner)) => constant(value, inner),
    }
}

fn scalar(value: &Value, name: &str) -> Json {
    match (name, value) {
        ("Float", Value::Int(int)) => int.try_to_f64().map_or(Json::Null, Json::from),
        ("ID", Value::Int(int)) => Json::String(int.as_str().to_owned()),
        _ => untyped(value),
    }
}

/// A value as a custom scalar takes it.
fn untyped(value: &Value) -> Json {
    match value {
        Value::Null | Value::Variable(_) => Json::Null,
        Value::Enum(name) => Json::String(name.as_str().to_owned()),
        Value::String(text) => Json::String(text.clone()),
        Value::Boolean(value) => Json::Bool(*value),
        // Beyond 64 bits an integer is a float, as in JSON.
        Value::Int(int) => int
            .as_str()
            .parse::<i64>()
            .map(Json::from)
            .or_else(|_| int.as_str().parse::<u64>().map(Json::from))
            .unwrap_or_else(|_| int.try_to_f64().map_or(Json::Null, Json::from)),
        Value::Float(float) => float.try_to_f64().ok().and_then(Number::from_f64).map_or(Json::Null, Json::Number),
        Value::List(items) => Json::Array(items.iter().map(|item| untyped(item)).collect()),
        Value::Object(entries) => {
            Json::Object(entries.iter().map(|(name, value)| (name.as_str().to_owned(), untyped(value))).collect())
        }
    }
}

pub(super) fn has_variables(value: &Value) -> bool {
    match value {
        Value::Variable(_) => true,
        Value::List(items) => items.iter().any(|item| has_variables(item)),
        Value::Object(entries) => entries.iter().any(|(_, value)| has_variables(value)),
        _ => false,
    }
}

pub(super) fn nullable(ty: &InputType) -> &InputType {
    if let InputType::NonNull(inner) = ty { inner } else { ty }
}

/// The type of an argument.
pub(super) fn type_of_def(ty: &TypeDef) -> InputType {
    let inner = match ty.non_null() {
        TypeDef::List(item) => InputType::List(Box::new(type_of_def(item))),
        TypeDef::Scalar(_) | TypeDef::Enum(_) | TypeDef::Record(_) | TypeDef::Input(_) => {
            InputType::Scalar(ty.leaf().to_string().trim_end_matches('!').to_owned())
        }
        TypeDef::Nullable(inner) => return type_of_def(inner),
    };
    if ty.is_nullable() { inner } else { InputType::NonNull(Box::new(inner)) }
}

/// The type of a variable.
pub(super) fn type_of_ast(ty: &Type) -> InputType {
    match ty {
        Type::Named(name) => InputType::Scalar(name.as_str().to_owned()),
        Type::NonNullNamed(name) => InputType::NonNull(Box::new(InputType::Scalar(name.as_str().to_owned()))),
        Type::List(item) => InputType::List(Box::new(type_of_ast(item))),
        Type::NonNullList(item) => InputType::NonNull(Box::new(InputType::List(Box::new(type_of_ast(item))))),
    }
}
