//! What can be done with rows, in both ways.

use hiku::prelude::*;
use hiku::sql::{Violation, violation};

use super::log::logged;
use super::support::{Note, Pair, Person, done, note, on_each, on_each_how};

const C: <Note as Node>::Columns = Note::COLUMNS;
const P: <Person as Node>::Columns = Person::COLUMNS;

#[tokio::test]
async fn c71_create_get_save_and_remove_a_row() {
    on_each_how(|db, how| async move {
        let made = done!(how, Note::create(&db, [C.text.set("FOO"), C.stars.set(3)])).unwrap();
        assert_eq!(made, note(made.id, "FOO", None, 3));
        assert_eq!(done!(how, Note::get(&db, made.id)).unwrap(), Some(made.clone()));
        assert_eq!(done!(how, Note::get(&db, made.id + 1)).unwrap(), None);

        let changed = Note { text: "BAR".to_owned(), mood: Some("glad".to_owned()), ..made };
        done!(how, changed.save(&db)).unwrap();
        assert_eq!(done!(how, Note::get(&db, changed.id)).unwrap(), Some(changed.clone()));
        // One that is not there is inserted.
        let other = note(changed.id + 7, "new", None, 0);
        done!(how, other.save(&db)).unwrap();
        assert_eq!(done!(how, Note::select(&db)).unwrap(), [changed.clone(), other.clone()]);

        assert!(done!(how, other.remove(&db)).unwrap());
        assert!(!done!(how, other.remove(&db)).unwrap());
        assert_eq!(done!(how, Note::select(&db)).unwrap(), [changed]);
    })
    .await;
}

#[tokio::test]
async fn c71_get_or_create_says_whether_it_made_the_row() {
    on_each_how(|db, how| async move {
        let ann = || Person::get_or_create(&db, [P.name.set("ann")], [P.visits.set(1)]);
        let (first, made) = done!(how, ann()).unwrap();
        assert!(made);
        assert_eq!((first.name.as_str(), first.visits), ("ann", 1));
        done!(how, Person::update(&db, [P.visits.plus(4)]).filter(P.name.eq("ann"))).unwrap();
        let (second, made) = done!(how, ann()).unwrap();
        assert!(!made);
        assert_eq!(second, Person { visits: 5, ..first });
        // By null, too.
        let silent = || Note::get_or_create(&db, [C.mood.set(None)], [C.text.set("x"), C.stars.set(1)]);
        let (one, made) = done!(how, silent()).unwrap();
        assert!(made);
        assert_eq!(done!(how, silent()).unwrap(), (one, false));
    })
    .await;
}

#[tokio::test]
async fn c71_get_or_create_that_is_in_the_way_of_another_row_is_the_error_of_the_database() {
    on_each_how(|db, how| async move {
        let ann = done!(how, Person::create(&db, [P.name.set("ann"), P.visits.set(0)])).unwrap();
        let error = done!(how, Person::get_or_create(&db, [P.visits.set(9)], [P.name.set("ann")])).unwrap_err();
        assert_eq!(violation(&error), Some(Violation::Unique), "{error}");
        assert_eq!(done!(how, Person::select(&db)).unwrap(), [ann]);
    })
    .await;
}

#[tokio::test]
async fn c71_scalar_count_exists_and_first() {
    on_each_how(|db, how| async move {
        assert_eq!(done!(how, Note::select(&db).count()).unwrap(), 0);
        assert!(!done!(how, Note::select(&db).exists()).unwrap());
        assert_eq!(done!(how, Note::select(&db).scalar(C.text)).unwrap(), None);
        assert_eq!(done!(how, Note::select(&db).get()).unwrap(), None);
        let rows = [note(1, "a", Some("glad"), 3), note(2, "b", None, 1), note(3, "c", Some("sad"), 2)];
        assert_eq!(done!(how, Note::insert(&db, &rows)).unwrap(), 3);

        assert_eq!(done!(how, Note::select(&db).count()).unwrap(), 3);
        assert_eq!(done!(how, Note::select(&db).limit(2).count()).unwrap(), 2);
        assert_eq!(done!(how, Note::select(&db).offset(2).limit(2).count()).unwrap(), 1);
        assert_eq!(done!(how, Note::select(&db).filter(C.stars.gt(1)).count()).unwrap(), 2);
        assert!(done!(how, Note::select(&db).filter(C.stars.gt(2)).exists()).unwrap());
        assert!(!done!(how, Note::select(&db).filter(C.stars.gt(3)).exists()).unwrap());
        assert!(!done!(how, Note::select(&db).offset(3).exists()).unwrap());
        assert!(!done!(how, Note::select(&db).limit(0).exists()).unwrap());

        let by_stars = || Note::select(&db).order_by(C.stars.desc());
        assert_eq!(done!(how, by_stars().scalar(C.text)).unwrap().as_deref(), Some("a"));
        assert_eq!(done!(how, by_stars().column(C.mood)).unwrap(), [Some("glad".into()), Some("sad".into()), None]);
        assert_eq!(done!(how, by_stars().first(2)).unwrap(), [rows[0].clone(), rows[2].clone()]);
        assert_eq!(done!(how, by_stars().offset(1).limit(1)).unwrap(), [rows[2].clone()]);
        assert_eq!(done!(how, by_stars().offset(1)).unwrap(), [rows[2].clone(), rows[1].clone()]);
        assert_eq!(done!(how, by_stars().get()).unwrap(), Some(rows[0].clone()));
        // A null is greater than every value; what is equal is in the order of keys.
        assert_eq!(done!(how, Note::select(&db).order_by(C.mood).column(C.id)).unwrap(), [1, 3, 2]);
    })
    .await;
}

#[tokio::test]
async fn c71_update_and_delete_answer_how_many_rows_or_the_rows() {
    on_each_how(|db, how| async move {
        let rows: Vec<Note> = (1..=5).map(|id| note(id, "old", None, id as i32)).collect();
        done!(how, Note::insert(&db, &rows)).unwrap();
        let few = C.stars.le(2);
        let changes = [C.text.set("new"), C.stars.plus(10), C.mood.set("glad")];
        assert_eq!(done!(how, Note::update(&db, changes.clone()).filter(few.clone())).unwrap(), 2);
        assert_eq!(done!(how, Note::update(&db, changes).filter(few)).unwrap(), 0);
        let mut of_new =
            done!(how, Note::update(&db, [C.mood.set(None)]).filter(C.text.eq("new")).returning()).unwrap();
        of_new.sort_by_key(|note| note.id);
        assert_eq!(of_new, [note(1, "new", None, 11), note(2, "new", None, 12)]);

        let gone = done!(how, Note::delete(&db).filter(C.id.eq(4)).returning()).unwrap();
        assert_eq!(gone, [rows[3].clone()]);
        assert_eq!(done!(how, Note::delete(&db)).unwrap(), 4);
        assert!(!done!(how, Note::select(&db).exists()).unwrap());
        let nothing: [hiku::sql::Change<Note>; 0] = [];
        assert_eq!(done!(how, Note::update(&db, nothing)).unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn c71_insert_of_many_rows_all_or_none() {
    on_each_how(|db, how| async move {
        let person = |id, name: &str| Person { id, name: name.to_owned(), visits: 0 };
        let many = (1..=5000).map(|id| Person { id, name: format!("p{id}"), visits: id });
        assert_eq!(done!(how, Person::insert(&db, many)).unwrap(), 5000);
        assert_eq!(done!(how, Person::insert(&db, Vec::<Person>::new())).unwrap(), 0);
        assert_eq!(done!(how, Person::select(&db).filter(P.visits.gt(4990)).count()).unwrap(), 10);

        let error = done!(how, Person::insert(&db, [person(6000, "new"), person(6001, "p7")])).unwrap_err();
        assert_eq!(violation(&error), Some(Violation::Unique), "{error}");
        let ignoring = Person::insert(&db, [person(6000, "new"), person(6001, "p7")]).or_ignore();
        assert_eq!(done!(how, ignoring.returning()).unwrap(), [person(6000, "new")]);
    })
    .await;
}

#[tokio::test]
async fn c71_upsert_by_key_and_by_a_unique_column() {
    on_each_how(|db, how| async move {
        let person = |id, name: &str, visits| Person { id, name: name.to_owned(), visits };
        done!(how, Person::insert(&db, [person(1, "ann", 1), person(2, "bob", 1)])).unwrap();
        let by_key = Person::insert(&db, [person(2, "rob", 5), person(3, "cid", 5)]).or_update(P.id);
        assert_eq!(done!(how, by_key).unwrap(), 2);
        let by_name = Person::insert(&db, [person(77, "ann", 9)]).or_update(P.name);
        assert_eq!(done!(how, by_name.returning()).unwrap(), [person(1, "ann", 9)]);
        let all = [person(1, "ann", 9), person(2, "rob", 5), person(3, "cid", 5)];
        assert_eq!(done!(how, Person::select(&db)).unwrap(), all);

        // All columns are the key.
        let pair = |left| Pair { left, right: "x".to_owned() };
        let columns = (Pair::COLUMNS.left, Pair::COLUMNS.right);
        assert_eq!(done!(how, Pair::insert(&db, [pair(1), pair(2)])).unwrap(), 2);
        let again = Pair::insert(&db, [pair(2), pair(3)]).or_update(columns).returning();
        assert_eq!(done!(how, again).unwrap(), [pair(2), pair(3)]);
        done!(how, pair(3).save(&db)).unwrap();
        assert_eq!(done!(how, Pair::get(&db, (3, "x".to_owned()))).unwrap(), Some(pair(3)));
        assert!(done!(how, pair(3).remove(&db)).unwrap());
        assert_eq!(done!(how, Pair::select(&db).column(Pair::COLUMNS.left)).unwrap(), [1, 2]);
    })
    .await;
}

#[tokio::test]
async fn c71_the_database_gives_keys() {
    on_each_how(|db, how| async move {
        let rows = [note(0, "a", None, 1), note(0, "b", Some("x"), 2)];
        let made = done!(how, Note::insert(&db, &rows).new_keys().returning()).unwrap();
        assert_eq!(made.len(), 2);
        assert_ne!(made[0].id, made[1].id);
        let third = done!(how, Note::create(&db, [C.text.set("c"), C.stars.set(1)])).unwrap();
        assert!(made.iter().all(|note| note.id != third.id));
        assert_eq!(done!(how, Note::select(&db).order_by(C.text).column(C.text)).unwrap(), ["a", "b", "c"]);
    })
    .await;
}

#[tokio::test]
async fn c71_what_the_database_refuses_says_which_rule_it_was() {
    on_each_how(|db, how| async move {
        let ann = || Person::create(&db, [P.name.set("ann"), P.visits.set(0)]);
        done!(how, ann()).unwrap();
        let error = done!(how, ann()).unwrap_err();
        assert_eq!(violation(&error), Some(Violation::Unique), "{error}");
        assert!(!error.is_public() && error.to_string().contains("INSERT INTO"), "{error}");
        let error = done!(how, Person::create(&db, [P.name.set("bob")])).unwrap_err();
        assert_eq!(violation(&error), Some(Violation::NotNull), "{error}");
        let error = done!(how, Person::create(&db, [P.visits.set(1), P.visits.set(2)])).unwrap_err();
        assert!(error.to_string().contains("set twice"), "{error}");
        let error = done!(how, Person::create(&db, [P.visits.plus(1)])).unwrap_err();
        assert!(error.to_string().contains("`plus` is for updates"), "{error}");
        assert_eq!(violation(&error), None);
    })
    .await;
    on_each(|db| async move {
        let twice = "INSERT INTO pair VALUES (1, 'a'), (1, 'a')";
        let error = db.execute(twice).await.unwrap_err();
        assert_eq!(violation(&error), Some(Violation::Unique), "{error}");
    })
    .await;
}

async fn each_once(db: &Db) {
    let made = Note::create(db, [C.text.set("FOO"), C.stars.set(3)]).await.unwrap();
    Note::get(db, made.id).await.unwrap();
    let inside: Result<()> = db
        .atomic(|| async {
            Note::update(db, [C.text.set("BAR")]).await?;
            Note::select(db).count().await?;
            Ok(())
        })
        .await;
    inside.unwrap();
    Note::delete(db).filter(C.id.eq(made.id)).await.unwrap();
}

#[tokio::test]
async fn c71_each_statement_is_logged_once_at_debug() {
    on_each(|db| async move {
        let ((), log) = logged(tracing::Level::DEBUG, async || each_once(&db).await).await;
        let log: Vec<_> = log.into_iter().map(|logged| logged.message).collect();
        let verbs: Vec<&str> = log.iter().filter_map(|text| text.split(' ').next()).collect();
        assert_eq!(verbs, ["INSERT", "SELECT", "UPDATE", "SELECT", "DELETE"], "{log:#?}");
        assert!(!log.iter().any(|text| text.contains("FOO") || text.contains("BAR")), "values are bound: {log:#?}");
    })
    .await;
}
