//! What differs between databases in the text of statements.

use std::fmt::Write;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::graph::Kind;

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// SQLite 3.38 or later (JSON functions).
    Sqlite,
    /// PostgreSQL 12 or later.
    Postgres,
    /// MariaDB 10.6 or later.
    MySql,
}

impl Dialect {
    pub(super) const COUNT: usize = 3;

    /// The position among all dialects.
    pub(super) fn index(self) -> usize {
        self as usize
    }

    /// An identifier in quotes, for statements that read. SQLite takes a name in double quotes for a text where there is
    /// no such column; in backticks, a missing column is an error.
    pub(super) fn quote(self, out: &mut String, name: &str) {
        match self {
            Dialect::Sqlite | Dialect::MySql => quoted(out, name, '`'),
            Dialect::Postgres => quoted(out, name, '"'),
        }
    }

    /// An identifier in the quotes of the standard, for statements that define. MariaDB knows those only if it is told to.
    pub(super) fn quote_defined(self, out: &mut String, name: &str) {
        quoted(out, name, if self == Dialect::MySql { '`' } else { '"' });
    }

    /// The placeholder of the bind with this number, from 1. Those of MariaDB have no numbers: the order of the text counts.
    pub(super) fn placeholder(self, out: &mut String, number: usize) {
        // Writing to a string does not fail.
        let _ = match self {
            Dialect::Sqlite => write!(out, "?{number}"),
            Dialect::Postgres => write!(out, "${number}"),
            Dialect::MySql => write!(out, "?"),
        };
    }

    /// As [`placeholder`](Self::placeholder), where the plan is to be the same for every value. SQLite would plan again at every
    /// run for a value that is a limit, or that it has statistics for; it does not look behind a sign.
    pub(super) fn steady(self, out: &mut String, number: usize) {
        if self == Dialect::Sqlite {
            out.push('+');
        }
        self.placeholder(out, number);
    }

    /// How many binds a list of keys of so many parts takes.
    pub(super) fn key_binds(self, parts: usize) -> usize {
        match self {
            Dialect::Sqlite | Dialect::MySql => 1,
            Dialect::Postgres => parts,
        }
    }

    /// The condition that `columns` (already quoted) are in the list of keys of these kinds, whose first bind has this
    /// number. One text for any number of keys, so that the prepared statement is always known; and another text for keys
    /// of another kind, because sqlx knows prepared statements by their text alone.
    pub(super) fn in_keys(
        self,
        out: &mut String,
        columns: &[String],
        kinds: &[Option<Kind>],
        types: Vec<Option<KeyType>>,
        first: usize,
    ) {
        let bind = |at: usize| match kinds.get(at).copied().flatten() {
            Some(kind) => format!("${}::{}[]", first + at, self.column_type(kind)),
            None => format!("${}", first + at),
        };
        let _ = match (self, columns) {
            (Dialect::Sqlite, [column]) => write!(out, "{column} IN (SELECT value FROM json_each(?{first}))"),
            (Dialect::Sqlite, _) => {
                let parts: Vec<String> =
                    (0..columns.len()).map(|at| format!("json_extract(value, '$[{at}]')")).collect();
                write!(out, "({}) IN (SELECT {} FROM json_each(?{first}))", columns.join(", "), parts.join(", "))
            }
            (Dialect::Postgres, [column]) => write!(out, "{column} = ANY({})", bind(0)),
            (Dialect::Postgres, _) => {
                let binds: Vec<String> = (0..columns.len()).map(bind).collect();
                write!(out, "({}) IN (SELECT * FROM unnest({}))", columns.join(", "), binds.join(", "))
            }
            (Dialect::MySql, _) => {
                let kind = |at: usize| kinds.get(at).copied().flatten().unwrap_or(Kind::Text);
                let types: Vec<KeyType> =
                    types.into_iter().enumerate().map(|(at, ty)| ty.unwrap_or_else(|| KeyType::of(kind(at)))).collect();
                out.push_str(&in_table_of_keys(columns, &types));
                Ok(())
            }
        };
    }

    /// The condition that `columns` (already quoted) are a key of these kinds, whose parts are the first binds.
    pub(super) fn is_key(self, out: &mut String, columns: &[String], kinds: &[Option<Kind>]) {
        for (at, (column, kind)) in columns.iter().zip(kinds).enumerate() {
            let _ = write!(out, "{}{column} = ", if at == 0 { "" } else { " AND " });
            self.steady(out, at + 1);
            if let (Dialect::Postgres, Some(kind)) = (self, kind) {
                let _ = write!(out, "::{}", self.column_type(*kind));
            }
        }
    }

    /// The condition that `column` (already quoted) starts with a text, whatever the database thinks of upper and lower
    /// case; answers what is bound to the placeholder of this number.
    pub(super) fn starts_with(self, out: &mut String, column: &str, start: &str, number: usize) -> String {
        if self == Dialect::MySql {
            // The first finds rows by an index, the second compares letter by letter. Backslashes escape only if a server says so.
            let _ = write!(
                out,
                "({column} LIKE ? ESCAPE '|' AND CONVERT({column} USING utf8mb4) COLLATE utf8mb4_bin LIKE ? ESCAPE '|')"
            );
        }
        let (operator, escapes, mark): (_, &[char], _) = match self {
            // `LIKE` of SQLite takes `a` for `A`.
            Dialect::Sqlite => ("GLOB", &['*', '?', '['], '*'),
            Dialect::Postgres => ("LIKE", &['%', '_', '\\'], '%'),
            Dialect::MySql => ("LIKE", &['%', '_', '|'], '%'),
        };
        if self != Dialect::MySql {
            let _ = write!(out, "{column} {operator} ");
            self.placeholder(out, number);
        }
        let mut pattern = String::with_capacity(start.len() + 1);
        for letter in start.chars() {
            match (self, escapes.contains(&letter)) {
                (_, false) => pattern.push(letter),
                (Dialect::Sqlite, true) => pattern.extend(['[', letter, ']']),
                (Dialect::Postgres, true) => pattern.extend(['\\', letter]),
                (Dialect::MySql, true) => pattern.extend(['|', letter]),
            }
        }
        pattern.push(mark);
        pattern
    }

    /// The list of keys as a subquery, for statements of users.
    pub(super) fn key_list(self, first: usize, kind: Option<Kind>) -> String {
        match self {
            Dialect::Sqlite => format!("(SELECT value FROM json_each(?{first}))"),
            Dialect::Postgres => {
                let ty = kind.map_or("text", |kind| self.column_type(kind));
                format!("(SELECT unnest(${first}::{ty}[]))")
            }
            Dialect::MySql => table_of_keys(&[KeyType::of(kind.unwrap_or(Kind::Text))]),
        }
    }

    /// The type of a column that stores values of this kind and is part of a key or an index. MariaDB has no index of a whole
    /// text whose length has no limit.
    pub(super) fn key_column_type(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Dialect::MySql, Kind::Text) => "varchar(255)",
            _ => self.column_type(kind),
        }
    }

    /// The placeholder of a value to store in a column of this kind; lists, records and JSON are bound as text.
    pub(super) fn stored(self, out: &mut String, kind: Kind, number: usize) {
        self.placeholder(out, number);
        if (self, kind) == (Dialect::Postgres, Kind::Json) {
            out.push_str("::jsonb");
        }
    }

    /// Rows to insert, after the list of their columns, whose kinds these are: one text for any number of rows, bound as
    /// one JSON text on SQLite, as an array for each column on PostgreSQL.
    pub(super) fn rows(self, out: &mut String, kinds: &[Kind], first: usize) {
        out.push_str(" SELECT ");
        for (at, kind) in kinds.iter().enumerate() {
            if at > 0 {
                out.push_str(", ");
            }
            let _ = match (self, kinds) {
                (Dialect::Sqlite, [_]) => write!(out, "value"),
                (Dialect::Sqlite, _) => write!(out, "json_extract(value, '$[{at}]')"),
                (Dialect::Postgres, _) if *kind == Kind::Json => write!(out, "c{at}::jsonb"),
                (Dialect::Postgres | Dialect::MySql, _) => write!(out, "c{at}"),
            };
        }
        match self {
            // Without a condition, `ON` would be taken for that of a join.
            Dialect::Sqlite => {
                let _ = write!(out, " FROM json_each(?{first}) WHERE true");
            }
            Dialect::Postgres => {
                let bind = |(at, kind): (usize, &Kind)| {
                    let ty = if *kind == Kind::Json { "text" } else { self.column_type(*kind) };
                    format!("${}::{ty}[]", first + at)
                };
                let binds: Vec<String> = kinds.iter().enumerate().map(bind).collect();
                let names: Vec<String> = (0..kinds.len()).map(|at| format!("c{at}")).collect();
                let _ = write!(out, " FROM unnest({}) AS r({})", binds.join(", "), names.join(", "));
            }
            Dialect::MySql => {
                let column = |(at, kind): (usize, &Kind)| {
                    let path = if kinds.len() > 1 { format!("$[{at}]") } else { "$".to_owned() };
                    // What its columns hold, so nothing is changed on the way.
                    let ty = match kind {
                        Kind::Text | Kind::Json => "longtext CHARACTER SET utf8mb4",
                        kind => self.column_type(*kind),
                    };
                    format!("c{at} {ty} PATH '{path}' ERROR ON ERROR")
                };
                let columns: Vec<String> = kinds.iter().enumerate().map(column).collect();
                let _ = write!(out, " FROM JSON_TABLE(?, '$[*]' COLUMNS ({})) AS r", columns.join(", "));
            }
        }
    }

    /// What inserts a row of nothing but defaults, after the table.
    pub(super) fn default_values(self) -> &'static str {
        match self {
            Dialect::Sqlite | Dialect::Postgres => " DEFAULT VALUES",
            Dialect::MySql => " () VALUES ()",
        }
    }

    /// What leaves out rows that break a rule of uniqueness, after an insert.
    pub(super) fn ignore_conflicts(self) -> &'static str {
        match self {
            Dialect::Sqlite | Dialect::Postgres => " ON CONFLICT DO NOTHING",
            // It is `INSERT IGNORE` there.
            Dialect::MySql => "",
        }
    }

    /// What updates the row that is there, after an insert: the columns that are then equal, and those that are set (all
    /// quoted). `key` is a column of the key.
    pub(super) fn upsert(self, out: &mut String, by: &[String], set: &[String], key: &str) {
        match self {
            Dialect::Sqlite | Dialect::Postgres => {
                let set: Vec<String> = set.iter().map(|column| format!("{column} = excluded.{column}")).collect();
                let _ = write!(out, " ON CONFLICT ({}) DO UPDATE SET {}", by.join(", "), set.join(", "));
            }
            // It takes the first rule of uniqueness that is broken. Where that is another one, there is more than one row in
            // place of a value: an error, instead of a change to a row that nobody named.
            Dialect::MySql => {
                let same: Vec<String> = by.iter().map(|column| format!("{column} <=> VALUE({column})")).collect();
                let set: Vec<String> = set.iter().map(|column| format!(", {column} = VALUE({column})")).collect();
                let (same, set) = (same.join(" AND "), set.concat());
                let _ = write!(
                    out,
                    " ON DUPLICATE KEY UPDATE {key} = IF({same}, {key}, (SELECT 1 UNION ALL SELECT 2)){set}"
                );
            }
        }
    }

    /// What makes the database give numbers to a key that is not named by an insert, after its type.
    pub(super) fn new_key(self) -> &'static str {
        match self {
            // The row's own number.
            Dialect::Sqlite => "",
            Dialect::Postgres => " GENERATED BY DEFAULT AS IDENTITY",
            Dialect::MySql => " AUTO_INCREMENT",
        }
    }

    /// Whether a text can have the character NUL in it.
    pub(super) fn stores_nul(self) -> bool {
        self != Dialect::Postgres
    }

    /// The type of a column that stores values of this kind.
    pub(super) fn column_type(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Dialect::MySql, Kind::F32) => "float",
            // Its decimals have all as many places as the column; a text keeps those that were given.
            #[cfg(feature = "decimal")]
            (Dialect::MySql, Kind::Decimal) => "varchar(32)",
            (Dialect::MySql, Kind::Text) => "longtext",
            // As bytes of text it has the order of the other databases; MariaDB's own type has another.
            (Dialect::MySql, Kind::Uuid) => "char(36)",
            // What it calls JSON is a text that may not nest deeper than 32 levels.
            (Dialect::MySql, Kind::Json) => "longtext",
            (Dialect::MySql, Kind::Time) => "time(6)",
            (Dialect::MySql, Kind::DateTime | Kind::LocalDateTime) => "datetime(6)",
            (_, Kind::Bool) => "boolean",
            (_, Kind::I16) => "smallint",
            (_, Kind::I32) => "integer",
            (_, Kind::I64) => "bigint",
            (_, Kind::F32) => "real",
            (_, Kind::F64) => "double precision",
            #[cfg(feature = "decimal")]
            (Dialect::Postgres, Kind::Decimal) => "numeric",
            // What SQLite calls numeric is a float.
            #[cfg(feature = "decimal")]
            (Dialect::Sqlite, Kind::Decimal) => "text",
            (_, Kind::Text) => "text",
            (Dialect::Postgres, Kind::Uuid) => "uuid",
            (Dialect::Postgres, Kind::Json) => "jsonb",
            (Dialect::Sqlite, Kind::Uuid | Kind::Json) => "text",
            (_, Kind::Date) => "date",
            (_, Kind::Time) => "time",
            (Dialect::Postgres, Kind::DateTime) => "timestamptz",
            (Dialect::Sqlite, Kind::DateTime) | (_, Kind::LocalDateTime) => "timestamp",
        }
    }
}

/// How MariaDB reads one part of keys out of JSON: as its column is compared, so that an index of that is of use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyType {
    /// The type, with its collation.
    pub(super) declared: String,
    /// What stands before and after it where a text is not what the column holds.
    pub(super) around: (&'static str, &'static str),
}

impl KeyType {
    /// Where the column is not known: that of columns which we define.
    pub(super) fn of(kind: Kind) -> KeyType {
        let declared = match kind {
            Kind::Text => "varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
            Kind::Uuid => "char(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
            Kind::Json => "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
            #[cfg(feature = "decimal")]
            Kind::Decimal => "decimal(65,28)",
            _ => Dialect::MySql.column_type(kind),
        };
        KeyType { declared: declared.to_owned(), around: ("", "") }
    }
}

/// How MariaDB compares the columns of a table, where that has to be known.
pub(super) type KeyTypes = Arc<FxHashMap<String, KeyType>>;

/// The list of keys as MariaDB's table of JSON.
pub(super) fn table_of_keys(types: &[KeyType]) -> String {
    let (mut selected, mut columns) = (String::new(), String::new());
    for (at, ty) in types.iter().enumerate() {
        let separator = if at > 0 { ", " } else { "" };
        let path = if types.len() > 1 { format!("$[{at}]") } else { "$".to_owned() };
        let (before, after) = ty.around;
        let _ = write!(selected, "{separator}{before}k{at}{after}");
        let _ = write!(columns, "{separator}k{at} {} PATH '{path}'", ty.declared);
    }
    format!("(SELECT {selected} FROM JSON_TABLE(?, '$[*]' COLUMNS ({columns})) AS k)")
}

/// The condition that `columns` (already quoted) are in such a list.
pub(super) fn in_table_of_keys(columns: &[String], types: &[KeyType]) -> String {
    match columns {
        [column] => format!("{column} IN {}", table_of_keys(types)),
        _ => format!("({}) IN {}", columns.join(", "), table_of_keys(types)),
    }
}

fn quoted(out: &mut String, name: &str, mark: char) {
    out.push(mark);
    for part in name.chars() {
        if part == mark {
            out.push(mark);
        }
        out.push(part);
    }
    out.push(mark);
}
