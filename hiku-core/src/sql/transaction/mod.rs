//! Transactions that belong to a task: what runs in it uses their connection, without being told.
//!
//! A scope is a transaction, or a savepoint in one. The innermost of each database is known by a task-local, so a task that is
//! spawned is outside. Statements of one scope take turns; a scope inside another has the turn of that for as long as it
//! lasts, so savepoints nest, however the futures of a task interleave. A scope that is dropped marks itself as ended; whoever
//! uses the connection next undoes what is deeper than its own scope.

mod error;
mod handle;
mod live;
mod open;
mod options;
#[cfg(feature = "postgres")]
mod prepared;
mod scope;

use std::future::Future;
use std::panic::Location;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;

pub use error::TransactionError;
pub use handle::{Conn, Tx};
pub use options::{Isolation, TxOptions};
pub use scope::carry_transactions;

#[cfg(feature = "mysql")]
pub(super) use live::opened;
pub(super) use live::{acquire, acquire_living};
pub(super) use open::end_all;
pub(super) use scope::{Level, current};

use super::Db;
use crate::error::Result;
use scope::Begin;

/// How long to wait before the next try: those who were in each other's way do not meet again.
fn pause(tried: u32) -> Duration {
    static TURN: AtomicU32 = AtomicU32::new(0);
    let spread = TURN.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9) >> 24;
    let most = 1 << tried.min(7);
    Duration::from_micros(u64::from(most * 4 * spread) + 200)
}

/// Run statements where this task is: in its transaction, or on a connection of the pool.
pub(super) async fn execute(db: &Db, statements: String) -> Result<u64> {
    Ok(Conn::of(db).await?.execute(statements).await?)
}

/// Transactions. They belong to the task: inside the closure, [`execute`](Db::execute), [`conn`](Db::conn) and the loaders of
/// every [`Engine::execute`](crate::engine::Engine::execute) use the connection of the transaction, and see what it has not
/// stored yet. Statements that run at once wait for each other. A task of `tokio::spawn` is outside.
///
/// They need a tokio runtime, on SQLite too.
impl Db {
    /// Run something as a whole: in a transaction, or in a savepoint where there is one already. It is stored if it answers
    /// `Ok`, and undone if it answers `Err`, panics, or is dropped.
    ///
    /// On SQLite, a transaction takes the lock of writers when it begins, and waits for it.
    ///
    /// ```
    /// # use hiku_core::sql::Db;
    /// # use hiku_core::error::{Error, Result};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # #[cfg(feature = "sqlite")] {
    /// let db = Db::connect("sqlite::memory:").await?;
    /// db.execute("CREATE TABLE account (id INTEGER PRIMARY KEY, money INTEGER)").await?;
    /// let failed: Result<()> = db
    ///     .atomic(|| async {
    ///         db.execute("INSERT INTO account VALUES (1, 100)").await?;
    ///         Err(Error::new("no"))
    ///     })
    ///     .await;
    /// assert!(failed.is_err());
    /// assert_eq!(db.execute("DELETE FROM account").await?, 0);
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of `work`, and [`TransactionError`] where it does not begin or is not stored. PostgreSQL gives up a transaction
    /// when a statement fails: if `work` answers `Ok` all the same, that is [`TransactionError::Aborted`]. An error of `work`
    /// is answered also if undoing fails; that is logged, and the connection closed.
    ///
    /// # Cancellation
    /// Dropping the future undoes everything, at any point but one: while it is being stored, it is not known whether it is.
    /// The connection goes back to the pool when the server is done with the statement that was under way.
    #[track_caller]
    pub fn atomic<T, E, F, Fut>(&self, work: F) -> impl Future<Output = Result<T, E>> + use<'_, T, E, F, Fut>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<TransactionError>,
    {
        self.scoped(Begin { options: None, alone: false, pretends: false, at: Location::caller() }, work)
    }

    /// As [`atomic`](Self::atomic), but never inside another transaction.
    ///
    /// # Errors
    /// As `atomic`, and [`TransactionError::AlreadyInTransaction`].
    ///
    /// # Cancellation
    /// As `atomic`.
    #[track_caller]
    pub fn transaction<T, E, F, Fut>(&self, work: F) -> impl Future<Output = Result<T, E>> + use<'_, T, E, F, Fut>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<TransactionError>,
    {
        self.scoped(Begin { options: None, alone: true, pretends: false, at: Location::caller() }, work)
    }

    /// As [`atomic`](Self::atomic), with an isolation, or read-only.
    ///
    /// # Errors
    /// As `atomic`, and [`TransactionError::OptionsOfNested`] inside a transaction.
    ///
    /// # Cancellation
    /// As `atomic`.
    #[track_caller]
    pub fn atomic_with<T, E, F, Fut>(
        &self,
        options: TxOptions,
        work: F,
    ) -> impl Future<Output = Result<T, E>> + use<'_, T, E, F, Fut>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<TransactionError>,
    {
        self.scoped(Begin { options: Some(options), alone: false, pretends: false, at: Location::caller() }, work)
    }

    /// As [`atomic_with`](Self::atomic_with), and again from the start, at most `tries` times in all, when the database refuses
    /// it for what others did at the same time: a serialisation failure, a deadlock, a lock of SQLite. Between two tries it
    /// waits a little, and longer each time.
    ///
    /// Such errors are recognised in [`Error`](crate::error::Error), [`TransactionError`], sqlx's error and
    /// `Box<dyn Error + Send + Sync>`, with what they are caused by; others are answered at once.
    ///
    /// # Errors
    /// As `atomic`, of the last try; [`TransactionError::AlreadyInTransaction`] inside a transaction, which alone could be tried
    /// again.
    ///
    /// # Cancellation
    /// As `atomic`.
    #[track_caller]
    pub fn atomic_retry<T, E, F, Fut>(
        &self,
        tries: u32,
        options: TxOptions,
        mut work: F,
    ) -> impl Future<Output = Result<T, E>> + use<'_, T, E, F, Fut>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<TransactionError> + 'static,
    {
        let at = Location::caller();
        async move {
            // In a test that undoes all there is a transaction around, of which this is not to know.
            let options = (!self.in_transaction()).then_some(options);
            for tried in 1.. {
                match self.scoped(Begin { options, alone: true, pretends: false, at }, &mut work).await {
                    Err(error) if tried < tries && error::can_be_tried_again(&error) => {}
                    done => return done,
                }
                tokio::time::sleep(pause(tried)).await;
            }
            unreachable!("there is a last try")
        }
    }

    async fn scoped<T, E, F, Fut>(&self, begin: Begin, work: F) -> Result<T, E>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<TransactionError>,
    {
        let level = Level::begin(self, begin).await?;
        match level.run(work).await {
            Ok(answer) => {
                level.commit().await?;
                Ok(answer)
            }
            Err(error) => {
                if let Err(second) = level.rollback().await {
                    tracing::warn!(error = %second, "a transaction was not rolled back; its connection is closed");
                }
                Err(error)
            }
        }
    }

    /// For tests: run something, and undo whatever it did to the database. Transactions in it are savepoints;
    /// [`after_commit`](Self::after_commit) never runs.
    ///
    /// # Errors
    /// If it does not begin, or undoing fails.
    ///
    /// # Cancellation
    /// Dropping the future undoes everything.
    #[track_caller]
    pub fn rollback_scope<F, Fut>(
        &self,
        work: F,
    ) -> impl Future<Output = Result<Fut::Output, TransactionError>> + use<'_, F, Fut>
    where
        F: FnOnce() -> Fut,
        Fut: Future,
    {
        let begin = Begin { options: None, alone: false, pretends: true, at: Location::caller() };
        async move {
            let level = Level::begin(self, begin).await?;
            let answer = level.run(work).await;
            level.rollback().await?;
            Ok(answer)
        }
    }

    /// A transaction in the hand, for those who pass it on themselves. Loaders know nothing of it.
    ///
    /// # Errors
    /// If it does not begin, or inside a transaction of the same database.
    ///
    /// # Cancellation
    /// Dropping the future leaves nothing open.
    #[track_caller]
    pub fn begin(&self) -> impl Future<Output = Result<Tx<'static>, TransactionError>> + use<'_> {
        self.in_hand(Begin { options: None, alone: true, pretends: false, at: Location::caller() })
    }

    /// As [`begin`](Self::begin), with an isolation, or read-only.
    ///
    /// # Errors
    /// As `begin`.
    ///
    /// # Cancellation
    /// As `begin`.
    #[track_caller]
    pub fn begin_with(
        &self,
        options: TxOptions,
    ) -> impl Future<Output = Result<Tx<'static>, TransactionError>> + use<'_> {
        self.in_hand(Begin { options: Some(options), alone: true, pretends: false, at: Location::caller() })
    }

    async fn in_hand(&self, begin: Begin) -> Result<Tx<'static>, TransactionError> {
        Ok(Tx::new(Level::begin(self, begin).await?))
    }

    /// A connection for statements that you write with sqlx: that of the transaction around, or one of the pool. Drop it
    /// before anything else in the same transaction is to use the connection: that waits for it.
    ///
    /// # Errors
    /// If no connection is free in time; [`TransactionError::ScopeClosed`] if the transaction has ended;
    /// [`TransactionError::Busy`] if somebody else in it keeps its connection.
    ///
    /// # Cancellation
    /// Dropping the future takes no connection.
    #[track_caller]
    pub fn conn(&self) -> impl Future<Output = Result<Conn, TransactionError>> + Send + use<'_> {
        Conn::taken(self, Location::caller())
    }

    /// Whether this task is in a transaction of this database.
    pub fn in_transaction(&self) -> bool {
        current(self).is_some_and(|scope| scope.is_open())
    }

    /// Run something when the transaction around is stored; at once, if there is none. It does not run if a scope around it is
    /// undone, nor if the future of the transaction is dropped meanwhile. All run in turn, outside the transaction, also if
    /// one panics.
    pub async fn after_commit<F, Fut>(&self, work: F)
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        match current(self) {
            Some(scope) => scope.push_hook(Box::new(move || Box::pin(work()))),
            None => work().await,
        }
    }

    /// Spawn a task that is in the transactions of this one. What it asks after they have ended is an error,
    /// [`TransactionError::ScopeClosed`]: whoever wants it stored waits for it first.
    pub fn spawn_in_scope<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        tokio::spawn(scope::with_scopes(work))
    }
}
