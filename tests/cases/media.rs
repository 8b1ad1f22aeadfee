//! A library of media: a union, and an interface with links.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use hiku::prelude::*;
use serde::Deserialize;
use serde_json::Value as Json;

/// What there is, and which functions were called.
#[derive(Clone)]
pub struct Library(Arc<Shelves>, Arc<Mutex<Vec<&'static str>>>);

#[derive(Deserialize)]
struct Shelves {
    persons: BTreeMap<i32, Person>,
    audios: BTreeMap<i32, Audio>,
    videos: BTreeMap<i32, Video>,
    notes: BTreeMap<i32, Note>,
    root: Places,
    /// By the kind and the id of what they belong to.
    #[serde(skip)]
    collections: HashMap<(&'static str, i32), Vec<Place>>,
}

/// The kind and the id of something.
type Place = (String, i32);

#[derive(Deserialize)]
struct Places {
    library: Vec<Place>,
    featured: Place,
    assets: Vec<Place>,
}

impl Library {
    pub fn new(data: &Json) -> Self {
        let mut shelves: Shelves = serde_json::from_value(data.clone()).unwrap();
        for (kind, list) in [("persons", "favourites"), ("audios", "collection"), ("videos", "collection")] {
            for (id, of) in data[kind].as_object().unwrap() {
                let places = serde_json::from_value(of[list].clone()).unwrap();
                shelves.collections.insert((kind, id.parse().unwrap()), places);
            }
        }
        Library(Arc::new(shelves), Arc::default())
    }

    /// Which functions were called, once per call.
    pub fn calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.1.lock().unwrap())
    }

    fn called(&self, function: &'static str) -> &Shelves {
        self.1.lock().unwrap().push(function);
        &self.0
    }
}

fn media((kind, id): &Place) -> MediaKey {
    match kind.as_str() {
        "Audio" => MediaKey::Audio(*id),
        "Video" => MediaKey::Video(*id),
        _ => MediaKey::Note(*id),
    }
}

fn asset((kind, id): &Place) -> AssetKey {
    if kind == "Audio" { AssetKey::Audio(*id) } else { AssetKey::Video(*id) }
}

#[derive(Interface)]
#[interface(
    field(id: i32),
    field(title: String),
    link(author: Maybe<Person>),
    link(collection: Many<Asset>),
)]
pub enum Asset {
    Audio(Audio),
    Video(Video),
}

#[derive(Union)]
pub enum Media {
    Audio(Audio),
    Video(Video),
    Note(Note),
}

#[node]
#[derive(Clone, Deserialize)]
pub struct Person {
    #[key(type = Int)]
    id: i32,
    name: String,
}

#[node]
impl Person {
    #[load]
    fn load(Data(library): Data<Library>, id: &[i32]) -> HashMap<i32, Person> {
        let persons = &library.called("Person.fields").persons;
        id.iter().filter_map(|id| Some((*id, persons.get(id)?.clone()))).collect()
    }

    #[link]
    async fn favourites(Data(library): Data<Library>, id: &[i32]) -> Vec<Many<Media>> {
        let collections = &library.called("Person.favourites").collections;
        id.iter().map(|&id| Many::keys(collections[&("persons", id)].iter().map(media))).collect()
    }
}

#[node]
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Audio {
    #[key(type = Int)]
    id: i32,
    title: String,
    #[field(hidden)]
    author_id: Option<i32>,
    seconds: i32,
    #[link(from = author_id)]
    author: Maybe<Person>,
}

#[node]
impl Audio {
    #[load]
    async fn load(Data(library): Data<Library>, id: &[i32]) -> HashMap<i32, Audio> {
        let audios = &library.called("Audio.fields").audios;
        id.iter().filter_map(|id| Some((*id, audios.get(id)?.clone()))).collect()
    }

    #[link]
    fn collection(Data(library): Data<Library>, id: &[i32]) -> Vec<Many<Asset>> {
        let collections = &library.called("Audio.collection").collections;
        id.iter().map(|&id| Many::keys(collections[&("audios", id)].iter().map(asset))).collect()
    }
}

#[node]
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Video {
    #[key(type = Int)]
    id: i32,
    title: String,
    #[field(hidden)]
    author_id: Option<i32>,
    #[link(from = author_id)]
    author: Maybe<Person>,
}

#[node]
impl Video {
    #[load]
    fn load(Data(library): Data<Library>, id: &[i32]) -> HashMap<i32, Video> {
        let videos = &library.called("Video.fields").videos;
        id.iter().filter_map(|id| Some((*id, videos.get(id)?.clone()))).collect()
    }

    #[link]
    fn collection(Data(library): Data<Library>, id: &[i32]) -> Vec<Many<Asset>> {
        let collections = &library.called("Video.collection").collections;
        id.iter().map(|&id| Many::keys(collections[&("videos", id)].iter().map(asset))).collect()
    }

    #[field]
    fn thumb(id: i32, #[arg(default = 100)] size: i32) -> String {
        format!("/t/{id}-{size}.png")
    }
}

#[node]
#[derive(Clone, Deserialize)]
pub struct Note {
    #[key(type = Int)]
    id: i32,
    text: String,
}

#[node]
impl Note {
    #[load]
    fn load(Data(library): Data<Library>, id: &[i32]) -> HashMap<i32, Note> {
        let notes = &library.called("Note.fields").notes;
        id.iter().filter_map(|id| Some((*id, notes.get(id)?.clone()))).collect()
    }
}

#[root]
pub struct Query {}

#[root]
impl Query {
    #[link]
    fn library(Data(library): Data<Library>) -> Many<Media> {
        Many::keys(library.called("Query.library").root.library.iter().map(media))
    }

    #[link]
    async fn featured(Data(library): Data<Library>) -> One<Media> {
        One::key(media(&library.called("Query.featured").root.featured))
    }

    #[link]
    fn maybe_featured(Data(library): Data<Library>, #[arg] found: bool) -> Maybe<Media> {
        let place = &library.called("Query.maybeFeatured").root.featured;
        Maybe::key(found.then(|| media(place)))
    }

    #[link]
    fn assets(Data(library): Data<Library>) -> Many<Asset> {
        Many::keys(library.called("Query.assets").root.assets.iter().map(asset))
    }

    #[link]
    async fn asset(Data(library): Data<Library>, #[arg] kind: String) -> Maybe<Asset> {
        library.called("Query.asset");
        Maybe::key(match kind.as_str() {
            "audio" => Some(AssetKey::Audio(1)),
            "video" => Some(AssetKey::Video(1)),
            _ => None,
        })
    }

    #[link]
    fn person(Data(library): Data<Library>, #[arg] id: i32) -> Maybe<Person> {
        Maybe::key(library.called("Query.person").persons.contains_key(&id).then_some(id))
    }

    #[link]
    fn no_media(Data(library): Data<Library>) -> Many<Media> {
        library.called("Query.noMedia");
        Many::keys([])
    }
}

pub fn graph() -> Graph {
    Graph::new::<Query>().unwrap()
}
