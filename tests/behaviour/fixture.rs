//! The Enterprise with movies: one to many, many to one, many to many.

use hiku::prelude::*;

use super::databases::execute;

/// Someone aboard the Enterprise.
#[node(table = "character")]
#[derive(Clone, Debug)]
pub struct Character {
    #[key]
    pub id: i64,
    pub name: String,
    pub species: Option<String>,
    /// Everyone who has played this character.
    #[link(to = Actor::character_id, all)]
    actors: Many<Actor>,
}

#[node(table = "actor")]
#[derive(Clone, Debug)]
pub struct Actor {
    #[key]
    pub id: i64,
    pub name: String,
    #[field(hidden)]
    pub character_id: i64,
    #[link(from = character_id)]
    character: One<Character>,
    #[link(through = Casting, all)]
    movies: Many<Movie>,
}

#[node(table = "movie", order = "-year, id")]
pub struct Movie {
    #[key]
    pub id: i64,
    pub title: String,
    pub year: i32,
}

#[node(table = "casting")]
pub struct Casting {
    #[key]
    pub actor_id: i64,
    #[key]
    pub movie_id: i64,
    #[link(from = actor_id)]
    actor: One<Actor>,
    #[link(from = movie_id)]
    movie: One<Movie>,
}

#[root]
pub struct Query {
    #[link(all)]
    characters: Many<Character>,
    #[link(all)]
    actors: Many<Actor>,
    #[link(by_key)]
    character: Maybe<Character>,
    #[link(by_key)]
    actor: Maybe<Actor>,
    #[link]
    movies: Many<Movie>,
}

pub const ROWS: [&str; 4] = [
    "INSERT INTO \"character\" (id, name, species) VALUES
        (1, 'James T. Kirk', 'Human'), (2, 'Spock', 'Vulcan/Human'), (3, 'Leonard McCoy', NULL)",
    "INSERT INTO actor (id, name, character_id) VALUES
        (1, 'William Shatner', 1), (2, 'Leonard Nimoy', 2), (3, 'DeForest Kelley', 3),
        (4, 'Chris Pine', 1), (5, 'Zachary Quinto', 2), (6, 'Karl Urban', 3)",
    "INSERT INTO movie (id, title, year) VALUES (1, 'The Motion Picture', 1979), (2, 'Star Trek', 2009), (3, 'Beyond', 2016)",
    "INSERT INTO casting (actor_id, movie_id) VALUES (1, 1), (2, 1), (2, 2), (4, 2), (4, 3), (5, 2), (5, 3)",
];

/// The tables with their rows, and an engine over them.
pub async fn enterprise(db: Db) -> Engine {
    hiku::sql::create_tables::<Query>(&db).await.unwrap();
    execute(&db, &ROWS).await;
    Engine::builder(Graph::new::<Query>().unwrap()).data(db).build().unwrap()
}
