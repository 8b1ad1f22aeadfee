use hiku::prelude::*;

#[node(table = "note")]
pub struct Note {
    #[key]
    id: i64,
}

pub async fn find(db: &Db) -> Result<u64> {
    Note::delete(db).filter(Note::COLUMNS.id.starts_with("1")).await
}

fn main() {}
