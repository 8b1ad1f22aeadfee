//! What annotations say about names, descriptions and deprecation, in the schema and in queries.

use hiku::prelude::*;
use serde_json::json;

/// A ship.
///
/// It flies.
#[node(memory, name = "Vessel")]
struct Ship {
    #[key(name = "registry")]
    id: i64,
    /// What it is called.
    full_name: String,
    #[field(name = "kind", deprecated = "use `class`")]
    ship_kind: Option<String>,
    #[field(hidden)]
    secret: i64,
    #[field(type = ID)]
    owner_ref: i32,
}

#[node]
impl Ship {
    /// Of a hidden field.
    #[field(name = "half")]
    fn half_secret(secret: i64) -> i64 {
        secret / 2
    }

    #[field(hidden)]
    fn never_seen(secret: i64) -> i64 {
        secret
    }

    #[field]
    fn label(
        never_seen: i64,
        /// Put before.
        #[arg(name = "with", default = "#")]
        prefix: String,
        #[arg(name = "old", deprecated)] _old: Option<i32>,
    ) -> String {
        format!("{prefix}{never_seen}")
    }
}

#[node(memory, rename_all = "snake_case", parts(billing))]
struct Dock {
    #[key]
    dock_id: i64,
    r#type: String,
}

#[node(part = billing, rename_all = "snake_case")]
impl Dock {
    #[field]
    fn total_fee(dock_id: i64) -> i64 {
        dock_id * 100
    }
}

/// The harbour.
#[root(name = "Harbour")]
struct Query {
    #[link(all, name = "fleet")]
    ships: Many<Ship>,
    #[link(by_key)]
    ship: Maybe<Ship>,
    #[link(page = 1, max = 2)]
    docks: Many<Dock>,
}

fn engine() -> Engine {
    let ship = Ship { id: 7, full_name: "Enterprise".into(), ship_kind: None, secret: 84, owner_ref: 3 };
    let docks = [Dock { dock_id: 1, r#type: "dry".into() }, Dock { dock_id: 2, r#type: "wet".into() }];
    let graph = Graph::new::<Query>().unwrap();
    Engine::builder(graph).data(Memory::new(&[ship])).data(Memory::new(&docks)).build().unwrap()
}

#[tokio::test]
async fn public_names_are_used_in_queries() {
    let query = "{ fleet { registry fullName kind half label a: label(with: \"No. \") ownerRef __typename }
                   ship(registry: 7) { fullName } docks { dock_id type total_fee } }";
    assert_eq!(
        engine().execute(query).await.to_value(),
        json!({"data": {
            "fleet": [{"registry": "7", "fullName": "Enterprise", "kind": null, "half": 42, "label": "#84", "a": "No. 84",
                       "ownerRef": "3", "__typename": "Vessel"}],
            "ship": {"fullName": "Enterprise"},
            "docks": [{"dock_id": "1", "type": "dry", "total_fee": 100}],
        }})
    );
    for hidden in ["secret", "neverSeen", "shipKind", "id"] {
        let value = engine().execute(format!("{{ fleet {{ {hidden} }} }}")).await.to_value();
        assert!(value.get("data").is_none(), "{hidden}: {value}");
    }
}

#[test]
fn the_schema_has_names_descriptions_and_deprecations() {
    hiku::testing::assert_sdl(&engine(), concat!(env!("CARGO_MANIFEST_DIR"), "/tests/behaviour/naming.graphql"));
}
