//! Waiting without `.await`: where that may be done, and who drives the connections meanwhile.

#[cfg(feature = "sql")]
pub(super) use waiting::Home;
pub use waiting::allow_blocking;
pub(super) use waiting::wait_for_owned;

#[cfg(not(feature = "sql"))]
pub(super) use none::Home;

/// Without a driver nothing ever waits.
#[cfg(not(feature = "sql"))]
mod none {
    #[derive(Clone)]
    pub(in crate::sql) struct Home;
}

#[cfg(not(feature = "sql"))]
mod waiting {
    use std::pin::Pin;

    use crate::error::{Error, Result};
    use crate::sql::Db;

    pub(in crate::sql) fn wait_for_owned<A>(_: &Db, _: Pin<Box<dyn Future<Output = Result<A>> + Send>>) -> Result<A> {
        Err(Error::internal(crate::sql::db::NO_DRIVER))
    }

    /// Let the operations in `work` block a worker of a runtime.
    pub fn allow_blocking<T>(work: impl FnOnce() -> T) -> T {
        work()
    }
}

#[cfg(feature = "sql")]
mod waiting {
    use std::cell::Cell;
    use std::future::Future;
    use std::pin::Pin;
    use std::sync::{Mutex, PoisonError};
    use std::task::{Context, Waker};
    use std::thread;

    use tokio::runtime::{Builder, Handle, Runtime, RuntimeFlavor};
    use tokio::task::coop;

    use crate::error::{Error, Result};
    use crate::sql::builder::DbBuilder;
    use crate::sql::{Db, transaction};
    use crate::threads::{in_async, wait};

    /// What `.blocking()` answers in async code.
    const REFUSED: &str = "`.blocking()` in async code would block a worker of the runtime: write `.await`; around code in \
         blocking style put `bridge::async_def_send(|| ..).await` (feature `bridge`), or `sql::allow_blocking(|| ..)` \
         where the worker may be blocked";

    /// What it answers on a runtime that cannot go on meanwhile.
    const ONE_THREAD: &str = "`.blocking()` on the only thread of a runtime, which drives the connections: it would wait for \
         ever; write `.await`, or use a runtime of several threads";

    thread_local! {
        static ALLOWED: Cell<bool> = const { Cell::new(false) };
    }

    /// Let `.blocking()` in `work` block this thread, though it is a worker of a runtime and has other tasks to do.
    ///
    /// It holds for what `work` itself calls, until it returns or panics; not for other tasks, nor for other threads. On a runtime
    /// of several threads the others take over what this one had to do. One of a single thread stands still meanwhile; there
    /// only SQLite by [`Db::connect`] can be waited for, outside of transactions.
    ///
    /// ```
    /// # use hiku_core::sql::allow_blocking;
    /// assert_eq!(allow_blocking(|| 1 + 1), 2);
    /// ```
    pub fn allow_blocking<T>(work: impl FnOnce() -> T) -> T {
        struct PutBack(bool);
        impl Drop for PutBack {
            fn drop(&mut self) {
                ALLOWED.set(self.0);
            }
        }
        // There it awaits in any case; and other tasks run on this thread meanwhile.
        #[cfg(feature = "bridge")]
        if crate::bridge::inside() {
            return work();
        }
        let _back = PutBack(ALLOWED.replace(true));
        work()
    }

    /// The runtime that a database was connected in: it drives the connections.
    #[derive(Clone)]
    pub(in crate::sql) struct Home(Option<Handle>);

    impl Home {
        pub(in crate::sql) fn here() -> Self {
            Home(Handle::try_current().ok())
        }

        fn handle(&self) -> Result<Handle> {
            self.0.clone().map_or_else(background, Ok)
        }
    }

    /// A runtime for programs that have none: one thread, made when it is needed first, for as long as the process lives.
    fn background() -> Result<Handle> {
        static RUNTIME: Mutex<Option<Runtime>> = Mutex::new(None);
        let mut known = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = &*known {
            return Ok(runtime.handle().clone());
        }
        let runtime =
            Builder::new_multi_thread().worker_threads(1).thread_name("hiku-blocking").enable_all().build()?;
        Ok(known.insert(runtime).handle().clone())
    }

    /// How this thread may wait.
    enum How {
        /// Without a runtime.
        Plain,
        /// A thread that may be blocked, of this runtime.
        Blocking(Handle),
        /// A worker that may be blocked for once.
        Worker(Handle),
    }

    fn how() -> Result<How> {
        let Ok(handle) = Handle::try_current() else { return Ok(How::Plain) };
        if !in_async() {
            return Ok(How::Blocking(handle));
        }
        if ALLOWED.get() { Ok(How::Worker(handle)) } else { Err(Error::internal(REFUSED)) }
    }

    /// Wait for an operation.
    pub(in crate::sql) fn wait_for_owned<A: Send>(
        db: &Db,
        work: Pin<Box<dyn Future<Output = Result<A>> + Send>>,
    ) -> Result<A> {
        #[cfg(feature = "bridge")]
        if crate::bridge::inside() {
            return crate::bridge::awaitlet(work);
        }
        match how()? {
            How::Plain if needs_no_runtime(db) => wait(work),
            How::Worker(handle) if handle.runtime_flavor() == RuntimeFlavor::CurrentThread => {
                if transaction::current(db).is_some() {
                    return Err(Error::internal(ONE_THREAD));
                }
                let elsewhere = if needs_no_runtime(db) { None } else { Some(other(db, &handle)?) };
                // A thread that belongs to no runtime; this one stands still.
                thread::scope(|scope| {
                    let thread = scope.spawn(|| match elsewhere {
                        None => wait(work),
                        Some(handle) => handle.block_on(work),
                    });
                    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                })
            }
            how => block_on(db, how, work),
        }
    }

    /// Wait for anything that uses this database.
    fn wait_for<A>(db: &Db, work: impl Future<Output = Result<A>>) -> Result<A> {
        #[cfg(feature = "bridge")]
        if crate::bridge::inside() {
            return crate::bridge::awaitlet(work);
        }
        match how()? {
            How::Worker(handle) if handle.runtime_flavor() == RuntimeFlavor::CurrentThread => {
                Err(Error::internal(ONE_THREAD))
            }
            how => block_on(db, how, work),
        }
    }

    fn block_on<A>(db: &Db, how: How, work: impl Future<Output = Result<A>>) -> Result<A> {
        match how {
            How::Plain => db.home().handle()?.block_on(work),
            How::Blocking(handle) => handle.block_on(work),
            How::Worker(handle) => on_worker(&handle, work),
        }
    }

    /// Block a worker, whose other tasks go on elsewhere.
    fn on_worker<A>(handle: &Handle, work: impl Future<Output = A>) -> A {
        // Tokio takes the budget away meanwhile, and does not always give it back: then this would look like no task.
        let budget = coop::poll_proceed(&mut Context::from_waker(Waker::noop()));
        let answer = tokio::task::block_in_place(|| handle.block_on(work));
        drop(budget);
        answer
    }

    /// The runtime of a database that is not this one.
    fn other(db: &Db, this: &Handle) -> Result<Handle> {
        let home = db.home().handle()?;
        if home.id() == this.id() { Err(Error::internal(ONE_THREAD)) } else { Ok(home) }
    }

    /// Whether operations do all their work in place where there is no runtime.
    fn needs_no_runtime(db: &Db) -> bool {
        #[cfg(feature = "sqlite")]
        return db.own().is_some();
        #[cfg(not(feature = "sqlite"))]
        {
            let _ = db;
            false
        }
    }

    /// Connect, where there is no runtime to do it in.
    fn connect(connecting: impl Future<Output = Result<Db>>) -> Result<Db> {
        #[cfg(feature = "bridge")]
        if crate::bridge::inside() {
            return crate::bridge::awaitlet(connecting);
        }
        match how()? {
            How::Plain => background()?.block_on(connecting),
            How::Blocking(handle) => handle.block_on(connecting),
            How::Worker(handle) if handle.runtime_flavor() == RuntimeFlavor::CurrentThread => {
                Err(Error::internal(ONE_THREAD))
            }
            How::Worker(handle) => on_worker(&handle, connecting),
        }
    }

    /// Without `.await`.
    impl Db {
        /// As [`connect`](Self::connect), for programs without async code. Where there is no runtime, a background thread is
        /// started, once for the process, that drives the connections.
        ///
        /// # Errors
        /// As `connect`; and in async code.
        pub fn connect_blocking(url: &str) -> Result<Db> {
            connect(Db::connect(url))
        }

        /// Wait for anything that uses this database, in the ways and under the conditions of
        /// [`Operation::blocking`](crate::sql::Operation::blocking): transactions, `create_tables`, statements of your own.
        ///
        /// ```
        /// # use hiku_core::sql::Db;
        /// # use hiku_core::error::Result;
        /// # fn main() -> Result<()> {
        /// # #[cfg(feature = "sqlite")] {
        /// let db = Db::connect_blocking("sqlite::memory:")?;
        /// db.blocking(db.execute("CREATE TABLE account (id INTEGER PRIMARY KEY)"))?;
        /// # }
        /// # Ok(())
        /// # }
        /// ```
        ///
        /// # Errors
        /// Those of `work`; in async code, one that says what to write instead.
        pub fn blocking<A>(&self, work: impl Future<Output = Result<A>>) -> Result<A> {
            wait_for(self, work)
        }
    }

    impl DbBuilder {
        /// As [`connect`](Self::connect), for programs without async code: see [`Db::connect_blocking`].
        ///
        /// # Errors
        /// As `connect`; and in async code.
        pub fn connect_blocking(self) -> Result<Db> {
            connect(self.connect())
        }
    }
}
