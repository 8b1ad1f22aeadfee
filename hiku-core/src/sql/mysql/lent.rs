//! A connection of the pool, with what is known of its state.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use sqlx::mysql::MySqlDatabaseError;
use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, MySql, MySqlConnection};

use super::Server;
use crate::sql::TransactionError;

/// How the server ended a transaction on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    /// A statement stored what came before it.
    Stored,
    /// A deadlock undid it.
    Undone,
}

/// A connection of the pool. Dropped while it is at work, it does not go back: nobody knows how much of an answer was read.
pub(in crate::sql) struct Lent {
    connection: PoolConnection<MySql>,
    pub(super) server: Arc<Server>,
    busy: bool,
    in_transaction: bool,
    /// The transaction may have ended without our doing.
    unsure: bool,
    /// The statement before failed.
    failed: bool,
    over: Option<Over>,
}

impl Lent {
    pub(super) fn new(connection: PoolConnection<MySql>, server: Arc<Server>) -> Self {
        Lent { connection, server, busy: false, in_transaction: false, unsure: false, failed: false, over: None }
    }

    pub(in crate::sql) fn close_on_drop(&mut self) {
        self.connection.close_on_drop();
    }

    /// From here to [`rests`](Self::rests), its state is not known.
    pub(in crate::sql) fn works(&mut self) {
        self.busy = true;
    }

    pub(in crate::sql) fn rests(&mut self) {
        self.busy = false;
    }

    pub(in crate::sql) async fn ping(&mut self) -> Result<(), sqlx::Error> {
        self.works();
        let answer = self.connection.ping().await;
        self.rests();
        answer
    }

    pub(in crate::sql) fn begun(&mut self) {
        (self.in_transaction, self.unsure, self.failed, self.over) = (true, false, false, None);
    }

    pub(in crate::sql) fn ended(&mut self) {
        self.in_transaction = false;
    }

    /// Somebody may end the transaction: statements that we do not know.
    pub(in crate::sql) fn suspect(&mut self) {
        self.unsure = true;
    }

    pub(super) fn is_unsure(&self) -> bool {
        self.in_transaction && self.unsure
    }

    /// Whether a statement of ours failed. Then the transaction may be gone: a deadlock undoes all of it.
    pub(super) fn noted(&mut self, failed: bool) {
        self.failed = failed;
        self.unsure |= failed;
    }

    /// Why nothing more can be done in the transaction.
    pub(in crate::sql) fn over(&self) -> Option<TransactionError> {
        match self.over {
            _ if self.busy => {
                Some(TransactionError::Unavailable("a statement of this transaction was given up half-way"))
            }
            Some(Over::Stored) => Some(TransactionError::ImplicitCommit),
            Some(Over::Undone) => Some(TransactionError::Aborted),
            None => None,
        }
    }

    /// An error if the server has ended the transaction: what is asked next would be stored at once.
    ///
    /// # Cancellation
    /// Not to be dropped: the connection would be closed.
    pub(in crate::sql) async fn verify(&mut self) -> Result<(), TransactionError> {
        if !self.in_transaction {
            return Ok(());
        }
        if self.unsure && self.over.is_none() && !self.busy {
            self.works();
            let open = sqlx::query_scalar("SELECT @@in_transaction").fetch_one(&mut *self.connection).await;
            self.rests();
            match open {
                Ok(1_u64) => self.unsure = false,
                Ok(_) => self.over = Some(if self.failed { Over::Undone } else { Over::Stored }),
                // MySQL does not tell.
                Err(sqlx::Error::Database(error)) if number(&*error) == Some(UNKNOWN_VARIABLE) => self.unsure = false,
                Err(error) => return Err(error.into()),
            }
        }
        self.over().map_or(Ok(()), Err)
    }

    /// The number that the server has for this connection. It is asked for once.
    pub(super) async fn id(&mut self) -> Result<u64, sqlx::Error> {
        self.works();
        let id = self.server.id_of(&mut self.connection).await;
        self.rests();
        id
    }

    /// Something that may be stopped in the place of what comes next. A connection that does not answer is closed.
    pub(super) async fn absorb(&mut self) {
        for _ in 0..3 {
            self.works();
            let done = sqlx::raw_sql("DO 0").execute(&mut *self.connection).await;
            self.rests();
            match done {
                Ok(_) => return,
                Err(sqlx::Error::Database(error)) if number(&*error) == Some(INTERRUPTED) => {}
                Err(_) => break,
            }
        }
        self.close_on_drop();
    }
}

impl Deref for Lent {
    type Target = MySqlConnection;

    fn deref(&self) -> &MySqlConnection {
        &self.connection
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut MySqlConnection {
        &mut self.connection
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if self.busy {
            self.connection.close_on_drop();
        }
    }
}

const INTERRUPTED: u16 = 1317;
const UNKNOWN_VARIABLE: u16 = 1193;
const KILLED: u16 = 1927;

fn number(error: &dyn sqlx::error::DatabaseError) -> Option<u16> {
    error.try_downcast_ref::<MySqlDatabaseError>().map(MySqlDatabaseError::number)
}

/// Whether an administrator ended the connection.
pub(in crate::sql) fn is_killed(error: &dyn sqlx::error::DatabaseError) -> bool {
    number(error) == Some(KILLED)
}
