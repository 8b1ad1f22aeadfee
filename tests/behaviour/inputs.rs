//! Inputs: objects that requests give; what must hold of them; what is said when it does not.

use hiku::prelude::*;
use serde_json::{Value as Json, json};

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Input)]
struct Wanted {
    /// What it is called.
    #[input(length(min = 2, max = 5), pattern = "^[A-Z]")]
    full_name: Option<String>,
    #[input(default = 10, range(min = 0, max = 99.5), check = even)]
    first: Option<i32>,
    note: MaybeAbsent<String>,
    #[input(default = Sort::Up)]
    sort: Sort,
    #[input(default = Span { from: 1, to: Some(2), by: None })]
    span: Span,
    like: Option<Box<Wanted>>,
    #[input(length(max = 2), default = vec![])]
    not: Vec<Wanted>,
    #[input(name = "old", deprecated = "use `note`")]
    remark: Option<String>,
    #[input(range(min = 3))]
    large: Option<BigInt>,
}

#[derive(Clone, Debug, PartialEq, Input)]
struct Span {
    #[input(range(max = 100))]
    from: i32,
    to: Option<i32>,
    #[input(default = 5)]
    by: Option<i32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Enum)]
enum Sort {
    Up,
    Down,
}

/// One of these.
#[derive(Clone, Debug, PartialEq, Input)]
enum By {
    Id(ID),
    #[input(name = "title", length(min = 3))]
    FullName(String),
    Span(Span),
    Either(Vec<By>),
}

fn even(number: &i32) -> Result<()> {
    if number % 2 == 0 { Ok(()) } else { Err(Error::new("odd numbers are not taken").code("ODD")) }
}

fn no_spaces(text: &str) -> Result<(), std::num::ParseIntError> {
    if text.contains(' ') { "x".parse::<i32>().map(drop) } else { Ok(()) }
}

#[root]
struct Query {}

#[root]
impl Query {
    #[field]
    fn find(#[arg] wanted: Wanted) -> String {
        format!("{wanted:?}").replace("Wanted ", "")
    }

    #[field]
    fn spans(
        #[arg] spans: Option<Vec<Span>>,
        #[arg(default = vec![Span { from: 7, to: None, by: None }])] more: Vec<Span>,
    ) -> Vec<i32> {
        spans.into_iter().flatten().chain(more).map(|span| span.from * 100 + span.by.unwrap_or(-1)).collect()
    }

    #[field]
    fn by(#[arg] by: Option<By>) -> String {
        format!("{by:?}")
    }

    #[field]
    fn checked(
        #[arg(length(min = 1, max = 3), pattern = "^[a-z]+$", deprecated = "no longer")] word: Option<String>,
        #[arg(range(min = 1, max = 9), default = 5)] number: i32,
        #[arg(length(max = 2))] list: Option<Vec<i32>>,
        #[arg(check = no_spaces)] text: Option<String>,
    ) -> String {
        format!("{word:?} {number} {list:?} {text:?}")
    }

    #[field]
    fn given(#[arg] text: MaybeAbsent<String>) -> String {
        format!("{text:?}")
    }
}

fn engine() -> Engine {
    Engine::builder(Graph::new::<Query>().unwrap()).build().unwrap()
}

async fn ask(query: &str, variables: Json) -> Json {
    engine().execute(Request::new(query).variables(variables)).await.to_value()
}

async fn answer(field: &str) -> String {
    let value = ask(&format!("{{ a: {field} }}"), json!({})).await;
    value["data"]["a"].as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}

/// The messages of a request, and whether each has a place.
async fn refused(query: &str, variables: Json) -> Vec<String> {
    let value = ask(query, variables).await;
    let errors = value["errors"].as_array().unwrap_or_else(|| panic!("{query}: {value}"));
    for error in errors {
        assert!(error["locations"][0]["line"].is_u64(), "{query}: {value}");
    }
    errors.iter().map(|error| error["message"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn fields_have_defaults_and_absent_is_not_null() {
    let rest = "span: Span { from: 1, to: Some(2), by: None }, like: None, not: [], remark: None, large: None }";
    assert_eq!(
        answer("find(wanted: {})").await,
        format!("{{ full_name: None, first: Some(10), note: Absent, sort: Up, {rest}")
    );
    assert_eq!(
        answer("find(wanted: {first: null, note: null, sort: DOWN})").await,
        format!("{{ full_name: None, first: None, note: Null, sort: Down, {rest}")
    );
    assert_eq!(
        answer("find(wanted: {note: \"x\", span: {from: 3}, fullName: \"ABC\"})").await,
        "{ full_name: Some(\"ABC\"), first: Some(10), note: Value(\"x\"), sort: Up, span: Span { from: 3, to: None, by: Some(5) }, like: None, not: [], remark: None, large: None }"
    );
    // By variables: of the whole, of a field, absent and null.
    let query = "query($w: Wanted!) { find(wanted: $w) }";
    let value = ask(query, json!({"w": {"note": null, "large": "9007199254740993"}})).await;
    assert_eq!(
        value["data"]["find"],
        json!(format!(
            "{{ full_name: None, first: Some(10), note: Null, sort: Up, {}",
            rest.replace("large: None", "large: Some(BigInt(9007199254740993))")
        ))
    );
    let query = "query($n: String, $f: Int, $s: Sort! = DOWN) { find(wanted: {note: $n, first: $f, sort: $s}) }";
    let value = ask(query, json!({})).await;
    assert_eq!(
        value["data"]["find"],
        json!(format!("{{ full_name: None, first: Some(10), note: Absent, sort: Down, {rest}"))
    );
    let value = ask(query, json!({"n": null, "f": null, "s": "UP"})).await;
    assert_eq!(value["data"]["find"], json!(format!("{{ full_name: None, first: None, note: Null, sort: Up, {rest}")));
    // The default of a variable has the defaults of its fields.
    let value = ask("query($w: Wanted! = {like: {}}) { find(wanted: $w) }", json!({})).await;
    let text = value["data"]["find"].as_str().unwrap_or_else(|| panic!("{value}"));
    assert_eq!(text.matches("first: Some(10)").count(), 2, "{text}");
    // Arguments, too.
    let value =
        ask("query($n: String) { a: given b: given(text: null) c: given(text: $n) d: given(text: \"\") }", json!({}))
            .await;
    assert_eq!(value["data"], json!({"a": "Absent", "b": "Null", "c": "Absent", "d": "Value(\"\")"}));
}

#[tokio::test]
async fn a_single_value_is_a_list() {
    let query = "query($s: [Span!], $m: [Span!]! = {from: 4, by: 6}) {
        a: spans b: spans(spans: {from: 1}, more: []) c: spans(spans: $s, more: $m) d: spans(spans: [{from: 2}, {from: 3, by: null}], more: {from: 9}) }";
    let value = ask(query, json!({"s": {"from": 8}})).await;
    assert_eq!(value["data"], json!({"a": [699], "b": [105], "c": [805, 406], "d": [205, 299, 905]}));
    let value = ask("query($f: Int!) { spans(spans: {from: $f}, more: {from: $f}) }", json!({"f": 6})).await;
    assert_eq!(value["data"], json!({"spans": [605, 605]}));
}

#[tokio::test]
async fn values_that_are_none_of_their_input() {
    let mut found = Vec::new();
    for (query, variables, messages) in [
        ("{ find(wanted: {first: \"1\"}) }", json!({}), vec!["Int cannot represent non-integer value: \"1\""]),
        (
            "{ find(wanted: {furst: 1}) }",
            json!({}),
            vec!["Field \"furst\" is not defined by type \"Wanted\". Did you mean \"first\" or \"sort\"?"],
        ),
        (
            "{ spans(spans: [{to: 1}]) }",
            json!({}),
            vec!["Field \"Span.from\" of required type \"Int!\" was not provided."],
        ),
        ("{ find(wanted: {sort: null}) }", json!({}), vec!["Expected value of type \"Sort!\", found null."]),
        ("{ find(wanted: 1) }", json!({}), vec!["Expected value of type \"Wanted!\", found 1."]),
        (
            "{ find }",
            json!({}),
            vec!["Field \"find\" argument \"wanted\" of type \"Wanted!\" is required, but it was not provided."],
        ),
        (
            "query($w: Wanted!) { find(wanted: $w) }",
            json!({"w": {"first": "1", "like": {"span": {"to": 2}}, "x": 1}}),
            vec![
                "Variable \"$w\" got invalid value \"1\" at \"w.first\"; Int cannot represent non-integer value: \"1\"",
                "Variable \"$w\" got invalid value { to: 2 } at \"w.like.span\"; Field \"from\" of required type \"Int!\" was not provided.",
                "Variable \"$w\" got invalid value { first: \"1\", like: { span: [Object] }, x: 1 }; Field \"x\" is not defined by type \"Wanted\".",
            ],
        ),
        (
            "query($w: Wanted) { find(wanted: $w) }",
            json!({}),
            vec!["Variable \"$w\" of type \"Wanted\" used in position expecting type \"Wanted!\"."],
        ),
        (
            "query($s: Sort = UP) { find(wanted: {sort: $s}) }",
            json!({"s": null}),
            vec!["Argument \"wanted\" has an invalid value: `wanted.sort` must not be null."],
        ),
    ] {
        found.push((refused(query, variables).await, messages, query));
    }
    for (found, messages, query) in found {
        assert_eq!(found, messages, "{query}");
    }
}

#[tokio::test]
async fn one_of_is_exactly_one() {
    for (by, answered) in [
        ("null", "None"),
        ("{id: 7}", "Some(Id(ID(\"7\")))"),
        ("{title: \"Emma\"}", "Some(FullName(\"Emma\"))"),
        ("{span: {from: 1}}", "Some(Span(Span { from: 1, to: None, by: Some(5) }))"),
        ("{either: [{id: \"a\"}, {either: {id: 2}}]}", "Some(Either([Id(ID(\"a\")), Either([Id(ID(\"2\"))])]))"),
    ] {
        assert_eq!(answer(&format!("by(by: {by})")).await, answered);
    }
    let query = "query($b: By) { by(by: $b) }";
    assert_eq!(ask(query, json!({"b": {"id": 7}})).await["data"]["by"], json!("Some(Id(ID(\"7\")))"));
    let query = "query($i: ID!) { by(by: {id: $i}) }";
    assert_eq!(ask(query, json!({"i": 7})).await["data"]["by"], json!("Some(Id(ID(\"7\")))"));
    for (query, variables, message) in [
        ("{ by(by: {}) }", json!({}), "OneOf Input Object \"By\" must specify exactly one key."),
        ("{ by(by: {id: 1, title: \"abc\"}) }", json!({}), "OneOf Input Object \"By\" must specify exactly one key."),
        ("{ by(by: {id: null}) }", json!({}), "Field \"By.id\" must be non-null."),
        (
            "query($i: ID) { by(by: {id: $i}) }",
            json!({"i": 1}),
            "Variable \"$i\" is of type \"ID\" but must be non-nullable to be used for OneOf Input Object \"By\".",
        ),
        (
            "query($b: By) { by(by: $b) }",
            json!({"b": {}}),
            "Variable \"$b\" got invalid value {}; Exactly one key must be specified for OneOf type \"By\".",
        ),
        (
            "query($b: By) { by(by: $b) }",
            json!({"b": {"id": 1, "title": "abc"}}),
            "Variable \"$b\" got invalid value { id: 1, title: \"abc\" }; Exactly one key must be specified for OneOf type \"By\".",
        ),
        (
            "query($b: By) { by(by: $b) }",
            json!({"b": {"id": null}}),
            "Variable \"$b\" got invalid value null at \"b.id\"; Field \"id\" must be non-null.",
        ),
        (
            "query($b: By) { by(by: $b) }",
            json!({"b": {"either": [{"id": 1}, {}]}}),
            "Variable \"$b\" got invalid value {} at \"b.either[1]\"; Exactly one key must be specified for OneOf type \"By\".",
        ),
        ("{ by(by: {title: \"ab\"}) }", json!({}), "`by.title` has 2 characters, but must have 3 at least"),
        (
            "{ by(by: {either: [{id: 1}, {span: {from: 101}}]}) }",
            json!({}),
            "`by.either[1].span.from` is 101, but can be 100 at most",
        ),
    ] {
        let messages = refused(query, variables).await;
        assert!(messages.iter().any(|found| found == message), "{query}: {messages:#?}, not {message:?}");
    }
}

#[tokio::test]
async fn checks_say_which_argument_and_where_in_it() {
    for (call, message) in [
        ("checked(word: \"\")", "`word` has 0 characters, but must have 1 at least"),
        ("checked(word: \"abcd\")", "`word` has 4 characters, but can have 3 at most"),
        ("checked(word: \"äö\")", "`word` does not match `^[a-z]+$`"),
        ("checked(number: 0)", "`number` is 0, but must be 1 at least"),
        ("checked(number: 10)", "`number` is 10, but can be 9 at most"),
        ("checked(list: [1, 2, 3])", "`list` has 3 items, but can have 2 at most"),
        ("find(wanted: {fullName: \"A\"})", "`wanted.fullName` has 1 characters, but must have 2 at least"),
        ("find(wanted: {fullName: \"abc\"})", "`wanted.fullName` does not match `^[A-Z]`"),
        ("find(wanted: {first: 100})", "`wanted.first` is 100, but can be 99.5 at most"),
        ("find(wanted: {first: 3})", "`wanted.first`: odd numbers are not taken"),
        (
            "find(wanted: {like: {not: [{}, {fullName: \"ABCDEF\"}]}})",
            "`wanted.like.not[1].fullName` has 6 characters, but can have 5 at most",
        ),
        ("find(wanted: {not: [{}, {}, {}]})", "`wanted.not` has 3 items, but can have 2 at most"),
        ("find(wanted: {large: \"2\"})", "`wanted.large` is \"2\", but must be 3 at least"),
        ("spans(more: [{from: 1}, {from: 101}])", "`more[1].from` is 101, but can be 100 at most"),
    ] {
        let value = ask(&format!("{{ ok: given\n  bad: {call} }}"), json!({})).await;
        assert_eq!(value["errors"][0]["message"], json!(message), "{value}");
        assert_eq!(value["errors"][0]["path"], json!(["bad"]), "{value}");
        assert_eq!(value["errors"][0]["locations"][0]["line"], json!(2), "{value}");
        assert_eq!(value["errors"][0]["extensions"]["code"], json!("BAD_USER_INPUT"));
        assert_eq!(value["data"], Json::Null, "the field cannot be null");
    }
    assert_eq!(
        answer("checked(word: \"abc\", number: 9, list: [1, 2], text: \"a\")").await,
        "Some(\"abc\") 9 Some([1, 2]) Some(\"a\")"
    );
    assert_eq!(answer("checked(word: null, list: null)").await, "None 5 None None");
    // An error that came through `?` is not for the client.
    let value = ask("{ checked(text: \"a b\") }", json!({})).await;
    assert!(value["errors"][0]["message"].as_str().unwrap().starts_with("internal error (id "), "{value}");
}

#[tokio::test]
async fn checks_hold_of_variables_and_their_defaults() {
    for (query, variables, message) in [
        (
            "query($w: String) { checked(word: $w) }",
            json!({"w": "abcd"}),
            "`word` has 4 characters, but can have 3 at most",
        ),
        (
            "query($w: String = \"abcd\") { checked(word: $w) }",
            json!({}),
            "`word` has 4 characters, but can have 3 at most",
        ),
        ("query($n: Int! = 12) { checked(number: $n) }", json!({}), "`number` is 12, but can be 9 at most"),
        (
            "query($w: Wanted!) { find(wanted: $w) }",
            json!({"w": {"like": {"first": 7}}}),
            "`wanted.like.first`: odd numbers are not taken",
        ),
        (
            "query($f: Int) { find(wanted: {like: {first: $f}}) }",
            json!({"f": -2}),
            "`wanted.like.first` is -2, but must be 0 at least",
        ),
        (
            "query($s: [Span!]!) { spans(more: $s) }",
            json!({"s": [{"from": 101}]}),
            "`more[0].from` is 101, but can be 100 at most",
        ),
        (
            "query($b: By!) { by(by: $b) }",
            json!({"b": {"either": [{"title": "ab"}]}}),
            "`by.either[0].title` has 2 characters, but must have 3 at least",
        ),
    ] {
        assert_eq!(refused(query, variables).await, [message], "{query}");
    }
}

#[tokio::test]
async fn inputs_in_themselves_are_bounded_by_the_nesting_of_the_request() {
    let literal = |depth: usize| format!("{{ find(wanted: {}{{}}{}) }}", "{like: ".repeat(depth), "}".repeat(depth));
    let value = ask(&literal(20), json!({})).await;
    assert!(value["data"]["find"].as_str().unwrap().matches("like: Some(").count() == 20, "{value}");
    for depth in [200, 100_000] {
        let value = ask(&literal(depth), json!({})).await;
        assert_eq!(value["errors"][0]["extensions"]["code"], json!("LIMIT_EXCEEDED"), "{value}");
    }
    // As a variable: as deep as JSON is read.
    let mut deep = json!({});
    for _ in 0..100 {
        deep = json!({"like": deep});
    }
    let value = ask("query($w: Wanted!) { find(wanted: $w) }", json!({"w": deep})).await;
    assert!(value["data"]["find"].is_string(), "{value}");
}

#[test]
fn the_schema_has_defaults_descriptions_and_reasons() {
    let sdl = engine().sdl();
    for part in [
        "\"\"\"What is looked for.\"\"\"\ninput Wanted {\n  \"\"\"What it is called.\"\"\"\n  fullName: String\n  first: Int = 10\n  note: String\n  sort: Sort! = UP\n  span: Span! = {from: 1, to: 2, by: null}\n  like: Wanted\n  not: [Wanted!]! = []\n  old: String @deprecated(reason: \"use `note`\")\n  large: BigInt\n}\n",
        "\"\"\"One of these.\"\"\"\ninput By @oneOf {\n  id: ID\n  title: String\n  span: Span\n  either: [By!]\n}\n",
        "  spans(spans: [Span!], more: [Span!]! = [{from: 7, to: null, by: null}]): [Int!]!\n",
        "  checked(word: String @deprecated(reason: \"no longer\"), number: Int! = 5, list: [Int!], text: String): String!\n",
    ] {
        assert!(sdl.contains(part), "{part}\n---\n{sdl}");
    }
}

#[test]
fn what_is_required_cannot_be_deprecated() {
    #[derive(Input)]
    struct Old {
        #[input(deprecated)]
        first: i32,
        #[input(deprecated)]
        second: Option<i32>,
        #[input(deprecated, default = 3)]
        third: i32,
    }
    #[root]
    struct Refused {}
    #[root]
    impl Refused {
        #[field]
        fn a(#[arg] old: Option<Old>, #[arg(deprecated)] b: String, #[arg(deprecated, default = 1)] c: i32) -> i32 {
            old.map_or(0, |old| old.first + old.second.unwrap_or(old.third)) + b.len() as i32 + c
        }
    }
    let error = Graph::new::<Refused>().unwrap_err().to_string();
    assert!(error.contains("`Old.first` is required, so it cannot be deprecated"), "{error}");
    assert!(error.contains("the argument `b` of `Refused.a` is required, so it cannot be deprecated"), "{error}");
    assert_eq!(error.matches("deprecated:").count(), 2, "{error}");
}

#[test]
fn a_default_that_its_checks_refuse_is_found_at_start_up() {
    #[derive(Input)]
    struct Bad {
        #[input(default = 11, range(max = 10))]
        first: i32,
    }
    #[root]
    struct Refused {}
    #[root]
    impl Refused {
        #[field]
        fn a(#[arg] bad: Option<Bad>, #[arg(default = "abc".to_owned(), length(max = 2))] b: String) -> i32 {
            bad.map_or(0, |bad| bad.first) + b.len() as i32
        }
    }
    let error = Engine::builder(Graph::new::<Refused>().unwrap()).build().unwrap_err().to_string();
    assert!(error.contains("`first` is 11, but can be 10 at most"), "{error}");
    assert!(error.contains("`b` has 3 characters, but can have 2 at most"), "{error}");
}
