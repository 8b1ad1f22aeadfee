//! Scopes: which transaction the code of a task runs in, and who may use its connection now.

use std::future::Future;
use std::panic::Location;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio::sync::{Mutex as Turns, OwnedMutexGuard};
use tokio::time::timeout;

use super::error::TransactionError;
use super::live::Live;
use super::open::{self, Open, identity};
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

/// Takes the transactions of this task along to code that runs elsewhere, on a thread or a lane of `hiku::bridge`:
/// `async_def_send(work).within(carry_transactions())`. They have to last until it is done.
pub fn carry_transactions() -> impl FnMut(&mut dyn FnMut()) + Send + 'static {
    let here = HERE.try_with(Arc::clone).ok();
    move |stretch| match &here {
        Some(here) => HERE.sync_scope(here.clone(), stretch),
        None => stretch(),
    }
}

/// One physical transaction.
struct Root {
    /// Which database it is of.
    db: usize,
    live: Arc<Turns<Live>>,
    /// Who has the connection, if that is not a statement.
    taken: Mutex<Option<Holder>>,
    /// How long to wait for who keeps the connection.
    patience: Duration,
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
    /// Who has the turn, if that is not a statement: those end by themselves.
    holder: Mutex<Option<Holder>>,
    ended: AtomicBool,
    hooks: Mutex<Vec<Hook>>,
    /// Nothing of it will be stored: transactions in it are savepoints.
    pretends: bool,
}

/// Who may keep the connection for long.
#[derive(Clone, Copy)]
struct Holder {
    what: &'static str,
    at: Option<&'static Location<'static>>,
    since: Instant,
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
        let turn = self.take_turn().await?;
        self.held(Some(turn)).await
    }

    /// Waits as long as those who are before do something.
    async fn take_turn(&self) -> Result<OwnedMutexGuard<()>, TransactionError> {
        self.patiently(self.turn.clone().lock_owned()).await
    }

    async fn patiently<T>(&self, wait: impl Future<Output = T>) -> Result<T, TransactionError> {
        let mut wait = pin!(wait);
        // Mostly nobody is before.
        if let Poll::Ready(turn) = futures_util::poll!(wait.as_mut()) {
            return Ok(turn);
        }
        loop {
            if let Ok(turn) = timeout(self.root.patience, wait.as_mut()).await {
                return Ok(turn);
            }
            // Of the turn, or of the connection: that can be a `Conn` of a scope inside, which has ended.
            for holder in [&self.holder, &self.root.taken] {
                let holder = *holder.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(Holder { what, at, since }) = holder.filter(|by| by.since.elapsed() >= self.root.patience) {
                    let place = at.map(|at| format!(" taken at {at}")).unwrap_or_default();
                    let holder = format!("{what}{place} ({:.1} s ago)", since.elapsed().as_secs_f32());
                    return Err(TransactionError::Busy { holder });
                }
            }
        }
    }

    fn set_holder(&self, holder: Option<Holder>) {
        *self.holder.lock().unwrap_or_else(PoisonError::into_inner) = holder;
    }

    fn set_taken(&self, holder: Option<Holder>) {
        *self.root.taken.lock().unwrap_or_else(PoisonError::into_inner) = holder;
        self.set_holder(holder);
    }

    async fn held(self: Arc<Self>, turn: Option<OwnedMutexGuard<()>>) -> Result<Held, TransactionError> {
        self.check()?;
        let live = self.patiently(self.root.live.clone().lock_owned()).await?;
        let mut held =
            Held { live: Some(live), _turn: turn, scope: self, settled: false, in_doubt: false, is_taken: false };
        held.scope.check()?;
        let depth = held.scope.depth;
        held.live()?.at(depth)?;
        Ok(held)
    }

    /// Run a statement that reads.
    pub(in crate::sql) async fn fetch(self: Arc<Self>, ask: Ask) -> Result<Fetched> {
        self.run(ask, false).await
    }

    /// Run a statement that writes.
    pub(in crate::sql) async fn write(self: Arc<Self>, ask: Ask) -> Result<Fetched> {
        self.run(ask, true).await
    }

    /// How MariaDB compares the columns of a table.
    #[cfg(feature = "mysql")]
    pub(in crate::sql) async fn key_types(
        self: Arc<Self>,
        relation: &crate::sql::Relation,
    ) -> Result<crate::sql::dialect::KeyTypes> {
        crate::sql::mysql::columns(self.hold().await?, relation).await.1
    }

    async fn run(self: Arc<Self>, ask: Ask, writes: bool) -> Result<Fetched> {
        let ask = Arc::new(ask);
        let mut held = self.hold().await.map_err(|error| ask.failed(&error.into()))?;
        if writes {
            held.check().await.map_err(|error| ask.failed(&error.into()))?;
        }
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
    /// Nothing that was given up is under way.
    settled: bool,
    /// A statement of which nobody tells when it is done may be under way.
    in_doubt: bool,
    /// By a user, for as long as he likes.
    is_taken: bool,
}

impl Held {
    pub(super) fn taken(&mut self, what: &'static str, at: &'static Location<'static>) {
        self.is_taken = true;
        self.scope.set_taken(Some(Holder { what, at: Some(at), since: Instant::now() }));
    }

    fn live(&mut self) -> Result<&mut Live, TransactionError> {
        self.live.as_deref_mut().ok_or(TransactionError::ScopeClosed)
    }

    pub(super) fn connection(&mut self) -> Result<&mut Connection, TransactionError> {
        self.live()?.connection().ok_or(TransactionError::ScopeClosed)
    }

    pub(super) fn is_at_work(&mut self) -> bool {
        self.live.as_mut().is_some_and(|live| live.is_at_work(false))
    }

    pub(super) fn is_in_doubt(&self) -> bool {
        self.in_doubt
    }

    pub(super) fn in_doubt(&mut self, in_doubt: bool) {
        self.in_doubt = in_doubt;
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
        if std::mem::take(&mut self.is_taken) {
            self.scope.set_taken(None);
        }
        // What was given up may be under way on the server: whoever is next waits for its end, not for all it would have done.
        if !self.settled
            && let in_doubt = self.in_doubt
            && self.live.as_mut().is_some_and(|live| live.is_at_work(in_doubt))
            && let Ok(runtime) = Handle::try_current()
        {
            let (live, turn, scope) = (self.live.take(), self._turn.take(), self.scope.clone());
            let mut held = Held { live, _turn: turn, scope, settled: true, in_doubt: false, is_taken: false };
            runtime.spawn(async move {
                if let Some(live) = &mut held.live {
                    live.settle().await;
                }
            });
            return;
        }
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
pub(in crate::sql) struct Level {
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
            Some(parent) => Level::nested(parent, begin.pretends, Some(begin.at)).await,
        }
    }

    /// One that only reads, where there is none around.
    #[track_caller]
    pub(in crate::sql) fn read(
        db: &Db,
        options: TxOptions,
    ) -> impl Future<Output = Result<Level, TransactionError>> + Send + '_ {
        Level::outermost(db, Begin { options: Some(options), alone: true, pretends: false, at: Location::caller() })
    }

    pub(super) async fn outermost(db: &Db, begin: Begin) -> Result<Level, TransactionError> {
        let live = Live::begin(db, begin.options.unwrap_or_default()).await?;
        let live = Arc::new(Turns::new(live));
        let patience = open::patience(db);
        let root = Arc::new_cyclic(|root: &Weak<Root>| {
            let weak = root.clone();
            let end = move || {
                if let Some(root) = weak.upgrade() {
                    root.abandon();
                }
            };
            Root {
                db: identity(db),
                live,
                taken: Mutex::default(),
                patience,
                ended: AtomicBool::new(false),
                _open: Open::new(db, begin.at, end),
            }
        });
        Ok(Level { scope: Scope::new(root, None, 1, begin.pretends), _turn: None })
    }

    /// Waits until nothing else works in the parent.
    pub(super) async fn nested(
        parent: Arc<Scope>,
        pretends: bool,
        at: Option<&'static Location<'static>>,
    ) -> Result<Level, TransactionError> {
        let turn = parent.take_turn().await?;
        let level = Level::inside(parent.clone(), Some(turn), pretends).await?;
        parent.set_holder(Some(Holder { what: "a nested scope", at, since: Instant::now() }));
        Ok(level)
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
    pub(in crate::sql) async fn run<F: Future>(&self, work: impl FnOnce() -> F) -> F::Output {
        let around = HERE.try_with(Arc::clone).ok();
        let frame = Arc::new(Frame { scope: self.scope.clone(), around });
        HERE.scope(frame, async { work().await }).await
    }

    /// Keep its changes: what others still do in it is waited for.
    ///
    /// # Cancellation
    /// Dropping the future leaves it open whether they are kept.
    pub(in crate::sql) async fn commit(self) -> Result<(), TransactionError> {
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

    /// Have the server keep it, by a statement that begins another.
    #[cfg(feature = "postgres")]
    pub(super) async fn prepare(self, statement: String) -> Result<(), TransactionError> {
        if self.scope.depth > 1 {
            return Err(TransactionError::Unavailable("a savepoint cannot be prepared, only a whole transaction"));
        }
        let mut held = self.scope.clone().hold().await?;
        let prepared = held.live()?.prepare(statement).await;
        self.scope.root.ended.store(true, Ordering::SeqCst);
        prepared
    }

    /// Undo its changes; what others still want to do in it fails.
    pub(super) async fn rollback(self) -> Result<(), TransactionError> {
        // Who began it and did not end it has no level above: what is left of those is undone with this one.
        self.scope.ended.store(true, Ordering::SeqCst);
        let live = self.scope.patiently(self.scope.root.live.clone().lock_owned()).await?;
        let mut held = Held {
            live: Some(live),
            _turn: None,
            scope: self.scope.clone(),
            settled: false,
            in_doubt: false,
            is_taken: false,
        };
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
        match &self.scope.parent {
            // A savepoint is undone by whoever uses the connection next.
            Some(parent) => parent.set_holder(None),
            None => self.scope.root.abandon(),
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
            holder: Mutex::default(),
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
