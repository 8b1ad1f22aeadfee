//! Whether hiku's time grows with the answer and with the list of keys, and no faster; in memory beside code by hand, which meets
//! the same caches.

use std::sync::Arc;
use std::time::Duration;

use crate::by_hand;
use crate::data::Data;
use crate::database::{Ping, PostgresSchema, SqliteFile};
use crate::hiku_impl::Hiku;
use crate::measure;
use crate::query::{Answer, Impl, Query};

/// Characters whose answer to Q4 holds about a power of ten of values: each is one, and 10 of actors, 100 of movies.
const CHARACTERS: [usize; 4] = [9, 90, 901, 9009];

/// Around the limits to parameters of a statement: SQLite's old and new one, PostgreSQL's.
const KEYS: [usize; 7] = [900, 1_000, 32_766, 32_768, 65_535, 65_536, 100_000];

/// Times of one request by what it holds, and by database.
pub struct Growth {
    pub what: &'static str,
    pub databases: Vec<&'static str>,
    pub counts: Vec<usize>,
    pub times: Vec<Vec<Duration>>,
    /// What is measured in one go: for each database, one for each count.
    beside: Vec<Arc<dyn Impl>>,
}

/// A query of hiku alone.
struct Asked {
    hiku: Arc<Hiku>,
    text: String,
}

impl Impl for Asked {
    fn name(&self) -> &str {
        self.hiku.name()
    }

    fn run(&self, _: Query) -> Answer<'_> {
        self.hiku.ask(&self.text)
    }
}

/// `budget` is how long each count may take; without, only the answers are looked at.
pub async fn of_values(wants: impl Fn(&str) -> bool, budget: Option<Duration>) -> Growth {
    let counts = if budget.is_some() { &CHARACTERS[..] } else { &CHARACTERS[..2] };
    let text = |limit| format!("{{ some(limit: {limit}) {{ name actors {{ name movies {{ title year }} }} }} }}");
    let mut growth = Growth::new("values", counts.iter().map(|count| count * 111).collect());
    if wants("memory") {
        let all: Vec<Data> = counts.iter().map(|&count| Data::new(count)).collect();
        growth.beside("By hand, in memory", all.iter().map(|data| Arc::new(by_hand::memory::Memory::new(data)) as _));
        let hiku = |data| Arc::new(Hiku::in_memory(data).unwrap()) as _;
        growth.beside("In memory", all.iter().map(hiku));
        growth.measure_beside(budget).await;
    }
    if wants("sqlite") {
        let data = Data::new(*counts.last().unwrap());
        let file = SqliteFile::new(&data);
        let hiku = Hiku::over_sql("hiku", file.db().await).unwrap();
        growth.add("SQLite", hiku, counts, text, 11, budget).await;
    }
    growth
}

/// As above; `postgres` is the server's URL.
pub async fn of_keys(sqlite: bool, postgres: Option<String>, budget: Option<Duration>) -> Growth {
    let data = Data::narrow(*KEYS.last().unwrap());
    let text = |limit| format!("{{ some(limit: {limit}) {{ name actors {{ name }} }} }}");
    let mut growth = Growth::new("keys", KEYS.into());
    if sqlite {
        let file = SqliteFile::new(&data);
        let hiku = Hiku::over_sql("hiku", file.db().await).unwrap();
        growth.add("SQLite", hiku, &KEYS, text, 2, budget).await;
    }
    if let Some(url) = postgres {
        let schema = PostgresSchema::new(&url, &data).await;
        let hiku = Hiku::over_sql("hiku", schema.pool(Ping::No).await.into()).unwrap();
        growth.add("PostgreSQL", hiku, &KEYS, text, 2, budget).await;
        schema.remove().await;
    }
    growth
}

impl Growth {
    fn new(what: &'static str, counts: Vec<usize>) -> Growth {
        Growth { what, databases: Vec::new(), counts, times: Vec::new(), beside: Vec::new() }
    }

    fn beside(&mut self, database: &'static str, impls: impl Iterator<Item = Arc<dyn Impl>>) {
        self.databases.push(database);
        self.beside.extend(impls);
    }

    /// Looks whether all answer the same, then takes their times in turn.
    async fn measure_beside(&mut self, budget: Option<Duration>) {
        for at in 0..self.counts.len() {
            let same = self.beside.iter().skip(at).step_by(self.counts.len());
            let mut bodies = Vec::new();
            for one in same {
                bodies.push(one.run(Query::ThreeLevels).await);
            }
            assert!(bodies.windows(2).all(|two| two[0] == two[1]), "different answers of {} values", self.counts[at]);
        }
        if let Some(budget) = budget {
            let measured = measure::measure(&self.beside, Query::ThreeLevels, budget).await;
            let times: Vec<Duration> = measured.into_iter().flatten().map(|one| one.time).collect();
            self.times.extend(times.chunks(self.counts.len()).map(<[Duration]>::to_vec));
        }
        self.beside.clear();
    }

    /// Looks whether all are answered, `names` for each character, then takes the times.
    async fn add(
        &mut self,
        database: &'static str,
        hiku: Hiku,
        limits: &[usize],
        text: impl Fn(usize) -> String,
        names: usize,
        budget: Option<Duration>,
    ) {
        let hiku = Arc::new(hiku);
        let mut impls: Vec<Arc<dyn Impl>> = Vec::new();
        for &limit in limits {
            let text = text(limit);
            let body = String::from_utf8(hiku.ask(&text).await).unwrap();
            let found = body.matches("\"name\":").count();
            let start: String = body.chars().take(300).collect();
            assert_eq!(found, names * limit, "{database}, {limit} characters: {start}");
            impls.push(Arc::new(Asked { hiku: hiku.clone(), text }));
        }
        self.databases.push(database);
        if let Some(budget) = budget {
            // Whichever query is named, each asks its own.
            let measured = measure::measure(&impls, Query::ThreeLevels, budget).await;
            self.times.push(measured.into_iter().flatten().map(|one| one.time).collect());
        }
    }
}
