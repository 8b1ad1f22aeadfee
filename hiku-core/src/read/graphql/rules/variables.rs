//! UniqueVariableNames, VariablesAreInputTypes, NoUndefinedVariables, NoUnusedVariables, VariablesInAllowedPosition.

use apollo_compiler::ast::{OperationDefinition, VariableDefinition};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name, Node};
use rustc_hash::{FxHashMap, FxHashSet};

use super::super::expand::start;
use super::arguments::repeated;
use super::fragments::Referenced;
use super::report::{Budget, Report, Spent, Wrong};
use super::types::{Expected, is_input, is_one_of};
use super::{Left, Place, Walk};

/// Where a variable is used.
#[derive(Clone, Copy)]
pub(super) struct Usage<'a> {
    pub(super) name: &'a Name,
    pub(super) at: usize,
    pub(super) place: Place<'a>,
}

impl<'a> Walk<'a> {
    pub(super) fn unique_variable_names(&mut self, operation: &'a Node<OperationDefinition>) {
        let names = operation.variables.iter().map(|variable| &variable.name);
        for (name, at) in repeated(names) {
            self.report(format!("There can be only one variable named \"${name}\"."), at);
        }
    }

    pub(super) fn variables_are_input_types(&mut self, variable: &'a Node<VariableDefinition>) {
        if self.types.named(variable.ty.inner_named_type()).is_some_and(|ty| !is_input(ty)) {
            let message = format!("Variable \"${}\" cannot be non-input type \"{}\".", variable.name, variable.ty);
            self.report(message, vec![start(&variable.ty)]);
        }
    }

    /// What is said of an operation when it is left.
    pub(super) fn variables_of_operation(
        &mut self,
        left: &Left<'a>,
        referenced: &mut Referenced<'a>,
        budget: &mut Budget,
        out: &mut Report,
    ) -> Result<(), Spent> {
        let operation = left.operation;
        let in_fragments = self.usages_in_fragments(&operation.selection_set, referenced, budget)?;
        if operation.variables.is_empty() && left.usages.is_empty() && in_fragments.is_empty() {
            return Ok(());
        }
        let usages = || left.usages.clone().chain(in_fragments.iter().copied()).map(|at| &self.usages[at]);
        let defined: FxHashMap<&str, &Node<VariableDefinition>> =
            operation.variables.iter().map(|variable| (variable.name.as_str(), variable)).collect();
        let used: FxHashSet<&str> = usages().map(|usage| usage.name.as_str()).collect();
        let of = operation.name.as_ref();

        for usage in usages().filter(|usage| !defined.contains_key(usage.name.as_str())) {
            let by = of.map_or(String::new(), |name| format!(" by operation \"{name}\""));
            let message = format!("Variable \"${}\" is not defined{by}.", usage.name);
            out.push(Wrong { message, offsets: vec![usage.at, start(operation)] });
        }
        for variable in operation.variables.iter().filter(|variable| !used.contains(variable.name.as_str())) {
            let by = of.map_or(String::new(), |name| format!(" in operation \"{name}\""));
            let message = format!("Variable \"${}\" is never used{by}.", variable.name);
            out.push(Wrong { message, offsets: vec![start(variable)] });
        }
        let known = || usages().filter_map(|usage| Some((usage, *defined.get(usage.name.as_str())?)));
        for (usage, variable) in known() {
            self.variable_in_allowed_position(usage, variable, out);
        }
        for (usage, variable) in known() {
            self.variable_of_one_of(usage, variable, out);
        }
        Ok(())
    }

    fn variable_in_allowed_position(&self, usage: &Usage<'a>, variable: &Node<VariableDefinition>, out: &mut Report) {
        let (name, ty) = (usage.name, &variable.ty);
        let Some(expected) = usage.place.expected else { return };
        if self.types.named(ty.inner_named_type()).is_none() {
            return;
        }
        let offsets = || vec![start(variable), usage.at];
        let default = variable.default_value.as_ref();
        let has_default = usage.place.has_default || default.is_some_and(|default| !default.is_null());
        if !expected.takes(ty, has_default) {
            let message =
                format!("Variable \"${name}\" of type \"{ty}\" used in position expecting type \"{expected}\".");
            out.push(Wrong { message, offsets: offsets() });
        }
        if let Some(parent) = self.one_of_around(usage)
            && !parent.is_non_null()
            && !ty.is_non_null()
        {
            let message = format!(
                "Variable \"${name}\" is of type \"{ty}\" but must be non-nullable to be used for OneOf Input Object \"{parent}\"."
            );
            out.push(Wrong { message, offsets: offsets() });
        }
    }

    /// The same where the input object is not null: the reference implementation looks only where it may be.
    fn variable_of_one_of(&self, usage: &Usage<'a>, variable: &Node<VariableDefinition>, out: &mut Report) {
        if let Some(parent) = self.one_of_around(usage)
            && parent.is_non_null()
            && !variable.ty.is_non_null()
        {
            let message = format!(
                "Variable \"${}\" must be non-nullable to be used for OneOf Input Object \"{}\".",
                usage.name,
                parent.name()
            );
            out.push(Wrong { message, offsets: vec![start(variable), usage.at] });
        }
    }

    fn one_of_around(&self, usage: &Usage<'a>) -> Option<Expected<'a>> {
        let parent = usage.place.parent.filter(|parent| !parent.is_list())?;
        match self.types.named(parent.name()) {
            Some(ExtendedType::InputObject(input)) if is_one_of(input) => Some(parent),
            _ => None,
        }
    }
}
