use std::collections::HashMap;

use hiku::prelude::*;
use hiku::testing::run;
use serde_json::json;

#[node(memory)]
#[derive(Clone)]
struct Ship {
    #[key]
    id: i64,
    name: String,
    #[link(to = Person::ship_id, order = "name", page = 2)]
    crew: Many<Person>,
    #[link(through = Visit, all)]
    planets: Many<Planet>,
}

#[node(memory)]
struct Person {
    #[key]
    id: i64,
    name: String,
    ship_id: i64,
    #[link(from = ship_id)]
    ship: One<Ship>,
}

#[node(memory)]
struct Planet {
    #[key]
    code: String,
    #[link(through = Visit, all, order = "-name")]
    ships: Many<Ship>,
}

#[node(memory)]
struct Visit {
    #[key]
    ship_id: i64,
    #[key]
    planet: String,
    #[link(from = ship_id)]
    to_ship: One<Ship>,
    #[link(from = planet)]
    to_planet: One<Planet>,
}

/// No table: loaded by a function of keys.
#[node]
#[derive(Clone)]
struct Star {
    #[key]
    id: i64,
    magnitude: f32,
}

#[node]
impl Star {
    #[load]
    fn load(id: &[i64]) -> HashMap<i64, Star> {
        id.iter().filter(|&&id| id > 0).map(|&id| (id, Star { id, magnitude: id as f32 / 2.0 })).collect()
    }
}

#[root]
struct Query {
    #[link(all, order = "-name")]
    ships: Many<Ship>,
    #[link]
    people: Many<Person>,
    #[link(by_key)]
    planet: Maybe<Planet>,
    #[link(by_key)]
    star: Maybe<Star>,
}

#[root]
impl Query {
    #[link]
    fn stars(#[arg] ids: Vec<i64>) -> MaybeMany<Star> {
        MaybeMany::keys(ids.into_iter().map(Some))
    }
}

fn engine() -> Engine {
    let ship = |id, name: &str| Ship { id, name: name.into() };
    let person = |id, name: &str, ship_id| Person { id, name: name.into(), ship_id };
    let visit = |ship_id, planet: &str| Visit { ship_id, planet: planet.into() };
    Engine::builder(Graph::new::<Query>().unwrap())
        .data(Memory::new(&[ship(1, "Enterprise"), ship(2, "Reliant")]))
        .data(Memory::new(&[
            person(1, "Kirk", 1),
            person(2, "Spock", 1),
            person(3, "Khan", 2),
            person(4, "Uhura", 1),
            person(5, "Lost", 9),
        ]))
        .data(Memory::new(&[Planet { code: "vulcan".into() }, Planet { code: "ceti".into() }]))
        .data(Memory::new(&[visit(1, "vulcan"), visit(1, "ceti"), visit(2, "ceti"), visit(2, "nowhere")]))
        .build()
        .unwrap()
}

#[tokio::test]
async fn rows_in_memory_are_linked_like_tables() {
    let ran = run(&engine(), "{ ships { name crew { name } planets { code ships { name } } } }").await;
    ran.assert_json(json!({"data": {"ships": [
        {"name": "Reliant", "crew": [{"name": "Khan"}],
         "planets": [{"code": "ceti", "ships": [{"name": "Reliant"}, {"name": "Enterprise"}]}]},
        {"name": "Enterprise", "crew": [{"name": "Kirk"}, {"name": "Spock"}],
         "planets": [{"code": "ceti", "ships": [{"name": "Reliant"}, {"name": "Enterprise"}]},
                     {"code": "vulcan", "ships": [{"name": "Enterprise"}]}]},
    ]}}));
    ran.assert_loads([]);
    let ran = run(
        &engine(),
        "{ people(limit: 2, offset: 1) { name ship { name crew(limit: 1) { id } } } planet(code: \"ceti\") { code } }",
    )
    .await;
    ran.assert_json(json!({"data": {
        "people": [{"name": "Spock", "ship": {"name": "Enterprise", "crew": [{"id": "1"}]}},
                   {"name": "Khan", "ship": {"name": "Reliant", "crew": [{"id": "3"}]}}],
        "planet": {"code": "ceti"},
    }}));
    let ran = run(&engine(), "{ people(offset: 4) { ship { name } } }").await;
    assert_eq!(ran.response.to_value()["errors"][0]["path"], json!(["people", 0, "ship"]));
}

#[tokio::test]
async fn nodes_without_tables_are_loaded_by_a_function() {
    let ran = run(
        &engine(),
        "{ stars(ids: [3, 0, 3]) { id magnitude } star(id: 1) { magnitude } none: star(id: 0) { magnitude } }",
    )
    .await;
    ran.assert_json(json!({"data": {
        "stars": [{"id": "3", "magnitude": 1.5}, null, {"id": "3", "magnitude": 1.5}],
        "star": {"magnitude": 0.5}, "none": null,
    }}));
    ran.assert_loads(["Query.stars", "Star.load[2]", "Star.load[1]", "Star.load[1]"]);
}

#[test]
fn graphs_in_memory_and_blocking_loaders_need_no_runtime() {
    let query = "{ ships { name crew { name ship { id } } } stars(ids: [2]) { magnitude } }";
    let response = engine().execute_blocking(query);
    assert!(response.is_ok(), "{response}");
    let with_runtime = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(engine().execute(query));
    assert_eq!(response.bytes(), with_runtime.bytes());
}
