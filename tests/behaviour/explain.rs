//! Plans as text.

use hiku::prelude::*;
use hiku::sql::Dialect;

use super::databases::sqlite;
use super::fixture::Query;

#[tokio::test]
async fn a_plan_shows_layers_needs_and_statements() {
    let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(sqlite().await).build().unwrap();
    let plan = engine.explain("{ characters { name actors { name movies { title } character { species } } } }", Dialect::Sqlite).unwrap();
    assert_eq!(
        plan,
        "\
layer 0: Query
  link characters to many in layer 1: all rows
    SELECT \"name\", \"id\" FROM \"character\" ORDER BY \"id\"
layer 1: Character needs name, id
"
    );
    let plan = engine.explain("{ actor(id: 1) { name } }", Dialect::Postgres).unwrap();
    assert_eq!(plan, "");
}
