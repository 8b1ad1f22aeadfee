//! hiku beside what else one would use: the same tables, the same queries, the same answers.
//!
//! `cargo run --release --manifest-path benches/Cargo.toml -- --help`

mod alloc;
mod async_graphql_impl;
mod by_hand;
mod data;
mod database;
mod growth;
mod hiku_impl;
mod juniper_impl;
mod load;
mod measure;
mod peak;
mod query;
mod report;

use std::fmt::Write;
use std::mem::ManuallyDrop;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::Duration;

use data::Data;
use database::{Ping, PostgresSchema, SqliteFile};
use query::{Impl, Query};
use report::{Section, Throughput};

const HELP: &str = "\
Times every implementation of every query on every database and size, and prints Markdown.

Filters, each a list with commas:
  db=memory,sqlite,postgres   impl=hiku,hand,…   size=3,100,1000   query=Q1,…,Q6,H1,…,H4
  seconds=0.5                 how long each cell may take per implementation, and each of five turns under load
  part=latency,throughput,memory,growth
                              latency: one request at a time, its allocations
                              throughput: 16 requests at once, Q2 and Q4 (in memory Q2), 100 characters
                              memory: what 20 requests add to the peak of a process, SQLite, Q4, 1,000 characters
                              growth: hiku's time by values written (memory, sqlite) and keys (sqlite, postgres)

  --check    compare the answers, run each part for a moment, time nothing
  --write    put the tables into docs/benchmarks.md as well, each in the place of the one that it has there

PostgreSQL is the server of HIKU_BENCH_POSTGRES; without one, .ci/with-postgres starts one for the run.
";

/// With their titles, in the order of the report.
const DATABASES: [(&str, &str); 3] = [("memory", "In memory"), ("sqlite", "SQLite"), ("postgres", "PostgreSQL")];

const URL: &str = "HIKU_BENCH_POSTGRES";
const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

struct Options {
    databases: Vec<String>,
    impls: Vec<String>,
    sizes: Vec<usize>,
    queries: Vec<Query>,
    budget: Duration,
    parts: Vec<String>,
    check: bool,
    write: bool,
    /// Which filters were given.
    filters: Vec<String>,
}

impl Options {
    fn read(arguments: impl Iterator<Item = String>) -> Result<Options, String> {
        let mut options = Options {
            databases: DATABASES.map(|(name, _)| name.into()).into(),
            impls: Vec::new(),
            sizes: vec![3, 100, 1000],
            queries: Query::ALL.into(),
            budget: Duration::from_millis(300),
            parts: ["latency", "throughput", "memory", "growth"].map(Into::into).into(),
            check: false,
            write: false,
            filters: Vec::new(),
        };
        for argument in arguments {
            let (name, value) = argument.split_once('=').unwrap_or((&argument, ""));
            let values = || value.split(',').map(str::to_owned);
            let wrong = |_| format!("`{argument}` is not understood; see --help");
            match name {
                "--check" => options.check = true,
                "--write" => options.write = true,
                "db" => options.databases = values().collect(),
                "part" => options.parts = values().collect(),
                "impl" => options.impls = values().collect(),
                "size" => {
                    options.sizes =
                        values().map(|size| size.parse().map_err(|_| wrong(()))).collect::<Result<_, _>>()?;
                }
                "query" => options.queries.retain(|query| value.split(',').any(|name| name == query.name())),
                "seconds" => options.budget = Duration::from_secs_f64(value.parse().map_err(|_| wrong(()))?),
                _ => return Err(wrong(())),
            }
            if !value.is_empty() && name != "seconds" {
                options.filters.push(name.to_owned());
            }
        }
        if options.write && ["impl", "query"].into_iter().any(|filter| options.filtered(filter)) {
            return Err("`--write` takes whole tables: leave out `impl=` and `query=`".into());
        }
        if options.write && options.filtered("db") && ["throughput", "growth"].iter().any(|part| options.part(part)) {
            return Err(
                "`--write` takes whole tables, and those of throughput and growth are of all databases: leave out \
                        `db=`, or say `part=latency,memory`"
                    .into(),
            );
        }
        Ok(options)
    }

    fn filtered(&self, filter: &str) -> bool {
        self.filters.iter().any(|given| given == filter)
    }

    fn wants(&self, database: &str) -> bool {
        self.databases.iter().any(|name| name == database)
    }

    fn part(&self, part: &str) -> bool {
        self.parts.iter().any(|name| name == part)
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if let [peak::ARGUMENT, name, file, requests] = *arguments.iter().map(|one| &**one).collect::<Vec<_>>() {
        let (name, file, requests) = (name.to_owned(), file.into(), requests.parse().unwrap());
        runtime.block_on(async { tokio::spawn(peak_of(name, file, requests)).await }).unwrap();
        return ExitCode::SUCCESS;
    }
    let options = match Options::read(arguments.iter().cloned()) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::FAILURE;
        }
    };
    if options.wants("postgres") && std::env::var_os(URL).is_none() {
        let script = Path::new(REPOSITORY).join(".ci/with-postgres");
        let failed = Command::new(&script).arg(std::env::current_exe().unwrap()).args(&arguments).exec();
        eprintln!("{}: {failed}", script.display());
        return ExitCode::FAILURE;
    }
    // In a task, as a server's handler would be, not on the thread that blocks on it.
    runtime.block_on(async { tokio::spawn(run(options)).await }).unwrap()
}

async fn peak_of(name: String, file: PathBuf, requests: usize) {
    // Another process removes the file.
    let file = ManuallyDrop::new(SqliteFile { path: file });
    let impls = over_sqlite(&file).await;
    peak::print(&**impls.iter().find(|candidate| candidate.name() == name).unwrap(), requests).await;
}

async fn run(options: Options) -> ExitCode {
    let mut sections = Vec::new();
    let mut throughput = Vec::new();
    let mut peak = None;
    // The average of one minute: what else the machine does.
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    let mut versions = format!("{}, async-graphql 7, juniper 0.18, sqlx 0.9, SQLite {}", rustc(), rusqlite::version());
    for &size in &options.sizes {
        let data = Arc::new(Data::new(size));
        for (database, title) in DATABASES.into_iter().filter(|(database, _)| options.wants(database)) {
            let mut sqlite = None;
            let mut postgres = None;
            let mut impls = match database {
                "memory" => in_memory(&data),
                "sqlite" => over_sqlite(sqlite.insert(SqliteFile::new(&data))).await,
                _ => {
                    let url = std::env::var(URL).expect("the server's URL is UTF-8");
                    let schema = postgres.insert(PostgresSchema::new(&url, &data).await);
                    if !versions.contains("PostgreSQL") {
                        let _ = write!(versions, ", PostgreSQL {}", schema.version().await);
                    }
                    over_postgres(schema).await
                }
            };
            if !options.impls.is_empty() {
                impls.retain(|candidate| options.impls.iter().any(|part| candidate.name().contains(part)));
            }
            let mut queries = options.queries.clone();
            queries.retain(|query| database == "memory" || query.of_tables());
            if let Err(message) = compare(&data, &impls, &queries).await {
                eprintln!("{database}, {size} characters: {message}");
                return ExitCode::FAILURE;
            }
            let names: Vec<String> = impls.iter().map(|candidate| candidate.name().to_owned()).collect();
            eprintln!("{database}, {size} characters: equal answers from {}", names.join("; "));
            if options.part("throughput") && (size == 100 || options.check) {
                let turn = if options.check { Duration::ZERO } else { options.budget };
                for query in load::QUERIES.into_iter().filter(|query| queries.contains(query)) {
                    if database != "memory" || query == Query::OneToMany {
                        let rates = load::measure(&impls, query, turn).await;
                        let (title, impls) = (format!("{title}, {}", query.name()), names.clone());
                        throughput.push(Throughput { title, impls, rates });
                    }
                }
            }
            if let Some(file) = &sqlite
                && options.part("memory")
                && (size == 1000 || options.check)
                && queries.contains(&peak::QUERY)
            {
                let (processes, requests) = if options.check { (1, 1) } else { (peak::PROCESSES, peak::REQUESTS) };
                peak = Some((names.clone(), peak::measure(&impls, &file.path, processes, requests)));
            }
            if options.part("latency") && !options.check {
                let mut measured = Vec::new();
                for &query in &queries {
                    measured.push(measure::measure(&impls, query, options.budget).await);
                }
                sections.push(Section { database: title, size, queries, impls: names, measured });
            }
            drop(impls);
            if let Some(schema) = postgres {
                schema.remove().await;
            }
        }
    }
    let mut grown = Vec::new();
    if options.part("growth") {
        let budget = (!options.check).then_some(options.budget);
        let url = options.wants("postgres").then(|| std::env::var(URL).expect("the server's URL is UTF-8"));
        grown.push(growth::of_values(|database| options.wants(database), budget).await);
        grown.push(growth::of_keys(options.wants("sqlite"), url, budget).await);
        eprintln!("growth: whole answers from hiku");
    }
    if options.check {
        return ExitCode::SUCCESS;
    }
    sections.sort_by_key(|section| DATABASES.iter().position(|(_, title)| *title == section.database));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let mut tables: Vec<String> = sections.iter().map(Section::markdown).collect();
    if !throughput.is_empty() {
        tables.push(report::throughput(&throughput));
    }
    tables.extend(peak.map(|(impls, grown)| report::peak(&impls, &grown)));
    tables.extend(grown.iter().filter(|growth| !growth.databases.is_empty()).map(report::growth));
    let head = format!("Measured on {cores} cores, with a load of {load} before, with {versions}.\n\n");
    println!("{head}{}", tables.join("\n"));
    if options.write
        && let Err(message) = write_down(options.filters.is_empty().then_some(&*head), tables)
    {
        eprintln!("{message}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn in_memory(data: &Arc<Data>) -> Vec<Arc<dyn Impl>> {
    vec![
        Arc::new(by_hand::memory::Memory::new(data)),
        Arc::new(by_hand::memory::Copying::new(data)),
        Arc::new(hiku_impl::Hiku::in_memory(data).unwrap()),
        Arc::new(async_graphql_impl::memory::InMemory::new(data.clone())),
        Arc::new(juniper_impl::InMemory::new(data.clone())),
    ]
}

async fn over_sqlite(file: &SqliteFile) -> Vec<Arc<dyn Impl>> {
    use async_graphql_impl::sql::{OverSql, Pool};
    vec![
        Arc::new(by_hand::ByHand::new("by hand, rusqlite", by_hand::rusqlite::Rusqlite::new(file.path.clone()))),
        Arc::new(by_hand::ByHand::new("by hand, sqlx", by_hand::sqlx::OverSqlite(file.pool(Ping::No).await))),
        Arc::new(hiku_impl::Hiku::over_sql("hiku", file.db().await).unwrap()),
        Arc::new(hiku_impl::Hiku::over_sql("hiku, pool of sqlx", file.pool(Ping::No).await.into()).unwrap()),
        Arc::new(OverSql::new(Pool::Sqlite(file.pool(Ping::Yes).await))),
        Arc::new(OverSql::tuned(Pool::Sqlite(file.pool(Ping::No).await))),
    ]
}

async fn over_postgres(schema: &PostgresSchema) -> Vec<Arc<dyn Impl>> {
    use async_graphql_impl::sql::{OverSql, Pool};
    vec![
        Arc::new(by_hand::ByHand::new("by hand, sqlx", by_hand::sqlx::OverPostgres(schema.pool(Ping::No).await))),
        Arc::new(hiku_impl::Hiku::over_sql("hiku", schema.db().await).unwrap()),
        Arc::new(hiku_impl::Hiku::over_sql("hiku, pool of sqlx", schema.pool(Ping::No).await.into()).unwrap()),
        Arc::new(OverSql::new(Pool::Postgres(schema.pool(Ping::Yes).await))),
        Arc::new(OverSql::tuned(Pool::Postgres(schema.pool(Ping::No).await))),
    ]
}

/// Whether all answer the same JSON, which is what is written by hand from the rows in memory; where nothing is, what
/// async-graphql answers from them.
async fn compare(data: &Arc<Data>, impls: &[Arc<dyn Impl>], queries: &[Query]) -> Result<(), String> {
    let by_hand = by_hand::memory::Memory::new(data);
    let other = async_graphql_impl::memory::InMemory::new(data.clone());
    for &query in queries {
        let expected = match by_hand.respond(query) {
            Some(body) => body,
            None => other.run(query).await,
        };
        let expected: serde_json::Value = serde_json::from_slice(&expected).map_err(|e| e.to_string())?;
        for candidate in impls.iter().filter(|candidate| candidate.answers(query)) {
            let body = candidate.run(query).await;
            if serde_json::from_slice::<serde_json::Value>(&body).ok().as_ref() != Some(&expected) {
                let start: String = String::from_utf8_lossy(&body).chars().take(300).collect();
                return Err(format!("`{}` answers {} otherwise: {start}", candidate.name(), query.text()));
            }
        }
    }
    Ok(())
}

fn rustc() -> String {
    let version = Command::new("rustc").arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&version).split(" (").next().unwrap_or_default().trim().to_owned()
}

/// Replaces what stands between the two marks: all of it if there is a new head, else the tables that have the headings of
/// these.
fn write_down(head: Option<&str>, tables: Vec<String>) -> Result<(), String> {
    const MARKS: [&str; 2] = ["<!-- measured -->\n", "<!-- /measured -->"];
    let path = Path::new(REPOSITORY).join("docs/benchmarks.md");
    let document = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let parts = document.split_once(MARKS[0]).and_then(|(before, rest)| Some((before, rest.split_once(MARKS[1])?)));
    let (before, (old, after)) = parts.ok_or_else(|| format!("{} has no {MARKS:?}", path.display()))?;
    let text = match head {
        Some(head) => format!("{head}{}", tables.join("\n")),
        None => report::replaced(old, tables),
    };
    let document = format!("{before}{}{text}{}{after}", MARKS[0], MARKS[1]);
    std::fs::write(&path, document).map_err(|error| format!("{}: {error}", path.display()))
}
