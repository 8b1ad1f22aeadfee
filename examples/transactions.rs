//! A model, with and without `await`, and transactions that belong to the task.

use hiku::prelude::*;
use hiku::sql::allow_blocking;

/// A text.
#[node(table = "test_model")]
pub struct TestModel {
    #[key]
    id: i64,
    text: String,
}

/// Where queries start.
#[root]
pub struct Query {
    #[link(all)]
    texts: Many<TestModel>,
}

const TEXT: hiku::graph::Col<TestModel, String> = TestModel::COLUMNS.text;

async fn both_ways(db: &Db) -> Result<()> {
    // In async code it has to be allowed: other tasks of this thread wait meanwhile.
    allow_blocking(|| TestModel::create(db, [TEXT.set("Yo, I can do it sync!")]).blocking())?;
    TestModel::create(db, [TEXT.set("Not bad. Watch this, I'm async!")]).await?;
    for row in TestModel::select(db).await? {
        println!("{}: {}", row.id, row.text);
    }
    println!("deleted: {}", TestModel::delete(db).await?);
    Ok(())
}

async fn undone(db: &Db) -> Result<()> {
    let row = TestModel::create(db, [TEXT.set("FOO")]).await?;
    let failed: Result<()> = db
        .atomic(|| async {
            TestModel::update(db, [TEXT.set("BAR")]).filter(TestModel::COLUMNS.id.eq(row.id)).await?;
            Err(Error::new("fake error"))
        })
        .await;
    println!("failed: {}", failed.is_err());
    let text = TestModel::select(db).scalar(TEXT).await?;
    println!("after a rollback: {}", text.as_deref().unwrap_or("nothing"));
    assert_eq!(text.as_deref(), Some("FOO"));
    Ok(())
}

async fn nested(db: &Db) -> Result<()> {
    db.atomic(|| async {
        TestModel::create(db, [TEXT.set("outer")]).await?;
        // A savepoint: undone alone.
        let failed: Result<()> = db
            .atomic(|| async {
                TestModel::create(db, [TEXT.set("inner")]).await?;
                Err(Error::new("fake error"))
            })
            .await;
        println!("the inner one failed: {}", failed.is_err());
        // A task that is spawned is outside.
        let outside = db.clone();
        let spawned = tokio::spawn(async move { outside.in_transaction() }).await?;
        println!("this task is inside: {}, a spawned one: {spawned}", db.in_transaction());
        Ok::<_, Error>(())
    })
    .await?;
    let texts = TestModel::select(db).order_by(TEXT).column(TEXT).await?;
    println!("stored: {texts:?}");
    assert_eq!(texts, ["FOO", "outer"]);
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite::memory:".to_owned());
    let db = Db::connect(&url).await?;
    hiku::sql::drop_tables::<Query>(&db).await?;
    hiku::sql::create_tables::<Query>(&db).await?;
    both_ways(&db).await?;
    undone(&db).await?;
    nested(&db).await
}
