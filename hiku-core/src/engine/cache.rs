//! Documents and their plans by the text of the query, bounded by bytes. Refused documents are not kept.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::{Equivalent, Weighter, sync};
use serde_json::Value as Json;

use crate::graph::Graph;
use crate::plan::{Plan, build};
use crate::query::{RequestError, Variable};
use crate::read::Limits;
use crate::read::graphql::{Document, Schema};

/// Plans per document: one for each choice of the conditions that depend on variables. Beyond, plans are not kept.
const MOST_PLANS: usize = 32;

pub(super) struct Cache(sync::Cache<Key, Arc<Planned>, Weight>);

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

#[derive(Clone)]
struct Weight;

impl Weighter<Key, Arc<Planned>> for Weight {
    fn weight(&self, key: &Key, planned: &Arc<Planned>) -> u64 {
        // A parsed document is some twenty times its text; the first plan is known, the others are alike.
        (512 + key.query.len() * 24 + planned.first_plan) as u64
    }
}

/// Plans by the values of the conditions.
type Plans = Vec<(Box<[bool]>, Arc<Plan>)>;

/// A document with the plans made of it so far.
pub(super) struct Planned {
    document: Document,
    variables: Arc<[Variable]>,
    first_plan: usize,
    plans: Mutex<Plans>,
}

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
            return Ok(known);
        }
        let document = Document::read(schema, graph, query, operation, limits)?;
        let mut planned =
            Planned { variables: document.variables().into(), document, first_plan: 0, plans: Mutex::new(Vec::new()) };
        if planned.document.conditions().is_empty() {
            let plan = planned.make(schema, graph, &[])?;
            planned.first_plan = plan.size();
            planned.plans.get_mut().unwrap_or_else(PoisonError::into_inner).push((Box::new([]), plan));
        }
        let planned = Arc::new(planned);
        self.0.insert(Key { query: query.into(), operation: operation.map(Into::into) }, planned.clone());
        Ok(planned)
    }
}

impl Planned {
    pub(super) fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The plan for these values of the variables.
    pub(super) fn plan(
        &self,
        schema: &Schema,
        graph: &Graph,
        variables: &[Option<Json>],
    ) -> Result<Arc<Plan>, Vec<RequestError>> {
        let chosen: Box<[bool]> = self.document.condition_values(variables)?.into();
        let lock = || self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, plan)) = lock().iter().find(|(known, _)| *known == chosen) {
            return Ok(plan.clone());
        }
        let plan = self.make(schema, graph, &chosen)?;
        let mut plans = lock();
        if plans.len() < MOST_PLANS {
            plans.push((chosen, plan.clone()));
        }
        Ok(plan)
    }

    fn make(&self, schema: &Schema, graph: &Graph, conditions: &[bool]) -> Result<Arc<Plan>, Vec<RequestError>> {
        let operation = self.document.operation(schema, graph, conditions)?;
        Ok(Arc::new(build(graph, &operation, self.variables.clone())))
    }
}
