//! KnownArgumentNames, UniqueArgumentNames, ProvidedRequiredArguments.

use apollo_compiler::Node;
use apollo_compiler::ast::{Argument, Directive, DirectiveDefinition, Field, FieldDefinition, InputValueDefinition};
use apollo_compiler::schema::ExtendedType;
use rustc_hash::FxHashMap;

use super::super::expand::start;
use super::{Walk, argument_of, name_start};

impl<'a> Walk<'a> {
    pub(super) fn known_argument_names(
        &mut self,
        argument: &'a Node<Argument>,
        known: Option<&Node<InputValueDefinition>>,
        field: Option<&FieldDefinition>,
        parent: Option<&ExtendedType>,
    ) {
        if let (None, Some(field), Some(parent)) = (known, field, parent) {
            let what = format!("field \"{}.{}\"", parent.name(), field.name);
            self.unknown_argument(argument, &field.arguments, &what);
        }
    }

    pub(super) fn known_argument_names_on_directives(
        &mut self,
        directive: &'a Node<Directive>,
        definition: Option<&Node<DirectiveDefinition>>,
    ) {
        let Some(definition) = definition else { return };
        for argument in &directive.arguments {
            if argument_of(&definition.arguments, argument).is_none() {
                let what = format!("directive \"@{}\"", directive.name);
                self.unknown_argument(argument, &definition.arguments, &what);
            }
        }
    }

    fn unknown_argument(&mut self, argument: &Node<Argument>, known: &[Node<InputValueDefinition>], what: &str) {
        let name = &argument.name;
        let suggestion = self.suggestion("", name, known.iter().map(|known| &known.name));
        let message = format!("Unknown argument \"{name}\" on {what}.{suggestion}");
        self.report(message, vec![start(argument)]);
    }

    pub(super) fn unique_argument_names(&mut self, arguments: &'a [Node<Argument>]) {
        let names = arguments.iter().map(|argument| &argument.name);
        for (name, at) in repeated(names) {
            self.report(format!("There can be only one argument named \"{name}\"."), at);
        }
    }

    pub(super) fn provided_required_arguments(&mut self, field: &Node<Field>, definition: Option<&FieldDefinition>) {
        let Some(definition) = definition else { return };
        for known in missing(&definition.arguments, &field.arguments) {
            let message = format!(
                "Field \"{}\" argument \"{}\" of type \"{}\" is required, but it was not provided.",
                definition.name, known.name, known.ty
            );
            self.report(message, vec![start(field)]);
        }
    }

    pub(super) fn provided_required_arguments_on_directives(
        &mut self,
        directive: &Node<Directive>,
        definition: Option<&Node<DirectiveDefinition>>,
    ) {
        let Some(definition) = definition else { return };
        for known in missing(&definition.arguments, &directive.arguments) {
            let message = format!(
                "Directive \"@{}\" argument \"{}\" of type \"{}\" is required, but it was not provided.",
                directive.name, known.name, known.ty
            );
            self.report(message, vec![start(directive)]);
        }
    }
}

fn missing<'a>(
    known: &'a [Node<InputValueDefinition>],
    given: &'a [Node<Argument>],
) -> impl Iterator<Item = &'a Node<InputValueDefinition>> {
    known.iter().filter(|known| known.is_required() && !given.iter().any(|given| given.name == known.name))
}

/// The names that stand more than once, in the order in which they first do, with all their places.
pub(super) fn repeated<'a>(
    names: impl ExactSizeIterator<Item = &'a apollo_compiler::Name>,
) -> Vec<(&'a str, Vec<usize>)> {
    if names.len() < 2 {
        return Vec::new();
    }
    let mut groups: Vec<(&str, Vec<usize>)> = Vec::with_capacity(names.len());
    let mut known = FxHashMap::default();
    for name in names {
        let at = *known.entry(name.as_str()).or_insert_with(|| {
            groups.push((name, Vec::new()));
            groups.len() - 1
        });
        groups[at].1.push(name_start(name));
    }
    groups.retain(|(_, at)| at.len() > 1);
    groups
}
