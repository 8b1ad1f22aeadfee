//! The tables of one run: a SQLite file and a PostgreSQL schema of their own, gone with the value.

use std::path::PathBuf;
use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{AssertSqlSafe, Executor, PgPool, SqlitePool};

use crate::data::Data;

const TABLES: &str = r#"
CREATE TABLE "character" (id BIGINT PRIMARY KEY, name TEXT NOT NULL, species TEXT);
CREATE TABLE actor (id BIGINT PRIMARY KEY, name TEXT NOT NULL, character_id BIGINT NOT NULL REFERENCES "character" (id));
CREATE INDEX actor_character_id ON actor (character_id);
CREATE TABLE movie (id BIGINT PRIMARY KEY, title TEXT NOT NULL, year INTEGER NOT NULL);
CREATE TABLE casting (
    actor_id BIGINT NOT NULL REFERENCES actor (id),
    movie_id BIGINT NOT NULL REFERENCES movie (id),
    PRIMARY KEY (actor_id, movie_id)
);
"#;

const CONNECTIONS: u32 = 5;

/// Whether a pool asks the server if a connection is alive before it lends it: sqlx does unless told not to.
#[derive(Clone, Copy, PartialEq)]
pub enum Ping {
    Yes,
    No,
}

pub struct SqliteFile {
    pub path: PathBuf,
}

impl SqliteFile {
    pub fn new(data: &Data) -> SqliteFile {
        let path =
            std::env::temp_dir().join(format!("hiku-benches-{}-{}.db", std::process::id(), data.characters.len()));
        let file = SqliteFile { path };
        let mut connection = rusqlite::Connection::open(&file.path).unwrap();
        connection.pragma_update(None, "journal_mode", "wal").unwrap();
        // A key of 64 bits is the row's own number in SQLite if it is declared so.
        connection.execute_batch(&TABLES.replace("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY")).unwrap();
        let transaction = connection.transaction().unwrap();
        let insert = |sql, rows: &mut dyn Iterator<Item = Vec<&dyn rusqlite::ToSql>>| {
            let mut statement = transaction.prepare(sql).unwrap();
            for row in rows {
                statement.execute(&*row).unwrap();
            }
        };
        insert(
            r#"INSERT INTO "character" VALUES (?, ?, ?)"#,
            &mut data.characters.iter().map(|row| vec![&row.id as _, &row.name as _, &row.species as _]),
        );
        insert(
            "INSERT INTO actor VALUES (?, ?, ?)",
            &mut data.actors.iter().map(|row| vec![&row.id as _, &row.name as _, &row.character_id as _]),
        );
        insert(
            "INSERT INTO movie VALUES (?, ?, ?)",
            &mut data.movies.iter().map(|row| vec![&row.id as _, &row.title as _, &row.year as _]),
        );
        insert(
            "INSERT INTO casting VALUES (?, ?)",
            &mut data.castings.iter().map(|row| vec![&row.0 as _, &row.1 as _]),
        );
        transaction.commit().unwrap();
        connection.execute_batch("ANALYZE").unwrap();
        file
    }

    /// As hiku opens it by its address.
    pub async fn db(&self) -> hiku::sql::Db {
        hiku::sql::Db::connect(&format!("sqlite:{}", self.path.display())).await.unwrap()
    }

    pub async fn pool(&self, ping: Ping) -> SqlitePool {
        let options = SqliteConnectOptions::new().filename(&self.path).journal_mode(SqliteJournalMode::Wal);
        pool_options(ping).connect_with(options).await.unwrap()
    }
}

impl Drop for SqliteFile {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let mut path = self.path.clone().into_os_string();
            path.push(suffix);
            let _ = std::fs::remove_file(path);
        }
    }
}

pub struct PostgresSchema {
    url: String,
    options: PgConnectOptions,
    name: String,
}

impl PostgresSchema {
    pub async fn new(url: &str, data: &Data) -> PostgresSchema {
        let name = format!("hiku_benches_{}", data.characters.len());
        let options: PgConnectOptions = url.parse().expect("HIKU_BENCH_POSTGRES is no URL of PostgreSQL");
        let join = if url.contains('?') { '&' } else { '?' };
        let url = format!("{url}{join}options=-csearch_path%3D{name}");
        let schema = PostgresSchema { url, options: options.options([("search_path", &name)]), name };
        let pool = schema.pool(Ping::Yes).await;
        let name = &schema.name;
        run(&pool, format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}; {TABLES}")).await;
        let ids: Vec<i64> = data.characters.iter().map(|row| row.id).collect();
        let names: Vec<&str> = data.characters.iter().map(|row| &*row.name).collect();
        let species: Vec<Option<&str>> = data.characters.iter().map(|row| row.species.as_deref()).collect();
        let insert = r#"INSERT INTO "character" SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[])"#;
        sqlx::query(insert).bind(ids).bind(names).bind(species).execute(&pool).await.unwrap();
        let ids: Vec<i64> = data.actors.iter().map(|row| row.id).collect();
        let names: Vec<&str> = data.actors.iter().map(|row| &*row.name).collect();
        let characters: Vec<i64> = data.actors.iter().map(|row| row.character_id).collect();
        let insert = "INSERT INTO actor SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[])";
        sqlx::query(insert).bind(ids).bind(names).bind(characters).execute(&pool).await.unwrap();
        let ids: Vec<i64> = data.movies.iter().map(|row| row.id).collect();
        let titles: Vec<&str> = data.movies.iter().map(|row| &*row.title).collect();
        let years: Vec<i32> = data.movies.iter().map(|row| row.year).collect();
        let insert = "INSERT INTO movie SELECT * FROM unnest($1::bigint[], $2::text[], $3::integer[])";
        sqlx::query(insert).bind(ids).bind(titles).bind(years).execute(&pool).await.unwrap();
        let (actors, movies): (Vec<i64>, Vec<i64>) = data.castings.iter().copied().unzip();
        let insert = "INSERT INTO casting SELECT * FROM unnest($1::bigint[], $2::bigint[])";
        sqlx::query(insert).bind(actors).bind(movies).execute(&pool).await.unwrap();
        run(&pool, "VACUUM ANALYZE".into()).await;
        schema
    }

    /// As hiku opens it by its address.
    pub async fn db(&self) -> hiku::sql::Db {
        hiku::sql::Db::builder(&self.url).max(CONNECTIONS).connect().await.unwrap()
    }

    pub async fn pool(&self, ping: Ping) -> PgPool {
        pool_options(ping).connect_with(self.options.clone()).await.unwrap()
    }

    pub async fn version(&self) -> String {
        sqlx::query_scalar("SHOW server_version").fetch_one(&self.pool(Ping::Yes).await).await.unwrap()
    }

    pub async fn remove(self) {
        run(&self.pool(Ping::Yes).await, format!("DROP SCHEMA {} CASCADE", self.name)).await;
    }
}

async fn run(pool: &PgPool, sql: String) {
    pool.execute(AssertSqlSafe(sql)).await.unwrap();
}

fn pool_options<DB: sqlx::Database>(ping: Ping) -> PoolOptions<DB> {
    let options = PoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(Duration::from_secs(10));
    options.test_before_acquire(ping == Ping::Yes)
}
