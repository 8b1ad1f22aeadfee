//! Which definitions a document may have: ExecutableDefinitions, UniqueOperationNames, LoneAnonymousOperation; and which types
//! they may name: KnownTypeNames.

use apollo_compiler::ast::{Definition, OperationDefinition};
use apollo_compiler::{Name, Node};

use super::super::expand::start;
use super::{Walk, name_start};

impl<'a> Walk<'a> {
    pub(super) fn executable_definitions(&mut self) {
        for definition in &self.document.definitions {
            if definition.is_executable_definition() {
                continue;
            }
            let what = match definition {
                Definition::SchemaDefinition(_) | Definition::SchemaExtension(_) => "schema".to_owned(),
                other => format!("\"{}\"", other.name().map_or("", |name| name.as_str())),
            };
            let at = definition.location().map_or(0, |at| at.offset());
            self.report(format!("The {what} definition is not executable."), vec![at]);
        }
    }

    pub(super) fn unique_operation_names(&mut self, operation: &'a Node<OperationDefinition>) {
        let Some(name) = &operation.name else { return };
        if let Some(first) = self.names.operations.get(name.as_str()) {
            let at = vec![name_start(first), name_start(name)];
            self.report(format!("There can be only one operation named \"{name}\"."), at);
        } else {
            self.names.operations.insert(name, name);
        }
    }

    pub(super) fn lone_anonymous_operation(&mut self, operation: &'a Node<OperationDefinition>) {
        let is_operation = |definition: &&Definition| matches!(definition, Definition::OperationDefinition(_));
        if operation.name.is_none() && self.document.definitions.iter().filter(is_operation).nth(1).is_some() {
            let message = "This anonymous operation must be the only defined operation.";
            self.report(message.to_owned(), vec![start(operation)]);
        }
    }

    pub(super) fn known_type_names(&mut self, name: &'a Name) {
        if self.types.named(name).is_none() {
            let suggestion = self.suggestion("", name, self.types.schema.types.keys());
            let message = format!("Unknown type \"{name}\".{suggestion}");
            self.report(message, vec![name_start(name)]);
        }
    }
}
