//! The text of statements that write, and what is bound to it.

use std::sync::Arc;

use super::To;
use super::table::Table;
use crate::error::{Error, Result};
use crate::graph::{Kind, TypeDef};
use crate::index::{Column, Value, Values};
use crate::sql::dialect::KeyTypes;
use crate::sql::filter::Conditions;
use crate::sql::session::{OnConflict, Written};
use crate::sql::statement::{ScopeBind, ScopeBinds};
use crate::sql::{Db, Dialect, Filter};

/// What to do where a row is there already.
#[derive(Clone, Debug, Default)]
pub(super) enum Conflict {
    #[default]
    Fail,
    Ignore,
    /// Where these fields are equal, set all others but the key.
    Update(Vec<&'static str>),
}

impl From<&Conflict> for OnConflict {
    fn from(conflict: &Conflict) -> Self {
        match conflict {
            Conflict::Fail => OnConflict::Fail,
            Conflict::Ignore => OnConflict::Ignore,
            Conflict::Update(_) => OnConflict::Update,
        }
    }
}

/// A text under way.
pub(super) struct Text<'a> {
    dialect: Dialect,
    table: &'a Table,
    out: String,
    next: usize,
    binds: ScopeBinds,
    /// The numbers of the placeholders in the order of the text.
    numbers: Vec<usize>,
    /// How MariaDB compares the columns.
    types: KeyTypes,
}

impl<'a> Text<'a> {
    pub(super) async fn new(db: &Db, table: &'a Table) -> Result<Self> {
        table.writable()?;
        let types = crate::sql::session::key_types(db, table.relation()).await?;
        let out = String::with_capacity(160);
        Ok(Text { dialect: db.dialect(), table, out, next: 1, binds: Vec::new(), numbers: Vec::new(), types })
    }

    fn written(self, on_conflict: OnConflict) -> Written {
        Written { text: self.out, binds: self.binds, numbers: self.numbers, on_conflict }
    }

    /// One row of these values.
    pub(super) fn insert_one(
        mut self,
        values: &[(usize, Column)],
        conflict: &Conflict,
        returning: bool,
    ) -> Result<Written> {
        let columns: Vec<usize> = values.iter().map(|(at, _)| *at).collect();
        self.insert_into(&columns, conflict)?;
        if values.is_empty() {
            self.out.push_str(self.dialect.default_values());
        } else {
            self.out.push_str(" VALUES (");
            for (at, (field, value)) in values.iter().enumerate() {
                self.separate(at);
                self.value(*field, value)?;
            }
            self.out.push(')');
        }
        self.conflict(&columns, conflict)?;
        self.returning(returning);
        Ok(self.written(conflict.into()))
    }

    /// Rows of these columns, by one text for any number of them.
    pub(super) fn insert_many(
        mut self,
        columns: Vec<(usize, Column)>,
        conflict: &Conflict,
        returning: bool,
    ) -> Result<Written> {
        let fields: Vec<usize> = columns.iter().map(|(at, _)| *at).collect();
        self.insert_into(&fields, conflict)?;
        let kinds: Vec<Kind> = fields.iter().map(|&at| kind(self.table.fields[at].ty)).collect();
        self.dialect.rows(&mut self.out, &kinds, self.next);
        let mut values = Vec::with_capacity(columns.len());
        for (at, column) in columns {
            values.push(Arc::new(self.storable(at, column)?));
        }
        self.bind_rows(&values);
        self.conflict(&fields, conflict)?;
        self.returning(returning);
        Ok(self.written(conflict.into()))
    }

    /// Set columns of the rows that the filter finds.
    pub(super) fn update(mut self, changes: &[(usize, To)], filter: &Filter, returning: bool) -> Result<Written> {
        self.out.push_str("UPDATE ");
        self.relation();
        self.out.push_str(" SET ");
        for (at, (field, to)) in changes.iter().enumerate() {
            self.separate(at);
            self.column(*field)?;
            self.out.push_str(" = ");
            match to {
                To::Value(value) => self.value(*field, value)?,
                To::More(value) => {
                    self.column(*field)?;
                    self.out.push_str(" + ");
                    self.value(*field, value)?;
                }
            }
        }
        self.filtered(filter)?;
        self.returning(returning);
        Ok(self.written(OnConflict::Fail))
    }

    pub(super) fn delete(mut self, filter: &Filter, returning: bool) -> Result<Written> {
        self.out.push_str("DELETE FROM ");
        self.relation();
        self.filtered(filter)?;
        self.returning(returning);
        Ok(self.written(OnConflict::Fail))
    }

    /// All columns of the rows that the filter finds, which nobody else changes until the transaction ends.
    #[cfg(feature = "mysql")]
    pub(super) fn locked(mut self, filter: &Filter) -> Result<Written> {
        self.out.push_str("SELECT ");
        self.everything("");
        self.out.push_str(" FROM ");
        self.relation();
        self.filtered(filter)?;
        self.out.push_str(" FOR UPDATE");
        Ok(self.written(OnConflict::Fail))
    }

    fn separate(&mut self, at: usize) {
        if at > 0 {
            self.out.push_str(", ");
        }
    }

    fn relation(&mut self) {
        if let Some(schema) = self.table.schema() {
            self.dialect.quote(&mut self.out, schema);
            self.out.push('.');
        }
        self.dialect.quote(&mut self.out, self.table.name());
    }

    fn column(&mut self, field: usize) -> Result<()> {
        let column = self.table.written(field)?;
        self.dialect.quote(&mut self.out, column);
        Ok(())
    }

    fn insert_into(&mut self, fields: &[usize], conflict: &Conflict) -> Result<()> {
        let ignores = matches!((self.dialect, conflict), (Dialect::MySql, Conflict::Ignore));
        self.out.push_str(if ignores { "INSERT IGNORE INTO " } else { "INSERT INTO " });
        self.relation();
        for (at, &field) in fields.iter().enumerate() {
            self.out.push_str(if at == 0 { " (" } else { ", " });
            self.column(field)?;
        }
        if !fields.is_empty() {
            self.out.push(')');
        }
        Ok(())
    }

    /// A placeholder, and the value behind it.
    fn value(&mut self, field: usize, value: &Column) -> Result<()> {
        let value = self.storable(field, value.clone())?;
        self.dialect.stored(&mut self.out, kind(self.table.fields[field].ty), self.next);
        self.numbers.push(self.next);
        self.next += 1;
        self.binds.push(ScopeBind::One(value));
        Ok(())
    }

    fn bind_rows(&mut self, columns: &[Arc<Column>]) {
        match self.dialect {
            #[cfg(any(feature = "sqlite", feature = "mysql"))]
            Dialect::Sqlite | Dialect::MySql => {
                let mut rows = Column::new(String::TYPE);
                crate::sql::values::keys_json(columns, self.dialect).write_to(&mut rows);
                self.numbers.push(self.next);
                self.binds.push(ScopeBind::One(rows));
                self.next += 1;
            }
            #[allow(unreachable_patterns, reason = "without PostgreSQL there is no other")]
            _ => {
                self.next += columns.len();
                self.binds.extend(columns.iter().map(|column| ScopeBind::Many(Column::clone(column))));
            }
        }
    }

    fn conflict(&mut self, inserted: &[usize], conflict: &Conflict) -> Result<()> {
        let names = match conflict {
            Conflict::Fail => return Ok(()),
            Conflict::Ignore => {
                self.out.push_str(self.dialect.ignore_conflicts());
                return Ok(());
            }
            Conflict::Update(names) => names,
        };
        let mut by = Vec::with_capacity(names.len());
        for name in names {
            by.push(self.table.field(name)?);
        }
        let mut set: Vec<usize> =
            inserted.iter().copied().filter(|at| !by.contains(at) && !self.table.key.contains(at)).collect();
        if set.is_empty() {
            // Nothing changes; but the row is answered.
            set = by.clone();
        }
        let quoted = |fields: &[usize]| -> Result<Vec<String>> {
            let quote = |&at: &usize| {
                let mut name = String::new();
                self.dialect.quote(&mut name, self.table.written(at)?);
                Ok(name)
            };
            fields.iter().map(quote).collect()
        };
        let (by, set, key) = (quoted(&by)?, quoted(&set)?, quoted(&self.table.key[..1])?);
        self.dialect.upsert(&mut self.out, &by, &set, &key[0]);
        Ok(())
    }

    fn filtered(&mut self, filter: &Filter) -> Result<()> {
        let mut before = " WHERE ";
        if let Some(always) = self.table.filter() {
            self.out.push_str(before);
            self.out.push('(');
            self.out.push_str(always);
            self.out.push(')');
            before = " AND ";
        }
        let (table, types) = (self.table, &self.types);
        let column = |name: &str| table.fields.iter().find(|field| field.rust == name)?.column();
        let mut conditions = Conditions {
            dialect: self.dialect,
            out: &mut self.out,
            next: &mut self.next,
            binds: &mut self.binds,
            numbers: &mut self.numbers,
            types: &|column| types.get(column).cloned(),
            column: &column,
            what: &format!("a filter of `{}`", table.name()),
        };
        conditions.write(filter, before)
    }

    fn returning(&mut self, returning: bool) {
        if returning {
            self.everything(" RETURNING ");
        }
    }

    fn everything(&mut self, before: &str) {
        for (at, field) in self.table.fields.iter().enumerate() {
            self.out.push_str(if at == 0 { before } else { ", " });
            match field.selected().expr {
                crate::sql::SelectExpr::Column(name) => self.dialect.quote(&mut self.out, &name),
                crate::sql::SelectExpr::Sql(sql) => {
                    self.out.push('(');
                    self.out.push_str(&sql);
                    self.out.push(')');
                }
            }
        }
    }

    /// Values as drivers bind them: lists and records as JSON.
    fn storable(&self, field: usize, column: Column) -> Result<Column> {
        let field = &self.table.fields[field];
        let column = match column.values() {
            Values::List(_) | Values::Record(_) => {
                let mut json = Column::new(<Option<String> as Value>::TYPE);
                for row in 0..column.len() {
                    let value = (!column.is_null(row)).then(|| json_of(field.ty, &column, row).to_string());
                    value.write_to(&mut json);
                }
                json
            }
            Values::Json(texts) => {
                let mut json = Column::new(<Option<String> as Value>::TYPE);
                for row in 0..column.len() {
                    (!column.is_null(row)).then(|| texts.get(row).to_owned()).write_to(&mut json);
                }
                json
            }
            _ => column,
        };
        let finite = match column.values() {
            Values::F32(values) => values.iter().all(|value| value.is_finite()),
            Values::F64(values) => values.iter().all(|value| value.is_finite()),
            _ => true,
        };
        if !finite && self.dialect == Dialect::MySql {
            let text = format!("`{}.{}` cannot hold an infinite number on MariaDB", self.table.name(), field.rust);
            return Err(Error::internal(text));
        }
        let nul = |text: &str| text.as_bytes().contains(&0);
        if !self.dialect.stores_nul()
            && let Values::Text(texts) = column.values()
            && texts.iter().any(nul)
        {
            let text = format!("`{}.{}` cannot hold a text with the character NUL", self.table.name(), field.rust);
            return Err(Error::internal(text));
        }
        Ok(column)
    }
}

/// What a column of this type is: JSON, unless it is one value.
fn kind(ty: &TypeDef) -> Kind {
    ty.kind().unwrap_or(Kind::Json)
}

/// A value that is not null as it is stored in JSON: what reading takes for it.
fn json_of(ty: &TypeDef, column: &Column, row: usize) -> serde_json::Value {
    fn of<T: Value>(column: &Column, row: usize) -> serde_json::Value {
        T::read(column, row).to_json()
    }
    let part = |ty: &TypeDef, column: &Column, row| match column.is_null(row) {
        true => serde_json::Value::Null,
        false => json_of(ty, column, row),
    };
    match (ty.non_null(), column.values()) {
        (TypeDef::List(item), Values::List(list)) => list.range(row).map(|at| part(item, &list.items, at)).collect(),
        (TypeDef::Record(def), Values::Record(record)) => {
            let fields = def().fields.iter().zip(record.fields());
            fields.map(|(field, column)| (field.stored.to_owned(), part(field.ty, column, row))).collect()
        }
        (_, values) => match values {
            Values::Bool(_) => of::<bool>(column, row),
            Values::I16(_) => of::<i16>(column, row),
            Values::I32(_) => of::<i32>(column, row),
            Values::I64(_) => of::<i64>(column, row),
            Values::F32(_) => of::<f32>(column, row),
            Values::F64(_) => of::<f64>(column, row),
            #[cfg(feature = "decimal")]
            Values::Decimal(_) => of::<rust_decimal::Decimal>(column, row),
            Values::Text(_) => of::<String>(column, row),
            Values::Uuid(_) => of::<uuid::Uuid>(column, row),
            Values::Date(_) => of::<chrono::NaiveDate>(column, row),
            Values::Time(_) => of::<chrono::NaiveTime>(column, row),
            Values::DateTime(_) => of::<chrono::DateTime<chrono::Utc>>(column, row),
            Values::LocalDateTime(_) => of::<chrono::NaiveDateTime>(column, row),
            Values::Json(_) => of::<serde_json::Value>(column, row),
            Values::List(_) | Values::Record(_) => serde_json::Value::Null,
        },
    }
}
