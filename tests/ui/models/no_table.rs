use hiku::prelude::*;

#[node(memory)]
pub struct Note {
    #[key]
    id: i64,
}

pub fn all<N: Model>(_: &Db) {}

pub fn find(db: &Db) {
    all::<Note>(db);
}

fn main() {}
