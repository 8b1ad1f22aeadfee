//! What differs between databases in the text of statements.

use std::fmt::Write;

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
    pub(super) fn in_keys(self, out: &mut String, columns: &[String], kinds: &[Option<Kind>], first: usize) {
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
                let types: Vec<KeyType> = (0..columns.len())
                    .map(|at| KeyType::of(kinds.get(at).copied().flatten().unwrap_or(Kind::Text)))
                    .collect();
                out.push_str(&in_table_of_keys(columns, &types));
                Ok(())
            }
        };
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
