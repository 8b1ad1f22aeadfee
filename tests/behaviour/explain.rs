//! Plans as text.

use hiku::prelude::*;
use hiku::sql::Dialect;

use super::databases::sqlite;
use super::fixture::Query;

async fn explain(query: &str, dialect: Dialect) -> String {
    let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(sqlite().await).build().unwrap();
    engine.explain(query, dialect).unwrap()
}

#[tokio::test]
async fn a_plan_shows_layers_needs_and_statements() {
    let query = "{ characters { name actors { name movies { title } character { species } } } }";
    assert_eq!(
        explain(query, Dialect::Sqlite).await,
        r#"layer 0: Query
  link characters to many in layer 1: all rows
    SELECT `name`, `id` FROM `character` ORDER BY `id`
layer 1: Character needs name, id
  link actors of (id) to many in layer 2: rows by foreign key
    SELECT `character_id`, `name`, `id` FROM `actor` WHERE `character_id` IN (SELECT value FROM json_each(?1)) ORDER BY `character_id`, `id`
layer 2: Actor needs name, id, character_id
  link movies of (id) to many in layer 3: pairs of keys
    SELECT j.`actor_id`, j.`movie_id` FROM `casting` AS j JOIN `movie` AS t ON t.`id` = j.`movie_id` WHERE j.`actor_id` IN (SELECT value FROM json_each(?1)) ORDER BY j.`actor_id`, t.`year` DESC, t.`id`
  link character of (character_id) to one in layer 4: by key
layer 3: Movie needs id, title
  load by key
    SELECT `id`, `title` FROM `movie` WHERE `id` IN (SELECT value FROM json_each(?1))
layer 4: Character needs id, species
  load by key
    SELECT `id`, `species` FROM `character` WHERE `id` IN (SELECT value FROM json_each(?1))
"#
    );
}

#[tokio::test]
async fn statements_differ_by_dialect_in_lists_of_keys() {
    assert_eq!(
        explain("query($n: Int) { actor(id: 1) { id } movies(limit: $n) { __typename } }", Dialect::Postgres).await,
        r#"layer 0: Query
  link actor("1") to maybe in layer 1: by the key given
  link movies($0, 0) to many in layer 2: all rows
    SELECT "id" FROM "movie" ORDER BY "year" DESC, "id" LIMIT $1 OFFSET $2
layer 1: Actor needs id
  load by key
    SELECT "id" FROM "actor" WHERE "id" = ANY($1::bigint[])
layer 2: Movie needs id
"#
    );
}

#[tokio::test]
async fn equal_selections_are_one_step_whatever_their_aliases() {
    let plan = explain(
        "{ a: movies(limit: 2) { title } b: movies(limit: 2) { t: title year } movies { id } }",
        Dialect::Sqlite,
    )
    .await;
    assert_eq!(plan.matches("link movies").count(), 2, "{plan}");
    assert_eq!(plan.matches("needs title, year").count(), 1, "{plan}");
}
