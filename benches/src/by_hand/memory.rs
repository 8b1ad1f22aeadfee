//! In memory: columns and edges made once, written for every request.

use super::columns::{Edges, Positions, Texts};
use super::respond;
use crate::data::Data;
use crate::query::{Answer, Impl, Query};

pub struct Memory {
    character: Texts,
    species: Texts,
    actor: Texts,
    /// The row of each actor's character.
    character_of: Vec<u32>,
    actors: Edges,
    movies: Edges,
    title: Texts,
    year: Vec<i64>,
    /// By character id.
    characters: Positions,
}

impl Memory {
    pub fn new(data: &Data) -> Memory {
        let character_ids: Vec<i64> = data.characters.iter().map(|character| character.id).collect();
        let actor_ids: Vec<i64> = data.actors.iter().map(|actor| actor.id).collect();
        let movie_ids: Vec<i64> = data.movies.iter().map(|movie| movie.id).collect();
        let of_character: Vec<i64> = data.actors.iter().map(|actor| actor.character_id).collect();
        let of_actor: Vec<i64> = data.castings.iter().map(|(actor, _)| *actor).collect();
        let (characters, movies) = (Positions::new(&character_ids), Positions::new(&movie_ids));
        Memory {
            character: texts(data.characters.iter().map(|character| Some(&*character.name))),
            species: texts(data.characters.iter().map(|character| character.species.as_deref())),
            actor: texts(data.actors.iter().map(|actor| Some(&*actor.name))),
            character_of: of_character.iter().map(|&key| characters.of(key)).collect(),
            actors: Edges::new(&character_ids, &of_character, |actor| actor as u32),
            movies: Edges::new(&actor_ids, &of_actor, |casting| movies.of(data.castings[casting].1)),
            title: texts(data.movies.iter().map(|movie| Some(&*movie.title))),
            year: data.movies.iter().map(|movie| movie.year.into()).collect(),
            characters,
        }
    }

    /// The body for a query: what all others are compared with.
    pub fn respond(&self, query: Query) -> Option<Vec<u8>> {
        Some(match query {
            Query::Flat => respond::flat(&self.character, &self.species),
            Query::OneToMany => respond::one_to_many(&self.character, &self.actors, &self.actor),
            Query::ManyToOne => {
                respond::many_to_one(&self.actor, &self.character_of, &self.character, &self.actors, &self.actor)
            }
            Query::ThreeLevels => {
                respond::three_levels(&self.character, &self.actors, &self.actor, &self.movies, &self.title, &self.year)
            }
            Query::ByKey => respond::by_key(self.character.get(self.characters.of(2) as usize)),
            _ => return None,
        })
    }
}

impl Impl for Memory {
    fn name(&self) -> &str {
        "by hand"
    }

    fn answers(&self, query: Query) -> bool {
        query.of_tables()
    }

    fn run(&self, query: Query) -> Answer<'_> {
        Box::pin(async move { self.respond(query).unwrap_or_default() })
    }
}

/// As [`Memory`], where objects repeat: each is written once and copied.
pub struct Copying(Memory);

impl Copying {
    pub fn new(data: &Data) -> Copying {
        Copying(Memory::new(data))
    }
}

impl Impl for Copying {
    fn name(&self) -> &str {
        "by hand, copying"
    }

    fn answers(&self, query: Query) -> bool {
        query == Query::ManyToOne
    }

    fn run(&self, _: Query) -> Answer<'_> {
        let Memory { character, actor, character_of, actors, .. } = &self.0;
        Box::pin(async move { respond::many_to_one_copying(actor, character_of, character, actors, actor) })
    }
}

fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> Texts {
    let mut texts = Texts::default();
    values.for_each(|value| texts.push(value));
    texts
}
