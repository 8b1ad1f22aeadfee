//! UniqueFragmentNames, KnownFragmentNames, FragmentsOnCompositeTypes, PossibleFragmentSpreads, NoFragmentCycles,
//! NoUnusedFragments.

use std::collections::hash_map::Entry;
use std::rc::Rc;

use apollo_compiler::ast::{Definition, Document, FragmentDefinition, FragmentSpread, InlineFragment, Selection};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name, Node};
use rustc_hash::{FxHashMap, FxHashSet};

use super::super::expand::start;
use super::report::{Budget, Report, Spent, Wrong};
use super::types::is_composite;
use super::{Walk, name_start};

/// The spreads of a selection set and of those in it.
pub(super) type Spreads<'a> = Rc<[&'a Node<FragmentSpread>]>;

/// The fragments of a document by name; of equal names the last one counts.
pub(super) struct Fragments<'a> {
    by_name: FxHashMap<&'a str, &'a Node<FragmentDefinition>>,
    spreads: FxHashMap<&'a str, Spreads<'a>>,
    /// Those that were looked at for cycles.
    visited: FxHashSet<&'a str>,
}

impl<'a> Fragments<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        let fragments = document.definitions.iter().filter_map(Definition::as_fragment_definition);
        Fragments {
            by_name: fragments.map(|fragment| (fragment.name.as_str(), fragment)).collect(),
            spreads: FxHashMap::default(),
            visited: FxHashSet::default(),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a Node<FragmentDefinition>> {
        self.by_name.get(name).copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The spreads of the fragment of this name.
    fn spreads(&mut self, name: &'a str) -> Option<Spreads<'a>> {
        let fragment = self.by_name.get(name)?;
        Some(self.spreads.entry(name).or_insert_with(|| spreads_of(&fragment.selection_set)).clone())
    }

    /// The names of all fragments that are reached from these.
    pub(super) fn reached(
        &mut self,
        names: impl IntoIterator<Item = &'a str>,
        budget: &mut Budget,
    ) -> Result<Vec<&'a str>, Spent> {
        let (mut names, mut known): (Vec<&str>, FxHashSet<&str>) = (names.into_iter().collect(), FxHashSet::default());
        names.retain(|name| known.insert(name));
        budget.spend(names.len())?;
        let mut at = 0;
        while let Some(&name) = names.get(at) {
            at += 1;
            let Some(spreads) = self.spreads(name) else { continue };
            budget.spend(spreads.len())?;
            names.extend(spreads.iter().map(|spread| spread.fragment_name.as_str()).filter(|name| known.insert(name)));
        }
        names.retain(|name| self.by_name.contains_key(name));
        Ok(names)
    }
}

/// Those of the set itself first, then those of the sets in it, the last set first.
pub(super) fn spreads_of(set: &[Selection]) -> Spreads<'_> {
    let mut sets = vec![set];
    let mut spreads = Vec::new();
    while let Some(set) = sets.pop() {
        for selection in set {
            match selection {
                Selection::FragmentSpread(spread) => spreads.push(spread),
                Selection::Field(field) if field.selection_set.is_empty() => {}
                Selection::Field(field) => sets.push(&field.selection_set),
                Selection::InlineFragment(inline) => sets.push(&inline.selection_set),
            }
        }
    }
    spreads.into()
}

impl<'a> Walk<'a> {
    pub(super) fn fragments_on_composite_types(&mut self, fragment: Option<&Name>, condition: &Name) {
        if self.types.named(condition).is_none_or(is_composite) {
            return;
        }
        let fragment = fragment.map_or("Fragment".to_owned(), |name| format!("Fragment \"{name}\""));
        let message = format!("{fragment} cannot condition on non composite type \"{condition}\".");
        self.report(message, vec![name_start(condition)]);
    }

    pub(super) fn unique_fragment_names(&mut self, fragment: &'a Node<FragmentDefinition>) {
        let name = &fragment.name;
        if let Some(first) = self.names.fragments.get(name.as_str()) {
            let at = vec![name_start(first), name_start(name)];
            self.report(format!("There can be only one fragment named \"{name}\"."), at);
        } else {
            self.names.fragments.insert(name, name);
        }
    }

    pub(super) fn known_fragment_names(&mut self, spread: &'a Node<FragmentSpread>) {
        let name = &spread.fragment_name;
        if self.fragments.get(name).is_none() {
            self.report(format!("Unknown fragment \"{name}\"."), vec![name_start(name)]);
        }
    }

    pub(super) fn possible_fragment_spreads(
        &mut self,
        spread: &'a Node<FragmentSpread>,
        parent: Option<&'a ExtendedType>,
    ) {
        let name = &spread.fragment_name;
        let condition = self.fragments.get(name).map(|fragment| &fragment.type_condition);
        let ty = condition.and_then(|name| self.types.named(name)).filter(|ty| is_composite(ty));
        self.possible_spread(&format_args!("Fragment \"{name}\""), start(spread), ty, parent);
    }

    pub(super) fn possible_inline_fragments(
        &mut self,
        inline: &'a Node<InlineFragment>,
        ty: Option<&'a ExtendedType>,
        parent: Option<&'a ExtendedType>,
    ) {
        self.possible_spread(&"Fragment", start(inline), ty, parent);
    }

    fn possible_spread(
        &mut self,
        what: &dyn std::fmt::Display,
        at: usize,
        ty: Option<&'a ExtendedType>,
        parent: Option<&'a ExtendedType>,
    ) {
        if let (Some(ty), Some(parent)) = (ty, parent)
            && !self.types.overlap(ty, parent)
        {
            let (of, never) = (parent.name(), ty.name());
            let message =
                format!("{what} cannot be spread here as objects of type \"{of}\" can never be of type \"{never}\".");
            self.report(message, vec![at]);
        }
    }

    /// Follows spreads, each fragment once; what is spread while it is being followed is a cycle.
    pub(super) fn no_fragment_cycles(&mut self, fragment: &'a Node<FragmentDefinition>) {
        /// A fragment that is being followed: its spreads, and how many of them have been.
        type Step<'a> = (&'a str, Spreads<'a>, usize);
        let mut steps: Vec<Step<'a>> = Vec::new();
        let mut path: Vec<&'a Node<FragmentSpread>> = Vec::new();
        let mut places: FxHashMap<&'a str, usize> = FxHashMap::default();
        let name = fragment.name.as_str();
        if !self.fragments.visited.insert(name) {
            return;
        }
        places.insert(name, 0);
        steps.push((name, spreads_of(&fragment.selection_set), 0));
        while let Some((name, spreads, next)) = steps.last_mut() {
            let Some(&spread) = spreads.get(*next) else {
                places.remove(name);
                steps.pop();
                path.pop();
                continue;
            };
            *next += 1;
            path.push(spread);
            let name = spread.fragment_name.as_str();
            if let Some(&place) = places.get(name) {
                if self.ended == super::Ended::No {
                    self.cycle(name, &path[place..]);
                }
                path.pop();
            } else if self.fragments.get(name).is_some() && self.fragments.visited.insert(name) {
                places.insert(name, path.len());
                steps.push((name, self.fragments.spreads(name).unwrap_or_default(), 0));
            } else {
                path.pop();
            }
        }
    }

    fn cycle(&mut self, name: &str, path: &[&'a Node<FragmentSpread>]) {
        let via = path.split_last().map_or(&[][..], |(_, via)| via);
        let via: Vec<String> = via.iter().map(|spread| format!("\"{}\"", spread.fragment_name)).collect();
        let via = if via.is_empty() { String::new() } else { format!(" via {}", via.join(", ")) };
        let message = format!("Cannot spread fragment \"{name}\" within itself{via}.");
        self.report(message, path.iter().map(|spread| start(spread)).collect());
    }

    pub(super) fn no_unused_fragments(&mut self, budget: &mut Budget, out: &mut Report) -> Result<(), Spent> {
        if self.fragments.is_empty() {
            return Ok(());
        }
        let operations = self.document.definitions.iter().filter_map(Definition::as_operation_definition);
        let spreads: Vec<Spreads<'a>> = operations.map(|operation| spreads_of(&operation.selection_set)).collect();
        let names = spreads.iter().flat_map(|spreads| spreads.iter().map(|spread| spread.fragment_name.as_str()));
        let used: FxHashSet<&str> = self.fragments.reached(names, budget)?.into_iter().collect();
        for fragment in self.document.definitions.iter().filter_map(Definition::as_fragment_definition) {
            if !used.contains(fragment.name.as_str()) {
                let message = format!("Fragment \"{}\" is never used.", fragment.name);
                out.push(Wrong { message, offsets: vec![start(fragment)] });
            }
        }
        Ok(())
    }
}

/// The variables of the fragments that operations reach, by the names that they spread themselves.
pub(super) type Referenced<'a> = FxHashMap<Vec<&'a str>, Rc<[usize]>>;

impl<'a> Walk<'a> {
    /// The usages of variables in the fragments that an operation reaches.
    pub(super) fn usages_in_fragments(
        &mut self,
        set: &'a [Selection],
        referenced: &mut Referenced<'a>,
        budget: &mut Budget,
    ) -> Result<Rc<[usize]>, Spent> {
        let spreads = spreads_of(set);
        if spreads.is_empty() {
            return Ok(Rc::default());
        }
        let names = || spreads.iter().map(|spread| spread.fragment_name.as_str());
        let mut key: Vec<&str> = names().collect();
        key.sort_unstable();
        key.dedup();
        let usages = match referenced.entry(key) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(new) => {
                let fragments = self.fragments.reached(names(), budget)?;
                budget.spend(fragments.len())?;
                let mut usages = Vec::new();
                for range in fragments.into_iter().filter_map(|name| self.fragment_usages.get(name)) {
                    budget.spend(range.len())?;
                    usages.extend(range.clone());
                }
                new.insert(usages.into()).clone()
            }
        };
        budget.spend(usages.len())?;
        Ok(usages)
    }
}
