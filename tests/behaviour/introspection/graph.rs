//! A graph with every kind of type, whose rows are in memory.

use hiku::prelude::*;

/// What a film is about.
#[derive(Clone, Copy, Debug, PartialEq, Enum)]
pub enum Genre {
    Drama,
    /// Of the future.
    SciFi,
    #[item(deprecated = "nobody \"sings\"")]
    Musical,
    #[item(deprecated)]
    Silent,
}

/// An address on the *net*.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Scalar)]
#[scalar(specified_by = "https://example.org/address")]
pub struct Address(String);

/// Somewhere.
///
/// Or not.
#[derive(Debug, PartialEq, Record)]
pub struct Place {
    /// Its number.
    #[field(type = ID)]
    id: i64,
    full_name: String,
    #[field(type = BigInt)]
    people: i64,
    within: Option<Box<Place>>,
    #[field(deprecated)]
    parts: Vec<Option<Vec<Place>>>,
}

/// What is looked for.
#[derive(Debug, PartialEq, Input)]
pub struct Wanted {
    /// What it is called,
    /// as far as known.
    #[input(default = "?\n\"é\"")]
    full_name: String,
    #[input(default = 10)]
    first: Option<i32>,
    #[input(default = 2.0)]
    weight: f64,
    #[input(default = Genre::SciFi)]
    genre: Genre,
    #[input(default = vec![1, 2])]
    years: Vec<i32>,
    #[input(deprecated = "say `like`")]
    note: MaybeAbsent<String>,
    like: Option<Box<Wanted>>,
    by: Vec<By>,
}

#[derive(Debug, PartialEq, Input)]
pub enum By {
    /// The key.
    Id(ID),
    FullName(String),
}

#[derive(Debug, PartialEq, Input)]
pub struct Page {
    #[input(default = 10)]
    size: i32,
    #[input(default = "12")]
    after: ID,
    before: Option<ID>,
}

#[node(memory)]
#[derive(Clone)]
pub struct Movie {
    #[key]
    id: i64,
    title: String,
    homepage: Option<Address>,
    #[field(deprecated = "use `title`")]
    name: Option<String>,
    #[field(hidden)]
    author_id: i64,
    #[link(from = author_id)]
    author: One<Person>,
}

/// Someone.
#[node(memory)]
#[derive(Clone)]
pub struct Person {
    #[key]
    id: i64,
    title: String,
    /// What they wrote.
    #[link(to = Movie::author_id, all)]
    movies: Many<Movie>,
}

/// Whatever is found.
#[derive(Union)]
pub enum Found {
    Person(Person),
    Movie(Movie),
}

/// With a title.
#[derive(Interface)]
#[interface(
    implements(Keyed),
    field(id: ID),
    /// How it is called.
    field(title: Option<String>),
)]
pub enum Titled {
    Movie(Movie),
    Person(Person),
}

#[derive(Interface)]
#[interface(field(id: ID))]
pub enum Keyed {
    Movie(Movie),
    Person(Person),
}

/// Where queries start.
#[root]
pub struct Query {
    #[link(by_key)]
    movie: Maybe<Movie>,
    #[link]
    people: Many<Person>,
}

#[root]
impl Query {
    /// With arguments of every kind.
    #[field]
    fn place(
        /// What is looked for.
        #[arg]
        wanted: Wanted,
        #[arg(default = 0.1, deprecated = "unused")] weight: f64,
        #[arg(default = 1e21)] huge: f64,
        #[arg(default = vec![Some(Genre::Drama), None])] genres: Vec<Option<Genre>>,
        #[arg(default = "12")] id: ID,
        #[arg(default = Page { size: 3, after: "x".into(), before: None })] page: Page,
        #[arg(deprecated)] old: Option<Vec<Option<By>>>,
    ) -> Option<Place> {
        let _ = (wanted, weight, huge, genres, id, page, old);
        None
    }

    #[field]
    fn texts(#[arg(default = "012")] id: ID) -> Vec<Option<Vec<Vec<String>>>> {
        let _ = id;
        Vec::new()
    }

    #[link]
    fn found(#[arg] text: String) -> MaybeMany<Found> {
        let _ = text;
        MaybeMany::keys([])
    }

    #[link]
    fn titled() -> Maybe<Titled> {
        Maybe::none()
    }

    #[link]
    fn keyed() -> Maybe<Keyed> {
        Maybe::none()
    }
}

#[root]
pub struct Mutation {}

#[root]
impl Mutation {
    /// Adds one.
    #[field]
    fn add(#[arg(default = true)] really: bool) -> i32 {
        i32::from(really)
    }
}

pub fn engine() -> Engine {
    builder().build().unwrap()
}

pub fn builder() -> hiku::EngineBuilder {
    let graph = Graph::new::<Query>().mutation::<Mutation>().unwrap();
    let person = Person { id: 1, title: "Dr".into() };
    let movie = Movie { id: 1, title: "Up".into(), homepage: Some(Address("a@b".into())), name: None, author_id: 1 };
    Engine::builder(graph).data(Memory::new(&[person])).data(Memory::new(&[movie]))
}
