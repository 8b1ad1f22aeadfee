//! Transactions in the hand, and statements of users.

use std::time::Duration;

use hiku::sql::{Dialect, TransactionError};
use hiku::sqlx;
use tokio::time::timeout;

use super::support::{Outcome, insert, names, on_each};

#[tokio::test]
async fn c38_a_transaction_in_the_hand() {
    on_each(|db| async move {
        let mut tx = db.begin().await.unwrap();
        // Plain sqlx.
        const INSERT: &str = "INSERT INTO m (text) VALUES ('a')";
        match db.dialect() {
            Dialect::Sqlite => drop(sqlx::query(INSERT).execute(tx.sqlite().await.unwrap()).await.unwrap()),
            Dialect::MySql => drop(sqlx::query(INSERT).execute(tx.mysql().await.unwrap()).await.unwrap()),
            _ => drop(sqlx::query(INSERT).execute(tx.postgres().await.unwrap()).await.unwrap()),
        }
        let mut savepoint = tx.savepoint().await.unwrap();
        savepoint.execute("INSERT INTO m VALUES ('b')").await.unwrap();
        let mut inner = savepoint.savepoint().await.unwrap();
        inner.execute("INSERT INTO m VALUES ('c')").await.unwrap();
        drop(inner);
        savepoint.execute("INSERT INTO m VALUES ('d')").await.unwrap();
        savepoint.commit().await.unwrap();
        let mut savepoint = tx.savepoint().await.unwrap();
        savepoint.execute("INSERT INTO m VALUES ('e')").await.unwrap();
        savepoint.rollback().await.unwrap();
        assert!(!db.in_transaction(), "it is in the hand only");
        let seen = tx
            .within(|| async {
                assert!(db.in_transaction());
                insert(&db, "f").await.unwrap();
                let nested: Outcome = db.atomic(|| async { insert(&db, "a").await }).await;
                assert!(nested.is_err());
                names(&db).await
            })
            .await;
        assert_eq!(seen, ["a", "b", "d", "f"]);
        tx.commit().await.unwrap();
        assert_eq!(names(&db).await, ["a", "b", "d", "f"]);
        let mut tx = db.begin().await.unwrap();
        tx.execute("DELETE FROM m").await.unwrap();
        drop(tx);
        let mut tx = db.begin().await.unwrap();
        tx.execute("DELETE FROM m").await.unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(names(&db).await.len(), 4);
    })
    .await;
}

#[tokio::test]
async fn c38_transactions_of_sqlx_nest_in_ours() {
    on_each(|db| async move {
        let done: Outcome = db
            .atomic(|| async {
                let mut conn = db.conn().await?;
                match db.dialect() {
                    Dialect::Sqlite => {
                        let connection = conn.sqlite()?;
                        let mut tx = sqlx::Connection::begin(&mut *connection).await?;
                        sqlx::query("INSERT INTO m VALUES ('a')").execute(&mut *tx).await?;
                        tx.commit().await?;
                        let mut tx = sqlx::Connection::begin(&mut *connection).await?;
                        sqlx::query("INSERT INTO m VALUES ('b')").execute(&mut *tx).await?;
                    }
                    Dialect::MySql => {
                        let connection = conn.mysql()?;
                        let mut tx = sqlx::Connection::begin(&mut *connection).await?;
                        sqlx::query("INSERT INTO m VALUES ('a')").execute(&mut *tx).await?;
                        tx.commit().await?;
                        let mut tx = sqlx::Connection::begin(&mut *connection).await?;
                        sqlx::query("INSERT INTO m VALUES ('b')").execute(&mut *tx).await?;
                    }
                    _ => {
                        let connection = conn.postgres()?;
                        let mut tx = sqlx::Connection::begin(&mut *connection).await?;
                        sqlx::query("INSERT INTO m VALUES ('a')").execute(&mut *tx).await?;
                        tx.commit().await?;
                        let mut tx = sqlx::Connection::begin(&mut *connection).await?;
                        sqlx::query("INSERT INTO m VALUES ('b')").execute(&mut *tx).await?;
                    }
                }
                drop(conn);
                assert_eq!(names(&db).await, ["a"]);
                insert(&db, "c").await?;
                Ok(())
            })
            .await;
        done.unwrap();
        assert_eq!(names(&db).await, ["a", "c"]);
    })
    .await;
}

#[tokio::test]
async fn c37_a_connection_is_used_by_one_at_a_time() {
    on_each(|db| async move {
        let done: Outcome = db
            .atomic(|| async {
                let conn = db.conn().await?;
                assert!(timeout(Duration::from_millis(40), insert(&db, "a")).await.is_err(), "it waits");
                drop(conn);
                insert(&db, "b").await
            })
            .await;
        done.unwrap();
        assert_eq!(names(&db).await, ["b"]);
    })
    .await;
}

#[tokio::test]
async fn c46_a_connection_of_the_other_kind_is_an_error() {
    on_each(|db| async move {
        let mut tx = db.begin().await.unwrap();
        let wrong = match db.dialect() {
            Dialect::Sqlite => tx.postgres().await.map(drop),
            _ => tx.sqlite().await.map(drop),
        };
        assert!(matches!(wrong, Err(TransactionError::Unavailable(_))));
        tx.commit().await.unwrap();
    })
    .await;
}
