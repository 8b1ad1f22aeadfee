//! The graph: three nodes in memory, a union and two interfaces over them, and functions for what is not stored.

use std::cmp::Ordering;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};

use hiku::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

#[derive(Clone, Copy, PartialEq, Deserialize, Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Genre {
    Action,
    Comedy,
    Drama,
    SciFi,
}

#[derive(Clone, Copy, Enum)]
pub enum MovieSort {
    Title,
    Year,
    Rating,
}

#[derive(Interface)]
#[interface(name = "Node", field(id: ID))]
pub enum Entity {
    Character(Character),
    Actor(Actor),
    Movie(Movie),
}

#[derive(Interface)]
#[interface(field(name: String))]
pub enum Named {
    Character(Character),
    Actor(Actor),
}

#[derive(Union)]
pub enum SearchResult {
    Character(Character),
    Actor(Actor),
    Movie(Movie),
}

#[node(memory)]
#[derive(Deserialize)]
pub struct Character {
    #[key]
    id: String,
    name: String,
    nickname: Option<String>,
    #[field(hidden)]
    #[serde(rename = "actor")]
    actor_id: Option<String>,
    #[link(from = actor_id)]
    actor: Maybe<Actor>,
    #[field(hidden)]
    #[serde(rename = "movies")]
    movie_ids: Vec<String>,
    #[field(hidden)]
    #[serde(rename = "friends")]
    friend_ids: Option<Vec<String>>,
    tags: Vec<String>,
    #[field(hidden)]
    #[serde(rename = "secret")]
    sealed: Json,
}

#[node]
impl Character {
    #[link]
    fn movies(movie_ids: Vec<String>, #[arg(default = 100)] limit: Option<i32>) -> Many<Movie> {
        Many::keys(at_most(limit, movie_ids))
    }

    #[link]
    fn friends(friend_ids: Option<Vec<String>>) -> Option<MaybeMany<Character>> {
        friend_ids.map(|ids| MaybeMany::keys(ids.into_iter().map(Some)))
    }

    // Some are not told: an error of this field of this character, the others stand.
    #[field]
    fn secret(sealed: Json) -> Result<Option<String>> {
        opened(sealed)
    }
}

#[node(memory)]
#[derive(Deserialize)]
pub struct Actor {
    #[key]
    id: String,
    name: String,
    born: Option<i32>,
    #[field(hidden)]
    #[serde(rename = "bestMovie")]
    best_movie_id: Option<String>,
    #[link(from = best_movie_id)]
    best_movie: Maybe<Movie>,
    #[field(hidden)]
    #[serde(rename = "salary")]
    sealed: Json,
}

#[node]
impl Actor {
    #[link]
    fn characters(Data(world): Data<Arc<World>>, id: &str) -> Many<Character> {
        let all = world.characters.iter();
        Many::keys(all.filter(|other| other.actor_id.as_deref() == Some(id)).map(|other| other.id.clone()))
    }

    #[field]
    fn salary(sealed: Json) -> Result<i32> {
        opened(sealed)
    }
}

#[node(memory)]
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Movie {
    #[key]
    id: String,
    #[field(hidden)]
    #[serde(rename = "title")]
    stored_title: String,
    year: Option<i32>,
    rating: Option<f64>,
    genre: Genre,
    matrix: Vec<Option<Vec<i32>>>,
    #[field(hidden)]
    #[serde(rename = "summary")]
    sealed: Json,
    #[field(deprecated = "use title")]
    old_title: Option<String>,
}

#[node]
impl Movie {
    #[field]
    fn title(stored_title: &str, #[arg(default = false)] upper: bool) -> String {
        if upper { stored_title.to_uppercase() } else { stored_title.to_owned() }
    }

    // The distinct actors, in the order of their characters.
    #[link]
    fn cast(Data(world): Data<Arc<World>>, id: &str) -> Many<Actor> {
        let mut actors: Vec<String> = Vec::new();
        for actor in world.characters_of(id).filter_map(|character| character.actor_id.as_ref()) {
            if !actors.contains(actor) {
                actors.push(actor.clone());
            }
        }
        Many::keys(actors)
    }

    #[link]
    fn characters(Data(world): Data<Arc<World>>, id: &str) -> Many<Character> {
        Many::keys(world.characters_of(id).map(|character| character.id.clone()))
    }

    // Others of the same genre; null for a movie of no known year.
    #[link]
    fn related(
        Data(world): Data<Arc<World>>,
        id: &str,
        year: Option<i32>,
        genre: Genre,
        #[arg] filter: Option<MovieFilter>,
    ) -> Option<Many<Movie>> {
        year?;
        let others = world.movies.iter().filter(|other| other.id != id && other.genre == genre);
        let matching = others.filter(|other| filter.as_ref().is_none_or(|filter| filter.matches(other)));
        Some(Many::keys(matching.map(|other| other.id.clone())))
    }

    #[field]
    fn summary(sealed: Json, #[arg] length: i32) -> Result<Option<String>> {
        let text: Option<String> = opened(sealed)?;
        Ok(text.map(|text| at_most(Some(length), text.chars()).collect()))
    }
}

#[derive(Record)]
pub struct Point {
    x: i32,
    y: Option<i32>,
    tags: Option<Vec<String>>,
    nested: Option<Box<Point>>,
}

#[derive(Input)]
pub struct PointInput {
    #[input(default = 1)]
    x: i32,
    #[input(default = 2)]
    y: Option<i32>,
    tags: Option<Vec<String>>,
    nested: Option<Box<PointInput>>,
}

impl From<PointInput> for Point {
    fn from(PointInput { x, y, tags, nested }: PointInput) -> Self {
        Point { x, y, tags, nested: nested.map(|nested| Box::new((*nested).into())) }
    }
}

#[derive(Clone, Input)]
pub struct MovieFilter {
    genre: Option<Genre>,
    genres: Option<Vec<Genre>>,
    #[input(default = 1900)]
    min_year: Option<i32>,
    title: Option<StringMatch>,
    and: Option<Vec<MovieFilter>>,
}

impl MovieFilter {
    fn matches(&self, movie: &Movie) -> bool {
        let MovieFilter { genre, genres, min_year, title, and } = self;
        genre.is_none_or(|genre| genre == movie.genre)
            && genres.as_ref().is_none_or(|genres| genres.contains(&movie.genre))
            && min_year.is_none_or(|least| movie.year.is_none_or(|year| year >= least))
            && title.as_ref().is_none_or(|title| title.matches(&movie.stored_title))
            && and.as_ref().is_none_or(|all| all.iter().all(|filter| filter.matches(movie)))
    }
}

#[derive(Clone, Input)]
pub enum StringMatch {
    Eq(String),
    Contains(String),
    Prefix(String),
}

impl StringMatch {
    fn matches(&self, text: &str) -> bool {
        match self {
            StringMatch::Eq(wanted) => text == wanted,
            StringMatch::Contains(part) => text.contains(part.as_str()),
            StringMatch::Prefix(start) => text.starts_with(start.as_str()),
        }
    }
}

#[derive(Input)]
pub enum Lookup {
    Character(ID),
    Actor(ID),
    Movie(ID),
}

#[root]
pub struct Query {
    #[link(by_key)]
    character: Maybe<Character>,
    #[link(by_key)]
    actor: Maybe<Actor>,
    #[link(by_key)]
    movie: Maybe<Movie>,
}

#[root]
impl Query {
    #[link]
    async fn characters(
        Data(world): Data<Arc<World>>,
        #[arg(default = 100)] limit: Option<i32>,
        #[arg(default = 0)] offset: i32,
    ) -> Many<Character> {
        let rest = world.characters.iter().skip(offset.max(0) as usize);
        Many::keys(at_most(limit, rest).map(|character| character.id.clone()))
    }

    #[link]
    async fn actors(Data(world): Data<Arc<World>>, #[arg] ids: Option<Vec<ID>>) -> MaybeMany<Actor> {
        match ids {
            Some(ids) => MaybeMany::keys(ids.into_iter().map(|id| Some(id.0))),
            None => MaybeMany::keys(world.actors.iter().map(|actor| Some(actor.id.clone()))),
        }
    }

    #[link]
    async fn movies(
        Data(world): Data<Arc<World>>,
        #[arg] filter: Option<MovieFilter>,
        #[arg(default = MovieSort::Title)] sort: MovieSort,
    ) -> Many<Movie> {
        let all = world.movies.iter();
        let mut movies: Vec<&Movie> =
            all.filter(|movie| filter.as_ref().is_none_or(|filter| filter.matches(movie))).collect();
        match sort {
            MovieSort::Title => movies.sort_by(|a, b| a.stored_title.cmp(&b.stored_title)),
            MovieSort::Year => movies.sort_by_key(|movie| movie.year.unwrap_or(-1)),
            MovieSort::Rating => movies.sort_by(|a, b| {
                let rating = |movie: &Movie| movie.rating.unwrap_or(-1.0);
                rating(a).partial_cmp(&rating(b)).unwrap_or(Ordering::Equal)
            }),
        }
        Many::keys(movies.into_iter().map(|movie| movie.id.clone()))
    }

    #[link]
    async fn node(Data(world): Data<Arc<World>>, #[arg] id: ID) -> Maybe<Entity> {
        Maybe::key(world.entity(id))
    }

    #[link]
    async fn nodes(Data(world): Data<Arc<World>>, #[arg] ids: Vec<ID>) -> MaybeMany<Entity> {
        MaybeMany::keys(ids.into_iter().map(|id| world.entity(id)))
    }

    #[link]
    async fn named(Data(world): Data<Arc<World>>) -> Many<Named> {
        let characters = world.characters.iter().map(|character| NamedKey::Character(character.id.clone()));
        Many::keys(characters.chain(world.actors.iter().map(|actor| NamedKey::Actor(actor.id.clone()))))
    }

    #[link]
    async fn search(
        Data(world): Data<Arc<World>>,
        #[arg] text: String,
        #[arg(default = 5)] first: Option<i32>,
    ) -> Many<SearchResult> {
        use SearchResultKey as Key;
        let found = |name: &str| name.contains(&text);
        let characters = world.characters.iter().filter(|character| found(&character.name));
        let actors = world.actors.iter().filter(|actor| found(&actor.name));
        let movies = world.movies.iter().filter(|movie| found(&movie.stored_title));
        let all = characters
            .map(|character| Key::Character(character.id.clone()))
            .chain(actors.map(|actor| Key::Actor(actor.id.clone())))
            .chain(movies.map(|movie| Key::Movie(movie.id.clone())));
        Many::keys(at_most(first, all))
    }

    #[link]
    async fn lookup(#[arg] by: Lookup) -> Maybe<SearchResult> {
        Maybe::key(match by {
            Lookup::Character(id) => SearchResultKey::Character(id.0),
            Lookup::Actor(id) => SearchResultKey::Actor(id.0),
            Lookup::Movie(id) => SearchResultKey::Movie(id.0),
        })
    }

    #[field]
    fn echo_int(#[arg] v: Option<i32>) -> Option<i32> {
        v
    }

    #[field]
    fn echo_float(#[arg] v: Option<f64>) -> Option<f64> {
        v
    }

    #[field]
    fn echo_string(#[arg(default = "dflt")] v: Option<String>) -> Option<String> {
        v
    }

    #[field]
    fn echo_bool(#[arg] v: Option<bool>) -> Option<bool> {
        v
    }

    #[field]
    fn echo_id(#[arg] v: Option<ID>) -> Option<ID> {
        v
    }

    #[field]
    fn echo_genre(#[arg] v: Option<Genre>) -> Option<Genre> {
        v
    }

    #[field]
    fn echo_ints(#[arg] v: Option<Vec<Option<i32>>>) -> Option<Vec<Option<i32>>> {
        v
    }

    #[field]
    fn echo_matrix(#[arg] v: Option<Vec<Option<Vec<i32>>>>) -> Option<Vec<Option<Vec<i32>>>> {
        v
    }

    #[field]
    fn echo_point(#[arg] p: Option<PointInput>) -> Option<Point> {
        p.map(Into::into)
    }
}

#[root]
pub struct Mutation {}

#[root]
impl Mutation {
    #[field]
    async fn reset(Data(counter): Data<Counter>, #[arg(default = 0)] to: i32) -> i32 {
        counter.0.store(to, Relaxed);
        to
    }

    #[field]
    async fn bump(Data(counter): Data<Counter>, #[arg(default = 1)] by: i32) -> i32 {
        counter.0.fetch_add(by, Relaxed).wrapping_add(by)
    }

    #[field]
    async fn bump_fail(Data(counter): Data<Counter>) -> Result<Option<i32>> {
        counter.0.fetch_add(1, Relaxed);
        Err(Error::new("bump failed"))
    }
}

/// What the mutations of one request count.
#[derive(Clone, Default)]
pub struct Counter(Arc<AtomicI32>);

/// The rows of `data.json`, in their order.
#[derive(Deserialize)]
pub struct World {
    actors: Vec<Actor>,
    movies: Vec<Movie>,
    characters: Vec<Character>,
}

impl World {
    fn characters_of(&self, movie: &str) -> impl Iterator<Item = &Character> {
        self.characters.iter().filter(move |character| character.movie_ids.iter().any(|id| id == movie))
    }

    fn entity(&self, ID(id): ID) -> Option<EntityKey> {
        if self.characters.iter().any(|character| character.id == id) {
            Some(EntityKey::Character(id))
        } else if self.actors.iter().any(|actor| actor.id == id) {
            Some(EntityKey::Actor(id))
        } else {
            self.movies.iter().any(|movie| movie.id == id).then_some(EntityKey::Movie(id))
        }
    }
}

/// The engine over `data.json`; each request gives a [`Counter`].
pub fn engine() -> Result<Engine> {
    let world: World = serde_json::from_str(include_str!("data.json"))?;
    let engine = Engine::builder(Graph::new::<Query>().mutation::<Mutation>()?)
        .data(Memory::new(&world.characters))
        .data(Memory::new(&world.actors))
        .data(Memory::new(&world.movies))
        .data(Arc::new(world))
        .request_data::<Counter>()
        .build()?;
    Ok(engine)
}

/// At most `limit` items; a null limit is none.
fn at_most<I: IntoIterator>(limit: Option<i32>, items: I) -> impl Iterator<Item = I::Item> {
    items.into_iter().take(limit.map_or(usize::MAX, |limit| limit.max(0) as usize))
}

/// A value of the data, or the error that stands in its place as `{"$error": "…"}`.
fn opened<T: DeserializeOwned>(sealed: Json) -> Result<T> {
    match sealed.get("$error").and_then(Json::as_str) {
        Some(message) => Err(Error::new(message)),
        None => Ok(serde_json::from_value(sealed)?),
    }
}
