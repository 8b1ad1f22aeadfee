//! A request: the query and what comes with it.

use std::any::Any;

use crate::context::DataMap;

/// A query, with its variables, the name of its operation, and data for the loaders.
#[derive(Clone, Default)]
pub struct Request {
    pub(super) query: String,
    pub(super) operation_name: Option<String>,
    pub(super) variables: serde_json::Map<String, serde_json::Value>,
    pub(super) data: DataMap,
    pub(super) snapshot: bool,
}

impl Request {
    /// A request of this query.
    pub fn new(query: impl Into<String>) -> Self {
        Request { query: query.into(), ..Request::default() }
    }

    /// The values of its variables; anything but an object is no variables.
    #[must_use]
    pub fn variables(mut self, variables: serde_json::Value) -> Self {
        self.variables = match variables {
            serde_json::Value::Object(variables) => variables,
            _ => serde_json::Map::new(),
        };
        self
    }

    /// Which operation of the query to run.
    #[must_use]
    pub fn operation_name(mut self, name: impl Into<String>) -> Self {
        self.operation_name = Some(name.into());
        self
    }

    /// Answer a query from one snapshot of each database that it asks: all statements see the same rows, whatever others store
    /// meanwhile. They run in one transaction, which refuses to write; functions that take a `Data<Db>` use it too, if they ask
    /// by `db.execute` and `db.conn()`. So they take turns on one connection, and on PostgreSQL, when one fails, those after it
    /// fail too. Mutations are not changed by it; a query inside a transaction of yours sees what that sees.
    #[must_use]
    pub fn snapshot(mut self) -> Self {
        self.snapshot = true;
        self
    }

    /// Data of this request, before that of the engine: the viewer, a tenant's database.
    #[must_use]
    pub fn data<T: Any + Send + Sync>(mut self, value: T) -> Self {
        self.data.insert(value);
        self
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("query", &self.query)
            .field("operation_name", &self.operation_name)
            .finish_non_exhaustive()
    }
}

impl From<&str> for Request {
    fn from(query: &str) -> Self {
        Request::new(query)
    }
}

impl From<String> for Request {
    fn from(query: String) -> Self {
        Request::new(query)
    }
}

/// As clients send it over HTTP: `{"query": …, "operationName": …, "variables": …}`; other keys are ignored.
impl<'de> serde::Deserialize<'de> for Request {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut body = <serde_json::Map<String, serde_json::Value>>::deserialize(deserializer)?;
        let mut take = |key: &str| body.remove(key).filter(|value| !value.is_null());
        let text = |value: Option<serde_json::Value>, key: &str| match value {
            None => Ok(None),
            Some(serde_json::Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(serde::de::Error::custom(format!("`{key}` must be a string"))),
        };
        let query = text(take("query"), "query")?.ok_or_else(|| serde::de::Error::missing_field("query"))?;
        let operation_name = text(take("operationName"), "operationName")?;
        let variables = match take("variables") {
            None => serde_json::Map::new(),
            Some(serde_json::Value::Object(variables)) => variables,
            Some(_) => return Err(serde::de::Error::custom("`variables` must be an object")),
        };
        Ok(Request { query, operation_name, variables, ..Request::default() })
    }
}
