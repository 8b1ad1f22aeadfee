//! What must hold of arguments beside what validation and the coercion of variables have seen to: what only shows when
//! variables are put in, and the checks of the definitions.

use serde_json::Value as Json;

use super::Position;
use crate::error::{Error, Result, guarded};
use crate::graph::{Arg, Check, InputDef, TypeDef, regex};

/// Whether more must hold of values of a type than that they are of it.
pub(crate) fn is_checked(checks: &[Check], ty: &TypeDef) -> bool {
    fn any(def: &'static InputDef, seen: &mut Vec<*const InputDef>) -> bool {
        if seen.contains(&std::ptr::from_ref(def)) {
            return false;
        }
        seen.push(def);
        def.fields.iter().any(|field| {
            !field.checks.is_empty() || matches!(field.ty.leaf(), TypeDef::Input(inner) if any(inner(), seen))
        })
    }
    !checks.is_empty() || matches!(ty.leaf(), TypeDef::Input(def) if any(def(), &mut Vec::new()))
}

/// Judges the arguments of one field; `places` says where those stand that are made of variables.
///
/// # Errors
/// The first that is wrong, as a public error: it says where in the argument.
pub(crate) fn judge(args: &[Arg], values: &[Option<Json>], places: &[(u32, Position)]) -> Result<()> {
    for (at, (arg, value)) in args.iter().zip(values).enumerate() {
        let place = places.iter().find(|(of, _)| *of == at as u32).map(|(_, place)| *place);
        let located = |error: Error| match place {
            Some(place) => error.at(place.line, place.column),
            None => error,
        };
        let refuse = |text: String| located(Error::new(text).code("BAD_USER_INPUT"));
        let Some(value) = value else {
            if arg.ty.is_nullable() {
                continue;
            }
            return Err(refuse(format!("Argument \"{}\" of required type \"{}\" was not provided.", arg.name, arg.ty)));
        };
        if value.is_null() && !arg.ty.is_nullable() {
            return Err(refuse(format!("Argument \"{}\" of non-null type \"{}\" must not be null.", arg.name, arg.ty)));
        }
        let mut path = arg.name.clone();
        if let Err(why) = put_together(arg.ty, value, &mut path) {
            return Err(refuse(format!("Argument \"{}\" has an invalid value: `{path}` {why}.", arg.name)));
        }
        check(arg.checks, arg.ty, value, &mut path).map_err(located)?;
    }
    Ok(())
}

/// Judges a value by the checks of its definition, and of those in it: how defaults are judged.
///
/// # Errors
/// The first that refuses it, as a public error: it says where.
pub(crate) fn check_value(checks: &[Check], ty: &TypeDef, value: &Json, name: &str) -> Result<()> {
    guarded(name, || check(checks, ty, value, &mut name.to_owned()))
}

/// What variables can break that are of their types: null in a list or an object where it cannot be, and one-of inputs.
fn put_together(ty: &TypeDef, value: &Json, path: &mut String) -> std::result::Result<(), String> {
    let length = path.len();
    match (ty.non_null(), value) {
        (_, Json::Null) if !ty.is_nullable() => return Err("must not be null".to_owned()),
        (_, Json::Null) => {}
        (TypeDef::List(item), Json::Array(items)) => {
            for (at, value) in items.iter().enumerate() {
                path.push_str(&format!("[{at}]"));
                put_together(item, value, path)?;
                path.truncate(length);
            }
        }
        (TypeDef::Input(def), Json::Object(given)) => {
            let def = def();
            for field in def.fields {
                path.push('.');
                path.push_str(field.name);
                match given.get(field.name) {
                    Some(value) => put_together(field.ty, value, path)?,
                    None if !field.ty.is_nullable() => return Err("was not provided".to_owned()),
                    None => {}
                }
                path.truncate(length);
            }
            if def.one_of && (given.len() != 1 || given.values().any(Json::is_null)) {
                return Err(format!("must have exactly one field of `{}`, and not null", def.name));
            }
        }
        _ => {}
    }
    Ok(())
}

/// The checks of definitions, all the way down. `path` is where in the argument.
fn check(checks: &[Check], ty: &TypeDef, value: &Json, path: &mut String) -> Result<()> {
    if value.is_null() {
        return Ok(());
    }
    for check in checks {
        let refuse = |text: String| Error::new(format!("`{path}` {text}")).code("BAD_USER_INPUT");
        match check {
            Check::Length { min, max } => {
                let (length, what) = match value {
                    Json::String(text) => (text.chars().count() as u64, "characters"),
                    Json::Array(items) => (items.len() as u64, "items"),
                    _ => continue,
                };
                if length < *min {
                    return Err(refuse(format!("has {length} {what}, but must have {min} at least")));
                }
                if length > *max {
                    return Err(refuse(format!("has {length} {what}, but can have {max} at most")));
                }
            }
            Check::Range { min, max } => {
                // Numbers that do not fit a JSON number are given as texts.
                let number = value.as_f64().or_else(|| value.as_str()?.parse().ok());
                let Some(number) = number else { continue };
                if number < *min {
                    return Err(refuse(format!("is {value}, but must be {min} at least")));
                }
                if number > *max {
                    return Err(refuse(format!("is {value}, but can be {max} at most")));
                }
            }
            Check::Pattern(pattern) => {
                // That it is a pattern was seen when the graph was built.
                let matches = |text: &str| regex(pattern).is_some_and(|known| known.is_match(text));
                if value.as_str().is_some_and(|text| !matches(text)) {
                    return Err(refuse(format!("does not match `{pattern}`")));
                }
            }
            Check::Custom(judge) => judge(value).map_err(|error| {
                if error.is_public() { Error::new(format!("`{path}`: {error}")).code("BAD_USER_INPUT") } else { error }
            })?,
        }
    }
    let length = path.len();
    match (ty.non_null(), value) {
        (TypeDef::List(item), Json::Array(items)) if matches!(ty.leaf(), TypeDef::Input(_)) => {
            for (at, value) in items.iter().enumerate() {
                path.push_str(&format!("[{at}]"));
                self::check(&[], item, value, path)?;
                path.truncate(length);
            }
        }
        (TypeDef::Input(def), Json::Object(given)) => {
            for field in def().fields {
                let Some(value) = given.get(field.name) else { continue };
                path.push('.');
                path.push_str(field.name);
                self::check(field.checks, field.ty, value, path)?;
                path.truncate(length);
            }
        }
        _ => {}
    }
    Ok(())
}
