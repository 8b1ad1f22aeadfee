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
use crate::run::{Load, Run, Sessions, drive, run_async};
use crate::sql::Db;
use crate::write::Data;

/// Run a plan, and add what it answers. Whether more can be added.
pub(super) async fn drive_and_write<'p>(
    run: &mut Run<'p>,
    plan: &'p Plan,
    data: &mut Data<'p>,
    sessions: &mut Sessions,
    nothing: &'p Introspected,
) -> Result<bool> {
    let driven = AssertUnwindSafe(drive(run, sessions)).catch_unwind().await;
    driven.map_err(|payload| panicked("the engine", &*payload))?;
    guarded("the engine", || Ok(data.write(plan, &run.take_index(), nothing)))
}

/// As [`drive_and_write`], as a whole: nothing is stored if an error makes the entry null.
pub(super) async fn in_transaction<'p>(
    db: DbDef,
    mut run: Run<'p>,
    plan: &'p Plan,
    data: &mut Data<'p>,
    sessions: &mut Sessions,
    nothing: &'p Introspected,
) -> (Run<'p>, Result<bool>) {
    let mark = data.mark();
    let done = match guarded("the database", || (db.get)(run.context())) {
        Ok(db) => {
            let work = async {
                let goes_on = drive_and_write(&mut run, plan, data, sessions, nothing).await;
                (matches!(goes_on, Ok(true)) && !data.is_null_since(mark), goes_on)
            };
            db.whole(work).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(goes_on) => (run, goes_on),
        // It did not begin, or was not stored: what was written of it is not so.
        Err(error) => {
            for error in data.back_to(mark) {
                tracing::error!(id = error.id(), "{error}; it was in a transaction that is not stored");
            }
            run = run.again(plan);
            run.fail_root(&error);
            let goes_on = guarded("the engine", || Ok(data.write(plan, &run.take_index(), nothing)));
            (run, goes_on)
        }
    }
}

type Reading<'a> = Pin<Box<dyn Future<Output = Result<(Index, Vec<Load>)>> + Send + 'a>>;

/// Run a query that sees each of the databases that it asks as that is at one moment.
pub(super) async fn in_snapshot(run: Run<'_>, known: &[DbDef]) -> Result<(Index, Vec<Load>)> {
    let plan = run.plan();
    let mut asked = Vec::new();
    for db in known.iter().filter(|db| plan.asks((db.data.id)())) {
        // A function can take a `Db` that is of none of the tables, and that nobody gave.
        asked.push(guarded("the database", || (db.get)(run.context()))?);
    }
    let read = async { AssertUnwindSafe(run_async(run)).catch_unwind().await };
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
