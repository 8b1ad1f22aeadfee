//! Every type of value, from the database to the response.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use hiku::prelude::*;
use hiku::testing::run;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::databases::{execute, on_each};

#[derive(Clone, Debug, PartialEq, Eq, Hash, Scalar)]
struct Email(String);

#[node(table = "everything")]
struct Everything {
    #[key(type = Int)]
    id: i32,
    yes: bool,
    small: i16,
    number: i64,
    single: f32,
    double: f64,
    text: String,
    email: Email,
    uuid: Uuid,
    day: NaiveDate,
    time: NaiveTime,
    instant: DateTime<Utc>,
    local: NaiveDateTime,
    anything: Json,
    list: Vec<i64>,
    nested: Vec<Vec<Option<String>>>,
    #[field(sql = "length(text)")]
    length: i32,
    no_text: Option<String>,
    no_list: Option<Vec<String>>,
    no_day: Option<NaiveDate>,
    #[field(column = "order", name = "position")]
    order: Option<i32>,
    r#type: String,
}

#[root]
struct Query {
    #[link(all)]
    everything: Many<Everything>,
}

const FIELDS: &str =
    "id yes small number single double text email uuid day time instant local anything list nested length
                      noText noList noDay position type";

#[tokio::test]
async fn c25_every_type_comes_through() {
    on_each(|db| async move {
        hiku::sql::create_tables::<Query>(&db).await.unwrap();
        // MariaDB reads no offsets from UTC in values of DATETIME.
        let instant = match db.dialect() {
            hiku::sql::Dialect::MySql => "'2024-02-29T12:00:00'",
            _ => "'2024-02-29T12:00:00Z'",
        };
        // Its length of a text is that of its bytes.
        let length = if db.dialect() == hiku::sql::Dialect::MySql { 11 } else { 7 };
        execute(
            &db,
            &[&format!("INSERT INTO everything (id, yes, small, number, single, \"double\", text, email, uuid, day, time, instant, local,
                  anything, list, nested, no_text, no_list, no_day, \"order\", type) VALUES
               (-7, TRUE, -3, 2000000000, 0.1, 1e-7, 'q\"\\ ü 𝄞', 'a@b', '67e55044-10b1-426f-9247-bb680e5fe0c8',
                '2024-02-29', '23:59:58.5', {instant}, '2024-02-29T12:00:00',
                '{{\"a\": [1, null]}}', '[1, 2]', '[[\"x\", null], []]', NULL, NULL, NULL, 5, 't')")],
        )
        .await;
        let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(db).build().unwrap();
        let ran = run(&engine, format!("{{ everything {{ {FIELDS} }} }}")).await;
        ran.assert_json(json!({"data": {"everything": [{
            "id": -7, "yes": true, "small": -3, "number": 2000000000, "single": 0.1, "double": 1e-7,
            "text": "q\"\\ ü 𝄞", "email": "a@b", "uuid": "67e55044-10b1-426f-9247-bb680e5fe0c8",
            "day": "2024-02-29", "time": "23:59:58.500", "instant": "2024-02-29T12:00:00Z", "local": "2024-02-29T12:00:00",
            "anything": {"a": [1, null]}, "list": [1, 2], "nested": [["x", null], []], "length": length,
            "noText": null, "noList": null, "noDay": null, "position": 5, "type": "t",
        }]}}));
    })
    .await;
}

#[tokio::test]
async fn every_unicode_plane_and_control_character_is_escaped_as_json() {
    #[node(memory)]
    struct Line {
        #[key]
        id: i64,
        text: String,
    }
    #[root]
    struct Lines {
        #[link(all)]
        lines: Many<Line>,
    }
    let texts: Vec<String> = (0..=0x10_FFFF_u32)
        .filter_map(char::from_u32)
        .collect::<Vec<_>>()
        .chunks(997)
        .map(|chars| chars.iter().collect())
        .collect();
    let lines: Vec<Line> =
        texts.iter().enumerate().map(|(id, text)| Line { id: id as i64, text: text.clone() }).collect();
    let engine = Engine::builder(Graph::new::<Lines>().unwrap()).data(Memory::new(&lines)).build().unwrap();
    let value = engine.execute("{ lines { text } }").await.to_value();
    for (line, text) in value["data"]["lines"].as_array().unwrap().iter().zip(&texts) {
        assert_eq!(line["text"].as_str(), Some(text.as_str()));
    }
}

#[tokio::test]
async fn infinite_times_of_postgresql_are_errors_of_their_values() {
    #[node(table = "moment")]
    struct Moment {
        #[key]
        id: i64,
        at: Option<DateTime<Utc>>,
        day: Option<NaiveDate>,
        mood: Option<String>,
    }
    #[root]
    struct Moments {
        #[link(all)]
        moments: Many<Moment>,
    }
    let Some(db) = super::databases::postgres().await else { return };
    execute(
        &db,
        &[
            "CREATE TYPE mood AS ENUM ('happy')",
            "CREATE TABLE moment (id BIGINT PRIMARY KEY, at TIMESTAMPTZ, day DATE, mood mood)",
            "INSERT INTO moment VALUES (1, 'infinity', '-infinity', 'happy'), (2, '1969-07-20T20:17:40Z', '1969-07-20', NULL)",
        ],
    )
    .await;
    let engine = Engine::builder(Graph::new::<Moments>().unwrap()).data(db).build().unwrap();
    let value = engine.execute("{ moments { at day mood } }").await.to_value();
    assert_eq!(
        value["data"]["moments"],
        json!([{"at": null, "day": null, "mood": "happy"},
               {"at": "1969-07-20T20:17:40Z", "day": "1969-07-20", "mood": null}])
    );
    assert_eq!(value["errors"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_table_that_changes_under_cached_statements_is_read_again() {
    let Some(db) = super::databases::postgres().await else { return };
    hiku::sql::create_tables::<super::fixture::Query>(&db).await.unwrap();
    execute(&db, &super::fixture::ROWS).await;
    let engine = Engine::builder(Graph::new::<super::fixture::Query>().unwrap()).data(db.clone()).build().unwrap();
    let query = "{ movies { title } }";
    let before = engine.execute(query).await.to_string();
    execute(&db, &["ALTER TABLE movie ALTER COLUMN title TYPE varchar(100)"]).await;
    assert_eq!(engine.execute(query).await.to_string(), before);
}

#[tokio::test]
async fn nulls_are_greater_than_every_value_in_an_order() {
    #[node(table = "thing", order = "rank")]
    struct Thing {
        #[key]
        id: i64,
        rank: Option<i64>,
    }
    #[root]
    struct Things {
        #[link(all)]
        things: Many<Thing>,
        #[link(all, order = "-rank")]
        down: Many<Thing>,
    }
    on_each(|db| async move {
        hiku::sql::create_tables::<Things>(&db).await.unwrap();
        execute(&db, &["INSERT INTO thing (id, rank) VALUES (1, NULL), (2, 5), (3, 1)"]).await;
        let engine = Engine::builder(Graph::new::<Things>().unwrap()).data(db).build().unwrap();
        run(&engine, "{ things { id } down { id } }").await.assert_json(json!({"data": {
            "things": [{"id": "3"}, {"id": "2"}, {"id": "1"}], "down": [{"id": "1"}, {"id": "2"}, {"id": "3"}],
        }}));
    })
    .await;
}
