//! What requests do in transactions.

use std::future::Future;

use super::Db;
#[cfg(feature = "sql")]
use super::transaction::{Isolation, Level, TransactionError, TxOptions};
use crate::error::Result;

#[cfg(feature = "sql")]
enum Undone<T> {
    OnPurpose(T),
    Failed(TransactionError),
}

#[cfg(feature = "sql")]
impl<T> From<TransactionError> for Undone<T> {
    fn from(error: TransactionError) -> Self {
        Undone::Failed(error)
    }
}

impl Db {
    /// Run something in a transaction of its own, or in a savepoint. It says whether that is kept, and an answer in any case.
    ///
    /// # Errors
    /// If it does not begin, or is to be kept and is not stored.
    ///
    /// # Cancellation
    /// As [`Db::atomic`].
    #[cfg(feature = "sql")]
    pub(crate) async fn whole<T>(&self, work: impl Future<Output = (bool, T)>) -> Result<T> {
        let done = self.atomic(|| async {
            match work.await {
                (true, answer) => Ok(answer),
                (false, answer) => Err(Undone::OnPurpose(answer)),
            }
        });
        match done.await {
            Ok(answer) | Err(Undone::OnPurpose(answer)) => Ok(answer),
            Err(Undone::Failed(error)) => Err(error.into()),
        }
    }

    /// Read something from one snapshot; in the transaction around, if there is one.
    ///
    /// # Errors
    /// If it does not begin, and those of `work`.
    ///
    /// # Cancellation
    /// As [`Db::atomic`].
    #[cfg(feature = "sql")]
    pub(crate) async fn snapshot<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        if self.in_transaction() {
            return work.await;
        }
        let options = TxOptions::new().isolation(Isolation::RepeatableRead).read_only();
        let level = Level::read(self, options).await?;
        let answer = level.run(|| work).await;
        // A statement may have failed; it says so itself, and there was nothing to store.
        if let Err(error) = level.commit().await {
            tracing::debug!("the transaction of a query did not end well: {error}");
        }
        answer
    }

    /// There is no driver, and so no snapshot.
    #[cfg(not(feature = "sql"))]
    pub(crate) async fn snapshot<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        work.await
    }

    /// There is no driver, and so no transaction.
    #[cfg(not(feature = "sql"))]
    #[allow(clippy::unused_async, reason = "as with drivers")]
    pub(crate) async fn whole<T>(&self, work: impl Future<Output = (bool, T)>) -> Result<T> {
        drop(work);
        Err(crate::error::Error::internal(super::db::NO_DRIVER))
    }
}
