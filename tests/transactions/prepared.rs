//! Two-phase commit.

use hiku::prelude::*;
use hiku::sql::TransactionError;

use super::databases::postgres_url;
use super::support::{assert_none_lost, names, prepare};

/// A database with the table, and a name that no other test has.
async fn postgres() -> Option<(Db, String)> {
    let (url, schema) = postgres_url().await?;
    let db = Db::builder(&url).max(1).connect().await.unwrap();
    prepare(&db).await;
    Some((db, format!("it's \\ {schema}")))
}

async fn ours(db: &Db, name: &str) -> Vec<String> {
    db.prepared().await.unwrap().into_iter().filter(|known| known == name).collect()
}

#[tokio::test]
async fn a_prepared_transaction_is_kept_until_it_is_committed() {
    let Some((db, name)) = postgres().await else { return };
    let mut tx = db.begin().await.unwrap();
    tx.execute("INSERT INTO m (text) VALUES ('a')").await.unwrap();
    tx.prepare(&name).await.unwrap();
    assert!(names(&db).await.is_empty());
    assert_eq!(ours(&db, &name).await, [name.as_str()]);
    db.commit_prepared(&name).await.unwrap();
    assert_eq!(names(&db).await, ["a"]);
    assert!(ours(&db, &name).await.is_empty());
    assert_none_lost(&db).await;
}

#[tokio::test]
async fn a_prepared_transaction_can_be_undone() {
    let Some((db, name)) = postgres().await else { return };
    let mut tx = db.begin().await.unwrap();
    tx.execute("INSERT INTO m (text) VALUES ('a')").await.unwrap();
    tx.prepare(&name).await.unwrap();
    // The connection is free for other things meanwhile.
    db.execute("INSERT INTO m (text) VALUES ('b')").await.unwrap();
    db.rollback_prepared(&name).await.unwrap();
    assert_eq!(names(&db).await, ["b"]);
    let again = db.commit_prepared(&name).await;
    assert!(matches!(again, Err(TransactionError::Database(_))), "{again:?}");
    assert_none_lost(&db).await;
}

#[tokio::test]
async fn what_cannot_be_prepared_is_undone() {
    let Some((db, name)) = postgres().await else { return };
    let mut tx = db.begin().await.unwrap();
    tx.execute("INSERT INTO m (text) VALUES ('a')").await.unwrap();
    tx.execute("INSERT INTO m (text) VALUES ('a')").await.unwrap_err();
    let aborted = tx.prepare(&name).await;
    assert!(matches!(aborted, Err(TransactionError::Aborted)), "{aborted:?}");
    // A name that is too long.
    let mut tx = db.begin().await.unwrap();
    tx.execute("INSERT INTO m (text) VALUES ('b')").await.unwrap();
    let refused = tx.prepare(&"n".repeat(300)).await;
    assert!(matches!(refused, Err(TransactionError::Database(_))), "{refused:?}");
    // One that was dropped before.
    let mut tx = db.begin().await.unwrap();
    tx.execute("INSERT INTO m (text) VALUES ('c')").await.unwrap();
    drop(tx.prepare(&name));
    assert!(names(&db).await.is_empty());
    assert!(ours(&db, &name).await.is_empty());
    assert_none_lost(&db).await;
}

#[tokio::test]
async fn the_second_phase_stands_outside_of_transactions() {
    let Some((db, name)) = postgres().await else { return };
    let inside = db.atomic(|| db.commit_prepared(&name)).await;
    assert!(matches!(inside, Err(TransactionError::AlreadyInTransaction)), "{inside:?}");
    assert_none_lost(&db).await;
}

#[tokio::test]
async fn other_databases_keep_no_prepared_transactions() {
    let db = Db::connect("sqlite::memory:").await.unwrap();
    prepare(&db).await;
    let mut tx = db.begin().await.unwrap();
    tx.execute("INSERT INTO m (text) VALUES ('a')").await.unwrap();
    let refused = tx.prepare("name").await;
    assert!(matches!(refused, Err(TransactionError::Unavailable(_))), "{refused:?}");
    let refused = db.commit_prepared("name").await;
    assert!(matches!(refused, Err(TransactionError::Unavailable(_))), "{refused:?}");
    assert!(names(&db).await.is_empty());
    assert_none_lost(&db).await;
}
