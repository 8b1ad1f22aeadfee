#![deny(warnings)]

use std::collections::HashMap;

use hiku::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash, Scalar)]
#[scalar(name = "Registry", specified_by = "https://example.org/registry")]
pub struct Registry(String);

#[derive(Clone)]
pub struct Scale(f64);

#[node]
#[derive(Clone)]
pub struct Ship {
    #[key(name = "registry")]
    pub id: Registry,
    pub class: Option<String>,
    pub mass: f64,
}

#[node]
impl Ship {
    #[load]
    async fn load(id: &[Registry]) -> Result<Vec<Option<Ship>>> {
        Ok(id.iter().map(|id| Some(Ship { id: id.clone(), class: None, mass: 1.0 })).collect())
    }

    /// Per row.
    #[field]
    fn weight(mass: f64, Data(scale): Data<Scale>, #[arg(default = 9.81)] g: f64) -> f64 {
        mass * scale.0 * g
    }

    /// Of a computed field, failing per row.
    #[field(deprecated = "use `weight`")]
    fn heavy(weight: f64, class: Option<&str>) -> Result<bool> {
        if weight < 0.0 { Err(Error::new("negative").code("WEIGHT")) } else { Ok(class.is_some()) }
    }

    /// Per batch, blocking, in the order of the keys.
    #[field]
    fn length(class: &[Option<&str>]) -> Vec<i64> {
        class.iter().map(|class| class.map_or(0, str::len) as i64).collect()
    }

    /// By key, with the context, failing as a whole.
    #[link]
    async fn sister(_context: &Context, id: &[Registry]) -> Result<HashMap<Registry, One<Ship>>, std::io::Error> {
        Ok(id.iter().map(|id| (id.clone(), One::key(id.clone()))).collect())
    }

    /// Pairs that may fail.
    #[link(hidden)]
    async fn fleet(id: &[Registry], #[arg] first: Option<i32>) -> Vec<(Registry, Result<Many<Ship>>)> {
        let _ = first;
        id.iter().map(|id| (id.clone(), Ok(Many::keys([id.clone()])))).collect()
    }

    /// Not of the graph.
    pub fn is_known(&self) -> bool {
        self.class.is_some()
    }
}

#[root]
pub struct Query {
    #[link(by_key)]
    ship: Maybe<Ship>,
}

#[root]
impl Query {
    #[field]
    async fn version() -> i32 {
        1
    }

    #[link]
    async fn heaviest(#[arg(name = "limit")] first: i64) -> Result<Many<Ship>> {
        let _ = first;
        Ok(Many::keys([]))
    }
}

fn main() {
    Graph::new::<Query>().unwrap();
}
