//! The queries over SQL, the same for every driver.

use super::columns::{Column, Edges, Kind, Positions, distinct};
use super::respond;
use crate::query::{Answer, Impl, Query};

/// What a driver does: one connection for a request, and rows into columns.
pub trait Driver: Send + Sync {
    const STATEMENTS: Statements;

    type Connection: Send;

    fn connection(&self) -> impl Future<Output = Self::Connection> + Send;

    fn fetch(
        &self,
        connection: &mut Self::Connection,
        statement: Statement,
        keys: Keys<'_>,
    ) -> impl Future<Output = Vec<Column>> + Send;

    /// The request has ended.
    fn release(&self, connection: Self::Connection) {
        drop(connection);
    }
}

#[derive(Clone, Copy)]
pub struct Statement {
    pub sql: &'static str,
    pub columns: &'static [Kind],
}

#[derive(Clone, Copy)]
pub enum Keys<'a> {
    None,
    One(i64),
    Many(&'a [i64]),
}

pub struct Statements {
    pub species: Statement,
    pub characters: Statement,
    pub characters_by_id: Statement,
    pub character: Statement,
    pub actors: Statement,
    pub names_of_actors: Statement,
    pub actors_of: Statement,
    pub castings_of: Statement,
    pub movies_by_id: Statement,
}

/// The statements, given how a dialect says that a column is among the keys.
macro_rules! statements {
    ($among:literal) => {{
        use $crate::by_hand::columns::Kind::{Id, Int, Text};
        use $crate::by_hand::sql::{Statement, Statements};
        Statements {
            species: Statement { sql: r#"SELECT name, species FROM "character" ORDER BY id"#, columns: &[Text, Text] },
            characters: Statement { sql: r#"SELECT id, name FROM "character" ORDER BY id"#, columns: &[Id, Text] },
            characters_by_id: Statement {
                sql: concat!(r#"SELECT id, name FROM "character" WHERE id "#, $among),
                columns: &[Id, Text],
            },
            character: Statement { sql: r#"SELECT name FROM "character" WHERE id = $1"#, columns: &[Text] },
            actors: Statement { sql: "SELECT character_id, name FROM actor ORDER BY id", columns: &[Id, Text] },
            names_of_actors: Statement {
                sql: concat!(
                    "SELECT character_id, name FROM actor WHERE character_id ",
                    $among,
                    " ORDER BY character_id, id"
                ),
                columns: &[Id, Text],
            },
            actors_of: Statement {
                sql: concat!(
                    "SELECT character_id, id, name FROM actor WHERE character_id ",
                    $among,
                    " ORDER BY character_id, id"
                ),
                columns: &[Id, Id, Text],
            },
            castings_of: Statement {
                sql: concat!(
                    "SELECT actor_id, movie_id FROM casting WHERE actor_id ",
                    $among,
                    " ORDER BY actor_id, movie_id"
                ),
                columns: &[Id, Id],
            },
            movies_by_id: Statement {
                sql: concat!("SELECT id, title, year FROM movie WHERE id ", $among),
                columns: &[Id, Text, Int],
            },
        }
    }};
}
pub(super) use statements;

pub struct ByHand<D> {
    name: &'static str,
    driver: D,
}

impl<D: Driver> ByHand<D> {
    pub fn new(name: &'static str, driver: D) -> ByHand<D> {
        ByHand { name, driver }
    }

    async fn respond(&self, query: Query) -> Vec<u8> {
        let mut connection = self.driver.connection().await;
        let statements = const { &D::STATEMENTS };
        let mut fetch = async |statement, keys| self.driver.fetch(&mut connection, statement, keys).await;
        let body = match query {
            Query::Flat => {
                let characters = fetch(statements.species, Keys::None).await;
                respond::flat(characters[0].texts(), characters[1].texts())
            }
            Query::OneToMany => {
                let characters = fetch(statements.characters, Keys::None).await;
                let ids = characters[0].ints();
                let actors = fetch(statements.names_of_actors, Keys::Many(ids)).await;
                let edges = Edges::new(ids, actors[0].ints(), |actor| actor as u32);
                respond::one_to_many(characters[1].texts(), &edges, actors[1].texts())
            }
            Query::ManyToOne => {
                let actors = fetch(statements.actors, Keys::None).await;
                let ids = distinct(actors[0].ints());
                let characters = fetch(statements.characters_by_id, Keys::Many(&ids)).await;
                let colleagues = fetch(statements.names_of_actors, Keys::Many(&ids)).await;
                let positions = Positions::new(characters[0].ints());
                let of: Vec<u32> = actors[0].ints().iter().map(|&key| positions.of(key)).collect();
                let edges = Edges::new(characters[0].ints(), colleagues[0].ints(), |actor| actor as u32);
                respond::many_to_one(actors[1].texts(), &of, characters[1].texts(), &edges, colleagues[1].texts())
            }
            Query::ThreeLevels => {
                let characters = fetch(statements.characters, Keys::None).await;
                let ids = characters[0].ints();
                let actors = fetch(statements.actors_of, Keys::Many(ids)).await;
                // Pairs first, then each movie once: a movie has many actors.
                let castings = fetch(statements.castings_of, Keys::Many(actors[1].ints())).await;
                let movies = fetch(statements.movies_by_id, Keys::Many(&distinct(castings[1].ints()))).await;
                let positions = Positions::new(movies[0].ints());
                let to_actors = Edges::new(ids, actors[0].ints(), |actor| actor as u32);
                let to_movies = Edges::new(actors[1].ints(), castings[0].ints(), |casting| {
                    positions.of(castings[1].ints()[casting])
                });
                respond::three_levels(
                    characters[1].texts(),
                    &to_actors,
                    actors[2].texts(),
                    &to_movies,
                    movies[1].texts(),
                    movies[2].ints(),
                )
            }
            Query::ByKey => {
                let character = fetch(statements.character, Keys::One(2)).await;
                let names = character[0].texts();
                respond::by_key(if names.len() == 0 { None } else { names.get(0) })
            }
            other => unreachable!("{} is asked of rows in memory only", other.name()),
        };
        self.driver.release(connection);
        body
    }
}

impl<D: Driver> Impl for ByHand<D> {
    fn name(&self) -> &str {
        self.name
    }

    fn run(&self, query: Query) -> Answer<'_> {
        Box::pin(self.respond(query))
    }
}

/// `[1,2,3]`: how SQLite is given keys.
pub fn json_keys(keys: &[i64]) -> String {
    let mut text = String::with_capacity(2 + keys.len() * 7);
    text.push('[');
    for (at, &key) in keys.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(itoa::Buffer::new().format(key));
    }
    text.push(']');
    text
}
