//! Graphs: what is reachable, what is refused, what they say of themselves; and their tables.

use hiku::graph::{Answer, ArgBuilder, Cardinality, FieldBuilder, LinkBuilder, LoaderRun, NodeBuilder, Paging, Rows};
use hiku::prelude::*;
use hiku::{KeyPart, Value};
use serde_json::json;

use super::databases::{execute, on_each, sqlite};
use super::fixture::Query;

#[tokio::test]
async fn a_graph_by_hand_answers_like_an_annotated_one() {
    let db = sqlite().await;
    drop(super::fixture::enterprise(db.clone()).await);
    let character = NodeBuilder::new("Character")
        .table("character")
        .key("id", <i64 as KeyPart>::ID)
        .field(FieldBuilder::column("name", String::TYPE))
        .field(
            FieldBuilder::computed(
                "length",
                i64::TYPE,
                &["name"],
                LoaderRun::Pure(std::sync::Arc::new(|call| {
                    let mut column = hiku::index::Column::new(i64::TYPE);
                    for name in call.columns[0].texts() {
                        (name.len() as i64 * call.args[0].as_ref().and_then(|arg| arg.as_i64()).unwrap_or(1))
                            .write_to(&mut column);
                    }
                    Ok(Answer::Column(Rows { values: column, ends: None, errors: Vec::new(), shared: false }))
                })),
            )
            .arg(ArgBuilder::new("times", i64::TYPE).default_value(1)),
        )
        .link(LinkBuilder::new("actors", "Actor", Cardinality::Many).to(&["character_id"]).paging(Paging::All));
    let actor = NodeBuilder::new("Actor")
        .table("actor")
        .key("id", <i64 as KeyPart>::ID)
        .field(FieldBuilder::column("name", String::TYPE))
        .field(FieldBuilder::column("character_id", i64::TYPE).hidden());
    let query = NodeBuilder::new("Query").link(LinkBuilder::new("character", "Character", Cardinality::Maybe).by_key());
    let graph = Graph::build(query, [character, actor]).unwrap();
    let engine = Engine::builder(graph).data(db).build().unwrap();
    assert_eq!(
        engine.execute("{ character(id: 2) { name length twice: length(times: 2) actors { name } } }").await.to_value(),
        json!({"data": {"character": {"name": "Spock", "length": 5, "twice": 10,
            "actors": [{"name": "Leonard Nimoy"}, {"name": "Zachary Quinto"}]}}})
    );
}

#[test]
fn everything_wrong_with_a_graph_is_said_at_once() {
    let node = NodeBuilder::new("Thing")
        .key("id", <i64 as KeyPart>::ID)
        .field(FieldBuilder::column("1st", String::TYPE))
        .field(FieldBuilder::computed(
            "a",
            i64::TYPE,
            &["b"],
            LoaderRun::Pure(std::sync::Arc::new(|_| Err(Error::new("never")))),
        ))
        .field(FieldBuilder::computed(
            "b",
            i64::TYPE,
            &["a"],
            LoaderRun::Pure(std::sync::Arc::new(|_| Err(Error::new("never")))),
        ))
        .link(LinkBuilder::new("others", "Thing", Cardinality::Many).to(&["1st"]));
    let keyless = NodeBuilder::new("Keyless").field(FieldBuilder::column("x", String::TYPE));
    let query = NodeBuilder::new("Query")
        .link(LinkBuilder::new("thing", "Thing", Cardinality::Maybe).by_key())
        .link(LinkBuilder::new("keyless", "Keyless", Cardinality::Maybe).by_key());
    let problems = Graph::build(query, [node, keyless]).unwrap_err().problems;
    for part in ["`1st`", "requires itself", "no key", "is Some(Text)", "has no source", "neither a table nor `memory`"]
    {
        assert!(problems.iter().any(|problem| problem.contains(part)), "{part}: {problems:#?}");
    }
    let missing = NodeBuilder::new("Query").link(LinkBuilder::new("no", "Nowhere", Cardinality::Maybe).by_key());
    assert!(Graph::build(missing, []).unwrap_err().to_string().contains("`Nowhere`"));
}

#[tokio::test]
async fn the_schema_is_exported() {
    let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(sqlite().await).build().unwrap();
    hiku::testing::assert_sdl(&engine, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/behaviour/fixture.graphql"));
}

#[tokio::test]
async fn tables_are_made_checked_and_dropped() {
    on_each(|db| async move {
        let problems = hiku::sql::check_schema::<Query>(&db).await.unwrap_err().to_string();
        for table in ["character", "actor", "movie", "casting"] {
            assert!(problems.contains(table), "{problems}");
        }
        hiku::sql::create_tables::<Query>(&db).await.unwrap();
        hiku::sql::create_tables::<Query>(&db).await.unwrap();
        hiku::sql::check_schema::<Query>(&db).await.unwrap();
        execute(&db, &["ALTER TABLE movie ADD COLUMN extra TEXT"]).await;
        hiku::sql::check_schema::<Query>(&db).await.unwrap();
        hiku::sql::drop_tables::<Query>(&db).await.unwrap();
        execute(
            &db,
            &[
                "CREATE TABLE \"character\" (id BIGINT PRIMARY KEY, species TEXT NOT NULL)",
                "CREATE TABLE actor (id BIGINT PRIMARY KEY, name BIGINT NOT NULL, character_id BIGINT)",
                "CREATE TABLE movie (id BIGINT PRIMARY KEY, title TEXT NOT NULL, year INTEGER NOT NULL)",
            ],
        )
        .await;
        let problems = hiku::sql::check_schema::<Query>(&db).await.unwrap_err().to_string();
        for part in ["casting", "`name`", "character_id", "actor"] {
            assert!(problems.contains(part), "{part}: {problems}");
        }
        assert!(!problems.contains("movie"), "{problems}");
    })
    .await;
}

#[test]
fn the_schema_of_the_database_is_printed_per_dialect() {
    use hiku::sql::Dialect;
    for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql] {
        let sql = hiku::sql::schema_sql::<Query>(dialect).unwrap();
        assert_eq!(sql.matches("CREATE TABLE").count(), 4, "{sql}");
        let sql = sql.replace('`', "\"");
        assert!(
            sql.find("\"character\"").unwrap() < sql.find("\"actor\"").unwrap(),
            "what is referred to comes first\n{sql}"
        );
    }
}

/// No two of these hold each other without `Option`, `Vec` or a choice between them.
mod with_an_end {
    use hiku::prelude::*;

    #[derive(Input)]
    pub struct Tree {
        pub left: Option<Box<Tree>>,
        pub leaves: Vec<Tree>,
        pub by: By,
    }

    #[derive(Input)]
    pub enum By {
        Tree(Box<Tree>),
        Name(String),
    }

    #[root]
    pub struct Query {}

    #[root]
    impl Query {
        #[field]
        fn trees(#[arg] tree: Tree) -> bool {
            let _ = (tree.left, tree.leaves, tree.by);
            true
        }
    }
}

mod without_an_end {
    use hiku::prelude::*;

    #[derive(Input)]
    pub struct Egg {
        pub hen: Box<Hen>,
        #[input(pattern = "[a-z")]
        pub name: String,
    }

    #[derive(Input)]
    pub struct Hen {
        pub by: Choice,
    }

    #[derive(Input)]
    pub enum Choice {
        Egg(Box<Egg>),
        Hen(Box<Hen>),
    }

    #[root]
    pub struct Query {}

    #[root]
    impl Query {
        #[field]
        fn first(#[arg] egg: Egg) -> bool {
            let _ = (egg.hen.by, egg.name);
            true
        }
    }
}

#[test]
fn inputs_have_an_end_and_patterns_are_regular_expressions() {
    assert!(Graph::new::<with_an_end::Query>().is_ok());
    let problems = Graph::new::<without_an_end::Query>().unwrap_err().problems;
    assert_eq!(problems.len(), 2, "{problems:#?}");
    assert!(
        problems.iter().any(|problem| problem.contains("no request can give `Choice`, `Egg`, `Hen`")),
        "{problems:#?}"
    );
    assert!(problems.iter().any(|problem| problem.contains("`[a-z` of `name`")), "{problems:#?}");
}
