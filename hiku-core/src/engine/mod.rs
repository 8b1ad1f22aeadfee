//! The engine: a checked graph with its data, answering requests.

mod cache;
mod request;
mod response;
mod transaction;

use std::any::{Any, TypeId};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::future::FutureExt;
use rustc_hash::FxHashSet;
use serde_json::Value as Json;

use self::cache::Cache;
pub use self::request::Request;
pub use self::response::Response;
use crate::context::{Context, DataDef, DataMap};
use crate::error::{Error, Result, guarded, panicked};
use crate::graph::{DbDef, FieldSource, Graph, GraphError, Loader, Member, Source, Via};
use crate::index::Index;
use crate::plan::Plan;
use crate::query::{Introspected, RequestError, coerce};
use crate::read::Limits;
use crate::read::graphql::Schema;
use crate::run::{Blocking, Executor, Load, Run, Runtime, Sessions, refusal as unfit, run_async, run_blocking};
use crate::sql::Dialect;
use crate::threads::Threads;
use crate::write::{Bounds, Data, Written, refusal, response};

/// Answers requests over a graph. Cheap to clone; shared by all tasks.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    graph: Graph,
    schema: Schema,
    data: Arc<DataMap>,
    /// What every request has to bring.
    declared: Vec<DataDef>,
    /// Those that the graph names.
    databases: Vec<DbDef>,
    limits: Limits,
    bounds: Bounds,
    cache: Cache,
    blocking: OnBlocking,
    threads: Option<Threads>,
    /// Waits for what is asynchronous where there is no task.
    runtime: Option<Runtime>,
}

/// What [`Engine::execute`] does with loaders that block: `#[field(blocking)]`, `#[link(blocking)]`, `#[load(blocking)]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnBlocking {
    /// They run in the engine's [`Threads`], else where the runtime lets tasks block. This is the default.
    #[default]
    Offload,
    /// They run in the caller's task, and hold up whatever else its thread has to do.
    Inline,
    /// A query that needs one is refused before anything ran.
    Deny,
}

/// A request that can run.
struct Prepared {
    plan: Arc<Plan>,
    context: Context,
    variables: Vec<Option<Json>>,
    /// The answers to its introspection.
    introspected: Introspected,
    /// It reads all from one snapshot.
    snapshot: bool,
}

/// Makes an [`Engine`].
pub struct EngineBuilder {
    graph: Graph,
    data: DataMap,
    declared: Vec<DataDef>,
    limits: Limits,
    response_bytes: usize,
    cache_bytes: usize,
    blocking: OnBlocking,
    threads: Option<Threads>,
    runtime: Option<Runtime>,
}

/// Why an engine was not built: everything that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineError {
    /// One line each.
    pub problems: Vec<String>,
}

impl std::fmt::Display for EngineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the engine is not complete:")?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n- {problem}"))
    }
}

impl std::error::Error for EngineError {}

impl From<GraphError> for EngineError {
    fn from(error: GraphError) -> Self {
        EngineError { problems: error.problems }
    }
}

impl EngineBuilder {
    /// Data of the process, lent to every loader that asks for its type: pools, clients.
    #[must_use]
    pub fn data<T: Any + Send + Sync>(mut self, value: T) -> Self {
        self.data.insert(value);
        self
    }

    /// Every request brings a `T` ([`Request::data`]); one that does not is refused before anything is loaded.
    #[must_use]
    pub fn request_data<T: Any + Send + Sync>(mut self) -> Self {
        self.declared.push(DataDef::of::<T>());
        self
    }

    /// The bounds of queries: tokens, nesting, selections; whether introspection is answered.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How many bytes of data a response can have; 64 MiB unless said. Cyclic links write exponentially from small tables.
    #[must_use]
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.response_bytes = bytes;
        self
    }

    /// How many bytes the cache of plans takes, roughly; 16 MiB unless said.
    #[must_use]
    pub fn plan_cache_bytes(mut self, bytes: usize) -> Self {
        self.cache_bytes = bytes;
        self
    }

    /// Loaders run in this pool: all of [`Engine::execute_blocking`], and those of [`Engine::execute`] that block. Several
    /// engines can share one.
    #[must_use]
    pub fn threads(mut self, threads: Threads) -> Self {
        self.threads = Some(threads);
        self
    }

    /// What [`Engine::execute`] does with loaders that block.
    #[must_use]
    pub fn on_blocking(mut self, what: OnBlocking) -> Self {
        self.blocking = what;
        self
    }

    /// [`Engine::execute_blocking`] waits for asynchronous loaders and for databases that need a runtime, with the timers and
    /// sockets of this one: each blocks its thread until it is done. A runtime of the flavour `current_thread` must be driven
    /// by somebody else meanwhile.
    #[cfg(any(feature = "sql", feature = "bridge"))]
    #[must_use]
    pub fn bridge(mut self, runtime: tokio::runtime::Handle) -> Self {
        self.runtime = Some(runtime);
        self
    }

    /// The engine.
    ///
    /// # Errors
    /// If the graph needs data that was neither given nor declared, or has names that the schema language refuses: all of
    /// it, at once.
    pub fn build(self) -> Result<Engine, EngineError> {
        let schema = Schema::new(&self.graph)?;
        let known = |id: TypeId| self.data.contains(id) || self.declared.iter().any(|declared| (declared.id)() == id);
        let mut problems: Vec<String> = Vec::new();
        for (who, need) in needs(&self.graph) {
            if !known((need.id)()) {
                let name = (need.name)();
                let problem = format!(
                    "{who} needs `{name}`; give it with `.data(..)`, or declare it with `.request_data::<{name}>()`"
                );
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
        }
        if !problems.is_empty() {
            return Err(EngineError { problems });
        }
        Ok(Engine(Arc::new(Inner {
            databases: databases(&self.graph),
            graph: self.graph,
            schema,
            data: Arc::new(self.data),
            declared: self.declared,
            limits: self.limits,
            bounds: Bounds { bytes: self.response_bytes },
            cache: Cache::new(self.cache_bytes),
            blocking: self.blocking,
            threads: self.threads,
            runtime: self.runtime,
        })))
    }
}

/// Who needs which data.
fn needs(graph: &Graph) -> Vec<(String, DataDef)> {
    let mut needs = Vec::new();
    let mut loader = |loader: &Loader| {
        needs.extend(loader.data.iter().map(|&data| (format!("`{}`", loader.name), data)));
    };
    for (_, node) in graph.nodes() {
        for member in &node.members {
            match member {
                Member::Field(field) => {
                    if let FieldSource::Loader(function) = &field.value {
                        loader(function);
                    }
                }
                Member::Link(link) => {
                    if let Via::Loader(function) = &link.via {
                        loader(function);
                    }
                }
            }
        }
        if let Source::Load(function) = &node.source {
            loader(function);
        }
    }
    for (_, node) in graph.nodes() {
        for member in &node.members {
            if let Some(db) = member.transaction() {
                needs.push((format!("the transaction of `{}.{}`", node.name, member.names().rust), db.data));
            }
        }
        let who = format!("the node `{}`", node.name);
        match &node.source {
            Source::Table(table) => {
                needs.push((who.clone(), table.db.data));
                needs.extend(table.scope.map(|scope| (who, scope.data)));
            }
            Source::Memory(memory) => needs.push((who, memory.data)),
            Source::Load(_) | Source::OneOf(_) | Source::None => {}
        }
    }
    needs
}

/// The databases that definitions name, each once; `Db` among them.
fn databases(graph: &Graph) -> Vec<DbDef> {
    let mut all = vec![DbDef::of::<crate::sql::Db>()];
    for (_, node) in graph.nodes() {
        let table = if let Source::Table(table) = &node.source { Some(table.db) } else { None };
        for db in node.members.iter().filter_map(Member::transaction).chain(table) {
            if all.iter().all(|known| (known.data.id)() != (db.data.id)()) {
                all.push(db);
            }
        }
    }
    all
}

impl Engine {
    /// An engine over this graph; give it its data next.
    pub fn builder(graph: Graph) -> EngineBuilder {
        EngineBuilder {
            graph,
            data: DataMap::default(),
            declared: Vec::new(),
            limits: Limits::default(),
            response_bytes: 64 << 20,
            cache_bytes: 16 << 20,
            blocking: OnBlocking::default(),
            threads: None,
            runtime: None,
        }
    }

    /// The graph.
    pub fn graph(&self) -> &Graph {
        &self.0.graph
    }

    /// The schema, in GraphQL's language.
    pub fn sdl(&self) -> String {
        crate::sdl::sdl(&self.0.graph)
    }

    /// Answer a request: a query, or a [`Request`] with variables and data.
    ///
    /// Never fails: what went wrong stands in the response. Loaders run in the caller's task; those that block, as
    /// [`EngineBuilder::on_blocking`] says.
    ///
    /// # Cancellation
    /// Dropping the future drops every outstanding loader and its statement; nothing goes on in the background. Only a loader
    /// that blocks and has started goes on to its end, and nobody sees its answer. Fields of a mutation that were not reached
    /// do not run; what others did is not undone.
    pub async fn execute(&self, request: impl Into<Request>) -> Response {
        let Prepared { plan, context, variables, introspected, snapshot } = match self.prepare(request.into()) {
            Ok(prepared) => prepared,
            Err(errors) => return Response::refused(refusal(&errors), errors.len()),
        };
        let blocking = match self.0.blocking {
            OnBlocking::Offload => Blocking::Offload(self.0.threads.as_ref()),
            OnBlocking::Inline => Blocking::Inline,
            OnBlocking::Deny => match plan.blocking() {
                Some(name) => {
                    let message = format!("`{name}` blocks, and loaders that block are not allowed here");
                    return Response::refused(refusal(&[refused(message, "BLOCKING_LOADER")]), 1);
                }
                None => Blocking::Inline,
            },
        };
        let run = Run::new(&plan, context, variables);
        if snapshot && plan.root() != self.0.graph.mutation() {
            let index = Box::pin(transaction::in_snapshot(run, &self.0.databases, blocking)).await;
            return self.write(&plan, index, &introspected);
        }
        if !plan.then.is_empty() || plan.transaction.is_some() {
            // Boxed, so that the future of a query does not grow by it.
            return Box::pin(self.in_turn(run, blocking)).await;
        }
        let index = AssertUnwindSafe(run_async(run, blocking)).catch_unwind().await;
        self.write(&plan, index.map_err(|payload| panicked("the engine", &*payload)), &introspected)
    }

    /// As [`execute`](Self::execute), blocking this thread, and without a runtime: loaders run on this thread, or in the pool
    /// of [`EngineBuilder::threads`]. For graphs in memory, functions that are not `async`, and SQLite by
    /// [`Db::connect`](crate::sql::Db::connect).
    ///
    /// A query that needs an asynchronous loader, or a database that needs a runtime, is refused before anything ran, unless
    /// the engine has one ([`EngineBuilder::bridge`]).
    pub fn execute_blocking(&self, request: impl Into<Request>) -> Response {
        let Prepared { plan, context, variables, introspected, snapshot } = match self.prepare(request.into()) {
            Ok(prepared) => prepared,
            Err(errors) => return Response::refused(refusal(&errors), errors.len()),
        };
        let executor = Executor { threads: self.0.threads.as_ref(), runtime: self.0.runtime.as_ref() };
        let snapshot = snapshot.then(|| "a snapshot belongs to a task; use `execute`".to_owned());
        if let Some(message) = snapshot.or_else(|| unfit(&plan, &context, executor)) {
            return Response::refused(refusal(&[refused(message, "ASYNC_LOADER")]), 1);
        }
        let _entered = executor.enter();
        let mut run = Run::new(&plan, context, variables);
        let mut sessions = Sessions::default();
        respond(guarded("the engine", || {
            let mut data = Data::new(&plan, self.0.bounds);
            run_blocking(&mut run, &mut sessions, executor);
            let mut goes_on = data.write(&plan, &run.take_index(), &introspected);
            for next in &plan.then {
                if goes_on {
                    run = run.again(next);
                    run_blocking(&mut run, &mut sessions, executor);
                    goes_on = data.write(next, &run.take_index(), &introspected);
                }
            }
            Ok((data.finish(), run.into_log()))
        }))
    }

    /// The fields of a mutation: each is written when all below it is done, and then the next one starts.
    async fn in_turn(&self, mut run: Run<'_>, blocking: Blocking<'_>) -> Response {
        let plan = run.plan();
        let nothing = Introspected::default();
        let mut data = Data::new(plan, self.0.bounds);
        let mut sessions = Sessions::default();
        for part in std::iter::once(plan).chain(plan.then.iter().map(|then| &**then)) {
            if !std::ptr::eq(part, plan) {
                run = run.again(part);
            }
            let mut entry =
                transaction::Part { plan: part, data: &mut data, sessions: &mut sessions, blocking, nothing: &nothing };
            let goes_on = match part.transaction {
                None => entry.drive_and_write(&mut run).await,
                Some(db) => {
                    let goes_on;
                    (run, goes_on) = entry.in_transaction(db, run).await;
                    goes_on
                }
            };
            match goes_on {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return respond(Err(error)),
            }
        }
        respond(guarded("the engine", || Ok((data.finish(), run.into_log()))))
    }

    /// What a query does: layers, loaders, needed columns and statements, in the given dialect.
    ///
    /// # Errors
    /// Why the query was refused, as a text.
    pub fn explain(&self, request: impl Into<Request>, dialect: Dialect) -> Result<String> {
        let prepared = self.prepare(request.into()).map_err(|errors| {
            Error::new(errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("\n"))
        })?;
        Ok(prepared.plan.explain(dialect))
    }

    /// The run of a request, and the answers to its introspection. Whatever panics on the way refuses the request.
    fn prepare(&self, request: Request) -> Result<Prepared, Vec<RequestError>> {
        guarded("reading the request", || Ok(self.read(request))).unwrap_or_else(|error| {
            tracing::error!(id = error.id(), "{error}");
            Err(vec![refused(error.public_message(), "INTERNAL")])
        })
    }

    fn read(&self, request: Request) -> Result<Prepared, Vec<RequestError>> {
        let inner = &*self.0;
        for declared in &inner.declared {
            if !request.data.contains((declared.id)()) {
                let name = (declared.name)();
                tracing::error!("a request lacks `{name}`, which the engine declares; give it with `Request::data`");
                return Err(vec![refused("the request is not complete".into(), "INCOMPLETE_REQUEST")]);
            }
        }
        let operation = request.operation_name.as_deref();
        let document = inner.cache.document(&inner.schema, &inner.graph, &request.query, operation, &inner.limits)?;
        let variables = coerce(document.variables(), &request.variables)?;
        let plan = inner.cache.plan(&document, &inner.schema, &inner.graph, &request.query, operation, &variables)?;
        let introspected = match &plan.introspection {
            None => Introspected::default(),
            Some(introspection) => (introspection.answer)(&variables, inner.bounds.bytes),
        };
        let snapshot = request.snapshot;
        let context = Context::new(inner.data.clone(), request.data);
        Ok(Prepared { plan, context, variables, introspected, snapshot })
    }

    fn write(&self, plan: &Plan, index: Result<(Index, Vec<Load>)>, introspected: &Introspected) -> Response {
        let bounds = self.0.bounds;
        respond(index.and_then(|(index, loads)| {
            let written = guarded("the engine", || Ok(response(plan, &index, introspected, bounds)))?;
            Ok((written, loads))
        }))
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Engine({} nodes)", self.0.graph.nodes().count())
    }
}

/// What is written, or that nothing could be; the log has what is masked.
fn respond(written: Result<(Written, Vec<Load>)>) -> Response {
    match written {
        Ok((written, loads)) => {
            for error in each_once(&written.masked) {
                tracing::error!(id = error.id(), "{error}");
            }
            Response::new(written.bytes, written.errors, loads)
        }
        Err(error) => {
            tracing::error!(id = error.id(), "{error}");
            Response::refused(refusal(&[refused(error.public_message(), "INTERNAL")]), 1)
        }
    }
}

/// For the log: an internal error that fails many rows is there many times.
fn each_once(errors: &[Error]) -> impl Iterator<Item = &Error> {
    let mut seen = FxHashSet::default();
    errors.iter().filter(move |error| error.id().is_none_or(|id| seen.insert(id)))
}

fn refused(message: String, code: &'static str) -> RequestError {
    RequestError { message, locations: Vec::new(), code }
}
