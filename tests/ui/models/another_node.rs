use hiku::prelude::*;

#[node(table = "note")]
pub struct Note {
    #[key]
    id: i64,
}

#[node(table = "person")]
pub struct Person {
    #[key]
    id: i64,
}

pub async fn find(db: &Db) -> Result<Vec<Note>> {
    Note::select(db).filter(Person::COLUMNS.id.eq(1)).await
}

fn main() {}
