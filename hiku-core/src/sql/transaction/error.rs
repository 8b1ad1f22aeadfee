//! Why a transaction, or a statement in it, failed.

use std::fmt;

/// Why a transaction failed. Internal where it becomes an [`Error`](crate::error::Error): clients see none of it.
#[derive(Debug)]
#[non_exhaustive]
pub enum TransactionError {
    /// PostgreSQL: a statement failed earlier and the error was not passed on, so the server had given up the transaction
    /// before it was to be committed; on SQLite and MariaDB: the database undid it on its own, as after a deadlock. Nothing of it is stored. What may fail
    /// while the rest goes on belongs in a nested scope.
    Aborted,
    /// MariaDB: a statement has ended the transaction and stored what came before it, as `CREATE`, `ALTER`, `DROP` and others do
    /// there. What comes after it in the scope is refused. Statements that define tables belong outside.
    ImplicitCommit,
    /// The scope has ended already; what wanted to use it was still there: a task of
    /// [`spawn_in_scope`](crate::sql::Db::spawn_in_scope), or a statement in one.
    ScopeClosed,
    /// [`Db::transaction`](crate::sql::Db::transaction) or [`Db::begin`](crate::sql::Db::begin) inside a transaction of the
    /// same database.
    AlreadyInTransaction,
    /// [`Db::atomic_with`](crate::sql::Db::atomic_with) inside a transaction: a savepoint has no options of its own.
    OptionsOfNested,
    /// No connection was free in time.
    NoConnection {
        /// Which transactions have one.
        transactions: String,
    },
    /// Somebody has kept the connection of this transaction for as long as one waits for a connection: a
    /// [`Conn`](crate::sql::Conn) that is still there, or a nested scope that waits for something outside.
    Busy {
        /// Who has it, since when, and where it was taken.
        holder: String,
    },
    /// The connection is of the other kind of database than it was asked for, or at work.
    Unavailable(&'static str),
    /// What the database says.
    Database(sqlx::Error),
}

impl TransactionError {
    /// Whether the database refused it for what others did at the same time: a serialisation failure, a deadlock, a lock of
    /// SQLite or MariaDB that was not given in time. Trying again from the start may do: [`Db::atomic_retry`](crate::sql::Db::atomic_retry).
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Database(error) if is_conflict(error))
    }
}

fn is_conflict(error: &sqlx::Error) -> bool {
    // PostgreSQL and MariaDB: serialization_failure, deadlock_detected. SQLite: busy, of a snapshot that is too old, and locked.
    const CODES: [&str; 7] = ["40001", "40P01", "5", "261", "517", "6", "262"];
    #[cfg(feature = "mysql")]
    if crate::sql::mysql::is_conflict(error) {
        return true;
    }
    error.as_database_error().and_then(|said| said.code()).is_some_and(|code| CODES.contains(&&*code))
}

/// Whether an error of a block is one of those, as far as its type says so.
pub(super) fn can_be_tried_again<E: 'static>(error: &E) -> bool {
    let error: &dyn std::any::Any = error;
    let first: Option<&(dyn std::error::Error + 'static)> =
        if let Some(error) = error.downcast_ref::<TransactionError>() {
            Some(error)
        } else if let Some(error) = error.downcast_ref::<sqlx::Error>() {
            Some(error)
        } else if let Some(error) = error.downcast_ref::<Box<dyn std::error::Error + Send + Sync>>() {
            Some(&**error)
        } else {
            error.downcast_ref::<crate::error::Error>().and_then(|error| error.source()).map(|error| error as _)
        };
    std::iter::successors(first, |error| error.source()).any(|error| {
        error.downcast_ref::<TransactionError>().is_some_and(TransactionError::is_conflict)
            || error.downcast_ref::<sqlx::Error>().is_some_and(is_conflict)
    })
}

impl fmt::Display for TransactionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aborted => f.write_str(
                "the transaction was aborted by a statement that failed before: nothing of it is stored; \
                 put what may fail in a nested `atomic`",
            ),
            Self::ImplicitCommit => f.write_str(
                "a statement ended the transaction, and stored what came before it: MariaDB does that for those that define \
                 tables; run them outside",
            ),
            Self::ScopeClosed => f.write_str("the scope of this transaction has ended"),
            Self::AlreadyInTransaction => {
                f.write_str("there is a transaction already; `atomic` makes a savepoint in it")
            }
            Self::OptionsOfNested => f.write_str("a savepoint has no options: they belong to the outermost scope"),
            Self::NoConnection { transactions } => {
                write!(f, "no connection was free in time; {transactions}")
            }
            Self::Busy { holder } => {
                write!(f, "the connection of this transaction is held by {holder}; end that before the next statement")
            }
            Self::Unavailable(why) => f.write_str(why),
            Self::Database(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl std::error::Error for TransactionError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            // Its text is this one's.
            Self::Database(error) => std::error::Error::source(error),
            _ => None,
        }
    }
}

impl From<sqlx::Error> for TransactionError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            // PostgreSQL: the transaction is aborted.
            sqlx::Error::Database(said) if said.code().is_some_and(|code| code == "25P02") => Self::Aborted,
            _ => Self::Database(error),
        }
    }
}
