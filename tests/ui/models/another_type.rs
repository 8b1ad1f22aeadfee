use hiku::prelude::*;

#[node(table = "note")]
pub struct Note {
    #[key]
    id: i64,
    stars: Option<i32>,
}

pub async fn find(db: &Db) -> Result<u64> {
    Note::update(db, [Note::COLUMNS.stars.set(true)]).filter(Note::COLUMNS.id.eq("1")).await
}

fn main() {}
