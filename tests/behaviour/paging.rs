use hiku::prelude::*;
use hiku::testing::run;
use serde_json::json;

use super::databases::{execute, on_each};

#[node(table = "shelf")]
struct Shelf {
    #[key]
    id: i64,
    #[link(to = Book::shelf_id, page = 2, max = 3, order = "-pages")]
    books: Many<Book>,
    #[link(to = Book::shelf_id)]
    all_books: Many<Book>,
    #[link(through = Tagging, page = 1, max = 10)]
    tags: Many<Tag>,
}

#[node(table = "book")]
struct Book {
    #[key]
    id: i64,
    shelf_id: i64,
    pages: i32,
}

#[node(table = "tag")]
struct Tag {
    #[key]
    id: i64,
    name: String,
}

#[node(table = "tagging")]
struct Tagging {
    #[key]
    shelf_id: i64,
    #[key]
    tag_id: i64,
    #[link(from = shelf_id)]
    shelf: One<Shelf>,
    #[link(from = tag_id)]
    tag: One<Tag>,
}

#[root]
struct Query {
    #[link]
    shelves: Many<Shelf>,
}

async fn library(db: Db) -> Engine {
    hiku::sql::create_tables::<Query>(&db).await.unwrap();
    execute(
        &db,
        &[
            "INSERT INTO shelf (id) VALUES (1), (2), (3)",
            "INSERT INTO book (id, shelf_id, pages) VALUES (1, 1, 10), (2, 1, 30), (3, 1, 20), (4, 2, 5), (5, 1, 40)",
            "INSERT INTO tag (id, name) VALUES (1, 'a'), (2, 'b')",
            "INSERT INTO tagging (shelf_id, tag_id) VALUES (1, 2), (1, 1), (2, 2)",
        ],
    )
    .await;
    Engine::builder(Graph::new::<Query>().unwrap()).data(db).build().unwrap()
}

#[tokio::test]
async fn pages_are_cut_per_parent_in_one_statement() {
    on_each(|db| async move {
        let engine = library(db).await;
        let ran =
            run(&engine, "{ shelves { books { pages } next: books(limit: 1, offset: 2) { pages } tags { name } } }")
                .await;
        ran.assert_json(json!({"data": {"shelves": [
            {"books": [{"pages": 40}, {"pages": 30}], "next": [{"pages": 20}], "tags": [{"name": "a"}]},
            {"books": [{"pages": 5}], "next": [], "tags": [{"name": "b"}]},
            {"books": [], "next": [], "tags": []},
        ]}}));
        ran.assert_loads(["Shelf", "Book[3]", "Book[3]", "Tag through Tagging[3]", "Tag[2]"]);
    })
    .await;
}

#[tokio::test]
async fn pages_have_a_maximum_and_no_negative_bounds() {
    on_each(|db| async move {
        let engine = library(db).await;
        for (arguments, message) in [
            ("limit: 4", "`limit` can be 3 at most"),
            ("limit: -1", "`limit` and `offset` cannot be negative"),
            ("offset: -1", "`limit` and `offset` cannot be negative"),
        ] {
            let ran = run(&engine, format!("{{ shelves {{ books({arguments}) {{ id }} }} }}")).await;
            let value = ran.response.to_value();
            assert_eq!(value["data"], json!(null));
            assert_eq!(value["errors"][0]["message"], json!(message));
            assert_eq!(value["errors"][0]["path"], json!(["shelves", 0, "books"]));
        }
        let ran = run(&engine, "{ shelves(limit: 1, offset: 1) { id } none: shelves(limit: 0) { id } }").await;
        ran.assert_json(json!({"data": {"shelves": [{"id": "2"}], "none": []}}));
        let ran = run(&engine, "{ shelves(limit: 1) { books(limit: null) { pages } } }").await;
        ran.assert_json(json!({"data": {"shelves": [{"books": [{"pages": 40}, {"pages": 30}]}]}}));
    })
    .await;
}
