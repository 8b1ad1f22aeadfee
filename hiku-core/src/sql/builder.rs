//! A database with settings of its own.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::{AssertSqlSafe, Connection as _, Database, Executor};

use super::db::{ACQUIRE_TIMEOUT, MOST_CONNECTIONS, pool_options};
use super::{Db, Dialect};
use crate::error::{Error, Result};

/// What is done with every new connection.
type Prepare<DB> = for<'c> fn(
    &'c mut <DB as Database>::Connection,
) -> Pin<Box<dyn Future<Output = Result<(), sqlx::Error>> + Send + 'c>>;

/// Settings of a database, from [`Db::builder`].
#[derive(Clone)]
#[must_use = "nothing is connected before `connect`"]
pub struct DbBuilder {
    url: String,
    min: u32,
    max: u32,
    acquire_timeout: Duration,
    statement_timeout: Option<Duration>,
    recycle: Option<Duration>,
    idle_timeout: Option<Duration>,
    on_connect: Vec<String>,
}

/// How many connections a pool has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStats {
    /// Those that are open.
    pub size: u32,
    /// Those that are open and not in use.
    pub idle: u32,
    /// Those in use, or on their way back.
    pub in_use: u32,
    /// How many there can be.
    pub max: u32,
}

impl DbBuilder {
    pub(super) fn new(url: &str) -> Self {
        DbBuilder {
            url: url.to_owned(),
            min: 0,
            max: MOST_CONNECTIONS,
            acquire_timeout: ACQUIRE_TIMEOUT,
            statement_timeout: None,
            recycle: Some(Duration::from_secs(30 * 60)),
            idle_timeout: Some(Duration::from_secs(10 * 60)),
            on_connect: Vec::new(),
        }
    }

    /// How many connections are kept open at least; 0 unless said otherwise.
    pub fn min(mut self, connections: u32) -> Self {
        self.min = connections;
        self
    }

    /// How many connections there are at most; 10 unless said otherwise.
    pub fn max(mut self, connections: u32) -> Self {
        self.max = connections;
        self
    }

    /// How long to wait for a connection; 10 s unless said otherwise.
    pub fn acquire_timeout(mut self, timeout: Duration) -> Self {
        self.acquire_timeout = timeout;
        self
    }

    /// PostgreSQL and MariaDB: how long a statement may run; without limit unless said otherwise.
    pub fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.statement_timeout = Some(timeout);
        self
    }

    /// How old a connection may become; 30 minutes unless said otherwise. Nothing is for ever. An older one is closed when it
    /// comes back, or while it is idle.
    pub fn recycle(mut self, age: impl Into<Option<Duration>>) -> Self {
        self.recycle = age.into();
        self
    }

    /// How long a connection may be idle; 10 minutes unless said otherwise. Nothing is for ever.
    pub fn idle_timeout(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.idle_timeout = time.into();
        self
    }

    /// Statements that every new connection runs once, before anybody has it; several are run in turn.
    pub fn on_connect(mut self, statements: impl Into<String>) -> Self {
        self.on_connect.push(statements.into());
        self
    }

    /// Connect. On SQLite this is a sqlx pool, as of [`Db::from`]; one of a database in memory has one connection, which is
    /// never closed.
    ///
    /// # Errors
    /// If the settings contradict each other, the address is of no database that is compiled in, or nothing answers there.
    ///
    /// # Cancellation
    /// Dropping the future closes what was opened.
    pub async fn connect(self) -> Result<Db> {
        if self.max == 0 {
            return Err(Error::internal("a pool needs at least one connection: `max` is 0"));
        }
        if self.min > self.max {
            return Err(Error::internal(format!(
                "a pool cannot keep {} of at most {} connections",
                self.min, self.max
            )));
        }
        match super::db::dialect_of(&self.url)? {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite => {
                if self.statement_timeout.is_some() {
                    return Err(Error::internal("SQLite has no time limit of statements: drop the future instead"));
                }
                Ok(Db::from(
                    super::sqlite::connect_with(&self.url, self.options(Some(|c| Box::pin(super::sqlite::prepare(c)))))
                        .await?,
                ))
            }
            #[cfg(feature = "postgres")]
            Dialect::Postgres => {
                let options = self.options(None);
                Ok(Db::from(super::postgres::connect_with(&self.url, options, self.statement_timeout).await?)
                    .with_ready())
            }
            #[cfg(feature = "mysql")]
            Dialect::MySql => {
                let mut settings = self;
                let timeout = settings.statement_timeout.map(super::mysql::statement_timeout);
                let first = [Some(super::mysql::SESSION.to_owned()), timeout];
                settings.on_connect.splice(0..0, first.into_iter().flatten());
                Ok(Db::from(super::mysql::connect_with(&settings.url, settings.options(None)).await?).with_ready())
            }
            #[cfg(not(all(feature = "sqlite", feature = "postgres", feature = "mysql")))]
            _ => Err(Error::internal("this database is not compiled in")),
        }
    }

    fn options<DB>(&self, prepare: Option<Prepare<DB>>) -> PoolOptions<DB>
    where
        DB: Database,
        for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    {
        let options = pool_options::<DB>()
            .min_connections(self.min)
            .max_connections(self.max)
            .acquire_timeout(self.acquire_timeout)
            .max_lifetime(self.recycle)
            .idle_timeout(self.idle_timeout);
        if self.on_connect.is_empty() && prepare.is_none() {
            return options;
        }
        let statements = self.on_connect.clone();
        options.after_connect(move |connection, _| {
            let statements = statements.clone();
            Box::pin(async move {
                if let Some(prepare) = prepare {
                    prepare(connection).await?;
                }
                for text in statements {
                    connection.execute(sqlx::raw_sql(AssertSqlSafe(text))).await?;
                }
                connection.ping().await
            })
        })
    }
}

impl std::fmt::Debug for DbBuilder {
    /// Without the address, which may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DbBuilder")
            .field("min", &self.min)
            .field("max", &self.max)
            .field("acquire_timeout", &self.acquire_timeout)
            .field("statement_timeout", &self.statement_timeout)
            .field("recycle", &self.recycle)
            .field("idle_timeout", &self.idle_timeout)
            .finish_non_exhaustive()
    }
}

impl Db {
    /// Connect with other settings than those of [`Db::connect`].
    pub fn builder(url: &str) -> DbBuilder {
        DbBuilder::new(url)
    }

    /// How many connections there are now. Of SQLite that [`Db::connect`] made: those over which loaders read, and those of its
    /// sqlx pool, which transactions and your statements use.
    pub fn stats(&self) -> PoolStats {
        fn of<DB: Database>(pool: &sqlx::Pool<DB>, ready: usize) -> PoolStats {
            let size = pool.size();
            // They are not counted at the same time.
            let idle = u32::try_from(pool.num_idle() + ready).unwrap_or(u32::MAX).min(size);
            PoolStats { size, idle, in_use: size - idle, max: pool.options().get_max_connections() }
        }
        #[cfg(feature = "sqlite")]
        if let Some(pool) = self.sqlite() {
            let mut stats = of(pool, 0);
            if let Some(own) = self.own() {
                let (idle, in_use, max) = own.stats();
                stats.size += idle + in_use;
                stats.idle += idle;
                stats.in_use += in_use;
                stats.max += max;
            }
            return stats;
        }
        #[cfg(any(feature = "postgres", feature = "mysql"))]
        let ready = self.ready().map_or(0, |ready| ready.len());
        #[cfg(feature = "postgres")]
        if let Some(pool) = self.postgres() {
            return of(pool, ready);
        }
        #[cfg(feature = "mysql")]
        if let Some(pool) = self.mysql() {
            return of(pool, ready);
        }
        PoolStats { size: 0, idle: 0, in_use: 0, max: 0 }
    }
}
