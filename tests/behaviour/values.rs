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
async fn every_type_comes_through() {
    on_each(|db| async move {
        hiku::sql::create_tables::<Query>(&db).await.unwrap();
        execute(
            &db,
            &["INSERT INTO everything (id, yes, small, number, single, double, text, email, uuid, day, time, instant, local,
                  anything, list, nested, no_text, no_list, no_day, \"order\", type) VALUES
               (-7, TRUE, -3, 2000000000, 0.1, 1e-7, 'q\"\\ ü 𝄞', 'a@b', '67e55044-10b1-426f-9247-bb680e5fe0c8',
                '2024-02-29', '23:59:58.5', '2024-02-29T12:00:00Z', '2024-02-29T12:00:00',
                '{\"a\": [1, null]}', '[1, 2]', '[[\"x\", null], []]', NULL, NULL, NULL, 5, 't')"],
        )
        .await;
        let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(db).build().unwrap();
        let ran = run(&engine, format!("{{ everything {{ {FIELDS} }} }}")).await;
        ran.assert_json(json!({"data": {"everything": [{
            "id": -7, "yes": true, "small": -3, "number": 2000000000, "single": 0.1, "double": 1e-7,
            "text": "q\"\\ ü 𝄞", "email": "a@b", "uuid": "67e55044-10b1-426f-9247-bb680e5fe0c8",
            "day": "2024-02-29", "time": "23:59:58.500", "instant": "2024-02-29T12:00:00Z", "local": "2024-02-29T12:00:00",
            "anything": {"a": [1, null]}, "list": [1, 2], "nested": [["x", null], []], "length": 7,
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
