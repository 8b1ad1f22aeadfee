use hiku::prelude::*;

#[node(table = "note")]
pub struct Note {
    #[key]
    id: i64,
    text: String,
}

pub async fn find(db: &Db) -> Result<Vec<Note>> {
    Note::select(db).filter(Note::COLUMNS.txt.eq("FOO")).await
}

fn main() {}
