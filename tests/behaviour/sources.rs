//! What loaders ask of a database, by the numbers of the behaviours that hiku's own sources prove; see docs/seeds.md. More of
//! them are among the tests of keys, links, texts and values.

use hiku::prelude::*;
use hiku::sqlx;
use hiku::testing::run;
use serde_json::json;

use super::databases::{execute, on_each, postgres_url};
use super::fixture::{Actor, Character, Movie, ROWS};

#[root]
struct Query {
    #[link(all)]
    characters: Many<Character>,
    #[link(all)]
    actors: Many<Actor>,
    #[link(all)]
    movies: Many<Movie>,
}

#[root]
impl Query {
    #[link]
    async fn these(#[arg] ids: Vec<i64>) -> Many<Actor> {
        Many::keys(ids)
    }
}

async fn world(db: Db) -> Engine {
    hiku::sql::create_tables::<Query>(&db).await.unwrap();
    hiku::sql::create_tables::<super::fixture::Query>(&db).await.unwrap();
    execute(&db, &ROWS).await;
    Engine::builder(Graph::new::<Query>().unwrap()).data(db).build().unwrap()
}

#[tokio::test]
async fn c15_without_keys_nothing_is_asked() {
    on_each(|db| async move {
        let engine = world(db).await;
        let ran = run(&engine, "{ these(ids: []) { name character { name } movies { title } } }").await;
        ran.assert_json(json!({"data": {"these": []}}));
        ran.assert_loads(["Query.these"]);
        // Below rows that have no targets either.
        let ran = run(&engine, "{ these(ids: [3]) { movies { title } } }").await;
        ran.assert_json(json!({"data": {"these": [{"movies": []}]}}));
        ran.assert_loads(["Query.these", "Actor[1]", "Movie through Casting[1]"]);
    })
    .await;
}

#[tokio::test]
async fn c16_rows_are_in_the_order_of_the_keys_as_often_as_asked_for() {
    on_each(|db| async move {
        let engine = world(db).await;
        let ran = run(&engine, "{ these(ids: [5, 1, 5, 3, 1]) { id name } }").await;
        let row = |id: &str, name: &str| json!({"id": id, "name": name});
        let (first, third, fifth) =
            (row("1", "William Shatner"), row("3", "DeForest Kelley"), row("5", "Zachary Quinto"));
        ran.assert_json(json!({"data": {"these": [fifth, first, fifth, third, first]}}));
        ran.assert_loads(["Query.these", "Actor[3]"]);
        // A key by hand that leads nowhere is an error, not a row of nulls.
        let ran = run(&engine, "{ these(ids: [1, 77]) { id } }").await;
        assert_eq!(ran.response.to_value()["errors"][0]["path"], json!(["these", 1]), "{}", ran.response);
    })
    .await;
}

#[tokio::test]
async fn c20_a_column_that_is_named_twice_is_asked_once() {
    on_each(|db| async move {
        let engine = world(db).await;
        let ran =
            run(&engine, "{ movies { title again: title ...More } } fragment More on Movie { title title }").await;
        assert_eq!(ran.response.to_value()["data"]["movies"][0], json!({"title": "Beyond", "again": "Beyond"}));
        let loads = ran.response.loads();
        assert_eq!(loads.len(), 1);
        assert_eq!(loads[0].statement.as_deref().unwrap().matches("title").count(), 1, "{loads:?}");
    })
    .await;
}

#[tokio::test]
async fn c22_any_number_of_keys_is_one_statement_and_a_single_key_another() {
    on_each(|db| async move {
        let engine = world(db.clone()).await;
        let rows: Vec<String> = (10..10_010).map(|id| format!("({id}, 'n', 1)")).collect();
        let rows = format!("INSERT INTO actor (id, name, character_id) VALUES {}", rows.join(","));
        execute(&db, &[&rows]).await;
        let mut texts = Vec::new();
        for count in [2, 10, 10_000] {
            texts.push(statement_for(&engine, count).await);
        }
        assert_eq!(texts[0], texts[1]);
        assert_eq!(texts[0], texts[2]);
    })
    .await;
    // The connection has prepared each once.
    let Some((url, _)) = postgres_url().await else { return };
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1).connect(&url).await.unwrap();
    let engine = world(Db::from(pool.clone())).await;
    for count in [1, 3, 6, 1, 2] {
        statement_for(&engine, count).await;
    }
    let prepared = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%actor%' AND statement NOT LIKE '%pg_prepared%' AND statement NOT LIKE '%pg_backend_pid%'";
    assert_eq!(sqlx::query_scalar::<_, i64>(prepared).fetch_one(&pool).await.unwrap(), 2);
}

/// The statement that reads so many actors.
async fn statement_for(engine: &Engine, count: i64) -> String {
    let ids: Vec<i64> = (1..=6).chain(10..10_010).take(usize::try_from(count).unwrap()).collect();
    let request = Request::new("query($ids: [Int!]!) { these(ids: $ids) { name } }").variables(json!({"ids": ids}));
    let response = engine.execute(request).await;
    assert!(response.is_ok(), "{response}");
    let statements: Vec<_> = response.loads().iter().filter_map(|load| load.statement.as_deref()).collect();
    assert_eq!(statements.len(), 1, "{statements:?}");
    statements[0].to_owned()
}

#[tokio::test]
async fn c26_the_two_queries_of_the_enterprise() {
    on_each(|db| async move {
        let engine = world(db).await;
        let response = engine.execute("{ characters { name actors { name } } }").await;
        assert_eq!(
            response.to_string(),
            r#"{"data":{"characters":[{"name":"James T. Kirk","actors":[{"name":"William Shatner"},{"name":"Chris Pine"}]},{"name":"Spock","actors":[{"name":"Leonard Nimoy"},{"name":"Zachary Quinto"}]},{"name":"Leonard McCoy","actors":[{"name":"DeForest Kelley"},{"name":"Karl Urban"}]}]}}"#
        );
        let response = engine.execute("{ actors { name character { name } } }").await;
        assert_eq!(
            response.to_string(),
            r#"{"data":{"actors":[{"name":"William Shatner","character":{"name":"James T. Kirk"}},{"name":"Leonard Nimoy","character":{"name":"Spock"}},{"name":"DeForest Kelley","character":{"name":"Leonard McCoy"}},{"name":"Chris Pine","character":{"name":"James T. Kirk"}},{"name":"Zachary Quinto","character":{"name":"Spock"}},{"name":"Karl Urban","character":{"name":"Leonard McCoy"}}]}}"#
        );
    })
    .await;
}

#[tokio::test]
async fn c27_a_request_takes_no_more_connections_than_it_has_links() {
    let Some((url, _)) = postgres_url().await else { return };
    let options = sqlx::postgres::PgPoolOptions::new;
    drop(world(Db::from(options().max_connections(1).connect(&url).await.unwrap())).await);
    for (max, most) in [(1, 1), (2, 2), (10, 3)] {
        let pool = options().max_connections(max).connect(&url).await.unwrap();
        let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(Db::from(pool.clone())).build().unwrap();
        let response = engine.execute("{ characters { name } actors { name } movies { title } }").await;
        assert!(response.is_ok(), "{response}");
        assert!(pool.size() <= most, "{} connections of {max}", pool.size());
    }
}
