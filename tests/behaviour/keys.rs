//! Keys of every kind.

use hiku::prelude::*;
use hiku::testing::run;
use serde_json::json;
use uuid::Uuid;

use super::databases::{execute, numbers, on_each};

#[derive(Clone, Debug, PartialEq, Eq, Hash, Scalar)]
struct Code(String);

#[node(table = "country")]
struct Country {
    #[key]
    code: Code,
    name: String,
    #[link(to = City::country, all)]
    cities: Many<City>,
}

#[node(table = "city")]
struct City {
    #[key]
    id: Uuid,
    country: Code,
    #[link(from = country)]
    in_country: One<Country>,
    #[link(to = Street::city_id, all)]
    streets: Many<Street>,
}

#[node(table = "street")]
struct Street {
    #[key]
    city_id: Uuid,
    #[key]
    name: String,
    #[link(from = city_id)]
    city: One<City>,
    #[link(to(House::city_id, House::street), all)]
    houses: Many<House>,
}

#[node(table = "house")]
struct House {
    #[key]
    id: i32,
    city_id: Option<Uuid>,
    street: Option<String>,
    #[link(from(city_id, street))]
    on: Maybe<Street>,
}

#[root]
struct Query {
    #[link(all)]
    countries: Many<Country>,
    #[link(all)]
    houses: Many<House>,
    #[link(by_key)]
    street: Maybe<Street>,
    #[link(by_key)]
    city: Maybe<City>,
}

#[root]
impl Query {
    #[link]
    async fn some(#[arg] codes: Vec<Code>) -> Many<Country> {
        Many::keys(codes)
    }
}

const A: &str = "00000000-0000-0000-0000-00000000000a";
const B: &str = "ffffffff-ffff-ffff-ffff-fffffffffffb";

async fn world(db: Db) -> Engine {
    hiku::sql::create_tables::<Query>(&db).await.unwrap();
    execute(
        &db,
        &[
            "INSERT INTO country (code, name) VALUES ('d''e\"\\', 'quotes'), ('😀', 'smile'), ('', 'empty')",
            &format!("INSERT INTO city (id, country) VALUES ('{A}', 'd''e\"\\'), ('{B}', '😀')"),
            &format!("INSERT INTO street (city_id, name) VALUES ('{A}', 'x'), ('{A}', 'y'), ('{B}', 'x')"),
            &format!("INSERT INTO house (id, city_id, street) VALUES (1, '{A}', 'x'), (2, '{B}', 'x'), (3, '{A}', 'x'), (4, NULL, 'x'), (5, '{A}', NULL)"),
        ],
    )
    .await;
    Engine::builder(Graph::new::<Query>().unwrap()).data(db).build().unwrap()
}

#[tokio::test]
async fn keys_are_texts_uuids_newtypes_and_several_fields() {
    on_each(|db| async move {
        let engine = world(db).await;
        let ran = run(&engine, "{ countries { code name cities { id streets { name houses { id on { city { inCountry { name } } } } } } } }").await;
        ran.assert_json(json!({"data": {"countries": [
            {"code": "", "name": "empty", "cities": []},
            {"code": "d'e\"\\", "name": "quotes", "cities": [{"id": A, "streets": [
                {"name": "x", "houses": [
                    {"id": "1", "on": {"city": {"inCountry": {"name": "quotes"}}}},
                    {"id": "3", "on": {"city": {"inCountry": {"name": "quotes"}}}}]},
                {"name": "y", "houses": []}]}]},
            {"code": "😀", "name": "smile", "cities": [{"id": B, "streets": [
                {"name": "x", "houses": [{"id": "2", "on": {"city": {"inCountry": {"name": "smile"}}}}]}]}]},
        ]}}));
        let ran = run(&engine, "{ houses { id on { cityId name } } }").await;
        assert_eq!(ran.response.to_value()["data"]["houses"][3], json!({"id": "4", "on": null}));
        assert_eq!(ran.response.to_value()["data"]["houses"][4], json!({"id": "5", "on": null}));
        ran.assert_loads(["House", "Street[2]"]);
    })
    .await;
}

#[tokio::test]
async fn composite_and_odd_keys_are_arguments() {
    on_each(|db| async move {
        let engine = world(db).await;
        let query = format!("{{ street(cityId: \"{A}\", name: \"y\") {{ name city {{ id }} }} none: street(cityId: \"{B}\", name: \"y\") {{ name }} city(id: \"{B}\") {{ id }} }}");
        run(&engine, query).await.assert_json(
            json!({"data": {"street": {"name": "y", "city": {"id": A}}, "none": null, "city": {"id": B}}}),
        );
        let ran = run(&engine, Request::new("query($c: [Code!]!) { some(codes: $c) { name } }").variables(json!({"c": ["😀", "", "😀"]}))).await;
        ran.assert_json(json!({"data": {"some": [{"name": "smile"}, {"name": "empty"}, {"name": "smile"}]}}));
        ran.assert_loads(["Query.some", "Country[2]"]);
        let ran = run(&engine, "{ city(id: \"not a uuid\") { id } }").await;
        assert_eq!(ran.response.to_value()["errors"][0]["extensions"]["code"], json!("BAD_USER_INPUT"));
    })
    .await;
}

#[tokio::test]
async fn c17_the_extremes_of_integers_are_keys() {
    #[node(table = "edge")]
    struct Edge {
        #[key]
        id: i64,
        next_id: Option<i64>,
        #[link(from = next_id)]
        next: Maybe<Edge>,
    }
    #[root]
    struct Edges {
        #[link(all)]
        edges: Many<Edge>,
    }
    on_each(|db| async move {
        hiku::sql::create_tables::<Edges>(&db).await.unwrap();
        let rows = "INSERT INTO edge (id, next_id) VALUES (9223372036854775807, NULL), (-9223372036854775808, NULL), (0, NULL)";
        let links = "UPDATE edge SET next_id = CASE WHEN id = 0 THEN 9223372036854775807 WHEN id > 0 THEN -9223372036854775808 ELSE 0 END";
        execute(&db, &[rows, links]).await;
        let engine = Engine::builder(Graph::new::<Edges>().unwrap()).data(db).build().unwrap();
        let ran = run(&engine, "{ edges { id next { id } } }").await;
        let (least, greatest) = (i64::MIN.to_string(), i64::MAX.to_string());
        ran.assert_json(json!({"data": {"edges": [
            {"id": least, "next": {"id": "0"}}, {"id": "0", "next": {"id": greatest}}, {"id": greatest, "next": {"id": least}},
        ]}}));
    })
    .await;
}

#[tokio::test]
async fn c23_a_hundred_thousand_keys_in_one_link() {
    #[node(table = "point")]
    struct Point {
        #[key]
        id: i64,
        even: i64,
    }
    #[root]
    struct Points {
        #[link(by_key)]
        point: Maybe<Point>,
    }
    #[root]
    impl Points {
        #[link]
        async fn points() -> Many<Point> {
            Many::keys(0..100_000)
        }
    }
    on_each(|db| async move {
        hiku::sql::create_tables::<Points>(&db).await.unwrap();
        execute(&db, &[&format!("INSERT INTO point (id, even) {} SELECT n, n * 2 FROM s", numbers(99_999))]).await;
        let engine = Engine::builder(Graph::new::<Points>().unwrap()).data(db).build().unwrap();
        let ran = run(&engine, "{ points { even } }").await;
        let value = ran.response.to_value();
        let points = value["data"]["points"].as_array().unwrap();
        assert_eq!((points.len(), &points[99_999]["even"]), (100_000, &json!(199_998)));
        ran.assert_loads(["Points.points", "Point[100000]"]);
    })
    .await;
}
