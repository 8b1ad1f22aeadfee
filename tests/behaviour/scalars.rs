//! Scalars: built in, of users, and what none of them can hold.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use hiku::prelude::*;
use hiku::testing::run;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::databases::{execute, on_each, sqlite};

/// A colour, as `#rrggbb`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Scalar)]
#[scalar(specified_by = "https://colour.example/spec", parse = parse_colour, serialize = write_colour)]
struct Colour(i64);

fn parse_colour(value: &Json) -> Result<Colour, String> {
    let digits = value.as_str().and_then(|text| text.strip_prefix('#')).filter(|digits| digits.len() == 6);
    let number = digits.and_then(|digits| i64::from_str_radix(digits, 16).ok());
    number.map(Colour).ok_or_else(|| format!("{value} is no colour: write \"#rrggbb\""))
}

fn write_colour(colour: &Colour) -> Json {
    format!("#{:06x}", colour.0).into()
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Scalar)]
struct Code(String);

#[node(table = "paint")]
struct Paint {
    #[key]
    code: Code,
    colour: Colour,
    other: Option<Colour>,
    mixed: Vec<Colour>,
}

#[node]
impl Paint {
    #[field]
    fn darker(colour: Colour, #[arg(default = Colour(0x10))] by: Colour) -> Colour {
        Colour((colour.0 - by.0).max(0))
    }
}

#[node(table = "many")]
struct Everything {
    #[key(type = Int)]
    id: i64,
    day: NaiveDate,
    time: NaiveTime,
    instant: DateTime<Utc>,
    local: NaiveDateTime,
    uuid: Uuid,
    json: Option<Json>,
    #[field(type = BigInt)]
    big: i64,
    also_big: Option<BigInt>,
    #[field(type = ID)]
    reference: i64,
    named: ID,
    number: i64,
    float: Option<f64>,
}

#[root]
struct Query {
    #[link(all)]
    paints: Many<Paint>,
    #[link(by_key)]
    paint: Maybe<Paint>,
    #[link(all)]
    everything: Many<Everything>,
}

#[root]
impl Query {
    #[field]
    fn colours(#[arg] given: Option<Vec<Option<Colour>>>) -> Option<Vec<Option<Colour>>> {
        given
    }

    #[field]
    fn times(
        #[arg] day: Option<NaiveDate>,
        #[arg] time: Option<NaiveTime>,
        #[arg] instant: Option<DateTime<Utc>>,
        #[arg] local: Option<NaiveDateTime>,
    ) -> Option<Vec<Json>> {
        Some(vec![
            json!(day.map(|day| day.to_string())),
            json!(time.map(|time| time.to_string())),
            json!(instant.map(|at| at.to_rfc3339())),
            json!(local.map(|at| at.to_string())),
        ])
    }

    #[field]
    fn uuid(#[arg] uuid: Uuid) -> Uuid {
        uuid
    }

    #[field]
    fn json(#[arg] json: Option<Json>) -> Option<Json> {
        json
    }

    #[field]
    fn big(#[arg] big: BigInt) -> BigInt {
        big
    }

    #[field]
    fn id(#[arg] id: ID) -> ID {
        id
    }

    #[field]
    fn float(#[arg] float: f64) -> Option<f64> {
        Some(float)
    }

    #[field]
    fn int(#[arg] int: i64) -> Option<i64> {
        Some(int * 2)
    }

    #[field]
    fn floats() -> Vec<Option<f64>> {
        vec![Some(f64::NAN), Some(1.5), Some(f64::INFINITY), None, Some(-0.0), Some(1e300)]
    }
}

async fn engine(db: Db) -> Engine {
    hiku::sql::create_tables::<Query>(&db).await.unwrap();
    hiku::sql::check_schema::<Query>(&db).await.unwrap();
    Engine::builder(Graph::new::<Query>().unwrap()).data(db).build().unwrap()
}

async fn ask(query: &str, variables: Json) -> Json {
    engine(sqlite().await).await.execute(Request::new(query).variables(variables)).await.to_value()
}

async fn refused(query: &str, variables: Json) -> String {
    let value = ask(query, variables).await;
    assert_eq!(value.get("data"), None, "{query}: {value}");
    assert_eq!(value["errors"].as_array().unwrap().len(), 1, "{query}: {value}");
    assert!(value["errors"][0]["locations"][0]["column"].is_u64(), "{value}");
    value["errors"][0]["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn scalars_of_users_are_parsed_and_written_everywhere() {
    on_each(|db| async move {
        let engine = engine(db.clone()).await;
        execute(&db, &["INSERT INTO paint (code, colour, other, mixed) VALUES ('red', 16711680, NULL, '[255, 65280]'), ('sea', 255, 4096, '[]')"]).await;
        let ran = run(&engine, "{ paints { code colour other mixed darker less: darker(by: \"#000001\") } paint(code: \"sea\") { colour } none: paint(code: \"x\") { code } }").await;
        ran.assert_json(json!({"data": {
            "paints": [
                {"code": "red", "colour": "#ff0000", "other": null, "mixed": ["#0000ff", "#00ff00"], "darker": "#fefff0", "less": "#feffff"},
                {"code": "sea", "colour": "#0000ff", "other": "#001000", "mixed": [], "darker": "#0000ef", "less": "#0000fe"}],
            "paint": {"colour": "#0000ff"}, "none": null,
        }}));
    })
    .await;
    let query = "query($c: Colour!, $l: [Colour] = [\"#000001\"]) { a: colours(given: [\"#0000aa\", null]) b: colours(given: $l) c: colours(given: [$c]) d: colours }";
    let value = ask(query, json!({"c": "#00BB00"})).await;
    assert_eq!(value["data"], json!({"a": ["#0000aa", null], "b": ["#000001"], "c": ["#00bb00"], "d": null}));
    for (query, variables, message) in [
        ("{ colours(given: [\"blue\"]) }", json!({}), "\"blue\" is no colour: write \"#rrggbb\""),
        ("{ colours(given: 7) }", json!({}), "7 is no colour: write \"#rrggbb\""),
        ("{ paints { darker(by: \"\") } }", json!({}), "\"\" is no colour: write \"#rrggbb\""),
        (
            "query($c: [Colour]) { colours(given: $c) }",
            json!({"c": ["#000000", "x"]}),
            "Variable \"$c\" got invalid value \"x\" at \"c[1]\"; Expected type \"Colour\". \"x\" is no colour: write \"#rrggbb\"",
        ),
        ("query($c: [Colour] = \"y\") { colours(given: $c) }", json!({}), "\"y\" is no colour: write \"#rrggbb\""),
    ] {
        let found = refused(query, variables).await;
        assert!(found.contains(message), "{found}, not {message}");
    }
    let sdl = engine(sqlite().await).await.sdl();
    for part in [
        "\"\"\"A colour, as `#rrggbb`.\"\"\"\nscalar Colour @specifiedBy(url: \"https://colour.example/spec\")\n",
        "  code: ID!\n",
        "  darker(by: Colour! = \"#000010\"): Colour!\n",
    ] {
        assert!(sdl.contains(part), "{part}\n{sdl}");
    }
}

const ROW: &str = "INSERT INTO many (id, day, time, instant, local, uuid, json, big, also_big, reference, named, number, \"float\") VALUES";

#[tokio::test]
async fn built_in_scalars_from_databases() {
    on_each(|db| async move {
        let engine = engine(db.clone()).await;
        let row = "(1, '0001-01-01', '23:59:59.000001', '2024-02-29 12:00:00.5+02:00', '1969-12-31 23:59:59.25', '67E55044-10B1-426F-9247-BB680E5FE0C8',
            '[1, {\"a\": null}]', 9223372036854775807, -9007199254740993, 5000000000, 'x1', -2147483648, 0.1),
            (2, '9999-12-31', '00:00:00', '1970-01-01 00:00:00+00:00', '2000-01-01 00:00:00', '00000000-0000-0000-0000-000000000000',
            NULL, -1, NULL, -1, '', 2147483648, NULL)";
        // MariaDB reads no offsets from UTC in values of DATETIME.
        let row = match db.dialect() {
            hiku::sql::Dialect::MySql => row.replace("12:00:00.5+02:00", "10:00:00.5").replace("+00:00", ""),
            _ => row.to_owned(),
        };
        execute(&db, &[&format!("{ROW} {row}")]).await;
        let value = engine.execute("{ everything { day time instant local uuid json big alsoBig reference named float } }").await.to_value();
        assert_eq!(value, json!({"data": {"everything": [
            {"day": "0001-01-01", "time": "23:59:59.000001", "instant": "2024-02-29T10:00:00.500Z", "local": "1969-12-31T23:59:59.250",
             "uuid": "67e55044-10b1-426f-9247-bb680e5fe0c8", "json": [1, {"a": null}], "big": "9223372036854775807",
             "alsoBig": "-9007199254740993", "reference": "5000000000", "named": "x1", "float": 0.1},
            {"day": "9999-12-31", "time": "00:00:00", "instant": "1970-01-01T00:00:00Z", "local": "2000-01-01T00:00:00",
             "uuid": "00000000-0000-0000-0000-000000000000", "json": null, "big": "-1", "alsoBig": null, "reference": "-1",
             "named": "", "float": null},
        ]}}));
        let value = engine.execute("{ everything { number } }").await.to_value();
        assert_eq!(value["data"], Json::Null);
        assert_eq!(value["errors"][0]["path"], json!(["everything", 1, "number"]));
        assert_eq!(value["errors"][0]["message"], json!("Int cannot represent non 32-bit signed integer value: 2147483648; a field of the type BigInt can"));
    })
    .await;
}

#[tokio::test]
async fn built_in_scalars_as_arguments() {
    let query = "query($u: Uuid!, $j: Json, $b: BigInt!, $i: ID!, $f: Float!) {
        times(day: \"2024-02-29\", time: \"12:30:00\", instant: \"2024-02-29T12:00:00+02:00\", local: \"2024-02-29T12:00:00\") none: times
        uuid(uuid: $u) json(json: $j) lit: json(json: {a: [1, 2.5, \"x\", null, true, ENUM]}) nul: json(json: null)
        big(big: $b) text: big(big: \"-9223372036854775808\") small: big(big: 7) id(id: $i) num: id(id: 12) str: id(id: \"012\")
        float(float: $f) whole: float(float: 3) }";
    let variables = json!({"u": "67E55044-10B1-426F-9247-BB680E5FE0C8", "j": {"deep": [[{}]]}, "b": "9223372036854775807", "i": 9007199254740993_i64, "f": 2});
    let value = ask(query, variables).await;
    assert_eq!(
        value,
        json!({"data": {
            "times": ["2024-02-29", "12:30:00", "2024-02-29T10:00:00+00:00", "2024-02-29 12:00:00"], "none": [null, null, null, null],
            "uuid": "67e55044-10b1-426f-9247-bb680e5fe0c8", "json": {"deep": [[{}]]}, "lit": {"a": [1, 2.5, "x", null, true, "ENUM"]}, "nul": null,
            "big": "9223372036854775807", "text": "-9223372036854775808", "small": "7", "id": "9007199254740993", "num": "12", "str": "012",
            "float": 2, "whole": 3,
        }})
    );
    for (query, message) in [
        ("{ times(day: \"2023-02-29\") }", "Expected value of type \"Date\""),
        ("{ times(day: 20230228) }", "Expected value of type \"Date\""),
        ("{ times(time: \"25:00:00\") }", "Expected value of type \"Time\""),
        ("{ times(instant: \"2024-02-29T12:00:00\") }", "Expected value of type \"DateTime\""),
        ("{ times(local: \"2024-02-29T12:00:00Z\") }", "Expected value of type \"LocalDateTime\""),
        ("{ uuid(uuid: \"67e55044\") }", "Expected value of type \"Uuid!\""),
        ("{ big(big: \"9223372036854775808\") }", "Expected value of type \"BigInt!\""),
        ("{ big(big: 9223372036854775808) }", "Expected value of type \"BigInt!\""),
        ("{ big(big: 1.5) }", "Expected value of type \"BigInt!\""),
        ("{ id(id: 1.5) }", "ID cannot represent a non-string and non-integer value"),
        ("{ id(id: true) }", "ID cannot represent a non-string and non-integer value"),
        ("{ int(int: 2147483648) }", "Int cannot represent non 32-bit signed integer value"),
        ("{ float(float: \"1\") }", "Float cannot represent non numeric value"),
    ] {
        let found = refused(query, json!({})).await;
        assert!(found.contains(message), "{query}: {found}");
    }
    for (ty, field, given, message) in [
        ("Date", "times(day: $v) ", json!("today"), "got invalid value \"today\"; Expected type \"Date\"."),
        ("Uuid!", "uuid(uuid: $v)", json!(""), "got invalid value \"\"; Expected type \"Uuid\"."),
        ("BigInt!", "big(big: $v)", json!("1e3"), "Expected type \"BigInt\"."),
        ("ID!", "id(id: $v)", json!(1.5), "got invalid value 1.5; ID cannot represent value: 1.5"),
        ("Int!", "int(int: $v)", json!(1e10), "Int cannot represent non 32-bit signed integer value: 10000000000"),
        ("Float!", "float(float: $v)", json!("x"), "Float cannot represent non numeric value: \"x\""),
    ] {
        let found = refused(&format!("query($v: {ty}) {{ {field} }}"), json!({"v": given})).await;
        assert!(found.contains(message), "{field}: {found}");
    }
    assert_eq!(ask("query($v: Int!) { int(int: $v) }", json!({"v": 3.0})).await["data"]["int"], json!(6));
    let value =
        ask("query($v: Json, $n: Int) { a: json(json: {a: [$v, $n, 1], b: {c: $v}}) }", json!({"v": {"x": [null]}}))
            .await;
    assert_eq!(value["data"], json!({"a": {"a": [{"x": [null]}, null, 1], "b": {"c": {"x": [null]}}}}));
    // Twice the largest is too large for the answer.
    let value = ask("{ int(int: 2147483647) }", json!({})).await;
    assert_eq!(value["data"], json!({"int": null}));
    assert!(value["errors"][0]["message"].as_str().unwrap().contains("BigInt"), "{value}");
}

#[tokio::test]
async fn floats_are_finite() {
    let value = ask("{ floats }", json!({})).await;
    assert_eq!(value["data"], json!({"floats": [null, 1.5, null, null, 0, 1e300]}), "{value}");
    let errors: Vec<_> = value["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (&error["path"], error["message"].as_str().unwrap()))
        .collect();
    assert_eq!(
        errors,
        [
            (&json!(["floats", 0]), "Float cannot represent non numeric value: NaN"),
            (&json!(["floats", 2]), "Float cannot represent non numeric value: inf")
        ]
    );
    for (query, variables) in
        [("{ float(float: 1e400) }", json!({})), ("query($f: Float! = 1e400) { float(float: $f) }", json!({}))]
    {
        let found = refused(query, variables).await;
        assert_eq!(found, "Float cannot represent non numeric value: 1e400");
    }
    on_each(|db| async move {
        let engine = engine(db.clone()).await;
        // MariaDB has no number that is none.
        if db.dialect() == hiku::sql::Dialect::MySql {
            return;
        }
        let infinite = if db.dialect() == hiku::sql::Dialect::Postgres { "'NaN'" } else { "9e999" };
        let rest = "'2024-01-01', '00:00:00', '2024-01-01 00:00:00+00:00', '2024-01-01 00:00:00', '00000000-0000-0000-0000-000000000000', NULL, 1, NULL, 1, '', 1";
        execute(&db, &[&format!("{ROW} (1, {rest}, {infinite}), (2, {rest}, 1.5)")]).await;
        let value = engine.execute("{ everything { float } }").await.to_value();
        assert_eq!(value["data"], json!({"everything": [{"float": null}, {"float": 1.5}]}));
        assert_eq!(value["errors"][0]["path"], json!(["everything", 0, "float"]));
    })
    .await;
}

/// SQLite stores what it is given: bytes that are no text, texts that are no dates.
#[tokio::test]
async fn values_of_sqlite_that_are_none_of_their_scalars() {
    let db = sqlite().await;
    let engine = engine(db.clone()).await;
    execute(&db, &[
        &format!("{ROW} (1, 'yesterday', 'noon', 'now', '2024-13-01 00:00:00', 'zz', CAST(x'22ff22' AS TEXT), 1, NULL, 1, CAST(x'ff61' AS TEXT), 1, NULL)"),
        "INSERT INTO paint (code, colour, mixed) VALUES (CAST(x'c328' AS TEXT), 1, '[]'), ('ok', 1, CAST(x'5bff5d' AS TEXT)), ('fine', 2, '[\"#000001\"]')",
    ]).await;
    for field in ["day", "time", "instant", "local", "uuid", "named"] {
        let value = engine.execute(format!("{{ everything {{ {field} }} }}")).await.to_value();
        assert_eq!(value["data"], Json::Null, "{field}");
        assert_eq!(value["errors"][0]["path"], json!(["everything", 0, field]), "{value}");
        assert!(value["errors"][0]["message"].as_str().unwrap().starts_with("internal error (id "), "{value}");
    }
    let value = engine.execute("{ everything { id json } }").await.to_value();
    assert_eq!(value["data"], json!({"everything": [{"id": 1, "json": null}]}));
    assert_eq!(value["errors"][0]["path"], json!(["everything", 0, "json"]));
    let value = engine.execute("{ paint(code: \"ok\") { code colour } fine: paint(code: \"ok\") { mixed } last: paint(code: \"fine\") { mixed } }").await.to_value();
    assert_eq!(
        value["data"],
        json!({"paint": {"code": "ok", "colour": "#000001"}, "fine": null, "last": null}),
        "{value}"
    );
    assert_eq!(value["errors"].as_array().unwrap().len(), 2);
}

/// `serialize` is a function of the user's, and can panic.
#[tokio::test]
async fn a_scalar_that_cannot_be_written_is_an_error_of_its_value() {
    #[derive(Clone, Scalar)]
    #[scalar(serialize = strict)]
    struct Strict(i32);
    fn strict(value: &Strict) -> Json {
        if value.0 == 13 { panic!("unlucky") } else { value.0.into() }
    }
    #[root]
    struct Numbers {}
    #[root]
    impl Numbers {
        #[field]
        fn numbers() -> Vec<Option<Strict>> {
            vec![Some(Strict(1)), Some(Strict(13)), None, Some(Strict(3))]
        }
    }
    let engine = Engine::builder(Graph::new::<Numbers>().unwrap()).build().unwrap();
    let value = engine.execute("{ numbers }").await.to_value();
    assert_eq!(value["data"], json!({"numbers": [1, null, null, 3]}), "{value}");
    assert_eq!(value["errors"][0]["path"], json!(["numbers", 1]));
}

#[tokio::test]
async fn lists_of_lists() {
    #[node(table = "grid")]
    #[derive(Clone)]
    struct Grid {
        #[key(type = Int)]
        id: i64,
        cells: Vec<Vec<i32>>,
        gaps: Option<Vec<Option<Vec<i32>>>>,
        deep: Option<Vec<Vec<Vec<Option<Uuid>>>>>,
    }
    #[node]
    impl Grid {
        #[field]
        fn turned(cells: Vec<Vec<i32>>) -> Vec<Vec<i32>> {
            let width = cells.first().map_or(0, Vec::len);
            (0..width).map(|at| cells.iter().map(|row| row[at]).collect()).collect()
        }
        #[field]
        async fn sums(gaps: &[Option<Vec<Option<Vec<i32>>>>]) -> Vec<Option<Vec<Option<i64>>>> {
            let sum = |row: &Option<Vec<i32>>| row.as_ref().map(|row| row.iter().map(|&cell| i64::from(cell)).sum());
            gaps.iter().map(|rows| Some(rows.as_ref()?.iter().map(sum).collect())).collect()
        }
    }
    #[root]
    struct Grids {
        #[link(all)]
        grids: Many<Grid>,
    }
    #[root]
    impl Grids {
        #[field]
        fn given(#[arg] cells: Vec<Option<Vec<i32>>>) -> Vec<Option<Vec<i32>>> {
            cells
        }
        #[link]
        fn whole() -> One<Grid> {
            One::node(Grid {
                id: 9,
                cells: vec![vec![], vec![1]],
                gaps: Some(vec![None, Some(vec![2])]),
                deep: Some(vec![vec![vec![None]]]),
            })
        }
    }
    on_each(|db| async move {
        hiku::sql::create_tables::<Grids>(&db).await.unwrap();
        execute(&db, &["INSERT INTO grid (id, cells, gaps, deep) VALUES (1, '[[1, 2], [3, 4]]', '[[1, 2], null, []]', '[[], [[], [null, \"67e55044-10b1-426f-9247-bb680e5fe0c8\"]]]'),
            (2, '[[], [5, null]]', '[[1, null], [2]]', NULL), (3, '[null]', NULL, '[[null]]')"]).await;
        let engine = Engine::builder(Graph::new::<Grids>().unwrap()).data(db).build().unwrap();
        let value = engine.execute("{ grids { id gaps deep sums } whole { cells gaps deep turned sums } }").await.to_value();
        assert_eq!(value["data"], json!({"grids": [
            {"id": 1, "gaps": [[1, 2], null, []], "deep": [[], [[], [null, "67e55044-10b1-426f-9247-bb680e5fe0c8"]]], "sums": [3, null, 0]},
            {"id": 2, "gaps": [null, [2]], "deep": null, "sums": null},
            {"id": 3, "gaps": null, "deep": null, "sums": null},
        ], "whole": {"cells": [[], [1]], "gaps": [null, [2]], "deep": [[[null]]], "turned": [], "sums": [null, 2]}}));
        let paths: Vec<&Json> = value["errors"].as_array().unwrap().iter().map(|error| &error["path"]).collect();
        assert_eq!(paths, [&json!(["grids", 1, "gaps", 0, 1]), &json!(["grids", 1, "sums"]), &json!(["grids", 2, "deep", 0, 0])]);
        let value = engine.execute("{ grids { cells } }").await.to_value();
        assert_eq!(value["data"], Json::Null);
        assert_eq!(value["errors"][0]["path"], json!(["grids", 1, "cells", 1, 1]));
        let query = "query($c: [[Int!]]!) { a: given(cells: 1) b: given(cells: [[1], null, []]) c: given(cells: $c) d: given(cells: [2, 3]) }";
        let value = engine.execute(Request::new(query).variables(json!({"c": [[4], 5]}))).await.to_value();
        assert_eq!(value["data"], json!({"a": [[1]], "b": [[1], null, []], "c": [[4], [5]], "d": [[2], [3]]}), "{value}");
    })
    .await;
}

/// A key is an `ID`, unless it says that it is what it is.
#[tokio::test]
async fn a_scalar_of_a_user_can_be_a_key() {
    #[node(table = "pixel")]
    struct Pixel {
        #[key(type = Colour)]
        colour: Colour,
        next: Option<Colour>,
        #[link(from = next)]
        following: Maybe<Pixel>,
        #[link(to = Pixel::next, all)]
        before: Many<Pixel>,
    }
    #[node(table = "label")]
    struct Label {
        #[key(type = BigInt)]
        id: BigInt,
        #[key(type = Code)]
        code: Code,
        text: String,
    }
    #[root]
    struct Pixels {
        #[link(by_key)]
        pixel: Maybe<Pixel>,
        #[link(by_key)]
        label: Maybe<Label>,
    }
    on_each(|db| async move {
        hiku::sql::create_tables::<Pixels>(&db).await.unwrap();
        execute(&db, &["INSERT INTO pixel (colour, next) VALUES (255, NULL)", "INSERT INTO pixel (colour, next) VALUES (256, 255)",
            "INSERT INTO label (id, code, text) VALUES (5000000000, 'a', 'five'), (5000000000, 'b', 'six')"]).await;
        let engine = Engine::builder(Graph::new::<Pixels>().unwrap()).data(db).build().unwrap();
        let query = "query($c: Colour!) { pixel(colour: \"#0000ff\") { colour before { colour } } other: pixel(colour: $c) { following { colour } }
            none: pixel(colour: \"#000000\") { colour } a: label(id: \"5000000000\", code: \"b\") { id text } b: label(id: 5000000000, code: \"a\") { text } }";
        let response = engine.execute(Request::new(query).variables(json!({"c": "#000100"}))).await;
        assert_eq!(response.to_value(), json!({"data": {"pixel": {"colour": "#0000ff", "before": [{"colour": "#000100"}]},
            "other": {"following": {"colour": "#0000ff"}}, "none": null, "a": {"id": "5000000000", "text": "six"}, "b": {"text": "five"}}}));
        let value = engine.execute("{ pixel(colour: \"blue\") { colour } }").await.to_value();
        assert!(value["errors"][0]["message"].as_str().unwrap().contains("is no colour"), "{value}");
    })
    .await;
}

/// User code that panics fails what it was asked for.
#[tokio::test]
async fn a_panic_in_parse_refuses_the_request() {
    #[derive(Clone, Scalar)]
    #[scalar(parse = never)]
    struct Never(String);
    fn never(value: &Json) -> Result<Never, String> {
        panic!("{value} was given")
    }
    #[root]
    struct Query {}
    #[root]
    impl Query {
        #[field]
        fn take(#[arg] never: Option<Never>) -> bool {
            never.is_some()
        }
    }
    let engine = Engine::builder(Graph::new::<Query>().unwrap()).build().unwrap();
    assert_eq!(engine.execute("{ take }").await.to_string(), r#"{"data":{"take":false}}"#);
    for request in [
        Request::new("{ take(never: 1) }"),
        Request::new("query($n: Never) { take(never: $n) }").variables(json!({"n": 1})),
    ] {
        let value = engine.execute(request).await.to_value();
        assert!(value["errors"][0]["message"].as_str().unwrap().starts_with("internal error (id "), "{value}");
        assert!(!value.to_string().contains("was given"), "{value}");
    }
}

/// To SQLite, a column that is declared as JSON is one of numbers.
#[tokio::test]
async fn numbers_are_json_too() {
    #[node(table = "setting")]
    struct Setting {
        #[key(type = Int)]
        id: i64,
        value: Option<Json>,
    }
    #[root]
    struct Settings {
        #[link(all)]
        settings: Many<Setting>,
    }
    on_each(|db| async move {
        execute(&db, &["CREATE TABLE setting (id BIGINT NOT NULL PRIMARY KEY, value JSON)",
            "INSERT INTO setting VALUES (1, '2.5'), (2, '7'), (3, 'null'), (4, '[2.5]'), (5, '1e300'), (6, NULL), (7, 'true'), (8, '\"t\"')"]).await;
        hiku::sql::check_schema::<Settings>(&db).await.unwrap();
        let engine = Engine::builder(Graph::new::<Settings>().unwrap()).data(db).build().unwrap();
        let value = engine.execute("{ settings { value } }").await.to_value();
        let values: Vec<Json> = value["data"]["settings"].as_array().unwrap().iter().map(|row| row["value"].clone()).collect();
        assert_eq!(values, [json!(2.5), json!(7), json!(null), json!([2.5]), json!(1e300), json!(null), json!(true), json!("t")]);
    })
    .await;
}
