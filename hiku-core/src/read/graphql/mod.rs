//! GraphQL: from text to an operation (GraphQL specification, October 2021).
//!
//! A text goes through `scan` (how much is it?), the parser, `expand` (how much is it with its fragments?) and `rules` (is it
//! valid?); what is left of it is a [`Document`]. For one choice of the conditions that depend on variables it is then
//! collected into an [`Operation`].
//!
//! It does not coerce the variables of a request, and it keeps no cache: a document is made to be kept in one.

mod collect;
mod expand;
mod introspect;
mod lines;
mod literal;
mod rules;
mod scan;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use apollo_compiler::diagnostic::ToCliReport;
use apollo_compiler::executable::{self, ExecutableDocument};
use apollo_compiler::parser::Parser;
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{Node, ast};
use serde_json::Value as Json;

use self::collect::Collector;
use self::introspect::Shown;
use self::lines::Lines;
use self::rules::{Types, Wrong};
use self::scan::{Excess, NoToken, Scanned};
use super::Limits;
use crate::graph::{Check, Graph, GraphError, TypeDef};
use crate::query::{InputType, Operation, Position, RequestError, Variable, check_value, coerce_value};

/// What reading needs of a graph, made once. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Schema(Arc<Shown>);

impl Schema {
    /// The public schema of a graph.
    ///
    /// # Errors
    /// Everything in which it is not a schema of GraphQL.
    pub fn new(graph: &Graph) -> Result<Schema, GraphError> {
        let mut problems = defaults(graph);
        let said = |errors: &DiagnosticList| -> Vec<String> {
            errors.iter().map(|diagnostic| format!("the schema: {}", diagnostic.error)).collect()
        };
        let parsed = apollo_compiler::Schema::parse(crate::sdl::sdl(graph), "schema.graphql");
        let mut schema = parsed.unwrap_or_else(|refused| {
            problems.extend(said(&refused.errors));
            refused.partial
        });
        introspect::complete(&mut schema);
        match schema.validate() {
            Ok(valid) if problems.is_empty() => return Ok(Schema(Arc::new(Shown::new(valid)))),
            Ok(_) => {}
            Err(refused) => problems.extend(said(&refused.errors)),
        }
        Err(GraphError::new(problems))
    }
}

/// The defaults that are no values of their types, or that their own checks refuse.
fn defaults(graph: &Graph) -> Vec<String> {
    fn wrong(checks: &[Check], name: &str, ty: &TypeDef, default: &serde_json::Value) -> Vec<String> {
        match coerce_value(&InputType::of(ty), default) {
            Ok(value) => check_value(checks, ty, &value, name).err().into_iter().map(|why| why.to_string()).collect(),
            Err(wrong) => wrong,
        }
    }
    let mut problems = Vec::new();
    for (_, node) in graph.nodes().filter(|(_, node)| node.public) {
        for member in node.members.iter().filter(|member| !member.names().hidden) {
            for arg in member.args() {
                let Some(default) = &arg.default else { continue };
                for why in wrong(arg.checks, &arg.name, arg.ty, default) {
                    let path = format!("{}.{}", node.name, member.names().rust);
                    problems.push(format!("the default of the argument `{}` of `{path}`: {why}", arg.name));
                }
            }
        }
    }
    for ty in graph.types().values() {
        let TypeDef::Input(def) = ty else { continue };
        for field in def().fields {
            let Some(default) = field.default else { continue };
            for why in wrong(field.checks, field.name, field.ty, &default()) {
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
    /// All that is wrong with the text, as graphql-js orders it, up to the limit: limits first (`LIMIT_EXCEEDED`), then the syntax
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
        let document = parse(&scanned).map_err(|wrong| errors(&Lines::new(text), vec![wrong], PARSE))?;
        expand::expand(&document, limits).map_err(excess)?;
        let lines = Lines::new(text).described(scanned.described);
        let Shown { schema: valid, implementers, .. } = &*schema.0;
        rules::validate(Types { schema: valid, implementers }, graph, &document, text, limits)
            .map_err(|wrong| errors(&lines, wrong, VALIDATION))?;
        let chosen = choose(&document, valid, operation_name, &lines)?;
        // What it misses is in operations that cannot be chosen.
        let executable = document.to_executable(valid).unwrap_or_else(|refused| refused.partial);
        let executable = Valid::assume_valid(executable);
        let operation =
            executable.operations.get(chosen.name.as_deref()).map_err(|_| not_found(operation_name))?.clone();
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
            schema: &schema.0.schema,
            document: &self.executable,
            lines: &self.lines,
            variables: &(0..self.variables.len() as u32).map(|at| (name(at), at)).collect(),
            conditions: &self.conditions.iter().map(|&at| name(at)).zip(conditions.iter().copied()).collect(),
            sets: Vec::new(),
            introspected: Vec::new(),
        };
        let root = if self.operation.is_mutation() { graph.mutation() } else { None };
        collector.collect(root.unwrap_or(graph.query()), &[&self.operation.selection_set]);
        let Collector { sets, introspected, .. } = collector;
        let introspection =
            (!introspected.is_empty()).then(|| introspect::introspection(schema.0.clone(), introspected));
        Ok(Operation { sets, introspection })
    }
}

/// The tree of a text, or what is wrong in it first: all behind that is guesswork.
fn parse(scanned: &Scanned<'_>) -> Result<ast::Document, Wrong> {
    let Scanned { text, wrong, .. } = scanned;
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

fn errors(lines: &Lines, wrong: Vec<Wrong>, code: &'static str) -> Vec<RequestError> {
    let error = |Wrong { message, offsets }| {
        let locations: Vec<Position> = offsets.into_iter().map(|offset| lines.position(offset)).collect();
        RequestError { message, locations, code }
    };
    wrong.into_iter().map(error).collect()
}

/// GetOperation; specification, 6.1. In the words of graphql-js.
fn choose<'a>(
    document: &'a ast::Document,
    schema: &apollo_compiler::Schema,
    name: Option<&str>,
    lines: &Lines,
) -> Result<&'a Node<ast::OperationDefinition>, Vec<RequestError>> {
    let mut operations = document.definitions.iter().filter_map(ast::Definition::as_operation_definition);
    let refused = |message: String, locations| Err(vec![RequestError { message, locations, code: RESOLUTION }]);
    let chosen = match name {
        Some(name) => operations.find(|operation| operation.name.as_deref() == Some(name)),
        None => operations.next(),
    };
    let Some(chosen) = chosen else { return Err(not_found(name)) };
    if name.is_none() && operations.next().is_some() {
        let message = "Must provide operation name if query contains multiple operations.";
        return refused(message.into(), Vec::new());
    }
    if schema.root_operation(chosen.operation_type).is_none() {
        let message = format!("Schema is not configured to execute {} operation.", chosen.operation_type);
        return refused(message, vec![lines.position(expand::start(chosen))]);
    }
    Ok(chosen)
}

fn not_found(name: Option<&str>) -> Vec<RequestError> {
    let message = name
        .map_or_else(|| "Must provide an operation.".to_owned(), |name| format!("Unknown operation named \"{name}\"."));
    vec![RequestError { message, locations: Vec::new(), code: RESOLUTION }]
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
