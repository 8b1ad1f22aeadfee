//! SQLite and PostgreSQL through sqlx.

use futures_util::TryStreamExt;
use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres, Row, Sqlite, SqlitePool};

use super::columns::{Column, Kind};
use super::sql::{Driver, Keys, Statement, Statements, json_keys, statements};

pub struct OverSqlite(pub SqlitePool);

pub struct OverPostgres(pub PgPool);

/// Both drivers do the same with types of their own.
macro_rules! driver {
    ($driver:ty, $database:ty, $among:literal, $keys:expr) => {
        impl Driver for $driver {
            const STATEMENTS: Statements = statements!($among);

            type Connection = PoolConnection<$database>;

            async fn connection(&self) -> Self::Connection {
                self.0.acquire().await.unwrap()
            }

            async fn fetch(
                &self,
                connection: &mut Self::Connection,
                statement: Statement,
                keys: Keys<'_>,
            ) -> Vec<Column> {
                let query = sqlx::query(statement.sql);
                let query = match keys {
                    Keys::None => query,
                    Keys::One(key) => query.bind(key),
                    Keys::Many(keys) => query.bind($keys(keys)),
                };
                let mut columns: Vec<Column> = statement.columns.iter().copied().map(Column::new).collect();
                let mut rows = query.fetch(&mut **connection);
                while let Some(row) = rows.try_next().await.unwrap() {
                    for (at, column) in columns.iter_mut().enumerate() {
                        match (column, statement.columns[at]) {
                            (Column::Texts(texts), _) => texts.push(row.get_unchecked(at)),
                            (Column::Ints(ints), Kind::Int) => ints.push(row.get_unchecked::<i32, _>(at).into()),
                            (Column::Ints(ints), _) => ints.push(row.get_unchecked(at)),
                        }
                    }
                }
                columns
            }
        }
    };
}

driver!(OverSqlite, Sqlite, "IN (SELECT value FROM json_each($1))", json_keys);
driver!(OverPostgres, Postgres, "= ANY($1)", std::convert::identity::<&[i64]>);
