//! What functions need of their row: it is loaded once, whether it is selected or not, and nothing waits for anything else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use hiku::prelude::*;
use hiku::testing::run;
use serde_json::json;

/// What happened, in its order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn push(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn at(&self, what: &str) -> Option<usize> {
        self.0.lock().unwrap().iter().position(|entry| entry == what)
    }
}

#[node]
#[derive(Clone)]
struct Ship {
    #[key]
    id: i64,
    name: String,
}

#[node]
impl Ship {
    #[load]
    async fn load(Data(log): Data<Log>, id: &[i64]) -> HashMap<i64, Ship> {
        log.push(format!("load {id:?}"));
        let ship = |id| Ship { id, name: format!("ship {id}") };
        id.iter().filter(|id| **id < 10).map(|&id| (id, ship(id))).collect()
    }

    #[field]
    fn code(name: &str, #[arg(default = 2)] digits: i32, #[arg(default = "-")] before: String) -> String {
        format!("{before}{:01$}", name.len(), digits as usize)
    }

    /// Of a field with arguments: it has their defaults.
    #[field]
    fn label(code: &str, name: &str) -> String {
        format!("{name} {code}")
    }

    /// Ends when others have gone on, or never will.
    #[field]
    async fn slow(Data(log): Data<Log>, id: &[i64]) -> Vec<i32> {
        for _ in 0..1_000 {
            if log.at("load [3]").is_some() {
                break;
            }
            tokio::task::yield_now().await;
        }
        log.push("slow ends");
        id.iter().map(|_| 1).collect()
    }

    #[field]
    async fn mass(Data(log): Data<Log>, name: &[&str]) -> Vec<i32> {
        log.push("mass");
        name.iter().map(|name| name.len() as i32).collect()
    }

    /// Of a field that is loaded, and of one that is computed of another.
    #[link]
    async fn sisters(Data(log): Data<Log>, mass: &[i32], label: &[&str], id: &[i64]) -> Vec<Many<Ship>> {
        log.push(format!("sisters {label:?}"));
        mass.iter().zip(id).map(|(&mass, &id)| Many::keys([id, id + i64::from(mass) - 5])).collect()
    }

    #[link]
    async fn next(Data(log): Data<Log>, id: &[i64]) -> Vec<Maybe<Ship>> {
        log.push(format!("next {id:?}"));
        id.iter().map(|id| Maybe::key(id + 1)).collect()
    }

    /// Of nothing: the same for all.
    #[link]
    async fn flagship(Data(log): Data<Log>) -> One<Ship> {
        log.push("flagship");
        One::key(1)
    }

    #[field]
    async fn stardate(Data(log): Data<Log>) -> Result<Option<f64>> {
        log.push("stardate");
        Err(Error::new("no clock"))
    }
}

#[root]
struct Query {}

#[root]
impl Query {
    #[link]
    fn ships(#[arg] ids: Vec<i64>) -> Many<Ship> {
        Many::keys(ids)
    }
}

fn engine() -> (Engine, Log) {
    let log = Log::default();
    (Engine::builder(Graph::new::<Query>().unwrap()).data(log.clone()).build().unwrap(), log)
}

#[tokio::test]
async fn a_required_field_has_the_defaults_of_its_arguments_whatever_is_selected() {
    let (engine, _) = engine();
    let query =
        "{ ships(ids: [1]) { label code(digits: 4, before: \"#\") c: code(digits: 1) d: code(before: \"-\") } }";
    run(&engine, query).await.assert_json(json!({"data": {"ships": [
        {"label": "ship 1 -06", "code": "#0006", "c": "-6", "d": "-06"},
    ]}}));
    run(&engine, "{ ships(ids: [1]) { label } }")
        .await
        .assert_json(json!({"data": {"ships": [{"label": "ship 1 -06"}]}}));
}

#[tokio::test]
async fn what_is_required_is_loaded_once_and_written_where_it_is_selected() {
    let (engine, log) = engine();
    let ran = run(&engine, "{ ships(ids: [1, 2]) { sisters { name } } }").await;
    let ship = |id: i64| json!({"name": format!("ship {id}")});
    let expected = json!([{"sisters": [ship(1), ship(2)]}, {"sisters": [ship(2), ship(3)]}]);
    ran.assert_json(json!({"data": {"ships": expected}}));
    ran.assert_loads(["Query.ships", "Ship.load[2]", "Ship.mass[2]", "Ship.sisters[2]", "Ship.load[3]"]);
    let query = "{ ships(ids: [1]) { mass label m: mass id sisters { id mass } } }";
    let ran = run(&engine, query).await;
    ran.assert_json(json!({"data": {"ships": [
        {"mass": 6, "label": "ship 1 -06", "m": 6, "id": "1", "sisters": [{"id": "1", "mass": 6}, {"id": "2", "mass": 6}]},
    ]}}));
    ran.assert_loads([
        "Query.ships",
        "Ship.load[1]",
        "Ship.mass[1]",
        "Ship.sisters[1]",
        "Ship.load[2]",
        "Ship.mass[2]",
    ]);
    log.take();
}

#[tokio::test]
async fn a_function_of_nothing_is_called_once_for_all_rows_and_not_for_none() {
    let (engine, log) = engine();
    let ran = run(&engine, "{ ships(ids: [3, 2, 3]) { flagship { name flagship { id } } stardate } }").await;
    let value = ran.response.to_value();
    let flagship = json!({"flagship": {"name": "ship 1", "flagship": {"id": "1"}}, "stardate": null});
    assert_eq!(value["data"], json!({"ships": [flagship, flagship, flagship]}));
    let paths: Vec<_> = value["errors"].as_array().unwrap().iter().map(|error| error["path"].clone()).collect();
    assert_eq!(paths, [0, 1, 2].map(|at| json!(["ships", at, "stardate"])));
    let calls = log.take();
    assert_eq!(calls.iter().filter(|what| *what == "flagship").count(), 2, "one per position: {calls:?}");
    assert_eq!(calls.iter().filter(|what| *what == "stardate").count(), 1, "{calls:?}");
    let ran = run(&engine, "{ ships(ids: []) { flagship { name } stardate next { name } mass } }").await;
    ran.assert_json(json!({"data": {"ships": []}}));
    assert_eq!(log.take(), [""; 0]);
}

#[tokio::test]
async fn nothing_below_null_is_called() {
    let (engine, log) = engine();
    let ran = run(&engine, "{ ships(ids: [9]) { next { mass next { slow } } } }").await;
    ran.assert_json(json!({"data": {"ships": [{"next": null}]}}));
    assert_eq!(log.take(), ["load [9]", "next [9]", "load [10]"]);
}

#[tokio::test]
async fn what_is_below_a_link_does_not_wait_for_what_is_beside_it() {
    let (engine, log) = engine();
    let response = engine.execute("{ ships(ids: [1]) { slow next { mass next { name } } } }").await;
    assert!(response.is_ok(), "{response}");
    let places = ["load [2]", "mass", "next [2]", "load [3]", "slow ends"].map(|what| log.at(what).unwrap());
    assert_eq!(places.iter().max(), places.last(), "{:?}", log.take());
}
