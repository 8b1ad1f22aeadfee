//! The rules of validation: those of the reference implementation graphql-js 16, in its order and its words.
//!
//! One walk over a document, with the type that is expected at each place; every rule looks at the nodes that concern it. What
//! can be said of an operation only with its fragments known is said when the walk is over, in the place where the walk left
//! the operation.

mod arguments;
mod directives;
mod fields;
mod fragments;
mod operations;
mod overlap;
mod print;
mod report;
mod suggest;
mod types;
mod values;
mod variables;

use apollo_compiler::ast::{
    Argument, Definition, DirectiveList, DirectiveLocation, Document, FieldDefinition, FragmentDefinition,
    InputValueDefinition, OperationDefinition, OperationType, Selection, Value, VariableDefinition,
};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name, Node};
use rustc_hash::FxHashMap;

use self::fragments::Fragments;
use self::overlap::Overlap;
use self::report::{Budget, Report};
use self::suggest::{did_you_mean, near};
use self::types::{Expected, is_composite, is_input};
use self::variables::Usage;
use super::super::Limits;
use super::expand::start;
use crate::graph::Graph;

pub(super) use self::report::Wrong;
pub(super) use self::types::Types;

/// Everything that is wrong with a document, in the order in which the reference implementation reports it, up to the limit.
pub(super) fn validate(
    types: Types<'_>,
    graph: &Graph,
    document: &Document,
    text: &str,
    limits: &Limits,
) -> Result<(), Vec<Wrong>> {
    let mut walk = Walk {
        types,
        graph,
        text,
        limits,
        document,
        fragments: Fragments::new(document),
        field: None,
        in_introspection: false,
        found: Vec::new(),
        ended: Ended::No,
        left: Vec::new(),
        usages: Vec::new(),
        fragment_usages: FxHashMap::default(),
        overlap: Overlap::default(),
        names: Names::default(),
    };
    walk.document();
    let wrong = walk.finish();
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// The work that fragments may cause, as the reference implementation counts it.
const FRAGMENT_WORK: usize = 50_000;

struct Walk<'a> {
    types: Types<'a>,
    graph: &'a Graph,
    text: &'a str,
    limits: &'a Limits,
    document: &'a Document,
    fragments: Fragments<'a>,
    /// The definition of the field around.
    field: Option<&'a FieldDefinition>,
    /// Inside of a field whose introspection is refused as a whole.
    in_introspection: bool,
    /// What the walk found so far.
    found: Vec<Wrong>,
    ended: Ended,
    /// The operations that were left, and how much had been found then.
    left: Vec<Left<'a>>,
    /// All variables that were met.
    usages: Vec<Usage<'a>>,
    /// Which of them stand in a fragment.
    fragment_usages: FxHashMap<&'a str, std::ops::Range<usize>>,
    overlap: Overlap<'a>,
    names: Names<'a>,
}

/// The names that definitions have taken.
#[derive(Default)]
struct Names<'a> {
    operations: FxHashMap<&'a str, &'a Name>,
    fragments: FxHashMap<&'a str, &'a Name>,
}

/// Why nothing more is reported of the walk.
#[derive(Clone, Copy, PartialEq)]
enum Ended {
    No,
    Full,
    Aborted,
}

struct Left<'a> {
    operation: &'a Node<OperationDefinition>,
    usages: std::ops::Range<usize>,
    found: usize,
}

/// The place of a value.
#[derive(Clone, Copy, Default)]
struct Place<'a> {
    expected: Option<Expected<'a>>,
    has_default: bool,
    /// What is expected of the list or object around it.
    parent: Option<Expected<'a>>,
    /// Its type is judged with the value around it.
    judged: bool,
}

impl<'a> Place<'a> {
    fn of(definition: Option<&'a Node<InputValueDefinition>>) -> Self {
        Place {
            expected: definition.map(|definition| Expected::new(&definition.ty)),
            has_default: definition.is_some_and(|definition| definition.default_value.is_some()),
            ..Place::default()
        }
    }
}

impl<'a> Walk<'a> {
    fn report(&mut self, message: String, offsets: Vec<usize>) {
        if self.ended == Ended::No {
            self.found.push(Wrong { message, offsets });
            if self.found.len() > self.limits.errors {
                self.ended = Ended::Full;
            }
        }
    }

    /// "Did you mean", as long as it is read.
    fn suggestion<'n>(&self, what: &str, name: &str, known: impl IntoIterator<Item = &'n Name>) -> String {
        if self.ended != Ended::No {
            return String::new();
        }
        did_you_mean(what, &near(name, known.into_iter().map(|known| known.as_str())))
    }

    fn abort(&mut self) {
        if self.ended == Ended::No {
            self.ended = Ended::Aborted;
        }
    }

    fn document(&mut self) {
        self.executable_definitions();
        for definition in &self.document.definitions {
            match definition {
                Definition::OperationDefinition(operation) => self.operation(operation),
                Definition::FragmentDefinition(fragment) => self.fragment(fragment),
                _ => {}
            }
        }
    }

    fn operation(&mut self, operation: &'a Node<OperationDefinition>) {
        self.unique_operation_names(operation);
        self.lone_anonymous_operation(operation);
        self.unique_variable_names(operation);
        self.unique_directives_per_location(&operation.directives);
        for variable in &operation.variables {
            self.variable_definition(variable);
        }
        let before = self.usages.len();
        let location = match operation.operation_type {
            OperationType::Query => DirectiveLocation::Query,
            OperationType::Mutation => DirectiveLocation::Mutation,
            OperationType::Subscription => DirectiveLocation::Subscription,
        };
        self.directives(&operation.directives, location);
        let root = self.types.schema.root_operation(operation.operation_type);
        let root = root.and_then(|name| self.types.named(name));
        self.selection_set(&operation.selection_set, root);
        if self.ended != Ended::Aborted {
            self.left.push(Left { operation, usages: before..self.usages.len(), found: self.found.len() });
        }
    }

    fn variable_definition(&mut self, variable: &'a Node<VariableDefinition>) {
        self.variables_are_input_types(variable);
        self.unique_directives_per_location(&variable.directives);
        let name = variable.ty.inner_named_type();
        self.known_type_names(name);
        if let Some(default) = &variable.default_value {
            let is_known = self.types.named(name).is_some_and(is_input);
            let expected = is_known.then(|| Expected::new(&variable.ty));
            self.value(default, Place { expected, ..Place::default() });
        }
        self.directives(&variable.directives, DirectiveLocation::VariableDefinition);
    }

    fn fragment(&mut self, fragment: &'a Node<FragmentDefinition>) {
        self.fragments_on_composite_types(Some(&fragment.name), &fragment.type_condition);
        self.unique_fragment_names(fragment);
        self.no_fragment_cycles(fragment);
        self.unique_directives_per_location(&fragment.directives);
        self.known_type_names(&fragment.type_condition);
        let before = self.usages.len();
        self.directives(&fragment.directives, DirectiveLocation::FragmentDefinition);
        let parent = self.types.named(&fragment.type_condition).filter(|ty| is_composite(ty));
        self.selection_set(&fragment.selection_set, parent);
        self.fragment_usages.insert(&fragment.name, before..self.usages.len());
    }

    fn selection_set(&mut self, set: &'a [Selection], parent: Option<&'a ExtendedType>) {
        self.overlapping_fields_can_be_merged(set, parent);
        self.selections(set, parent);
    }

    fn selections(&mut self, set: &'a [Selection], parent: Option<&'a ExtendedType>) {
        for selection in set {
            match selection {
                Selection::Field(field) => self.field(field, parent),
                Selection::FragmentSpread(spread) => {
                    self.known_fragment_names(spread);
                    self.possible_fragment_spreads(spread, parent);
                    self.unique_directives_per_location(&spread.directives);
                    self.directives(&spread.directives, DirectiveLocation::FragmentSpread);
                }
                Selection::InlineFragment(inline) => {
                    let mut inner = parent;
                    if let Some(condition) = &inline.type_condition {
                        inner = self.types.named(condition).filter(|ty| is_composite(ty));
                        self.fragments_on_composite_types(None, condition);
                        self.possible_inline_fragments(inline, inner, parent);
                    }
                    self.unique_directives_per_location(&inline.directives);
                    if let Some(condition) = &inline.type_condition {
                        self.known_type_names(condition);
                    }
                    self.directives(&inline.directives, DirectiveLocation::InlineFragment);
                    // Its fields are judged with those of the set around it.
                    self.selections(&inline.selection_set, inner);
                }
            }
        }
    }

    fn field(&mut self, field: &'a Node<apollo_compiler::ast::Field>, parent: Option<&'a ExtendedType>) {
        let definition = parent.and_then(|parent| self.types.field(parent, &field.name));
        let ty = definition.and_then(|definition| self.types.of(definition));
        self.scalar_leafs(field, definition, ty);
        self.fields_on_correct_type(field, definition, parent);
        self.unique_directives_per_location(&field.directives);
        self.unique_argument_names(&field.arguments);
        let in_introspection = self.max_introspection_depth(field);
        self.no_schema_introspection(field);
        let outer = (
            std::mem::replace(&mut self.field, definition),
            std::mem::replace(&mut self.in_introspection, in_introspection),
        );
        for argument in &field.arguments {
            let known = definition.and_then(|definition| argument_of(&definition.arguments, argument));
            self.known_argument_names(argument, known, definition, parent);
            self.value(&argument.value, Place::of(known));
        }
        self.directives(&field.directives, DirectiveLocation::Field);
        if !field.selection_set.is_empty() {
            self.selection_set(&field.selection_set, ty.filter(|ty| is_composite(ty)));
        }
        self.provided_required_arguments(field, definition);
        (self.field, self.in_introspection) = outer;
    }

    fn directives(&mut self, directives: &'a DirectiveList, location: DirectiveLocation) {
        for directive in directives.iter() {
            let definition = self.types.schema.directive_definitions.get(&directive.name);
            self.known_directives(directive, definition, location);
            self.known_argument_names_on_directives(directive, definition);
            self.unique_argument_names(&directive.arguments);
            // The reference implementation takes the arguments of an unknown directive for those of the field.
            let known = definition.map(|definition| definition.arguments.as_slice());
            let known = known.or(self.field.map(|field| field.arguments.as_slice())).unwrap_or_default();
            for argument in &directive.arguments {
                self.value(&argument.value, Place::of(argument_of(known, argument)));
            }
            self.provided_required_arguments_on_directives(directive, definition);
        }
    }

    fn value(&mut self, value: &'a Node<Value>, place: Place<'a>) {
        match &**value {
            Value::Variable(name) => self.usages.push(Usage { name, at: start(value), place }),
            Value::List(items) => {
                let judged = place.judged || !self.lists_are_expected(value, place.expected);
                let expected = place.expected.map(Expected::item);
                for item in items {
                    self.value(item, Place { expected, has_default: false, parent: place.expected, judged });
                }
            }
            Value::Object(entries) => {
                let ty = place.expected.and_then(|expected| self.types.named(expected.name()));
                let input = if let Some(ExtendedType::InputObject(input)) = ty { Some(&**input) } else { None };
                let judged = place.judged || !self.objects_are_complete(value, entries, input, place.expected);
                let mut known = FxHashMap::default();
                for (name, value) in entries {
                    let field = input.and_then(|input| input.fields.get(name)).map(|field| &field.node);
                    if let (Some(input), None, false) = (input, field, judged) {
                        self.fields_of_input_are_known(name, input);
                    }
                    self.unique_input_field_names(name, &mut known);
                    self.value(value, Place { parent: place.expected, judged, ..Place::of(field) });
                }
            }
            _ if place.judged => {}
            Value::Null => self.null_is_expected(value, place.expected),
            _ => self.leaf_is_expected(value, place.expected),
        }
    }

    /// All errors in their order.
    fn finish(mut self) -> Vec<Wrong> {
        let mut out = Report::new(self.limits.errors);
        let mut budget = Budget::new(FRAGMENT_WORK);
        let mut referenced = FxHashMap::default();
        let mut found = std::mem::take(&mut self.found).into_iter();
        let mut taken = 0;
        for left in std::mem::take(&mut self.left) {
            found.by_ref().take(left.found - taken).for_each(|wrong| out.push(wrong));
            taken = left.found;
            if out.stopped {
                return out.wrong;
            }
            if self.variables_of_operation(&left, &mut referenced, &mut budget, &mut out).is_err() {
                out.abort();
                return out.wrong;
            }
        }
        found.for_each(|wrong| out.push(wrong));
        if self.ended == Ended::Aborted {
            out.abort();
        }
        if !out.stopped && self.no_unused_fragments(&mut budget, &mut out).is_err() {
            out.abort();
        }
        out.wrong
    }
}

fn argument_of<'a>(
    known: &'a [Node<InputValueDefinition>],
    argument: &Argument,
) -> Option<&'a Node<InputValueDefinition>> {
    known.iter().find(|known| known.name == argument.name)
}

/// Where a name stands.
fn name_start(name: &Name) -> usize {
    name.location().map_or(0, |at| at.offset())
}
