//! The blocking drivers, which need no runtime: job after job on the caller's thread, or on threads of a pool.

use std::sync::Arc;

use super::driver::{Sessions, call_here};
use super::{Done, Job, JobWork, Run};
use crate::context::Context;
use crate::error::{Error, Result, guarded};
use crate::graph::{Call, Loader, LoaderRun};
use crate::plan::{Plan, StepId, Waits};
use crate::sql::{FetchArgs, Session, Started, Statement, Without};
use crate::threads::{Crew, Threads};

/// The runtime that waits for what is asynchronous.
#[cfg(any(feature = "sql", feature = "bridge"))]
pub(crate) type Runtime = tokio::runtime::Handle;

/// There is none.
#[cfg(not(any(feature = "sql", feature = "bridge")))]
#[derive(Clone)]
pub(crate) enum Runtime {}

/// Where jobs run, and who waits for asynchronous ones.
#[derive(Clone, Copy)]
pub(crate) struct Executor<'a> {
    /// Without a pool, everything runs on the caller's thread.
    pub(crate) threads: Option<&'a Threads>,
    pub(crate) runtime: Option<&'a Runtime>,
}

impl<'a> Executor<'a> {
    /// For as long as this lives, what is dropped on this thread finds the runtime.
    pub(crate) fn enter(self) -> impl Sized + use<'a> {
        self.runtime.map(enter)
    }
}

/// A job that can run on any thread.
struct Prepared {
    step: StepId,
    /// The position of the session that the job uses.
    session: Option<usize>,
    work: Work,
    runtime: Option<Runtime>,
}

enum Work {
    Fetch { name: Box<str>, session: Session, statement: Arc<Statement>, args: FetchArgs },
    Call(Arc<Loader>, Call),
}

struct Completed {
    step: StepId,
    session: Option<usize>,
    result: Result<Done>,
}

/// Why a plan cannot run by blocking, if it cannot: nothing has run then.
pub(crate) fn refusal(plan: &Plan, context: &Context, executor: Executor<'_>) -> Option<String> {
    let mut waits = plan.waits().filter_map(|step| match step {
        Waits::Loader(loader) if matches!(loader.run, LoaderRun::Async(_)) => {
            Some((format!("`{}` is asynchronous", loader.name), true))
        }
        Waits::Loader(_) => None,
        Waits::Statement(fetch) => {
            let name = &fetch.name;
            // Without a database, the statement fails for that reason.
            let db = guarded(name, || (fetch.db.get)(context)).ok()?;
            match db.without_runtime() {
                Without::Works => None,
                Without::NeedsRuntime => Some((format!("the database of `{name}` needs a runtime"), true)),
                Without::InTransaction => {
                    Some((format!("the database of `{name}` is in a transaction of this task"), false))
                }
            }
        }
    });
    if let Some(name) = plan.transactional() {
        return Some(format!("`{name}` runs in a transaction, which belongs to a task; use `execute`"));
    }
    match executor.runtime {
        None => waits.next().map(|(what, _)| format!("{what}; use `execute`")),
        Some(_) => {
            let mut bridged = false;
            let refused = waits.find(|(_, bridge)| {
                bridged |= *bridge;
                !*bridge
            });
            match refused {
                Some((what, _)) => Some(format!("{what}; use `execute`")),
                None if bridged && !may_block() => {
                    Some("`execute_blocking` cannot wait inside async code; use `execute`".to_owned())
                }
                None => None,
            }
        }
    }
}

#[cfg(any(feature = "sql", feature = "bridge"))]
fn may_block() -> bool {
    !crate::threads::in_async()
}

#[cfg(not(any(feature = "sql", feature = "bridge")))]
fn may_block() -> bool {
    true
}

/// Run to the end, blocking this thread. The caller has made sure that nothing is refused.
pub(crate) fn run_blocking(run: &mut Run<'_>, sessions: &mut Sessions, executor: Executor<'_>) {
    let Some(threads) = executor.threads else {
        while let Some(job) = run.next_job() {
            let step = job.step;
            match prepare(run, sessions, job, executor.runtime) {
                Ok(prepared) => {
                    let Completed { step, session, result } = prepared.perform();
                    ended(sessions, session);
                    sessions.rest();
                    run.complete(step, result);
                }
                Err(error) => run.complete(step, Err(error)),
            }
        }
        return;
    };
    let mut crew = Crew::new(threads);
    loop {
        while let Some(job) = run.next_job() {
            let step = job.step;
            match prepare(run, sessions, job, executor.runtime) {
                Ok(prepared) => {
                    let session = prepared.session;
                    let span = tracing::Span::current();
                    let lost = move || {
                        let result = Err(Error::internal("the pool of threads dropped the loader"));
                        Completed { step, session, result }
                    };
                    crew.push(move || span.in_scope(|| prepared.perform()), lost);
                }
                Err(error) => run.complete(step, Err(error)),
            }
        }
        sessions.rest();
        let Some(Completed { step, session, result }) = crew.next() else { break };
        ended(sessions, session);
        run.complete(step, result);
    }
}

fn ended(sessions: &mut Sessions, session: Option<usize>) {
    if let Some(at) = session {
        sessions.0[at].busy -= 1;
    }
}

fn prepare(
    run: &mut Run<'_>,
    sessions: &mut Sessions,
    Job { step, work }: Job,
    runtime: Option<&Runtime>,
) -> Result<Prepared> {
    let runtime = runtime.cloned();
    match work {
        JobWork::Call(loader, call) => Ok(Prepared { step, session: None, work: Work::Call(loader, call), runtime }),
        JobWork::Fetch(args) => {
            let Some(fetch) = Run::fetch(run.plan(), step) else {
                return Err(Error::internal("this step has no statement"));
            };
            let at = sessions.of(fetch, run.context())?;
            let open = &mut sessions.0[at];
            run.note_statement(open.session.text(&fetch.statement, &args)?);
            open.busy += 1;
            let (name, session) = (fetch.name.clone(), open.session.clone());
            let work = Work::Fetch { name, session, statement: fetch.statement.clone(), args };
            Ok(Prepared { step, session: Some(at), work, runtime })
        }
    }
}

impl Prepared {
    fn perform(self) -> Completed {
        let Prepared { step, session, work, runtime } = self;
        let result = match work {
            Work::Call(loader, call) => match (&loader.run, runtime) {
                (LoaderRun::Async(function), Some(runtime)) => {
                    let _entered = enter(&runtime);
                    guarded(&loader.name, || Ok(function(call)))
                        .and_then(|future| wait(&runtime, &loader.name, future))
                        .map(Done::Answered)
                }
                _ => call_here(&loader, &call),
            },
            Work::Fetch { name, session, statement, args } => {
                guarded(&name, || match (session.works_here(), runtime) {
                    (false, Some(runtime)) => {
                        let _entered = enter(&runtime);
                        match session.start(statement, args) {
                            Started::Done(fetched) => fetched,
                            Started::Waiting(fetching) => wait(&runtime, &name, fetching),
                        }
                    }
                    _ => session.run(statement, args),
                })
                .map(Done::Fetched)
            }
        };
        Completed { step, session, result }
    }
}

#[cfg(any(feature = "sql", feature = "bridge"))]
fn enter(runtime: &Runtime) -> tokio::runtime::EnterGuard<'_> {
    runtime.enter()
}

#[cfg(not(any(feature = "sql", feature = "bridge")))]
fn enter(runtime: &Runtime) {
    match *runtime {}
}

#[cfg(any(feature = "sql", feature = "bridge"))]
fn wait<T>(runtime: &Runtime, name: &str, future: impl Future<Output = Result<T>>) -> Result<T> {
    use futures_util::future::FutureExt;
    let answer = runtime.block_on(std::panic::AssertUnwindSafe(future).catch_unwind());
    answer.unwrap_or_else(|payload| Err(crate::error::panicked(name, &*payload)))
}

#[cfg(not(any(feature = "sql", feature = "bridge")))]
fn wait<T>(runtime: &Runtime, _: &str, _: impl Future<Output = Result<T>>) -> Result<T> {
    match *runtime {}
}
