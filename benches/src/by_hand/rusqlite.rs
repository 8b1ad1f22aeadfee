//! SQLite through rusqlite, on the thread that asks.

use std::path::PathBuf;
use std::sync::Mutex;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::columns::Column;
use super::sql::{Driver, Keys, Statement, Statements, json_keys, statements};

pub struct Rusqlite {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Rusqlite {
    pub fn new(path: PathBuf) -> Rusqlite {
        Rusqlite { path, idle: Mutex::default() }
    }
}

impl Driver for Rusqlite {
    const STATEMENTS: Statements = statements!("IN (SELECT value FROM json_each($1))");

    type Connection = Connection;

    async fn connection(&self) -> Connection {
        let idle = self.idle.lock().unwrap().pop();
        idle.unwrap_or_else(|| Connection::open(&self.path).unwrap())
    }

    async fn fetch(&self, connection: &mut Connection, statement: Statement, keys: Keys<'_>) -> Vec<Column> {
        let mut prepared = connection.prepare_cached(statement.sql).unwrap();
        match keys {
            Keys::None => {}
            Keys::One(key) => prepared.raw_bind_parameter(1, key).unwrap(),
            Keys::Many(keys) => prepared.raw_bind_parameter(1, json_keys(keys)).unwrap(),
        }
        let mut columns: Vec<Column> = statement.columns.iter().copied().map(Column::new).collect();
        let mut rows = prepared.raw_query();
        while let Some(row) = rows.next().unwrap() {
            for (at, column) in columns.iter_mut().enumerate() {
                match (column, row.get_ref(at).unwrap()) {
                    (Column::Ints(ints), ValueRef::Integer(value)) => ints.push(value),
                    (Column::Texts(texts), ValueRef::Text(text)) => texts.push(Some(str::from_utf8(text).unwrap())),
                    (Column::Texts(texts), ValueRef::Null) => texts.push(None),
                    (_, value) => panic!("{} gave {value:?}", statement.sql),
                }
            }
        }
        columns
    }

    fn release(&self, connection: Connection) {
        self.idle.lock().unwrap().push(connection);
    }
}
