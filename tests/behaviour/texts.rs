//! Names and texts of every kind, from the annotation or the request to the database and back; and what scopes can say.

use hiku::prelude::*;
use hiku::sql::Filter;
use hiku::testing::run;
use serde_json::{Value as Json, json};

use super::databases::{execute, on_each, one_connection};

#[node(table = "we\"ird `table` [x] ü", order = "na_me")]
struct Weird {
    #[key(column = "the \"key\" `k` '")]
    id: String,
    #[field(column = "select")]
    na_me: String,
    #[field(column = "ü ﷲ ?1 $1 {keys} :x --")]
    odd: Option<String>,
    #[field(column = "parent;")]
    parent_id: Option<String>,
    #[link(from = parent_id)]
    parent: Maybe<Weird>,
    #[link(to = Weird::parent_id, all)]
    children: Many<Weird>,
    #[link(to = Weird::parent_id, page = 2)]
    page: Many<Weird>,
}

#[root]
struct Query {
    #[link(all)]
    all: Many<Weird>,
    #[link(page = 3)]
    some: Many<Weird>,
    #[link(by_key)]
    one: Maybe<Weird>,
}

#[root]
impl Query {
    #[link]
    async fn these(#[arg] ids: Vec<String>) -> MaybeMany<Weird> {
        MaybeMany::keys(ids.into_iter().map(Some))
    }
}

/// Texts that are hard for someone on the way: quotes, escapes, placeholders, patterns, every plane of Unicode.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "'",
        "''",
        "\"",
        "\\",
        "\\'",
        "`",
        ";",
        "--",
        "/*",
        "%",
        "_",
        "?",
        "?1",
        "$1",
        ":a",
        "@a",
        "{keys}",
        "NULL",
        "null",
        "0",
        "1",
        "01",
        "1.0",
        "[1]",
        "{\"a\": 1}",
        "\u{1}",
        "\u{8}\u{c}\n\r\t",
        "\u{1b}",
        "\u{7f}",
        "\u{85}",
        "\u{2028}\u{2029}",
        "\u{feff}",
        "e\u{301}",
        "é",
        "Straße",
        "STRASSE",
        "İ",
        "ﷺ",
        "👩‍👩‍👧",
        "\u{fffd}",
        "\u{ffff}",
    ]
    .map(str::to_owned)
    .into();
    texts.extend((0..=16).filter_map(|plane| char::from_u32(plane * 0x1_0000 + 0x0fff)).map(String::from));
    texts.extend((0..=16).filter_map(|plane| char::from_u32(plane * 0x1_0000 + 0xfffd)).map(String::from));
    texts.push("x".repeat(100_000));
    texts.sort();
    texts.dedup();
    texts
}

async fn weird(db: &Db, texts: &[String]) -> Engine {
    hiku::sql::create_tables::<Query>(db).await.unwrap();
    hiku::sql::check_schema::<Query>(db).await.unwrap();
    let insert = |mark: [&str; 2]| {
        let [one, two] = mark;
        format!(
            "INSERT INTO \"we\"\"ird `table` [x] ü\" (\"the \"\"key\"\" `k` '\", \"select\", \"ü ﷲ ?1 $1 {{keys}} :x --\", \"parent;\") VALUES ({one}, {one}, {one}, {two})"
        )
    };
    for (at, text) in texts.iter().enumerate() {
        let parent = &texts[at / 2];
        let parent = (at > 0).then_some(parent);
        if let Some(pool) = db.sqlite() {
            let statement = hiku::sqlx::AssertSqlSafe(insert(["?1", "?2"]));
            hiku::sqlx::query(statement).bind(text).bind(parent).execute(pool).await.unwrap();
        } else if let Some(pool) = db.postgres() {
            let statement = hiku::sqlx::AssertSqlSafe(insert(["$1", "$2"]));
            hiku::sqlx::query(statement).bind(text).bind(parent).execute(pool).await.unwrap();
        } else if let Some(pool) = db.mysql() {
            let query = hiku::sqlx::query(hiku::sqlx::AssertSqlSafe(insert(["?", "?"])));
            query.bind(text).bind(text).bind(text).bind(parent).execute(pool).await.unwrap();
        }
    }
    Engine::builder(Graph::new::<Query>().unwrap()).data(db.clone()).build().unwrap()
}

#[tokio::test]
async fn c24_every_text_is_a_key_and_a_value() {
    on_each(|db| async move {
        let mut texts = texts();
        if db.dialect() == hiku::sql::Dialect::MySql {
            // MariaDB has no index of longer ones.
            texts.retain(|text| text.chars().count() <= 255);
        }
        let engine = weird(&db, &texts).await;
        let query = "query($ids: [String!]!) { these(ids: $ids) { id naMe odd parent { id } children { id } page(limit: 1) { id } } }";
        let ran = run(&engine, Request::new(query).variables(json!({"ids": texts}))).await;
        let value = ran.response.to_value();
        assert!(value.get("errors").is_none(), "{}", value["errors"]);
        for (at, (text, row)) in texts.iter().zip(value["data"]["these"].as_array().unwrap()).enumerate() {
            let children: Vec<Json> = (at * 2..at * 2 + 2)
                .filter(|&child| child > 0)
                .filter_map(|child| Some(json!({"id": texts.get(child)?})))
                .collect();
            let parent = if at == 0 { json!(null) } else { json!({"id": texts[at / 2]}) };
            assert_eq!(
                *row,
                json!({"id": text, "naMe": text, "odd": text, "parent": parent, "children": row["children"], "page": row["page"]}),
                "{text:?}"
            );
            // The order of texts is the database's own.
            let got = row["children"].as_array().unwrap();
            assert_eq!(got.len(), children.len(), "{text:?}");
            assert!(children.iter().all(|child| got.contains(child)), "{text:?}");
            assert_eq!(row["page"].as_array().unwrap()[..], got[..got.len().min(1)]);
        }
        ran.assert_loads(["Query.these", &format!("Weird[{}]", texts.len()), &format!("Weird[{}]", texts.len()),
            &format!("Weird[{}]", texts.len()), &format!("Weird[{}]", texts.len().div_ceil(2))]);
        // As literals of the query, and as keys of it.
        for text in texts.iter().filter(|text| text.len() < 100) {
            let literal = serde_json::to_string(text).unwrap().replace('\u{7f}', "\\u007F");
            let value = engine.execute(format!("{{ one(id: {literal}) {{ id }} }}")).await.to_value();
            assert_eq!(value, json!({"data": {"one": {"id": text}}}), "{text:?}");
        }
        let value = engine.execute("{ some(limit: 2, offset: 1) { __typename } all { __typename } }").await.to_value();
        assert_eq!(value["data"]["some"].as_array().unwrap().len(), 2);
        assert_eq!(value["data"]["all"].as_array().unwrap().len(), texts.len());
    })
    .await;
}

#[tokio::test]
async fn c24_a_text_with_nul_is_no_key_of_postgres_and_loses_nothing() {
    on_each(|db| async move {
        let sqlite = db.sqlite().is_some();
        let mut texts = vec!["a".to_owned(), "b".to_owned()];
        if sqlite {
            texts.push("a\0b".to_owned());
        }
        let engine = weird(&db, &texts).await;
        let query = "query($ids: [String!]!, $id: ID!) { these(ids: $ids) { id children { id } page { id } } one(id: $id) { id } fine: one(id: \"a\") { id } }";
        let request = Request::new(query).variables(json!({"ids": ["a\0", "a", "a\0b", "b", "\0"], "id": "a\0"}));
        let value = engine.execute(request).await.to_value();
        let found = if sqlite { json!({"id": "a\0b", "children": [], "page": []}) } else { json!(null) };
        assert!(value.get("errors").is_none(), "{value}");
        let rows = value["data"]["these"].as_array().unwrap();
        assert_eq!((&rows[0], &rows[1]["id"], &rows[2], &rows[3]["id"], &rows[4]), (&json!(null), &json!("a"), &found, &json!("b"), &json!(null)));
        assert_eq!(value["data"]["one"], json!(null));
        assert_eq!(value["data"]["fine"], json!({"id": "a"}));
    })
    .await;
}

#[derive(Clone)]
struct Sees(fn() -> Filter<Doc>);

fn seen(sees: &Sees) -> Filter<Doc> {
    (sees.0)()
}

#[node(table = "doc", scope = seen)]
struct Doc {
    #[key]
    id: i64,
    owner: Option<String>,
    level: i32,
    day: chrono::NaiveDate,
    weight: f64,
    token: uuid::Uuid,
    public: bool,
    #[field(column = "the_parent")]
    parent_id: Option<i64>,
    #[link(to = Doc::parent_id, all)]
    parts: Many<Doc>,
}

#[root]
struct Docs {
    #[link(all)]
    docs: Many<Doc>,
    #[link]
    page: Many<Doc>,
    #[link(by_key)]
    doc: Maybe<Doc>,
}

/// A scope, and the documents that it shows.
type Case = (fn() -> Filter<Doc>, Vec<i64>);

fn date(day: u32) -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2024, 2, day).unwrap()
}

fn uuid(n: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(n)
}

#[tokio::test]
async fn scopes_say_what_they_mean() {
    on_each(|db| async move {
        hiku::sql::create_tables::<Docs>(&db).await.unwrap();
        let rows = format!(
            "INSERT INTO doc (id, owner, level, day, weight, token, public, the_parent) VALUES
               (1, 'ann', 0, '2024-02-01', 0.5, '{}', TRUE, NULL), (2, NULL, 1, '2024-02-02', 1.5, '{}', FALSE, 1),
               (3, '', 2, '2024-02-03', 2.5, '{}', TRUE, 1), (4, 'bo''b', 3, '2024-02-04', 3, '{}', FALSE, 1)",
            uuid(0),
            uuid(1),
            uuid(2),
            uuid(3)
        );
        execute(&db, &[&rows]).await;
        let engine = Engine::builder(Graph::new::<Docs>().unwrap()).data(db).request_data::<Sees>().build().unwrap();
        const C: <Doc as Node>::Columns = Doc::COLUMNS;
        let cases: Vec<Case> = vec![
            (Filter::all, vec![1, 2, 3, 4]),
            (Filter::none, vec![]),
            (|| Filter::all().and(Filter::none()), vec![]),
            (|| Filter::none().and(C.level.eq(1)), vec![]),
            (|| C.owner.eq("bo'b".to_owned()), vec![4]),
            (|| C.owner.eq(None), vec![]),
            (|| C.owner.eq("a\0nn".to_owned()), vec![]),
            (|| C.owner.eq("ann\0".to_owned()), vec![]),
            (|| C.owner.eq("\0".to_owned()), vec![]),
            (|| C.owner.is_null(), vec![2]),
            (|| C.owner.is_null().and(C.level.eq(1)), vec![2]),
            (|| C.owner.is_null().and(C.level.eq(2)), vec![]),
            (|| C.level.any_of([0; 0]), vec![]),
            (|| C.level.any_of([3, 1, 1, 9]), vec![2, 4]),
            (|| C.level.any_of([3, 1]).and(C.id.any_of([1, 2, 3])).and(C.public.eq(false)), vec![2]),
            (|| C.owner.any_of([None, Some("ann".to_owned())]), vec![1]),
            (|| C.owner.any_of([None]), vec![]),
            (|| C.parent_id.any_of([None, Some(1)]).and(C.owner.is_null()), vec![2]),
            (|| C.owner.any_of([Some("ann\0".to_owned()), Some("\0".to_owned()), Some("bo'b".to_owned())]), vec![4]),
            (|| C.day.eq(date(2)), vec![2]),
            (|| C.day.any_of([date(2), date(4), date(9)]), vec![2, 4]),
            (|| C.weight.eq(1.5), vec![2]),
            (|| C.weight.any_of([0.5, 3.0]), vec![1, 4]),
            (|| C.token.eq(uuid(3)), vec![4]),
            (|| C.token.any_of([uuid(0), uuid(2)]), vec![1, 3]),
            (|| C.public.any_of([true]), vec![1, 3]),
        ];
        for (at, (sees, expected)) in cases.into_iter().enumerate() {
            let ask = "{ docs { id } page { id } one: doc(id: 1) { id } two: doc(id: 2) { id } }";
            let value = engine.execute(Request::new(ask).data(Sees(sees))).await.to_value();
            let all: Vec<Json> = expected.iter().map(|id| json!({"id": id.to_string()})).collect();
            let one = |id: i64| if expected.contains(&id) { json!({"id": id.to_string()}) } else { json!(null) };
            let wanted = json!({"data": {"docs": all, "page": all, "one": one(1), "two": one(2)}});
            assert_eq!(value, wanted, "case {at}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_scope_of_a_field_that_is_not_there_opens_no_door() {
    fn unknown() -> Filter<Doc> {
        hiku::graph::Col::<Doc, i32>::new("no_such_field").eq(1)
    }
    fn computed_in_part() -> Filter<Doc> {
        Filter::all().and(unknown())
    }
    on_each(|db| async move {
        hiku::sql::create_tables::<Docs>(&db).await.unwrap();
        let row = "INSERT INTO doc (id, owner, level, day, weight, token, public, the_parent)
                     VALUES (1, 'ann', 0, '2024-02-01', 0.5, '00000000-0000-0000-0000-000000000000', TRUE, 1)";
        execute(&db, &[row]).await;
        let engine = Engine::builder(Graph::new::<Docs>().unwrap()).data(db).request_data::<Sees>().build().unwrap();
        for sees in [unknown, computed_in_part] {
            for query in ["{ docs { id } }", "{ page { id } }", "{ doc(id: 1) { level } }", "{ docs { __typename } }"] {
                let value = engine.execute(Request::new(query).data(Sees(sees))).await.to_value();
                assert_eq!(value["errors"].as_array().map(Vec::len), Some(1), "{query}: {value}");
                assert!(!value.to_string().contains("no_such_field"), "{value}");
                assert!(value["data"].is_null() || value["data"]["doc"].is_null(), "{query}: {value}");
            }
        }
    })
    .await;
}

#[derive(Clone)]
struct Reports(Db);

impl AsRef<Db> for Reports {
    fn as_ref(&self) -> &Db {
        &self.0
    }
}

#[node(table = "sale", schema = "ma\"in", db = Reports)]
struct Sale {
    #[key]
    id: i64,
    amount: i64,
}

#[node(table = "size", view = "SELECT amount AS size, count(*) AS sales FROM sale_here WHERE amount > 0 GROUP BY amount", db = Reports)]
struct Size {
    #[key]
    size: i64,
    sales: i64,
    #[link(to = SaleHere::amount, all)]
    of: Many<SaleHere>,
}

#[node(table = "sale_here", db = Reports)]
struct SaleHere {
    #[key]
    id: i64,
    amount: i64,
    #[link(from = amount)]
    size: Maybe<Size>,
}

#[root]
struct Sales {
    #[link(all)]
    sales: Many<Sale>,
    #[link(by_key)]
    sale: Maybe<Sale>,
    #[link(all)]
    sizes: Many<Size>,
    #[link(page = 1)]
    page: Many<Size>,
    #[link(by_key)]
    size: Maybe<Size>,
    #[link(all)]
    here: Many<SaleHere>,
}

#[tokio::test]
async fn tables_stand_in_schemas_and_views_in_place_of_tables() {
    on_each(|db| async move {
        // What is attached belongs to one connection.
        let db = if db.sqlite().is_some() { one_connection("sqlite::memory:".parse().unwrap()).await } else { db };
        let schema = if db.sqlite().is_some() { "ATTACH ':memory:' AS \"ma\"\"in\"" } else { "CREATE SCHEMA IF NOT EXISTS \"ma\"\"in\"" };
        execute(
            &db,
            &[
                schema,
                "CREATE TABLE \"ma\"\"in\".sale (id BIGINT PRIMARY KEY, amount BIGINT NOT NULL)",
                "INSERT INTO \"ma\"\"in\".sale VALUES (1, 10), (2, 20)",
                "CREATE TABLE sale_here (id BIGINT PRIMARY KEY, amount BIGINT NOT NULL)",
                "INSERT INTO sale_here VALUES (1, 5), (2, 7), (3, 5), (4, 0)",
            ],
        )
        .await;
        let engine = Engine::builder(Graph::new::<Sales>().unwrap()).data(Reports(db.clone())).build().unwrap();
        let query = "{ sales { id amount } sale(id: 2) { amount } sizes { size sales of { id } } page(offset: 1) { size }
                       size(size: 5) { sales } none: size(size: 0) { sales } here { id size { sales } } }";
        let value = engine.execute(query).await.to_value();
        assert_eq!(
            value,
            json!({"data": {
                "sales": [{"id": "1", "amount": 10}, {"id": "2", "amount": 20}], "sale": {"amount": 20},
                "sizes": [{"size": "5", "sales": 2, "of": [{"id": "1"}, {"id": "3"}]}, {"size": "7", "sales": 1, "of": [{"id": "2"}]}],
                "page": [{"size": "7"}], "size": {"sales": 2}, "none": null,
                "here": [{"id": "1", "size": {"sales": 2}}, {"id": "2", "size": {"sales": 1}}, {"id": "3", "size": {"sales": 2}}, {"id": "4", "size": null}],
            }})
        );
        execute(&db, &["DROP TABLE \"ma\"\"in\".sale"]).await;
        if db.postgres().is_some() {
            execute(&db, &["DROP SCHEMA \"ma\"\"in\""]).await;
        }
    })
    .await;
}
