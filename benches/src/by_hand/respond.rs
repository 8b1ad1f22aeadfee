//! The five response bodies, from columns.

use super::columns::{Edges, Texts};
use super::json::Json;

pub fn flat(name: &Texts, species: &Texts) -> Vec<u8> {
    let mut json = Json::with_capacity(64 + name.bytes() + species.bytes() + name.len() * 30);
    json.raw(r#"{"data":{"characters":"#);
    json.list(0..name.len(), |json, row| {
        json.raw(r#"{"name":"#);
        json.text(name.get(row));
        json.raw(r#","species":"#);
        json.text(species.get(row));
        json.raw("}");
    });
    json.raw("}}");
    json.into_bytes()
}

pub fn one_to_many(character: &Texts, actors: &Edges, actor: &Texts) -> Vec<u8> {
    let mut json =
        Json::with_capacity(64 + character.bytes() + character.len() * 26 + actor.bytes() + actor.len() * 14);
    json.raw(r#"{"data":{"characters":"#);
    json.list(0..character.len(), |json, row| with_actors(json, character.get(row), actors.of(row), actor));
    json.raw("}}");
    json.into_bytes()
}

/// `of` is the row of each actor's character.
pub fn many_to_one(actor: &Texts, of: &[u32], character: &Texts, actors: &Edges, colleague: &Texts) -> Vec<u8> {
    with_character(actor, |json, row| {
        let of = of[row] as usize;
        with_actors(json, character.get(of), actors.of(of), colleague);
    })
}

/// As [`many_to_one`]; each character is written once and copied from then on.
pub fn many_to_one_copying(actor: &Texts, of: &[u32], character: &Texts, actors: &Edges, colleague: &Texts) -> Vec<u8> {
    let mut written = vec![None; character.len()];
    with_character(actor, |json, row| {
        let of = of[row] as usize;
        match written[of] {
            Some(range) => json.again(range),
            None => {
                let start = json.len();
                with_actors(json, character.get(of), actors.of(of), colleague);
                written[of] = Some((start, json.len()));
            }
        }
    })
}

fn with_character(actor: &Texts, mut write: impl FnMut(&mut Json, usize)) -> Vec<u8> {
    let mut json = Json::with_capacity(4096 + actor.len() * 540);
    json.raw(r#"{"data":{"actors":"#);
    json.list(0..actor.len(), |json, row| {
        json.raw(r#"{"name":"#);
        json.text(actor.get(row));
        json.raw(r#","character":"#);
        write(json, row);
        json.raw("}");
    });
    json.raw("}}");
    json.into_bytes()
}

pub fn three_levels(
    character: &Texts,
    actors: &Edges,
    actor: &Texts,
    movies: &Edges,
    title: &Texts,
    year: &[i64],
) -> Vec<u8> {
    let mut json = Json::with_capacity(4096 + movies.len() * 72 + actor.len() * 60);
    json.raw(r#"{"data":{"characters":"#);
    json.list(0..character.len(), |json, row| {
        json.raw(r#"{"name":"#);
        json.text(character.get(row));
        json.raw(r#","actors":"#);
        json.list(actors.of(row), |json, row| {
            json.raw(r#"{"name":"#);
            json.text(actor.get(row));
            json.raw(r#","movies":"#);
            json.list(movies.of(row), |json, row| {
                json.raw(r#"{"title":"#);
                json.text(title.get(row));
                json.raw(r#","year":"#);
                json.int(year[row]);
                json.raw("}");
            });
            json.raw("}");
        });
        json.raw("}");
    });
    json.raw("}}");
    json.into_bytes()
}

pub fn by_key(name: Option<&str>) -> Vec<u8> {
    let mut json = Json::with_capacity(96);
    json.raw(r#"{"data":{"character":"#);
    match name {
        None => json.raw("null"),
        name => {
            json.raw(r#"{"name":"#);
            json.text(name);
            json.raw("}");
        }
    }
    json.raw("}}");
    json.into_bytes()
}

fn with_actors(json: &mut Json, name: Option<&str>, actors: impl Iterator<Item = usize>, actor: &Texts) {
    json.raw(r#"{"name":"#);
    json.text(name);
    json.raw(r#","actors":"#);
    json.list(actors, |json, row| {
        json.raw(r#"{"name":"#);
        json.text(actor.get(row));
        json.raw("}");
    });
    json.raw("}");
}
