//! Records: values with fields, wherever they come from.

use hiku::prelude::*;
use hiku::testing::run;
use serde_json::{Value as Json, json};

use super::databases::{execute, on_each};

#[derive(Clone, Copy, Debug, PartialEq, Enum)]
enum Kind {
    City,
    #[item(stored = "c")]
    Country,
}

/// Somewhere.
#[derive(Clone, Debug, Record)]
struct Place {
    #[field(type = ID)]
    id: i64,
    /// As on a map.
    full_name: String,
    kind: Option<Kind>,
    #[field(type = BigInt)]
    people: Option<i64>,
    within: Option<Box<Place>>,
    #[field(name = "parts", deprecated = "too many")]
    pieces: Option<Vec<Option<Place>>>,
}

#[derive(Clone, Debug, Record)]
struct Point {
    x: f64,
    y: f64,
}

#[node(table = "house")]
struct House {
    #[key(type = Int)]
    id: i64,
    place: Place,
    point: Option<Point>,
    corners: Vec<Point>,
}

#[node]
impl House {
    #[field]
    fn north(point: Option<Point>) -> Option<bool> {
        point.map(|point| point.y > 0.0)
    }

    #[field]
    async fn middle(corners: &[Vec<Point>]) -> Vec<Option<Point>> {
        let middle = |corners: &Vec<Point>| {
            let count = corners.len() as f64;
            let sum = |of: fn(&Point) -> f64| corners.iter().map(of).sum::<f64>();
            (count > 0.0).then(|| Point { x: sum(|at| at.x) / count, y: sum(|at| at.y) / count })
        };
        corners.iter().map(middle).collect()
    }

    #[field]
    fn address(place: Place, #[arg(default = 1)] times: i32) -> Vec<Option<Vec<Place>>> {
        (0..times).map(|_| Some(vec![place.clone()])).collect()
    }
}

#[root]
struct Query {
    #[link(all)]
    houses: Many<House>,
    #[link(by_key)]
    house: Maybe<House>,
}

#[root]
impl Query {
    #[link]
    fn built() -> Maybe<House> {
        let place = |id, within| Place {
            id,
            full_name: format!("place {id}"),
            kind: Some(Kind::Country),
            people: Some(5_000_000_000),
            within,
            pieces: None,
        };
        let home = Place { pieces: Some(vec![None, Some(place(3, None))]), ..place(1, Some(Box::new(place(2, None)))) };
        Maybe::node(House { id: 7, place: home, point: None, corners: vec![Point { x: 1.0, y: f64::NAN }] })
    }
}

const ROWS: &str = r#"INSERT INTO house (id, place, point, corners) VALUES
    (1, '{"id": 1, "full_name": "Delft", "kind": "CITY", "people": 105000, "more": [1],
          "within": {"id": 2, "full_name": "NL", "kind": "c", "within": {"id": 3, "full_name": "EU"}},
          "pieces": [{"id": 4, "full_name": "Centre"}, null]}',
        '{"x": 1, "y": -2.5}', '[{"x": 0, "y": 0}, {"x": 4, "y": 2}]'),
    (2, '{"full_name": "Oz", "id": 9, "pieces": [], "kind": null}', NULL, '[]')"#;

async fn engine(db: Db, rows: &str) -> Engine {
    hiku::sql::create_tables::<Query>(&db).await.unwrap();
    hiku::sql::check_schema::<Query>(&db).await.unwrap();
    execute(&db, &[rows]).await;
    Engine::builder(Graph::new::<Query>().unwrap()).data(db).build().unwrap()
}

#[tokio::test]
async fn json_of_the_database_is_a_record() {
    on_each(|db| async move {
        let engine = engine(db, ROWS).await;
        let ran = run(
            &engine,
            "{ houses { id place { id fullName kind people within { fullName kind within { __typename id within { id } } } parts { id } }
               point { x y } corners { y } north middle { x y __typename } } }",
        )
        .await;
        ran.assert_json(json!({"data": {"houses": [
            {"id": 1, "place": {"id": "1", "fullName": "Delft", "kind": "CITY", "people": "105000",
                "within": {"fullName": "NL", "kind": "COUNTRY", "within": {"__typename": "Place", "id": "3", "within": null}},
                "parts": [{"id": "4"}, null]},
             "point": {"x": 1, "y": -2.5}, "corners": [{"y": 0}, {"y": 2}], "north": false,
             "middle": {"x": 2, "y": 1, "__typename": "Point"}},
            {"id": 2, "place": {"id": "9", "fullName": "Oz", "kind": null, "people": null, "within": null, "parts": []},
             "point": null, "corners": [], "north": null, "middle": null},
        ]}}));
        ran.assert_loads(["House", "House.middle[2]"]);
    })
    .await;
}

#[tokio::test]
async fn selections_of_a_record_are_named_merged_and_left_out() {
    on_each(|db| async move {
        let engine = engine(db, ROWS).await;
        let query = "query($no: Boolean!, $yes: Boolean!) { house(id: 1) {
                name: place { n: fullName, id @skip(if: $yes) } place { ...of within { id @include(if: $no) fullName } kind @include(if: $no) }
                place { within { ... on Place { kind } } ... @include(if: $yes) { people } }
                twice: address(times: 2) { id @skip(if: $no) } } }
            fragment of on Place { t: __typename id, __typename }";
        let response = engine.execute(Request::new(query).variables(json!({"no": false, "yes": true}))).await;
        assert_eq!(
            response.to_string(),
            r#"{"data":{"house":{"name":{"n":"Delft"},"place":{"t":"Place","id":"1","__typename":"Place","within":{"fullName":"NL","kind":"COUNTRY"},"people":"105000"},"twice":[[{"id":"1"}],[{"id":"1"}]]}}}"#
        );
        for (query, message) in [
            ("{ house(id: 1) { place } }", "must have a selection of subfields"),
            ("{ house(id: 1) { place { nothing } } }", "nothing"),
            ("{ house(id: 1) { place { id { x } } } }", "ID"),
            ("{ house(id: 1) { place { a: id a: fullName } } }", "a"),
            ("{ house(id: 1) { place { ... on Point { x } } } }", "Point"),
        ] {
            let value = engine.execute(query).await.to_value();
            assert_eq!(value.get("data"), None, "{query}: {value}");
            assert!(value["errors"][0]["message"].as_str().unwrap().contains(message), "{value}");
        }
    })
    .await;
}

#[tokio::test]
async fn records_of_whole_nodes() {
    on_each(|db| async move {
        let engine = engine(db, ROWS).await;
        let query = "{ built { id place { id kind people within { id within { id } } parts { id fullName } } point { x } corners { x }
            address { within { fullName } } } }";
        run(&engine, query).await.assert_json(json!({"data": {"built": {
            "id": 7,
            "place": {"id": "1", "kind": "COUNTRY", "people": "5000000000", "within": {"id": "2", "within": null},
                      "parts": [null, {"id": "3", "fullName": "place 3"}]},
            "point": null, "corners": [{"x": 1}], "address": [[{"within": {"fullName": "place 2"}}]],
        }}}));
        let value = engine.execute("{ built { id corners { x y } } }").await.to_value();
        assert_eq!(value["data"], json!({"built": null}));
        assert_eq!(value["errors"][0]["path"], json!(["built", "corners", 0, "y"]));
        assert_eq!(value["errors"][0]["message"], json!("Float cannot represent non numeric value: NaN"));
    })
    .await;
}

#[tokio::test]
async fn records_of_rows_in_memory() {
    #[node(memory)]
    #[derive(Clone)]
    struct Pin {
        #[key(type = Int)]
        id: i64,
        at: Point,
        path: Option<Vec<Point>>,
    }
    #[root]
    struct Pins {
        #[link(all)]
        pins: Many<Pin>,
        #[link(by_key)]
        pin: Maybe<Pin>,
    }
    let point = |x| Point { x, y: -x };
    let pins = [
        Pin { id: 1, at: point(1.0), path: None },
        Pin { id: 2, at: point(2.5), path: Some(vec![point(3.0), point(4.0)]) },
    ];
    let engine = Engine::builder(Graph::new::<Pins>().unwrap()).data(Memory::new(&pins)).build().unwrap();
    run(&engine, "{ pins { at { x y } path { y } } pin(id: 2) { at { y } path { x } } }").await.assert_json(json!({"data": {
        "pins": [{"at": {"x": 1, "y": -1}, "path": null}, {"at": {"x": 2.5, "y": -2.5}, "path": [{"y": -3}, {"y": -4}]}],
        "pin": {"at": {"y": -2.5}, "path": [{"x": 3}, {"x": 4}]},
    }}));
}

fn paths(value: &Json) -> Vec<Json> {
    value["errors"].as_array().unwrap_or_else(|| panic!("{value}")).iter().map(|error| error["path"].clone()).collect()
}

#[tokio::test]
async fn json_that_is_no_such_record_fails_alone() {
    on_each(|db| async move {
        execute(
            &db,
            &["CREATE TABLE house (id BIGINT PRIMARY KEY, place TEXT, point TEXT, corners TEXT)",
              r#"INSERT INTO house VALUES
                (1, '{"id": 1, "full_name": "ok"}', '{"x": 1', '[]'),
                (2, '{"id": 2, "full_name": "ok", "kind": "nowhere"}', '[1, 2]', '[]'),
                (3, '{"id": 3}', '{"x": "1.5", "y": 1}', '[{"x": 1, "y": 2}, {"x": 1}]'),
                (4, '{"id": 4, "full_name": "ok", "within": {"id": 5, "full_name": 6}}', '{}', '[null]'),
                (5, '"text"', '{"x": 1, "y": 1e400}', '{"x": 1, "y": 2}'),
                (6, '{"id": 6, "full_name": "ok", "people": 9e30}', 'null', '[]'),
                (7, '', ' ', '[]')"#],
        )
        .await;
        let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(db).build().unwrap();
        let value = engine.execute("{ houses { id point { x } north } }").await.to_value();
        let points: Vec<Json> = (0..7).map(|at| value["data"]["houses"][at]["point"].clone()).collect();
        // A row is not lost for a point of it.
        assert_eq!(points, vec![Json::Null; 7], "{value}");
        assert!(!value.to_string().contains("EOF"), "what the database holds is not shown: {value}");
        let value = engine.execute("{ a: house(id: 2) { place { id kind } } b: house(id: 3) { place { id } } c: house(id: 3) { place { fullName } }
            d: house(id: 4) { place { id } } e: house(id: 5) { place { id } } f: house(id: 6) { place { people } } g: house(id: 7) { place { id } } }").await.to_value();
        assert_eq!(value["data"], json!({"a": {"place": {"id": "2", "kind": null}}, "b": {"place": {"id": "3"}}, "c": null, "d": null, "e": null, "f": null, "g": null}));
        assert_eq!(
            paths(&value),
            [json!(["a", "place", "kind"]), json!(["c", "place", "fullName"]), json!(["d", "place"]), json!(["e", "place"]),
             json!(["f", "place"]), json!(["g", "place"])]
        );
        let value = engine.execute("{ a: house(id: 3) { corners { x } } b: house(id: 3) { corners { y } } c: house(id: 4) { corners { x } } d: house(id: 5) { corners { x } } }").await.to_value();
        assert_eq!(value["data"], json!({"a": {"corners": [{"x": 1}, {"x": 1}]}, "b": null, "c": null, "d": null}));
        assert_eq!(paths(&value), [json!(["b", "corners", 1, "y"]), json!(["c", "corners", 0]), json!(["d", "corners"])]);
        // A function is given no half record.
        let value = engine.execute("{ a: house(id: 4) { middle { x } } b: house(id: 3) { middle { x } } c: house(id: 2) { address { id } } }").await.to_value();
        assert_eq!(value["data"], json!({"a": {"middle": null}, "b": {"middle": null}, "c": null}));
        assert_eq!(paths(&value), [json!(["a", "middle"]), json!(["b", "middle"]), json!(["c", "address"])]);
    })
    .await;
}

#[tokio::test]
async fn the_schema_has_the_record_with_its_descriptions() {
    let sdl = engine(super::databases::sqlite().await, ROWS).await.sdl();
    for part in [
        "\"\"\"Somewhere.\"\"\"\ntype Place {\n  id: ID!\n\n  \"\"\"As on a map.\"\"\"\n  fullName: String!\n  kind: Kind\n  people: BigInt\n  within: Place\n  parts: [Place] @deprecated(reason: \"too many\")\n}\n",
        "  address(times: Int! = 1): [[Place!]]!\n",
        "type Point {\n  x: Float!\n  y: Float!\n}\n",
    ] {
        assert!(sdl.contains(part), "{part}\n---\n{sdl}");
    }
}

#[tokio::test]
async fn json_that_nests_without_end_is_an_error_of_its_value() {
    on_each(|db| async move {
        let deep = |depth: usize| {
            let (open, close) = (r#"{"id": 1, "full_name": "x", "within": "#.repeat(depth), "}".repeat(depth));
            format!("INSERT INTO house (id, place, corners) VALUES ({depth}, '{open}null{close}', '[]')")
        };
        let engine = engine(db.clone(), &deep(50)).await;
        // PostgreSQL bounds what JSONB nests itself.
        execute(&db, &[&deep(2_000)]).await;
        let value = engine
            .execute("{ a: house(id: 50) { place { id } } b: house(id: 2000) { place { id } } }")
            .await
            .to_value();
        assert_eq!(value["data"], json!({"a": {"place": {"id": "1"}}, "b": null}));
        assert_eq!(paths(&value), [json!(["b", "place"])]);
    })
    .await;
}
