//! The asynchronous driver: it polls every job in the caller's task, so that transactions, task-locals and spans hold, and
//! dropping the request cancels everything. Only loaders that block are elsewhere.

use std::any::TypeId;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;

use futures_util::future::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::{Done, Job, JobWork, Load, Run};
use crate::context::Context;
use crate::error::{Error, Result, guarded, panicked};
use crate::graph::{Call, Loader, LoaderRun};
use crate::index::Index;
use crate::plan::{Fetch, StepId};
use crate::sql::{Session, Started};
use crate::threads::{Threads, offload};

/// Where the asynchronous driver runs loaders that block.
#[derive(Clone, Copy)]
pub(crate) enum Blocking<'a> {
    /// In the caller's task.
    Inline,
    /// In this pool, else on the threads that the runtime has for that.
    Offload(Option<&'a Threads>),
}

/// A job that was started.
enum Begun {
    /// It has ended already.
    Done(Result<Done>),
    Waiting(Waiting),
}

type Waiting = Pin<Box<dyn Future<Output = (StepId, Option<usize>, Result<Done>)> + Send>>;

/// The connections of one request, by database.
#[derive(Default)]
pub(crate) struct Sessions(pub(super) Vec<OpenSession>);

pub(super) struct OpenSession {
    db: TypeId,
    pub(super) session: Session,
    /// How many statements are under way.
    pub(super) busy: usize,
}

impl Sessions {
    /// The position of the session for a statement.
    pub(super) fn of(&mut self, fetch: &Fetch, context: &Context) -> Result<usize> {
        let db = (fetch.db.data.id)();
        if let Some(at) = self.0.iter().position(|open| open.db == db) {
            return Ok(at);
        }
        let session = Session::new(guarded("the database", || (fetch.db.get)(context))?);
        self.0.push(OpenSession { db, session, busy: 0 });
        Ok(self.0.len() - 1)
    }

    /// A request holds no connection to one database while it waits for something else, also for another database: two
    /// requests could wait for each other.
    pub(super) fn rest(&self) {
        self.0.iter().filter(|open| open.busy == 0).for_each(|open| open.session.release_idle());
    }
}

/// Run to the end in the caller's task.
///
/// # Cancellation
/// Dropping the future drops every outstanding loader, and with them their statements.
pub(crate) async fn run_async(mut run: Run<'_>, blocking: Blocking<'_>) -> (Index, Vec<Load>) {
    drive(&mut run, &mut Sessions::default(), blocking).await;
    (run.take_index(), run.into_log())
}

/// As [`run_async`], with connections that outlast the run.
pub(crate) async fn drive(run: &mut Run<'_>, sessions: &mut Sessions, blocking: Blocking<'_>) {
    // Made for the first job that has to be waited for.
    let mut waiting: Option<FuturesUnordered<Waiting>> = None;
    loop {
        while let Some(job) = run.next_job() {
            let step = job.step;
            match begin(run, sessions, job, blocking) {
                Ok(Begun::Done(result)) => run.complete(step, result),
                Ok(Begun::Waiting(future)) => waiting.get_or_insert_default().push(future),
                Err(error) => run.complete(step, Err(error)),
            }
        }
        sessions.rest();
        let Some(waiting) = &mut waiting else { break };
        let Some((step, statement, result)) = waiting.next().await else { break };
        if let Some(at) = statement {
            sessions.0[at].busy -= 1;
        }
        run.complete(step, result);
    }
}

fn begin(run: &mut Run<'_>, sessions: &mut Sessions, Job { step, work }: Job, blocking: Blocking<'_>) -> Result<Begun> {
    match work {
        JobWork::Fetch(args) => {
            let Some(fetch) = Run::fetch(run.plan(), step) else {
                return Err(Error::internal("this step has no statement"));
            };
            let at = sessions.of(fetch, run.context())?;
            let open = &mut sessions.0[at];
            run.note_statement(open.session.text(&fetch.statement, &args)?);
            // A driver that panics at a value fails this statement, not the whole request.
            let rows = match guarded(&fetch.name, || Ok(open.session.start(fetch.statement.clone(), args)))? {
                Started::Done(rows) => return Ok(Begun::Done(rows.map(Done::Fetched))),
                Started::Waiting(rows) => rows,
            };
            open.busy += 1;
            let name = fetch.name.clone();
            Ok(Begun::Waiting(Box::pin(AssertUnwindSafe(rows).catch_unwind().map(move |rows| {
                let rows = rows.unwrap_or_else(|payload| Err(panicked(&name, &*payload)));
                (step, Some(at), rows.map(Done::Fetched))
            }))))
        }
        JobWork::Call(loader, call) => match &loader.run {
            LoaderRun::Async(function) => {
                // The function's own code up to its first await runs here, and may panic here.
                let future = guarded(&loader.name, || Ok(function(call)))?;
                let name = loader.name.clone();
                Ok(Begun::Waiting(Box::pin(AssertUnwindSafe(future).catch_unwind().map(move |answer| {
                    let answer = answer.unwrap_or_else(|payload| Err(panicked(&name, &*payload)));
                    (step, None, answer.map(Done::Answered))
                }))))
            }
            LoaderRun::Blocking(_) => {
                let threads = match blocking {
                    Blocking::Inline => return Ok(Begun::Done(call_here(&loader, &call))),
                    Blocking::Offload(threads) => threads,
                };
                let span = tracing::Span::current();
                let answer = offload(threads, move || span.in_scope(|| call_here(&loader, &call)));
                Ok(Begun::Waiting(Box::pin(answer.map(move |answer| (step, None, answer)))))
            }
            LoaderRun::Pure(_) | LoaderRun::Inline(_) => Ok(Begun::Done(call_here(&loader, &call))),
        },
    }
}

/// Call a function that answers when it returns.
pub(super) fn call_here(loader: &Loader, call: &Call) -> Result<Done> {
    match &loader.run {
        LoaderRun::Pure(function) | LoaderRun::Inline(function) | LoaderRun::Blocking(function) => {
            guarded(&loader.name, || function(call)).map(Done::Answered)
        }
        LoaderRun::Async(_) => Err(Error::internal(format!("`{}` is asynchronous", loader.name))),
    }
}
