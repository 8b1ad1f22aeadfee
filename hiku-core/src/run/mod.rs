//! Runs a plan: a plain state machine, jobs out and completions in, without futures; and the drivers that feed it.
//!
//! The machine decides what runs; a driver decides how to wait. Completions may come in any order, the answer is the same.
//! Nothing here knows a query language or SQL text.

mod answer;
mod blocking;
mod driver;
mod gather;
mod link;
mod memory;
mod ready;

use std::sync::Arc;

use serde_json::Value as Json;

use crate::context::Context;
use crate::error::{Error, Result, guarded};
use crate::graph::{Answer, Call, Loader, LoaderRun, MemberId};
use crate::index::{Cells, Column, Edges, Index, Place, RowErrors, Table};
use crate::plan::{Args, Fetch, How, LayerId, LoadFrom, Plan, StepId, Work};
use crate::query::{evaluate, judge};
use crate::sql::{FetchArgs, Fetched, Page};

#[cfg_attr(not(any(feature = "sql", feature = "bridge")), allow(unused_imports))]
pub(crate) use blocking::Runtime;
pub(crate) use blocking::{Executor, refusal, run_blocking};
pub(crate) use driver::{Blocking, Sessions, drive, run_async};
use gather::Gathered;
use ready::Ready;

/// One call of a loader, as the load log keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Load {
    /// The loader, or the node whose table was read.
    pub name: String,
    /// How many keys it was given; 0 for a read of a whole table.
    pub keys: usize,
    /// The text of the statement, if it was one.
    pub statement: Option<Arc<str>>,
}

/// A plan under way.
pub(crate) struct Run<'p> {
    plan: &'p Plan,
    context: Context,
    variables: Vec<Option<Json>>,
    /// By layer.
    tables: Vec<Table>,
    /// By step; only those of links.
    edges: Vec<Option<Edges>>,
    /// Which rows were sent, by the steps whose jobs are out.
    sent: Vec<(StepId, Gathered)>,
    ready: Ready,
    log: Vec<Load>,
}

/// Work for a driver.
pub(crate) struct Job {
    pub(crate) step: StepId,
    pub(crate) work: JobWork,
}

pub(crate) enum JobWork {
    /// A statement; the plan has it at the step.
    Fetch(FetchArgs),
    /// A function.
    Call(Arc<Loader>, Call),
}

/// What a driver got for a job.
pub(crate) enum Done {
    Fetched(Fetched),
    Answered(Answer),
}

/// What a step is, without borrowing the run.
enum Next {
    Job(JobWork),
    Done,
}

impl<'p> Run<'p> {
    pub(crate) fn new(plan: &'p Plan, context: Context, variables: Vec<Option<Json>>) -> Self {
        let tables = plan
            .layers
            .iter()
            .map(|layer| Table { cells: layer.slots.iter().map(|_| None).collect(), ..Table::default() })
            .collect();
        let mut run = Run {
            tables,
            edges: plan.steps.iter().map(|_| None).collect(),
            sent: Vec::new(),
            ready: Ready::new(plan),
            log: Vec::new(),
            plan,
            context,
            variables,
        };
        run.tables[0].rows = 1;
        run.open(LayerId(0));
        run
    }

    pub(crate) fn plan(&self) -> &'p Plan {
        self.plan
    }

    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// The statement of a step that is one.
    pub(crate) fn fetch(plan: &Plan, step: StepId) -> Option<&Fetch> {
        match &plan.step(step).work {
            Work::Load { from: LoadFrom::Table(fetch), .. } => Some(fetch),
            Work::Link(link) => match &link.how {
                How::All(fetch) | How::Children(fetch) | How::Pairs(fetch) => Some(fetch),
                _ => None,
            },
            _ => None,
        }
    }

    /// The next job, after all work that needs no driver. `None` when only completions can help, or when all is done.
    pub(crate) fn next_job(&mut self) -> Option<Job> {
        while let Some(step) = self.ready.pop() {
            match self.start(step) {
                Ok(Next::Job(work)) => return Some(Job { step, work }),
                Ok(Next::Done) => {}
                Err(error) => self.fail(step, error),
            }
        }
        None
    }

    /// Take the result of a job.
    pub(crate) fn complete(&mut self, step: StepId, result: Result<Done>) {
        let sent = self.sent.iter().position(|(of, _)| *of == step);
        let sent = sent.map(|at| self.sent.swap_remove(at).1).unwrap_or_default();
        let outcome = result.and_then(|done| match done {
            Done::Fetched(fetched) => self.fetched(step, sent, fetched),
            Done::Answered(answer) => self.answered(step, sent, answer),
        });
        if let Err(error) = outcome {
            self.fail(step, error);
        }
    }

    /// What the run left; for when no job is out.
    pub(crate) fn take_index(&mut self) -> Index {
        Index { tables: std::mem::take(&mut self.tables), edges: std::mem::take(&mut self.edges) }
    }

    /// The load log, with that of the runs before it.
    pub(crate) fn into_log(self) -> Vec<Load> {
        self.log
    }

    /// Instead of running: everything at the root has this error.
    pub(crate) fn fail_root(&mut self, error: &Error) {
        for step in &self.plan.layer(LayerId(0)).steps {
            self.fail(*step, error.clone());
        }
    }

    /// The run of another plan of the same request.
    pub(crate) fn again(self, plan: &'p Plan) -> Run<'p> {
        Run { log: self.log, ..Run::new(plan, self.context, self.variables) }
    }

    /// The rows of a layer are known: its first steps can run. Without rows there is nothing to do below.
    fn open(&mut self, layer: LayerId) {
        if self.tables[layer.0 as usize].rows > 0 {
            self.plan.layer(layer).steps.iter().for_each(|&step| self.ready.open(step));
        }
    }

    /// As [`open`](Self::open), of rows that came whole: they are not loaded by key.
    fn open_whole(&mut self, layer: LayerId) {
        if self.tables[layer.0 as usize].rows == 0 {
            return;
        }
        let of = self.plan.layer(layer);
        of.steps.iter().filter(|&&step| of.load != Some(step)).for_each(|&step| self.ready.open(step));
        if let Some(load) = of.load {
            self.done(load);
        }
    }

    /// A step is done, well or not: those that wait for it may run.
    fn done(&mut self, step: StepId) {
        self.plan.step(step).next.iter().for_each(|&next| self.ready.one_less(next));
    }

    /// A step failed as a whole: every row of it has the error.
    fn fail(&mut self, step: StepId, error: Error) {
        let plan = self.plan;
        let at = plan.step(step);
        let table = &mut self.tables[at.layer.0 as usize];
        match &at.work {
            Work::Load { .. } => table.failed = Some(error),
            Work::Compute { fills, .. } => {
                let column = Column::new(plan.layer(at.layer).slots[fills.0 as usize].ty);
                let cells = Cells { column: Arc::new(column), place: Place::Shared, errors: RowErrors::All(error) };
                table.cells[fills.0 as usize] = Some(cells);
            }
            Work::Link(_) => {
                let edges = Edges { errors: RowErrors::All(error), ends: Some(Vec::new()), ..Edges::default() };
                self.edges[step.0 as usize] = Some(edges);
            }
        }
        self.done(step);
    }

    /// The values of the arguments of a member.
    fn args(&self, layer: LayerId, member: MemberId, args: &Args) -> Result<Arc<[Option<Json>]>> {
        let values = match &args.constant {
            Some(values) => values.clone(),
            None => args.values.iter().map(|expr| evaluate(expr, &self.variables)).collect(),
        };
        if args.judged {
            let node = self.plan.graph.node(self.plan.layer(layer).node);
            let member = node.member(member);
            guarded(&member.names().rust, || judge(member.args(), &values, &args.places))?;
        }
        Ok(values)
    }

    fn start(&mut self, step: StepId) -> Result<Next> {
        let plan = self.plan;
        let layer = plan.step(step).layer;
        match &plan.step(step).work {
            Work::Load { from, fills } => match from {
                LoadFrom::Table(fetch) => {
                    let sent = self.gather(layer, &plan.layer(layer).key)?;
                    let args = self.fetch_args(fetch, &sent, None)?;
                    self.send(step, sent, &fetch.name);
                    Ok(Next::Job(JobWork::Fetch(args)))
                }
                LoadFrom::Loader(loader) => {
                    let sent = self.gather(layer, &plan.layer(layer).key)?;
                    self.call(step, loader, sent, Arc::from([]))
                }
                LoadFrom::Memory { rows, by } => {
                    let rows = (rows.get)(&self.context)?;
                    self.load_memory(step, &rows, by, fills);
                    Ok(Next::Done)
                }
            },
            Work::Compute { loader, requires, args, fills } => {
                let sent = self.gather_for(loader, layer, requires)?;
                let args = self.args(layer, plan.layer(layer).slots[fills.0 as usize].member, args)?;
                self.call(step, loader, sent, args)
            }
            Work::Link(link) => self.start_link(step, link),
        }
    }

    /// Call a function: at once if it computes only, else by the driver.
    fn call(&mut self, step: StepId, loader: &Arc<Loader>, sent: Gathered, args: Arc<[Option<Json>]>) -> Result<Next> {
        if sent.rows == 0 && !loader.requires.is_empty() {
            // Every row failed before: there is nothing to ask.
            self.nothing(step, sent);
            return Ok(Next::Done);
        }
        let call = Call { context: self.context.clone(), columns: sent.columns.clone(), rows: sent.rows, args };
        match &loader.run {
            LoaderRun::Pure(run) => {
                let answer = guarded(&loader.name, || run(&call))?;
                self.answered(step, sent, answer)?;
                Ok(Next::Done)
            }
            LoaderRun::Inline(run) => {
                self.note_call(loader, &sent);
                let answer = guarded(&loader.name, || run(&call))?;
                self.answered(step, sent, answer)?;
                Ok(Next::Done)
            }
            LoaderRun::Blocking(_) | LoaderRun::Async(_) => {
                self.note_call(loader, &sent);
                self.sent.push((step, sent));
                Ok(Next::Job(JobWork::Call(loader.clone(), call)))
            }
        }
    }

    fn note_call(&mut self, loader: &Loader, sent: &Gathered) {
        let keys = if loader.requires.is_empty() { 0 } else { sent.rows };
        self.log.push(Load { name: loader.name.clone(), keys, statement: None });
    }

    /// Note a statement; its text is known when a driver knows the database.
    fn send(&mut self, step: StepId, sent: Gathered, name: &str) {
        let keys = if sent.columns.is_empty() { 0 } else { sent.rows };
        self.log.push(Load { name: name.to_owned(), keys, statement: None });
        self.sent.push((step, sent));
    }

    /// The text of the statement of the job given out last.
    pub(crate) fn note_statement(&mut self, text: Arc<str>) {
        if let Some(load) = self.log.last_mut() {
            load.statement = Some(text);
        }
    }

    fn fetch_args(&self, fetch: &Fetch, sent: &Gathered, page: Option<Page>) -> Result<FetchArgs> {
        let scope = |scope: &Option<crate::graph::ScopeDef>| {
            scope.map(|scope| guarded(&fetch.name, || (scope.filter)(&self.context))).transpose()
        };
        Ok(FetchArgs {
            keys: sent.columns.clone(),
            page,
            scope: scope(&fetch.scope)?,
            join_scope: scope(&fetch.join_scope)?,
        })
    }
}
