//! ScalarLeafs, FieldsOnCorrectType, MaxIntrospectionDepth, NoSchemaIntrospection.

use apollo_compiler::Node;
use apollo_compiler::ast::{Field, FieldDefinition, Selection};
use apollo_compiler::schema::ExtendedType;
use rustc_hash::FxHashMap;

use super::super::expand::start;
use super::super::scan::MAX_DEPTH;
use super::Walk;
use super::suggest::{did_you_mean, natural};
use super::types::{Types, is_abstract, is_leaf, own_field};

impl<'a> Walk<'a> {
    pub(super) fn scalar_leafs(
        &mut self,
        field: &'a Node<Field>,
        definition: Option<&FieldDefinition>,
        ty: Option<&ExtendedType>,
    ) {
        let (Some(definition), Some(ty)) = (definition, ty) else { return };
        let (name, of) = (&field.name, &definition.ty);
        match (is_leaf(ty), field.selection_set.is_empty()) {
            (true, false) => {
                let message =
                    format!("Field \"{name}\" must not have a selection since type \"{of}\" has no subfields.");
                let at = self.selection_start(field);
                self.report(message, vec![at]);
            }
            (false, true) => {
                let message = format!(
                    "Field \"{name}\" of type \"{of}\" must have a selection of subfields. Did you mean \"{name} {{ ... }}\"?"
                );
                self.report(message, vec![start(field)]);
            }
            _ => {}
        }
    }

    /// Where the braces of a field open. The parser does not tell; between them and what stands before are only what is
    /// ignored and the end of the arguments.
    fn selection_start(&self, field: &Field) -> usize {
        let end = |at: Option<apollo_compiler::parser::SourceSpan>| at.map_or(0, |at| at.end_offset());
        let mut at = match (field.directives.last(), field.arguments.last()) {
            (Some(directive), _) => end(directive.location()),
            (None, Some(argument)) => end(argument.location()),
            (None, None) => end(field.name.location()),
        };
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'{' => break,
                b'#' => {
                    while bytes.get(at).is_some_and(|byte| !matches!(byte, b'\n' | b'\r')) {
                        at += 1;
                    }
                }
                _ => at += 1,
            }
        }
        at
    }

    pub(super) fn fields_on_correct_type(
        &mut self,
        field: &'a Node<Field>,
        definition: Option<&FieldDefinition>,
        parent: Option<&'a ExtendedType>,
    ) {
        let (None, Some(parent)) = (definition, parent) else { return };
        if self.ended != super::Ended::No {
            return;
        }
        let mut suggestion =
            did_you_mean("to use an inline fragment on ", &types_with(self.types, parent, &field.name));
        if suggestion.is_empty() {
            let known = match parent {
                ExtendedType::Object(object) => Some(object.fields.keys()),
                ExtendedType::Interface(interface) => Some(interface.fields.keys()),
                _ => None,
            };
            suggestion = self.suggestion("", &field.name, known.into_iter().flatten());
        }
        let message = format!("Cannot query field \"{}\" on type \"{}\".{suggestion}", field.name, parent.name());
        self.report(message, vec![start(field)]);
    }

    /// Whether the fields below are inside of introspection that is refused as a whole.
    pub(super) fn max_introspection_depth(&mut self, field: &'a Node<Field>) -> bool {
        if self.in_introspection || !is_introspection(field) {
            return self.in_introspection;
        }
        let exceeds = self.exceeds_lists(&field.selection_set, 0, 0, &mut FxHashMap::default());
        if exceeds {
            self.report("Maximum introspection depth exceeded".to_owned(), vec![start(field)]);
        }
        exceeds
    }

    /// Whether lists of introspection nest too deep below. `visited` has the greatest depth at which each fragment was met.
    fn exceeds_lists(
        &self,
        set: &'a [Selection],
        lists: usize,
        depth: usize,
        visited: &mut FxHashMap<&'a str, usize>,
    ) -> bool {
        const MOST: usize = 3;
        if depth > MAX_DEPTH {
            return true;
        }
        set.iter().any(|selection| match selection {
            Selection::Field(field) => {
                let is_list = matches!(field.name.as_str(), "fields" | "interfaces" | "possibleTypes" | "inputFields");
                let lists = lists + usize::from(is_list);
                (is_list && lists >= MOST) || self.exceeds_lists(&field.selection_set, lists, depth + 1, visited)
            }
            Selection::InlineFragment(inline) => self.exceeds_lists(&inline.selection_set, lists, depth + 1, visited),
            Selection::FragmentSpread(spread) => {
                let name = spread.fragment_name.as_str();
                let Some(fragment) = self.fragments.get(name) else { return false };
                if visited.get(name).is_some_and(|visited| *visited >= lists) {
                    return false;
                }
                visited.insert(name, lists);
                self.exceeds_lists(&fragment.selection_set, lists, depth + 1, visited)
            }
        })
    }

    /// Only for those who switched introspection off.
    pub(super) fn no_schema_introspection(&mut self, field: &'a Node<Field>) {
        if !self.limits.introspection && is_introspection(field) {
            let message = format!(
                "GraphQL introspection has been disabled, but the requested query contained the field \"{}\".",
                field.name
            );
            self.report(message, vec![start(field)]);
        }
    }
}

fn is_introspection(field: &Field) -> bool {
    matches!(field.name.as_str(), "__schema" | "__type")
}

/// The types with such a field that a value of an abstract type can be: those that the most of them are first, then those that
/// others are, then by name.
fn types_with<'a>(types: Types<'a>, parent: &'a ExtendedType, field: &str) -> Vec<&'a str> {
    if !is_abstract(parent) {
        return Vec::new();
    }
    let mut found: Vec<(&ExtendedType, usize)> = Vec::new();
    let mut count = |ty: &'a ExtendedType| match found.iter_mut().find(|(known, _)| std::ptr::eq(*known, ty)) {
        Some((_, count)) => *count += 1,
        None => found.push((ty, 1)),
    };
    for object in types.possible(parent).filter_map(|name| types.named(name)) {
        if own_field(object, field).is_none() {
            continue;
        }
        count(object);
        let ExtendedType::Object(object) = object else { continue };
        let interfaces = object.implements_interfaces.iter().filter_map(|name| types.named(name));
        interfaces.filter(|interface| own_field(interface, field).is_some()).for_each(&mut count);
    }
    let mut sorted: Vec<(&ExtendedType, usize)> = Vec::with_capacity(found.len());
    for (ty, count) in found {
        let is_after = |(other, others): &(&ExtendedType, usize)| {
            let is_super = |a: &ExtendedType, b: &ExtendedType| {
                matches!(a, ExtendedType::Interface(_)) && types.schema.is_subtype(a.name(), b.name())
            };
            match others.cmp(&count) {
                std::cmp::Ordering::Equal if is_super(other, ty) => false,
                std::cmp::Ordering::Equal if is_super(ty, other) => true,
                std::cmp::Ordering::Equal => natural(other.name(), ty.name()).is_gt(),
                order => order.is_lt(),
            }
        };
        let at = sorted.iter().rposition(|other| !is_after(other)).map_or(0, |at| at + 1);
        sorted.insert(at, (ty, count));
    }
    sorted.into_iter().map(|(ty, _)| ty.name().as_str()).collect()
}
