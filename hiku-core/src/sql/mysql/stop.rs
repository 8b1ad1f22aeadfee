//! Statements that nobody waits for any longer: they are stopped on the server, and their connections come back clean.
//!
//! An answer of MariaDB has to be read to its end before the next is asked for, and what sqlx has read of it is lost with its
//! future. So the future of a statement owns the connection, and is never dropped: it goes on in a task of its own.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::{Either, select};
use sqlx::{AssertSqlSafe, Connection as _};

use super::Server;
use super::lent::Lent;

/// Most statements are done by themselves before the server could be told.
const GRACE: Duration = Duration::from_millis(5);

/// How long the server has to stop a statement before it is told again.
const AGAIN: Duration = Duration::from_millis(50);

/// Whatever has a connection: by itself, or that of a transaction.
pub(in crate::sql) trait Keeper: Send + 'static {
    /// The connection, if it still has one.
    fn lent(&mut self) -> Option<&mut Lent>;
}

/// What a statement that runs, and whoever drops it, know of each other.
#[derive(Default)]
pub(in crate::sql) struct Run {
    /// The number that the server has for the connection; 0 while it is not known.
    id: AtomicU64,
    dropped: AtomicBool,
}

impl Run {
    pub(super) fn is_dropped(&self) -> bool {
        self.dropped.load(Ordering::Acquire)
    }

    pub(super) fn starts_on(&self, id: u64) {
        self.id.store(id, Ordering::Release);
    }
}

type Work<K, T> = Pin<Box<dyn Future<Output = (K, T)> + Send>>;

/// A statement with its connection, which both come back.
pub(in crate::sql) struct Shield<K: Keeper, T: Send + 'static> {
    work: Option<Work<K, T>>,
    run: Arc<Run>,
    server: Arc<Server>,
}

/// Run something on a connection.
///
/// # Cancellation
/// Dropping the future stops the statement on the server. Whoever wants to use the connection next waits for that.
pub(super) fn shielded<K, T, W, F>(server: Arc<Server>, keeper: K, work: W) -> Shield<K, T>
where
    K: Keeper,
    T: Send + 'static,
    W: FnOnce(K, Arc<Run>) -> F,
    F: Future<Output = (K, T)> + Send + 'static,
{
    let run = Arc::new(Run::default());
    Shield { work: Some(Box::pin(work(keeper, run.clone()))), run, server }
}

impl<K: Keeper, T: Send + 'static> Future for Shield<K, T> {
    type Output = (K, T);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<(K, T)> {
        // Taken, so that nobody polls again what has panicked.
        let Some(mut work) = self.work.take() else { return Poll::Pending };
        let polled = work.as_mut().poll(context);
        if polled.is_pending() {
            self.work = Some(work);
        }
        polled
    }
}

impl<K: Keeper, T: Send + 'static> Drop for Shield<K, T> {
    fn drop(&mut self) {
        let Some(work) = self.work.take() else { return };
        self.run.dropped.store(true, Ordering::Release);
        // Without a runtime the work is dropped, and with it the connection: it was at work, so it is closed.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(stop(work, self.run.clone(), self.server.clone()));
        }
    }
}

/// To the end of the statement, and of its stopping.
async fn stop<K: Keeper, T>(work: Work<K, T>, run: Arc<Run>, server: Arc<Server>) {
    let work = match select(work, Box::pin(tokio::time::sleep(GRACE))).await {
        Either::Left(_) => return,
        Either::Right(((), work)) => work,
    };
    let (work, mut other) = match select(work, Box::pin(server.other_connection())).await {
        Either::Left(_) => return,
        Either::Right((other, work)) => (work, other),
    };
    let id = run.id.load(Ordering::Acquire);
    let mut work = work;
    let mut killed = false;
    let mut keeper = loop {
        if let (Ok(other), true) = (&mut other, id != 0) {
            // The statement is read on meanwhile, but this order is waited for: nothing may follow while it is under way.
            let kill = AssertSqlSafe(format!("KILL QUERY {id}"));
            let kill = Box::pin(sqlx::raw_sql(kill).execute(&mut other.connection));
            killed = true;
            match select(work, kill).await {
                Either::Left(((keeper, _), kill)) => {
                    let _ = kill.await;
                    break keeper;
                }
                Either::Right((_, rest)) => work = rest,
            }
        }
        // An order that comes before the server has begun with the statement is lost.
        match select(work, Box::pin(tokio::time::sleep(AGAIN))).await {
            Either::Left(((keeper, _), _)) => break keeper,
            Either::Right(((), rest)) => work = rest,
        }
    };
    if let Ok(other) = other {
        let _ = other.connection.close().await;
    }
    // The last order may have come when the statement was done: then it hits what comes next, which is to be nothing of anybody's.
    if killed && let Some(lent) = keeper.lent() {
        lent.absorb().await;
    }
}
