//! The scalar `Decimal`: exact, written as a string.

use hiku::prelude::*;
use hiku::sql::{Dialect, Filter};
use hiku::testing::run;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use super::databases::{execute, on_each, postgres, sqlite};

#[node(table = "price", order = "id")]
#[derive(Clone)]
struct Price {
    #[key(type = Int)]
    id: i64,
    net: Decimal,
    tax: Option<Decimal>,
    steps: Vec<Decimal>,
}

#[node]
impl Price {
    #[field]
    fn gross(net: Decimal, tax: Option<Decimal>) -> Decimal {
        net + tax.unwrap_or_default()
    }

    #[field]
    async fn times(
        net: &[Decimal],
        #[arg(default = Decimal::new(150, 2), range(max = 99.5))] by: Decimal,
    ) -> Vec<Option<Decimal>> {
        net.iter().map(|net| net.checked_mul(by)).collect()
    }
}

#[root]
struct Query {
    #[link(all)]
    prices: Many<Price>,
}

#[root]
impl Query {
    #[field]
    fn sum(#[arg] of: Vec<Decimal>) -> Decimal {
        of.iter().sum()
    }
}

const LARGEST: &str = "79228162514264337593543950335";

async fn engine(db: Db, rows: &str) -> Engine {
    hiku::sql::create_tables::<Query>(&db).await.unwrap();
    hiku::sql::check_schema::<Query>(&db).await.unwrap();
    execute(&db, &[&format!("INSERT INTO price (id, net, tax, steps) VALUES {rows}")]).await;
    Engine::builder(Graph::new::<Query>().unwrap()).data(db).build().unwrap()
}

#[tokio::test]
async fn every_digit_of_a_decimal_comes_through() {
    let texts = [
        "0",
        "0.00",
        "1",
        "-1.10",
        "10000",
        "10000.0000",
        "0.0001",
        "-0.00001",
        "1234567890123456.789",
        "100000000000000000000",
        "0.0000000000000000000000000001",
        LARGEST,
        "-7.9228162514264337593543950335",
        "12.3400",
        "99999999.99999999",
    ];
    on_each(|db| async move {
        let rows: Vec<String> =
            texts.iter().enumerate().map(|(at, text)| format!("({at}, '{text}', NULL, '[\"{text}\", 7]')")).collect();
        let engine = engine(db, &rows.join(", ")).await;
        let value = engine.execute("{ prices { net steps } }").await.to_value();
        let expected: Vec<Json> = texts.iter().map(|text| json!({"net": text, "steps": [text, "7"]})).collect();
        assert_eq!(value, json!({"data": {"prices": expected}}));
    })
    .await;
}

#[tokio::test]
async fn decimals_of_functions_and_arguments() {
    on_each(|db| async move {
        let engine = engine(db, &format!("(1, '0.10', '0.020', '[]'), (2, '{LARGEST}', NULL, '[]')")).await;
        let value = engine.execute("{ prices { gross times twice: times(by: 2) tenth: times(by: \"0.1\") } }").await.to_value();
        assert_eq!(
            value["data"]["prices"],
            json!([{"gross": "0.120", "times": "0.1500", "twice": "0.20", "tenth": "0.010"},
                   {"gross": LARGEST, "times": null, "twice": null, "tenth": "7922816251426433759354395033.5"}])
        );
        let query = "query($d: [Decimal!]!, $one: Decimal = \"1.50\") { a: sum(of: $d) b: sum(of: [$one, \"-0.5\", 3]) c: sum(of: \"0.1\") }";
        let response = engine.execute(Request::new(query).variables(json!({"d": ["0.1", "0.2", 4]}))).await;
        assert_eq!(response.to_value(), json!({"data": {"a": "4.3", "b": "4.00", "c": "0.1"}}));
        let sdl = engine.sdl();
        assert!(sdl.contains("\nscalar Decimal\n") && sdl.contains("(by: Decimal! = \"1.50\"): Decimal\n"), "{sdl}");
        for (given, literal) in [
            (json!("ten"), "\"ten\""),
            (json!(""), "\"\""),
            (json!(1.5), "1.5"),
            (json!("1_000"), "\"1_000\""),
            (json!("1e3"), "\"1e3\""),
            (json!("79228162514264337593543950336"), "\"79228162514264337593543950336\""),
            (json!("0.00000000000000000000000000001"), "\"0.00000000000000000000000000001\""),
            (json!(true), "true"),
        ] {
            let value = engine.execute(format!("{{ sum(of: [{literal}]) }}")).await.to_value();
            assert_eq!(value.get("data"), None, "{value}");
            assert!(value["errors"][0]["message"].as_str().unwrap().contains("expected Decimal"), "{value}");
            assert_eq!(value["errors"][0]["locations"], json!([{"line": 1, "column": 12}]), "{value}");
            let request = Request::new("query($d: [Decimal!]!) { sum(of: $d) }").variables(json!({"d": [given]}));
            let value = engine.execute(request).await.to_value();
            assert!(value["errors"][0]["message"].as_str().unwrap().contains("at \"d[0]\"; Expected type \"Decimal\"."), "{value}");
        }
        let value = engine.execute("{ prices { times(by: \"99.51\") } }").await.to_value();
        assert_eq!(value["errors"][0]["message"], json!("`by` is \"99.51\", but can be 99.5 at most"), "{value}");
    })
    .await;
}

#[tokio::test]
async fn what_no_decimal_holds_fails_alone() {
    on_each(|db| async move {
        let postgres = db.dialect() == Dialect::Postgres;
        let wrong = if postgres {
            ["NaN", "Infinity", "1e29", "0.00000000000000000000000000001"]
        } else {
            ["NaN", "ten", "1e29", "0.00000000000000000000000000001"]
        };
        let rows: Vec<String> = wrong.iter().enumerate().map(|(at, text)| format!("({at}, 1, '{text}', '[1.5]')")).collect();
        let table = if postgres { "NUMERIC" } else { "TEXT" };
        // Infinity is a number since PostgreSQL 14.
        execute(&db, &[&format!("CREATE TABLE price (id BIGINT NOT NULL PRIMARY KEY, net {table} NOT NULL, tax {table}, steps TEXT NOT NULL)")]).await;
        let engine = engine(db, &rows.join(", ")).await;
        let value = engine.execute("{ prices { net tax } }").await.to_value();
        for at in 0..wrong.len() {
            assert_eq!(value["data"]["prices"][at], json!({"net": "1", "tax": null}), "{value}");
            assert_eq!(value["errors"][at]["path"], json!(["prices", at, "tax"]), "{value}");
        }
        // JSON numbers are floats.
        let value = engine.execute("{ prices { steps } }").await.to_value();
        assert_eq!(value["errors"][0]["path"], json!(["prices", 0, "steps"]), "{value}");
    })
    .await;
}

#[tokio::test]
async fn columns_of_other_numbers_are_decimals() {
    let db = sqlite().await;
    execute(
        &db,
        &["CREATE TABLE price (id INTEGER PRIMARY KEY, net NUMERIC NOT NULL, tax DECIMAL(10, 2), steps TEXT NOT NULL)"],
    )
    .await;
    let engine = engine(db, "(1, 0.1, '2.50', '[]'), (2, 7, 1e-7, '[]'), (3, 1e20, 'x', '[]')").await;
    let value = engine.execute("{ prices { net tax } }").await.to_value();
    assert_eq!(
        value["data"]["prices"],
        json!([{"net": "0.1", "tax": "2.5"}, {"net": "7", "tax": "0.0000001"}, {"net": "100000000000000000000", "tax": null}])
    );
    let Some(db) = postgres().await else { return };
    execute(
        &db,
        &["CREATE TABLE price (id BIGINT PRIMARY KEY, net BIGINT NOT NULL, tax NUMERIC(10, 3), steps JSONB NOT NULL)"],
    )
    .await;
    let engine = self::engine(db, "(1, 9223372036854775807, 2.5, '[]')").await;
    run(&engine, "{ prices { net tax gross } }").await.assert_json(json!({"data": {"prices": [
        {"net": "9223372036854775807", "tax": "2.500", "gross": "9223372036854775809.500"}]}}));
}

#[tokio::test]
async fn filters_keys_of_rows_and_orders_by_decimals() {
    #[derive(Clone)]
    struct Wanted(Vec<Decimal>);
    fn wanted(wanted: &Wanted) -> Filter<Coin> {
        match wanted.0[..] {
            [only] => Coin::COLUMNS.worth.eq(only),
            _ => Coin::COLUMNS.worth.any_of(wanted.0.iter().copied()),
        }
    }
    #[node(table = "coin", scope = wanted)]
    struct Coin {
        #[key(type = Int)]
        id: i64,
        worth: Decimal,
    }
    #[root]
    struct Coins {
        #[link(all)]
        coins: Many<Coin>,
    }
    on_each(|db| async move {
        hiku::sql::create_tables::<Coins>(&db).await.unwrap();
        execute(&db, &["INSERT INTO coin (id, worth) VALUES (1, '0.10'), (2, '2.00'), (3, '0.50')"]).await;
        let engine = Engine::builder(Graph::new::<Coins>().unwrap()).data(db).request_data::<Wanted>().build().unwrap();
        for (of, ids) in [
            (vec![Decimal::new(10, 2)], json!([{"id": 1}])),
            (vec![Decimal::new(50, 2), Decimal::new(200, 2)], json!([{"id": 2}, {"id": 3}])),
        ] {
            let response = engine.execute(Request::new("{ coins { id } }").data(Wanted(of))).await;
            assert_eq!(response.to_value(), json!({"data": {"coins": ids}}));
        }
    })
    .await;
    #[node(memory)]
    #[derive(Clone)]
    struct Note {
        #[key(type = Int)]
        id: i64,
        worth: Decimal,
    }
    #[root]
    struct Notes {
        #[link(all, order = "worth")]
        notes: Many<Note>,
    }
    let notes = [("10.0", 1), ("9.5", 2), ("-1", 3)].map(|(worth, id)| Note { id, worth: worth.parse().unwrap() });
    let engine = Engine::builder(Graph::new::<Notes>().unwrap()).data(Memory::new(&notes)).build().unwrap();
    run(&engine, "{ notes { worth } }")
        .await
        .assert_json(json!({"data": {"notes": [{"worth": "-1"}, {"worth": "9.5"}, {"worth": "10.0"}]}}));
}
