//! Tables from a graph: their DDL, and whether a database has them.

use std::fmt::Write;

use super::db::Db;
use super::dialect::Dialect;
use crate::error::{Error, Result};
use crate::graph::{FieldSource, Graph, GraphError, Kind, Member, NodeInfo, Root, Source, Table, TypeDef, Via};

/// What a database lacks: everything, at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaError {
    /// One line each.
    pub problems: Vec<String>,
}

impl std::fmt::Display for SchemaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the database does not fit the graph:")?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n- {problem}"))
    }
}

impl std::error::Error for SchemaError {}

/// A table that a graph reads.
struct TableSchema<'a> {
    table: &'a Table,
    /// Column, type, part of the key.
    columns: Vec<(&'a str, &'static TypeDef, bool)>,
    key: Vec<&'a str>,
    foreign_keys: Vec<ForeignKey<'a>>,
}

struct ForeignKey<'a> {
    columns: Vec<&'a str>,
    table: &'a Table,
    target: Vec<&'a str>,
}

/// The statements that make the tables of a graph, for a new database: `CREATE TABLE IF NOT EXISTS`, with keys, and an index
/// for each foreign key. What is referred to comes first.
///
/// # Errors
/// If the graph is not consistent.
pub fn schema_sql<Q: Root>(dialect: Dialect) -> Result<String, GraphError> {
    let graph = Graph::new::<Q>()?;
    Ok(statements(&graph, dialect).join(";\n\n") + ";\n")
}

/// Make the tables of a graph that are not there yet.
///
/// # Errors
/// If the graph is not consistent, or what the database says.
pub async fn create_tables<Q: Root>(db: &Db) -> Result<()> {
    for statement in statements(&Graph::new::<Q>()?, db.dialect()) {
        db.execute_raw(statement).await?;
    }
    Ok(())
}

/// Drop the tables of a graph, with their rows.
///
/// # Errors
/// If the graph is not consistent, or what the database says.
pub async fn drop_tables<Q: Root>(db: &Db) -> Result<()> {
    let graph = Graph::new::<Q>()?;
    for schema in ordered(tables(&graph)).iter().rev() {
        let cascade = if db.dialect() == Dialect::Sqlite { "" } else { " CASCADE" };
        db.execute_raw(format!("DROP TABLE IF EXISTS {}{cascade}", quoted(db.dialect(), schema.table))).await?;
    }
    Ok(())
}

/// Whether the database has every table and column of the graph, with fitting types and nullability. More columns are fine.
///
/// # Errors
/// If the graph is not consistent; what the database says; or a [`SchemaError`] with everything that does not fit.
pub async fn check_schema<Q: Root>(db: &Db) -> Result<()> {
    let graph = Graph::new::<Q>()?;
    let mut problems = Vec::new();
    for schema in tables(&graph) {
        let (table, dialect) = (&schema.table.name, db.dialect());
        let found = table_columns(db, schema.table).await?;
        if found.is_empty() {
            problems.push(format!("the table `{table}` is missing"));
            continue;
        }
        for (column, ty, key) in &schema.columns {
            let Some((_, declared, never_null)) = found.iter().find(|(name, ..)| name == column) else {
                problems.push(format!("the table `{table}` has no column `{column}`"));
                continue;
            };
            if !holds(dialect, declared, ty) {
                problems.push(format!("`{table}`.`{column}` is {declared}, but its field is {ty}"));
            }
            if !never_null && !ty.is_nullable() && !key {
                problems.push(format!("`{table}`.`{column}` can be null; add NOT NULL, or make its field an `Option`"));
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::from(SchemaError { problems })) }
}

async fn table_columns(db: &Db, table: &Table) -> Result<Vec<(String, String, bool)>> {
    #[cfg(feature = "sqlite")]
    if let Some(pool) = db.sqlite() {
        return super::sqlite::table_columns(pool, table.schema.as_deref(), &table.name).await;
    }
    #[cfg(feature = "postgres")]
    if let Some(pool) = db.postgres() {
        return super::postgres::table_columns(pool, table.schema.as_deref(), &table.name).await;
    }
    #[cfg(feature = "mysql")]
    if let Some(pool) = db.mysql() {
        return super::mysql::table_columns(pool, table.schema.as_deref(), &table.name).await;
    }
    let _ = (db, table);
    Ok(Vec::new())
}

fn holds(dialect: Dialect, declared: &str, ty: &TypeDef) -> bool {
    match dialect {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => super::sqlite::holds(declared, ty.kind()),
        #[cfg(feature = "postgres")]
        Dialect::Postgres => super::postgres::holds(declared, ty.kind()),
        #[cfg(feature = "mysql")]
        Dialect::MySql => super::mysql::holds(declared, ty.kind()),
        #[allow(unreachable_patterns, reason = "with all drivers there is no other")]
        _ => {
            let _ = (declared, ty);
            true
        }
    }
}

/// The tables of a graph; nodes over one table are one, views are none.
fn tables(graph: &Graph) -> Vec<TableSchema<'_>> {
    let mut tables: Vec<TableSchema<'_>> = Vec::new();
    for (_, node) in graph.nodes() {
        let Some(table) = own_table(node) else { continue };
        let known =
            tables.iter().position(|known| known.table.name == table.name && known.table.schema == table.schema);
        let at = known.unwrap_or_else(|| {
            tables.push(TableSchema { table, columns: Vec::new(), key: Vec::new(), foreign_keys: Vec::new() });
            tables.len() - 1
        });
        let schema = &mut tables[at];
        for &stored in &node.stored {
            let field = node.field(stored);
            if let FieldSource::Column(column) = &field.value
                && !schema.columns.iter().any(|(known, ..)| known == column)
            {
                schema.columns.push((column, field.ty, node.key.contains(&stored)));
            }
        }
        if schema.key.is_empty() {
            schema.key = names(node, &node.key);
        }
        for member in &node.members {
            let Member::Link(link) = member else { continue };
            let Via::From(fields) = &link.via else { continue };
            let target = graph.node(link.target);
            if let Some(table) = own_table(target) {
                let key = ForeignKey { columns: names(node, fields), table, target: names(target, &target.key) };
                if !schema.foreign_keys.iter().any(|known| known.columns == key.columns) {
                    schema.foreign_keys.push(key);
                }
            }
        }
    }
    tables
}

fn own_table(node: &NodeInfo) -> Option<&Table> {
    match &node.source {
        Source::Table(table) if table.view.is_none() => Some(table),
        _ => None,
    }
}

fn names<'a>(node: &'a NodeInfo, fields: &[crate::graph::MemberId]) -> Vec<&'a str> {
    fields
        .iter()
        .map(|&field| match &node.field(field).value {
            FieldSource::Column(column) => column.as_str(),
            _ => node.field(field).names.rust.as_str(),
        })
        .collect()
}

/// What is referred to before what refers to it, as far as there are no cycles.
fn ordered(mut tables: Vec<TableSchema<'_>>) -> Vec<TableSchema<'_>> {
    let mut ordered: Vec<TableSchema<'_>> = Vec::with_capacity(tables.len());
    while !tables.is_empty() {
        let waits = |schema: &TableSchema<'_>| {
            schema.foreign_keys.iter().any(|key| {
                key.table.name != schema.table.name && tables.iter().any(|other| other.table.name == key.table.name)
            })
        };
        let next = tables.iter().position(|schema| !waits(schema)).unwrap_or(0);
        ordered.push(tables.remove(next));
    }
    ordered
}

fn statements(graph: &Graph, dialect: Dialect) -> Vec<String> {
    let tables = ordered(tables(graph));
    let mut statements = Vec::new();
    for (at, schema) in tables.iter().enumerate() {
        // SQLite lets a table refer to one that is still to come; others do not, and a cycle has no foreign key there.
        let made = |key: &ForeignKey<'_>| {
            // MariaDB has no rows that refer to themselves by their whole key.
            let itself = key.table.name == schema.table.name && key.columns == key.target;
            dialect == Dialect::Sqlite
                || (tables[..=at].iter().any(|known| known.table.name == key.table.name)
                    && !(itself && dialect == Dialect::MySql))
        };
        statements.push(create(schema, dialect, made));
        for key in &schema.foreign_keys {
            // MariaDB makes an index for each foreign key itself.
            let indexed = dialect == Dialect::MySql && made(key);
            if indexed || schema.key.starts_with(&key.columns) {
                continue;
            }
            let index = format!("{}_{}", schema.table.name, key.columns.join("_"));
            let mut text = String::from("CREATE INDEX IF NOT EXISTS ");
            dialect.quote_defined(&mut text, &index);
            let _ = write!(text, " ON {} ({})", quoted(dialect, schema.table), list(dialect, &key.columns));
            statements.push(text);
        }
    }
    statements
}

fn create(schema: &TableSchema<'_>, dialect: Dialect, made: impl Fn(&ForeignKey<'_>) -> bool) -> String {
    let mut text = format!("CREATE TABLE IF NOT EXISTS {} (", quoted(dialect, schema.table));
    for (at, (column, ty, _)) in schema.columns.iter().enumerate() {
        text.push_str(if at > 0 { ",\n  " } else { "\n  " });
        dialect.quote_defined(&mut text, column);
        let kind = ty.kind().unwrap_or(Kind::Json);
        // A key that is called INTEGER is the row's own number in SQLite, and needs no index; one called bigint is not.
        let row_number =
            dialect == Dialect::Sqlite && schema.key == [*column] && matches!(kind, Kind::I16 | Kind::I32 | Kind::I64);
        let indexed = schema.key.contains(column) || schema.foreign_keys.iter().any(|key| key.columns.contains(column));
        let declared = match (row_number, indexed) {
            (true, _) => "INTEGER",
            (_, true) => dialect.key_column_type(kind),
            _ => dialect.column_type(kind),
        };
        let _ = write!(text, " {declared}");
        if !ty.is_nullable() {
            text.push_str(" NOT NULL");
        }
        let refers = schema.foreign_keys.iter().any(|key| key.columns.contains(column));
        if schema.key == [*column] && !refers && matches!(kind, Kind::I16 | Kind::I32 | Kind::I64) {
            text.push_str(dialect.new_key());
        }
    }
    let _ = write!(text, ",\n  PRIMARY KEY ({})", list(dialect, &schema.key));
    for key in schema.foreign_keys.iter().filter(|key| made(key)) {
        let _ = write!(
            text,
            ",\n  FOREIGN KEY ({}) REFERENCES {} ({})",
            list(dialect, &key.columns),
            quoted(dialect, key.table),
            list(dialect, &key.target)
        );
    }
    text.push_str("\n)");
    if dialect == Dialect::MySql {
        // Texts are equal if their characters are, as elsewhere: not those of other case, accents, or spaces at the end.
        text.push_str(" ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin");
    }
    text
}

fn list(dialect: Dialect, names: &[&str]) -> String {
    let mut text = String::new();
    for (at, name) in names.iter().enumerate() {
        if at > 0 {
            text.push_str(", ");
        }
        dialect.quote_defined(&mut text, name);
    }
    text
}

fn quoted(dialect: Dialect, table: &Table) -> String {
    let mut text = String::new();
    if let Some(schema) = &table.schema {
        dialect.quote_defined(&mut text, schema);
        text.push('.');
    }
    dialect.quote_defined(&mut text, &table.name);
    text
}
