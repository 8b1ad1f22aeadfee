//! A graph of notes, and databases to keep them in.

use std::future::Future;
use std::time::Duration;

use hiku::prelude::*;

use super::databases::{Folder, mariadb, postgres_url};

pub const LONG: Duration = Duration::from_secs(20);

#[node(table = "note")]
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    #[key]
    pub id: i64,
    pub text: String,
    #[field(column = "the_mood")]
    pub mood: Option<String>,
    pub stars: i32,
}

/// With a name that only one can have.
#[node(table = "person")]
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    #[key]
    pub id: i64,
    pub name: String,
    pub visits: i64,
}

/// A key of two parts, and nothing else.
#[node(table = "pair")]
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    #[key]
    pub left: i64,
    #[key]
    pub right: String,
}

#[root]
pub struct Query {
    #[link(all)]
    notes: Many<Note>,
    #[link(all)]
    people: Many<Person>,
    #[link(all)]
    pairs: Many<Pair>,
}

pub fn note(id: i64, text: &str, mood: Option<&str>, stars: i32) -> Note {
    Note { id, text: text.to_owned(), mood: mood.map(str::to_owned), stars }
}

pub async fn prepare(db: &Db) {
    hiku::sql::create_tables::<Query>(db).await.unwrap();
    db.execute("CREATE UNIQUE INDEX person_name ON person (name)").await.unwrap();
}

/// The databases of a test: of SQLite in memory, in a file, and by a pool of the user's; PostgreSQL, MariaDB.
pub async fn all(folder: &Folder) -> Vec<Db> {
    let pool = hiku::sql::Db::builder("sqlite::memory:").connect().await.unwrap();
    let mut all =
        vec![Db::connect("sqlite::memory:").await.unwrap(), Db::connect(&folder.sqlite()).await.unwrap(), pool];
    if let Some((url, _)) = postgres_url().await {
        all.push(Db::connect(&url).await.unwrap());
    }
    all.extend(mariadb().await);
    for db in &all {
        prepare(db).await;
    }
    all
}

/// Run a test on each of them.
pub async fn on_each<F: Future<Output = ()>>(test: impl Fn(Db) -> F) {
    let folder = Folder::new();
    for db in all(&folder).await {
        test(db.clone()).await;
        assert_none_lost(&db).await;
        db.close().await;
    }
}

/// Every connection comes back, which sqlx does in a task of its own.
pub async fn assert_none_lost(db: &Db) {
    let back = async {
        while db.stats().in_use > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(LONG, back).await.expect("a connection is lost");
}

/// How an operation is ended.
#[derive(Clone, Copy, Debug)]
pub enum How {
    Await,
    Blocking,
}

/// The answer of an operation, ended in one of the two ways.
macro_rules! done {
    ($how:expr, $operation:expr) => {{
        let operation = $operation;
        match $how {
            $crate::support::How::Await => operation.await,
            $crate::support::How::Blocking => tokio::task::spawn_blocking(move || operation.blocking()).await.unwrap(),
        }
    }};
}
pub(crate) use done;

/// Run a test on each database, once for each way to end operations.
pub async fn on_each_how<F: Future<Output = ()>>(test: impl Fn(Db, How) -> F) {
    for how in [How::Await, How::Blocking] {
        on_each(|db| test(db, how)).await;
    }
}
