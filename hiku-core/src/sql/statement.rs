//! What a step of a plan asks of a database, and its text in each dialect.

use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use super::dialect::{Dialect, KeyType};
use super::filter::{Conditions, Filter};
use crate::error::{Error, Result};
use crate::graph::TypeDef;
use crate::index::Column;

/// A statement that answers rows, described without SQL. Its text is made once per dialect, for any number of keys; for a single
/// one there is another, since a list of one is dearer to plan and to search than a value.
#[derive(Debug)]
pub struct Statement {
    /// The table that it reads.
    pub table: Relation,
    /// What it selects, beside what rows are found by.
    pub columns: Vec<SelectColumn>,
    /// How rows are found.
    pub shape: Shape,
    /// The order of rows (within a parent).
    pub order: Vec<OrderColumn>,
    texts: [OnceLock<Arc<str>>; Dialect::COUNT],
    /// For a single key.
    texts_of_one: [OnceLock<Arc<str>>; Dialect::COUNT],
    /// Whether SQLite is expected to be done at once.
    #[cfg(feature = "sqlite")]
    pub(super) pace: super::sqlite::Pace,
    #[cfg(feature = "sql")]
    pub(super) room: super::room::Room,
}

/// A table, or what stands in its place.
#[derive(Clone, Debug)]
pub struct Relation {
    /// The schema of the database.
    pub schema: Option<String>,
    /// The table's name.
    pub name: String,
    /// A `SELECT` in its place.
    pub view: Option<String>,
    /// A condition on every row.
    pub filter: Option<String>,
    /// A [`Filter`] comes with every request.
    pub scoped: bool,
    /// Rust names of fields and their columns: filters name fields.
    pub fields: Vec<(String, String)>,
}

/// A selected column.
#[derive(Debug)]
pub struct SelectColumn {
    /// What is selected.
    pub expr: SelectExpr,
    /// The type of its values.
    pub ty: &'static TypeDef,
}

/// What is selected.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub enum SelectExpr {
    Column(String),
    Sql(String),
}

/// A column that rows are found by.
#[derive(Debug)]
pub struct KeyColumn {
    /// Its name.
    pub name: String,
    /// The type of its values.
    pub ty: &'static TypeDef,
}

/// One key of an order.
#[derive(Debug)]
pub struct OrderColumn {
    /// The column's name.
    pub column: String,
    /// From the greatest to the least.
    pub descending: bool,
    /// Whether it can be null: a null is greater than every value, on every database.
    pub nullable: bool,
}

/// How rows are found, and which columns lead the answer.
#[derive(Debug)]
pub enum Shape {
    /// All rows. The answer has the selected columns.
    All {
        /// Whether limit and offset are bound.
        paged: bool,
    },
    /// Rows by key, in no order. The key leads the answer.
    Keys {
        /// The key.
        columns: Vec<KeyColumn>,
    },
    /// Rows by foreign key; within an owner in order. The foreign key leads the answer.
    Children {
        /// The foreign key.
        columns: Vec<KeyColumn>,
        /// Whether limit and offset are bound: they count per owner.
        paged: bool,
    },
    /// Pairs of keys out of a join table, in the order of the target. The answer has `from`, then `to`.
    Pairs {
        /// The join table.
        join: Relation,
        /// Its columns that hold the key given.
        from: Vec<KeyColumn>,
        /// Its columns that hold the key of the target.
        to: Vec<KeyColumn>,
        /// The key of the target.
        target_key: Vec<String>,
        /// Whether limit and offset are bound: they count per key given.
        paged: bool,
    },
    /// A statement of the user, with `{keys}` for the list of keys. The answer has the key given, then that of the target.
    Static {
        /// The text.
        text: Arc<str>,
        /// The key given.
        key: KeyColumn,
        /// The key of the target.
        target: KeyColumn,
    },
}

/// The values behind the placeholders that a filter added, in order.
pub(super) type ScopeBinds = Vec<ScopeBind>;

/// One value, or a list of values, of a filter.
#[derive(Clone, Debug)]
pub(super) enum ScopeBind {
    #[cfg_attr(not(feature = "sql"), allow(dead_code, reason = "no driver binds it"))]
    One(Column),
    #[cfg_attr(not(feature = "sql"), allow(dead_code, reason = "no driver binds it"))]
    Many(Column),
}

impl Statement {
    /// A statement of these parts.
    pub fn new(table: Relation, columns: Vec<SelectColumn>, shape: Shape, order: Vec<OrderColumn>) -> Self {
        Statement {
            table,
            columns,
            shape,
            order,
            texts: Default::default(),
            texts_of_one: Default::default(),
            #[cfg(feature = "sqlite")]
            pace: Default::default(),
            #[cfg(feature = "sql")]
            room: Default::default(),
        }
    }

    /// The text without the conditions of requests.
    pub fn text(&self, dialect: Dialect) -> Arc<str> {
        self.unscoped_text(dialect, false)
    }

    fn unscoped_text(&self, dialect: Dialect, one: bool) -> Arc<str> {
        let texts = if one { &self.texts_of_one } else { &self.texts };
        texts[dialect.index()]
            .get_or_init(|| {
                Writer::new(self, dialect, one, None, None)
                    .write()
                    .map_or_else(|error| error.to_string(), |(text, _)| text)
                    .into()
            })
            .clone()
    }

    /// Whether these are a single key, which is bound as it is. Statements of users have a list whatever is in it.
    pub(super) fn is_of_one(&self, keys: &[Arc<Column>]) -> bool {
        keys.first().is_some_and(|column| column.len() == 1) && !matches!(self.shape, Shape::Static { .. })
    }

    /// The text for MariaDB, whose placeholders have no numbers: with the numbers in the order of the text. `types` knows how
    /// the columns of tables are compared.
    #[cfg(feature = "mysql")]
    pub(super) fn positional(
        &self,
        scope: Option<&Filter>,
        join_scope: Option<&Filter>,
        types: &Types<'_>,
    ) -> Result<(String, Vec<usize>)> {
        let (scope, join_scope) = if self.scoped() { (scope, join_scope) } else { (None, None) };
        let mut writer = Writer::new(self, Dialect::MySql, false, scope, join_scope);
        writer.types = Some(types);
        writer.written()?;
        Ok((writer.out, writer.numbers))
    }

    /// Whether requests add conditions.
    fn scoped(&self) -> bool {
        self.table.scoped || matches!(&self.shape, Shape::Pairs { join, .. } if join.scoped)
    }

    /// The text for a single key or any number, with these filters of a request, and their values.
    pub(super) fn text_for(
        &self,
        dialect: Dialect,
        one: bool,
        scope: Option<&Filter>,
        join_scope: Option<&Filter>,
    ) -> Result<(Arc<str>, ScopeBinds)> {
        if !self.scoped() {
            return Ok((self.unscoped_text(dialect, one), Vec::new()));
        }
        let join_needs = matches!(&self.shape, Shape::Pairs { join, .. } if join.scoped);
        if (self.table.scoped && scope.is_none()) || (join_needs && join_scope.is_none()) {
            return Err(Error::internal(format!("`{}` has a scope, but this request has none", self.table.name)));
        }
        Writer::new(self, dialect, one, scope, join_scope).write().map(|(text, binds)| (text.into(), binds))
    }

    /// How many columns of the answer lead it: what rows are found by.
    #[cfg(feature = "sql")]
    pub(super) fn lead(&self) -> usize {
        match &self.shape {
            Shape::All { .. } => 0,
            Shape::Keys { columns } | Shape::Children { columns, .. } => columns.len(),
            Shape::Pairs { from, to, .. } => from.len() + to.len(),
            Shape::Static { .. } => 2,
        }
    }

    /// The columns of the answer: what rows are found by, then what is selected.
    #[cfg(feature = "sql")]
    pub(super) fn answer(&self) -> impl Iterator<Item = (&str, &'static TypeDef)> {
        let (first, second): (&[KeyColumn], &[KeyColumn]) = match &self.shape {
            Shape::All { .. } => (&[], &[]),
            Shape::Keys { columns } | Shape::Children { columns, .. } => (columns, &[]),
            Shape::Pairs { from, to, .. } => (from, to),
            Shape::Static { key, target, .. } => (std::slice::from_ref(key), std::slice::from_ref(target)),
        };
        let selected = self.columns.iter().map(|column| match &column.expr {
            SelectExpr::Column(name) | SelectExpr::Sql(name) => (name.as_str(), column.ty),
        });
        first.iter().chain(second).map(|column| (column.name.as_str(), column.ty)).chain(selected)
    }
}

/// How a column of a table is compared, if it is known.
type Types<'a> = dyn Fn(&Relation, &str) -> Option<KeyType> + 'a;

/// Writes one text.
struct Writer<'a> {
    statement: &'a Statement,
    dialect: Dialect,
    /// For a single key.
    one: bool,
    scope: Option<&'a Filter>,
    join_scope: Option<&'a Filter>,
    out: String,
    /// The number of the next placeholder.
    next: usize,
    binds: ScopeBinds,
    /// The numbers of the placeholders in the order of the text.
    numbers: Vec<usize>,
    /// How columns are compared, where it is known.
    types: Option<&'a Types<'a>>,
}

impl<'a> Writer<'a> {
    fn new(
        statement: &'a Statement,
        dialect: Dialect,
        one: bool,
        scope: Option<&'a Filter>,
        join_scope: Option<&'a Filter>,
    ) -> Self {
        Writer {
            statement,
            dialect,
            // MariaDB compares a list as its columns are; for a single key it has no other text.
            one: one && dialect != Dialect::MySql,
            scope,
            join_scope,
            out: String::with_capacity(160),
            next: 1,
            binds: Vec::new(),
            numbers: Vec::new(),
            types: None,
        }
    }

    /// How many binds keys of so many parts take.
    fn key_binds(&self, parts: usize) -> usize {
        if self.one { parts } else { self.dialect.key_binds(parts) }
    }

    /// Binds stand in this order: keys, limit, offset, scope, scope of the join table.
    fn write(mut self) -> Result<(String, ScopeBinds)> {
        self.written()?;
        Ok((self.out, self.binds))
    }

    fn written(&mut self) -> Result<()> {
        let statement = self.statement;
        match &statement.shape {
            Shape::All { paged } => {
                self.next += if *paged { 2 } else { 0 };
                self.out.push_str("SELECT ");
                self.columns(&[], &statement.columns, None);
                self.from(&statement.table);
                self.conditions(&statement.table, self.scope, " WHERE ")?;
                self.order(None);
                if *paged {
                    self.out.push_str(" LIMIT ");
                    self.dialect.steady(&mut self.out, 1);
                    self.numbers.push(1);
                    self.out.push_str(" OFFSET ");
                    self.placeholder(2);
                }
            }
            Shape::Keys { columns } => {
                self.next += self.key_binds(columns.len());
                self.out.push_str("SELECT ");
                self.columns(columns, &statement.columns, None);
                self.from(&statement.table);
                self.out.push_str(" WHERE ");
                self.in_keys(&statement.table, columns, None);
                self.conditions(&statement.table, self.scope, " AND ")?;
            }
            Shape::Children { columns, paged } => {
                let keys = self.key_binds(columns.len());
                self.next += keys + if *paged { 2 } else { 0 };
                self.open_page(*paged, columns.len() + statement.columns.len());
                self.out.push_str("SELECT ");
                self.columns(columns, &statement.columns, None);
                self.row_number(*paged, columns, None);
                self.from(&statement.table);
                self.out.push_str(" WHERE ");
                self.in_keys(&statement.table, columns, None);
                self.conditions(&statement.table, self.scope, " AND ")?;
                if *paged {
                    self.close_page(keys);
                } else {
                    let by_owner = self.by_owner(columns, None);
                    self.order_after(by_owner, None);
                }
            }
            Shape::Pairs { join, from, to, target_key, paged } => {
                self.pairs(join, from, to, target_key, *paged)?;
            }
            Shape::Static { text, key, .. } => {
                let list = self.dialect.key_list(1, key.ty.kind());
                self.out.push_str(&text.replace("{keys}", &list));
                self.numbers.extend(text.matches("{keys}").map(|_| 1));
            }
        }
        Ok(())
    }

    fn placeholder(&mut self, number: usize) {
        self.dialect.placeholder(&mut self.out, number);
        self.numbers.push(number);
    }

    fn pairs(
        &mut self,
        join: &Relation,
        from: &[KeyColumn],
        to: &[KeyColumn],
        target_key: &[String],
        paged: bool,
    ) -> Result<()> {
        let statement = self.statement;
        let table = &statement.table;
        let keys = self.key_binds(from.len());
        self.next += keys + if paged { 2 } else { 0 };
        let by_key = statement.order.len() == target_key.len()
            && statement.order.iter().zip(target_key).all(|(order, key)| order.column == *key && !order.descending);
        // What a condition hides from a page must not count. Without a page, what is hidden is not found later.
        let hides = table.filter.is_some() || table.scoped || table.view.is_some();
        let join_target = !by_key || (paged && hides);
        self.open_page(paged, from.len() + to.len());
        self.out.push_str("SELECT ");
        let both: Vec<&KeyColumn> = from.iter().chain(to).collect();
        for (at, column) in both.iter().enumerate() {
            self.separate(at);
            self.name(Some("j"), &column.name);
            if paged {
                let _ = write!(self.out, " AS c{at}");
            }
        }
        let order_alias = if join_target { Some("t") } else { None };
        if paged {
            self.row_number_over(from, Some("j"), to, order_alias);
        }
        self.out.push_str(" FROM ");
        self.restricted(join, self.join_scope)?;
        self.out.push_str(" AS j");
        if join_target {
            self.out.push_str(" JOIN ");
            self.restricted(table, self.scope)?;
            self.out.push_str(" AS t ON ");
            for (at, (key, column)) in target_key.iter().zip(to).enumerate() {
                if at > 0 {
                    self.out.push_str(" AND ");
                }
                self.name(Some("t"), key);
                self.out.push_str(" = ");
                self.name(Some("j"), &column.name);
            }
        }
        self.out.push_str(" WHERE ");
        self.in_keys(join, from, Some("j"));
        if paged {
            self.close_page(keys);
        } else {
            let by_owner = self.by_owner(from, Some("j"));
            self.order_pairs_after(by_owner, to, order_alias);
        }
        Ok(())
    }

    fn separate(&mut self, at: usize) {
        if at > 0 {
            self.out.push_str(", ");
        }
    }

    fn name(&mut self, alias: Option<&str>, name: &str) {
        if let Some(alias) = alias {
            self.out.push_str(alias);
            self.out.push('.');
        }
        self.dialect.quote(&mut self.out, name);
    }

    /// The selected columns; in a page they are named, for the statement around.
    fn columns(&mut self, lead: &[KeyColumn], columns: &[SelectColumn], alias: Option<&str>) {
        let paged = matches!(self.statement.shape, Shape::Children { paged: true, .. });
        let mut at = 0;
        for column in lead {
            self.separate(at);
            self.name(alias, &column.name);
            if paged {
                let _ = write!(self.out, " AS c{at}");
            }
            at += 1;
        }
        for column in columns {
            self.separate(at);
            match &column.expr {
                SelectExpr::Column(name) => self.name(alias, name),
                SelectExpr::Sql(sql) => {
                    let _ = write!(self.out, "({sql})");
                }
            }
            if paged {
                let _ = write!(self.out, " AS c{at}");
            }
            at += 1;
        }
        if at == 0 {
            // Nothing is selected: only how many rows there are.
            self.out.push('1');
        }
    }

    fn from(&mut self, relation: &Relation) {
        self.out.push_str(" FROM ");
        self.relation(relation);
        if relation.view.is_some() {
            self.out.push_str(" AS ");
            self.name(None, &relation.name);
        }
    }

    fn relation(&mut self, relation: &Relation) {
        if let Some(view) = &relation.view {
            let _ = write!(self.out, "({view})");
            return;
        }
        if let Some(schema) = &relation.schema {
            self.name(None, schema);
            self.out.push('.');
        }
        self.name(None, &relation.name);
    }

    /// A relation in a join: with its conditions inside, where its columns need no prefix.
    fn restricted(&mut self, relation: &Relation, scope: Option<&Filter>) -> Result<()> {
        if relation.filter.is_none() && scope.is_none() {
            self.relation(relation);
            return Ok(());
        }
        self.out.push_str("(SELECT * FROM ");
        self.relation(relation);
        if relation.view.is_some() {
            self.out.push_str(" AS v");
        }
        self.conditions(relation, scope, " WHERE ")?;
        self.out.push(')');
        Ok(())
    }

    fn in_keys(&mut self, relation: &Relation, columns: &[KeyColumn], alias: Option<&str>) {
        let quoted: Vec<String> = columns
            .iter()
            .map(|column| {
                let mut name = alias.map_or_else(String::new, |alias| format!("{alias}."));
                self.dialect.quote(&mut name, &column.name);
                name
            })
            .collect();
        let kinds: Vec<_> = columns.iter().map(|column| column.ty.kind()).collect();
        if self.one {
            self.dialect.is_key(&mut self.out, &quoted, &kinds);
            return;
        }
        self.numbers.push(1);
        let types = columns.iter().map(|column| self.types.and_then(|types| types(relation, &column.name))).collect();
        self.dialect.in_keys(&mut self.out, &quoted, &kinds, types, 1);
    }

    /// The conditions on every row of a relation; `before` stands before the first.
    fn conditions(&mut self, relation: &Relation, scope: Option<&Filter>, before: &str) -> Result<()> {
        let mut before = before;
        if let Some(filter) = &relation.filter {
            let _ = write!(self.out, "{before}({filter})");
            before = " AND ";
        }
        let Some(scope) = scope else { return Ok(()) };
        let column =
            |field: &str| relation.fields.iter().find(|(known, _)| known == field).map(|(_, column)| column.as_str());
        let types = |column: &str| self.types.and_then(|types| types(relation, column));
        let mut conditions = Conditions {
            dialect: self.dialect,
            out: &mut self.out,
            next: &mut self.next,
            binds: &mut self.binds,
            numbers: &mut self.numbers,
            types: &types,
            column: &column,
            what: &format!("the scope of `{}`", relation.name),
        };
        conditions.write(scope, before)
    }

    /// Rows of one owner after those of another, whose order does not matter: SQLite finds them so by an index of the foreign
    /// key, and need not sort them all. PostgreSQL sorts in any case. How many columns were written.
    fn by_owner(&mut self, owner: &[KeyColumn], alias: Option<&str>) -> usize {
        if self.dialect != Dialect::Sqlite || self.statement.order.is_empty() {
            return 0;
        }
        for (at, column) in owner.iter().enumerate() {
            self.out.push_str(if at == 0 { " ORDER BY " } else { ", " });
            self.name(alias, &column.name);
        }
        owner.len()
    }

    fn order(&mut self, alias: Option<&str>) {
        self.order_after(0, alias);
    }

    fn order_after(&mut self, before: usize, alias: Option<&str>) {
        for (at, key) in self.statement.order.iter().enumerate() {
            self.out.push_str(if before + at == 0 { " ORDER BY " } else { ", " });
            if key.nullable && self.dialect == Dialect::MySql {
                self.name(alias, &key.column);
                self.out.push_str(if key.descending { " IS NULL DESC, " } else { " IS NULL, " });
            }
            self.name(alias, &key.column);
            if key.descending {
                self.out.push_str(" DESC");
            }
            // What PostgreSQL does by itself. Where there are no nulls it is left out: it could keep SQLite from an index.
            if key.nullable && self.dialect == Dialect::Sqlite {
                self.out.push_str(if key.descending { " NULLS FIRST" } else { " NULLS LAST" });
            }
        }
    }

    /// The order of pairs: that of the target, or its key, which the join table has.
    fn order_pairs(&mut self, to: &[KeyColumn], alias: Option<&str>) {
        self.order_pairs_after(0, to, alias);
    }

    fn order_pairs_after(&mut self, before: usize, to: &[KeyColumn], alias: Option<&str>) {
        if alias.is_some() {
            return self.order_after(before, alias);
        }
        for (at, column) in to.iter().enumerate() {
            self.out.push_str(if before + at == 0 { " ORDER BY " } else { ", " });
            self.name(Some("j"), &column.name);
        }
    }

    fn open_page(&mut self, paged: bool, columns: usize) {
        if !paged {
            return;
        }
        self.out.push_str("SELECT ");
        for at in 0..columns {
            self.separate(at);
            let _ = write!(self.out, "c{at}");
        }
        self.out.push_str(" FROM (");
    }

    fn row_number(&mut self, paged: bool, partition: &[KeyColumn], alias: Option<&str>) {
        if paged {
            self.row_number_over(partition, alias, &[], alias);
        }
    }

    fn row_number_over(&mut self, partition: &[KeyColumn], alias: Option<&str>, to: &[KeyColumn], order: Option<&str>) {
        self.out.push_str(", row_number() OVER (PARTITION BY ");
        for (at, column) in partition.iter().enumerate() {
            self.separate(at);
            self.name(alias, &column.name);
        }
        if to.is_empty() {
            self.order(order);
        } else {
            self.order_pairs(to, order);
        }
        self.out.push_str(") AS n");
    }

    fn close_page(&mut self, keys: usize) {
        let (limit, offset) = (keys + 1, keys + 2);
        self.out.push_str(") AS p WHERE n > ");
        self.placeholder(offset);
        self.out.push_str(" AND n <= ");
        self.placeholder(offset);
        self.out.push_str(" + ");
        self.placeholder(limit);
        self.out.push_str(" ORDER BY n");
    }
}

#[cfg(test)]
mod tests;
