//! Values in a query, coerced to the types that they stand for (GraphQL specification, October 2021, 3.5 and 3.11).
//!
//! The rules of validation hold already: a value that does not fit its type becomes null here, it is never refused.

use apollo_compiler::ast::{Type, Value};
use rustc_hash::FxHashMap;
use serde_json::{Map, Number, Value as Json};

use crate::graph::{Graph, InputDef, Kind, ScalarDef, TypeDef};
use crate::query::{Expr, InputType, coerce_value};

/// The positions of the variables of an operation.
pub(super) type Variables<'a> = FxHashMap<&'a str, u32>;

/// A value in the place of an argument or of a field, where an absent variable means the default.
pub(super) fn argument(value: &Value, ty: &InputType, default: Option<Json>, variables: &Variables<'_>) -> Expr {
    match value {
        Value::Variable(name) => match variables.get(name.as_str()) {
            Some(&at) => Expr::Variable { at, absent: default },
            None => Expr::Absent,
        },
        _ => expr(value, ty, variables),
    }
}

fn expr(value: &Value, ty: &InputType, variables: &Variables<'_>) -> Expr {
    if !has_variables(value) {
        return Expr::Const(constant(value, ty));
    }
    match (value, nullable(ty)) {
        (Value::Variable(_), _) => argument(value, ty, None, variables),
        (Value::List(items), item) => {
            // A custom scalar takes lists too.
            let item = if let InputType::List(item) = item { item } else { ty };
            Expr::List(items.iter().map(|value| expr(value, item, variables)).collect())
        }
        // A single value for a list, with variables in it.
        (_, InputType::List(item)) => Expr::List(vec![expr(value, item, variables)]),
        (Value::Object(entries), InputType::Named(TypeDef::Input(def))) => {
            let given = |name| entries.iter().find(|(given, _)| given.as_str() == name).map(|(_, value)| value);
            let fields = def().fields.iter().filter_map(|field| {
                let (ty, default) = (InputType::of(field.ty), field_default(field));
                let value = match given(field.name) {
                    Some(value) => argument(value, &ty, default, variables),
                    None => Expr::Const(default?),
                };
                Some((field.name.into(), value))
            });
            Expr::Object(fields.collect())
        }
        (Value::Object(entries), _) => Expr::Object(
            entries.iter().map(|(name, value)| (name.as_str().into(), expr(value, ty, variables))).collect(),
        ),
        _ => Expr::Const(constant(value, ty)),
    }
}

/// The default of a field, with the defaults of the fields in it.
fn field_default(field: &crate::graph::InputFieldDef) -> Option<Json> {
    // It is of its type: `Schema::new` has judged it.
    coerce_value(&InputType::of(field.ty), &field.default?()).ok()
}

/// A value without variables.
pub(super) fn constant(value: &Value, ty: &InputType) -> Json {
    match (value, nullable(ty)) {
        (Value::Null, _) => Json::Null,
        (Value::List(items), InputType::List(item)) => {
            Json::Array(items.iter().map(|value| constant(value, item)).collect())
        }
        (_, InputType::List(item)) => Json::Array(vec![constant(value, item)]),
        (Value::Object(entries), InputType::Named(TypeDef::Input(def))) => object(entries, def()),
        (_, InputType::Named(TypeDef::Scalar(def))) => scalar(value, def),
        (_, InputType::Named(_)) => untyped(value),
        (_, InputType::NonNull(inner)) => constant(value, inner),
    }
}

fn object(entries: &[(apollo_compiler::Name, apollo_compiler::Node<Value>)], def: &InputDef) -> Json {
    let mut out = Map::new();
    for field in def.fields {
        let given = entries.iter().find(|(name, _)| name.as_str() == field.name);
        let value = match given {
            Some((_, value)) => Some(constant(value, &InputType::of(field.ty))),
            None => field_default(field),
        };
        out.extend(value.map(|value| (field.name.to_owned(), value)));
    }
    Json::Object(out)
}

fn scalar(value: &Value, def: &ScalarDef) -> Json {
    match (def.name, value) {
        ("Float", Value::Int(int)) => int.try_to_f64().map_or(Json::Null, Json::from),
        ("ID", Value::Int(int)) => Json::String(int.as_str().to_owned()),
        _ => untyped(value),
    }
}

/// A value as a custom scalar takes it.
pub(super) fn untyped(value: &Value) -> Json {
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

/// The type of a variable. Validation has seen to it that the graph knows it.
pub(super) fn type_of_ast(ty: &Type, graph: &Graph) -> InputType {
    match ty {
        Type::Named(name) => InputType::Named(named(name, graph)),
        Type::NonNullNamed(name) => InputType::NonNull(Box::new(InputType::Named(named(name, graph)))),
        Type::List(item) => InputType::List(Box::new(type_of_ast(item, graph))),
        Type::NonNullList(item) => InputType::NonNull(Box::new(InputType::List(Box::new(type_of_ast(item, graph))))),
    }
}

fn named(name: &str, graph: &Graph) -> TypeDef {
    static BUILT_IN: [ScalarDef; 5] = [
        ScalarDef::new("Int", Kind::I32),
        ScalarDef::new("Float", Kind::F64),
        ScalarDef::new("String", Kind::Text),
        ScalarDef::new("Boolean", Kind::Bool),
        ScalarDef::new("ID", Kind::Text),
    ];
    static UNKNOWN: ScalarDef = ScalarDef::new("Json", Kind::Json);
    let built_in = BUILT_IN.iter().find(|scalar| scalar.name == name).map(TypeDef::Scalar);
    built_in.or_else(|| graph.types().get(name).copied()).unwrap_or(TypeDef::Scalar(&UNKNOWN))
}
