//! The values of variables: what a request gives becomes what the operation declares.
//!
//! Judges values as graphql-js 16 does, in its words. A scalar that GraphQL builds in is judged by its name in the schema:
//! `Int` is 32 bits wide however it is stored; others by what they say themselves, else by how they are stored.

use std::fmt::Write;

use serde_json::{Map, Number, Value as Json};

use super::{Expr, InputType, RequestError, Variable};
use crate::graph::{EnumDef, InputDef, ScalarDef, TypeDef};
use crate::index::{Column, push_json};

/// How many errors are reported at most, as in graphql-js.
const MAX_ERRORS: usize = 50;

/// The value of each variable, in the order of `variables`; `None` where the request gives none and there is no default.
///
/// GraphQL specification, October 2021, 6.1.2. Values that no variable is named for are ignored. The depth of the recursion is
/// that of the types.
///
/// # Errors
/// Every value that does not fit, at the place of the declaration (`BAD_USER_INPUT`), up to 50.
pub fn coerce(variables: &[Variable], given: &Map<String, Json>) -> Result<Vec<Option<Json>>, Vec<RequestError>> {
    let mut errors = Vec::new();
    let mut values = Vec::with_capacity(variables.len());
    for variable in variables {
        let Variable { name, ty, default, position } = variable;
        let mut wrong = |message: String| {
            let message = match errors.len() {
                0..MAX_ERRORS => message,
                MAX_ERRORS => {
                    "Too many errors processing variables, error limit reached. Execution aborted.".to_owned()
                }
                _ => return,
            };
            errors.push(RequestError { message, locations: vec![*position], code: "BAD_USER_INPUT" });
        };
        values.push(match (given.get(name), default) {
            (None, Some(default)) => Some(default.clone()),
            (None, None) => {
                if matches!(ty, InputType::NonNull(_)) {
                    wrong(format!("Variable \"${name}\" of required type \"{ty}\" was not provided."));
                }
                None
            }
            (Some(Json::Null), _) if matches!(ty, InputType::NonNull(_)) => {
                wrong(format!("Variable \"${name}\" of non-null type \"{ty}\" must not be null."));
                None
            }
            (Some(value), _) => Some(input(ty, value, &mut Vec::new(), &mut |path, value, why| {
                let mut message = format!("Variable \"${name}\" got invalid value {}", inspect(value));
                if !path.is_empty() {
                    let _ = write!(message, " at \"{name}");
                    for at in path {
                        let _ = match at {
                            Part::Index(at) => write!(message, "[{at}]"),
                            Part::Field(name) => write!(message, ".{name}"),
                        };
                    }
                    message.push('"');
                }
                wrong(format!("{message}; {why}"));
            })),
        });
    }
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}

/// The value of an expression, given those of the variables (as [`coerce`] answers them); `None` if it is absent. What is
/// absent is null in a list, and left out of an object.
///
/// # Panics
/// If the expression names a variable that is not there.
pub fn evaluate(expr: &Expr, variables: &[Option<Json>]) -> Option<Json> {
    match expr {
        Expr::Const(value) => Some(value.clone()),
        Expr::Absent => None,
        Expr::Variable { at, absent } => variables[*at as usize].clone().or_else(|| absent.clone()),
        Expr::List(items) => {
            Some(Json::Array(items.iter().map(|item| evaluate(item, variables).unwrap_or_default()).collect()))
        }
        Expr::Object(fields) => {
            let given = fields.iter().filter_map(|(name, value)| Some((name.to_string(), evaluate(value, variables)?)));
            Some(Json::Object(given.collect()))
        }
    }
}

/// A step into a value.
#[derive(Clone, Copy)]
enum Part {
    Index(usize),
    Field(&'static str),
}

/// A value as one of this type: how defaults are judged.
///
/// # Errors
/// Why it is none, once for each place in it.
pub(crate) fn coerce_value(ty: &InputType, value: &Json) -> Result<Json, Vec<String>> {
    let mut errors = Vec::new();
    let value = input(ty, value, &mut Vec::new(), &mut |_, _, why| errors.push(why.to_owned()));
    if errors.is_empty() { Ok(value) } else { Err(errors) }
}

/// `coerceInputValue` of graphql-js.
fn input(ty: &InputType, value: &Json, path: &mut Vec<Part>, wrong: &mut dyn FnMut(&[Part], &Json, &str)) -> Json {
    match (ty, value) {
        (InputType::NonNull(_), Json::Null) => {
            wrong(path, value, &format!("Expected non-nullable type \"{ty}\" not to be null."));
            Json::Null
        }
        (InputType::NonNull(inner), _) => input(inner, value, path, wrong),
        (_, Json::Null) => Json::Null,
        (InputType::List(item), Json::Array(values)) => {
            let mut items = Vec::with_capacity(values.len());
            for (at, value) in values.iter().enumerate() {
                path.push(Part::Index(at));
                items.push(input(item, value, path, wrong));
                path.pop();
            }
            Json::Array(items)
        }
        (InputType::List(item), _) => Json::Array(vec![input(item, value, path, wrong)]),
        (InputType::Named(TypeDef::Input(def)), _) => object(def(), value, path, wrong),
        (InputType::Named(TypeDef::Enum(def)), _) => enumeration(def, value).unwrap_or_else(|why| {
            wrong(path, value, &why);
            Json::Null
        }),
        (InputType::Named(TypeDef::Scalar(def)), _) => scalar(def, value).unwrap_or_else(|why| {
            wrong(path, value, &why);
            Json::Null
        }),
        (InputType::Named(_), _) => value.clone(),
    }
}

fn object(
    def: &'static InputDef,
    value: &Json,
    path: &mut Vec<Part>,
    wrong: &mut dyn FnMut(&[Part], &Json, &str),
) -> Json {
    let Json::Object(given) = value else {
        wrong(path, value, &format!("Expected type \"{}\" to be an object.", def.name));
        return Json::Null;
    };
    let mut out = Map::new();
    for field in def.fields {
        match (given.get(field.name), field.default) {
            (Some(given), _) => {
                path.push(Part::Field(field.name));
                out.insert(field.name.into(), input(&InputType::of(field.ty), given, path, wrong));
                path.pop();
            }
            (None, Some(default)) => {
                out.insert(field.name.into(), default());
            }
            (None, None) if !field.ty.is_nullable() => {
                let why = format!("Field \"{}\" of required type \"{}\" was not provided.", field.name, field.ty);
                wrong(path, value, &why);
            }
            (None, None) => {}
        }
    }
    for name in given.keys().filter(|name| !def.fields.iter().any(|field| field.name == **name)) {
        wrong(path, value, &format!("Field \"{name}\" is not defined by type \"{}\".", def.name));
    }
    if def.one_of {
        match given.iter().next() {
            Some((name, only)) if given.len() == 1 => {
                if let (Json::Null, Some(field)) = (only, def.fields.iter().find(|field| field.name == name)) {
                    path.push(Part::Field(field.name));
                    wrong(path, only, &format!("Field \"{name}\" must be non-null."));
                    path.pop();
                }
            }
            _ => wrong(path, value, &format!("Exactly one key must be specified for OneOf type \"{}\".", def.name)),
        }
    }
    Json::Object(out)
}

fn enumeration(def: &EnumDef, value: &Json) -> Result<Json, String> {
    match value.as_str() {
        None => Err(format!("Enum \"{}\" cannot represent non-string value: {}.", def.name, inspect(value))),
        Some(name) if def.values.iter().any(|known| known.name == name) => Ok(value.clone()),
        Some(name) => Err(format!("Value \"{name}\" does not exist in \"{}\" enum.", def.name)),
    }
}

/// Whether a custom scalar takes a value that is not null.
///
/// # Errors
/// Why not.
pub(crate) fn judge_scalar(def: &'static ScalarDef, value: &Json) -> Result<(), String> {
    match def.parse {
        Some(parse) => parse(value),
        None => {
            let ty = TypeDef::Scalar(def);
            push_json(&mut Column::new(&ty), &ty, value).map_err(|error| error.to_string())
        }
    }
}

/// `parseValue` of the scalars of graphql-js. `value` is not null.
fn scalar(def: &'static ScalarDef, value: &Json) -> Result<Json, String> {
    match def.name {
        "Int" => match integer(value) {
            None => Err(format!("Int cannot represent non-integer value: {}", inspect(value))),
            Some(int) => match i32::try_from(int) {
                Ok(int) => Ok(int.into()),
                Err(_) => Err(format!("Int cannot represent non 32-bit signed integer value: {}", inspect(value))),
            },
        },
        "Float" => match value.as_f64().and_then(Number::from_f64) {
            Some(float) => Ok(Json::Number(float)),
            None => Err(format!("Float cannot represent non numeric value: {}", inspect(value))),
        },
        "String" if value.is_string() => Ok(value.clone()),
        "String" => Err(format!("String cannot represent a non string value: {}", inspect(value))),
        "Boolean" if value.is_boolean() => Ok(value.clone()),
        "Boolean" => Err(format!("Boolean cannot represent a non boolean value: {}", inspect(value))),
        "ID" => match (value, integer(value)) {
            (Json::String(_), _) => Ok(value.clone()),
            (_, Some(int)) => Ok(Json::String(int.to_string())),
            _ => Err(format!("ID cannot represent value: {}", inspect(value))),
        },
        name => match judge_scalar(def, value) {
            Ok(()) => Ok(value.clone()),
            Err(why) => Err(format!("Expected type \"{name}\". {why}")),
        },
    }
}

/// The integer that a number is, also when it is written `2.0`.
fn integer(value: &Json) -> Option<i128> {
    let Json::Number(number) = value else { return None };
    if let Some(int) = number.as_i128() {
        return Some(int);
    }
    // Beyond the range of `i128` the cast saturates, far beyond that of any integer type here.
    number.as_f64().filter(|float| float.fract() == 0.0).map(|float| float as i128)
}

/// A value as messages show it: `inspect` of graphql-js, with its bounds on depth and length.
fn inspect(value: &Json) -> String {
    let mut out = String::new();
    show(&mut out, value, 1);
    out
}

fn show(out: &mut String, value: &Json, depth: usize) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(value) => {
            let _ = write!(out, "{value}");
        }
        Json::Number(number) => match (integer(value), number.as_f64()) {
            (Some(int), Some(float)) if float.abs() < 1e21 => {
                let _ = write!(out, "{int}");
            }
            _ => {
                let _ = write!(out, "{number}");
            }
        },
        Json::String(_) => {
            let _ = write!(out, "{value}");
        }
        Json::Array(items) if items.is_empty() => out.push_str("[]"),
        Json::Object(entries) if entries.is_empty() => out.push_str("{}"),
        Json::Array(_) if depth > 2 => out.push_str("[Array]"),
        Json::Object(_) if depth > 2 => out.push_str("[Object]"),
        Json::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().take(10).enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                show(out, item, depth + 1);
            }
            match items.len() {
                0..=10 => {}
                11 => out.push_str(", ... 1 more item"),
                more => {
                    let _ = write!(out, ", ... {} more items", more - 10);
                }
            }
            out.push(']');
        }
        Json::Object(entries) => {
            out.push_str("{ ");
            for (at, (key, value)) in entries.iter().enumerate() {
                let _ = write!(out, "{}{key}: ", if at > 0 { ", " } else { "" });
                show(out, value, depth + 1);
            }
            out.push_str(" }");
        }
    }
}

impl InputType {
    /// The type of an argument or of a field of an input.
    pub fn of(ty: &TypeDef) -> InputType {
        let inner = match ty.non_null() {
            TypeDef::List(item) => InputType::List(Box::new(InputType::of(item))),
            named => InputType::Named(*named),
        };
        if ty.is_nullable() { inner } else { InputType::NonNull(Box::new(inner)) }
    }
}

impl std::fmt::Display for InputType {
    /// As a query writes it: `[String!]`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            InputType::Named(ty) => f.write_str(ty.name()),
            InputType::List(item) => write!(f, "[{item}]"),
            InputType::NonNull(inner) => write!(f, "{inner}!"),
        }
    }
}
