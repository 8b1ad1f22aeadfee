//! OverlappingFieldsCanBeMerged: fields of one response key ask for the same.
//!
//! Pairs of fragments, and of a set and a fragment, are compared once, and the comparisons of a document are limited: the
//! reference implementation counts them so too, and gives up.

use std::fmt::Write;
use std::rc::Rc;

use apollo_compiler::Node;
use apollo_compiler::ast::{Field, FieldDefinition, Selection, Type, Value};
use apollo_compiler::schema::ExtendedType;
use rustc_hash::{FxHashMap, FxHashSet};

use super::super::expand::start;
use super::Walk;
use super::print::is_block;
use super::report::{Budget, Spent};
use super::types::{Types, is_leaf, own_field};

/// How many comparisons there may be.
const BUDGET: usize = 500_000;
/// How deep they may follow fragments that are not part of an operation, whose depth is limited already.
const DEPTH: usize = 400;
/// How much of a conflict is told.
const LETTERS: usize = 1000;
const PLACES: usize = 20;
/// How many conflicts fill both: each has a place and two dozen letters.
const TOLD: usize = LETTERS / 20;

/// What was collected and compared so far.
pub(super) struct Overlap<'a> {
    sets: Vec<Collected<'a>>,
    /// The sets by their parent type and their selections.
    known: FxHashMap<(usize, usize), usize>,
    /// The pairs of fragments that were compared, and whether only for parents that exclude each other.
    fragments: FxHashMap<(&'a str, &'a str), bool>,
    /// The groups that two sets have in common.
    common: FxHashMap<(usize, usize), Common>,
    budget: Budget,
    depth: usize,
}

impl Default for Overlap<'_> {
    fn default() -> Self {
        Overlap {
            sets: Vec::new(),
            known: FxHashMap::default(),
            fragments: FxHashMap::default(),
            common: FxHashMap::default(),
            budget: Budget::new(BUDGET),
            depth: 0,
        }
    }
}

/// The fields of a set with those of its inline fragments, and the fragments that it spreads.
struct Collected<'a> {
    groups: Rc<[Group<'a>]>,
    fragments: Rc<[&'a str]>,
    /// The fragments that it was compared with, and whether only for parents that exclude each other.
    compared: FxHashMap<&'a str, bool>,
}

/// The places of the groups that two sets have in common.
type Common = Rc<[(usize, usize)]>;

/// The fields of a response key.
type Group<'a> = (&'a str, Vec<Detail<'a>>);

#[derive(Clone, Copy)]
struct Detail<'a> {
    parent: Option<&'a ExtendedType>,
    field: &'a Node<Field>,
    definition: Option<&'a FieldDefinition>,
}

struct Conflict<'a> {
    key: &'a str,
    why: String,
    /// Where the fields of either side stand, with those below.
    first: Vec<usize>,
    second: Vec<usize>,
}

impl<'a> Walk<'a> {
    pub(super) fn overlapping_fields_can_be_merged(&mut self, set: &'a [Selection], parent: Option<&'a ExtendedType>) {
        if self.ended != super::Ended::No || cannot_overlap(set) {
            return;
        }
        match self.conflicts_within(set, parent) {
            Err(Spent) => self.abort(),
            Ok(conflicts) => {
                for Conflict { key, why, mut first, second } in conflicts {
                    first.extend(second);
                    let message = format!(
                        "Fields \"{}\" conflict because {why}. Use different aliases on the fields to fetch both if this was \
                         intentional.",
                        shortened(key)
                    );
                    self.report(message, first);
                }
            }
        }
    }

    fn conflicts_within(
        &mut self,
        set: &'a [Selection],
        parent: Option<&'a ExtendedType>,
    ) -> Result<Vec<Conflict<'a>>, Spent> {
        let types = self.types;
        let mut compare = Compare { text: self.text, types, walk: self };
        let mut found = Found::new(compare.walk.limits.errors.saturating_add(1));
        let set = compare.collected(set, parent);
        let (groups, fragments) = (compare.groups(set), compare.fragments(set));
        for (key, fields) in groups.iter() {
            for (at, first) in fields.iter().enumerate() {
                for second in &fields[at + 1..] {
                    compare.fields(false, key, first, second, &mut found)?;
                }
            }
        }
        if !groups.is_empty() || fragments.len() > 1 {
            for (at, first) in fragments.iter().enumerate() {
                compare.set_with_fragment(false, set, first, &mut found)?;
                for second in &fragments[at + 1..] {
                    compare.two_fragments(false, first, second, &mut found)?;
                }
            }
        }
        Ok(found.conflicts)
    }
}

/// Whether each selection is a field with a key of its own, which most sets are.
fn cannot_overlap(set: &[Selection]) -> bool {
    const FEW: usize = 12;
    match set {
        [Selection::InlineFragment(_)] => false,
        [] | [_] => true,
        _ if set.len() > FEW => false,
        _ => set.iter().enumerate().all(|(at, selection)| {
            let Selection::Field(field) = selection else { return false };
            let name = field.response_name();
            set[..at].iter().all(|other| other.as_field().is_some_and(|other| other.response_name() != name))
        }),
    }
}

/// As many conflicts as are told of.
struct Found<'a> {
    conflicts: Vec<Conflict<'a>>,
    most: usize,
}

impl<'a> Found<'a> {
    fn new(most: usize) -> Self {
        Found { conflicts: Vec::new(), most }
    }

    fn push(&mut self, conflict: Conflict<'a>) {
        if self.conflicts.len() < self.most {
            self.conflicts.push(conflict);
        }
    }
}

struct Compare<'w, 'a> {
    text: &'a str,
    types: Types<'a>,
    walk: &'w mut Walk<'a>,
}

impl<'a> Compare<'_, 'a> {
    fn groups(&self, set: usize) -> Rc<[Group<'a>]> {
        self.walk.overlap.sets[set].groups.clone()
    }

    fn fragments(&self, set: usize) -> Rc<[&'a str]> {
        self.walk.overlap.sets[set].fragments.clone()
    }

    fn collected(&mut self, set: &'a [Selection], parent: Option<&'a ExtendedType>) -> usize {
        let key = (parent.map_or(0, |parent| std::ptr::from_ref(parent) as usize), set.as_ptr() as usize);
        let overlap = &mut self.walk.overlap;
        *overlap.known.entry(key).or_insert_with(|| {
            let mut collector = Collector {
                types: self.types,
                groups: Vec::new(),
                places: FxHashMap::default(),
                fragments: Vec::new(),
                spread: FxHashSet::default(),
            };
            collector.collect(set, parent);
            let Collector { groups, fragments, .. } = collector;
            overlap.sets.push(Collected {
                groups: groups.into(),
                fragments: fragments.into(),
                compared: FxHashMap::default(),
            });
            overlap.sets.len() - 1
        })
    }

    fn collected_fragment(&mut self, name: &str) -> Option<usize> {
        let fragment = self.walk.fragments.get(name)?;
        let parent = self.types.named(&fragment.type_condition);
        Some(self.collected(&fragment.selection_set, parent))
    }

    fn deeper(&mut self, compare: impl FnOnce(&mut Self) -> Result<(), Spent>) -> Result<(), Spent> {
        if self.walk.overlap.depth == DEPTH {
            return Err(Spent);
        }
        self.walk.overlap.depth += 1;
        let result = compare(self);
        self.walk.overlap.depth -= 1;
        result
    }

    fn set_with_fragment(
        &mut self,
        exclusive: bool,
        set: usize,
        name: &'a str,
        found: &mut Found<'a>,
    ) -> Result<(), Spent> {
        self.walk.overlap.budget.spend(1)?;
        let collected = &mut self.walk.overlap.sets[set];
        if collected.groups.is_empty() || was_compared(collected.compared.get(name), exclusive) {
            return Ok(());
        }
        collected.compared.insert(name, exclusive);
        let Some(other) = self.collected_fragment(name) else { return Ok(()) };
        if other == set {
            return Ok(());
        }
        self.two_sets(exclusive, set, other, found)?;
        let fragments = self.fragments(other);
        self.deeper(|this| fragments.iter().try_for_each(|name| this.set_with_fragment(exclusive, set, name, found)))
    }

    fn two_fragments(
        &mut self,
        exclusive: bool,
        first: &'a str,
        second: &'a str,
        found: &mut Found<'a>,
    ) -> Result<(), Spent> {
        let overlap = &mut self.walk.overlap;
        overlap.budget.spend(2)?;
        let known = |pair| was_compared(overlap.fragments.get(&pair), exclusive);
        if first == second || known((first, second)) || known((second, first)) {
            return Ok(());
        }
        overlap.fragments.insert((first, second), exclusive);
        let (Some(a), Some(b)) = (self.collected_fragment(first), self.collected_fragment(second)) else {
            return Ok(());
        };
        self.two_sets(exclusive, a, b, found)?;
        let (of_first, of_second) = (self.fragments(a), self.fragments(b));
        self.deeper(|this| {
            of_second.iter().try_for_each(|name| this.two_fragments(exclusive, first, name, found))?;
            of_first.iter().try_for_each(|name| this.two_fragments(exclusive, name, second, found))
        })
    }

    /// The fields of two sets, without those of the fragments that they spread.
    fn two_sets(&mut self, exclusive: bool, a: usize, b: usize, found: &mut Found<'a>) -> Result<(), Spent> {
        let (first, second) = (self.groups(a), self.groups(b));
        if first.is_empty() || second.is_empty() {
            return Ok(());
        }
        let known = self.walk.overlap.common.get(&(a, b)).cloned();
        let common = match known {
            Some(common) => common,
            None => {
                self.walk.overlap.budget.spend(first.len())?;
                let common: Common = common(&first, &second).into();
                self.walk.overlap.common.insert((a, b), common.clone());
                common
            }
        };
        for &(a, b) in common.iter() {
            let key = first[a].0;
            for one in &first[a].1 {
                for other in &second[b].1 {
                    self.fields(exclusive, key, one, other, found)?;
                }
            }
        }
        Ok(())
    }

    /// What two fields of one key select.
    fn two_selections(
        &mut self,
        exclusive: bool,
        (first, a): (&'a [Selection], Option<&'a ExtendedType>),
        (second, b): (&'a [Selection], Option<&'a ExtendedType>),
        found: &mut Found<'a>,
    ) -> Result<(), Spent> {
        let (a, b) = (self.collected(first, a), self.collected(second, b));
        self.two_sets(exclusive, a, b, found)?;
        let (of_a, of_b) = (self.fragments(a), self.fragments(b));
        of_b.iter().try_for_each(|name| self.set_with_fragment(exclusive, a, name, found))?;
        of_a.iter().try_for_each(|name| self.set_with_fragment(exclusive, b, name, found))?;
        for first in of_a.iter() {
            for second in of_b.iter() {
                self.two_fragments(exclusive, first, second, found)?;
            }
        }
        Ok(())
    }

    fn fields(
        &mut self,
        exclusive: bool,
        key: &'a str,
        first: &Detail<'a>,
        second: &Detail<'a>,
        found: &mut Found<'a>,
    ) -> Result<(), Spent> {
        self.walk.overlap.budget.spend(2)?;
        let exclusive = exclusive || first.excludes(second);
        if !exclusive && let Some(why) = self.differ(first.field, second.field)? {
            found.push(Conflict { key, why, first: vec![start(first.field)], second: vec![start(second.field)] });
            return Ok(());
        }
        if let (Some(a), Some(b)) = (first.definition, second.definition)
            && self.types_conflict(&a.ty, &b.ty)?
        {
            let why = format!("they return conflicting types \"{}\" and \"{}\"", a.ty, b.ty);
            found.push(Conflict { key, why, first: vec![start(first.field)], second: vec![start(second.field)] });
            return Ok(());
        }
        let below = |detail: &Detail<'a>| {
            let ty = detail.definition.and_then(|definition| self.types.of(definition));
            (detail.field.selection_set.as_slice(), ty)
        };
        let (a, b) = (below(first), below(second));
        if a.0.is_empty() || b.0.is_empty() {
            return Ok(());
        }
        let mut inner = Found::new(TOLD);
        self.deeper(|this| this.two_selections(exclusive, a, b, &mut inner))?;
        if !inner.conflicts.is_empty() {
            found.push(merged(key, first, second, &inner.conflicts));
        }
        Ok(())
    }

    /// Why two fields that stand for one object are not the same.
    fn differ(&mut self, first: &Field, second: &Field) -> Result<Option<String>, Spent> {
        if first.name != second.name {
            let (first, second) = (shortened(&first.name), shortened(&second.name));
            return Ok(Some(format!("\"{first}\" and \"{second}\" are different fields")));
        }
        let differing = || Ok(Some("they have differing arguments".to_owned()));
        if first.arguments.len() != second.arguments.len() {
            return differing();
        }
        for argument in &first.arguments {
            self.walk.overlap.budget.spend(1)?;
            // Of equal names the last one counts.
            let other = second.arguments.iter().rev().find(|other| other.name == argument.name);
            if !other.is_some_and(|other| same_value(&argument.value, &other.value, self.text)) {
                return differing();
            }
        }
        Ok(None)
    }

    /// Whether no value can be of both types, whatever composite types are in them.
    fn types_conflict(&mut self, a: &Type, b: &Type) -> Result<bool, Spent> {
        if std::ptr::eq(a, b) {
            return Ok(false);
        }
        match (a, b) {
            (Type::NonNullList(a), Type::NonNullList(b)) | (Type::List(a), Type::List(b)) => {
                self.walk.overlap.budget.spend(1)?;
                self.types_conflict(a, b)
            }
            (Type::NonNullNamed(a), Type::NonNullNamed(b)) | (Type::Named(a), Type::Named(b)) => {
                let leaf = |name| self.types.named(name).is_some_and(is_leaf);
                Ok(a != b && (leaf(a) || leaf(b)))
            }
            _ => Ok(true),
        }
    }
}

fn was_compared(known: Option<&bool>, exclusive: bool) -> bool {
    known.is_some_and(|known| !known || exclusive)
}

/// The places of the keys that both have.
fn common(first: &[Group<'_>], second: &[Group<'_>]) -> Vec<(usize, usize)> {
    let places: FxHashMap<&str, usize> = second.iter().enumerate().map(|(at, (key, _))| (*key, at)).collect();
    first.iter().enumerate().filter_map(|(at, (key, _))| Some((at, *places.get(key)?))).collect()
}

impl Detail<'_> {
    /// Whether no object can have both, as their parents are different objects.
    fn excludes(&self, other: &Self) -> bool {
        match (self.parent, other.parent) {
            (Some(a @ ExtendedType::Object(_)), Some(b @ ExtendedType::Object(_))) => !std::ptr::eq(a, b),
            _ => false,
        }
    }
}

/// The conflicts of what two fields select as one of the fields.
fn merged<'a>(key: &'a str, first: &Detail<'a>, second: &Detail<'a>, below: &[Conflict<'a>]) -> Conflict<'a> {
    let mut why = String::new();
    for conflict in below {
        let and = if why.is_empty() { "" } else { " and " };
        let _ = write!(why, "{and}subfields \"{}\" conflict because {}", shortened(conflict.key), conflict.why);
        if why.len() > LETTERS {
            break;
        }
    }
    let places = |field: &Node<Field>, side: for<'c> fn(&'c Conflict<'a>) -> &'c [usize]| {
        let mut places = vec![start(field)];
        for conflict in below {
            let (of, rest) = (side(conflict), PLACES - places.len());
            places.extend(&of[of.len().saturating_sub(rest)..]);
            if places.len() == PLACES {
                break;
            }
        }
        places
    };
    Conflict {
        key,
        why: shortened(&why),
        first: places(first.field, |conflict| &conflict.first),
        second: places(second.field, |conflict| &conflict.second),
    }
}

/// Conflicts name only names, so each letter is a byte.
fn shortened(text: &str) -> String {
    match text.get(..LETTERS) {
        Some(start) if text.len() > LETTERS => format!("{start}..."),
        _ => text.to_owned(),
    }
}

/// Whether two values are written the same, but for the order of fields.
fn same_value(a: &Node<Value>, b: &Node<Value>, text: &str) -> bool {
    match (&**a, &**b) {
        (Value::List(first), Value::List(second)) => {
            first.len() == second.len() && first.iter().zip(second).all(|(a, b)| same_value(a, b, text))
        }
        (Value::Object(first), Value::Object(second)) => {
            let sorted = |entries: &'_ [(apollo_compiler::Name, Node<Value>)]| {
                let mut order: Vec<usize> = (0..entries.len()).collect();
                order.sort_by(|a, b| entries[*a].0.cmp(&entries[*b].0));
                order
            };
            first.len() == second.len()
                && sorted(first)
                    .into_iter()
                    .zip(sorted(second))
                    .all(|(a, b)| first[a].0 == second[b].0 && same_value(&first[a].1, &second[b].1, text))
        }
        (Value::String(first), Value::String(second)) => first == second && is_block(a, text) == is_block(b, text),
        (Value::Int(first), Value::Int(second)) => first.as_str() == second.as_str(),
        (Value::Float(first), Value::Float(second)) => first.as_str() == second.as_str(),
        (first, second) => first == second,
    }
}

struct Collector<'a> {
    types: Types<'a>,
    groups: Vec<Group<'a>>,
    places: FxHashMap<&'a str, usize>,
    fragments: Vec<&'a str>,
    spread: FxHashSet<&'a str>,
}

impl<'a> Collector<'a> {
    fn collect(&mut self, set: &'a [Selection], parent: Option<&'a ExtendedType>) {
        for selection in set {
            match selection {
                Selection::Field(field) => {
                    let definition = parent.and_then(|parent| own_field(parent, &field.name));
                    let key = field.response_name().as_str();
                    let groups = &mut self.groups;
                    let at = *self.places.entry(key).or_insert_with(|| {
                        groups.push((key, Vec::new()));
                        groups.len() - 1
                    });
                    groups[at].1.push(Detail { parent, field, definition });
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.fragment_name.as_str();
                    if self.spread.insert(name) {
                        self.fragments.push(name);
                    }
                }
                Selection::InlineFragment(inline) => {
                    let condition = inline.type_condition.as_ref();
                    let parent = condition.map_or(parent, |condition| self.types.named(condition));
                    self.collect(&inline.selection_set, parent);
                }
            }
        }
    }
}
