//! What is known of a server: its connections, and how its columns are compared.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustc_hash::FxHashMap;
use sqlx::mysql::{MySqlConnection, MySqlStatement};
use sqlx::{AssertSqlSafe, Connection as _, Executor, MySqlPool, Statement as _};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::lent::Lent;
use crate::error::Result;
use crate::sql::dialect::{KeyType, KeyTypes};
use crate::sql::session::Ask;
use crate::sql::statement::{Relation, Shape};

/// How many statements are stopped at once: each takes a connection beside the pool.
const MOST_OTHERS: usize = 4;

/// How long telling the server may take.
const TELLING: Duration = Duration::from_secs(5);

/// How many connections, texts and tables are remembered. With more, all are asked for again.
const MOST_KNOWN: usize = 1000;

/// A pool, and what is known of what it connects to.
pub(in crate::sql) struct Server {
    pub(in crate::sql) pool: MySqlPool,
    others: Semaphore,
    /// The numbers of connections that are lent now.
    lent: Mutex<Vec<u64>>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// The numbers of connections, by where the columns of a statement that each of them has prepared are. The statement is
    /// kept, so that nothing else can be there.
    ids: FxHashMap<usize, (MySqlStatement, u64)>,
    texts: FxHashMap<Arc<str>, Text>,
    tables: FxHashMap<(Option<String>, String), KeyTypes>,
}

/// The text that a statement has on this server, and which value each placeholder has.
#[derive(Clone)]
pub(super) struct Text {
    pub(super) text: Arc<str>,
    pub(super) numbers: Arc<[usize]>,
}

/// A connection that is not of the pool.
pub(super) struct Other<'a> {
    pub(super) connection: MySqlConnection,
    _permit: SemaphorePermit<'a>,
}

impl Server {
    pub(in crate::sql) fn new(pool: MySqlPool) -> Arc<Self> {
        Arc::new(Server { pool, others: Semaphore::new(MOST_OTHERS), lent: Mutex::default(), known: Mutex::default() })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::sql) async fn acquire(self: &Arc<Self>) -> Result<Lent, sqlx::Error> {
        let mut lent = Lent::new(crate::sql::transaction::opened(&self.pool).await?, self.clone());
        // What fails here, fails again where it is said to somebody.
        if let Err(error) = lent.id().await {
            tracing::debug!("the number of a connection is not known: {error}");
        }
        Ok(lent)
    }

    pub(in crate::sql) fn try_acquire(self: &Arc<Self>) -> Option<Lent> {
        Some(Lent::new(self.pool.try_acquire()?, self.clone()))
    }

    pub(super) fn is_lent(&self, id: u64) {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner).push(id);
    }

    pub(super) fn is_back(&self, id: u64) {
        let mut lent = self.lent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = lent.iter().position(|known| *known == id) {
            lent.swap_remove(at);
        }
    }

    /// End the sessions of every connection that is lent.
    pub(in crate::sql) async fn end_lent(&self) {
        let lent = self.lent.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if lent.is_empty() {
            return;
        }
        let end = async {
            let mut other = self.other_connection().await?;
            for id in lent {
                // One that has gone meanwhile is an error.
                let _ =
                    sqlx::raw_sql(AssertSqlSafe(format!("KILL CONNECTION {id}"))).execute(&mut other.connection).await;
            }
            other.connection.close().await
        };
        match tokio::time::timeout(TELLING, end).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "connections in use were not closed"),
            Err(_) => tracing::warn!("connections in use were not closed: the server did not answer in time"),
        }
    }

    pub(super) async fn other_connection(&self) -> Result<Other<'_>, sqlx::Error> {
        let permit = self.others.acquire().await.map_err(|_| sqlx::Error::PoolClosed)?;
        let connection = MySqlConnection::connect_with(&self.pool.connect_options()).await?;
        Ok(Other { connection, _permit: permit })
    }

    /// The server's number for a connection. sqlx does not keep it, and has no place for ours; but a statement that it has
    /// prepared on a connection is looked up without asking the server, and is nobody else's.
    pub(super) async fn id_of(&self, connection: &mut MySqlConnection) -> Result<u64, sqlx::Error> {
        const ASK: &str = "SELECT CONNECTION_ID()";
        let statement = connection.prepare(sqlx::SqlSafeStr::into_sql_str(ASK)).await?;
        let place = statement.columns().as_ptr().addr();
        if let Some((_, id)) = self.known().ids.get(&place) {
            return Ok(*id);
        }
        let id: u64 = sqlx::query_scalar(ASK).fetch_one(connection).await?;
        let mut known = self.known();
        if known.ids.len() >= MOST_KNOWN {
            known.ids.clear();
        }
        known.ids.insert(place, (statement, id));
        Ok(id)
    }

    /// The text of a statement, whose keys are compared as its columns are.
    pub(super) async fn text(&self, connection: &mut MySqlConnection, ask: &Ask) -> Result<Text> {
        if let Some(writes) = &ask.writes {
            return Ok(Text { text: ask.text.clone(), numbers: writes.numbers.as_slice().into() });
        }
        if let Some(known) = self.known().texts.get(&ask.text) {
            return Ok(known.clone());
        }
        let mut tables: Vec<(&Relation, KeyTypes)> = Vec::new();
        let join = if let Shape::Pairs { join, .. } = &ask.statement.shape { Some(join) } else { None };
        for relation in [Some(&ask.statement.table), join].into_iter().flatten() {
            tables.push((relation, self.columns(connection, relation).await?));
        }
        let types = |relation: &Relation, column: &str| {
            let (_, columns) = tables.iter().find(|(known, _)| std::ptr::eq(*known, relation))?;
            columns.get(column).cloned()
        };
        let args = &ask.args;
        let (text, numbers) = ask.statement.positional(args.scope.as_ref(), args.join_scope.as_ref(), &types)?;
        let text = Text { text: text.into(), numbers: numbers.into() };
        let mut known = self.known();
        if known.texts.len() >= MOST_KNOWN {
            known.texts.clear();
        }
        known.texts.insert(ask.text.clone(), text.clone());
        Ok(text)
    }

    /// After a statement has failed: its table may have changed.
    pub(super) fn forget(&self, ask: &Ask) {
        let mut known = self.known();
        known.texts.remove(&ask.text);
        let join = if let Shape::Pairs { join, .. } = &ask.statement.shape { Some(join) } else { None };
        for relation in [Some(&ask.statement.table), join].into_iter().flatten() {
            known.tables.remove(&(relation.schema.clone(), relation.name.clone()));
        }
    }

    /// What [`columns`](Self::columns) answers, if that is known.
    pub(in crate::sql) fn known_columns(&self, relation: &Relation) -> Option<KeyTypes> {
        if relation.view.is_some() {
            return Some(Arc::default());
        }
        self.known().tables.get(&(relation.schema.clone(), relation.name.clone())).cloned()
    }

    /// Those columns of a table whose type has to be known to compare them.
    pub(super) async fn columns(&self, connection: &mut MySqlConnection, relation: &Relation) -> Result<KeyTypes> {
        match self.known_columns(relation) {
            Some(known) => Ok(known),
            None => self.columns_of(connection, (relation.schema.clone(), relation.name.clone())).await,
        }
    }

    pub(super) async fn columns_of(
        &self,
        connection: &mut MySqlConnection,
        place: (Option<String>, String),
    ) -> Result<KeyTypes> {
        const ASK: &str =
            "SELECT column_name, CAST(data_type AS CHAR), CAST(column_type AS CHAR), character_set_name, collation_name
             FROM information_schema.columns WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ?";
        type Found = (String, String, String, Option<String>, Option<String>);
        let found: Vec<Found> = sqlx::query_as(AssertSqlSafe(ASK))
            .bind(&place.0)
            .bind(&place.1)
            .persistent(false)
            .fetch_all(connection)
            .await?;
        let columns = found.into_iter().filter_map(|(name, data, declared, charset, collation)| {
            let ty = match (data.as_str(), charset.zip(collation)) {
                ("uuid", _) => KeyType { declared: "char(36)".into(), around: ("cast(", " as uuid)") },
                ("binary", _) if declared == "binary(16)" => {
                    KeyType { declared: "char(36)".into(), around: ("unhex(replace(", ", '-', ''))") }
                }
                (_, Some((charset, collation))) => {
                    let declared = match declared.split_once('(') {
                        Some(("char" | "varchar", length)) => format!("varchar({length}"),
                        Some(_) => "varchar(255)".to_owned(),
                        None => declared,
                    };
                    let declared = format!("{declared} CHARACTER SET {charset} COLLATE {collation}");
                    KeyType { declared, around: ("", "") }
                }
                _ => return None,
            };
            Some((name, ty))
        });
        let columns: KeyTypes = Arc::new(columns.collect());
        let mut known = self.known();
        if known.tables.len() >= MOST_KNOWN {
            known.tables.clear();
        }
        known.tables.insert(place, columns.clone());
        Ok(columns)
    }
}
