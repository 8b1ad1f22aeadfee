//! A shop: nodes that functions load, links by foreign keys and by functions, records, arguments, mutations.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

use chrono::NaiveDate;
use hiku::Value;
use hiku::prelude::*;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

/// What one request sees: the data, what mutations did, and which functions were called.
#[derive(Clone)]
pub struct Shop(Arc<Mutex<State>>);

#[derive(Clone, Deserialize)]
struct Constants {
    version: String,
    answer: i32,
    pi: f64,
    enabled: bool,
    nothing: Option<String>,
    colors: Vec<String>,
    #[serde(deserialize_with = "value")]
    today: NaiveDate,
    raw: Option<Json>,
}

#[derive(Deserialize)]
struct State {
    root: Constants,
    companies: BTreeMap<i32, Company>,
    users: BTreeMap<i32, User>,
    products: BTreeMap<i32, Product>,
    #[serde(skip)]
    related: BTreeMap<i32, Vec<i32>>,
    #[serde(skip)]
    counter: i32,
    #[serde(skip)]
    log: Vec<String>,
    #[serde(skip)]
    calls: Vec<&'static str>,
}

/// A value as requests give it.
fn value<'de, D: Deserializer<'de>, T: Value>(deserializer: D) -> Result<T, D::Error> {
    T::from_json(&Json::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

impl Shop {
    pub fn new(data: &Json) -> Self {
        let mut state: State = serde_json::from_value(data.clone()).unwrap();
        for (id, product) in data["products"].as_object().unwrap() {
            let related = serde_json::from_value(product["related"].clone()).unwrap();
            state.related.insert(id.parse().unwrap(), related);
        }
        Shop(Arc::new(Mutex::new(state)))
    }

    /// Which functions were called, once per call.
    pub fn calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.state().calls)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn called(&self, function: &'static str) -> MutexGuard<'_, State> {
        let mut state = self.state();
        state.calls.push(function);
        state
    }
}

#[derive(Clone, Copy, Debug, Enum, PartialEq)]
pub enum Status {
    Active,
    Archived,
}

#[derive(Clone, Scalar)]
pub struct Any(Json);

#[derive(Input)]
pub struct PriceRange {
    #[input(default = 0.5)]
    min: f64,
    max: MaybeAbsent<f64>,
}

#[derive(Input)]
pub struct ProductFilter {
    text: String,
    #[input(default = 0.5)]
    min_price: f64,
    #[input(default = 10)]
    limit: i32,
    tags: MaybeAbsent<Vec<String>>,
    status: MaybeAbsent<Status>,
    range: MaybeAbsent<PriceRange>,
}

#[derive(Input)]
pub struct CreateProduct {
    name: String,
    price: f64,
    #[input(default = Status::Active)]
    status: Status,
}

#[derive(Clone, Deserialize, Record)]
pub struct Layer {
    material: String,
    grams: i32,
}

#[derive(Clone, Deserialize, Record)]
pub struct Packaging {
    kind: String,
    layers: Vec<Layer>,
}

#[derive(Clone, Deserialize, Record)]
pub struct Dimensions {
    width: i32,
    height: i32,
    packaging: Packaging,
}

#[derive(Clone, Deserialize, Record)]
pub struct Attr {
    key: String,
    value: Option<String>,
}

#[derive(Record)]
pub struct StatusCount {
    status: String,
    count: i32,
}

#[derive(Record)]
pub struct Stats {
    products: i32,
    companies: i32,
    by_status: Vec<StatusCount>,
}

#[node]
#[derive(Clone, Deserialize)]
pub struct User {
    #[key(type = Int)]
    id: i32,
    username: String,
    email: Option<String>,
}

#[node]
impl User {
    #[load]
    fn load(Data(shop): Data<Shop>, id: &[i32]) -> HashMap<i32, User> {
        let state = shop.called("User.fields");
        id.iter().filter_map(|id| Some((*id, state.users.get(id)?.clone()))).collect()
    }
}

#[node]
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Company {
    #[key(type = Int)]
    id: i32,
    #[field(hidden, name = "plainName")]
    name: String,
    #[serde(deserialize_with = "value")]
    founded: NaiveDate,
    owner_id: Option<i32>,
    staff_ids: Vec<Option<i32>>,
    #[link(from = owner_id)]
    owner: Maybe<User>,
}

#[node]
impl Company {
    #[load]
    fn load(Data(shop): Data<Shop>, id: &[i32]) -> HashMap<i32, Company> {
        let state = shop.called("Company.fields");
        id.iter().filter_map(|id| Some((*id, state.companies.get(id)?.clone()))).collect()
    }

    #[field(name = "name")]
    fn written_name(name: &str, #[arg(default = false)] upper: bool) -> String {
        if upper { name.to_uppercase() } else { name.to_owned() }
    }

    #[link]
    fn staff(Data(shop): Data<Shop>, staff_ids: &[Vec<Option<i32>>]) -> Vec<MaybeMany<User>> {
        drop(shop.called("Company.staff"));
        staff_ids.iter().map(|ids| MaybeMany::keys(ids.iter().copied())).collect()
    }

    #[link]
    async fn products(
        Data(shop): Data<Shop>,
        id: &[i32],
        #[arg(default = 10)] limit: i32,
        #[arg(default = 0)] offset: i32,
    ) -> Vec<Many<Product>> {
        let state = shop.called("Company.products");
        let of = |company| state.products.values().filter(move |product| product.company_id == company);
        let page = |company| of(company).skip(offset as usize).take(limit as usize);
        id.iter().map(|&id| Many::keys(page(id).map(|product| product.id))).collect()
    }

    #[link]
    fn top_product(Data(shop): Data<Shop>) -> One<Product> {
        drop(shop.called("Company.topProduct"));
        One::key(1)
    }
}

#[node]
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    #[key(type = Int)]
    id: i32,
    name: String,
    price: f64,
    #[serde(deserialize_with = "value")]
    status: Status,
    #[serde(deserialize_with = "value")]
    released_on: Option<NaiveDate>,
    tags: Vec<String>,
    company_id: i32,
    reviewer_id: Option<i32>,
    dims: Dimensions,
    maybe_dims: Option<Dimensions>,
    attrs: Vec<Attr>,
    #[link(from = company_id)]
    company: One<Company>,
    #[link(from = reviewer_id)]
    reviewer: Maybe<User>,
}

#[node]
impl Product {
    #[load]
    async fn load(Data(shop): Data<Shop>, id: &[i32]) -> HashMap<i32, Product> {
        let state = shop.called("Product.fields");
        id.iter().filter_map(|id| Some((*id, state.products.get(id)?.clone()))).collect()
    }

    #[field]
    fn image(id: i32, #[arg(default = 50)] size: i32, #[arg] format: Option<String>) -> String {
        format!("/img/{id}-{size}.{}", format.as_deref().unwrap_or("jpg"))
    }

    #[link]
    async fn related(Data(shop): Data<Shop>, id: &[i32]) -> HashMap<i32, Many<Product>> {
        let state = shop.called("Product.related");
        id.iter().filter_map(|id| Some((*id, Many::keys(state.related.get(id)?.iter().copied())))).collect()
    }

    #[link]
    fn active_company(Data(shop): Data<Shop>, company_id: &[i32], status: &[Status]) -> Vec<Maybe<Company>> {
        drop(shop.called("Product.activeCompany"));
        let both = company_id.iter().zip(status);
        both.map(|(id, status)| Maybe::key((*status == Status::Active).then_some(*id))).collect()
    }

    #[field(deprecated = "use name")]
    fn legacy_name(name: &str) -> String {
        name.to_owned()
    }
}

#[root]
pub struct Query {}

#[root]
impl Query {
    #[field]
    fn version(Data(shop): Data<Shop>) -> String {
        shop.called("Query.fields").root.version.clone()
    }

    #[field]
    fn answer(Data(shop): Data<Shop>) -> i32 {
        shop.called("Query.fields").root.answer
    }

    #[field]
    fn pi(Data(shop): Data<Shop>) -> f64 {
        shop.called("Query.fields").root.pi
    }

    #[field]
    fn enabled(Data(shop): Data<Shop>) -> bool {
        shop.called("Query.fields").root.enabled
    }

    #[field]
    fn nothing(Data(shop): Data<Shop>) -> Option<String> {
        shop.called("Query.fields").root.nothing.clone()
    }

    #[field]
    fn colors(Data(shop): Data<Shop>) -> Vec<String> {
        shop.called("Query.fields").root.colors.clone()
    }

    #[field]
    fn today(Data(shop): Data<Shop>) -> NaiveDate {
        shop.called("Query.fields").root.today
    }

    #[field]
    fn stats(Data(shop): Data<Shop>) -> Stats {
        let state = shop.called("Query.fields");
        let by_status = [Status::Active, Status::Archived].map(|status| StatusCount {
            status: status.to_json().as_str().unwrap().to_owned(),
            count: state.products.values().filter(|product| product.status == status).count() as i32,
        });
        Stats {
            products: state.products.len() as i32,
            companies: state.companies.len() as i32,
            by_status: by_status.into(),
        }
    }

    #[field]
    fn raw(Data(shop): Data<Shop>) -> Option<Any> {
        shop.called("Query.fields").root.raw.clone().map(Any)
    }

    #[field]
    fn echo(#[arg] text: String) -> String {
        text
    }

    #[field]
    fn greet(#[arg(default = "world".to_owned())] name: Option<String>) -> String {
        format!("hello {}", name.as_deref().unwrap_or("nobody"))
    }

    #[field]
    fn sum(#[arg] a: i32, #[arg(default = 1)] b: i32) -> i32 {
        a + b
    }

    #[field]
    fn half(#[arg] x: f64) -> f64 {
        x / 2.0
    }

    #[field]
    fn describe_int(#[arg] x: MaybeAbsent<i32>) -> String {
        described(x, |x| x.to_string())
    }

    #[field]
    fn next_day(#[arg] d: NaiveDate) -> Result<NaiveDate> {
        d.succ_opt().ok_or_else(|| Error::new("there is no next day"))
    }

    #[field]
    fn status_echo(#[arg(default = Status::Active)] s: Status) -> Status {
        s
    }

    #[field]
    fn statuses_reversed(#[arg(name = "in")] statuses: Vec<Status>) -> Vec<Status> {
        statuses.into_iter().rev().collect()
    }

    #[field]
    fn describe_status(#[arg] s: MaybeAbsent<Status>) -> String {
        described(s, |s| s.to_json().as_str().unwrap().to_owned())
    }

    #[field]
    fn describe_filter(#[arg] filter: MaybeAbsent<ProductFilter>) -> String {
        described(filter, |filter| {
            let mut given = filter.to_json();
            given.sort_all_objects();
            given.to_string()
        })
    }

    #[link]
    fn product(Data(shop): Data<Shop>, #[arg] id: i32) -> Maybe<Product> {
        let state = shop.called("Query.product");
        Maybe::key(state.products.contains_key(&id).then_some(id))
    }

    #[link]
    fn first_product(Data(shop): Data<Shop>) -> One<Product> {
        drop(shop.called("Query.firstProduct"));
        One::key(1)
    }

    #[link]
    fn products(Data(shop): Data<Shop>, #[arg(default = None)] status: Option<Status>) -> Many<Product> {
        let state = shop.called("Query.products");
        let wanted = |product: &&Product| status.is_none_or(|status| product.status == status);
        Many::keys(state.products.values().filter(wanted).map(|product| product.id))
    }

    #[link]
    fn no_products(Data(shop): Data<Shop>) -> Many<Product> {
        drop(shop.called("Query.noProducts"));
        Many::keys([])
    }

    #[link]
    async fn search(Data(shop): Data<Shop>, #[arg] filter: ProductFilter) -> Many<Product> {
        let state = shop.called("Query.search");
        let wanted = |product: &&Product| product.name.contains(&filter.text) && product.price >= filter.min_price;
        Many::keys(state.products.values().filter(wanted).take(filter.limit as usize).map(|product| product.id))
    }

    #[link]
    fn company(Data(shop): Data<Shop>, #[arg] id: i32) -> Maybe<Company> {
        let state = shop.called("Query.company");
        Maybe::key(state.companies.contains_key(&id).then_some(id))
    }

    #[link]
    fn companies(Data(shop): Data<Shop>) -> Many<Company> {
        let state = shop.called("Query.companies");
        Many::keys(state.companies.keys().copied())
    }

    #[link]
    fn slots(Data(shop): Data<Shop>) -> MaybeMany<User> {
        drop(shop.called("Query.slots"));
        MaybeMany::keys([Some(100), None, Some(101)])
    }

    #[link]
    fn user_by_id(Data(shop): Data<Shop>, #[arg] id: ID) -> Maybe<User> {
        let state = shop.called("Query.userById");
        Maybe::key(id.0.parse().ok().filter(|id| state.users.contains_key(id)))
    }

    #[field]
    async fn boom() -> Result<String> {
        Err(Error::new("boom happened"))
    }

    #[link]
    async fn broken_one(Data(shop): Data<Shop>) -> Result<One<Product>> {
        let state = shop.called("Query.brokenOne");
        let cheapest = state.products.values().find(|product| product.price < 1.0);
        Ok(One::key(cheapest.ok_or_else(|| Error::new("nothing is that cheap"))?.id))
    }
}

/// Says whether a value was given.
fn described<T>(value: MaybeAbsent<T>, describe: impl FnOnce(T) -> String) -> String {
    match value {
        MaybeAbsent::Absent => "absent".to_owned(),
        MaybeAbsent::Null => "null".to_owned(),
        MaybeAbsent::Value(value) => describe(value),
    }
}

#[root]
pub struct Mutation {}

#[root]
impl Mutation {
    #[field]
    fn inc(Data(shop): Data<Shop>, #[arg(default = 1)] by: i32) -> i32 {
        let mut state = shop.called("Mutation.fields");
        state.log.push(format!("inc {by}"));
        state.counter += by;
        state.counter
    }

    #[field]
    fn reset(Data(shop): Data<Shop>) -> i32 {
        let mut state = shop.called("Mutation.fields");
        state.log.push("reset".to_owned());
        state.counter = 0;
        state.counter
    }

    #[field]
    async fn log(Data(shop): Data<Shop>) -> Vec<String> {
        shop.called("Mutation.fields").log.clone()
    }

    #[link]
    async fn create_product(Data(shop): Data<Shop>, #[arg] input: CreateProduct) -> Result<One<Product>> {
        let mut state = shop.called("Mutation.createProduct");
        state.log.push(format!("create {}", input.name));
        let (last, like) = state.products.last_key_value().ok_or_else(|| Error::new("there is no product"))?;
        let product = Product {
            id: last + 1,
            name: input.name,
            price: input.price,
            status: input.status,
            released_on: None,
            tags: Vec::new(),
            company_id: 10,
            reviewer_id: None,
            dims: like.dims.clone(),
            maybe_dims: None,
            attrs: Vec::new(),
        };
        let id = product.id;
        state.products.insert(id, product);
        Ok(One::key(id))
    }

    #[link]
    async fn touch(Data(shop): Data<Shop>, #[arg] id: i32) -> One<Product> {
        shop.called("Mutation.touch").log.push(format!("touch {id}"));
        One::key(id)
    }
}

pub fn graph() -> Graph {
    Graph::new::<Query>().mutation::<Mutation>().unwrap()
}
