//! ValuesOfCorrectType, UniqueInputFieldNames.

use apollo_compiler::ast::Value;
use apollo_compiler::schema::{EnumType, ExtendedType, InputObjectType};
use apollo_compiler::{Name, Node};
use rustc_hash::FxHashMap;

use super::super::expand::start;
use super::super::literal;
use super::print::printed;
use super::types::{Expected, is_one_of};
use super::{Walk, name_start};
use crate::graph::TypeDef;
use crate::query::judge_scalar;

impl<'a> Walk<'a> {
    /// Whether the items of a list are to be judged; otherwise the list is.
    pub(super) fn lists_are_expected(&mut self, value: &Node<Value>, expected: Option<Expected<'a>>) -> bool {
        let is_list = expected.is_some_and(Expected::is_list);
        if !is_list {
            self.leaf_is_expected(value, expected.map(Expected::item));
        }
        is_list
    }

    /// Whether the fields of an object are to be judged; otherwise the object is.
    pub(super) fn objects_are_complete(
        &mut self,
        value: &Node<Value>,
        entries: &[(Name, Node<Value>)],
        input: Option<&InputObjectType>,
        expected: Option<Expected<'a>>,
    ) -> bool {
        let Some(input) = input else {
            self.leaf_is_expected(value, expected);
            return false;
        };
        let last = |name: &str| entries.iter().rev().find(|(given, _)| given == name).map(|(_, value)| value);
        for (name, field) in &input.fields {
            if field.is_required() && last(name).is_none() {
                let message =
                    format!("Field \"{}.{name}\" of required type \"{}\" was not provided.", input.name, field.ty);
                self.report(message, vec![start(value)]);
            }
        }
        if is_one_of(input) {
            let of = &input.name;
            match entries.first() {
                Some((name, _)) if entries.iter().all(|(other, _)| other == name) => {
                    if last(name).is_some_and(|value| value.is_null()) {
                        self.report(format!("Field \"{of}.{name}\" must be non-null."), vec![start(value)]);
                    }
                }
                _ => {
                    let message = format!("OneOf Input Object \"{of}\" must specify exactly one key.");
                    self.report(message, vec![start(value)]);
                }
            }
        }
        true
    }

    pub(super) fn fields_of_input_are_known(&mut self, name: &Name, input: &InputObjectType) {
        let suggestion = self.suggestion("", name, input.fields.keys());
        let message = format!("Field \"{name}\" is not defined by type \"{}\".{suggestion}", input.name);
        self.report(message, vec![name_start(name)]);
    }

    pub(super) fn unique_input_field_names(&mut self, name: &'a Name, known: &mut FxHashMap<&'a str, usize>) {
        let at = name_start(name);
        if let Some(&first) = known.get(name.as_str()) {
            self.report(format!("There can be only one input field named \"{name}\"."), vec![first, at]);
        } else {
            known.insert(name, at);
        }
    }

    pub(super) fn null_is_expected(&mut self, value: &Node<Value>, expected: Option<Expected<'a>>) {
        if let Some(expected) = expected.filter(|expected| expected.is_non_null()) {
            self.report(format!("Expected value of type \"{expected}\", found null."), vec![start(value)]);
        }
    }

    /// A value that is judged as a whole.
    pub(super) fn leaf_is_expected(&mut self, value: &Node<Value>, expected: Option<Expected<'a>>) {
        let Some(expected) = expected else { return };
        let found = || printed(value, self.text);
        let near = |name: &str, of: &EnumType| self.suggestion("the enum value ", name, of.values.keys());
        let wrong = match self.types.named(expected.name()) {
            None => return,
            Some(ExtendedType::Scalar(_)) => match (built_in(expected.name(), value), &**value) {
                (Some(None), _) => return,
                (Some(Some(why)), Value::Int(int)) if why.ends_with("32-bit signed integer value") => {
                    format!("{why}: {int}")
                }
                (Some(Some(why)), _) => format!("{why}: {}", found()),
                (None, _) => match self.custom(expected.name(), value) {
                    None => return,
                    Some(why) => format!("Expected value of type \"{expected}\", found {}; {why}", found()),
                },
            },
            Some(ExtendedType::Enum(of)) => match &**value {
                Value::Enum(name) if of.values.contains_key(name) => return,
                Value::Enum(name) => {
                    format!("Value \"{name}\" does not exist in \"{}\" enum.{}", of.name, near(name, of))
                }
                _ => {
                    let found = found();
                    let near = near(&found, of);
                    format!("Enum \"{}\" cannot represent non-enum value: {found}.{near}", of.name)
                }
            },
            Some(_) => format!("Expected value of type \"{expected}\", found {}.", found()),
        };
        self.report(wrong, vec![start(value)]);
    }

    /// Why a value is none of a custom scalar. One with variables in it is judged when they are known.
    fn custom(&self, name: &Name, value: &Value) -> Option<String> {
        let Some(TypeDef::Scalar(def)) = self.graph.types().get(name.as_str()).copied() else { return None };
        if literal::has_variables(value) { None } else { judge_scalar(def, &literal::untyped(value)).err() }
    }
}

/// Why a value is none of a scalar of the language, if it is one.
fn built_in(name: &str, value: &Value) -> Option<Option<&'static str>> {
    let (fits, why) = match name {
        "Int" => match value {
            Value::Int(int) => (int.try_to_i32().is_ok(), "Int cannot represent non 32-bit signed integer value"),
            _ => (false, "Int cannot represent non-integer value"),
        },
        "Float" => {
            // Infinity is no value that could be answered.
            let fits = match value {
                Value::Int(int) => int.try_to_f64().is_ok(),
                Value::Float(float) => float.try_to_f64().is_ok(),
                _ => false,
            };
            (fits, "Float cannot represent non numeric value")
        }
        "String" => (matches!(value, Value::String(_)), "String cannot represent a non string value"),
        "Boolean" => (matches!(value, Value::Boolean(_)), "Boolean cannot represent a non boolean value"),
        "ID" => (
            matches!(value, Value::String(_) | Value::Int(_)),
            "ID cannot represent a non-string and non-integer value",
        ),
        _ => return None,
    };
    Some((!fits).then_some(why))
}
