//! Documents and their plans by the text of the query, bounded by bytes. Refused documents are not kept.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quick_cache::{Equivalent, Weighter, sync};
use serde_json::Value as Json;

use crate::graph::Graph;
use crate::plan::{Plan, build};
use crate::query::{RequestError, Variable};
use crate::read::Limits;
use crate::read::graphql::{Document, Schema};

/// Plans per document: one for each choice of the conditions that depend on variables. Beyond, plans are not kept.
const MOST_PLANS: usize = 32;

pub(super) struct Cache(sync::Cache<Key, Kept, Weight>);

#[derive(Clone, PartialEq, Eq)]
struct Key {
    query: Box<str>,
    operation: Option<Box<str>>,
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        KeyRef { query: &self.query, operation: self.operation.as_deref() }.hash(state);
    }
}

#[derive(Hash)]
struct KeyRef<'a> {
    query: &'a str,
    operation: Option<&'a str>,
}

impl Equivalent<Key> for KeyRef<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        *self.query == *key.query && self.operation == key.operation.as_deref()
    }
}

/// A document with what it weighs; a cached weight must not change, so a document that has more plans is put anew.
#[derive(Clone)]
struct Kept {
    planned: Arc<Planned>,
    weight: u64,
}

#[derive(Clone)]
struct Weight;

impl Weighter<Key, Kept> for Weight {
    fn weight(&self, _: &Key, kept: &Kept) -> u64 {
        kept.weight
    }
}

/// A document with the plans made of it so far.
pub(super) struct Planned {
    document: Document,
    plans: Mutex<Plans>,
}

/// By the values of the conditions.
type Plans = Vec<(Box<[Option<bool>]>, Arc<Plan>)>;

impl Cache {
    pub(super) fn new(bytes: usize) -> Self {
        // Some kilobytes each; a wrong guess costs a little memory, no correctness.
        Cache(sync::Cache::with_weighter(bytes / 4096 + 1, bytes as u64, Weight))
    }

    /// The document of this text, read if it is not known yet.
    pub(super) fn document(
        &self,
        schema: &Schema,
        graph: &Graph,
        query: &str,
        operation: Option<&str>,
        limits: &Limits,
    ) -> Result<Arc<Planned>, Vec<RequestError>> {
        if let Some(known) = self.0.get(&KeyRef { query, operation }) {
            return Ok(known.planned);
        }
        let document = Document::read(schema, graph, query, operation, limits)?;
        let planned = Planned { document, plans: Mutex::new(Vec::new()) };
        let mut plans = 0;
        if planned.document.conditions().is_empty() {
            let plan = planned.make(schema, graph, &[])?;
            plans = plan.size();
            planned.plans().push((Box::new([]), plan));
        }
        let planned = Arc::new(planned);
        self.keep(query, operation, &planned, plans);
        Ok(planned)
    }

    /// The plan of a document for these values of its variables.
    pub(super) fn plan(
        &self,
        planned: &Arc<Planned>,
        schema: &Schema,
        graph: &Graph,
        query: &str,
        operation: Option<&str>,
        variables: &[Option<Json>],
    ) -> Result<Arc<Plan>, Vec<RequestError>> {
        let chosen: Box<[Option<bool>]> = planned.document.condition_values(variables).into();
        if let Some((_, plan)) = planned.plans().iter().find(|(known, _)| *known == chosen) {
            return Ok(plan.clone());
        }
        let plan = planned.make(schema, graph, &chosen)?;
        let mut plans = planned.plans();
        if plans.len() < MOST_PLANS && plans.iter().all(|(known, _)| *known != chosen) {
            plans.push((chosen, plan.clone()));
            let size = plans.iter().map(|(_, plan)| plan.size()).sum();
            // Under the lock, so that the last weight is the greatest.
            self.keep(query, operation, planned, size);
        }
        Ok(plan)
    }

    /// Keep a document whose plans take so many bytes.
    fn keep(&self, query: &str, operation: Option<&str>, planned: &Arc<Planned>, plans: usize) {
        // A parsed document is some twenty times its text.
        let weight = (512 + query.len() * 24 + plans) as u64;
        let key = Key { query: query.into(), operation: operation.map(Into::into) };
        self.0.insert(key, Kept { planned: planned.clone(), weight });
    }
}

impl Planned {
    pub(super) fn variables(&self) -> &[Variable] {
        self.document.variables()
    }

    fn plans(&self) -> MutexGuard<'_, Plans> {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make(
        &self,
        schema: &Schema,
        graph: &Graph,
        conditions: &[Option<bool>],
    ) -> Result<Arc<Plan>, Vec<RequestError>> {
        let operation = self.document.operation(schema, graph, conditions)?;
        Ok(Arc::new(build(graph, &operation)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::graph::{Answer, FieldBuilder, LoaderRun, NodeBuilder, Rows};
    use crate::index::{Column, Value};

    const BYTES: usize = 1 << 20;

    fn parts() -> (Schema, Graph, Cache) {
        let run = LoaderRun::Pure(Arc::new(|_| {
            let mut values = Column::new(i64::TYPE);
            1_i64.write_to(&mut values);
            Ok(Answer::Column(Rows { values, ends: None, errors: Vec::new(), shared: true }))
        }));
        let query = NodeBuilder::new("Query").field(FieldBuilder::computed("number", i64::TYPE, &[], run));
        let graph = Graph::build(query, []).unwrap();
        (Schema::new(&graph).unwrap(), graph, Cache::new(BYTES))
    }

    /// The bytes of the plans that are kept, as they say themselves.
    fn kept(cache: &Cache) -> usize {
        cache.0.iter().map(|(_, entry)| entry.planned.plans().iter().map(|(_, plan)| plan.size()).sum::<usize>()).sum()
    }

    #[test]
    fn thousands_of_queries_stay_within_the_bound() {
        let (schema, graph, cache) = parts();
        for at in 0..2_000 {
            let query = format!("{{ a{at}: number b: number }}");
            let planned = cache.document(&schema, &graph, &query, None, &Limits::default()).unwrap();
            cache.plan(&planned, &schema, &graph, &query, None, &[]).unwrap();
        }
        assert!(cache.0.weight() <= BYTES as u64);
        assert!(kept(&cache) <= BYTES);
        assert!((50..2_000).contains(&cache.0.len()), "{}", cache.0.len());
    }

    #[test]
    fn the_plans_of_conditions_count() {
        let (schema, graph, cache) = parts();
        // Little text, many selections, and 32 plans of them.
        let fields: String = (0..50).map(|at| format!("a{at}: number ")).collect();
        for document in 0..100 {
            let query = format!(
                "query($a: Boolean!, $b: Boolean!, $c: Boolean!, $d: Boolean!, $e: Boolean!) {{ x{document}: number
                   a: number @include(if: $a) b: number @include(if: $b) c: number @include(if: $c)
                   d: number @include(if: $d) e: number @include(if: $e) {fields} }}"
            );
            for choice in 0..32 {
                let planned = cache.document(&schema, &graph, &query, None, &Limits::default()).unwrap();
                let variables: Vec<_> = (0..5).map(|bit| Some(json!(choice >> bit & 1 == 1))).collect();
                cache.plan(&planned, &schema, &graph, &query, None, &variables).unwrap();
            }
        }
        assert!(cache.0.weight() <= BYTES as u64);
        assert!(kept(&cache) <= BYTES, "{} bytes of plans", kept(&cache));
    }

    #[test]
    fn refused_documents_leave_nothing() {
        let (schema, graph, cache) = parts();
        for at in 0..20_000 {
            let query = format!("{{ a{at}: number nothing{at} }}");
            assert!(cache.document(&schema, &graph, &query, None, &Limits::default()).is_err());
        }
        assert_eq!((cache.0.len(), cache.0.weight()), (0, 0));
    }
}
