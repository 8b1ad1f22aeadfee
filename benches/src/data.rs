//! The rows that every implementation answers from: the same on every run.

/// Who is aboard.
pub struct Character {
    pub id: i64,
    pub name: String,
    pub species: Option<String>,
}

/// Who has played a character: ten for each.
pub struct Actor {
    pub id: i64,
    pub name: String,
    pub character_id: i64,
}

impl Actor {
    pub fn label(&self) -> String {
        format!("{} ({})", self.name, self.character_id)
    }
}

/// What an actor played in: five for each.
pub struct Movie {
    pub id: i64,
    pub title: String,
    pub year: i32,
}

/// All rows, each table in the order of its key; ids count from 1.
pub struct Data {
    pub characters: Vec<Character>,
    pub actors: Vec<Actor>,
    pub movies: Vec<Movie>,
    /// Actor and movie.
    pub castings: Vec<(i64, i64)>,
}

impl Data {
    pub fn new(characters: usize) -> Data {
        let data = Data::shaped(characters as i64, 10, 5);
        assert_eq!(data.castings.len(), 50 * characters);
        data
    }

    /// One actor each, who played in nothing: many keys in few rows.
    pub fn narrow(characters: usize) -> Data {
        Data::shaped(characters as i64, 1, 0)
    }

    fn shaped(count: i64, actors_each: i64, movies_each: i64) -> Data {
        let (actors, movies) = (actors_each * count, movies_each * count);
        let mut castings: Vec<(i64, i64)> = (1..=actors)
            .flat_map(|actor| (0..movies_each).map(move |k| (actor, 1 + (actor * 7 + k * 13) % movies)))
            .collect();
        castings.sort_unstable();
        castings.dedup();
        Data {
            characters: (1..=count)
                .map(|id| Character {
                    id,
                    name: name("Character", id),
                    species: (id % 9 != 0)
                        .then(|| ["Human", "Vulcan/Human", "Klingon", "Trill"][id as usize % 4].into()),
                })
                .collect(),
            actors: (1..=actors)
                .map(|id| Actor { id, name: name("Actor", id), character_id: 1 + (id - 1) % count })
                .collect(),
            movies: (1..=movies)
                .map(|id| Movie { id, title: name("The Motion Picture", id), year: 1966 + (id % 60) as i32 })
                .collect(),
            castings,
        }
    }

    /// The rows of the actors of each character.
    pub fn actors_of(&self) -> Vec<Vec<usize>> {
        let mut actors_of = vec![Vec::new(); self.characters.len()];
        for (row, actor) in self.actors.iter().enumerate() {
            actors_of[actor.character_id as usize - 1].push(row);
        }
        actors_of
    }

    /// The rows of the movies of each actor.
    pub fn movies_of(&self) -> Vec<Vec<usize>> {
        let mut movies_of = vec![Vec::new(); self.actors.len()];
        for (actor, movie) in &self.castings {
            movies_of[*actor as usize - 1].push(*movie as usize - 1);
        }
        movies_of
    }
}

/// Mostly plain; some with what JSON escapes, some beyond ASCII.
fn name(what: &str, id: i64) -> String {
    match id % 20 {
        3 => format!("{what} \"Bones\" {id}"),
        7 => format!("{what} \\ {id}"),
        11 => format!("{what} Łukasz Żółć {id}"),
        17 => format!("{what} 🖖 {id}"),
        _ => format!("{what} of Starfleet, number {id}"),
    }
}
