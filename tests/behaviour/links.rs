use std::collections::HashMap;

use hiku::prelude::*;
use hiku::testing::run;
use serde_json::json;

use super::databases::{execute, numbers, on_each};
use super::fixture::enterprise;

#[tokio::test]
async fn one_to_many_takes_two_statements() {
    on_each(|db| async move {
        let engine = enterprise(db).await;
        let ran = run(&engine, "{ characters { name actors { name } } }").await;
        ran.assert_json(json!({"data": {"characters": [
            {"name": "James T. Kirk", "actors": [{"name": "William Shatner"}, {"name": "Chris Pine"}]},
            {"name": "Spock", "actors": [{"name": "Leonard Nimoy"}, {"name": "Zachary Quinto"}]},
            {"name": "Leonard McCoy", "actors": [{"name": "DeForest Kelley"}, {"name": "Karl Urban"}]},
        ]}}));
        ran.assert_loads(["Character", "Actor[3]"]);
    })
    .await;
}

#[tokio::test]
async fn many_to_one_loads_each_target_once() {
    on_each(|db| async move {
        let engine = enterprise(db).await;
        let ran = run(&engine, "{ actors { name character { name actors { name } } } }").await;
        let actors = ran.response.to_value()["data"]["actors"].clone();
        assert_eq!(actors.as_array().unwrap().len(), 6);
        assert_eq!(
            actors[3],
            json!({"name": "Chris Pine", "character": {"name": "James T. Kirk",
                "actors": [{"name": "William Shatner"}, {"name": "Chris Pine"}]}})
        );
        ran.assert_loads(["Actor", "Character[3]", "Actor[3]"]);
    })
    .await;
}

#[tokio::test]
async fn many_to_many_loads_pairs_then_each_target_once() {
    on_each(|db| async move {
        let engine = enterprise(db).await;
        let ran = run(&engine, "{ actors { name movies { title year } } }").await;
        let actors = ran.response.to_value()["data"]["actors"].clone();
        assert_eq!(actors[2], json!({"name": "DeForest Kelley", "movies": []}));
        // The order of the target's table: the latest first.
        let beyond_first = json!([{"title": "Beyond", "year": 2016}, {"title": "Star Trek", "year": 2009}]);
        assert_eq!(actors[3]["movies"], beyond_first);
        assert_eq!(actors[4]["movies"], beyond_first);
        ran.assert_loads(["Actor", "Movie through Casting[6]", "Movie[3]"]);
    })
    .await;
}

#[tokio::test]
async fn statements_do_not_grow_with_the_data() {
    let query = "{ characters { name actors { name character { name } movies { title } } } }";
    for rows in [3, 30_000] {
        on_each(|db| async move {
            hiku::sql::create_tables::<super::fixture::Query>(&db).await.unwrap();
            for table in ["character", "actor", "movie"] {
                let (columns, values) = match table {
                    "character" => ("id, name", "n, 'c' || n"),
                    "actor" => ("id, name, character_id", "n, 'a' || n, n"),
                    _ => ("id, title, year", "n, 'm' || n, 2000"),
                };
                execute(
                    &db,
                    &[&format!(
                        "INSERT INTO \"{table}\" ({columns}) {} SELECT {values} FROM s WHERE n > 0",
                        numbers(rows)
                    )],
                )
                .await;
            }
            execute(&db, &["INSERT INTO casting (actor_id, movie_id) SELECT id, id FROM actor"]).await;
            let engine = Engine::builder(Graph::new::<super::fixture::Query>().unwrap()).data(db).build().unwrap();
            let ran = run(&engine, query).await;
            assert!(ran.response.is_ok(), "{}", &ran.response.to_string()[..200]);
            let keys = format!("[{rows}]");
            let mut loads: Vec<String> = ran.loads().iter().map(|load| load.replace(&keys, "")).collect();
            loads.sort();
            let expected: Vec<String> = ["Actor", "Character", "Character", "Movie", "Movie through Casting"]
                .iter()
                .map(|&name| name.into())
                .collect();
            assert_eq!(loads, expected);
        })
        .await;
    }
}

#[tokio::test]
async fn aliases_of_one_link_are_one_step_and_arguments_tell_steps_apart() {
    on_each(|db| async move {
        let engine = enterprise(db).await;
        let ran = run(&engine, "{ a: characters { name } b: characters { id name actors { id } } }").await;
        assert!(ran.response.is_ok());
        assert_eq!(ran.response.to_value()["data"]["a"][0], json!({"name": "James T. Kirk"}));
        assert_eq!(
            ran.response.to_value()["data"]["b"][0],
            json!({"id": "1", "name": "James T. Kirk", "actors": [{"id": "1"}, {"id": "4"}]})
        );
        ran.assert_loads(["Character", "Actor[3]"]);
        let ran = run(
            &engine,
            "{ a: movies(limit: 1) { title } b: movies(limit: 2) { title } c: movies(limit: 1) { year } }",
        )
        .await;
        ran.assert_json(json!({"data": {
            "a": [{"title": "Beyond"}], "b": [{"title": "Beyond"}, {"title": "Star Trek"}], "c": [{"year": 2016}],
        }}));
        ran.assert_loads(["Movie", "Movie"]);
    })
    .await;
}

#[tokio::test]
async fn by_key_finds_one_or_null() {
    on_each(|db| async move {
        let engine = enterprise(db).await;
        let ran = run(&engine, "{ spock: character(id: 2) { name } nobody: character(id: \"99\") { name } }").await;
        ran.assert_json(json!({"data": {"spock": {"name": "Spock"}, "nobody": null}}));
        ran.assert_loads(["Character[1]", "Character[1]"]);
        let ran = run(&engine, "{ character(id: \"x\") { name } }").await;
        assert_eq!(ran.response.to_value()["data"], json!({"character": null}));
        assert_eq!(ran.response.to_value()["errors"][0]["path"], json!(["character"]));
        assert_eq!(ran.response.to_value()["errors"][0]["extensions"]["code"], json!("BAD_USER_INPUT"));
    })
    .await;
}

// Links by function, by SQL, with whole nodes, to several cardinalities.

#[node(table = "person")]
#[derive(Clone, Debug)]
pub struct Person {
    #[key]
    id: i64,
    name: String,
    boss_id: Option<i64>,
    #[link(from = boss_id)]
    boss: Maybe<Person>,
    #[link(to = Person::boss_id, order = "-name", all)]
    staff: Many<Person>,
    #[link(sql = "SELECT a.id, b.id FROM person a JOIN person b ON b.boss_id = a.boss_id AND b.id <> a.id
                  WHERE a.id IN {keys} ORDER BY b.name DESC")]
    peers: Many<Person>,
}

#[node]
impl Person {
    /// By function, with keys of the same type, as a map.
    #[link]
    async fn next(id: &[i64]) -> HashMap<i64, Maybe<Person>> {
        id.iter().filter(|&&id| id < 4).map(|&id| (id, Maybe::key(id + 1))).collect()
    }

    /// Positional, blocking, with a required field that can be null.
    #[link]
    fn boss_again(boss_id: &[Option<i64>]) -> Vec<Maybe<Person>> {
        boss_id.iter().map(|&boss| Maybe::key(boss)).collect()
    }

    /// As pairs; whole nodes are not loaded again.
    #[link]
    async fn shadow(id: &[i64], name: &[&str]) -> Result<Vec<((i64, String), One<Person>)>> {
        let shadows = id.iter().zip(name).map(|(&id, name)| {
            let shadow = Person { id: -id, name: format!("shadow of {name}"), boss_id: Some(id) };
            ((id, (*name).to_owned()), One::node(shadow))
        });
        Ok(shadows.collect())
    }

    /// With gaps.
    #[link]
    fn friends(id: &[i64]) -> Vec<MaybeMany<Person>> {
        id.iter().map(|&id| MaybeMany::keys([Some(id), None, Some(99), Some(1)])).collect()
    }

    /// Without required fields: called once for all.
    #[link]
    async fn everyone() -> Result<Many<Person>> {
        Ok(Many::keys([2, 1]))
    }
}

#[root]
struct People {
    #[link(all)]
    people: Many<Person>,
    #[link(by_key)]
    person: Maybe<Person>,
}

async fn people(db: Db) -> Engine {
    hiku::sql::create_tables::<People>(&db).await.unwrap();
    let rows =
        "INSERT INTO person (id, name, boss_id) VALUES (1, 'Ann', NULL), (2, 'Bob', 1), (3, 'Cy', 1), (4, 'Di', 2)";
    execute(&db, &[rows]).await;
    Engine::builder(Graph::new::<People>().unwrap()).data(db).build().unwrap()
}

#[tokio::test]
async fn c18_a_nullable_foreign_key_is_maybe_and_null_keys_are_not_sent() {
    on_each(|db| async move {
        let engine = people(db).await;
        let ran = run(&engine, "{ people { name boss { name } bossAgain { name } } }").await;
        ran.assert_json(json!({"data": {"people": [
            {"name": "Ann", "boss": null, "bossAgain": null},
            {"name": "Bob", "boss": {"name": "Ann"}, "bossAgain": {"name": "Ann"}},
            {"name": "Cy", "boss": {"name": "Ann"}, "bossAgain": {"name": "Ann"}},
            {"name": "Di", "boss": {"name": "Bob"}, "bossAgain": {"name": "Bob"}},
        ]}}));
        ran.assert_loads(["Person", "Person[2]", "Person.boss_again[3]", "Person[2]"]);
    })
    .await;
}

#[tokio::test]
async fn links_by_sql_keep_the_order_of_the_statement() {
    on_each(|db| async move {
        let engine = people(db).await;
        let ran = run(&engine, "{ people { name peers { name } staff { name } } }").await;
        ran.assert_json(json!({"data": {"people": [
            {"name": "Ann", "peers": [], "staff": [{"name": "Cy"}, {"name": "Bob"}]},
            {"name": "Bob", "peers": [{"name": "Cy"}], "staff": [{"name": "Di"}]},
            {"name": "Cy", "peers": [{"name": "Bob"}], "staff": []},
            {"name": "Di", "peers": [], "staff": []},
        ]}}));
        ran.assert_loads(["Person", "Person.peers[4]", "Person[2]", "Person[4]"]);
    })
    .await;
}

#[tokio::test]
async fn functions_answer_keys_or_whole_nodes() {
    on_each(|db| async move {
        let engine = people(db).await;
        let ran = run(&engine, "{ people { next { name } shadow { id name } everyone { name } } }").await;
        assert!(ran.response.is_ok(), "{}", ran.response);
        let value = ran.response.to_value();
        assert_eq!(
            value["data"]["people"][0],
            json!({"next": {"name": "Bob"}, "shadow": {"id": "-1", "name": "shadow of Ann"},
                   "everyone": [{"name": "Bob"}, {"name": "Ann"}]})
        );
        assert_eq!(value["data"]["people"][3]["next"], json!(null));
        // Whole nodes are not loaded; links of whole nodes go on as ever.
        ran.assert_loads(["Person", "Person.next[4]", "Person[3]", "Person.shadow[4]", "Person.everyone", "Person[2]"]);
        let ran = run(&engine, "{ person(id: 2) { shadow { boss { name } } } }").await;
        ran.assert_json(json!({"data": {"person": {"shadow": {"boss": {"name": "Bob"}}}}}));
    })
    .await;
}

#[tokio::test]
async fn links_with_gaps_show_them_as_null() {
    on_each(|db| async move {
        let engine = people(db).await;
        let ran = run(&engine, "{ person(id: 3) { friends { name } } }").await;
        ran.assert_json(json!({"data": {"person": {"friends": [{"name": "Cy"}, null, null, {"name": "Ann"}]}}}));
    })
    .await;
}
