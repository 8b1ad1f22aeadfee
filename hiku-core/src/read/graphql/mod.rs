//! GraphQL: from text to an operation (GraphQL specification, October 2021).
//!
//! A text goes through `scan` (how much is it?), the parser, `expand` (how much is it with its fragments?) and `rules` (is it
//! valid?); what is left of it is a [`Document`]. For one choice of the conditions that
//! depend on variables it is then collected into an [`Operation`].
//!
//! It does not coerce the variables of a request, and it keeps no cache: a document is made to be kept in one.

mod collect;
mod expand;
mod lines;
mod literal;
mod rules;
mod scan;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use apollo_compiler::collections::HashMap;
use apollo_compiler::diagnostic::ToCliReport;
use apollo_compiler::executable::{self, ExecutableDocument};
use apollo_compiler::parser::Parser;
use apollo_compiler::response::JsonMap;
use apollo_compiler::schema::{ExtendedType, Implementers};
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Node, ast, introspection, name};
use serde_json::{Map, Value as Json};

use self::collect::Collector;
use self::lines::Lines;
use self::rules::{Types, Wrong};
use self::scan::Excess;
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
        // The library does not know it, graphql-js 16 has it built in.
        text.push_str("\ndirective @oneOf on INPUT_OBJECT\n");
        match apollo_compiler::Schema::parse_and_validate(text, "schema.graphql") {
            Ok(valid) if problems.is_empty() => {
                let valid = with_one_of(valid);
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

/// With the field of introspection that the library does not know.
fn with_one_of(schema: Valid<apollo_compiler::Schema>) -> Valid<apollo_compiler::Schema> {
    let mut schema = schema.into_inner();
    if let Some(ExtendedType::Object(ty)) = schema.types.get_mut("__Type") {
        let field = ast::FieldDefinition {
            description: None,
            name: name!("isOneOf"),
            arguments: Vec::new(),
            ty: ast::Type::Named(name!("Boolean")),
            directives: ast::DirectiveList::new(),
        };
        ty.make_mut().fields.insert(name!("isOneOf"), field.into());
    }
    Valid::assume_valid(schema)
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
        scan::scan(text, limits).map_err(excess)?;
        let parsed = Parser::new().parse_ast(text, "query.graphql");
        let document = parsed.map_err(|refused| {
            let wrong = refused.errors.iter().map(|diagnostic| Wrong {
                message: format!("Syntax Error: {}", diagnostic.error.to_string().trim_start_matches("syntax error: ")),
                offsets: diagnostic.error.location().map(|at| at.offset()).into_iter().collect(),
            });
            syntax_errors(&Lines::new(text), wrong.collect(), limits)
        })?;
        expand::expand(&document, limits).map_err(excess)?;
        let lines = Lines::new(text);
        let Inner { valid, implementers } = &*schema.0;
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

/// In the order of the text, each once, up to the limit.
fn syntax_errors(lines: &Lines, mut wrong: Vec<Wrong>, limits: &Limits) -> Vec<RequestError> {
    wrong.sort_by_key(|wrong| wrong.offsets.first().copied());
    wrong.dedup_by(|a, b| a.message == b.message && a.offsets == b.offsets);
    if wrong.len() > limits.errors {
        wrong.truncate(limits.errors);
        wrong.push(Wrong { message: "Too many errors, error limit reached.".into(), offsets: Vec::new() });
    }
    errors(lines, wrong, PARSE)
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
