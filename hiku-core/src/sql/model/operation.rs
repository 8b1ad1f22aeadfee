//! An operation on a database, with two ways to end it.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use crate::error::Result;
use crate::sql::{Db, blocking};

pub(super) type Work<A> = Pin<Box<dyn Future<Output = Result<A>> + Send>>;

/// Something to do with a database: nothing happens before `.await` or [`blocking`](Operation::blocking).
///
/// Inside [`Db::atomic`] of the same database, it is part of that.
///
/// # Cancellation
/// Dropping the future stops the statement; what it was to change is changed as a whole or not at all.
#[must_use = "nothing happens before `.await` or `.blocking()`"]
pub struct Operation<A> {
    db: Db,
    work: Work<A>,
}

impl<A: Send + 'static> Operation<A> {
    pub(super) fn new(db: &Db, work: impl Future<Output = Result<A>> + Send + 'static) -> Self {
        Operation { db: db.clone(), work: Box::pin(work) }
    }

    /// Do it now, and wait for it without `.await`:
    ///
    /// | where | how it waits |
    /// |---|---|
    /// | inside `hiku::bridge` | as `awaitlet` does: no thread is blocked that has other things to do |
    /// | a thread that may block: a plain one, or one of `spawn_blocking` | the thread is blocked |
    /// | async code | not at all: that is an error, unless [`allow_blocking`](crate::sql::allow_blocking) is around it |
    ///
    /// A thread without a runtime needs none for SQLite by [`Db::connect`]. Other databases are waited for on the runtime that
    /// they were connected in, which must be running; [`Db::connect_blocking`] is for programs that have none.
    ///
    /// # Errors
    /// Those of the operation; in async code, one that says what to write instead.
    ///
    /// # Panics
    /// Inside a bridge whose call was cancelled: that unwinds the call.
    pub fn blocking(self) -> Result<A> {
        blocking::wait_for_owned(&self.db, self.work)
    }
}

impl<A> IntoFuture for Operation<A> {
    type Output = Result<A>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<A>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        self.work
    }
}

impl<A> std::fmt::Debug for Operation<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Operation")
    }
}

/// What is built step by step becomes an operation at its end: the two ways to end it, on the builder itself.
macro_rules! ends {
    ($builder:ident => $answer:ty) => {
        impl<N: Model> $builder<N> {
            /// Do it now, and wait for it without `.await`: see [`Operation::blocking`].
            ///
            /// # Errors
            /// Those of the operation; in async code, one that says what to write instead.
            pub fn blocking(self) -> Result<$answer> {
                self.operation().blocking()
            }
        }

        impl<N: Model> std::future::IntoFuture for $builder<N> {
            type Output = Result<$answer>;
            type IntoFuture = <Operation<$answer> as std::future::IntoFuture>::IntoFuture;

            fn into_future(self) -> Self::IntoFuture {
                self.operation().into_future()
            }
        }

        impl<N> std::fmt::Debug for $builder<N> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($builder))
            }
        }
    };
}
pub(super) use ends;
