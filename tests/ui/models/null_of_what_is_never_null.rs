use hiku::prelude::*;

#[node(table = "note")]
pub struct Note {
    #[key]
    id: i64,
    text: String,
}

pub async fn find(db: &Db) -> Result<u64> {
    Note::delete(db).filter(Note::COLUMNS.text.is_null()).await
}

fn main() {}
