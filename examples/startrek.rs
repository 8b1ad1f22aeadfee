//! The Enterprise: two tables, two links, two queries. On embedded SQLite, or on the server of `DATABASE_URL`; in a task, on a
//! thread, and on threads of a pool.

use hiku::prelude::*;
use hiku::sqlx;
use hiku::threads::Threads;

/// Someone aboard the Enterprise.
#[node(table = "character")]
pub struct Character {
    #[key]
    id: i64,
    name: String,
    species: Option<String>,
    /// Everyone who has played this character.
    #[link(to = Actor::character_id)]
    actors: Many<Actor>,
}

/// Someone who has played a character.
#[node(table = "actor")]
pub struct Actor {
    #[key]
    id: i64,
    name: String,
    #[field(hidden)]
    character_id: i64,
    #[link(from = character_id)]
    character: One<Character>,
}

/// Where queries start.
#[root]
pub struct Query {
    #[link(all)]
    characters: Many<Character>,
}

const ACTORS: &str = "SELECT id FROM actor ORDER BY id";

#[root]
impl Query {
    /// All actors: by hand, with a statement of its own.
    #[link]
    async fn actors(Data(db): Data<Db>) -> Result<Many<Actor>> {
        let ids: Vec<i64> = match (db.sqlite(), db.postgres(), db.mysql()) {
            (Some(pool), ..) => sqlx::query_scalar(ACTORS).fetch_all(pool).await?,
            (_, Some(pool), _) => sqlx::query_scalar(ACTORS).fetch_all(pool).await?,
            (.., Some(pool)) => sqlx::query_scalar(ACTORS).fetch_all(pool).await?,
            _ => return Err(Error::internal("this example knows SQLite, PostgreSQL and MariaDB")),
        };
        Ok(Many::keys(ids))
    }
}

const ROWS: [&str; 4] = [
    "DELETE FROM actor",
    "DELETE FROM \"character\"",
    "INSERT INTO \"character\" (id, name, species) VALUES
        (1, 'James T. Kirk', 'Human'), (2, 'Spock', 'Vulcan/Human'), (3, 'Leonard McCoy', 'Human')",
    "INSERT INTO actor (id, name, character_id) VALUES
        (1, 'William Shatner', 1), (2, 'Leonard Nimoy', 2), (3, 'DeForest Kelley', 3),
        (4, 'Chris Pine', 1), (5, 'Zachary Quinto', 2), (6, 'Karl Urban', 3)",
];

const QUERIES: [&str; 2] = ["{ characters { name actors { name } } }", "{ actors { name character { name } } }"];

#[tokio::main]
async fn main() -> hiku::Result<()> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite::memory:".into());
    let db = Db::connect(&url).await?;
    hiku::sql::create_tables::<Query>(&db).await?;
    for statement in ROWS {
        db.execute(statement).await?;
    }
    // One graph, three executors. Two of them block, and wait with this runtime for what is asynchronous: the statement by
    // hand, and PostgreSQL.
    let graph = Graph::new::<Query>()?;
    let runtime = tokio::runtime::Handle::current();
    let engine = Engine::builder(graph.clone()).data(db.clone()).build()?;
    let on_thread = Engine::builder(graph.clone()).data(db.clone()).bridge(runtime.clone()).build()?;
    let on_threads = Engine::builder(graph).data(db.clone()).bridge(runtime).threads(Threads::new(4)).build()?;
    for query in QUERIES {
        let response = engine.execute(query).await;
        for blocking in [&on_thread, &on_threads] {
            let blocking = blocking.clone();
            let same = tokio::task::spawn_blocking(move || blocking.execute_blocking(query)).await?;
            assert_eq!(same.bytes(), response.bytes());
        }
        println!("# query\n{query}\n");
        println!("# result\n{:#}\n", response.to_value());
        println!("# plan\n{}", engine.explain(query, db.dialect())?);
        println!("# statements");
        for load in response.loads() {
            println!("{}: {}", load.name, load.statement.as_deref().unwrap_or(ACTORS));
        }
        println!();
    }
    Ok(())
}
