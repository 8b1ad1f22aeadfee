//! What is MariaDB's own: how id lists find rows, and which of its types are read as what.

use hiku::prelude::*;
use hiku::sql::Dialect;
use hiku::sqlx;
use hiku::testing::run;
use serde_json::json;
use uuid::Uuid;

use super::databases::{execute, mariadb, mariadb_url, numbers};

#[node(table = "thing")]
struct Thing {
    #[key]
    id: i64,
    name: String,
}

#[node(table = "word")]
struct Word {
    #[key]
    word: String,
    meaning: Option<String>,
}

#[root]
struct Things {
    #[link(all)]
    everything: Many<Thing>,
    #[link(all)]
    words: Many<Word>,
}

#[root]
impl Things {
    #[link]
    async fn things(#[arg] first: i32) -> Many<Thing> {
        Many::keys(1..=i64::from(first))
    }

    #[link]
    async fn known(#[arg] words: Vec<String>) -> Many<Word> {
        Many::keys(words)
    }
}

const THINGS: &str = "query($n: Int!) { things(first: $n) { name } }";

async fn with_things(db: &Db, rows: u32) -> Engine {
    execute(db, &["CREATE TABLE thing (id BIGINT PRIMARY KEY, name VARCHAR(50) NOT NULL)"]).await;
    let insert = format!("INSERT INTO thing {} SELECT n, 'n' || n FROM s WHERE n > 0", numbers(rows));
    execute(db, &[&insert, "ANALYZE TABLE thing"]).await;
    Engine::builder(Graph::new::<Things>().unwrap()).data(db.clone()).build().unwrap()
}

#[tokio::test]
async fn c22_one_statement_for_any_number_of_ids() {
    let Some(url) = mariadb_url().await else { return };
    let db = Db::builder(&url).max(1).connect().await.unwrap();
    let engine = with_things(&db, 70_000).await;
    let prepared = || async {
        let ask = "SELECT CAST(variable_value AS SIGNED) FROM information_schema.session_status WHERE variable_name = 'COM_STMT_PREPARE'";
        sqlx::query_scalar::<_, i64>(ask).persistent(false).fetch_one(db.mysql().unwrap()).await.unwrap()
    };
    let ask = |n: usize| engine.execute(Request::new(THINGS).variables(json!({"n": n})));
    ask(1).await;
    let before = prepared().await;
    for n in [1, 10, 10_000, 70_000] {
        let value = ask(n).await.to_value();
        let things = value["data"]["things"].as_array().unwrap_or_else(|| panic!("{value}"));
        assert_eq!(things.len(), n);
        assert_eq!(things[n - 1], json!({"name": format!("n{n}")}));
    }
    // That of the question itself.
    assert_eq!(prepared().await, before + 1);
}

#[tokio::test]
async fn c23_lists_of_ids_use_the_index_whatever_the_collation() {
    let Some(db) = mariadb().await else { return };
    let engine = with_things(&db, 20_000).await;
    let plan = |statement: &'static str, keys: &'static str| {
        let db = db.clone();
        let text = sqlx::AssertSqlSafe(format!("EXPLAIN {statement}"));
        async move {
            let rows = sqlx::query(text).bind(keys).fetch_all(db.mysql().unwrap()).await.unwrap();
            let column = |row: &sqlx::mysql::MySqlRow, name: &str| {
                sqlx::Row::try_get::<Option<String>, _>(row, name).unwrap().unwrap_or_default()
            };
            rows.iter()
                .map(|row| format!("{} {} {}; ", column(row, "table"), column(row, "type"), column(row, "key")))
                .collect::<String>()
        }
    };
    let ran = run(&engine, Request::new(THINGS).variables(json!({"n": 3}))).await;
    let loads = ran.response.loads().to_vec();
    let statement = loads.iter().find_map(|load| load.statement.clone()).unwrap();
    assert!(statement.contains("JSON_TABLE(?, '$[*]' COLUMNS (k0 bigint PATH '$'))"), "{statement}");
    let found = plan(String::leak(statement.to_string()), "[1,2,3]").await;
    assert!(found.contains("thing eq_ref PRIMARY"), "{found}");
    // Texts are compared as the column is: without case here, and in another character set.
    for collation in ["utf8mb4_general_ci", "latin1_swedish_ci", "utf8mb4_nopad_bin"] {
        let charset = collation.split('_').next().unwrap();
        execute(&db, &["DROP TABLE IF EXISTS word"]).await;
        let table = format!(
            "CREATE TABLE word (word VARCHAR(100) CHARACTER SET {charset} COLLATE {collation} PRIMARY KEY, meaning TEXT)"
        );
        let insert = format!("INSERT INTO word {} SELECT 'w' || n, NULL FROM s", numbers(20_000));
        execute(&db, &[&table, &insert, "ANALYZE TABLE word"]).await;
        let engine = Engine::builder(Graph::new::<Things>().unwrap())
            .data(Db::from(db.mysql().unwrap().clone()))
            .build()
            .unwrap();
        let value = engine.execute("{ known(words: [\"w1\", \"w77\"]) { word } }").await.to_value();
        assert_eq!(value["data"]["known"], json!([{"word": "w1"}, {"word": "w77"}]), "{collation}");
        let typed = format!(
            "SELECT word FROM word WHERE word IN (SELECT k0 FROM JSON_TABLE(?, '$[*]' COLUMNS (k0 varchar(100) CHARACTER SET {charset} COLLATE {collation} PATH '$')) AS k)"
        );
        let found = plan(String::leak(typed), "[\"w1\",\"w77\"]").await;
        assert!(found.contains("word eq_ref PRIMARY"), "{collation}: {found}");
    }
}

#[tokio::test]
async fn c24_texts_as_ids_are_values_and_never_statements() {
    let Some(db) = mariadb().await else { return };
    hiku::sql::create_tables::<Things>(&db).await.unwrap();
    let words = ["a'b", "a\"b", "a\\b", "a\\'b", "🚀", "A", "a", "á", "a ", "', (SELECT 1)) --", "%", "\n", "x\u{0}y"];
    for word in words {
        sqlx::query("INSERT INTO word (word, meaning) VALUES (?, ?)")
            .bind(word)
            .bind(word)
            .execute(db.mysql().unwrap())
            .await
            .unwrap();
    }
    let engine = Engine::builder(Graph::new::<Things>().unwrap()).data(db).build().unwrap();
    let request =
        Request::new("query($w: [String!]!) { known(words: $w) { word meaning } }").variables(json!({"w": words}));
    let expected: Vec<_> = words.iter().map(|word| json!({"word": word, "meaning": word})).collect();
    assert_eq!(engine.execute(request).await.to_value(), json!({"data": {"known": expected}}));
}

#[node(table = "typed")]
struct Typed {
    #[key]
    id: i64,
    tiny: i16,
    medium: i32,
    small_unsigned: i32,
    whole_unsigned: BigInt,
    huge: BigInt,
    yes: bool,
    bit: bool,
    single: f32,
    double: f64,
    fixed: String,
    choice: String,
    own: Uuid,
    packed: Uuid,
    spelt: Uuid,
    day: chrono::NaiveDate,
    time: chrono::NaiveTime,
    local: chrono::NaiveDateTime,
    stamp: chrono::DateTime<chrono::Utc>,
    json: serde_json::Value,
    year: i32,
    #[link(from = packed)]
    by_packed: Maybe<Packed>,
    #[link(from = own)]
    by_own: Maybe<Own>,
}

#[node(table = "packed")]
struct Packed {
    #[key]
    id: Uuid,
    name: String,
}

#[node(table = "own")]
struct Own {
    #[key]
    id: Uuid,
    name: String,
}

#[root]
struct AllTyped {
    #[link(all)]
    all: Many<Typed>,
}

const TYPED: &str = "CREATE TABLE typed (id BIGINT PRIMARY KEY, tiny TINYINT NOT NULL, medium MEDIUMINT NOT NULL, small_unsigned SMALLINT UNSIGNED NOT NULL,
    whole_unsigned INT UNSIGNED NOT NULL, huge BIGINT UNSIGNED NOT NULL, yes BOOLEAN NOT NULL, bit BIT(1) NOT NULL, single FLOAT NOT NULL, \"double\" DOUBLE NOT NULL,
    fixed CHAR(5) CHARACTER SET latin1 NOT NULL, choice ENUM('red', 'blue') NOT NULL, own UUID NOT NULL, packed BINARY(16) NOT NULL, spelt CHAR(36) NOT NULL,
    day DATE NOT NULL, time TIME(6) NOT NULL, local DATETIME(6) NOT NULL, stamp TIMESTAMP NOT NULL, json JSON NOT NULL, year YEAR NOT NULL)";

#[tokio::test]
async fn c25_types_of_mariadb_are_read_and_others_are_named() {
    let Some(db) = mariadb().await else { return };
    let uuid = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    execute(&db, &[
        TYPED,
        "CREATE TABLE packed (id BINARY(16) PRIMARY KEY, name TEXT NOT NULL)",
        "CREATE TABLE own (id UUID PRIMARY KEY, name TEXT NOT NULL)",
        &format!("INSERT INTO packed VALUES (UNHEX(REPLACE('{uuid}', '-', '')), 'p')"),
        &format!("INSERT INTO own VALUES ('{uuid}', 'o')"),
        &format!("INSERT INTO typed VALUES (1, -128, -8388608, 65535, 4294967295, 9223372036854775807, TRUE, b'1', 0.1, 1e-7, 'ä', 'blue', '{uuid}',
            UNHEX(REPLACE('{uuid}', '-', '')), '{uuid}', '2024-02-29', '23:59:59.5', '2024-02-29 12:00:00.25', '2024-02-29 12:00:00', '{{\"a\": [1]}}', 1999)"),
    ]).await;
    hiku::sql::check_schema::<AllTyped>(&db).await.unwrap();
    let engine = Engine::builder(Graph::new::<AllTyped>().unwrap()).data(db.clone()).build().unwrap();
    let fields = "tiny medium smallUnsigned wholeUnsigned huge yes bit single double fixed choice own packed spelt day time local stamp json year byPacked { name } byOwn { name }";
    run(&engine, format!("{{ all {{ {fields} }} }}")).await.assert_json(json!({"data": {"all": [{
        "tiny": -128, "medium": -8388608, "smallUnsigned": 65535, "wholeUnsigned": "4294967295", "huge": "9223372036854775807", "yes": true, "bit": true, "single": 0.1, "double": 1e-7, "fixed": "ä",
        "choice": "blue", "own": uuid, "packed": uuid, "spelt": uuid, "day": "2024-02-29", "time": "23:59:59.500",
        "local": "2024-02-29T12:00:00.250", "stamp": "2024-02-29T12:00:00Z", "json": {"a": [1]}, "year": 1999,
        "byPacked": {"name": "p"}, "byOwn": {"name": "o"},
    }]}}));
    // An unsigned one that is too large, and a column that became another.
    execute(&db, &["UPDATE typed SET huge = 18446744073709551615", "ALTER TABLE typed MODIFY tiny TEXT NOT NULL"])
        .await;
    let value = engine.execute("{ all { tiny } }").await.to_value();
    assert_eq!(value["errors"][0]["path"], json!(["all", 0, "tiny"]), "{value}");
    let value = engine.execute("{ all { huge } }").await.to_value();
    assert_eq!(value["errors"][0]["path"], json!(["all", 0, "huge"]), "{value}");
    let error = hiku::sql::check_schema::<AllTyped>(&db).await.unwrap_err().to_string();
    assert!(error.contains("`typed`.`tiny` is text"), "{error}");
    assert_eq!(error.lines().count(), 2, "{error}");
}

#[tokio::test]
async fn every_session_reads_sql_as_other_databases_do() {
    let Some(db) = mariadb().await else { return };
    assert_eq!(db.dialect(), Dialect::MySql);
    let pool = db.mysql().unwrap();
    let (mode, zone, isolation, charset): (String, String, String, String) =
        sqlx::query_as("SELECT @@sql_mode, @@time_zone, @@tx_isolation, @@character_set_client")
            .fetch_one(pool)
            .await
            .unwrap();
    for part in ["ANSI_QUOTES", "PIPES_AS_CONCAT", "NO_BACKSLASH_ESCAPES", "STRICT_ALL_TABLES", "NO_ZERO_DATE"] {
        assert!(mode.contains(part), "{mode}");
    }
    assert_eq!((&*zone, &*isolation, &*charset), ("+00:00", "READ-COMMITTED", "utf8mb4"));
    let text: String = sqlx::query_scalar("SELECT 'a\\' || 'b'").fetch_one(pool).await.unwrap();
    assert_eq!(text, "a\\b");
}
