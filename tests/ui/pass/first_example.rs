#![deny(warnings)]

use hiku::prelude::*;

/// Someone aboard the Enterprise.
#[node(table = "character")]
#[derive(Clone, Debug)]
pub struct Character {
    #[key]
    id: i64,
    name: String,
    species: Option<String>,
    /// Everyone who has played this character.
    #[link(to = Actor::character_id)]
    actors: Many<Actor>,
}

#[node(table = "actor")]
#[derive(Clone, Debug)]
pub struct Actor {
    #[key]
    id: i64,
    name: String,
    #[field(hidden)]
    character_id: i64,
    #[link(from = character_id)]
    character: One<Character>,
}

#[root]
pub struct Query {
    #[link(all)]
    characters: Many<Character>,
    #[link(by_key)]
    character: Maybe<Character>,
}

fn main() {
    Graph::new::<Query>().unwrap();
}
