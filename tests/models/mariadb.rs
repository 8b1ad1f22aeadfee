//! What MariaDB does by other statements than the other databases.

use hiku::prelude::*;
use hiku::sql::{Violation, violation};

use super::databases::mariadb;
use super::support::{Pair, Person, assert_none_lost, prepare};

const P: <Person as Node>::Columns = Person::COLUMNS;

fn person(id: i64, name: &str) -> Person {
    Person { id, name: name.to_owned(), visits: id }
}

#[tokio::test]
async fn c71_mariadb_ignores_nothing_but_duplicates() {
    let Some(db) = mariadb().await else { return };
    prepare(&db).await;
    db.execute("ALTER TABLE person MODIFY name VARCHAR(5) NOT NULL CHECK (name <> 'bad')").await.unwrap();
    Person::insert(&db, [person(1, "a")]).await.unwrap();
    let rows = [person(1, "b"), person(2, "a"), person(3, "c")];
    assert_eq!(Person::insert(&db, &rows).or_ignore().returning().await.unwrap(), rows[2..]);
    // What is too long, and what a rule forbids: nothing of it is stored.
    for wrong in ["too long", "bad"] {
        let error = Person::insert(&db, [person(4, "d"), person(5, wrong)]).or_ignore().await.unwrap_err();
        assert_eq!(violation(&error) == Some(Violation::Check), wrong == "bad", "{error}");
        assert_eq!(Person::select(&db).column(P.name).await.unwrap(), ["a", "c"], "{error}");
    }
    // Inside a transaction, which goes on.
    let done: Result<()> = db
        .atomic(|| async {
            assert!(Person::insert(&db, [person(4, "d"), person(5, "bad")]).or_ignore().await.is_err());
            assert_eq!(Person::insert(&db, [person(1, "e"), person(6, "f")]).or_ignore().await?, 1);
            Ok(())
        })
        .await;
    done.unwrap();
    assert_eq!(Person::select(&db).column(P.name).await.unwrap(), ["a", "c", "f"]);
    assert_none_lost(&db).await;
}

#[tokio::test]
async fn c71_mariadb_updates_only_the_row_that_was_meant() {
    let Some(db) = mariadb().await else { return };
    prepare(&db).await;
    Person::insert(&db, [person(0, "a"), person(1, "b")]).await.unwrap();
    // The key is new, the name is not; then the other way round.
    let error = Person::insert(&db, [person(7, "a")]).or_update(P.id).await.unwrap_err();
    assert_eq!(violation(&error), Some(Violation::Unique), "{error}");
    let error = Person::insert(&db, [person(1, "z")]).or_update(P.name).await.unwrap_err();
    assert_eq!(violation(&error), Some(Violation::Unique), "{error}");
    assert_eq!(person(7, "a").save(&db).await.map_err(|error| violation(&error)), Err(Some(Violation::Unique)));
    assert_eq!(Person::select(&db).await.unwrap(), [person(0, "a"), person(1, "b")]);
}

#[tokio::test]
async fn c71_mariadb_answers_the_rows_of_an_update() {
    let Some(db) = mariadb().await else { return };
    prepare(&db).await;
    Person::insert(&db, [person(1, "a"), person(2, "b")]).await.unwrap();
    // Found by what is then changed.
    let changed = Person::update(&db, [P.name.set("c")]).filter(P.name.eq("a")).returning().await.unwrap();
    assert_eq!(changed, [Person { id: 1, name: "c".to_owned(), visits: 1 }]);
    assert!(Person::update(&db, [P.visits.set(0)]).filter(P.name.eq("a")).returning().await.unwrap().is_empty());
    let error = Person::update(&db, [P.id.set(9)]).returning().await.unwrap_err();
    assert!(error.to_string().contains("MariaDB answers no rows of an update that sets `id`"), "{error}");
    let pair = Pair { left: 1, right: "x".to_owned() };
    Pair::insert(&db, [&pair]).await.unwrap();
    assert!(Pair::update(&db, [Pair::COLUMNS.right.set("y")]).returning().await.is_err());
    assert_none_lost(&db).await;
}
