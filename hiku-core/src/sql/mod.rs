//! SQL: databases, dialects, statements.
#![allow(missing_docs, unused)]
use std::sync::Arc;
use crate::error::*;
use crate::graph::TypeDef;
use crate::index::Column;

#[derive(Clone, Debug)]
pub struct Filter;
#[derive(Clone, Debug)]
pub struct Db;
impl AsRef<Db> for Db {
    fn as_ref(&self) -> &Db {
        self
    }
}
#[derive(Clone, Copy, Debug)]
pub enum Dialect { Sqlite, Postgres }
#[derive(Debug)]
pub struct Statement { pub table: Relation, pub columns: Vec<SelectColumn>, pub shape: Shape, pub order: Vec<OrderColumn> }
impl Statement { pub fn new(table: Relation, columns: Vec<SelectColumn>, shape: Shape, order: Vec<OrderColumn>) -> Self { Statement { table, columns, shape, order } }
 pub fn text(&self, _: Dialect) -> Arc<str> { "".into() } }
#[derive(Debug)]
pub struct Relation { pub schema: Option<String>, pub name: String, pub view: Option<String>, pub filter: Option<String>, pub scoped: bool, pub fields: Vec<(String, String)> }
#[derive(Debug)]
pub struct SelectColumn { pub expr: SelectExpr, pub ty: &'static TypeDef }
#[derive(Debug)]
pub enum SelectExpr { Column(String), Sql(String) }
#[derive(Debug)]
pub struct KeyColumn { pub name: String, pub ty: &'static TypeDef }
#[derive(Debug)]
pub struct OrderColumn { pub column: String, pub descending: bool }
#[derive(Debug)]
pub enum Shape { All { paged: bool }, Keys { columns: Vec<KeyColumn> }, Children { columns: Vec<KeyColumn>, paged: bool }, Pairs { join: Relation, from: Vec<KeyColumn>, to: Vec<KeyColumn>, target_key: Vec<String>, paged: bool }, Static { text: Arc<str>, key: KeyColumn, target: KeyColumn } }
#[derive(Clone, Copy, Debug)]
pub struct Page { pub limit: i64, pub offset: i64 }
#[derive(Debug)]
pub struct FetchArgs { pub keys: Vec<Arc<Column>>, pub page: Option<Page>, pub scope: Option<Filter>, pub join_scope: Option<Filter> }
#[derive(Clone)]
pub struct Session;
impl Session { pub fn new(_: Db) -> Self { Session } pub fn release_idle(&self) {} pub fn fetch(&self, _: Arc<Statement>, _: FetchArgs) -> std::pin::Pin<Box<dyn Future<Output = Result<Vec<Column>>> + Send>> { Box::pin(async { Err(Error::new("")) }) } }
