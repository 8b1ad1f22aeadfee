//! The texts of every shape, in each dialect, with whatever a table can carry. `HIKU_BLESS=1` writes the file anew.

use super::*;
use crate::graph::Col;
use crate::index::Value;

struct Shelf;

/// What the tables of a statement carry.
#[derive(Clone, Copy, PartialEq)]
enum With {
    Nothing,
    Schema,
    Filter,
    Scope,
    View,
    All,
}

const EVERY: [With; 6] = [With::Nothing, With::Schema, With::Filter, With::Scope, With::View, With::All];

fn relation(name: &str, with: With) -> Relation {
    let on = |one| with == one || with == With::All;
    Relation {
        schema: (with == With::Schema).then(|| "s".into()),
        name: name.into(),
        view: on(With::View).then(|| format!("SELECT * FROM {name} WHERE live")),
        filter: on(With::Filter).then(|| "live OR kept".into()),
        scoped: on(With::Scope),
        fields: vec![("owner_id".into(), "own\"er`".into()), ("kind".into(), "kind".into())],
    }
}

fn key(name: &str) -> KeyColumn {
    KeyColumn { name: name.into(), ty: i64::TYPE }
}

fn keys(names: &[&str]) -> Vec<KeyColumn> {
    names.iter().map(|name| key(name)).collect()
}

fn shapes(with: With) -> Vec<(&'static str, Shape, bool)> {
    let pairs = |composite: bool, paged| {
        let (from, to, target): (&[&str], &[&str], &[&str]) =
            if composite { (&["a", "b"], &["c", "d"], &["id", "no"]) } else { (&["a"], &["c"], &["id"]) };
        let target_key = target.iter().map(|&name| name.to_owned()).collect();
        Shape::Pairs { join: relation("joins", with), from: keys(from), to: keys(to), target_key, paged }
    };
    // The last says whether the order is that of the key only.
    vec![
        ("all", Shape::All { paged: false }, false),
        ("page of all", Shape::All { paged: true }, false),
        ("by key", Shape::Keys { columns: keys(&["id"]) }, true),
        ("by keys of two parts", Shape::Keys { columns: keys(&["id", "no"]) }, true),
        ("children", Shape::Children { columns: keys(&["up"]), paged: false }, false),
        ("page of children", Shape::Children { columns: keys(&["up"]), paged: true }, false),
        ("children by two", Shape::Children { columns: keys(&["up", "no"]), paged: false }, false),
        ("page of children by two", Shape::Children { columns: keys(&["up", "no"]), paged: true }, false),
        ("pairs", pairs(false, false), true),
        ("pairs in order", pairs(false, false), false),
        ("page of pairs", pairs(false, true), true),
        ("page of pairs in order", pairs(false, true), false),
        ("pairs of two parts", pairs(true, false), false),
        ("page of pairs of two parts", pairs(true, true), false),
        (
            "static",
            Shape::Static { text: "SELECT a, b FROM t WHERE a IN {keys}".into(), key: key("a"), target: key("b") },
            true,
        ),
    ]
}

fn order(names: &[(&str, bool)]) -> Vec<OrderColumn> {
    names
        .iter()
        .map(|&(column, descending)| OrderColumn { column: column.into(), descending, nullable: false })
        .collect()
}

fn statement(shape: Shape, with: With, by_key: bool) -> Statement {
    let columns = match &shape {
        Shape::Pairs { .. } | Shape::Static { .. } => Vec::new(),
        _ => vec![
            SelectColumn { expr: SelectExpr::Column("na\"me`".into()), ty: String::TYPE },
            SelectColumn { expr: SelectExpr::Sql("lower(x)".into()), ty: String::TYPE },
        ],
    };
    let order = match &shape {
        Shape::Keys { .. } => Vec::new(),
        _ if by_key => order(&[("id", false)]),
        _ => order(&[("year", true), ("id", false)]),
    };
    Statement::new(relation("things", with), columns, shape, order)
}

fn scope() -> Filter {
    let owner = Col::<Shelf, i64>::new("owner_id");
    let kind = Col::<Shelf, Option<i64>>::new("kind");
    owner.any_of([1, 2]).and(owner.eq(3)).and(kind.is_null()).untyped()
}

/// Every text with a name, and how many values are bound to it.
fn every(dialect: Dialect) -> Vec<(String, Arc<str>, usize)> {
    let mut texts = Vec::new();
    for with in EVERY {
        for (name, shape, by_key) in shapes(with) {
            let statement = statement(shape, with, by_key);
            let scope = scope();
            let (parts, paged) = match &statement.shape {
                Shape::All { paged } => (0, *paged),
                Shape::Keys { columns } => (columns.len(), false),
                Shape::Children { columns, paged } => (columns.len(), *paged),
                Shape::Pairs { from, paged, .. } => (from.len(), *paged),
                Shape::Static { .. } => (1, false),
            };
            let with = ["", ", schema", ", filter", ", scope", ", view", ", filter, scope and view"][with as usize];
            let keys = if parts == 0 { 0 } else { dialect.key_binds(parts) };
            let mut add = |one: bool, keys: usize, what: &str| {
                let (text, binds) = statement.text_for(dialect, one, Some(&scope), Some(&scope)).unwrap();
                texts.push((format!("{name}{with}{what}"), text, keys + if paged { 2 } else { 0 } + binds.len()));
            };
            add(false, keys, "");
            // MariaDB has the same text for one key.
            if dialect != Dialect::MySql && parts > 0 && !matches!(statement.shape, Shape::Static { .. }) {
                add(true, parts, ", one key");
            }
        }
    }
    texts
}

#[test]
fn texts_are_as_recorded() {
    let mut all = String::new();
    for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql] {
        for (name, text, _) in every(dialect) {
            let _ = writeln!(all, "{dialect:?}: {name}\n  {text}");
        }
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sql/statement/texts.txt");
    if std::env::var_os("HIKU_BLESS").is_some() {
        std::fs::write(&path, &all).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap();
    for (line, known) in all.lines().zip(known.lines()) {
        assert_eq!(line, known);
    }
    assert_eq!(all.len(), known.len());
}

#[test]
fn every_bound_value_has_a_placeholder_and_every_placeholder_a_value() {
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        for (name, text, binds) in every(dialect) {
            let mark = if dialect == Dialect::Sqlite { '?' } else { '$' };
            let mut numbers: Vec<usize> = text
                .split(mark)
                .skip(1)
                .map(|rest| {
                    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
                    digits.parse().unwrap_or(0)
                })
                // `$[0]` is a path in JSON.
                .filter(|&number| number > 0)
                .collect();
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(numbers, (1..=binds).collect::<Vec<_>>(), "{dialect:?}, {name}: {text}");
        }
    }
}

/// It would for each value of a limit, and of what `ANALYZE` has looked at.
#[cfg(feature = "sqlite")]
#[test]
fn sqlite_plans_every_text_once() {
    let db = rusqlite::Connection::open_in_memory().unwrap();
    let columns = "live, kept, kind, `own\"er```";
    for (schema, table, own) in ["main", "s"].iter().flat_map(|schema| {
        [(schema, "things", "id, no, up, year, x, `na\"me```"), (schema, "joins", "a, b, c, d"), (schema, "t", "a, b")]
    }) {
        if *schema == "s" && table == "things" {
            db.execute_batch("ATTACH ':memory:' AS s").unwrap();
        }
        db.execute_batch(&format!("CREATE TABLE {schema}.{table} ({own}, {columns})")).unwrap();
        let names: Vec<&str> = own.split(", ").chain(columns.split(", ")).collect();
        let values = vec!["value % 40"; names.len()].join(", ");
        let numbers = "WITH RECURSIVE s(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM s WHERE value < 500)";
        db.execute_batch(&format!("INSERT INTO {schema}.{table} {numbers} SELECT {values} FROM s")).unwrap();
        for (at, name) in names.iter().enumerate() {
            db.execute_batch(&format!("CREATE INDEX {schema}.{table}_{at} ON {table} ({name})")).unwrap();
        }
    }
    db.execute_batch("ANALYZE").unwrap();
    for (name, text, binds) in every(Dialect::Sqlite) {
        let mut statement = db.prepare(&text).unwrap();
        for value in 1..4 {
            // A number is a JSON, too.
            let mut rows = statement.query(rusqlite::params_from_iter(vec![value; binds])).unwrap();
            while rows.next().unwrap().is_some() {}
        }
        assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0, "{name}: {text}");
    }
}

#[test]
fn what_has_a_scope_is_never_read_without_one() {
    for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql] {
        for with in [With::Scope, With::All] {
            for (name, shape, by_key) in shapes(with) {
                let joins = matches!(shape, Shape::Pairs { .. });
                let statement = statement(shape, with, by_key);
                let scope = scope();
                assert!(statement.text_for(dialect, false, None, None).is_err(), "{name}");
                assert!(statement.text_for(dialect, false, None, Some(&scope)).is_err(), "{name}");
                assert_eq!(statement.text_for(dialect, false, Some(&scope), None).is_err(), joins, "{name}");
                // Nor with one that names no field, except where the statement is the user's own.
                let unknown = Filter::all().and(Col::<Shelf, i64>::new("nobody").eq(1)).untyped();
                let own = matches!(statement.shape, Shape::Static { .. });
                if joins {
                    assert!(statement.text_for(dialect, false, Some(&scope), Some(&unknown)).is_err(), "{name}");
                } else {
                    assert_eq!(statement.text_for(dialect, false, Some(&unknown), None).is_err(), !own, "{name}");
                }
            }
        }
    }
}

#[test]
fn a_filter_that_sees_nothing_says_so_in_every_text() {
    for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql] {
        for (name, shape, by_key) in shapes(With::Scope) {
            let statement = statement(shape, With::Scope, by_key);
            if matches!(statement.shape, Shape::Static { .. }) {
                continue;
            }
            let (text, binds) =
                statement.text_for(dialect, false, Some(&Filter::none()), Some(&Filter::none())).unwrap();
            assert!(text.contains("1 = 0") && binds.is_empty(), "{name}: {text}");
        }
    }
}

/// MariaDB prepares every text; its columns are found, and its placeholders are as many as values that are bound in their order.
#[cfg(feature = "mysql")]
#[tokio::test]
#[allow(clippy::print_stderr, reason = "whoever runs the tests is told what did not run")]
async fn mariadb_understands_every_text() {
    use sqlx::{Connection, Executor};

    let Ok(url) = std::env::var("HIKU_TEST_MARIADB") else {
        eprintln!("no HIKU_TEST_MARIADB: this test does not run on MariaDB");
        return;
    };
    let mut connection = sqlx::MySqlConnection::connect(&url).await.unwrap();
    let things = "id bigint, no bigint, up bigint, year int, x text, `na\"me``` text";
    let carried = "live boolean, kept boolean, kind bigint, `own\"er``` bigint";
    let joins = "a bigint, b bigint, c bigint, d bigint";
    let tables = format!(
        "CREATE OR REPLACE DATABASE s; CREATE TABLE s.things ({things}); CREATE TABLE s.joins ({joins});
         CREATE OR REPLACE DATABASE hiku_texts; USE hiku_texts;
         CREATE TABLE things ({things}, {carried}); CREATE TABLE joins ({joins}, {carried}); CREATE TABLE t (a bigint, b bigint)"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(tables)).execute(&mut connection).await.unwrap();
    for with in EVERY {
        for (name, shape, by_key) in shapes(with) {
            let statement = statement(shape, with, by_key);
            let scope = scope();
            let (text, numbers) = statement.positional(Some(&scope), Some(&scope), &|_, _| None).unwrap();
            let (known, binds) = statement.text_for(Dialect::MySql, false, Some(&scope), Some(&scope)).unwrap();
            assert_eq!(*known, *text, "{name}");
            let sql = sqlx::SqlSafeStr::into_sql_str(sqlx::AssertSqlSafe(text.clone()));
            let prepared =
                (&mut connection).prepare(sql).await.unwrap_or_else(|error| panic!("{name}: {error}: {text}"));
            let marks =
                sqlx::Statement::parameters(&prepared).map_or(0, |known| known.either(<[_]>::len, |count| count));
            assert_eq!(marks, numbers.len(), "{name}: {text}");
            let mut distinct = numbers.clone();
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(distinct, (1..=distinct.len()).collect::<Vec<_>>(), "{name}: {text}");
            assert!(distinct.len() >= binds.len(), "{name}");
        }
    }
    sqlx::raw_sql("DROP DATABASE s; DROP DATABASE hiku_texts").execute(&mut connection).await.unwrap();
}

/// SQLite reads every text; its columns are found.
#[cfg(feature = "sqlite")]
#[tokio::test]
async fn sqlite_understands_every_text() {
    let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    let tables = "ATTACH ':memory:' AS s;
        CREATE TABLE things (id, no, up, year, x, live, kept, kind, `own\"er```, `na\"me```);
        CREATE TABLE joins (a, b, c, d, live, kept, kind, `own\"er```);
        CREATE TABLE s.things (id, no, up, year, x, `na\"me```); CREATE TABLE s.joins (a, b, c, d); CREATE TABLE t (a, b)";
    sqlx::raw_sql(tables).execute(&pool).await.unwrap();
    for (name, text, _) in every(Dialect::Sqlite) {
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN {text}"));
        sqlx::raw_sql(explain).execute(&pool).await.unwrap_or_else(|error| panic!("{name}: {error}: {text}"));
    }
}

/// PostgreSQL prepares every text; its columns are found, and its placeholders have types.
#[cfg(feature = "postgres")]
#[tokio::test]
#[allow(clippy::print_stderr, reason = "whoever runs the tests is told what did not run")]
async fn postgres_understands_every_text() {
    use sqlx::{Connection, Executor};

    let Ok(url) = std::env::var("HIKU_TEST_POSTGRES") else {
        eprintln!("no HIKU_TEST_POSTGRES: this test does not run on PostgreSQL");
        return;
    };
    let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    let things = "id bigint, no bigint, up bigint, year int, x text, \"na\"\"me`\" text";
    let carried = "live boolean, kept boolean, kind bigint, \"own\"\"er`\" bigint";
    let joins = "a bigint, b bigint, c bigint, d bigint";
    let tables = format!(
        "CREATE SCHEMA s; CREATE TABLE s.things ({things}); CREATE TABLE s.joins ({joins});
         CREATE TEMP TABLE things ({things}, {carried}); CREATE TEMP TABLE joins ({joins}, {carried});
         CREATE TEMP TABLE t (a bigint, b bigint)"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(tables)).execute(&mut *transaction).await.unwrap();
    for (name, text, binds) in every(Dialect::Postgres) {
        let sql = sqlx::SqlSafeStr::into_sql_str(sqlx::AssertSqlSafe(text.clone()));
        // Lists that stand side by side get their types from what is bound.
        let lists = if name.contains("two") && !name.ends_with("one key") { 2 } else { 0 };
        let types = vec![<Vec<i64> as sqlx::Type<sqlx::Postgres>>::type_info(); lists];
        let prepared = (&mut *transaction).prepare_with(sql, &types).await;
        let statement = prepared.unwrap_or_else(|error| panic!("{name}: {error}: {text}"));
        let known = sqlx::Statement::parameters(&statement).map_or(0, |known| known.either(<[_]>::len, |count| count));
        assert_eq!(known, binds, "{name}: {text}");
    }
    transaction.rollback().await.unwrap();
}
