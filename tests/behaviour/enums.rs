//! Enums: stored as texts and as integers, answered, given, and unknown to their type.

use std::collections::HashMap;

use hiku::prelude::*;
use hiku::sql::Filter;
use hiku::testing::run;
use serde_json::{Value as Json, json};

use super::databases::{execute, on_each};

/// What a film is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
enum Genre {
    Drama,
    /// Of the future.
    #[item(stored = "sci-fi")]
    SciFi,
    #[item(name = "MUSICALS", deprecated = "nobody sings")]
    Musical,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[enum_type(name = "Rank", stored = "integer", rename_all = "PascalCase")]
enum Grade {
    Ensign = 3,
    FirstOfficer,
    Captain = -1,
}

#[node(table = "film")]
struct Film {
    #[key(type = Int)]
    id: i64,
    genre: Genre,
    second: Option<Genre>,
    grade: Grade,
    next: Option<Grade>,
    genres: Vec<Genre>,
    grades: Option<Vec<Option<Grade>>>,
}

#[node]
impl Film {
    #[field]
    fn shelf(genre: Genre) -> String {
        format!("{genre:?}")
    }

    #[field]
    async fn both(genre: &[Genre], second: &[Option<Genre>]) -> Vec<Option<Vec<Genre>>> {
        genre.iter().zip(second).map(|(first, second)| Some(vec![*first, (*second)?])).collect()
    }

    #[field]
    async fn promoted(grade: &[Grade], #[arg(default = Grade::Captain)] to: Grade) -> HashMap<Grade, Grade> {
        grade.iter().map(|&grade| (grade, if grade == Grade::Ensign { to } else { grade })).collect()
    }
}

#[root]
struct Query {
    #[link(all)]
    films: Many<Film>,
    #[link(by_key)]
    film: Maybe<Film>,
}

#[root]
impl Query {
    #[field]
    fn said(#[arg(default = Genre::SciFi)] one: Genre, #[arg] many: Option<Vec<Option<Genre>>>) -> String {
        format!("{one:?} {many:?}")
    }

    #[field]
    fn echo(#[arg] grades: Vec<Grade>) -> Vec<Grade> {
        grades
    }

    #[link]
    fn whole() -> Many<Film> {
        let film = |id, genre, next| Film {
            id,
            genre,
            second: None,
            grade: Grade::Captain,
            next,
            genres: vec![genre, Genre::Drama],
            grades: Some(vec![None, next]),
        };
        Many::nodes([film(1, Genre::Musical, None), film(2, Genre::SciFi, Some(Grade::FirstOfficer))])
    }
}

const FIELDS: &str = "id genre second grade next genres grades";

async fn engine(db: Db, rows: &str) -> Engine {
    hiku::sql::create_tables::<Query>(&db).await.unwrap();
    hiku::sql::check_schema::<Query>(&db).await.unwrap();
    execute(&db, &[rows]).await;
    Engine::builder(Graph::new::<Query>().unwrap()).data(db).build().unwrap()
}

#[tokio::test]
async fn texts_and_integers_of_the_database_are_names_in_the_response() {
    on_each(|db| async move {
        let engine = engine(
            db,
            "INSERT INTO film (id, genre, second, grade, next, genres, grades) VALUES
             (1, 'DRAMA', 'sci-fi', 3, 4, '[\"MUSICALS\", \"sci-fi\"]', '[3, null]'),
             (2, 'MUSICALS', NULL, -1, NULL, '[]', NULL)",
        )
        .await;
        let ran = run(&engine, format!("{{ films {{ {FIELDS} shelf both promoted to: promoted(to: FirstOfficer) }} }}")).await;
        ran.assert_json(json!({"data": {"films": [
            {"id": 1, "genre": "DRAMA", "second": "SCI_FI", "grade": "Ensign", "next": "FirstOfficer",
             "genres": ["MUSICALS", "SCI_FI"], "grades": ["Ensign", null], "shelf": "Drama", "both": ["DRAMA", "SCI_FI"],
             "promoted": "Captain", "to": "FirstOfficer"},
            {"id": 2, "genre": "MUSICALS", "second": null, "grade": "Captain", "next": null, "genres": [], "grades": null,
             "shelf": "Musical", "both": null, "promoted": "Captain", "to": "Captain"},
        ]}}));
    })
    .await;
}

#[tokio::test]
async fn what_an_enum_does_not_know_fails_alone_and_is_named() {
    on_each(|db| async move {
        let engine = engine(
            db,
            "INSERT INTO film (id, genre, second, grade, next, genres, grades) VALUES
             (1, 'DRAMA', 'SCI_FI', 3, 9, '[]', '[3, 99]'), (2, 'DRAMA', 'drama', 4, NULL, '[\"DRAMA\"]', NULL)",
        )
        .await;
        let value = engine.execute("{ films { id genre second next both } }").await.to_value();
        assert_eq!(
            value["data"]["films"],
            json!([{"id": 1, "genre": "DRAMA", "second": null, "next": null, "both": null},
                   {"id": 2, "genre": "DRAMA", "second": null, "next": null, "both": null}])
        );
        assert_eq!(
            messages(&value)[..3],
            [
                (json!(["films", 0, "second"]), "Enum \"Genre\" cannot represent value: \"SCI_FI\"".to_owned()),
                (json!(["films", 0, "next"]), "Enum \"Rank\" cannot represent value: 9".to_owned()),
                (json!(["films", 0, "both"]), "Enum \"Genre\" cannot represent value: \"SCI_FI\"".to_owned()),
            ]
        );
        assert_eq!(value["errors"].as_array().unwrap().len(), 5, "{value}");
        // In a list, at its place: lists are stored as JSON of what columns hold.
        let value = engine.execute("{ films { id grades genres } }").await.to_value();
        assert_eq!(value["data"]["films"][0]["grades"], json!(["Ensign", null]), "{value}");
        assert_eq!(
            messages(&value),
            [(json!(["films", 0, "grades", 1]), "Enum \"Rank\" cannot represent value: 99".to_owned())]
        );
    })
    .await;
}

#[tokio::test]
async fn an_unknown_value_that_cannot_be_null_takes_its_row() {
    on_each(|db| async move {
        let engine = engine(
            db,
            "INSERT INTO film (id, genre, second, grade, next, genres, grades) VALUES
             (1, 'western', NULL, 3, NULL, '[]', NULL), (2, 'DRAMA', NULL, 4, NULL, '[\"DRAMA\"]', NULL)",
        )
        .await;
        let value = engine
            .execute("{ a: film(id: 1) { genre } b: film(id: 2) { genre shelf } c: film(id: 1) { shelf } }")
            .await
            .to_value();
        assert_eq!(value["data"], json!({"a": null, "b": {"genre": "DRAMA", "shelf": "Drama"}, "c": null}));
        let unknown = "Enum \"Genre\" cannot represent value: \"western\"";
        assert_eq!(
            messages(&value),
            [(json!(["a", "genre"]), unknown.to_owned()), (json!(["c", "shelf"]), unknown.to_owned())]
        );
    })
    .await;
}

fn messages(value: &Json) -> Vec<(Json, String)> {
    let errors = value["errors"].as_array().unwrap_or_else(|| panic!("{value}"));
    errors.iter().map(|error| (error["path"].clone(), error["message"].as_str().unwrap().to_owned())).collect()
}

#[tokio::test]
async fn filters_compare_what_is_stored() {
    #[derive(Clone)]
    struct Wanted(Option<Genre>, Vec<Grade>);
    fn wanted(wanted: &Wanted) -> Filter<Seen> {
        let filter = Seen::COLUMNS.grade.any_of(wanted.1.clone());
        wanted.0.map_or(filter.clone(), |genre| filter.and(Seen::COLUMNS.genre.eq(genre)))
    }
    #[node(table = "seen", scope = wanted)]
    struct Seen {
        #[key(type = Int)]
        id: i64,
        genre: Option<Genre>,
        grade: Grade,
    }
    #[root]
    struct Query {
        #[link(all)]
        seen: Many<Seen>,
    }
    on_each(|db| async move {
        hiku::sql::create_tables::<Query>(&db).await.unwrap();
        execute(&db, &["INSERT INTO seen (id, genre, grade) VALUES (1, 'sci-fi', 3), (2, 'sci-fi', 4), (3, NULL, 4), (4, 'DRAMA', -1)"]).await;
        let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(db).request_data::<Wanted>().build().unwrap();
        for (data, ids) in [
            (Wanted(Some(Genre::SciFi), vec![Grade::FirstOfficer]), json!([2])),
            (Wanted(None, vec![Grade::FirstOfficer, Grade::Captain]), json!([2, 3, 4])),
            (Wanted(Some(Genre::Musical), vec![Grade::Ensign]), json!([])),
        ] {
            let value = engine.execute(Request::new("{ seen { id } }").data(data)).await.to_value();
            let found: Vec<Json> = value["data"]["seen"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
            assert_eq!(Json::Array(found), ids);
        }
    })
    .await;
}

#[tokio::test]
async fn enums_of_whole_nodes_and_of_arguments() {
    on_each(|db| async move {
        let engine = engine(db, "DELETE FROM film").await;
        run(&engine, format!("{{ whole {{ {FIELDS} shelf promoted }} }}")).await.assert_json(json!({"data": {"whole": [
            {"id": 1, "genre": "MUSICALS", "second": null, "grade": "Captain", "next": null, "genres": ["MUSICALS", "DRAMA"],
             "grades": [null, null], "shelf": "Musical", "promoted": "Captain"},
            {"id": 2, "genre": "SCI_FI", "second": null, "grade": "Captain", "next": "FirstOfficer", "genres": ["SCI_FI", "DRAMA"],
             "grades": [null, "FirstOfficer"], "shelf": "SciFi", "promoted": "Captain"},
        ]}}));
        let query = "query($g: Genre! = MUSICALS, $m: [Genre], $r: [Rank!]! = [Captain]) {
            a: said b: said(one: DRAMA, many: [SCI_FI, null]) c: said(one: $g, many: $m) d: said(many: MUSICALS)
            e: echo(grades: $r) f: echo(grades: Ensign) }";
        let response = engine.execute(Request::new(query).variables(json!({"m": [null, "DRAMA"], "r": "FirstOfficer"}))).await;
        assert_eq!(
            response.to_value(),
            json!({"data": {"a": "SciFi None", "b": "Drama Some([Some(SciFi), None])", "c": "Musical Some([None, Some(Drama)])",
                "d": "SciFi Some([Some(Musical)])", "e": ["FirstOfficer"], "f": ["Ensign"]}})
        );
        for (query, variables, message) in [
            ("{ said(one: WESTERN) }", json!({}), "Value \"WESTERN\" does not exist in \"Genre\" enum."),
            ("{ said(one: \"DRAMA\") }", json!({}), "Enum \"Genre\" cannot represent non-enum value: \"DRAMA\". Did you mean the enum value \"DRAMA\"?"),
            ("query($g: Genre!) { said(one: $g) }", json!({"g": "sci-fi"}),
             "Variable \"$g\" got invalid value \"sci-fi\"; Value \"sci-fi\" does not exist in \"Genre\" enum."),
            ("query($m: [Genre]) { said(many: $m) }", json!({"m": ["DRAMA", 4]}),
             "Variable \"$m\" got invalid value 4 at \"m[1]\"; Enum \"Genre\" cannot represent non-string value: 4."),
        ] {
            let value = engine.execute(Request::new(query).variables(variables)).await.to_value();
            assert_eq!(value.get("data"), None, "{value}");
            assert_eq!(value["errors"][0]["message"], json!(message));
            assert!(value["errors"][0]["locations"][0]["line"].is_u64(), "{value}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_schema_has_names_descriptions_and_reasons() {
    let sdl = engine(super::databases::sqlite().await, "SELECT 1").await.sdl();
    for part in [
        "\"\"\"What a film is about.\"\"\"\nenum Genre {\n  DRAMA\n\n  \"\"\"Of the future.\"\"\"\n  SCI_FI\n  MUSICALS @deprecated(reason: \"nobody sings\")\n}\n",
        "enum Rank {\n  Ensign\n  FirstOfficer\n  Captain\n}\n",
        "  said(one: Genre! = SCI_FI, many: [Genre]): String!\n",
        "  promoted(to: Rank! = Captain): Rank!\n",
        "  grades: [Rank]\n",
    ] {
        assert!(sdl.contains(part), "{part}\n---\n{sdl}");
    }
}

#[tokio::test]
async fn a_column_of_another_type_does_not_fit_an_enum() {
    on_each(|db| async move {
        execute(&db, &["CREATE TABLE film (id BIGINT NOT NULL PRIMARY KEY, genre INTEGER NOT NULL, second TEXT, grade TEXT NOT NULL, next INTEGER, genres TEXT NOT NULL, grades TEXT)"]).await;
        let error = hiku::sql::check_schema::<Query>(&db).await.unwrap_err().to_string();
        assert!(error.contains("`film`.`genre` is integer") || error.contains("`film`.`genre` is INTEGER") || error.contains("`film`.`genre` is int(11)"), "{error}");
        assert!(error.contains("`film`.`grade` is"), "{error}");
        assert_eq!(error.lines().count(), 3, "{error}");
    })
    .await;
}

/// PostgreSQL has enums of its own.
#[tokio::test]
async fn an_enum_of_postgresql_is_one_of_texts() {
    let Some(db) = super::databases::postgres().await else { return };
    execute(
        &db,
        &[
            "CREATE TYPE genre AS ENUM ('DRAMA', 'sci-fi', 'western')",
            "CREATE TABLE film (id BIGINT PRIMARY KEY, genre genre NOT NULL, second genre, grade SMALLINT NOT NULL, next BIGINT,
                genres TEXT NOT NULL, grades JSONB)",
            "INSERT INTO film VALUES (1, 'sci-fi', 'western', 3, NULL, '[]', NULL), (2, 'DRAMA', 'sci-fi', 4, 4, '[]', NULL)",
        ],
    )
    .await;
    let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(db).build().unwrap();
    let value = engine.execute("{ films { genre second grade next shelf } }").await.to_value();
    assert_eq!(
        value["data"]["films"],
        json!([{"genre": "SCI_FI", "second": null, "grade": "Ensign", "next": null, "shelf": "SciFi"},
               {"genre": "DRAMA", "second": "SCI_FI", "grade": "FirstOfficer", "next": "FirstOfficer", "shelf": "Drama"}])
    );
    assert_eq!(
        messages(&value),
        [(json!(["films", 0, "second"]), "Enum \"Genre\" cannot represent value: \"western\"".to_owned())]
    );
}
