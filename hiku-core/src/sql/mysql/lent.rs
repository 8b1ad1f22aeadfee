//! A connection of the pool, with what is known of its state.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Instant;

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
    /// There until this is dropped.
    connection: Option<PoolConnection<MySql>>,
    pub(super) server: Arc<Server>,
    /// The number that the server has for it.
    id: Option<u64>,
    busy: bool,
    in_transaction: bool,
    /// The transaction may have ended without our doing.
    unsure: bool,
    /// The statement before failed.
    failed: bool,
    over: Option<Over>,
    /// Whoever has it may have begun a transaction, and left it open.
    by_hand: bool,
    at: Instant,
}

impl Lent {
    pub(super) fn new(connection: PoolConnection<MySql>, server: Arc<Server>) -> Self {
        Lent {
            connection: Some(connection),
            server,
            id: None,
            busy: false,
            in_transaction: false,
            unsure: false,
            failed: false,
            over: None,
            by_hand: false,
            at: Instant::now(),
        }
    }

    /// When the pool lent it.
    pub(in crate::sql) fn lent_at(&self) -> Instant {
        self.at
    }

    /// Close it without a word, and without a runtime.
    pub(in crate::sql) fn hang_up(mut self) {
        drop(self.connection.take().map(PoolConnection::leak));
    }

    pub(in crate::sql) fn close_on_drop(&mut self) {
        if let Some(connection) = &mut self.connection {
            connection.close_on_drop();
        }
    }

    /// Whoever has it may begin a transaction, and not end it.
    pub(in crate::sql) fn begins_by_hand(&mut self) {
        self.by_hand = true;
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
        let answer = self.deref_mut().ping().await;
        self.rests();
        answer
    }

    pub(in crate::sql) fn begun(&mut self) {
        (self.in_transaction, self.unsure, self.failed, self.over) = (true, false, false, None);
    }

    pub(in crate::sql) fn ended(&mut self) {
        (self.in_transaction, self.by_hand) = (false, false);
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
            let open = sqlx::query_scalar("SELECT @@in_transaction").fetch_one(self.deref_mut()).await;
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
        if let Some(id) = self.id {
            return Ok(id);
        }
        self.works();
        let server = self.server.clone();
        let id = server.id_of(self).await;
        self.rests();
        if let Ok(id) = id {
            server.is_lent(id);
            self.id = Some(id);
        }
        id
    }

    /// Something that may be stopped in the place of what comes next. A connection that does not answer is closed.
    pub(super) async fn absorb(&mut self) {
        for _ in 0..3 {
            self.works();
            let done = sqlx::raw_sql("DO 0").execute(self.deref_mut()).await;
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
        match &self.connection {
            Some(connection) => connection,
            None => unreachable!("it is there until this is dropped"),
        }
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut MySqlConnection {
        match &mut self.connection {
            Some(connection) => connection,
            None => unreachable!("it is there until this is dropped"),
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.server.is_back(id);
        }
        let Some(mut connection) = self.connection.take() else { return };
        if self.busy {
            connection.close_on_drop();
        } else if self.by_hand && !self.in_transaction {
            match tokio::runtime::Handle::try_current() {
                Ok(runtime) => drop(runtime.spawn(leave_transaction(Lent::new(connection, self.server.clone())))),
                Err(_) => connection.close_on_drop(),
            }
        }
    }
}

/// What was begun by hand, and not ended, is undone: nobody gets a connection that is in a transaction. One that does not
/// answer is closed.
async fn leave_transaction(mut lent: Lent) {
    lent.works();
    let open = sqlx::query_scalar("SELECT @@in_transaction").fetch_one(lent.deref_mut()).await;
    let left = match open {
        Ok(0_u64) => Ok(()),
        // MySQL does not tell.
        _ => sqlx::raw_sql("ROLLBACK").execute(lent.deref_mut()).await.map(drop),
    };
    if left.is_ok() {
        lent.rests();
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

/// Whether it was refused for what others did: a lock that was not given in time, or a row that has changed since the
/// snapshot. A deadlock has the code of the standard.
pub(in crate::sql) fn is_conflict(error: &sqlx::Error) -> bool {
    const LOCK_WAIT_TIMEOUT: u16 = 1205;
    const CHECKREAD: u16 = 1020;
    let number = error.as_database_error().and_then(number);
    number.is_some_and(|number| [LOCK_WAIT_TIMEOUT, CHECKREAD].contains(&number))
}

/// Whether it is the one that an upsert makes on purpose.
pub(super) fn is_guard(error: &crate::error::Error) -> bool {
    const SUBQUERY_NO_1_ROW: u16 = 1242;
    number_within(error) == Some(SUBQUERY_NO_1_ROW)
}

/// Whether it was refused as one of those that waited for each other.
pub(in crate::sql) fn is_deadlock(error: &crate::error::Error) -> bool {
    const LOCK_DEADLOCK: u16 = 1213;
    number_within(error) == Some(LOCK_DEADLOCK)
}

fn number_within(error: &crate::error::Error) -> Option<u16> {
    let first = error.source().map(|source| source as &(dyn std::error::Error + 'static));
    let said =
        std::iter::successors(first, |error| error.source()).find_map(|error| error.downcast_ref::<sqlx::Error>());
    said.and_then(sqlx::Error::as_database_error).and_then(number)
}
