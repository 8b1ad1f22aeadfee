#![deny(unused_must_use)]
use hiku::prelude::*;

#[node(table = "note")]
pub struct Note {
    #[key]
    id: i64,
}

pub fn remove_all(db: &Db) {
    Note::delete(db);
    Note::get(db, 1);
}

fn main() {}
