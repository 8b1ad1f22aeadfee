//! Two-phase commit on PostgreSQL: a transaction that is sure to be stored when somebody says so, whatever happens meanwhile.

use super::error::TransactionError;
use super::handle::{Conn, Tx};
use super::scope::current;
use crate::sql::{Db, Dialect};

/// As the server takes it, whatever it thinks of backslashes.
fn quoted(name: &str) -> String {
    format!("E'{}'", name.replace('\\', "\\\\").replace('\'', "''"))
}

impl Tx<'static> {
    /// The first phase of a commit in two, on PostgreSQL: the server keeps the transaction under this name (of up to 199 bytes),
    /// over its own restarts too, until somebody ends it by [`Db::commit_prepared`] or [`Db::rollback_prepared`]. Until then it
    /// keeps its locks. What waits in [`Db::after_commit`] never runs.
    ///
    /// The server must allow it: `max_prepared_transactions` is 0 unless said otherwise.
    ///
    /// # Errors
    /// What the database says; [`TransactionError::Aborted`] if a statement had failed. Then nothing is kept, unless it was the
    /// connection that failed: [`Db::prepared`] tells.
    ///
    /// # Cancellation
    /// Dropping the future leaves it open whether it is kept.
    pub async fn prepare(self, name: &str) -> Result<(), TransactionError> {
        let level = self.into_level();
        level.prepare(format!("PREPARE TRANSACTION {}; BEGIN", quoted(name))).await
    }
}

/// Transactions that were prepared: of any connection, on PostgreSQL.
impl Db {
    /// The names of those that wait in this database for their second phase, the oldest first: after a crash, to be ended.
    ///
    /// # Errors
    /// What the database says.
    pub async fn prepared(&self) -> Result<Vec<String>, TransactionError> {
        let names = "SELECT gid FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared, gid";
        let mut conn = Conn::of(self).await?;
        Ok(sqlx::query_scalar(names).fetch_all(conn.postgres()?).await?)
    }

    /// Store a transaction that was prepared.
    ///
    /// # Errors
    /// [`TransactionError::AlreadyInTransaction`] inside a transaction; what the database says, as that there is none of this name.
    ///
    /// # Cancellation
    /// Dropping the future leaves it open whether it is stored.
    pub async fn commit_prepared(&self, name: &str) -> Result<(), TransactionError> {
        self.end_prepared("COMMIT", name).await
    }

    /// Undo a transaction that was prepared.
    ///
    /// # Errors
    /// As [`commit_prepared`](Self::commit_prepared).
    ///
    /// # Cancellation
    /// Dropping the future leaves it open whether it is undone.
    pub async fn rollback_prepared(&self, name: &str) -> Result<(), TransactionError> {
        self.end_prepared("ROLLBACK", name).await
    }

    async fn end_prepared(&self, how: &str, name: &str) -> Result<(), TransactionError> {
        if self.dialect() != Dialect::Postgres {
            return Err(TransactionError::Unavailable("only PostgreSQL keeps prepared transactions"));
        }
        if current(self).is_some() {
            return Err(TransactionError::AlreadyInTransaction);
        }
        Conn::of(self).await?.execute(format!("{how} PREPARED {}", quoted(name))).await.map(drop)
    }
}
