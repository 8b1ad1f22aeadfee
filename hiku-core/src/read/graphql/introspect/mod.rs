//! Introspection: `__schema` and `__type`, answered as graphql-js 16 does (GraphQL specification, September 2025, section 4).
//!
//! What a query asks is collected with the rest of it, into a tree of positions; a request's answer is one walk over that tree
//! and the [`Described`] schema, straight into bytes. How deep queries may go into lists is bounded by `rules`, and how much
//! they may write by the engine: types lead to each other in circles.

mod described;

use std::sync::{Arc, OnceLock};

use apollo_compiler::ast::{self, Definition};
use apollo_compiler::collections::HashMap;
use apollo_compiler::executable::Field;
use apollo_compiler::schema::{ComponentOrigin, ExtendedType, Implementers};
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Node, Schema};
use serde_json::Value as Json;

use self::described::{Described, Object, Value};
use super::collect::{Collector, below};
use super::expand::start;
use super::literal;
use crate::escape::escape;
use crate::query::{Expr, Introspected, Introspection, IntrospectionError, PathPart, Position, evaluate};

const BUILT_IN: &str = include_str!("built_in.graphql");

/// What an error, and each part of its path, costs of the bytes that may be written.
const ERROR_BYTES: usize = 64;

/// Describes what GraphQL has built in as graphql-js does, where the library's own descriptions lack something: fields that are
/// not there could not be asked for.
pub(super) fn complete(schema: &mut Schema) {
    // The text is ours, and a test reads it.
    let Ok(built_in) = ast::Document::parse(BUILT_IN, "built_in.graphql") else { return };
    let part = ComponentOrigin::Definition;
    let mut directives = std::mem::take(&mut schema.directive_definitions);
    for definition in built_in.definitions {
        match definition {
            Definition::DirectiveDefinition(directive) => {
                directives.shift_remove(&directive.name);
                schema.directive_definitions.insert(directive.name.clone(), directive);
            }
            Definition::ScalarTypeDefinition(of) => {
                if let Some(ExtendedType::Scalar(known)) = schema.types.get_mut(&of.name) {
                    known.make_mut().description.clone_from(&of.description);
                }
            }
            Definition::EnumTypeDefinition(of) => {
                if let Some(ExtendedType::Enum(known)) = schema.types.get_mut(&of.name) {
                    let known = known.make_mut();
                    known.description.clone_from(&of.description);
                    let values = of.values.iter();
                    known.values = values.map(|it| (it.value.clone(), it.to_component(part.clone()))).collect();
                }
            }
            Definition::ObjectTypeDefinition(of) => {
                if let Some(ExtendedType::Object(known)) = schema.types.get_mut(&of.name) {
                    let known = known.make_mut();
                    known.description.clone_from(&of.description);
                    let fields = of.fields.iter();
                    known.fields = fields.map(|it| (it.name.clone(), it.to_component(part.clone()))).collect();
                }
            }
            _ => {}
        }
    }
    schema.directive_definitions.extend(directives);
    // Defaults are shown as they are written.
    let sources = built_in.sources.iter().map(|(&id, source)| (id, source.clone()));
    Arc::make_mut(&mut schema.sources).extend(sources);
}

/// A schema with what introspection shows of it, made when it is first asked for.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) schema: Valid<Schema>,
    pub(super) implementers: HashMap<Name, Implementers>,
    described: OnceLock<Described>,
}

impl Shown {
    pub(super) fn new(schema: Valid<Schema>) -> Shown {
        Shown { implementers: schema.implementers_map(), schema, described: OnceLock::new() }
    }

    fn described(&self) -> &Described {
        self.described.get_or_init(|| Described::new(&self.schema))
    }
}

/// What one object is asked, in the order of the response.
#[derive(Debug)]
struct Set {
    entries: Vec<Entry>,
    /// Why nothing can be selected: a condition is null.
    failed: Option<(String, Position)>,
}

/// One entry of a response object.
#[derive(Debug)]
pub(super) struct Entry {
    key: Box<str>,
    /// The response key as it is written.
    written: Box<[u8]>,
    what: What,
    nullable: bool,
    below: Set,
}

#[derive(Debug)]
enum What {
    Schema,
    /// The type of this name; where the name stands.
    Type(Expr, Position),
    /// As JSON.
    TypeName(Box<[u8]>),
    /// The field at this position of its type, and whether what is deprecated is in it.
    Field(usize, Expr),
}

impl Entry {
    /// What these fields of the type `of` ask, which share their response key. `None` only of fields that validation refuses.
    pub(super) fn new<'a>(collector: &Collector<'a>, of: &str, fields: &[&'a Node<Field>]) -> Option<Entry> {
        let field = fields[0];
        let what = match field.name.as_str() {
            "__schema" => What::Schema,
            "__type" => {
                let name = field.specified_argument_by_name("name")?;
                What::Type(argument(collector, field, "name"), collector.lines.position(start(name)))
            }
            "__typename" => What::TypeName(quoted(of)),
            name => {
                let position = collector.schema.get_object(of)?.fields.get_index_of(name)?;
                What::Field(position, argument(collector, field, "includeDeprecated"))
            }
        };
        let key = field.response_key().as_str();
        let mut written = quoted(key).into_vec();
        written.push(b':');
        let nullable = !field.definition.ty.is_non_null();
        Some(Entry { key: key.into(), written: written.into(), what, nullable, below: Set::new(collector, fields) })
    }

    fn size(&self) -> usize {
        1 + self.below.entries.iter().map(Entry::size).sum::<usize>()
    }
}

impl Set {
    fn new<'a>(collector: &Collector<'a>, fields: &[&'a Node<Field>]) -> Set {
        let of = fields[0].selection_set.ty.as_str();
        // Types of introspection are no unions or interfaces: every fragment applies.
        match collector.grouped(&below(fields), &|_| true) {
            Ok(groups) => {
                let entries = groups.iter().filter_map(|fields| Entry::new(collector, of, fields));
                Set { entries: entries.collect(), failed: None }
            }
            Err(failed) => Set { entries: Vec::new(), failed: Some(failed) },
        }
    }
}

/// The argument of this name, or its default; absent if the field has no such argument.
fn argument(collector: &Collector<'_>, field: &Field, name: &str) -> Expr {
    let Some(of) = field.definition.argument_by_name(name) else { return Expr::Absent };
    let ty = literal::type_of_ast(&of.ty, collector.graph);
    let default = of.default_value.as_ref().map(|default| literal::constant(default, &ty));
    match field.arguments.iter().find(|given| given.name == name) {
        Some(given) => literal::argument(&given.value, &ty, default, collector.variables),
        None => default.map_or(Expr::Absent, Expr::Const),
    }
}

fn quoted(text: &str) -> Box<[u8]> {
    let mut out = Vec::new();
    escape(&mut out, text);
    out.into()
}

/// What answers these entries of the root.
pub(super) fn introspection(shown: Arc<Shown>, asked: Vec<Entry>) -> Introspection {
    let entries = asked.iter().map(Entry::size).sum();
    let answer = move |variables: &[Option<Json>], most: usize| {
        let mut writer = Writer {
            described: shown.described(),
            variables,
            most,
            dropped: 0,
            path: Vec::new(),
            at: 0,
            to: Introspected::default(),
        };
        for (at, entry) in asked.iter().enumerate() {
            writer.at = at as u32;
            let start = writer.to.bytes.len();
            let written = writer.entry(entry, &[]);
            if let Err(Stop::TooLarge) = written {
                return Introspected { too_large: true, ..Introspected::default() };
            }
            let end = writer.to.bytes.len();
            writer.to.answers.push(written.is_ok().then_some(start..end));
        }
        writer.to
    };
    Introspection { answer: Arc::new(answer), entries }
}

enum Stop {
    /// The value is null; the nearest place that can be null takes it.
    Null,
    TooLarge,
}

struct Writer<'a> {
    described: &'a Described,
    variables: &'a [Option<Json>],
    /// How many bytes may be written, those that were dropped again included.
    most: usize,
    dropped: usize,
    path: Vec<Part<'a>>,
    /// The position of the answer that is being written.
    at: u32,
    to: Introspected,
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Key(&'a str),
    Index(u32),
}

impl<'a> Writer<'a> {
    fn text(&mut self, text: &[u8]) {
        self.to.bytes.extend_from_slice(text);
    }

    /// The value of an entry of the object that has this row.
    fn entry(&mut self, entry: &'a Entry, row: &'a [Value]) -> Result<(), Stop> {
        let start = self.to.bytes.len();
        self.path.push(Part::Key(&entry.key));
        let written = self.value(entry, row);
        self.path.pop();
        match written {
            Err(Stop::Null) if entry.nullable => {
                self.dropped += self.to.bytes.len() - start;
                self.to.bytes.truncate(start);
                self.text(b"null");
                Ok(())
            }
            written => written,
        }
    }

    fn value(&mut self, entry: &'a Entry, row: &'a [Value]) -> Result<(), Stop> {
        let described = self.described;
        let (at, include_deprecated) = match &entry.what {
            What::Schema => return self.object(Described::SCHEMA, &entry.below),
            What::Type(name, position) => {
                let Some(Json::String(name)) = evaluate(name, self.variables) else {
                    let message = "Argument \"name\" of non-null type \"String!\" must not be null.";
                    return Err(self.failed(message, *position));
                };
                let Some(object) = described.type_named(&name) else {
                    self.text(b"null");
                    return Ok(());
                };
                return self.object(object, &entry.below);
            }
            What::TypeName(name) => {
                self.text(name);
                return Ok(());
            }
            What::Field(at, include_deprecated) => (*at, include_deprecated),
        };
        match row.get(at) {
            None => self.text(b"null"),
            Some(Value::Fixed(text)) => self.text(text.as_bytes()),
            Some(Value::Text(text)) => self.text(text),
            Some(Value::Object(object)) => self.object(*object, &entry.below)?,
            Some(Value::Objects(items)) => {
                let all = match include_deprecated {
                    // Of a list where nothing can be deprecated.
                    Expr::Absent => true,
                    given => evaluate(given, self.variables) == Some(Json::Bool(true)),
                };
                self.text(b"[");
                let shown = items.iter().filter(|item| all || !item.deprecated);
                for (at, item) in shown.enumerate() {
                    if at > 0 {
                        self.text(b",");
                    }
                    self.path.push(Part::Index(at as u32));
                    let written = self.object(item.object, &entry.below);
                    self.path.pop();
                    written?;
                }
                self.text(b"]");
            }
        }
        Ok(())
    }

    fn object(&mut self, object: Object, set: &'a Set) -> Result<(), Stop> {
        if let Some((message, position)) = &set.failed {
            return Err(self.failed(message, *position));
        }
        let row = self.described.row(object);
        self.text(b"{");
        for (at, entry) in set.entries.iter().enumerate() {
            if at > 0 {
                self.text(b",");
            }
            self.text(&entry.written);
            self.entry(entry, row)?;
            if self.to.bytes.len() + self.dropped > self.most {
                return Err(Stop::TooLarge);
            }
        }
        self.text(b"}");
        Ok(())
    }

    fn failed(&mut self, message: &str, position: Position) -> Stop {
        let parts = self.path.iter().map(|part| match part {
            Part::Key(key) => ERROR_BYTES + key.len(),
            Part::Index(_) => ERROR_BYTES,
        });
        self.dropped += ERROR_BYTES + parts.sum::<usize>();
        if self.to.bytes.len() + self.dropped > self.most {
            return Stop::TooLarge;
        }
        let path = self.path.iter().map(|part| match part {
            Part::Key(key) => PathPart::Key((*key).into()),
            Part::Index(at) => PathPart::Index(*at),
        });
        let path = path.collect();
        self.to.errors.push(IntrospectionError { answer: self.at, message: message.into(), position, path });
        Stop::Null
    }
}
