//! hiku, as a user writes it: once over tables, once over rows in memory.

use hiku::sql::Db;
use hiku::{Engine, Graph, Result};

use crate::data::Data;
use crate::query::{Answer, Impl, Query};

pub struct Hiku {
    name: &'static str,
    engine: Engine,
}

impl Hiku {
    pub fn over_sql(name: &'static str, db: Db) -> Result<Hiku> {
        Ok(Hiku { name, engine: Engine::builder(Graph::new::<tables::Query>()?).data(db).build()? })
    }

    pub fn in_memory(data: &Data) -> Result<Hiku> {
        let engine = Engine::builder(Graph::new::<memory::Query>()?)
            .data(memory::characters(data))
            .data(memory::actors(data))
            .data(memory::movies(data))
            .data(memory::castings(data));
        Ok(Hiku { name: "hiku", engine: engine.build()? })
    }

    pub fn ask<'a>(&'a self, text: &'a str) -> Answer<'a> {
        Box::pin(async move { self.engine.execute(text).await.into_bytes() })
    }
}

impl Impl for Hiku {
    fn name(&self) -> &str {
        self.name
    }

    fn run(&self, query: Query) -> Answer<'_> {
        self.ask(query.text())
    }
}

mod tables {
    use hiku::prelude::*;

    #[node(table = "character")]
    pub struct Character {
        #[key]
        id: i64,
        name: String,
        species: Option<String>,
        #[link(to = Actor::character_id, all)]
        actors: Many<Actor>,
    }

    #[node(table = "actor")]
    pub struct Actor {
        #[key]
        id: i64,
        name: String,
        #[field(hidden)]
        character_id: i64,
        #[link(from = character_id)]
        character: One<Character>,
        #[link(through = Casting, all)]
        movies: Many<Movie>,
    }

    #[node(table = "movie")]
    pub struct Movie {
        #[key]
        id: i64,
        title: String,
        year: i32,
    }

    #[node(table = "casting")]
    pub struct Casting {
        #[key]
        actor_id: i64,
        #[key]
        movie_id: i64,
        #[link(from = actor_id)]
        actor: One<Actor>,
        #[link(from = movie_id)]
        movie: One<Movie>,
    }

    #[root]
    pub struct Query {
        #[link(all)]
        characters: Many<Character>,
        #[link(page = 10, max = 100_000)]
        some: Many<Character>,
        #[link(all)]
        actors: Many<Actor>,
        #[link(by_key)]
        character: Maybe<Character>,
    }
}

mod memory {
    use hiku::prelude::*;

    use crate::data::Data;

    #[node(memory)]
    pub struct Character {
        #[key]
        id: i64,
        name: String,
        species: Option<String>,
        #[link(to = Actor::character_id, all)]
        actors: Many<Actor>,
        #[link(to = Actor::character_id, page = 10, max = 100)]
        some: Many<Actor>,
    }

    #[node(memory)]
    pub struct Actor {
        #[key]
        id: i64,
        name: String,
        #[field(hidden)]
        character_id: i64,
        #[link(from = character_id)]
        character: One<Character>,
        #[link(through = Casting, all)]
        movies: Many<Movie>,
    }

    #[node]
    impl Actor {
        #[field]
        fn label(name: &str, character_id: i64) -> String {
            format!("{name} ({character_id})")
        }
    }

    #[node(memory)]
    pub struct Movie {
        #[key]
        id: i64,
        title: String,
        year: i32,
    }

    #[node(memory)]
    pub struct Casting {
        #[key]
        actor_id: i64,
        #[key]
        movie_id: i64,
        #[link(from = actor_id)]
        actor: One<Actor>,
        #[link(from = movie_id)]
        movie: One<Movie>,
    }

    #[root]
    pub struct Query {
        #[link(all)]
        characters: Many<Character>,
        #[link(page = 10, max = 100_000)]
        some: Many<Character>,
        #[link(all)]
        actors: Many<Actor>,
        #[link(by_key)]
        character: Maybe<Character>,
    }

    pub fn characters(data: &Data) -> Memory<Character> {
        let rows = data.characters.iter();
        let rows = rows.map(|row| Character { id: row.id, name: row.name.clone(), species: row.species.clone() });
        Memory::new(&rows.collect::<Vec<_>>())
    }

    pub fn actors(data: &Data) -> Memory<Actor> {
        let rows = data.actors.iter();
        let rows = rows.map(|row| Actor { id: row.id, name: row.name.clone(), character_id: row.character_id });
        Memory::new(&rows.collect::<Vec<_>>())
    }

    pub fn movies(data: &Data) -> Memory<Movie> {
        let rows = data.movies.iter().map(|row| Movie { id: row.id, title: row.title.clone(), year: row.year });
        Memory::new(&rows.collect::<Vec<_>>())
    }

    pub fn castings(data: &Data) -> Memory<Casting> {
        let rows = data.castings.iter().map(|&(actor_id, movie_id)| Casting { actor_id, movie_id });
        Memory::new(&rows.collect::<Vec<_>>())
    }
}
