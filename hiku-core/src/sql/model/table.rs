//! What is known of the table of a node, found once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::error::{Error, Result};
use crate::graph::{FieldValue, MemberDef, Node, NodeDef, OrderDef, SourceDef, StoredDef, TableDef, TypeDef};
use crate::index::{Column, is_sound, known};
use crate::sql::{Fetched, OrderColumn, Relation, SelectColumn, SelectExpr, Shape, Statement};

/// A table, by the definition of its node.
pub(super) struct Table {
    def: TableDef,
    /// In the order of the struct.
    pub(super) fields: Vec<Field>,
    /// The positions of the key's fields.
    pub(super) key: Vec<usize>,
    /// What reads all fields in the order of the annotation: all rows, or a page of them.
    reads: [OnceLock<Arc<Statement>>; 2],
    /// What reads all fields of a row by its key.
    by_key: Arc<Statement>,
    /// What writes, and answers nothing, or all fields.
    writes: [Arc<Statement>; 2],
}

/// A field of the struct.
#[derive(Clone, Copy)]
pub(super) struct Field {
    pub(super) rust: &'static str,
    pub(super) ty: &'static TypeDef,
    value: FieldValue,
}

impl Field {
    /// The column, unless it is an expression.
    pub(super) fn column(&self) -> Option<&'static str> {
        match self.value {
            FieldValue::Column(column) => Some(column),
            _ => None,
        }
    }

    pub(super) fn selected(&self) -> SelectColumn {
        let expr = match self.value {
            FieldValue::Sql(sql) => SelectExpr::Sql(sql.to_owned()),
            _ => SelectExpr::Column(self.column().unwrap_or(self.rust).to_owned()),
        };
        SelectColumn { expr, ty: self.ty }
    }
}

impl Table {
    /// That of a node, whose rows come from a table: models are no others.
    pub(super) fn of<N: Node>() -> Result<Arc<Table>> {
        static KNOWN: Mutex<Option<HashMap<usize, Arc<Table>>>> = Mutex::new(None);
        let def = N::def();
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.get_or_insert_default();
        let address = std::ptr::from_ref(def).addr();
        if let Some(table) = known.get(&address) {
            return Ok(table.clone());
        }
        let table = Arc::new(Table::new(def, N::STORED)?);
        known.insert(address, table.clone());
        Ok(table)
    }

    fn new(def: &'static NodeDef, stored: &'static [StoredDef]) -> Result<Table> {
        let SourceDef::Table(table) = def.source else {
            return Err(Error::internal(format!("`{}` is no table", def.name)));
        };
        let value = |name: &str| {
            def.members.iter().find_map(|member| match member {
                MemberDef::Field(field) if field.names.rust == name => Some(field.value),
                _ => None,
            })
        };
        let fields: Vec<Field> = stored
            .iter()
            .map(|each| Field {
                rust: each.name,
                ty: each.ty,
                value: value(each.name).unwrap_or(FieldValue::Column(each.name)),
            })
            .collect();
        let key = def.key.iter().filter_map(|name| fields.iter().position(|field| field.rust == *name)).collect();
        let columns = fields.iter().filter_map(|field| Some((field.rust.to_owned(), field.column()?.to_owned())));
        let relation = Relation {
            schema: table.schema.map(str::to_owned),
            name: table.name.to_owned(),
            view: table.view.map(str::to_owned),
            filter: table.filter.map(str::to_owned),
            scoped: true,
            fields: columns.collect(),
        };
        let everything = || fields.iter().map(Field::selected).collect();
        let statement = |columns| {
            let shape = Shape::All { paged: false };
            Arc::new(Statement::new(relation.clone(), columns, shape, Vec::new()))
        };
        let (by_key, writes) = (statement(everything()), [statement(Vec::new()), statement(everything())]);
        Ok(Table { def: table, fields, key, reads: Default::default(), by_key, writes })
    }

    pub(super) fn name(&self) -> &'static str {
        self.def.name
    }

    pub(super) fn schema(&self) -> Option<&'static str> {
        self.def.schema
    }

    /// A condition on every row.
    pub(super) fn filter(&self) -> Option<&'static str> {
        self.def.filter
    }

    pub(super) fn has_scope(&self) -> bool {
        self.def.scope.is_some()
    }

    /// The condition that a request sets.
    pub(super) fn scope_of(&self, context: &crate::context::Context) -> Result<crate::sql::Filter> {
        self.def.scope.map_or_else(|| Ok(crate::sql::Filter::all()), |scope| (scope.filter)(context))
    }

    /// An error if nothing can be written.
    pub(super) fn writable(&self) -> Result<()> {
        match self.def.view {
            Some(_) => Err(Error::internal(format!("`{}` is a view: it is read, never written", self.name()))),
            None => Ok(()),
        }
    }

    /// The position of a field.
    pub(super) fn field(&self, rust: &str) -> Result<usize> {
        let found = self.fields.iter().position(|field| field.rust == rust);
        found.ok_or_else(|| Error::internal(format!("`{}` has no field `{rust}`", self.name())))
    }

    /// The column that values are written to.
    pub(super) fn written(&self, at: usize) -> Result<&'static str> {
        self.fields[at].column().ok_or_else(|| {
            Error::internal(format!(
                "the field `{}` of `{}` is an expression: it is read, never written",
                self.fields[at].rust,
                self.name()
            ))
        })
    }

    /// The fields that are columns.
    pub(super) fn stored(&self) -> impl Iterator<Item = usize> {
        (0..self.fields.len()).filter(|&at| self.fields[at].column().is_some())
    }

    pub(super) fn relation(&self) -> &Relation {
        &self.writes[0].table
    }

    /// A statement that reads these columns of all rows, or of a page of them.
    pub(super) fn reading(&self, columns: Vec<SelectColumn>, order: Vec<OrderColumn>, paged: bool) -> Arc<Statement> {
        Arc::new(Statement::new(self.relation().clone(), columns, Shape::All { paged }, order))
    }

    /// One that reads all fields; in the order of the annotation it is made once.
    pub(super) fn reading_everything(&self, order: &[OrderDef], paged: bool) -> Result<Arc<Statement>> {
        let known = order.is_empty().then(|| &self.reads[usize::from(paged)]);
        if let Some(statement) = known.and_then(OnceLock::get) {
            return Ok(statement.clone());
        }
        let everything = self.fields.iter().map(Field::selected).collect();
        let statement = self.reading(everything, self.order(order)?, paged);
        Ok(known.map_or(statement.clone(), |known| known.get_or_init(|| statement).clone()))
    }

    /// One that reads all fields of a single row, or of none.
    pub(super) fn reading_by_key(&self) -> Arc<Statement> {
        self.by_key.clone()
    }

    /// What a text that writes is run as.
    pub(super) fn writing(&self, returning: bool) -> Arc<Statement> {
        self.writes[usize::from(returning)].clone()
    }

    /// The order asked for, or that of the annotation, then the key.
    pub(super) fn order(&self, asked: &[OrderDef]) -> Result<Vec<OrderColumn>> {
        let asked = if asked.is_empty() { self.def.order } else { asked };
        let mut order = Vec::with_capacity(asked.len() + self.key.len());
        let key = self.key.iter().map(|&at| OrderDef { field: self.fields[at].rust, descending: false });
        for by in asked.iter().copied().chain(key) {
            let field = &self.fields[self.field(by.field)?];
            let column = field.column().ok_or_else(|| {
                Error::internal(format!("rows are not sorted by `{}`, which is an expression", field.rust))
            })?;
            if !order.iter().any(|known: &OrderColumn| known.column == column) {
                order.push(OrderColumn {
                    column: column.to_owned(),
                    descending: by.descending,
                    nullable: field.ty.is_nullable(),
                });
            }
        }
        Ok(order)
    }

    /// The rows of an answer, if every value in it is what its type says.
    pub(super) fn sound(
        &self,
        fetched: &mut Fetched,
        types: impl Iterator<Item = (&'static str, &'static TypeDef)>,
    ) -> Result<Vec<Column>> {
        if !fetched.errors.is_empty() {
            return Err(fetched.errors.swap_remove(0).error);
        }
        for ((name, ty), column) in types.zip(&fetched.columns) {
            if is_sound(ty, column) {
                continue;
            }
            for row in 0..column.len() {
                match column.is_null(row) {
                    true if ty.is_nullable() => {}
                    true => {
                        let text = format!("`{}.{name}` is null, but its type says that it never is", self.name());
                        return Err(Error::internal(text));
                    }
                    false => known(ty, column, row)?,
                }
            }
        }
        Ok(std::mem::take(&mut fetched.columns))
    }
}
