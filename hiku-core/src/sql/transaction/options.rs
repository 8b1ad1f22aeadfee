//! How a transaction begins.

use crate::sql::Dialect;

/// How much a transaction sees of what others commit meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Isolation {
    /// PostgreSQL takes it for [`ReadCommitted`](Self::ReadCommitted).
    ReadUncommitted,
    /// Each statement sees what was committed before it.
    ReadCommitted,
    /// All statements see what was committed before the first one.
    RepeatableRead,
    /// As if one transaction ran after the other; it can fail for that, and has to be tried again.
    Serializable,
}

impl Isolation {
    fn name(self) -> &'static str {
        match self {
            Isolation::ReadUncommitted => "READ UNCOMMITTED",
            Isolation::ReadCommitted => "READ COMMITTED",
            Isolation::RepeatableRead => "REPEATABLE READ",
            Isolation::Serializable => "SERIALIZABLE",
        }
    }
}

/// How a transaction begins; by default, as the database is set.
///
/// SQLite is serializable whatever is asked for. There, a transaction takes the lock of writers when it begins, unless it
/// only reads: one that finds out later that it writes may be refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TxOptions {
    /// How much it sees of others.
    pub isolation: Option<Isolation>,
    /// Whether writing is refused.
    pub read_only: bool,
    /// PostgreSQL: whether a serializable transaction that only reads waits until it is sure not to fail.
    pub deferrable: bool,
}

impl TxOptions {
    /// As the database is set.
    pub fn new() -> Self {
        TxOptions::default()
    }

    /// How much it sees of others.
    #[must_use]
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = Some(isolation);
        self
    }

    /// Refuse to write.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// PostgreSQL: wait at the start rather than fail later; of use to a serializable transaction that only reads.
    #[must_use]
    pub fn deferrable(mut self) -> Self {
        self.deferrable = true;
        self
    }

    /// The statement that begins it.
    pub fn statement(self, dialect: Dialect) -> String {
        match dialect {
            Dialect::Sqlite => if self.read_only { "BEGIN DEFERRED" } else { "BEGIN IMMEDIATE" }.to_owned(),
            Dialect::Postgres => {
                let mut text = "BEGIN".to_owned();
                if let Some(isolation) = self.isolation {
                    text.push_str(" ISOLATION LEVEL ");
                    text.push_str(isolation.name());
                }
                if self.read_only {
                    text.push_str(" READ ONLY");
                }
                if self.deferrable {
                    text.push_str(" DEFERRABLE");
                }
                text
            }
            Dialect::MySql => {
                let mut text = match self.isolation {
                    None => String::new(),
                    Some(isolation) => format!("SET TRANSACTION ISOLATION LEVEL {}; ", isolation.name()),
                };
                text.push_str("START TRANSACTION");
                text.push_str(match (self.read_only, self.isolation) {
                    // Else it would see what is there when it reads first.
                    (true, Some(Isolation::RepeatableRead)) => " WITH CONSISTENT SNAPSHOT, READ ONLY",
                    (true, _) => " READ ONLY",
                    (false, _) => "",
                });
                text
            }
        }
    }
}
