//! Over SQL with its DataLoader, one batch per level. Rows are shared, not copied, when the loader hands them out.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{
    ComplexObject, Context, EmptyMutation, EmptySubscription, ID, Object, Result, Schema, SimpleObject,
};
use sqlx::{FromRow, PgPool, SqlitePool};

use crate::by_hand::json_keys;
use crate::query::{Answer, Impl, Query};

#[derive(Clone)]
pub enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Rows of a statement. `{keys}` in it becomes the dialect's way to say that a column is among the keys.
macro_rules! fetch {
    ($pool:expr, $row:ty, $before:literal) => {
        match $pool {
            Pool::Sqlite(pool) => sqlx::query_as::<_, $row>($before).fetch_all(pool).await,
            Pool::Postgres(pool) => sqlx::query_as::<_, $row>($before).fetch_all(pool).await,
        }
    };
    ($pool:expr, $row:ty, $before:literal among $keys:expr, $after:literal) => {
        match $pool {
            Pool::Sqlite(pool) => {
                let sql = concat!($before, " IN (SELECT value FROM json_each($1))", $after);
                sqlx::query_as::<_, $row>(sql).bind(json_keys($keys)).fetch_all(pool).await
            }
            Pool::Postgres(pool) => {
                let sql = concat!($before, " = ANY($1)", $after);
                sqlx::query_as::<_, $row>(sql).bind($keys).fetch_all(pool).await
            }
        }
    };
}

struct Root;

#[Object(name = "Query")]
impl Root {
    async fn characters(&self, context: &Context<'_>) -> Result<Vec<Arc<Character>>> {
        let rows = fetch!(pool(context), Character, r#"SELECT id, name, species FROM "character" ORDER BY id"#)?;
        Ok(rows.into_iter().map(Arc::new).collect())
    }

    async fn actors(&self, context: &Context<'_>) -> Result<Vec<Arc<Actor>>> {
        let rows = fetch!(pool(context), Actor, "SELECT id, name, character_id FROM actor ORDER BY id")?;
        Ok(rows.into_iter().map(Arc::new).collect())
    }

    async fn character(&self, context: &Context<'_>, id: ID) -> Result<Option<Arc<Character>>> {
        let id: i64 = id.parse()?;
        let sql = r#"SELECT id, name, species FROM "character" WHERE id = $1"#;
        let row: Option<Character> = match pool(context) {
            Pool::Sqlite(pool) => sqlx::query_as(sql).bind(id).fetch_optional(pool).await?,
            Pool::Postgres(pool) => sqlx::query_as(sql).bind(id).fetch_optional(pool).await?,
        };
        Ok(row.map(Arc::new))
    }
}

fn pool<'a>(context: &Context<'a>) -> &'a Pool {
    context.data_unchecked()
}

fn loader<'a>(context: &Context<'a>) -> &'a DataLoader<Batches> {
    context.data_unchecked()
}

#[derive(FromRow, SimpleObject)]
#[graphql(complex)]
struct Character {
    #[graphql(skip)]
    id: i64,
    name: String,
    species: Option<String>,
}

#[ComplexObject]
impl Character {
    async fn actors(&self, context: &Context<'_>) -> Result<Vec<Arc<Actor>>> {
        Ok(loader(context).load_one(ActorsOf(self.id)).await?.unwrap_or_default())
    }
}

#[derive(FromRow, SimpleObject)]
#[graphql(complex)]
struct Actor {
    #[graphql(skip)]
    id: i64,
    name: String,
    #[graphql(skip)]
    character_id: i64,
}

#[ComplexObject]
impl Actor {
    async fn character(&self, context: &Context<'_>) -> Result<Arc<Character>> {
        loader(context).load_one(CharacterId(self.character_id)).await?.ok_or_else(|| "no such character".into())
    }

    async fn movies(&self, context: &Context<'_>) -> Result<Vec<Arc<Movie>>> {
        Ok(loader(context).load_one(MoviesOf(self.id)).await?.unwrap_or_default())
    }
}

#[derive(FromRow, SimpleObject)]
struct Movie {
    title: String,
    year: i32,
}

struct Batches(Pool);

type Loaded<K, V> = Result<HashMap<K, V>, Arc<sqlx::Error>>;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct CharacterId(i64);

impl Loader<CharacterId> for Batches {
    type Value = Arc<Character>;
    type Error = Arc<sqlx::Error>;

    async fn load(&self, keys: &[CharacterId]) -> Loaded<CharacterId, Self::Value> {
        let keys: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let rows = fetch!(&self.0, Character, r#"SELECT id, name, species FROM "character" WHERE id"# among &keys, "")?;
        Ok(rows.into_iter().map(|row| (CharacterId(row.id), Arc::new(row))).collect())
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct ActorsOf(i64);

impl Loader<ActorsOf> for Batches {
    type Value = Vec<Arc<Actor>>;
    type Error = Arc<sqlx::Error>;

    async fn load(&self, keys: &[ActorsOf]) -> Loaded<ActorsOf, Self::Value> {
        let keys: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let rows = fetch!(
            &self.0,
            Actor,
            "SELECT id, name, character_id FROM actor WHERE character_id" among &keys,
            " ORDER BY character_id, id"
        )?;
        let mut loaded: HashMap<_, Vec<_>> = HashMap::new();
        for row in rows {
            loaded.entry(ActorsOf(row.character_id)).or_default().push(Arc::new(row));
        }
        Ok(loaded)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct MoviesOf(i64);

#[derive(FromRow)]
struct MovieOfActor {
    actor_id: i64,
    #[sqlx(flatten)]
    movie: Movie,
}

impl Loader<MoviesOf> for Batches {
    type Value = Vec<Arc<Movie>>;
    type Error = Arc<sqlx::Error>;

    async fn load(&self, keys: &[MoviesOf]) -> Loaded<MoviesOf, Self::Value> {
        let keys: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let rows = fetch!(
            &self.0,
            MovieOfActor,
            "SELECT casting.actor_id, movie.title, movie.year \
             FROM casting JOIN movie ON movie.id = casting.movie_id WHERE casting.actor_id" among &keys,
            " ORDER BY casting.actor_id, casting.movie_id"
        )?;
        let mut loaded: HashMap<_, Vec<_>> = HashMap::new();
        for row in rows {
            loaded.entry(MoviesOf(row.actor_id)).or_default().push(Arc::new(row.movie));
        }
        Ok(loaded)
    }
}

pub struct OverSql {
    name: &'static str,
    schema: Schema<Root, EmptyMutation, EmptySubscription>,
}

impl OverSql {
    /// The loader and the pool as they come.
    pub fn new(pool: Pool) -> OverSql {
        OverSql::with("async-graphql", DataLoader::new(Batches(pool.clone()), tokio::spawn), pool)
    }

    /// No delay before a batch, no limit to its size; give a pool that does not ping.
    pub fn tuned(pool: Pool) -> OverSql {
        let loader = DataLoader::new(Batches(pool.clone()), tokio::spawn);
        OverSql::with("async-graphql, tuned", loader.delay(Duration::ZERO).max_batch_size(usize::MAX), pool)
    }

    fn with(name: &'static str, loader: DataLoader<Batches>, pool: Pool) -> OverSql {
        let schema = Schema::build(Root, EmptyMutation, EmptySubscription).data(loader).data(pool).finish();
        OverSql { name, schema }
    }
}

impl Impl for OverSql {
    fn name(&self) -> &str {
        self.name
    }

    fn run(&self, query: Query) -> Answer<'_> {
        Box::pin(async move { serde_json::to_vec(&self.schema.execute(query.text()).await).unwrap() })
    }
}
