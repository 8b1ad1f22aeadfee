//! Requests, and parts of them, that a database does as a whole.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;

use futures_util::future::FutureExt;

use crate::error::{Result, guarded, panicked};
use crate::graph::DbDef;
use crate::index::Index;
use crate::plan::Plan;
use crate::query::Introspected;
use crate::run::{Blocking, Load, Run, Sessions, drive, run_async};
use crate::sql::Db;
use crate::write::Data;

/// A part of a request that is driven and written in one piece: the whole of a query, or one entry of a mutation.
pub(super) struct Part<'p, 'a> {
    pub(super) plan: &'p Plan,
    pub(super) data: &'a mut Data<'p>,
    pub(super) sessions: &'a mut Sessions,
    pub(super) blocking: Blocking<'a>,
    /// What introspection answers, where there is none.
    pub(super) nothing: &'p Introspected,
}

impl<'p> Part<'p, '_> {
    /// Run it, and add what it answers. Whether more can be added.
    pub(super) async fn drive_and_write(&mut self, run: &mut Run<'p>) -> Result<bool> {
        let driven = AssertUnwindSafe(drive(run, self.sessions, self.blocking)).catch_unwind().await;
        driven.map_err(|payload| panicked("the engine", &*payload))?;
        self.write(run)
    }

    fn write(&mut self, run: &mut Run<'p>) -> Result<bool> {
        guarded("the engine", || Ok(self.data.write(self.plan, &run.take_index(), self.nothing)))
    }

    /// As [`drive_and_write`](Self::drive_and_write), as a whole: nothing is stored if an error makes the entry null.
    pub(super) async fn in_transaction(&mut self, db: DbDef, mut run: Run<'p>) -> (Run<'p>, Result<bool>) {
        let mark = self.data.mark();
        let done = match guarded("the database", || (db.get)(run.context())) {
            Ok(db) => {
                let work = async {
                    let goes_on = self.drive_and_write(&mut run).await;
                    (matches!(goes_on, Ok(true)) && !self.data.is_null_since(mark), goes_on)
                };
                db.whole(work).await
            }
            Err(error) => Err(error),
        };
        match done {
            Ok(goes_on) => (run, goes_on),
            // It did not begin, or was not stored: what was written of it is not so.
            Err(error) => {
                for error in super::each_once(&self.data.back_to(mark)) {
                    tracing::error!(id = error.id(), "{error}; it was in a transaction that is not stored");
                }
                run = run.again(self.plan);
                run.fail_root(&error);
                let goes_on = self.write(&mut run);
                (run, goes_on)
            }
        }
    }
}

type Reading<'a> = Pin<Box<dyn Future<Output = Result<(Index, Vec<Load>)>> + Send + 'a>>;

/// Run a query that sees each of the databases that it asks as that is at one moment.
pub(super) async fn in_snapshot(run: Run<'_>, known: &[DbDef], blocking: Blocking<'_>) -> Result<(Index, Vec<Load>)> {
    let plan = run.plan();
    let mut asked = Vec::new();
    for db in known.iter().filter(|db| plan.asks((db.data.id)())) {
        // A function can take a `Db` that is of none of the tables, and that nobody gave.
        asked.push(guarded("the database", || (db.get)(run.context()))?);
    }
    let read = async { AssertUnwindSafe(run_async(run, blocking)).catch_unwind().await };
    let read = read.map(|read| read.map_err(|payload| panicked("the engine", &*payload)));
    inside(&asked, Box::pin(read)).await
}

/// Each database in turn, in the order of the engine: so that requests do not wait for each other.
fn inside<'a>(databases: &'a [Db], read: Reading<'a>) -> Reading<'a> {
    match databases.split_first() {
        None => read,
        Some((db, others)) => Box::pin(db.snapshot(inside(others, read))),
    }
}
