//! Scopes: which transaction the code of a task runs in, and who may use its connection now.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use tokio::sync::{Mutex as Turns, OwnedMutexGuard};

use super::error::TransactionError;
use super::live::Live;
use super::open::{Open, identity};
use super::options::TxOptions;
use crate::error::Result;
use crate::sql::db::Connection;
use crate::sql::session::Ask;
use crate::sql::{Db, Fetched};

tokio::task_local! {
    /// The innermost scope of this task.
    static HERE: Arc<Frame>;
}

/// A scope, and that around it: of the same database or of another.
struct Frame {
    scope: Arc<Scope>,
    around: Option<Arc<Frame>>,
}

/// The scope of this task for a database.
pub(in crate::sql) fn current(db: &Db) -> Option<Arc<Scope>> {
    // Most tasks have no scope at all, and need not know which database this is.
    HERE.try_with(|innermost| {
        let db = identity(db);
        let mut frame = Some(innermost);
        while let Some(at) = frame {
            if at.scope.root.db == db {
                return Some(at.scope.clone());
            }
            frame = at.around.as_ref();
        }
        None
    })
    .ok()
    .flatten()
}

/// Run a future in the scopes of this task, wherever it runs.
pub(super) fn with_scopes<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let here = HERE.try_with(Arc::clone).ok();
    async move {
        match here {
            Some(here) => HERE.scope(here, future).await,
            None => future.await,
        }
    }
}

/// One physical transaction.
struct Root {
    /// Which database it is of.
    db: usize,
    live: Arc<Turns<Live>>,
    ended: AtomicBool,
    _open: Open,
}

/// What runs when the transaction is stored.
pub(super) type Hook = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// A transaction, or a savepoint in it.
pub(in crate::sql) struct Scope {
    root: Arc<Root>,
    parent: Option<Arc<Scope>>,
    depth: u32,
    /// Held by whoever works in this scope: by a statement, or by a scope inside it for as long as that lasts. So savepoints
    /// nest, whatever runs at once.
    turn: Arc<Turns<()>>,
    ended: AtomicBool,
    hooks: Mutex<Vec<Hook>>,
    /// Nothing of it will be stored: transactions in it are savepoints.
    pretends: bool,
}

impl Scope {
    pub(super) fn is_open(&self) -> bool {
        // Sequentially consistent with the release of `live`: see `Held::drop`.
        let ended = self.ended.load(Ordering::SeqCst) || self.root.ended.load(Ordering::SeqCst);
        !ended && self.parent.as_ref().is_none_or(|parent| parent.is_open())
    }

    fn check(&self) -> Result<(), TransactionError> {
        if self.is_open() { Ok(()) } else { Err(TransactionError::ScopeClosed) }
    }

    /// Wait for the connection.
    pub(super) async fn hold(self: Arc<Self>) -> Result<Held, TransactionError> {
        let turn = self.turn.clone().lock_owned().await;
        self.held(Some(turn)).await
    }

    async fn held(self: Arc<Self>, turn: Option<OwnedMutexGuard<()>>) -> Result<Held, TransactionError> {
        self.check()?;
        let live = self.root.live.clone().lock_owned().await;
        let mut held = Held { live: Some(live), _turn: turn, scope: self };
        held.scope.check()?;
        let depth = held.scope.depth;
        held.live()?.at(depth)?;
        Ok(held)
    }

    /// Run a statement of a loader.
    pub(in crate::sql) async fn fetch(self: Arc<Self>, ask: Ask) -> Result<Fetched> {
        let ask = Arc::new(ask);
        let mut held = self.hold().await.map_err(|error| ask.failed(&error.into()))?;
        let fetched = match held.connection() {
            #[cfg(feature = "sqlite")]
            Ok(Connection::Sqlite(_)) => crate::sql::sqlite::fetch(HeldSqlite(held), ask.clone()).await.1,
            #[cfg(feature = "postgres")]
            Ok(Connection::Postgres(connection)) => {
                let fetched = crate::sql::postgres::fetch(connection, &ask).await;
                if fetched.is_err() {
                    held.suspect();
                }
                fetched
            }
            #[cfg(feature = "mysql")]
            Ok(Connection::MySql(_)) => crate::sql::mysql::fetch(held, ask.clone()).await.1,
            Err(error) => return Err(ask.failed(&error.into())),
        };
        match fetched {
            Ok(fetched) => {
                ask.log(&fetched);
                Ok(fetched)
            }
            Err(failed) => Err(ask.failed(&failed.error)),
        }
    }

    pub(super) fn push_hook(&self, hook: Hook) {
        self.hooks.lock().unwrap_or_else(PoisonError::into_inner).push(hook);
    }

    fn take_hooks(&self) -> Vec<Hook> {
        std::mem::take(&mut *self.hooks.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The connection of a scope, for as long as nobody else has it.
pub(super) struct Held {
    live: Option<OwnedMutexGuard<Live>>,
    _turn: Option<OwnedMutexGuard<()>>,
    scope: Arc<Scope>,
}

impl Held {
    fn live(&mut self) -> Result<&mut Live, TransactionError> {
        self.live.as_deref_mut().ok_or(TransactionError::ScopeClosed)
    }

    pub(super) fn connection(&mut self) -> Result<&mut Connection, TransactionError> {
        self.live()?.connection().ok_or(TransactionError::ScopeClosed)
    }

    pub(super) fn suspect(&mut self) {
        if let Some(live) = &mut self.live {
            live.suspect();
        }
    }

    /// An error if the database has ended the transaction on its own: what is asked next would be stored at once.
    pub(super) async fn check(&mut self) -> Result<(), TransactionError> {
        if self.live()?.is_autocommit().await { Err(TransactionError::Aborted) } else { Ok(()) }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.live = None;
        // The transaction may have been given up while this had its connection. Whoever gave it up has said so before it looked
        // for the connection; so either it found that, or this finds what it said.
        if self.scope.root.ended.load(Ordering::SeqCst) {
            self.scope.root.abandon();
        }
    }
}

impl Root {
    /// Undo everything; if the connection is in use, whoever uses it does that when it is done.
    fn abandon(&self) {
        self.ended.store(true, Ordering::SeqCst);
        if let Ok(mut live) = self.live.try_lock() {
            live.abandon();
        }
    }
}

#[cfg(feature = "mysql")]
impl crate::sql::mysql::Keeper for Held {
    fn lent(&mut self) -> Option<&mut crate::sql::mysql::Lent> {
        match self.connection() {
            Ok(Connection::MySql(lent)) => Some(lent),
            _ => None,
        }
    }
}

/// The connection of a scope as sqlx's connection to SQLite.
#[cfg(feature = "sqlite")]
struct HeldSqlite(Held);

#[cfg(feature = "sqlite")]
impl std::ops::Deref for HeldSqlite {
    type Target = sqlx::SqliteConnection;

    fn deref(&self) -> &sqlx::SqliteConnection {
        match self.0.live.as_ref().and_then(|live| live.connection_ref()) {
            Some(Connection::Sqlite(connection)) => connection,
            _ => unreachable!("made of a connection to SQLite"),
        }
    }
}

#[cfg(feature = "sqlite")]
impl std::ops::DerefMut for HeldSqlite {
    fn deref_mut(&mut self) -> &mut sqlx::SqliteConnection {
        match self.0.connection() {
            Ok(Connection::Sqlite(connection)) => connection,
            _ => unreachable!("made of a connection to SQLite"),
        }
    }
}

/// What is to begin.
#[derive(Clone, Copy)]
pub(super) struct Begin {
    pub(super) options: Option<TxOptions>,
    /// A savepoint will not do.
    pub(super) alone: bool,
    pub(super) pretends: bool,
    pub(super) at: &'static Location<'static>,
}

/// An open scope and its end: dropped, it is undone.
pub(super) struct Level {
    pub(super) scope: Arc<Scope>,
    /// That of the parent.
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Level {
    /// # Cancellation
    /// Dropping the future leaves nothing open.
    pub(super) async fn begin(db: &Db, begin: Begin) -> Result<Level, TransactionError> {
        match current(db) {
            None => Level::outermost(db, begin).await,
            Some(parent) if begin.alone && !parent.pretends => Err(TransactionError::AlreadyInTransaction),
            Some(_) if begin.options.is_some() => Err(TransactionError::OptionsOfNested),
            Some(parent) => Level::nested(parent, begin.pretends).await,
        }
    }

    pub(super) async fn outermost(db: &Db, begin: Begin) -> Result<Level, TransactionError> {
        let live = Live::begin(db, begin.options.unwrap_or_default()).await?;
        let root = Root {
            db: identity(db),
            live: Arc::new(Turns::new(live)),
            ended: AtomicBool::new(false),
            _open: Open::new(db, begin.at),
        };
        Ok(Level { scope: Scope::new(Arc::new(root), None, 1, begin.pretends), _turn: None })
    }

    /// Waits until nothing else works in the parent.
    pub(super) async fn nested(parent: Arc<Scope>, pretends: bool) -> Result<Level, TransactionError> {
        let turn = parent.turn.clone().lock_owned().await;
        Level::inside(parent, Some(turn), pretends).await
    }

    async fn inside(
        parent: Arc<Scope>,
        turn: Option<OwnedMutexGuard<()>>,
        pretends: bool,
    ) -> Result<Level, TransactionError> {
        let mut held = parent.clone().held(None).await?;
        // SQLite takes a savepoint outside a transaction for the beginning of one.
        held.check().await?;
        shielded(held, Savepoint::Make).await?;
        let (root, depth) = (parent.root.clone(), parent.depth + 1);
        Ok(Level { scope: Scope::new(root, Some(parent), depth, pretends), _turn: turn })
    }

    /// Run something in it.
    pub(super) async fn run<F: Future>(&self, work: impl FnOnce() -> F) -> F::Output {
        let around = HERE.try_with(Arc::clone).ok();
        let frame = Arc::new(Frame { scope: self.scope.clone(), around });
        HERE.scope(frame, async { work().await }).await
    }

    /// Keep its changes: what others still do in it is waited for.
    ///
    /// # Cancellation
    /// Dropping the future leaves it open whether they are kept.
    pub(super) async fn commit(self) -> Result<(), TransactionError> {
        let mut held = self.scope.clone().hold().await?;
        if self.scope.depth > 1 {
            shielded(held, Savepoint::Release).await?;
        } else {
            let committed = held.live()?.commit().await;
            self.scope.root.ended.store(true, Ordering::SeqCst);
            committed?;
            drop(held);
        }
        let hooks = self.scope.take_hooks();
        match &self.scope.parent {
            Some(parent) => hooks.into_iter().for_each(|hook| parent.push_hook(hook)),
            None => {
                drop(self);
                run_hooks(hooks).await;
            }
        }
        Ok(())
    }

    /// Undo its changes; what others still want to do in it fails.
    pub(super) async fn rollback(self) -> Result<(), TransactionError> {
        // Who began it and did not end it has no level above: what is left of those is undone with this one.
        self.scope.ended.store(true, Ordering::SeqCst);
        let live = self.scope.root.live.clone().lock_owned().await;
        let mut held = Held { live: Some(live), _turn: None, scope: self.scope.clone() };
        #[cfg(feature = "mysql")]
        if self.scope.depth > 1 && matches!(held.connection(), Ok(Connection::MySql(_))) {
            return shielded(held, Savepoint::Undo(self.scope.depth)).await;
        }
        let live = held.live()?;
        let undone = match self.scope.depth {
            1 => live.rollback().await,
            depth => match live.at(depth) {
                Ok(_) => live.rollback_savepoint().await,
                // Gone with the levels below.
                Err(_) => Ok(()),
            },
        };
        drop(held);
        undone
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        self.scope.ended.store(true, Ordering::SeqCst);
        // A savepoint is undone by whoever uses the connection next.
        if self.scope.parent.is_none() {
            self.scope.root.abandon();
        }
    }
}

impl Scope {
    fn new(root: Arc<Root>, parent: Option<Arc<Scope>>, depth: u32, pretends: bool) -> Arc<Scope> {
        // Whatever is in it, is not stored either.
        let pretends = pretends || parent.as_ref().is_some_and(|parent| parent.pretends);
        Arc::new(Scope {
            root,
            parent,
            depth,
            turn: Arc::default(),
            ended: AtomicBool::new(false),
            hooks: Mutex::default(),
            pretends,
        })
    }
}

enum Savepoint {
    Make,
    Release,
    #[cfg(feature = "mysql")]
    Undo(u32),
}

/// To its end, also when nobody waits any longer: half a savepoint would have sqlx undo what is around it.
async fn shielded(mut held: Held, savepoint: Savepoint) -> Result<(), TransactionError> {
    let done = tokio::spawn(async move {
        match savepoint {
            Savepoint::Make => held.live()?.savepoint().await,
            Savepoint::Release => held.live()?.release().await,
            #[cfg(feature = "mysql")]
            Savepoint::Undo(depth) => match held.live()?.at(depth) {
                Ok(_) => held.live()?.rollback_savepoint().await,
                // Gone with the levels below.
                Err(_) => Ok(()),
            },
        }
    })
    .await;
    done.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => Err(TransactionError::Unavailable("the runtime shuts down")),
    })
}

/// All of them, also where one panics; then the first panic goes on.
async fn run_hooks(hooks: Vec<Hook>) {
    let mut first = None;
    for hook in hooks {
        let run = std::panic::AssertUnwindSafe(async { hook().await }).catch_unwind().await;
        if let Err(panic) = run {
            first.get_or_insert(panic);
        }
    }
    if let Some(panic) = first {
        std::panic::resume_unwind(panic);
    }
}
