//! One expansion per construct, recorded in `expanded/`: `HIKU_BLESS=1 cargo test -p hiku-derive` records what is printed now.

use std::fs;
use std::path::Path;

use proc_macro2::TokenStream;

use super::{node, pretty, root};
use crate::ast::Abstract;
use crate::expand::{derive_cases, derive_enum, derive_input, derive_record, derive_scalar};

#[track_caller]
fn check(name: &str, tokens: TokenStream) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/expanded").join(format!("{name}.rs"));
    let printed = pretty(tokens);
    if std::env::var_os("HIKU_BLESS").is_some() {
        fs::write(&file, &printed).unwrap();
    }
    let recorded = fs::read_to_string(&file).unwrap_or_default();
    assert!(recorded == printed, "{} differs from what is printed now:\n{printed}", file.display());
}

#[test]
fn struct_with_a_table() {
    let item = "
        /// Someone aboard the Enterprise.
        #[derive(Clone)]
        pub struct Character {
            #[key]
            id: i64,
            /// As on the badge.
            #[field(name = \"title\", column = \"full_name\")]
            name: String,
            #[field(hidden, deprecated = \"use `name`\")]
            species: Option<String>,
            #[field(sql = \"lower(full_name)\")]
            lower: String,
            #[cfg(feature = \"ranks\")]
            #[field(type = Int)]
            rank: i32,
        }";
    check("struct_with_a_table", node("table = \"character\"", item));
}

#[test]
fn struct_with_everything_about_its_table() {
    let args = "table = \"ship\", schema = \"fleet\", view = \"SELECT * FROM ship\", filter = \"sunk IS NULL\", scope = tenant, \
                order = \"-number\", db = Reports, name = \"Vessel\", rename_all = \"snake_case\", crate = graphs::hiku, parts(cargo)";
    check(
        "struct_with_everything_about_its_table",
        node(args, "struct Ship { #[key] fleet: Uuid, #[key(type = Int)] number: i64 }"),
    );
}

#[test]
fn struct_in_memory() {
    check("struct_in_memory", node("memory", "struct Planet { #[key] code: String }"));
}

#[test]
fn struct_without_a_source() {
    check("struct_without_a_source", node("", "struct Star { #[key] id: i64 }"));
}

#[test]
fn link_to() {
    let item = "struct Ship { #[key] id: i64, #[link(to = Person::ship_id, page = 10, order = \"-name\")] crew: Many<Person> }";
    check("link_to", node("table = \"ship\"", item));
}

#[test]
fn link_from() {
    let item = "struct Person { #[key] id: i64, ship_id: i64, #[link(from = ship_id)] ship: One<Ship> }";
    check("link_from", node("table = \"person\"", item));
}

#[test]
fn link_from_two_fields() {
    let item =
        "struct Person { #[key] id: i64, fleet: i64, number: i64, #[link(from(fleet, number))] ship: Maybe<Ship> }";
    check("link_from_two_fields", node("table = \"person\"", item));
}

#[test]
fn link_through() {
    let item = "struct Ship {
        #[key]
        id: i64,
        #[link(through = Visit, all)]
        planets: Many<Planet>,
        #[link(through = Alliance, from = a_id, to = b_id)]
        allies: Many<Ship>,
    }";
    check("link_through", node("table = \"ship\"", item));
}

#[test]
fn link_by_statement() {
    let item = "struct Ship {
        #[key]
        id: i64,
        #[link(sql = \"SELECT ship_id, id FROM person WHERE ship_id IN {keys}\")]
        crew: Many<Person>,
    }";
    check("link_by_statement", node("table = \"ship\"", item));
}

#[test]
fn impl_per_row() {
    let item = "impl Ship {
        /// Loud.
        #[field]
        fn shout(name: &str, class: Option<&str>, Data(scale): Data<Scale>, #[arg(default = 1)] times: i32) -> String {
            name.repeat(times)
        }
    }";
    check("impl_per_row", node("", item));
}

#[test]
fn impl_per_batch() {
    let item = "impl Ship {
        #[field]
        fn masses(id: &[i64], class: &[Option<&str>]) -> Vec<f64> { Vec::new() }
    }";
    check("impl_per_batch", node("", item));
}

#[test]
fn impl_that_blocks() {
    let item = "impl Star {
        #[load(blocking)]
        fn load(id: &[i64]) -> Vec<Option<Star>> { Vec::new() }
        #[field(blocking, name = \"size\")]
        fn masses(id: &[i64]) -> Vec<f64> { Vec::new() }
    }";
    check("impl_that_blocks", node("", item));
}

#[test]
fn impl_async() {
    let item = "impl Ship {
        #[link]
        async fn sisters(
            Data(db): Data<Db>,
            context: &Context,
            id: &[i64],
            /// How many.
            #[arg(default = 10, deprecated)]
            first: i32,
        ) -> Result<HashMap<i64, Many<Ship>>> { query(db, id, first).await }
    }";
    check("impl_async", node("", item));
}

#[test]
fn impl_with_load() {
    check(
        "impl_with_load",
        node("", "impl Star { #[load] async fn load(id: &[i64]) -> HashMap<i64, Star> { stars(id).await } }"),
    );
}

#[test]
fn impl_of_a_part() {
    check("impl_of_a_part", node("part = cargo", "impl Ship { #[field] fn weight(mass: f64) -> f64 { mass * 9.81 } }"));
}

#[test]
fn root_with_links() {
    let item = "pub struct Query {
        #[link(all)]
        ships: Many<Ship>,
        #[link(page = 10, max = 50, order = \"name\")]
        people: Many<Person>,
        #[link(by_key)]
        ship: Maybe<Ship>,
    }";
    check("root_with_links", root("", item));
}

#[test]
fn root_with_functions() {
    let item = "impl Query { #[field] async fn greeting(#[arg] whom: String) -> String { format!(\"hello {whom}\") } }";
    check("root_with_functions", root("", item));
}

#[test]
fn root_with_transactions() {
    let item = "impl Mutation {
        #[field(transaction)] async fn launch() -> Result<i32> { Ok(1) }
        #[link(transaction = Reports)] async fn report() -> One<Report> { One::key(1) }
    }";
    check("root_with_transactions", root("", item));
}

#[test]
fn scalar() {
    let item =
        "/// An address.\n#[scalar(name = \"Mail\", specified_by = \"https://example.org\")] struct Email(String);";
    check("scalar", derive_scalar(item.parse().unwrap()));
}

#[test]
fn scalar_with_functions() {
    let item = "#[scalar(parse = Email::parse, serialize = print)] struct Email(String);";
    check("scalar_with_functions", derive_scalar(item.parse().unwrap()));
}

#[test]
fn enum_as_text() {
    let item = "
        /// What a film is about.
        #[enum_type(name = \"Kind\")]
        pub enum Genre {
            Drama,
            /// Of the future.
            #[item(stored = \"sci-fi\")]
            SciFi,
            #[item(name = \"MUSICALS\", deprecated)]
            Musical,
        }";
    check("enum_as_text", derive_enum(item.parse().unwrap()));
}

#[test]
fn enum_as_integers() {
    let item = "#[enum_type(stored = \"integer\", rename_all = \"PascalCase\")] enum Grade { Ensign = 3, Captain }";
    check("enum_as_integers", derive_enum(item.parse().unwrap()));
}

#[test]
fn record() {
    let item = "
        /// Somewhere.
        pub struct Place {
            #[field(type = ID)]
            id: i64,
            /// In full.
            full_name: String,
            #[field(type = BigInt)]
            people: Option<i64>,
            within: Option<Box<Place>>,
            #[field(name = \"parts\", deprecated = \"use `within`\")]
            pieces: Vec<Place>,
        }";
    check("record", derive_record(item.parse().unwrap()));
}

#[test]
fn input() {
    let item = "
        #[input(name = \"Wish\")]
        pub struct Wanted {
            /// What it is called.
            #[input(length(min = 1, max = 10), pattern = \"^[A-Z]\")]
            full_name: String,
            #[input(default = 10, range(min = -1, max = 99.5), check = even)]
            first: Option<i32>,
            note: MaybeAbsent<String>,
            #[input(deprecated)]
            like: Option<Box<Wanted>>,
        }";
    check("input", derive_input(item.parse().unwrap()));
}

#[test]
fn input_of_one_field() {
    let item = "pub enum By { Id(ID), #[input(name = \"title\", length(min = 3))] FullName(String) }";
    check("input_of_one_field", derive_input(item.parse().unwrap()));
}

#[test]
fn union() {
    let item = "/// Whatever is found.\npub(crate) enum Found { Movie(Movie), Someone(people::Person) }";
    check("union", derive_cases(Abstract::Union, item.parse().unwrap()));
}

#[test]
fn interface() {
    let item = "
        #[interface(
            implements(Entity),
            /// How it is called.
            field(title(upper: Option<bool>): String),
            link(author: Maybe<Person>),
        )]
        enum Titled { Movie(Movie), Book(Book) }";
    check("interface", derive_cases(Abstract::Interface, item.parse().unwrap()));
}

#[test]
fn stub_of_a_node_with_a_mistake() {
    let item = "struct Person { #[key] id: i64, ship_id: i64, #[link(from = ship_id)] ship: One<Ship>, #[link] pets: Many<Pet> }";
    check("stub_of_a_node_with_a_mistake", node("table = \"person\"", item));
}

#[test]
fn stub_of_a_root_with_a_mistake() {
    check("stub_of_a_root_with_a_mistake", root("", "struct Query { version: i64 }"));
}

#[test]
fn stub_of_a_scalar_with_a_mistake() {
    check("stub_of_a_scalar_with_a_mistake", derive_scalar("struct Point(i64, i64);".parse().unwrap()));
}

#[test]
fn stub_of_values_with_a_mistake() {
    check(
        "stub_of_values_with_a_mistake",
        derive_record("struct Place { name: String, ships: Many<Ship> }".parse().unwrap()),
    );
}

#[test]
fn stub_of_a_union_with_a_mistake() {
    check("stub_of_a_union_with_a_mistake", derive_cases(Abstract::Union, "enum Found { Nothing }".parse().unwrap()));
}
