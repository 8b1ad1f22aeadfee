//! Unions and interfaces over tables, memory and functions: what runs, what is null, and what no way leads to.

use std::collections::HashMap;

use hiku::prelude::*;
use hiku::sql::Filter;
use hiku::testing::run;
use serde_json::{Value as Json, json};

use super::databases::{execute, on_each};

#[derive(Clone)]
struct Tenant(i64);

fn of_tenant(tenant: &Tenant) -> Filter<Film> {
    Film::COLUMNS.tenant_id.eq(tenant.0)
}

#[node(table = "film", scope = of_tenant, filter = "deleted = FALSE")]
struct Film {
    #[key]
    id: i64,
    title: String,
    tenant_id: i64,
    #[field(hidden)]
    deleted: bool,
    #[field(hidden)]
    nation: Option<String>,
    #[field(hidden)]
    number: Option<i64>,
    #[link(from(nation, number))]
    maker: Maybe<Maker>,
}

/// With a key of two parts.
#[node(table = "maker")]
struct Maker {
    #[key]
    nation: String,
    #[key]
    number: i64,
    name: String,
    #[link(to(Film::nation, Film::number), page = 2)]
    films: Many<Film>,
}

#[node]
impl Maker {
    #[field]
    fn title(name: &str, #[arg(default = false)] loud: bool) -> String {
        if loud { name.to_uppercase() } else { name.to_owned() }
    }

    #[link]
    async fn maker(nation: &[&str], number: &[i64]) -> Vec<One<Maker>> {
        nation.iter().zip(number).map(|(&nation, &number)| One::key((nation.to_owned(), number))).collect()
    }
}

/// Without a table.
#[node]
#[derive(Clone)]
struct Poster {
    #[key]
    code: String,
    title: String,
}

#[node]
impl Poster {
    #[load]
    async fn load(code: &[&str]) -> HashMap<String, Poster> {
        let known = code.iter().filter(|code| code.starts_with('p'));
        known.map(|&code| (code.to_owned(), Poster { code: code.into(), title: format!("poster {code}") })).collect()
    }

    #[link]
    async fn maker(code: &[&str]) -> Vec<Result<Maybe<Maker>>> {
        let maker = |code: &&str| match *code {
            "p2" => Err(Error::new("nobody knows")),
            _ => Ok(Maybe::none()),
        };
        code.iter().map(maker).collect()
    }
}

#[derive(Union)]
enum Found {
    Film(Film),
    Maker(Maker),
    Poster(Poster),
}

#[derive(Interface)]
#[interface(field(title: String), link(maker: Maybe<Maker>))]
enum Titled {
    Film(Film),
    Maker(Maker),
    Poster(Poster),
}

#[root]
struct Query {
    #[link(all)]
    films: Many<Film>,
}

fn key(text: &str) -> FoundKey {
    match text.split_once(':').unwrap() {
        ("film", id) => FoundKey::Film(id.parse().unwrap()),
        ("maker", number) => FoundKey::Maker(("NL".to_owned(), number.parse().unwrap())),
        (_, code) => FoundKey::Poster(code.to_owned()),
    }
}

#[root]
impl Query {
    #[link]
    async fn found(#[arg] keys: Vec<String>) -> Many<Found> {
        Many::keys(keys.iter().map(|text| key(text)))
    }

    #[link]
    async fn with_gaps(#[arg] keys: Vec<Option<String>>) -> MaybeMany<Found> {
        MaybeMany::keys(keys.iter().map(|text| text.as_deref().map(key)))
    }

    #[link]
    async fn films_with_gaps(#[arg] ids: Vec<Option<i64>>) -> MaybeMany<Film> {
        MaybeMany::keys(ids)
    }

    #[link]
    async fn perhaps(#[arg] keys: Option<Vec<String>>) -> Option<Many<Found>> {
        keys.map(|keys| Many::keys(keys.iter().map(|text| key(text))))
    }

    #[link]
    async fn one(#[arg] key: String) -> Maybe<Found> {
        Maybe::key(self::key(&key))
    }

    /// Whole nodes, which are not loaded again.
    #[link]
    async fn posters() -> Many<Titled> {
        let poster = |code: &str| Titled::Poster(Poster { code: code.into(), title: "whole".into() });
        Many::nodes([poster("x"), poster("p2")])
    }

    #[link]
    async fn titled(#[arg] keys: Vec<String>) -> Many<Titled> {
        Many::keys(keys.iter().map(|text| match key(text) {
            FoundKey::Film(id) => TitledKey::Film(id),
            FoundKey::Maker(key) => TitledKey::Maker(key),
            FoundKey::Poster(code) => TitledKey::Poster(code),
        }))
    }
}

async fn engine(db: Db) -> Engine {
    hiku::sql::create_tables::<Query>(&db).await.unwrap();
    execute(
        &db,
        &[
            "INSERT INTO maker (nation, number, name) VALUES ('NL', 1, 'Ann'), ('NL', 2, 'Bob'), ('BE', 1, 'Cas')",
            "INSERT INTO film (id, title, tenant_id, deleted, nation, number) VALUES
                (1, 'One', 7, FALSE, 'NL', 1), (2, 'Two', 7, FALSE, 'NL', 1), (3, 'Three', 7, FALSE, NULL, NULL),
                (4, 'Four', 8, FALSE, 'NL', 1), (5, 'Five', 7, TRUE, 'NL', 1), (6, 'Six', 7, FALSE, 'NL', 1)",
        ],
    )
    .await;
    Engine::builder(Graph::new::<Query>().unwrap()).data(db).request_data::<Tenant>().build().unwrap()
}

fn ask(query: &str) -> Request {
    Request::new(query).data(Tenant(7))
}

fn paths(value: &Json) -> Vec<Json> {
    value["errors"].as_array().into_iter().flatten().map(|error| error["path"].clone()).collect()
}

#[tokio::test]
async fn each_kind_is_loaded_once_however_the_kinds_are_mixed() {
    on_each(|db| async move {
        let engine = engine(db).await;
        let keys = r#"["film:2", "maker:1", "poster:p1", "film:1", "maker:2", "film:2", "poster:p3"]"#;
        let query = format!(
            "{{ found(keys: {keys}) {{ __typename ... on Film {{ title }} ... on Maker {{ number title(loud: true) }}
                ... on Poster {{ code title }} }} }}"
        );
        let ran = run(&engine, ask(&query)).await;
        let film = |title: &str| json!({"__typename": "Film", "title": title});
        let maker =
            |number: i64, title: &str| json!({"__typename": "Maker", "number": number.to_string(), "title": title});
        let poster = |code: &str| json!({"__typename": "Poster", "code": code, "title": format!("poster {code}")});
        let expected =
            [film("Two"), maker(1, "ANN"), poster("p1"), film("One"), maker(2, "BOB"), film("Two"), poster("p3")];
        ran.assert_json(json!({"data": {"found": expected}}));
        let mut loads = ran.loads();
        loads.sort();
        assert_eq!(loads, ["Film[2]", "Maker[2]", "Poster.load[2]", "Query.found"]);
    })
    .await;
}

#[tokio::test]
async fn scopes_and_filters_hold_of_each_kind() {
    on_each(|db| async move {
        let engine = engine(db).await;
        let fields = "{ ... on Film { title tenantId } ... on Maker { films(limit: 9) { title } } }";
        for id in [4, 5] {
            let value = engine.execute(ask(&format!("{{ one(key: \"film:{id}\") {fields} }}"))).await.to_value();
            assert_eq!(value, json!({"data": {"one": null}}));
            let query = format!(
                "{{ withGaps(keys: [\"film:1\", \"film:{id}\", null, \"film:2\"]) {fields}
                    films: filmsWithGaps(ids: [1, {id}, null, 2]) {{ id }}
                    found(keys: [\"film:{id}\", \"maker:1\"]) {{ __typename }}
                    titled(keys: [\"film:1\", \"film:{id}\"]) {{ title }} }}"
            );
            let value = engine.execute(ask(&query)).await.to_value();
            let film = |title: &str| json!({"title": title, "tenantId": 7});
            assert_eq!(
                value,
                json!({"data": {
                    "withGaps": [film("One"), null, null, film("Two")],
                    "films": [{"id": "1"}, null, null, {"id": "2"}],
                    "found": [{"__typename": "Maker"}],
                    "titled": [{"title": "One"}],
                }})
            );
        }
        let value = engine.execute(ask("{ found(keys: [\"maker:1\", \"maker:9\"]) { __typename } }")).await.to_value();
        assert_eq!((&value["data"], paths(&value)), (&json!(null), vec![json!(["found", 1])]), "{value}");
        let value = engine.execute(ask(&format!("{{ one(key: \"maker:1\") {fields} }}"))).await.to_value();
        assert_eq!(value["data"]["one"]["films"], json!([{"title": "One"}, {"title": "Two"}, {"title": "Six"}]));
    })
    .await;
}

#[tokio::test]
async fn gaps_and_kinds_that_do_not_exist_are_null_where_they_can_be() {
    on_each(|db| async move {
        let engine = engine(db).await;
        let query = r#"{ withGaps(keys: [null, "film:9", "maker:1", null, "poster:q", "poster:p1"]) { __typename }
            none: withGaps(keys: []) { __typename } perhaps { __typename } some: perhaps(keys: ["film:1"]) { __typename } }"#;
        let value = engine.execute(ask(query)).await.to_value();
        let maker = json!({"__typename": "Maker"});
        assert_eq!(value["data"]["withGaps"], json!([null, null, maker, null, null, {"__typename": "Poster"}]));
        assert_eq!(value["data"]["none"], json!([]));
        assert_eq!(value["data"]["perhaps"], json!(null));
        assert_eq!(value["data"]["some"], json!([{"__typename": "Film"}]));
        let ran = run(&engine, ask("{ found(keys: []) { ... on Film { title } } one(key: \"poster:q\") { __typename } }")).await;
        assert_eq!(ran.response.to_value()["data"], json!({"found": [], "one": null}));
    })
    .await;
}

#[tokio::test]
async fn links_of_an_interface_are_found_as_each_kind_finds_them() {
    on_each(|db| async move {
        let engine = engine(db).await;
        let query = r#"{ titled(keys: ["maker:2", "film:1", "poster:p1", "film:3", "poster:p2", "film:2"]) {
            title maker { name films(limit: 1) { title } } ... on Maker { loud: title(loud: true) } } }"#;
        let ran = run(&engine, ask(query)).await;
        let value = ran.response.to_value();
        let ann = json!({"name": "Ann", "films": [{"title": "One"}]});
        assert_eq!(
            value["data"],
            json!({"titled": [
                {"title": "Bob", "maker": {"name": "Bob", "films": []}, "loud": "BOB"},
                {"title": "One", "maker": ann},
                {"title": "poster p1", "maker": null},
                {"title": "Three", "maker": null},
                {"title": "poster p2", "maker": null},
                {"title": "Two", "maker": ann},
            ]})
        );
        assert_eq!(paths(&value), [json!(["titled", 4, "maker"])]);
        assert_eq!(value["errors"][0]["message"], json!("nobody knows"));
    })
    .await;
}

#[tokio::test]
async fn whole_nodes_are_not_loaded_again() {
    on_each(|db| async move {
        let engine = engine(db).await;
        let ran = run(&engine, ask("{ posters { __typename title maker { name } ... on Poster { code } } }")).await;
        let value = ran.response.to_value();
        let poster = |code: &str| json!({"__typename": "Poster", "title": "whole", "maker": null, "code": code});
        assert_eq!(value["data"], json!({"posters": [poster("x"), poster("p2")]}));
        assert_eq!(paths(&value), [json!(["posters", 1, "maker"])]);
        ran.assert_loads(["Query.posters", "Poster.maker[2]"]);
    })
    .await;
}

#[tokio::test]
async fn statements_do_not_grow_with_the_number_of_keys() {
    on_each(|db| async move {
        let engine = engine(db).await;
        let mut counts = Vec::new();
        for times in [1, 50] {
            let keys: Vec<String> =
                (0..times).flat_map(|_| ["film:1", "maker:1", "film:2", "maker:2"].map(String::from)).collect();
            let request = Request::new(
                "query($k: [String!]!) { titled(keys: $k) { title maker { name films { title maker { name } } } } }",
            );
            let response = engine.execute(request.variables(json!({"k": keys})).data(Tenant(7))).await;
            assert!(response.is_ok(), "{response}");
            assert_eq!(response.to_value()["data"]["titled"].as_array().unwrap().len(), 4 * times);
            counts.push(response.loads().len());
        }
        assert_eq!(counts[0], counts[1]);
    })
    .await;
}
