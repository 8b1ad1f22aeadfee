//! Unions and interfaces: nodes that are one of several.

use std::collections::HashMap;

use hiku::prelude::*;
use hiku::testing::{Ran, run};
use serde_json::{Value as Json, json};

use super::databases::{execute, on_each};

#[node(table = "actor")]
#[derive(Clone)]
struct Actor {
    #[key]
    id: i64,
    name: String,
    born: Option<i32>,
    #[link(to = Movie::star_id, all)]
    movies: Many<Movie>,
}

#[node]
impl Actor {
    #[field]
    fn label(name: &str, #[arg(default = false)] loud: bool) -> String {
        if loud { name.to_uppercase() } else { name.to_owned() }
    }

    #[link]
    async fn related(id: &[i64]) -> Vec<Many<Found>> {
        let of = |&id: &i64| Many::keys([FoundKey::Movie(id * 10), FoundKey::Actor(id % 3 + 1)]);
        id.iter().map(of).collect()
    }

    #[link]
    async fn owner(id: &[i64]) -> Vec<Maybe<Actor>> {
        id.iter().map(|_| Maybe::none()).collect()
    }
}

#[node(table = "movie", order = "id")]
#[derive(Clone)]
struct Movie {
    #[key]
    id: i64,
    name: String,
    star_id: i64,
    #[link(from = star_id)]
    star: One<Actor>,
    born: String,
    #[link(from = star_id)]
    owner: One<Actor>,
}

#[node]
impl Movie {
    /// In capitals.
    #[field]
    async fn label(name: &[&str], #[arg(default = false)] loud: bool) -> HashMap<String, String> {
        name.iter()
            .map(|name| ((*name).to_owned(), if loud { format!("{name}!") } else { (*name).to_owned() }))
            .collect()
    }

    #[link]
    async fn related(star_id: &[i64]) -> Vec<Many<Found>> {
        star_id.iter().map(|&id| Many::keys([FoundKey::Actor(id)])).collect()
    }
}

/// Its key has two parts.
#[node(table = "prize")]
#[derive(Clone)]
struct Prize {
    #[key(type = String)]
    name: String,
    #[key(type = Int)]
    year: i32,
    worth: Option<i32>,
}

/// Whatever is found.
#[derive(Union)]
enum Found {
    Movie(Movie),
    Actor(Actor),
    Prize(Prize),
}

/// What has a name.
#[derive(Interface)]
#[interface(
    /// How it is called.
    field(name: String),
    field(label(
        /// In capitals.
        loud: bool
    ): String),
    implements(Named),
    link(related: Many<Found>),
    link(owner: Maybe<Named>),
)]
enum Labelled {
    Actor(Actor),
    Movie(Movie),
}

#[derive(Interface)]
#[interface(field(name: String), field(
    #[deprecated = "see `name`"]
    label(#[deprecated] loud: Option<bool>): Option<String>
))]
enum Titled {
    Book(Book),
}

#[node(memory)]
#[derive(Clone)]
struct Book {
    #[key]
    id: i64,
    name: String,
}

#[node]
impl Book {
    #[field]
    fn label(name: &str, #[arg] loud: Option<bool>) -> String {
        format!("{name} {loud:?}")
    }
}

#[derive(Interface)]
#[interface(field(name: String))]
enum Named {
    Prize(Prize),
    Movie(Movie),
    Actor(Actor),
}

#[root]
struct Query {
    #[link(by_key)]
    actor: Maybe<Actor>,
    #[link(by_key)]
    movie: Maybe<Movie>,
    #[link(by_key)]
    prize: Maybe<Prize>,
}

#[root]
impl Query {
    #[link]
    async fn found() -> Many<Found> {
        let prize = |year| FoundKey::Prize(("Oscar".to_owned(), year));
        Many::keys([
            FoundKey::Movie(20),
            FoundKey::Actor(1),
            prize(2009),
            FoundKey::Movie(10),
            FoundKey::Actor(1),
            prize(1979),
        ])
    }

    #[link]
    async fn gaps(#[arg] ids: Vec<Option<i64>>) -> MaybeMany<Found> {
        MaybeMany::keys(
            ids.into_iter().map(|id| id.map(|id| if id < 10 { FoundKey::Actor(id) } else { FoundKey::Movie(id) })),
        )
    }

    #[link]
    async fn must(#[arg] ids: Vec<i64>) -> Many<Found> {
        Many::keys(ids.into_iter().map(|id| if id < 10 { FoundKey::Actor(id) } else { FoundKey::Movie(id) }))
    }

    #[link]
    async fn named(#[arg] id: Option<i64>) -> Maybe<Named> {
        Maybe::key(id.map(NamedKey::Actor))
    }

    #[link]
    async fn exactly(#[arg] id: i64) -> One<Labelled> {
        One::key(LabelledKey::Movie(id))
    }

    #[link]
    async fn labelled() -> Many<Labelled> {
        Many::keys([LabelledKey::Movie(10), LabelledKey::Actor(2), LabelledKey::Actor(1)])
    }

    #[link]
    async fn book() -> Maybe<Titled> {
        Maybe::node(Titled::from(Book { id: 1, name: "Emma".into() }))
    }

    /// Whole nodes: none is loaded.
    #[link]
    fn whole() -> Many<Found> {
        let actor = Actor { id: 7, name: "Whole".into(), born: None };
        let movie = Movie { id: 70, name: "All of it".into(), star_id: 1, born: "here".into() };
        Many::nodes([Found::from(movie), actor.into(), Prize { name: "None".into(), year: 1, worth: Some(3) }.into()])
    }
}

const ROWS: [&str; 3] = [
    "INSERT INTO actor (id, name, born) VALUES (1, 'Pine', 1980), (2, 'Quinto', NULL), (3, 'Urban', 1972)",
    "INSERT INTO movie (id, name, star_id, born) VALUES (10, 'Star Trek', 1, 'LA'), (20, 'Beyond', 2, 'Dubai'), (30, 'Dredd', 3, 'Cape Town')",
    "INSERT INTO prize (name, year, worth) VALUES ('Oscar', 2009, 5), ('Oscar', 1979, NULL)",
];

async fn engine(db: Db) -> Engine {
    hiku::sql::create_tables::<Query>(&db).await.unwrap();
    execute(&db, &ROWS).await;
    build(db)
}

fn build(db: Db) -> Engine {
    let books: [Book; 0] = [];
    Engine::builder(Graph::new::<Query>().unwrap()).data(db).data(Memory::new(&books)).build().unwrap()
}

async fn ask(query: &'static str, check: impl Fn(Ran)) {
    on_each(|db| {
        let check = &check;
        async move { check(run(&engine(db).await, query).await) }
    })
    .await;
}

#[tokio::test]
async fn each_node_of_a_union_is_one_batch() {
    ask(
        "{ found { __typename ... on Movie { name star { name } } ...on Actor { id name } ... on Prize { year worth } } }",
        |ran| {
            ran.assert_json(json!({"data": {"found": [
                {"__typename": "Movie", "name": "Beyond", "star": {"name": "Quinto"}},
                {"__typename": "Actor", "id": "1", "name": "Pine"},
                {"__typename": "Prize", "year": 2009, "worth": 5},
                {"__typename": "Movie", "name": "Star Trek", "star": {"name": "Pine"}},
                {"__typename": "Actor", "id": "1", "name": "Pine"},
                {"__typename": "Prize", "year": 1979, "worth": null},
            ]}}));
            ran.assert_loads(["Query.found", "Movie[2]", "Actor[1]", "Prize[2]", "Actor[2]"]);
        },
    )
    .await;
}

#[tokio::test]
async fn fragments_on_the_union_on_interfaces_and_on_nodes() {
    ask(
        "{ found { ...all ... on Named { name } ... on Labelled { l: label(loud: true) ... on Movie { where: born } } ... { t: __typename } } }
         fragment all on Found { __typename ... on Actor { born } }",
        |ran| {
            assert_eq!(
                ran.response.to_string(),
                r#"{"data":{"found":[{"__typename":"Movie","name":"Beyond","l":"Beyond!","where":"Dubai","t":"Movie"},{"__typename":"Actor","born":1980,"name":"Pine","l":"PINE","t":"Actor"},{"__typename":"Prize","name":"Oscar","t":"Prize"},{"__typename":"Movie","name":"Star Trek","l":"Star Trek!","where":"LA","t":"Movie"},{"__typename":"Actor","born":1980,"name":"Pine","l":"PINE","t":"Actor"},{"__typename":"Prize","name":"Oscar","t":"Prize"}]}}"#
            );
        },
    )
    .await;
    on_each(|db| async move {
        let engine = engine(db).await;
        for (query, message) in [
            // The same name with other types.
            ("{ found { ... on Actor { born } ... on Movie { born } } }", "born"),
            ("{ found { name } }", "name"),
            ("{ found { ... on Query { __typename } } }", "Query"),
            ("{ labelled { born } }", "born"),
            ("{ labelled { ... on Prize { year } } }", "Prize"),
            ("{ found }", "sub"),
        ] {
            let value = engine.execute(query).await.to_value();
            assert_eq!(value.get("data"), None, "{query}: {value}");
            assert!(value["errors"][0]["message"].as_str().unwrap().contains(message), "{value}");
        }
        let query = "{ found { ... on Actor { born } ... on Movie { where: born } } }";
        let value = engine.execute(query).await.to_value();
        assert_eq!(
            value["data"]["found"],
            json!([{"where": "Dubai"}, {"born": 1980}, {}, {"where": "LA"}, {"born": 1980}, {}])
        );
    })
    .await;
}

#[tokio::test]
async fn shared_members_of_an_interface_are_selected_directly() {
    ask(
        "{ labelled { __typename name loud: label(loud: true) label(loud: false) owner { name ... on Actor { born } __typename }
             related { __typename ... on Named { name } ... on Labelled { related { ... on Actor { id } } } }
             ... on Actor { movies { name } } } }",
        |ran| {
            ran.assert_json(json!({"data": {"labelled": [
                {"__typename": "Movie", "name": "Star Trek", "loud": "Star Trek!", "label": "Star Trek", "owner": {"name": "Pine", "born": 1980, "__typename": "Actor"},
                 "related": [{"__typename": "Actor", "name": "Pine", "related": [{}, {"id": "2"}]}]},
                {"__typename": "Actor", "name": "Quinto", "loud": "QUINTO", "label": "Quinto", "owner": null,
                 "related": [{"__typename": "Movie", "name": "Beyond", "related": [{"id": "2"}]},
                             {"__typename": "Actor", "name": "Urban", "related": [{}, {"id": "1"}]}],
                 "movies": [{"name": "Beyond"}]},
                {"__typename": "Actor", "name": "Pine", "loud": "PINE", "label": "Pine", "owner": null,
                 "related": [{"__typename": "Movie", "name": "Star Trek", "related": [{"id": "1"}]},
                             {"__typename": "Actor", "name": "Quinto", "related": [{}, {"id": "3"}]}],
                 "movies": [{"name": "Star Trek"}]},
            ]}}));
        },
    )
    .await;
}

fn paths(value: &Json) -> Vec<&Json> {
    value["errors"].as_array().unwrap_or_else(|| panic!("{value}")).iter().map(|error| &error["path"]).collect()
}

#[tokio::test]
async fn keys_of_no_row_are_gaps_or_errors() {
    ask("{ gaps(ids: [1, null, 99, 20, 9]) { __typename ... on Named { name } } }", |ran| {
        let value = ran.response.to_value();
        assert_eq!(
            value["data"],
            json!({"gaps": [{"__typename": "Actor", "name": "Pine"}, null, null, {"__typename": "Movie", "name": "Beyond"}, null]}),
            "{value}"
        );
        ran.assert_loads(["Query.gaps", "Actor[2]", "Movie[2]"]);
    })
    .await;
    ask("{ must(ids: [1, 99]) { __typename } named(id: 1) { name } }", |ran| {
        let value = ran.response.to_value();
        assert_eq!(value["data"], Json::Null, "{value}");
        assert_eq!(paths(&value), [&json!(["must", 1])]);
    })
    .await;
    ask("{ named(id: 99) { name } none: named { name } some: named(id: 2) { name __typename } }", |ran| {
        let value = ran.response.to_value();
        assert_eq!(
            value,
            json!({"data": {"named": null, "none": null, "some": {"name": "Quinto", "__typename": "Actor"}}})
        );
    })
    .await;
    ask("{ exactly(id: 99) { name } }", |ran| {
        let value = ran.response.to_value();
        assert_eq!(value["data"], Json::Null);
        assert_eq!(paths(&value), [&json!(["exactly"])]);
    })
    .await;
    ask("{ exactly(id: 30) { name ... on Movie { star { born } } } }", |ran| {
        ran.assert_json(json!({"data": {"exactly": {"name": "Dredd", "star": {"born": 1972}}}}));
    })
    .await;
}

#[tokio::test]
async fn whole_nodes_are_not_loaded_but_what_is_below_them() {
    ask(
        "{ whole { __typename ... on Named { name } ... on Movie { star { name } } ... on Actor { movies { name } label(loud: true) } ... on Prize { worth } } }",
        |ran| {
            ran.assert_json(json!({"data": {"whole": [
                {"__typename": "Movie", "name": "All of it", "star": {"name": "Pine"}},
                {"__typename": "Actor", "name": "Whole", "movies": [], "label": "WHOLE"},
                {"__typename": "Prize", "name": "None", "worth": 3},
            ]}}));
            ran.assert_loads(["Query.whole", "Actor[1]", "Movie[1]"]);
        },
    )
    .await;
}

#[tokio::test]
async fn the_number_of_statements_does_not_depend_on_the_number_of_nodes() {
    on_each(|db| async move {
        let engine = engine(db).await;
        let query = "query($i: [Int]!) { gaps(ids: $i) { ... on Actor { related { ... on Movie { name } ... on Actor { name } } } ... on Movie { star { name } } } }";
        let few = engine.execute(Request::new(query).variables(json!({"i": [1, 20]}))).await.loads().len();
        let ids: Vec<i64> = (0..100).flat_map(|_| [1, 2, 3, 10, 20, 30]).collect();
        let response = engine.execute(Request::new(query).variables(json!({"i": ids}))).await;
        assert_eq!(response.loads().len(), few);
        assert_eq!(response.to_value()["data"]["gaps"].as_array().unwrap().len(), 600);
    })
    .await;
}

#[tokio::test]
async fn introspection_and_schema_know_what_is_one_of_what() {
    on_each(|db| async move {
        let engine = engine(db).await;
        let query = "{ u: __type(name: \"Found\") { kind description possibleTypes { name } fields { name } }
            i: __type(name: \"Labelled\") { kind possibleTypes { name } interfaces { name } fields { name } } a: __type(name: \"Actor\") { interfaces { name } } }";
        let mut value = engine.execute(query).await.to_value();
        let names = |value: &mut Json| {
            let mut names: Vec<String> = value.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect();
            names.sort();
            names
        };
        let data = &mut value["data"];
        assert_eq!((&data["u"]["kind"], &data["u"]["description"], &data["u"]["fields"]), (&json!("UNION"), &json!("Whatever is found."), &Json::Null));
        assert_eq!(names(&mut data["u"]["possibleTypes"]), ["Actor", "Movie", "Prize"]);
        assert_eq!(names(&mut data["i"]["possibleTypes"]), ["Actor", "Movie"]);
        assert_eq!(names(&mut data["i"]["interfaces"]), ["Named"]);
        assert_eq!(names(&mut data["i"]["fields"]), ["label", "name", "owner", "related"]);
        assert_eq!(names(&mut data["a"]["interfaces"]), ["Labelled", "Named"]);
        let sdl = engine.sdl();
        for part in [
            "\"\"\"Whatever is found.\"\"\"\nunion Found = Movie | Actor | Prize\n",
            "\"\"\"What has a name.\"\"\"\ninterface Labelled implements Named {\n  \"\"\"How it is called.\"\"\"\n  name: String!\n  label(\n    \"\"\"In capitals.\"\"\"\n    loud: Boolean!\n  ): String!\n  related: [Found!]!\n  owner: Named\n}\n",
            "interface Named {\n  name: String!\n}\n",
            "interface Titled {\n  name: String!\n  label(loud: Boolean @deprecated): String @deprecated(reason: \"see `name`\")\n}\n",
        ] {
            assert!(sdl.contains(part), "{part}\n---\n{sdl}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_null_that_cannot_be_takes_its_node_only() {
    on_each(|db| async move {
        execute(&db, &[
            "CREATE TABLE actor (id BIGINT PRIMARY KEY, name TEXT, born BIGINT)",
            "CREATE TABLE movie (id BIGINT PRIMARY KEY, name TEXT, star_id BIGINT, born TEXT)",
            "INSERT INTO actor VALUES (1, NULL, 1), (2, 'Quinto', 5000000000)",
            "INSERT INTO movie VALUES (10, 'Star Trek', NULL, 'LA')",
        ]).await;
        let engine = build(db);
        let value = engine.execute("{ gaps(ids: [1, 2, 10]) { ... on Named { name } ... on Actor { born } ... on Movie { star { id } } } }").await.to_value();
        assert_eq!(value["data"], json!({"gaps": [null, {"name": "Quinto", "born": null}, null]}), "{value}");
        assert_eq!(paths(&value), [&json!(["gaps", 0, "name"]), &json!(["gaps", 1, "born"]), &json!(["gaps", 2, "star"])]);
    })
    .await;
}

#[tokio::test]
async fn nodes_in_memory_and_of_functions_beside_each_other() {
    #[node(memory)]
    #[derive(Clone)]
    struct Ship {
        #[key]
        id: i64,
        name: String,
    }
    #[node]
    #[derive(Clone)]
    struct Star {
        #[key(type = String)]
        name: String,
    }
    #[node]
    impl Star {
        #[load]
        async fn load(name: &[&str]) -> HashMap<String, Star> {
            name.iter()
                .filter(|name| name.len() < 5)
                .map(|&name| (name.to_owned(), Star { name: name.to_owned() }))
                .collect()
        }
    }
    #[derive(Interface)]
    #[interface(field(name: String))]
    enum Seen {
        Ship(Ship),
        Star(Star),
    }
    #[root]
    struct Sky {
        #[link(all)]
        ships: Many<Ship>,
    }
    #[root]
    impl Sky {
        #[link]
        async fn seen() -> Option<MaybeMany<Seen>> {
            let star = |name: &str| Some(SeenKey::Star(name.to_owned()));
            Some(MaybeMany::keys([
                star("Sol"),
                Some(SeenKey::Ship(2)),
                None,
                star("Vulcan"),
                Some(SeenKey::Ship(9)),
                star("Sol"),
            ]))
        }
        #[link]
        async fn unseen() -> Option<Many<Seen>> {
            None
        }
        #[link]
        async fn dark() -> Result<Many<Seen>> {
            Err(Error::new("too dark"))
        }
    }
    let ships = [Ship { id: 1, name: "Enterprise".into() }, Ship { id: 2, name: "Reliant".into() }];
    let engine = Engine::builder(Graph::new::<Sky>().unwrap()).data(Memory::new(&ships)).build().unwrap();
    let ran = run(&engine, "{ seen { __typename name } unseen { name } }").await;
    ran.assert_json(json!({"data": {"seen": [{"__typename": "Star", "name": "Sol"}, {"__typename": "Ship", "name": "Reliant"}, null, null, null,
        {"__typename": "Star", "name": "Sol"}], "unseen": null}}));
    ran.assert_loads(["Sky.seen", "Sky.unseen", "Star.load[2]"]);
    let value = engine.execute("{ dark { name } }").await.to_value();
    assert_eq!(
        value,
        json!({"data": null, "errors": [{"message": "too dark", "locations": [{"line": 1, "column": 3}], "path": ["dark"]}]})
    );
}

#[derive(Clone, Copy, PartialEq, Enum)]
enum Colour {
    Red,
    Green,
}

#[derive(Clone, Record)]
struct Point {
    x: i32,
    colour: Colour,
    next: Option<Box<Point>>,
}

#[node(table = "shape")]
#[derive(Clone)]
struct Shape {
    #[key(type = Int)]
    id: i64,
    colour: Colour,
    points: Vec<Point>,
    middle: Point,
    title: Option<String>,
}

#[node]
impl Shape {
    #[field]
    async fn reds(points: &[Vec<Point>]) -> Vec<i32> {
        points.iter().map(|points| points.iter().filter(|point| point.colour == Colour::Red).count() as i32).collect()
    }
}

#[node(table = "word")]
#[derive(Clone)]
struct Word {
    #[key(type = String)]
    text: String,
    colour: Colour,
    title: String,
    #[link(from = text)]
    itself: One<Word>,
}

#[derive(Interface)]
#[interface(field(colour: Colour), field(title: Option<String>))]
enum Coloured {
    Word(Word),
    Shape(Shape),
}

#[root]
struct Coloureds {
    #[link(by_key)]
    word: Maybe<Word>,
}

#[root]
impl Coloureds {
    #[link]
    fn whole() -> Many<Coloured> {
        let point = |x, colour, next: Option<Point>| Point { x, colour, next: next.map(Box::new) };
        let shape = |id| Shape {
            id,
            colour: Colour::Green,
            points: vec![point(1, Colour::Red, None), point(2, Colour::Green, None)],
            middle: point(3, Colour::Red, Some(point(4, Colour::Green, None))),
            title: None,
        };
        let word = Word { text: "w".into(), colour: Colour::Red, title: "W".into() };
        Many::nodes([Coloured::from(word.clone()), shape(1).into(), word.into(), shape(2).into()])
    }

    #[link]
    async fn by_key() -> Many<Coloured> {
        Many::keys([ColouredKey::Shape(1), ColouredKey::Word("v".into()), ColouredKey::Shape(2)])
    }
}

#[root]
struct Change {}

#[root]
impl Change {
    #[link]
    async fn paint(#[arg] word: Option<String>, #[arg] shape: Option<i64>) -> Maybe<Coloured> {
        Maybe::key(word.map(ColouredKey::Word).or(shape.map(ColouredKey::Shape)))
    }
}

#[tokio::test]
async fn enums_records_and_lists_stand_side_by_side_in_wide_rows() {
    on_each(|db| async move {
        hiku::sql::create_tables::<Coloureds>(&db).await.unwrap();
        execute(&db, &[
            r#"INSERT INTO shape (id, colour, points, middle) VALUES (1, 'RED', '[{"x": 1, "colour": "RED"}]', '{"x": 5, "colour": "GREEN"}'),
                (2, 'blue', '[]', '{"x": 5}')"#,
            "INSERT INTO word (text, colour, title) VALUES ('v', 'GREEN', 'V'), ('w', 'RED', 'W')",
        ]).await;
        let graph = Graph::new::<Coloureds>().mutation::<Change>().unwrap();
        let engine = Engine::builder(graph).data(db).build().unwrap();
        let query = "{ whole { colour title ... on Shape { id points { x colour } middle { next { x colour } } reds } ... on Word { text itself { title } } } }";
        let shape = |id| json!({"colour": "GREEN", "title": null, "id": id, "points": [{"x": 1, "colour": "RED"}, {"x": 2, "colour": "GREEN"}],
            "middle": {"next": {"x": 4, "colour": "GREEN"}}, "reds": 1});
        let word = json!({"colour": "RED", "title": "W", "text": "w", "itself": {"title": "W"}});
        run(&engine, query).await.assert_json(json!({"data": {"whole": [word, shape(1), word, shape(2)]}}));
        let value = engine.execute("{ byKey { title ... on Shape { middle { x } reds } } }").await.to_value();
        assert_eq!(value, json!({"data": {"byKey": [{"title": null, "middle": {"x": 5}, "reds": 1}, {"title": "V"}, {"title": null, "middle": {"x": 5}, "reds": 0}]}}));
        let value = engine.execute("{ byKey { colour } }").await.to_value();
        assert_eq!(value["data"], Json::Null);
        assert_eq!(paths(&value), [&json!(["byKey", 2, "colour"])]);
        let change = "mutation { a: paint(word: \"w\") { __typename colour } b: paint(shape: 1) { __typename title colour } c: paint(shape: 7) { title } }";
        run(&engine, change).await.assert_json(json!({"data": {"a": {"__typename": "Word", "colour": "RED"},
            "b": {"__typename": "Shape", "title": null, "colour": "RED"}, "c": null}}));
    })
    .await;
}
