//! How large a document is with its fragments put in place, without putting them there.
//!
//! Fragments multiply: twenty of them that spread the next one twice select a million fields. This counts first, so that
//! neither validation nor merging meets more than the limits allow.

use apollo_compiler::ast::{Definition, Document, Selection};
use apollo_compiler::{Name, Node};
use rustc_hash::FxHashMap;

use super::super::Limits;
use super::scan::{Excess, MAX_DEPTH};

/// Counts selections and nesting of all operations.
///
/// A fragment counts at every place that spreads it, also where merging would drop the second one. One that spreads itself
/// counts nothing there: validation refuses it.
pub(super) fn expand(document: &Document, limits: &Limits) -> Result<(), Excess> {
    let mut fragments = FxHashMap::default();
    for definition in &document.definitions {
        if let Definition::FragmentDefinition(fragment) = definition {
            fragments.entry(fragment.name.clone()).or_insert(fragment.selection_set.as_slice());
        }
    }
    let mut counter = Counter { fragments, known: FxHashMap::default(), limits };
    let mut all = 0usize;
    for definition in &document.definitions {
        if let Definition::OperationDefinition(operation) = definition {
            let size = counter.count(&operation.selection_set, 1)?;
            all = all.saturating_add(size.selections);
            if all > limits.selections {
                let message = format!("The query selects more than {} fields.", limits.selections);
                return Err(Excess { message, offset: start(operation) });
            }
        }
    }
    Ok(())
}

pub(super) fn start<T>(node: &Node<T>) -> usize {
    node.location().map_or(0, |at| at.offset())
}

#[derive(Clone, Copy, Default)]
struct Size {
    selections: usize,
    depth: usize,
}

struct Counter<'a> {
    fragments: FxHashMap<Name, &'a [Selection]>,
    known: FxHashMap<&'a Name, Option<Size>>,
    limits: &'a Limits,
}

impl<'a> Counter<'a> {
    /// The size of a selection set at this depth. The recursion is as deep as `depth`, which is bounded.
    fn count(&mut self, selections: &'a [Selection], depth: usize) -> Result<Size, Excess> {
        let mut size = Size { selections: selections.len(), depth: 1 };
        let limit = self.limits.depth.min(MAX_DEPTH);
        for selection in selections {
            let (inner, at) = match selection {
                Selection::Field(field) if field.selection_set.is_empty() => continue,
                Selection::Field(field) => (field.selection_set.as_slice(), start(field)),
                Selection::InlineFragment(inline) => (inline.selection_set.as_slice(), start(inline)),
                Selection::FragmentSpread(spread) => match self.known.get(&spread.fragment_name) {
                    Some(known) => {
                        let known = known.unwrap_or_default();
                        size.selections = size.selections.saturating_add(known.selections);
                        size.depth = size.depth.max(known.depth + 1);
                        if depth + known.depth > limit {
                            return Err(too_deep(limit, start(spread)));
                        }
                        continue;
                    }
                    None => match self.fragments.get_key_value(&spread.fragment_name) {
                        None => continue,
                        Some((_, &inner)) => {
                            self.known.insert(&spread.fragment_name, None);
                            if depth >= limit {
                                return Err(too_deep(limit, start(spread)));
                            }
                            let inner = self.count(inner, depth + 1)?;
                            self.known.insert(&spread.fragment_name, Some(inner));
                            size.selections = size.selections.saturating_add(inner.selections);
                            size.depth = size.depth.max(inner.depth + 1);
                            continue;
                        }
                    },
                },
            };
            if depth >= limit {
                return Err(too_deep(limit, at));
            }
            let inner = self.count(inner, depth + 1)?;
            size.selections = size.selections.saturating_add(inner.selections);
            size.depth = size.depth.max(inner.depth + 1);
        }
        Ok(size)
    }
}

fn too_deep(limit: usize, offset: usize) -> Excess {
    Excess { message: format!("The query nests more than {limit} levels deep."), offset }
}
