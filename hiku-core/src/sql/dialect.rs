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
}

impl Dialect {
    pub(super) const COUNT: usize = 2;

    /// The position among all dialects.
    pub(super) fn index(self) -> usize {
        self as usize
    }

    /// An identifier in quotes, for statements that read. SQLite takes a name in double quotes for a text where there is
    /// no such column; in backticks, a missing column is an error.
    pub(super) fn quote(self, out: &mut String, name: &str) {
        match self {
            Dialect::Sqlite => quoted(out, name, '`'),
            Dialect::Postgres => quoted(out, name, '"'),
        }
    }

    /// An identifier in the quotes of the standard, for statements that define.
    pub(super) fn quote_defined(self, out: &mut String, name: &str) {
        quoted(out, name, '"');
    }

    /// The placeholder of the bind with this number, from 1.
    pub(super) fn placeholder(self, out: &mut String, number: usize) {
        // Writing to a string does not fail.
        let _ = match self {
            Dialect::Sqlite => write!(out, "?{number}"),
            Dialect::Postgres => write!(out, "${number}"),
        };
    }

    /// How many binds a list of keys of so many parts takes.
    pub(super) fn key_binds(self, parts: usize) -> usize {
        match self {
            Dialect::Sqlite => 1,
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
        };
    }

    /// The condition that `columns` (already quoted) are a key of these kinds, whose parts are the first binds.
    pub(super) fn is_key(self, out: &mut String, columns: &[String], kinds: &[Option<Kind>]) {
        for (at, (column, kind)) in columns.iter().zip(kinds).enumerate() {
            let _ = write!(out, "{}{column} = ", if at == 0 { "" } else { " AND " });
            self.placeholder(out, at + 1);
            if let (Dialect::Postgres, Some(kind)) = (self, kind) {
                let _ = write!(out, "::{}", self.column_type(*kind));
            }
        }
    }

    /// The list of keys as a subquery, for statements of users.
    pub(super) fn key_list(self, first: usize, kind: Option<Kind>) -> String {
        match self {
            Dialect::Sqlite => format!("(SELECT value FROM json_each(?{first}))"),
            Dialect::Postgres => {
                let ty = kind.map_or("text", |kind| self.column_type(kind));
                format!("(SELECT unnest(${first}::{ty}[]))")
            }
        }
    }

    /// The type of a column that stores values of this kind.
    pub(super) fn column_type(self, kind: Kind) -> &'static str {
        match (self, kind) {
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
