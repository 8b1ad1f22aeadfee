//! How many instructions a few fixed requests take, counted by valgrind's callgrind: the same on a busy machine as on an idle
//! one, so that a regression fails.
//!
//! `cargo run --release --manifest-path benches/instructions/Cargo.toml` compares with `recorded.txt`, `HIKU_BLESS=1` before
//! it records. What is compared is the compiler that was recorded with: another one makes other instructions.

#[path = "../src/data.rs"]
#[allow(dead_code, reason = "the benchmarks need more of it")]
mod data;
#[path = "../src/hiku_impl.rs"]
#[allow(dead_code, reason = "the benchmarks need more of it")]
mod hiku_impl;
#[path = "../src/query.rs"]
#[allow(dead_code, reason = "the benchmarks need more of it")]
mod query;

use std::fmt::Write;
use std::path::Path;
use std::pin::pin;
use std::process::{Command, ExitCode};
use std::task::{Context, Poll, Waker};

use hiku::prelude::*;

use data::Data;
use hiku_impl::Hiku;
use query::Query;

/// By how many of a hundred a count may be above what was recorded: some are in hash tables, whose seeds differ.
const MARGIN: u64 = 5;

const CHARACTERS: usize = 30;

#[derive(Clone, Copy)]
enum Case {
    Memory(Query),
    Sqlite(Query),
    /// In memory, of a document that was not seen before: it is read, validated and planned.
    Cold(Query),
    /// A row of SQLite by a model.
    Get,
    /// A column of that row.
    Update,
}

#[node(table = "character")]
struct Character {
    #[key]
    id: i64,
    name: String,
    species: Option<String>,
}

/// What is asked, and how often.
const CASES: [(&str, Case, u64); 16] = [
    ("memory Q1", Case::Memory(Query::Flat), 50),
    ("memory Q2", Case::Memory(Query::OneToMany), 20),
    ("memory Q3", Case::Memory(Query::ManyToOne), 20),
    ("memory Q4", Case::Memory(Query::ThreeLevels), 20),
    ("memory Q5", Case::Memory(Query::ByKey), 200),
    ("memory __typename", Case::Memory(Query::TypeName), 200),
    ("memory, computed", Case::Memory(Query::Computed), 20),
    ("SQLite Q2", Case::Sqlite(Query::OneToMany), 20),
    ("SQLite Q4", Case::Sqlite(Query::ThreeLevels), 10),
    ("SQLite Q5", Case::Sqlite(Query::ByKey), 200),
    ("SQLite Q1", Case::Sqlite(Query::Flat), 50),
    ("memory, aliases", Case::Memory(Query::Aliases), 20),
    ("memory, fragments", Case::Memory(Query::Fragments), 20),
    ("new document", Case::Cold(Query::Aliases), 50),
    ("model, get", Case::Get, 200),
    ("model, update", Case::Update, 200),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [case, requests] = &*arguments {
        answer(CASES[case.parse::<usize>().unwrap()], requests.parse().unwrap());
        return ExitCode::SUCCESS;
    }
    let compiler = compiler();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("recorded.txt");
    let recorded = std::fs::read_to_string(&path).unwrap_or_default();
    let bless = std::env::var_os("HIKU_BLESS").is_some();
    let comparable = recorded.lines().next() == Some(&*compiler);
    if !comparable && !bless {
        println!("nothing is compared: this is {compiler}, not what {} was recorded with", path.display());
    }
    let mut counts = format!("{compiler}\n");
    let mut failed = false;
    for (case, (name, _, requests)) in CASES.into_iter().enumerate() {
        let before = recorded.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok());
        let most = before.filter(|_| comparable).map(|before| before + before * MARGIN / 100);
        // What is between once and twice the requests is theirs alone: without the start, and the first of each kind.
        let count = || (counted(case, 2 * requests) - counted(case, requests)) / requests;
        // Seeds of hashes differ from run to run, and counts by some percent.
        let count = (0..2).map(|_| count()).find(|&count| most.is_none_or(|most| count <= most)).unwrap_or_else(count);
        let told = match before {
            Some(before) if comparable => {
                let change = 100.0 * (count as f64 / before as f64 - 1.0);
                failed |= most.is_some_and(|most| count > most);
                format!("{change:+6.1} %")
            }
            _ => {
                failed |= comparable;
                "not recorded".into()
            }
        };
        println!("{name:<20} {count:>10}  {told}");
        let _ = writeln!(counts, "{name:<20} {count:>10}");
    }
    if bless {
        std::fs::write(&path, counts).unwrap();
        return ExitCode::SUCCESS;
    }
    if failed {
        println!("more than {MARGIN} % above what was recorded; if it has to be, record it with HIKU_BLESS=1");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// The compiler and the processor that instructions are of.
fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output().unwrap().stdout;
    let version = String::from_utf8_lossy(&output);
    format!("{}, {}", version.split(" (").next().unwrap_or_default(), std::env::consts::ARCH)
}

/// Has the C library take the functions that every processor can run: which it takes else is another matter on each.
const ANY_PROCESSOR: &str = "glibc.cpu.hwcaps=-AVX_Fast_Unaligned_Load,-AVX2,-AVX2_Usable,-AVX512VL,-AVX512F,-ERMS,-FSRM,\
                             -SSSE3,-SSE4_1,-SSE4_2,-BMI2";

/// The instructions of a process that answers so many requests.
fn counted(case: usize, requests: u64) -> u64 {
    let program = std::env::current_exe().unwrap();
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program);
    valgrind.env("GLIBC_TUNABLES", ANY_PROCESSOR);
    let output = valgrind.args([case.to_string(), requests.to_string()]).output().expect("valgrind is missing");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let collected = said.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    collected.unwrap_or_else(|| panic!("valgrind counted nothing: {said}"))
}

fn answer((name, case, _): (&str, Case, u64), requests: u64) {
    let (hiku, query) = match case {
        Case::Memory(query) | Case::Cold(query) => (Hiku::in_memory(&Data::new(CHARACTERS)).unwrap(), query),
        Case::Sqlite(query) => (Hiku::over_sql("hiku", tables()).unwrap(), query),
        Case::Get | Case::Update => return operate(case, requests),
    };
    for number in 0..requests + 3 {
        let text = match case {
            Case::Cold(_) => format!("{} # {number}", query.text()),
            _ => query.text().to_owned(),
        };
        let body = now(hiku.ask(&text));
        assert!(body.starts_with(b"{\"data\":{") && !body.ends_with(b"]}"), "{name}");
    }
}

fn operate(case: Case, operations: u64) {
    let db = tables();
    let columns = Character::COLUMNS;
    for number in 0..operations + 3 {
        if matches!(case, Case::Get) {
            let row = now(Character::get(&db, 7).into_future()).unwrap().unwrap();
            assert!(
                row.id == 7 && !row.name.is_empty() && row.species.as_ref().is_none_or(|species| !species.is_empty())
            );
        } else {
            let update = Character::update(&db, [columns.name.set(format!("{number:05}"))]);
            assert_eq!(now(update.filter(columns.id.eq(7)).into_future()).unwrap(), 1);
        }
    }
}

/// Without a runtime statements run in place, however long they take: valgrind makes all of them long.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("a request waited for something"),
    }
}

/// The rows of the benchmarks, in SQLite's memory.
fn tables() -> Db {
    let db = now(Db::connect("sqlite::memory:")).unwrap();
    let filling = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    filling.block_on(async {
        for text in [
            "CREATE TABLE character (id INTEGER PRIMARY KEY, name TEXT NOT NULL, species TEXT)",
            "CREATE TABLE actor (id INTEGER PRIMARY KEY, name TEXT NOT NULL, character_id INTEGER NOT NULL)",
            "CREATE INDEX actor_character_id ON actor (character_id)",
            "CREATE TABLE movie (id INTEGER PRIMARY KEY, title TEXT NOT NULL, year INTEGER NOT NULL)",
            "CREATE TABLE casting (actor_id INTEGER NOT NULL, movie_id INTEGER NOT NULL, PRIMARY KEY (actor_id, movie_id))",
        ] {
            db.execute_raw(text).await.unwrap();
        }
        let data = Data::new(CHARACTERS);
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let species = |text: &Option<String>| text.as_ref().map_or("NULL".to_owned(), |text| quoted(text));
        let characters = data.characters.iter();
        let actors = data.actors.iter();
        let movies = data.movies.iter();
        for (table, rows) in [
            ("character", characters.map(|row| format!("({}, {}, {})", row.id, quoted(&row.name), species(&row.species))).collect::<Vec<_>>()),
            ("actor", actors.map(|row| format!("({}, {}, {})", row.id, quoted(&row.name), row.character_id)).collect()),
            ("movie", movies.map(|row| format!("({}, {}, {})", row.id, quoted(&row.title), row.year)).collect()),
            ("casting", data.castings.iter().map(|row| format!("{row:?}")).collect()),
        ] {
            db.execute_raw(&format!("INSERT INTO {table} VALUES {}", rows.join(", "))).await.unwrap();
        }
    });
    db
}
