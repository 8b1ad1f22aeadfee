//! Rules of validation that graphql-js 16 has and the parser's library lacks, one function each.

use apollo_compiler::ast::{
    Definition, Directive, Document, OperationDefinition, OperationType, Selection, Type, Value, VariableDefinition,
};
use apollo_compiler::executable::{self, ExecutableDocument};
use apollo_compiler::{Name, Node, Schema};
use rustc_hash::{FxHashMap, FxHashSet};

use super::expand::start;

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

/// VariablesInAllowedPosition and NoUndefinedVariables where the library does not look: inside lists and objects, and at
/// variables whose default is null. Specification, 5.8.5. Variables in an object of a custom scalar are refused.
pub(super) fn variable_positions(document: &ExecutableDocument, schema: &Schema) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    for operation in document.operations.iter() {
        let mut walk = Positions { document, schema, operation, seen: FxHashSet::default(), wrong: &mut wrong };
        walk.directives(&operation.directives);
        walk.selections(&operation.selection_set);
    }
    wrong
}

struct Positions<'a> {
    document: &'a ExecutableDocument,
    schema: &'a Schema,
    operation: &'a executable::Operation,
    seen: FxHashSet<&'a str>,
    wrong: &'a mut Vec<Wrong>,
}

impl<'a> Positions<'a> {
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
        match &**value {
            Value::List(items) => {
                let place = if place == Place::Object { Place::Object } else { Place::Item };
                for item in items {
                    self.value(item, ty.item_type(), place);
                }
            }
            Value::Object(entries) => {
                for (_, value) in entries {
                    self.value(value, ty, Place::Object);
                }
            }
            Value::Variable(name) => self.variable(value, name, ty, place),
            _ => {}
        }
    }

    fn variable(&mut self, value: &Node<Value>, name: &Name, ty: &Type, place: Place) {
        let Some(def) = self.operation.variables.iter().find(|def| def.name == *name) else {
            // Elsewhere the library reports it.
            if place == Place::Object {
                let message = match &self.operation.name {
                    Some(operation) => format!("Variable \"${name}\" is not defined by operation \"{operation}\"."),
                    None => format!("Variable \"${name}\" is not defined."),
                };
                self.wrong.push(Wrong { message, offsets: vec![start(value)] });
            }
            return;
        };
        match place {
            Place::Object => {
                let message = format!(
                    "Variable \"${name}\" stands in an object of the scalar \"{}\"; give the whole object as a variable.",
                    ty.inner_named_type()
                );
                self.wrong.push(Wrong { message, offsets: vec![start(value)] });
            }
            Place::Item if def.ty.inner_named_type() != ty.inner_named_type() => {}
            Place::Argument(_) if !matches!(def.default_value.as_deref(), Some(Value::Null)) => {}
            Place::Item | Place::Argument(_) => {
                if !is_allowed(def, ty, place == Place::Argument(true)) {
                    let message = format!(
                        "Variable \"${name}\" of type \"{}\" used in position expecting type \"{ty}\".",
                        def.ty
                    );
                    self.wrong.push(Wrong { message, offsets: vec![start(def), start(value)] });
                }
            }
        }
    }
}

/// Where a value stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// It is the argument; whether that has a default.
    Argument(bool),
    /// In a list.
    Item,
    /// Somewhere in an object of a custom scalar.
    Object,
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
