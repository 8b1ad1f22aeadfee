//! Which rows a filter finds: the same on each database.

use hiku::prelude::*;
use hiku::sql::Filter;

use super::support::{Note, note, on_each};

const C: <Note as Node>::Columns = Note::COLUMNS;

#[tokio::test]
async fn c71_filters_find_the_same_rows_everywhere() {
    on_each(|db| async move {
        let rows = [
            note(1, "Kirk", Some("glad"), 5),
            note(2, "kirk", None, 4),
            note(3, "100%", Some("_"), 3),
            note(4, "100*[a]?\\", Some("sad"), 2),
            note(5, "it's \"x\"; DROP TABLE note", Some("glad"), 1),
            note(6, "", None, 0),
        ];
        Note::insert(&db, rows).await.unwrap();
        let all = || Filter::<Note>::all();
        let cases: Vec<(Filter<Note>, &[i64])> = vec![
            (all(), &[1, 2, 3, 4, 5, 6]),
            (Filter::none(), &[]),
            (C.text.eq("Kirk"), &[1]),
            (C.text.ne("Kirk"), &[2, 3, 4, 5, 6]),
            (C.stars.lt(2), &[5, 6]),
            (C.stars.le(2), &[4, 5, 6]),
            (C.stars.gt(3), &[1, 2]),
            (C.stars.ge(3), &[1, 2, 3]),
            (C.text.starts_with("K"), &[1]),
            (C.text.starts_with("k"), &[2]),
            (C.text.starts_with(""), &[1, 2, 3, 4, 5, 6]),
            (C.text.starts_with("100"), &[3, 4]),
            (C.text.starts_with("100%"), &[3]),
            (C.text.starts_with("100*"), &[4]),
            (C.text.starts_with("100*[a]?\\"), &[4]),
            (C.text.starts_with("100*[a"), &[4]),
            (C.text.starts_with("1__"), &[]),
            (C.text.starts_with("it's \"x\"; DROP"), &[5]),
            (C.mood.starts_with("_"), &[3]),
            (C.text.any_of(["Kirk", "", "nobody"]), &[1, 6]),
            (C.id.any_of(0..3), &[1, 2]),
            (C.id.any_of([0; 0]), &[]),
            (C.mood.any_of([None, Some("sad".to_owned())]), &[4]),
            (C.mood.any_of(["sad", "_"]), &[3, 4]),
            (C.mood.is_null(), &[2, 6]),
            (C.mood.is_not_null(), &[1, 3, 4, 5]),
            (C.mood.eq("glad"), &[1, 5]),
            (C.mood.eq(None), &[]),
            // A null is neither equal nor unequal.
            (C.mood.ne("glad"), &[3, 4]),
            (C.mood.eq("glad").not(), &[3, 4]),
            (C.stars.gt(1).and(C.mood.eq("glad")), &[1]),
            (C.stars.gt(4).or(C.mood.is_null()), &[1, 2, 6]),
            (C.stars.gt(4).or(C.stars.lt(1)).or(C.id.eq(3)).and(C.id.ne(1)), &[3, 6]),
            (C.id.eq(1).or(C.id.eq(2).and(C.stars.eq(4))), &[1, 2]),
            (C.id.eq(1).or(C.id.eq(2)).not().and(C.stars.gt(1)), &[3, 4]),
            (all().not(), &[]),
            (Filter::none().not(), &[1, 2, 3, 4, 5, 6]),
            (Filter::none().or(C.id.eq(4)), &[4]),
            (all().and(all()).or(C.id.eq(4)), &[1, 2, 3, 4, 5, 6]),
        ];
        for (at, (filter, expected)) in cases.into_iter().enumerate() {
            let found = Note::select(&db).filter(filter.clone()).column(C.id).await.unwrap();
            assert_eq!(found, expected, "case {at}: {filter:?}");
            // Where it is asked of an update, it finds the same.
            let mut touched = Note::update(&db, [C.stars.plus(0)]).filter(filter).returning().await.unwrap();
            touched.sort_by_key(|note| note.id);
            assert_eq!(touched.iter().map(|note| note.id).collect::<Vec<_>>(), expected, "case {at}");
        }
        // Two filters are both asked for.
        let both = Note::select(&db).filter(C.id.eq(1).or(C.id.eq(2))).filter(C.id.ne(1));
        assert_eq!(both.column(C.id).await.unwrap(), [2]);
    })
    .await;
}
