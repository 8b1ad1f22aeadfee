//! Values of every type go into the database and come back.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use hiku::prelude::*;
use hiku::sql::Dialect;
use serde_json::{Value as Json, json};

use super::databases::Folder;
use super::support::{all, assert_none_lost};

#[derive(Clone, Copy, Debug, PartialEq, Enum)]
enum Mood {
    Glad,
    Sad,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Scalar)]
struct Email(String);

#[derive(Clone, Debug, PartialEq, Record)]
struct Place {
    name: String,
    mood: Option<Mood>,
    days: Vec<NaiveDate>,
}

#[node(table = "every")]
#[derive(Clone, Debug, PartialEq)]
struct Every {
    #[key]
    id: uuid::Uuid,
    small: i16,
    large: i64,
    single: f32,
    double: f64,
    yes: bool,
    text: String,
    #[field(column = "the_email")]
    email: Option<Email>,
    mood: Mood,
    day: NaiveDate,
    time: NaiveTime,
    at: DateTime<Utc>,
    local: Option<NaiveDateTime>,
    json: Json,
    tags: Vec<String>,
    numbers: Option<Vec<Option<i64>>>,
    place: Option<Place>,
    #[field(sql = "lower(text)")]
    lower: String,
}

#[root]
struct Query {
    #[link(all)]
    all: Many<Every>,
}

const C: <Every as Node>::Columns = Every::COLUMNS;

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 2, day).unwrap()
}

fn full(id: u128) -> Every {
    let time = NaiveTime::from_hms_micro_opt(3, 4, 5, 123_456).unwrap();
    Every {
        id: uuid::Uuid::from_u128(id),
        small: i16::MIN,
        large: i64::MAX,
        single: 0.1,
        double: 0.1 + 0.2,
        yes: true,
        text: "A 'quoted' \"text\" \\ with ☃ and {\"x\": 1}".to_owned(),
        email: Some(Email("a@b".to_owned())),
        mood: Mood::Sad,
        day: day(29),
        time,
        at: day(1).and_time(time).and_utc() + Duration::from_secs(1),
        local: Some(day(2).and_time(time)),
        json: json!({"a": [1, null, "x"], "b": 1.5}),
        tags: vec!["a".to_owned(), "b,\"c\"".to_owned()],
        numbers: Some(vec![Some(i64::MIN), None]),
        place: Some(Place { name: "home".to_owned(), mood: Some(Mood::Glad), days: vec![day(3), day(4)] }),
        lower: "a 'quoted' \"text\" \\ with ☃ and {\"x\": 1}".to_owned(),
    }
}

fn empty(id: u128) -> Every {
    Every {
        small: 0,
        large: i64::MIN,
        single: f32::MIN_POSITIVE,
        double: 1e300,
        yes: false,
        text: String::new(),
        email: None,
        local: None,
        json: json!(null),
        tags: vec![],
        numbers: None,
        place: None,
        lower: String::new(),
        ..full(id)
    }
}

async fn on_each<F: Future<Output = ()>>(test: impl Fn(Db) -> F) {
    let folder = Folder::new();
    for db in all(&folder).await {
        hiku::sql::create_tables::<Query>(&db).await.unwrap();
        // The expression is none of the table's columns; that of the tables we make is.
        test(db.clone()).await;
        assert_none_lost(&db).await;
        db.close().await;
    }
}

#[tokio::test]
async fn c71_values_of_every_type_come_back() {
    on_each(|db| async move {
        let rows = [full(1), empty(2)];
        assert_eq!(Every::insert(&db, &rows).returning().await.unwrap(), rows, "{db:?}");
        assert_eq!(Every::select(&db).await.unwrap(), rows, "{db:?}");
        // One by one, over what is there and anew.
        for row in [empty(1), full(2), full(3), empty(4)] {
            row.save(&db).await.unwrap();
            assert_eq!(Every::get(&db, row.id).await.unwrap(), Some(row), "{db:?}");
        }
        Every::insert(&db, [full(1), empty(2)]).or_update(C.id).await.unwrap();
        assert_eq!(Every::select(&db).limit(2).await.unwrap(), rows, "{db:?}");
    })
    .await;
}

#[tokio::test]
async fn c71_columns_of_every_type_are_set_and_compared() {
    on_each(|db| async move {
        Every::insert(&db, [full(1), empty(2)]).await.unwrap();
        let changes = [
            C.mood.set(Mood::Glad),
            C.email.set(Email("c@d".to_owned())),
            C.day.set(day(7)),
            C.tags.set(vec!["z".to_owned()]),
            C.place.set(None),
            C.json.set(json!([1])),
            C.double.plus(1.0),
        ];
        let found = C.at.eq(full(1).at).and(C.mood.eq(Mood::Sad)).and(C.email.eq(Email("a@b".to_owned())));
        assert_eq!(Every::update(&db, changes).filter(found).await.unwrap(), 1, "{db:?}");
        let wanted = Every {
            mood: Mood::Glad,
            email: Some(Email("c@d".to_owned())),
            day: day(7),
            tags: vec!["z".to_owned()],
            place: None,
            json: json!([1]),
            double: 0.1 + 0.2 + 1.0,
            ..full(1)
        };
        assert_eq!(Every::select(&db).filter(C.day.lt(day(8))).await.unwrap(), std::slice::from_ref(&wanted), "{db:?}");
        let by = C.mood.any_of([Mood::Glad]).and(C.time.eq(wanted.time)).and(C.local.ge(wanted.local));
        assert_eq!(Every::select(&db).filter(by).column(C.place).await.unwrap(), [None], "{db:?}");
        assert_eq!(Every::select(&db).column(C.numbers).await.unwrap(), [full(1).numbers, None], "{db:?}");
    })
    .await;
}

#[tokio::test]
async fn c71_infinite_numbers_are_stored_as_such_or_are_an_error() {
    on_each(|db| async move {
        if db.dialect() == Dialect::MySql {
            // It has none, and says so.
            let infinite = |id| Every { double: f64::NEG_INFINITY, ..full(id) };
            assert!(Every::insert(&db, [infinite(1)]).await.is_err());
            assert!(infinite(1).save(&db).await.is_err());
            assert!(Every::select(&db).await.unwrap().is_empty());
            return;
        }
        let infinite = |id| Every { double: f64::NEG_INFINITY, single: f32::INFINITY, ..full(id) };
        Every::insert(&db, [infinite(1)]).await.unwrap();
        infinite(2).save(&db).await.unwrap();
        assert_eq!(Every::select(&db).await.unwrap(), [infinite(1), infinite(2)], "{db:?}");
    })
    .await;
}

#[tokio::test]
async fn c71_a_text_with_nul_is_stored_whole_or_is_an_error() {
    on_each(|db| async move {
        let nul = Every { text: "a\0b".to_owned(), ..full(1) };
        let whole = |row: Option<Every>| row.is_some_and(|row| row.text == "a\0b");
        match nul.save(&db).await {
            Ok(()) => assert!(whole(Every::get(&db, nul.id).await.unwrap())),
            Err(error) => assert!(error.to_string().contains("the character NUL"), "{error}"),
        }
        Every::delete(&db).await.unwrap();
        match Every::insert(&db, [&nul]).await {
            Ok(_) => assert!(whole(Every::get(&db, nul.id).await.unwrap())),
            Err(error) => assert!(error.to_string().contains("the character NUL"), "{error}"),
        }
    })
    .await;
}

#[tokio::test]
async fn c71_a_value_that_is_not_of_its_type_is_an_error() {
    on_each(|db| async move {
        Every::insert(&db, [full(1)]).await.unwrap();
        db.execute("UPDATE every SET mood = 'FURIOUS'").await.unwrap();
        let error = Every::select(&db).await.unwrap_err();
        assert!(error.to_string().contains("FURIOUS"), "{error}");
        assert_eq!(Every::select(&db).column(C.yes).await.unwrap(), [true]);
        let error = Every::select(&db).scalar(C.mood).await.unwrap_err();
        assert!(error.to_string().contains("FURIOUS"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn c71_an_expression_is_read_and_never_written() {
    on_each(|db| async move {
        Every::insert(&db, [full(1)]).await.unwrap();
        assert_eq!(Every::select(&db).scalar(C.lower).await.unwrap(), Some(full(1).lower));
        for error in [
            Every::update(&db, [C.lower.set("x")]).await.unwrap_err(),
            Every::create(&db, [C.lower.set("x")]).await.unwrap_err(),
        ] {
            assert!(error.to_string().contains("`lower` of `every` is an expression"), "{error}");
        }
        let error = Every::select(&db).filter(C.lower.eq("x")).await.unwrap_err();
        assert!(error.to_string().contains("not a field of it"), "{error}");
    })
    .await;
}
