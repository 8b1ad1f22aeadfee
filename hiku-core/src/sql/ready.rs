//! Connections that were just used, kept for who asks next.
//!
//! sqlx asks each connection that comes back whether it lives, in a task of its own, and lends the one that has rested longest.
//! One request after the other would find none at hand, and have the pool open more; on one process of the server after the
//! other it finds cold caches; and each costs the server a second trip. So a connection goes from one to the next by hand.
//!
//! Whoever asks the pool itself must not wait for what rests here: nothing rests long ([`REST`]), and each connection goes
//! through the pool every [`TURN`], where it is looked after, and those who wait there have their turn. Pools of users are left
//! alone: they may have hooks that want to see every connection come and go.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use tokio::runtime::Handle;
use tokio::sync::Notify;

use super::db::Connection;

/// How long a connection that nobody asks for is kept, or twice as long: that is how often somebody looks.
const REST: Duration = Duration::from_millis(10);

/// How long a connection goes from one to the next before the pool has it again.
const TURN: Duration = Duration::from_millis(100);

/// The connections that rest. Whoever waits for one is told.
#[derive(Default)]
pub(super) struct Ready {
    resting: Mutex<Resting>,
    kept: Notify,
}

#[derive(Default)]
struct Resting {
    /// The one that was used last is used next.
    connections: Vec<(Connection, Instant)>,
    waiting: usize,
    /// Whether a task gives back to the pool what has rested long enough.
    watched: bool,
}

impl Ready {
    fn resting(&self) -> MutexGuard<'_, Resting> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn len(&self) -> usize {
        self.resting().connections.len()
    }

    /// One of them, unless somebody waits, who was there before.
    pub(super) fn take(&self) -> Option<Connection> {
        let mut resting = self.resting();
        if resting.waiting > 0 { None } else { resting.pop() }
    }

    /// All of them, as the pool is closed.
    pub(super) fn clear(&self) {
        let connections = std::mem::take(&mut self.resting().connections);
        drop(connections);
    }

    /// A connection that rests here, or one of the pool, whichever comes first.
    ///
    /// # Cancellation
    /// Dropping the future gives up the place among those who wait.
    pub(super) async fn acquire<E>(&self, pool: impl Future<Output = Result<Connection, E>>) -> Result<Connection, E> {
        let (mut pool, mut kept) = (pin!(pool), pin!(self.kept.notified()));
        // From here on, what is kept is told.
        kept.as_mut().enable();
        let waiting = {
            let mut resting = self.resting();
            if resting.waiting == 0
                && let Some(connection) = resting.pop()
            {
                return Ok(connection);
            }
            resting.waiting += 1;
            Waiting(self)
        };
        loop {
            match select(kept.as_mut(), pool.as_mut()).await {
                Either::Left(((), _)) => {
                    kept.set(self.kept.notified());
                    kept.as_mut().enable();
                    if let Some(connection) = waiting.0.resting().pop() {
                        return Ok(connection);
                    }
                }
                Either::Right((acquired, _)) => return acquired,
            }
        }
    }

    /// Keep a connection on which nothing is under way, unless the pool is to have it.
    pub(super) fn keep(self: &Arc<Self>, connection: Connection) {
        let Ok(runtime) = Handle::try_current() else { return };
        if connection.lent_at().elapsed() >= TURN {
            return;
        }
        let (watched, waiting) = {
            let mut resting = self.resting();
            resting.connections.push((connection, Instant::now()));
            (std::mem::replace(&mut resting.watched, true), resting.waiting > 0)
        };
        if waiting {
            self.kept.notify_one();
        }
        if !watched {
            runtime.spawn(Watch { ready: Arc::downgrade(self), over: false }.run());
        }
    }
}

impl Resting {
    fn pop(&mut self) -> Option<Connection> {
        self.connections.pop().map(|(connection, _)| connection)
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        // Back to the pool it is a task that brings a connection, and there is none without a runtime.
        if Handle::try_current().is_err() {
            let connections = std::mem::take(&mut self.resting().connections);
            connections.into_iter().for_each(|(connection, _)| connection.hang_up());
        }
    }
}

/// Somebody waits for a connection.
struct Waiting<'a>(&'a Ready);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.resting().waiting -= 1;
    }
}

/// Gives back what has rested long enough, for as long as anything rests.
struct Watch {
    ready: Weak<Ready>,
    /// Nothing rests any more; another may watch by now.
    over: bool,
}

impl Watch {
    async fn run(mut self) {
        while !self.over {
            tokio::time::sleep(REST).await;
            let Some(ready) = self.ready.upgrade() else { return };
            let mut resting = ready.resting();
            let rested: Vec<_> = resting.connections.extract_if(.., |(_, since)| since.elapsed() >= REST).collect();
            self.over = resting.connections.is_empty();
            resting.watched = !self.over;
            // A connection does work of its own when it is dropped.
            drop(resting);
            drop(rested);
        }
    }
}

impl Drop for Watch {
    /// The runtime ends: another may go on with the pool.
    fn drop(&mut self) {
        if !self.over
            && let Some(ready) = self.ready.upgrade()
        {
            ready.resting().watched = false;
        }
    }
}
