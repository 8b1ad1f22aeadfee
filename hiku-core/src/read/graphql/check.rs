//! Rules of validation that graphql-js 16 has and the parser's library lacks, one function each.

use apollo_compiler::ast::{
    Definition, Directive, Document, OperationDefinition, OperationType, Selection, Type, Value, VariableDefinition,
};
use apollo_compiler::executable::{self, ExecutableDocument};
use apollo_compiler::schema::{ExtendedType, InputObjectType};
use apollo_compiler::{Name, Node, Schema};
use rustc_hash::{FxHashMap, FxHashSet};

use super::expand::start;
use super::literal;
use crate::graph::{Graph, TypeDef};
use crate::query::judge_scalar;

/// What is wrong, and at which bytes.
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) offsets: Vec<usize>,
}

/// The operations for whose type the schema has no root. They are refused when they are chosen, not before; their fields
/// are of no type, so that nothing is said of them.
pub(super) fn unconfigured<'a>(document: &'a Document, schema: &Schema) -> Vec<&'a Node<OperationDefinition>> {
    let operations = document.definitions.iter().filter_map(|definition| match definition {
        Definition::OperationDefinition(operation) => Some(operation),
        _ => None,
    });
    operations.filter(|operation| schema.root_operation(operation.operation_type).is_none()).collect()
}

/// The document for the library, which refuses such operations: each is a query in their stead that asks nothing.
pub(super) fn configured(document: &Document, schema: &Schema) -> Document {
    let mut document = document.clone();
    for definition in &mut document.definitions {
        if let Definition::OperationDefinition(operation) = definition
            && schema.root_operation(operation.operation_type).is_none()
        {
            let operation = operation.make_mut();
            operation.operation_type = OperationType::Query;
            operation.selection_set = Vec::new();
        }
    }
    document
}

/// NoSchemaIntrospection: nothing asks for the schema. Only for those who switched introspection off.
pub(super) fn no_introspection(document: &Document) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    each_selection(document, &mut |selection| {
        if let Selection::Field(field) = selection
            && matches!(field.name.as_str(), "__schema" | "__type")
        {
            let message = format!(
                "GraphQL introspection has been disabled, but the requested query contained the field \"{}\".",
                field.name
            );
            wrong.push(Wrong { message, offsets: vec![start(field)] });
        }
    });
    wrong
}

/// How many lists of types may lead into each other.
const MOST_LISTS: usize = 3;

/// MaxIntrospectionDepth: lists of types lead to further types, so that each one in another multiplies the answer. The
/// document is valid, and small with its fragments put in place.
pub(super) fn introspection_depth(document: &Document) -> Vec<Wrong> {
    fn is_deep<'a>(set: &'a [Selection], lists: usize, fragments: &FxHashMap<&str, &'a [Selection]>) -> bool {
        set.iter().any(|selection| match selection {
            Selection::Field(field) => {
                let name = field.name.as_str();
                let lists =
                    lists + usize::from(matches!(name, "fields" | "interfaces" | "possibleTypes" | "inputFields"));
                lists >= MOST_LISTS || is_deep(&field.selection_set, lists, fragments)
            }
            Selection::InlineFragment(inline) => is_deep(&inline.selection_set, lists, fragments),
            Selection::FragmentSpread(spread) => {
                fragments.get(spread.fragment_name.as_str()).is_some_and(|set| is_deep(set, lists, fragments))
            }
        })
    }
    let fragments = document.definitions.iter().filter_map(|definition| match definition {
        Definition::FragmentDefinition(fragment) => Some((fragment.name.as_str(), fragment.selection_set.as_slice())),
        _ => None,
    });
    let fragments = fragments.collect();
    let mut wrong = Vec::new();
    each_selection(document, &mut |selection| {
        if let Selection::Field(field) = selection
            && matches!(field.name.as_str(), "__schema" | "__type")
            && is_deep(&field.selection_set, 0, &fragments)
        {
            wrong.push(Wrong { message: "Maximum introspection depth exceeded".into(), offsets: vec![start(field)] });
        }
    });
    wrong
}

/// UniqueInputFieldNames: no input object gives a field twice. GraphQL specification, October 2021, 5.6.3.
pub(super) fn unique_input_fields(document: &Document) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    each_value(document, &mut |value| {
        let Value::Object(entries) = value else { return };
        let mut known: FxHashMap<&str, &Name> = FxHashMap::default();
        for (name, _) in entries {
            if let Some(first) = known.get(name.as_str()) {
                let offsets = [*first, name].map(|name| name.location().map_or(0, |at| at.offset()));
                let message = format!("There can be only one input field named \"{name}\".");
                wrong.push(Wrong { message, offsets: offsets.into() });
            } else {
                known.insert(name, name);
            }
        }
    });
    wrong
}

/// The names of all variables that a document uses anywhere, and of the fragments that it spreads.
pub(super) fn used_names(document: &Document) -> (FxHashSet<Name>, FxHashSet<Name>) {
    let (mut variables, mut fragments) = (FxHashSet::default(), FxHashSet::default());
    each_value(document, &mut |value| {
        if let Value::Variable(name) = value {
            variables.insert(name.clone());
        }
    });
    each_selection(document, &mut |selection| {
        if let Selection::FragmentSpread(spread) = selection {
            fragments.insert(spread.fragment_name.clone());
        }
    });
    (variables, fragments)
}

/// Values where the library does not look: VariablesInAllowedPosition (specification, 5.8.5) inside lists and objects, and at
/// variables whose default is null; NoUndefinedVariables in objects of custom scalars; the values of custom scalars and of
/// one-of inputs (ValuesOfCorrectType, 5.6.1).
pub(super) fn values(document: &ExecutableDocument, schema: &Schema, graph: &Graph) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    for operation in document.operations.iter() {
        let mut walk = Values { document, schema, graph, operation, seen: FxHashSet::default(), wrong: &mut wrong };
        for variable in &operation.variables {
            walk.directives(&variable.directives);
            if let Some(default) = &variable.default_value {
                walk.value(default, &variable.ty, Place::Argument(false));
            }
        }
        walk.directives(&operation.directives);
        walk.selections(&operation.selection_set);
    }
    wrong
}

struct Values<'a> {
    document: &'a ExecutableDocument,
    schema: &'a Schema,
    graph: &'a Graph,
    operation: &'a executable::Operation,
    seen: FxHashSet<&'a str>,
    wrong: &'a mut Vec<Wrong>,
}

impl<'a> Values<'a> {
    fn selections(&mut self, set: &'a executable::SelectionSet) {
        for selection in &set.selections {
            self.directives(selection.directives());
            match selection {
                executable::Selection::Field(field) => {
                    for argument in &field.arguments {
                        if let Some(def) = field.definition.arguments.iter().find(|def| def.name == argument.name) {
                            self.value(&argument.value, &def.ty, Place::Argument(def.default_value.is_some()));
                        }
                    }
                    self.selections(&field.selection_set);
                }
                executable::Selection::InlineFragment(inline) => self.selections(&inline.selection_set),
                executable::Selection::FragmentSpread(spread) => {
                    if self.seen.insert(&spread.fragment_name)
                        && let Some(fragment) = self.document.fragments.get(&spread.fragment_name)
                    {
                        self.directives(&fragment.directives);
                        self.selections(&fragment.selection_set);
                    }
                }
            }
        }
    }

    fn directives(&mut self, directives: &'a [Node<Directive>]) {
        for directive in directives {
            let Some(definition) = self.schema.directive_definitions.get(&directive.name) else { continue };
            for argument in &directive.arguments {
                if let Some(def) = definition.arguments.iter().find(|def| def.name == argument.name) {
                    self.value(&argument.value, &def.ty, Place::Argument(def.default_value.is_some()));
                }
            }
        }
    }

    fn value(&mut self, value: &Node<Value>, ty: &Type, place: Place) {
        if let Value::Variable(name) = &**value {
            return self.variable(value, name, ty, place);
        }
        if let (Value::List(items), true) = (&**value, ty.is_list()) {
            for item in items {
                self.value(item, ty.item_type(), Place::Inside(false));
            }
            return;
        }
        let name = ty.inner_named_type();
        match (self.schema.types.get(name), &**value) {
            (_, Value::Null) => {}
            (Some(ExtendedType::InputObject(of)), Value::Object(entries)) => self.object(value, of, entries),
            (Some(ExtendedType::Scalar(_)), _) if !BUILT_IN.contains(&name.as_str()) => self.scalar(value, name),
            _ => {}
        }
    }

    fn object(&mut self, value: &Node<Value>, of: &InputObjectType, entries: &[(Name, Node<Value>)]) {
        for (name, value) in entries {
            if let Some(field) = of.fields.get(name) {
                self.value(value, &field.ty, Place::Inside(field.default_value.is_some()));
            }
        }
        if of.directives.get("oneOf").is_none() {
            return;
        }
        let mut refuse =
            |message: String, at: &Node<Value>| self.wrong.push(Wrong { message, offsets: vec![start(at)] });
        match entries {
            [(name, only)] => match &**only {
                Value::Null => refuse(format!("Field \"{}.{name}\" must be non-null.", of.name), value),
                Value::Variable(variable) => {
                    let def = self.operation.variables.iter().find(|def| def.name == *variable);
                    if def.is_some_and(|def| !def.ty.is_non_null()) {
                        let message = format!(
                            "Variable \"${variable}\" must be non-nullable to be used for OneOf Input Object \"{}\".",
                            of.name
                        );
                        refuse(message, value);
                    }
                }
                _ => {}
            },
            _ => refuse(format!("OneOf Input Object \"{}\" must specify exactly one key.", of.name), value),
        }
    }

    /// A value of a custom scalar, judged by its definition unless variables are in it.
    fn scalar(&mut self, value: &Node<Value>, name: &Name) {
        let mut known = true;
        variables_in(value, &mut |at, variable| {
            known = false;
            if !self.operation.variables.iter().any(|def| def.name == *variable) {
                let message = match &self.operation.name {
                    Some(operation) => format!("Variable \"${variable}\" is not defined by operation \"{operation}\"."),
                    None => format!("Variable \"${variable}\" is not defined."),
                };
                self.wrong.push(Wrong { message, offsets: vec![start(at)] });
            }
        });
        let Some(TypeDef::Scalar(def)) = self.graph.types().get(name.as_str()).copied() else { return };
        if known && let Err(why) = judge_scalar(def, &literal::untyped(value)) {
            let message = format!("Expected value of type \"{name}\", found {}; {why}", value.serialize().no_indent());
            self.wrong.push(Wrong { message, offsets: vec![start(value)] });
        }
    }

    fn variable(&mut self, value: &Node<Value>, name: &Name, ty: &Type, place: Place) {
        // One that is not defined the library reports.
        let Some(def) = self.operation.variables.iter().find(|def| def.name == *name) else { return };
        let looked_at = match place {
            Place::Argument(_) => !matches!(def.default_value.as_deref(), Some(Value::Null)),
            Place::Inside(_) => def.ty.inner_named_type() != ty.inner_named_type(),
        };
        let (Place::Argument(has_default) | Place::Inside(has_default)) = place;
        if !looked_at && !is_allowed(def, ty, has_default) {
            let message =
                format!("Variable \"${name}\" of type \"{}\" used in position expecting type \"{ty}\".", def.ty);
            self.wrong.push(Wrong { message, offsets: vec![start(def), start(value)] });
        }
    }
}

const BUILT_IN: [&str; 5] = ["Int", "Float", "String", "Boolean", "ID"];

fn variables_in(value: &Node<Value>, see: &mut dyn FnMut(&Node<Value>, &Name)) {
    match &**value {
        Value::Variable(name) => see(value, name),
        Value::List(items) => items.iter().for_each(|item| variables_in(item, see)),
        Value::Object(entries) => entries.iter().for_each(|(_, entry)| variables_in(entry, see)),
        _ => {}
    }
}

/// Where a value stands, and whether there is a default for it.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// It is the argument.
    Argument(bool),
    /// In a list, or a field of an input.
    Inside(bool),
}

/// IsVariableUsageAllowed of the specification.
fn is_allowed(def: &VariableDefinition, ty: &Type, has_default: bool) -> bool {
    if ty.is_non_null() && !def.ty.is_non_null() {
        let not_null = def.default_value.as_deref().is_some_and(|default| !matches!(default, Value::Null));
        return (not_null || has_default) && def.ty.is_assignable_to(&ty.clone().nullable());
    }
    def.ty.is_assignable_to(ty)
}

fn each_selection<'a>(document: &'a Document, see: &mut dyn FnMut(&'a Selection)) {
    fn walk<'a>(selections: &'a [Selection], see: &mut dyn FnMut(&'a Selection)) {
        for selection in selections {
            see(selection);
            match selection {
                Selection::Field(field) => walk(&field.selection_set, see),
                Selection::InlineFragment(inline) => walk(&inline.selection_set, see),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    for definition in &document.definitions {
        match definition {
            Definition::OperationDefinition(operation) => walk(&operation.selection_set, see),
            Definition::FragmentDefinition(fragment) => walk(&fragment.selection_set, see),
            _ => {}
        }
    }
}

/// Every value of a document, those inside of others too.
fn each_value<'a>(document: &'a Document, see: &mut dyn FnMut(&'a Value)) {
    fn value<'a>(of: &'a Value, see: &mut dyn FnMut(&'a Value)) {
        see(of);
        match of {
            Value::List(items) => items.iter().for_each(|item| value(item, see)),
            Value::Object(entries) => entries.iter().for_each(|(_, entry)| value(entry, see)),
            _ => {}
        }
    }
    fn directives<'a>(of: &'a [Node<Directive>], see: &mut dyn FnMut(&'a Value)) {
        of.iter().flat_map(|directive| &directive.arguments).for_each(|argument| value(&argument.value, see));
    }
    for definition in &document.definitions {
        match definition {
            Definition::OperationDefinition(operation) => {
                directives(&operation.directives, see);
                for variable in &operation.variables {
                    directives(&variable.directives, see);
                    if let Some(default) = &variable.default_value {
                        value(default, see);
                    }
                }
            }
            Definition::FragmentDefinition(fragment) => directives(&fragment.directives, see),
            _ => {}
        }
    }
    each_selection(document, &mut |selection| {
        directives(
            match selection {
                Selection::Field(field) => &field.directives,
                Selection::InlineFragment(inline) => &inline.directives,
                Selection::FragmentSpread(spread) => &spread.directives,
            },
            see,
        );
        if let Selection::Field(field) = selection {
            field.arguments.iter().for_each(|argument| value(&argument.value, see));
        }
    });
}
