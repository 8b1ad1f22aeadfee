//! GraphQL: from text to an operation (GraphQL specification, October 2021).
//!
//! A text goes through `scan` (how much is it?), the parser, `expand` (how much is it with its fragments?), validation by the
//! library and `check` (what the library lacks); what is left of it is a [`Document`]. For one choice of the conditions that
//! depend on variables it is then collected into an [`Operation`].
//!
//! It does not coerce the variables of a request, and it keeps no cache: a document is made to be kept in one.

mod check;
mod collect;
mod expand;
mod lines;
mod literal;
mod scan;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use apollo_compiler::collections::HashMap;
use apollo_compiler::diagnostic::ToCliReport;
use apollo_compiler::executable::{self, ExecutableDocument};
use apollo_compiler::parser::Parser;
use apollo_compiler::response::JsonMap;
use apollo_compiler::schema::Implementers;
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{Name, Node, ast, introspection};
use rustc_hash::FxHashSet;
use serde_json::{Map, Value as Json};

use self::check::Wrong;
use self::collect::Collector;
use self::lines::Lines;
use self::scan::{Excess, NoToken, Scanned};
use super::Limits;
use crate::graph::{Graph, GraphError, TypeDef};
use crate::query::{InputType, Introspection, Operation, Position, RequestError, Selected, Variable, coerce_value};

/// What reading needs of a graph, made once. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Schema(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    valid: Valid<apollo_compiler::Schema>,
    implementers: HashMap<Name, Implementers>,
}

impl Schema {
    /// The public schema of a graph.
    ///
    /// # Errors
    /// Everything in which it is not a schema of GraphQL.
    pub fn new(graph: &Graph) -> Result<Schema, GraphError> {
        let mut problems = defaults(graph);
        let mut text = crate::write::sdl(graph);
        if graph.types().values().any(|ty| matches!(ty, TypeDef::Input(def) if def().one_of)) {
            // The library does not know it, graphql-js 16 has it built in.
            text.push_str("\ndirective @oneOf on INPUT_OBJECT\n");
        }
        match apollo_compiler::Schema::parse_and_validate(text, "schema.graphql") {
            Ok(valid) if problems.is_empty() => {
                return Ok(Schema(Arc::new(Inner { implementers: valid.implementers_map(), valid })));
            }
            Ok(_) => {}
            Err(refused) => {
                problems.extend(refused.errors.iter().map(|diagnostic| format!("the schema: {}", diagnostic.error)));
            }
        }
        Err(GraphError::new(problems))
    }
}

/// The defaults that are no values of their types.
fn defaults(graph: &Graph) -> Vec<String> {
    let mut problems = Vec::new();
    for (_, node) in graph.nodes().filter(|(_, node)| node.public) {
        for member in node.members.iter().filter(|member| !member.names().hidden) {
            for arg in member.args() {
                let Some(default) = &arg.default else { continue };
                for why in coerce_value(&InputType::of(arg.ty), default).err().into_iter().flatten() {
                    let path = format!("{}.{}", node.name, member.names().rust);
                    problems.push(format!("the default of the argument `{}` of `{path}`: {why}", arg.name));
                }
            }
        }
    }
    for ty in graph.types().values() {
        let TypeDef::Input(def) = ty else { continue };
        for field in def().fields {
            let wrong = field.default.and_then(|default| coerce_value(&InputType::of(field.ty), &default()).err());
            for why in wrong.into_iter().flatten() {
                problems.push(format!("the default of `{}.{}`: {why}", def().name, field.name));
            }
        }
    }
    problems
}

/// A text that was read and found valid, with one of its operations chosen.
#[derive(Debug)]
pub struct Document {
    executable: Arc<Valid<ExecutableDocument>>,
    operation: Node<executable::Operation>,
    variables: Vec<Variable>,
    conditions: Vec<u32>,
    lines: Lines,
}

const PARSE: &str = "GRAPHQL_PARSE_FAILED";
const VALIDATION: &str = "GRAPHQL_VALIDATION_FAILED";
const RESOLUTION: &str = "OPERATION_RESOLUTION_FAILED";
const LIMIT: &str = "LIMIT_EXCEEDED";

impl Document {
    /// Reads a text and chooses the operation of this name, or the only one.
    ///
    /// # Errors
    /// All that is wrong with the text, in its order, up to the limit: limits first (`LIMIT_EXCEEDED`), then the syntax
    /// (`GRAPHQL_PARSE_FAILED`), then the rules of validation (`GRAPHQL_VALIDATION_FAILED`), then the choice of the operation
    /// (`OPERATION_RESOLUTION_FAILED`).
    pub fn read(
        schema: &Schema,
        graph: &Graph,
        text: &str,
        operation_name: Option<&str>,
        limits: &Limits,
    ) -> Result<Document, Vec<RequestError>> {
        let excess = |Excess { message, offset }| {
            vec![RequestError { message, locations: vec![Lines::new(text).position(offset)], code: LIMIT }]
        };
        let scanned = scan::scan(text, limits).map_err(excess)?;
        let document = parse(&scanned).map_err(|wrong| errors(&Lines::new(text), vec![wrong], PARSE, limits))?;
        expand::expand(&document, limits).map_err(excess)?;
        let lines = Lines::new(text);
        let unconfigured = check::unconfigured(&document, &schema.0.valid);
        let executable = validate(schema, graph, &document, &unconfigured, limits)
            .map_err(|wrong| errors(&lines, wrong, VALIDATION, limits))?;
        let operation = choose(&executable, &unconfigured, operation_name, &lines)?.clone();
        if operation.is_query() {
            introspection::check_max_depth(&executable, &operation).map_err(|refused| {
                let offsets = refused.location().map(|at| at.offset()).into_iter().collect();
                errors(&lines, vec![Wrong { message: refused.message().to_string(), offsets }], LIMIT, limits)
            })?;
        }
        let variables: Vec<Variable> =
            operation.variables.iter().map(|variable| declared(variable, graph, &lines)).collect();
        let conditions = collect::conditions(&executable, &operation.selection_set)
            .into_iter()
            .filter_map(|name| variables.iter().position(|variable| variable.name == name))
            .map(|at| at as u32)
            .collect();
        debug_assert!(graph.node_named(operation.object_type()).is_some(), "the schema is that of the graph");
        Ok(Document { executable: Arc::new(executable), operation, variables, conditions, lines })
    }

    /// The variables that the operation declares, in its order.
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The positions of the variables that `@skip` and `@include` depend on: an operation is made for one choice of them.
    pub fn conditions(&self) -> &[u32] {
        &self.conditions
    }

    /// The values of the [`conditions`](Document::conditions), given those of all variables (as
    /// [`coerce`](crate::query::coerce) answers them). `None` is null: that is allowed of a variable which has a default, but no
    /// condition; where it is one, the object fails.
    pub fn condition_values(&self, variables: &[Option<Json>]) -> Vec<Option<bool>> {
        self.conditions.iter().map(|&at| variables[at as usize].as_ref().and_then(Json::as_bool)).collect()
    }

    /// The operation for this choice of the [`conditions`](Document::conditions): one value for each, in their order.
    ///
    /// `schema` and `graph` are those that the document was read with.
    ///
    /// # Errors
    /// If there is not one value for each condition.
    pub fn operation(
        &self,
        schema: &Schema,
        graph: &Graph,
        conditions: &[Option<bool>],
    ) -> Result<Operation, Vec<RequestError>> {
        if conditions.len() != self.conditions.len() {
            let message = format!("The operation has {} conditions, not {}.", self.conditions.len(), conditions.len());
            return Err(vec![RequestError { message, locations: Vec::new(), code: RESOLUTION }]);
        }
        let name = |at: u32| self.variables[at as usize].name.as_str();
        let mut collector = Collector {
            graph,
            document: &self.executable,
            lines: &self.lines,
            variables: &(0..self.variables.len() as u32).map(|at| (name(at), at)).collect(),
            conditions: &self.conditions.iter().map(|&at| name(at)).zip(conditions.iter().copied()).collect(),
            sets: Vec::new(),
        };
        let root = if self.operation.is_mutation() { graph.mutation() } else { None };
        collector.collect(root.unwrap_or(graph.query()), &[&self.operation.selection_set]);
        let sets = collector.sets;
        let asked: Vec<Box<str>> = sets[0]
            .selections
            .iter()
            .filter(|selection| matches!(selection.what, Selected::Introspection))
            .map(|selection| selection.key.clone())
            .collect();
        let introspection = (!asked.is_empty()).then(|| self.introspection(schema, asked));
        Ok(Operation { sets, introspection })
    }

    fn introspection(&self, schema: &Schema, asked: Vec<Box<str>>) -> Introspection {
        let (schema, document, operation) = (schema.clone(), self.executable.clone(), self.operation.clone());
        Introspection(Arc::new(move |variables| {
            let mut given = JsonMap::new();
            for (name, value) in variables {
                given.insert(name.as_str(), value.clone().into());
            }
            let Inner { valid, implementers } = &*schema.0;
            let given = Valid::assume_valid(given);
            let answer = introspection::partial_execute(valid, implementers, &document, &operation, &given);
            let mut data = answer.ok().and_then(|answer| answer.data).unwrap_or_default();
            let mut answers = Map::new();
            for key in &asked {
                let value = data.remove(&**key).map_or(Json::Null, plain);
                answers.insert(key.to_string(), value);
            }
            answers
        }))
    }
}

/// The library's JSON as ours. The depth is that of the selections, or of a type of the schema.
fn plain(value: apollo_compiler::response::JsonValue) -> Json {
    serde_json::to_value(value).unwrap_or(Json::Null)
}

/// The tree of a text, or what is wrong in it first: all behind that is guesswork.
fn parse(scanned: &Scanned<'_>) -> Result<ast::Document, Wrong> {
    let Scanned { text, wrong } = scanned;
    let syntax_error =
        |message: &str, offset| Wrong { message: format!("Syntax Error: {message}"), offsets: vec![offset] };
    let no_token = wrong.as_ref().map(|NoToken { message, offset }| syntax_error(message, *offset));
    match Parser::new().parse_ast(&**text, "query.graphql") {
        Ok(document) => no_token.map_or(Ok(document), Err),
        Err(refused) => {
            let places = refused.errors.iter().map(|diagnostic| {
                let message = diagnostic.error.to_string();
                let offset = diagnostic.error.location().map_or(text.len(), |at| at.offset());
                // The library shows the dots where what follows them is wrong.
                let at_dots = message.ends_with("Fragment Spread") && text[offset..].starts_with("...");
                let offset = if at_dots { scan::token_after(text, offset) } else { offset };
                (offset, message)
            });
            let (offset, message) = places.min_by_key(|(offset, _)| *offset).unwrap_or_default();
            match no_token {
                // What the parser misses at the end may be what is no token.
                Some(no_token) if offset >= text.trim_end().len() => Err(no_token),
                _ => Err(syntax_error(message.trim_start_matches("syntax error: "), offset)),
            }
        }
    }
}

/// Runs the library's rules and ours.
fn validate(
    schema: &Schema,
    graph: &Graph,
    document: &ast::Document,
    unconfigured: &[&Node<ast::OperationDefinition>],
    limits: &Limits,
) -> Result<Valid<ExecutableDocument>, Vec<Wrong>> {
    let schema = &schema.0.valid;
    let mut wrong = if limits.introspection { Vec::new() } else { check::no_introspection(document) };
    wrong.extend(check::unique_input_fields(document));
    let configured = (!unconfigured.is_empty()).then(|| check::configured(document, schema));
    let executable = match configured.as_ref().unwrap_or(document).to_executable_validate(schema) {
        Ok(executable) => executable,
        Err(refused) => {
            let causes = without_consequences(&refused.errors, document, unconfigured);
            if !causes.is_empty() {
                wrong.extend(check::values(&refused.partial, schema, graph));
                wrong.extend(causes);
                return Err(wrong);
            }
            // All that it misses is used in operations that were kept from it, and that do not run.
            Valid::assume_valid(refused.partial)
        }
    };
    wrong.extend(check::values(&executable, schema, graph));
    // The library has seen to it that no fragment spreads itself.
    for operation in executable.operations.iter() {
        collect::mergeable(&executable, &[&operation.selection_set], &mut wrong);
    }
    if wrong.is_empty() { Ok(executable) } else { Err(wrong) }
}

/// The library's errors without those that only follow from others: it leaves out what it does not know, then misses it.
/// None are left only if all follow from operations that were kept from it.
fn without_consequences(
    refused: &DiagnosticList,
    document: &ast::Document,
    unconfigured: &[&Node<ast::OperationDefinition>],
) -> Vec<Wrong> {
    let (variables, fragments) = check::used_names(document);
    let has = |names: &FxHashSet<Name>, name: &str| names.iter().any(|known| known.as_str() == name);
    let was_kept = |offset: usize| {
        let mut spans = unconfigured.iter().filter_map(|operation| operation.location());
        spans.any(|span| (span.offset()..span.end_offset()).contains(&offset))
    };
    let mut wrong = Vec::new();
    let mut consequence = None;
    for diagnostic in refused.iter() {
        let message = diagnostic.error.to_string();
        let span = diagnostic.error.location();
        let source = span.and_then(|span| {
            let text = diagnostic.sources.get(&span.file_id())?.source_text();
            text.get(span.offset()..span.end_offset())
        });
        let quoted = |before: &str, after: &str| message.strip_prefix(before)?.strip_suffix(after);
        let variable = quoted("unused variable: `$", "`").is_some_and(|name| has(&variables, name));
        let fragment = quoted("fragment `", "` must be used in an operation").is_some_and(|name| has(&fragments, name));
        let follows = variable
            || fragment
            || (message.ends_with("must have a subselection set")
                && source.is_some_and(|source| source.trim_end().ends_with('}')));
        let of_kept =
            (variable && span.is_some_and(|span| was_kept(span.offset()))) || (fragment && !unconfigured.is_empty());
        let found = Wrong { message, offsets: span.map(|span| span.offset()).into_iter().collect() };
        if !follows {
            wrong.push(found);
        } else if !of_kept && consequence.is_none() {
            consequence = Some(found);
        }
    }
    if wrong.is_empty() {
        // Nothing is left that it follows from.
        wrong.extend(consequence);
    }
    wrong
}

/// In the order of the text, each once, up to the limit.
fn errors(lines: &Lines, mut wrong: Vec<Wrong>, code: &'static str, limits: &Limits) -> Vec<RequestError> {
    wrong.sort_by_key(|wrong| wrong.offsets.first().copied());
    wrong.dedup_by(|a, b| a.message == b.message && a.offsets == b.offsets);
    let more = wrong.len() > limits.errors;
    wrong.truncate(limits.errors);
    let mut errors: Vec<RequestError> = wrong
        .into_iter()
        .map(|Wrong { message, offsets }| {
            let locations: Vec<Position> = offsets.into_iter().map(|offset| lines.position(offset)).collect();
            RequestError { message, locations, code }
        })
        .collect();
    if more {
        let message = "Too many errors, error limit reached.".into();
        errors.push(RequestError { message, locations: Vec::new(), code });
    }
    errors
}

/// GetOperation; specification, 6.1. In the words of graphql-js.
fn choose<'a>(
    document: &'a ExecutableDocument,
    unconfigured: &[&Node<ast::OperationDefinition>],
    name: Option<&str>,
    lines: &Lines,
) -> Result<&'a Node<executable::Operation>, Vec<RequestError>> {
    let operations = &document.operations;
    let refused = |message: String, locations| Err(vec![RequestError { message, locations, code: RESOLUTION }]);
    let chosen = match name {
        Some(name) => operations.named.get(name),
        None if operations.len() > 1 => {
            let message = "Must provide operation name if query contains multiple operations.";
            return refused(message.into(), Vec::new());
        }
        None => operations.iter().next(),
    };
    let Some(chosen) = chosen else {
        let message = name.map_or_else(
            || "Must provide an operation.".to_owned(),
            |name| format!("Unknown operation named \"{name}\"."),
        );
        return refused(message, Vec::new());
    };
    match unconfigured.iter().find(|operation| operation.name == chosen.name) {
        Some(operation) => {
            let message = format!("Schema is not configured to execute {} operation.", operation.operation_type);
            refused(message, vec![lines.position(expand::start(operation))])
        }
        None => Ok(chosen),
    }
}

fn declared(variable: &Node<ast::VariableDefinition>, graph: &Graph, lines: &Lines) -> Variable {
    let ty = literal::type_of_ast(&variable.ty, graph);
    Variable {
        name: variable.name.as_str().to_owned(),
        default: variable.default_value.as_ref().map(|default| literal::constant(default, &ty)),
        ty,
        position: lines.position(expand::start(variable)),
    }
}
