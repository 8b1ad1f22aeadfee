//! KnownDirectives, UniqueDirectivesPerLocation.

use apollo_compiler::Node;
use apollo_compiler::ast::{Directive, DirectiveDefinition, DirectiveList, DirectiveLocation};
use rustc_hash::FxHashMap;

use super::super::expand::start;
use super::Walk;

impl<'a> Walk<'a> {
    pub(super) fn known_directives(
        &mut self,
        directive: &Node<Directive>,
        definition: Option<&Node<DirectiveDefinition>>,
        location: DirectiveLocation,
    ) {
        let name = &directive.name;
        match definition {
            None => self.report(format!("Unknown directive \"@{name}\"."), vec![start(directive)]),
            Some(definition) if !definition.locations.contains(&location) => {
                let message = format!("Directive \"@{name}\" may not be used on {}.", location.name());
                self.report(message, vec![start(directive)]);
            }
            Some(_) => {}
        }
    }

    pub(super) fn unique_directives_per_location(&mut self, directives: &'a DirectiveList) {
        if directives.len() < 2 {
            return;
        }
        let mut known: FxHashMap<&str, usize> = FxHashMap::default();
        for directive in directives.iter() {
            let definition = self.types.schema.directive_definitions.get(&directive.name);
            if definition.is_none_or(|definition| definition.repeatable) {
                continue;
            }
            match known.get(directive.name.as_str()) {
                Some(&first) => {
                    let message =
                        format!("The directive \"@{}\" can only be used once at this location.", directive.name);
                    self.report(message, vec![first, start(directive)]);
                }
                None => {
                    known.insert(&directive.name, start(directive));
                }
            }
        }
    }
}
