#![deny(warnings)]

use hiku::index::Column;
use hiku::prelude::*;
use hiku::{Key, Value};
use serde_json::json;

/// What a film is about.
#[derive(Clone, Copy, Debug, PartialEq, Enum)]
pub enum Genre {
    Drama,
    /// Of the future.
    #[item(stored = "sci-fi")]
    SciFi,
    #[item(name = "MUSICALS", deprecated = "nobody sings")]
    Musical,
}

#[derive(Clone, Copy, Debug, PartialEq, Enum)]
#[enum_type(name = "Rank", stored = "integer", rename_all = "PascalCase")]
pub enum Grade {
    Ensign = 3,
    FirstOfficer,
}

/// Somewhere.
#[derive(Debug, PartialEq, Record)]
pub struct Place {
    #[field(type = ID)]
    id: i64,
    full_name: String,
    genre: Genre,
    #[field(type = BigInt)]
    people: i64,
    within: Option<Box<Place>>,
    #[field(name = "parts", deprecated)]
    pieces: Vec<Place>,
}

#[derive(Debug, PartialEq, Input)]
pub struct Wanted {
    /// What it is called.
    #[input(length(min = 1, max = 10), pattern = "^[A-Z]")]
    full_name: String,
    #[input(default = 10, range(min = -1, max = 99.5), check = even)]
    first: Option<i32>,
    note: MaybeAbsent<String>,
    #[input(default = Genre::Drama)]
    genre: Genre,
    like: Option<Box<Wanted>>,
    #[input(length(max = 2))]
    by: Vec<By>,
}

fn even(number: &i32) -> Result<()> {
    if number % 2 == 0 { Ok(()) } else { Err(Error::new("odd")) }
}

#[derive(Debug, PartialEq, Input)]
pub enum By {
    Id(ID),
    #[input(name = "title", length(min = 3))]
    FullName(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Scalar)]
#[scalar(parse = shout, serialize = whisper)]
pub struct Loud(String);

fn shout(value: &serde_json::Value) -> Result<Loud, String> {
    let text = value.as_str().ok_or("only texts are loud")?;
    Ok(Loud(text.to_uppercase()))
}

fn whisper(loud: &Loud) -> serde_json::Value {
    loud.0.to_lowercase().into()
}

#[node(table = "movie")]
pub struct Movie {
    #[key]
    id: i64,
    title: String,
    #[field(type = BigInt)]
    cost: Option<i64>,
    genre: Genre,
    #[link(from(author_nation, author_number))]
    author: One<Person>,
    author_nation: String,
    author_number: i64,
}

#[node(table = "person")]
pub struct Person {
    #[key]
    nation: String,
    #[key]
    number: i64,
    first_name: String,
}

#[node]
impl Person {
    #[field]
    fn title(first_name: &str, #[arg(length(max = 3))] of: Option<String>) -> String {
        format!("{first_name} {of:?}")
    }
    #[field]
    fn place(#[arg] wanted: Wanted, #[arg] by: Option<By>) -> Option<Place> {
        let _ = (wanted, by);
        None
    }
}

/// Whatever is found.
#[derive(Union)]
pub enum Found {
    Movie(Movie),
    Someone(Person),
}

#[derive(Interface)]
#[interface(
    name = "Entitled",
    /// How it is called.
    field(title: Option<String>),
)]
pub enum Titled {
    Movie(Movie),
    Person(Person),
}

fn column<T: Value>(values: &[T]) -> Column {
    let mut column = Column::new(T::TYPE);
    values.iter().for_each(|value| value.write_to(&mut column));
    column
}

fn place(id: i64, within: Option<Place>, pieces: Vec<Place>) -> Place {
    Place { id, full_name: format!("place {id}"), genre: Genre::SciFi, people: 1, within: within.map(Box::new), pieces }
}

fn main() {
    let genres = column(&[Genre::Musical, Genre::SciFi]);
    assert_eq!(genres.texts().collect::<Vec<_>>(), ["MUSICALS", "sci-fi"]);
    assert_eq!(Genre::read(&genres, 1), Genre::SciFi);
    assert_eq!(Genre::from_json(&json!("SCI_FI")).unwrap(), Genre::SciFi);
    assert_eq!(Genre::Musical.to_json(), json!("MUSICALS"));

    let grades = column(&[Grade::FirstOfficer]);
    assert_eq!(format!("{:?}", grades.values()), "I32([4])");
    assert_eq!(Grade::read(&grades, 0), Grade::FirstOfficer);
    assert_eq!(Grade::FirstOfficer.to_json(), json!("FirstOfficer"));

    let places = column(&[place(1, None, vec![place(2, None, vec![])]), place(3, Some(place(4, None, vec![])), vec![])]);
    assert_eq!(Place::read(&places, 0), place(1, None, vec![place(2, None, vec![])]));
    assert_eq!(Place::read(&places, 1), place(3, Some(place(4, None, vec![])), vec![]));

    let given = json!({"fullName": "Ann", "note": null, "genre": "DRAMA", "by": [{"id": 7}, {"title": "Up"}]});
    let wanted = Wanted::from_json(&given).unwrap();
    assert_eq!((wanted.first, &wanted.note), (None, &MaybeAbsent::Null));
    assert_eq!(wanted.by, [By::Id("7".into()), By::FullName("Up".into())]);
    let absent = Wanted { note: MaybeAbsent::Absent, ..wanted };
    let object = json!({"fullName": "Ann", "first": null, "genre": "DRAMA", "like": null, "by": [{"id": "7"}, {"title": "Up"}]});
    assert_eq!(absent.to_json(), object);
    assert!(By::from_json(&json!({"id": 1, "title": "Up"})).is_err());
    assert!(By::from_json(&json!({"id": null})).is_err());

    assert_eq!(Loud::from_json(&json!("hey")).unwrap(), Loud("HEY".to_owned()));
    assert_eq!(Loud::from_json(&json!(1)).unwrap_err().public_message(), "only texts are loud");
    assert_eq!(Loud("HEY".to_owned()).to_json(), json!("hey"));

    assert_eq!(FoundKey::PARTS.len(), 4);
    assert_eq!(<Found as Node>::STORED.len(), 1 + 6 + 3);
    let mut wide: Vec<_> = FoundKey::PARTS.iter().map(|ty| Column::new(ty)).collect();
    FoundKey::Someone(("NL".to_owned(), 9)).write_to(&mut wide);
    FoundKey::Movie(8).write_to(&mut wide);
    assert_eq!(format!("{:?} {:?}", wide[0].values(), wide[3].values()), "I32([1, 0]) I64([9, 0])");
    assert!(wide[1].is_null(0) && wide[2].is_null(1) && !wide[1].is_null(1));
    let _ = Many::<Found>::keys([FoundKey::Movie(1)]);
    assert_eq!(<Titled as Node>::def().name, "Entitled");
}
