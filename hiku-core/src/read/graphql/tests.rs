//! Over one graph by hand: what a text becomes, and what it is refused for.

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value as Json, json};

use super::{Document, Schema};
use crate::error::Error;
use crate::graph::{
    ArgBuilder, Cardinality, FieldBuilder, Graph, Kind, LinkBuilder, LoaderRun, NodeBuilder, ScalarDef, TypeDef,
};
use crate::query::{Expr, Operation, Parent, Position, RequestError, Selected, SetId, coerce, evaluate};
use crate::read::Limits;

static ID: TypeDef = TypeDef::Scalar(&ScalarDef::new("ID", Kind::I64));
static INT: TypeDef = TypeDef::Scalar(&ScalarDef::new("Int", Kind::I32));
static FLOAT: TypeDef = TypeDef::Scalar(&ScalarDef::new("Float", Kind::F64));
static STRING: TypeDef = TypeDef::Scalar(&ScalarDef::new("String", Kind::Text));
static BOOLEAN: TypeDef = TypeDef::Scalar(&ScalarDef::new("Boolean", Kind::Bool));
static DATE: TypeDef = TypeDef::Scalar(&ScalarDef {
    description: Some("A day."),
    specified_by: Some("https://example.org/date"),
    ..ScalarDef::new("Date", Kind::Date)
});
static ANY: TypeDef = TypeDef::Scalar(&ScalarDef::new("Any", Kind::Json));
static MAYBE_INT: TypeDef = TypeDef::Nullable(&INT);
static MAYBE_STRING: TypeDef = TypeDef::Nullable(&STRING);
static MAYBE_ID: TypeDef = TypeDef::Nullable(&ID);
static MAYBE_FLOAT: TypeDef = TypeDef::Nullable(&FLOAT);
static MAYBE_BOOLEAN: TypeDef = TypeDef::Nullable(&BOOLEAN);
static MAYBE_ANY: TypeDef = TypeDef::Nullable(&ANY);
static INTS: TypeDef = TypeDef::List(&INT);
static MAYBE_INTS: TypeDef = TypeDef::Nullable(&INTS);
static LOOSE: TypeDef = TypeDef::Nullable(&TypeDef::List(&MAYBE_INT));
static MATRIX: TypeDef = TypeDef::Nullable(&TypeDef::List(&INTS));

fn nothing() -> LoaderRun {
    LoaderRun::Pure(Arc::new(|_| Err(Error::new("reading runs nothing"))))
}

fn graph() -> Graph {
    let everything = [
        ("int", &MAYBE_INT),
        ("float", &MAYBE_FLOAT),
        ("string", &MAYBE_STRING),
        ("boolean", &MAYBE_BOOLEAN),
        ("id", &MAYBE_ID),
        ("ints", &MAYBE_INTS),
        ("loose", &LOOSE),
        ("matrix", &MATRIX),
        ("any", &MAYBE_ANY),
    ];
    let mut echo = FieldBuilder::computed("echo", &MAYBE_STRING, &[], nothing());
    for (name, ty) in everything {
        echo = echo.arg(ArgBuilder::new(name, ty));
    }
    let query = NodeBuilder::new("Query")
        .description("Where queries start.")
        .link(LinkBuilder::new("characters", "Character", Cardinality::Many).all())
        .link(LinkBuilder::new("character", "Character", Cardinality::Maybe).by_key())
        .field(echo)
        .field(
            FieldBuilder::computed("page", &INT, &[], nothing())
                .arg(ArgBuilder::new("size", &INT).default_value(10))
                .arg(ArgBuilder::new("after", &MAYBE_STRING).default_value("start")),
        );
    let character = NodeBuilder::new("Character")
        .description("Someone aboard the Enterprise.\n\nOr \"\"\"elsewhere\"\"\".")
        .table("character")
        .key("id", &ID)
        .field(FieldBuilder::column("name", &STRING).description("As everyone says it."))
        .field(FieldBuilder::column("species", &MAYBE_STRING).deprecated("say \"kind\""))
        .field(FieldBuilder::column("born", &DATE))
        .field(FieldBuilder::column("secret", &STRING).hidden())
        .link(LinkBuilder::new("actors", "Actor", Cardinality::Many).to(&["character_id"]))
        .link(LinkBuilder::new("friends", "Character", Cardinality::MaybeMany).function(&["id"], nothing()))
        .link(LinkBuilder::new("best", "Character", Cardinality::Maybe).function(&["id"], nothing()));
    let actor = NodeBuilder::new("Actor")
        .table("actor")
        .key("id", &ID)
        .field(FieldBuilder::column("name", &STRING))
        .field(FieldBuilder::column("character_id", &ID).hidden())
        .link(LinkBuilder::new("character", "Character", Cardinality::One).from(&["character_id"]));
    Graph::build(query, [character, actor]).expect("a graph")
}

struct World {
    graph: Graph,
    schema: Schema,
    limits: Limits,
}

fn world() -> World {
    let graph = graph();
    let schema = Schema::new(&graph).expect("a schema");
    World { graph, schema, limits: Limits::default() }
}

impl World {
    fn read(&self, text: &str) -> Result<Document, Vec<RequestError>> {
        Document::read(&self.schema, &self.graph, text, None, &self.limits)
    }

    fn valid(&self, text: &str) -> Document {
        self.read(text).unwrap_or_else(|errors| panic!("{text}: {errors:#?}"))
    }

    fn operation(&self, text: &str) -> Operation {
        let document = self.valid(text);
        document.operation(&self.schema, &self.graph, &[]).expect("an operation")
    }

    /// The operation as one line: keys, what they ask for, arguments.
    fn outline(&self, text: &str, conditions: &[bool]) -> String {
        let document = self.valid(text);
        let conditions: Vec<Option<bool>> = conditions.iter().copied().map(Some).collect();
        let operation = document.operation(&self.schema, &self.graph, &conditions).expect("an operation");
        let mut out = String::new();
        self.show(&operation, SetId(0), &mut out);
        out
    }

    fn show(&self, operation: &Operation, set: SetId, out: &mut String) {
        let set = &operation.sets[set.0 as usize];
        let Parent::Node(node) = set.of else { panic!("there are no records here") };
        let node = self.graph.node(node);
        for (at, selection) in set.selections.iter().enumerate() {
            let _ = write!(out, "{}{}", if at > 0 { " " } else { "" }, selection.key);
            match selection.what {
                Selected::Field(member) => {
                    let _ = write!(out, ":{}", node.member(member).names().public);
                }
                Selected::Link(member, below) => {
                    let _ = write!(out, ":{}{{", node.member(member).names().public);
                    self.show(operation, below, out);
                    out.push('}');
                }
                Selected::Record(..) => panic!("there are no records here"),
                Selected::TypeName => out.push_str(":typename"),
                Selected::Introspection(_) => out.push_str(":introspection"),
            }
        }
    }

    /// The errors of a text, one line each: position, code, message.
    fn refused(&self, text: &str) -> Vec<String> {
        match self.read(text) {
            Ok(_) => Vec::new(),
            Err(errors) => errors
                .iter()
                .map(|error| {
                    let at: Vec<String> =
                        error.locations.iter().map(|at| format!("{}:{}", at.line, at.column)).collect();
                    format!("{} {} {}", at.join(","), error.code, error.message)
                })
                .collect(),
        }
    }

    /// The arguments of `echo` that are not null, with these variables.
    fn echo(&self, text: &str, variables: Json) -> Json {
        let document = self.valid(text);
        let given = variables.as_object().cloned().unwrap_or_default();
        let variables = coerce(document.variables(), &given).expect("variables");
        let operation = document.operation(&self.schema, &self.graph, &[]).expect("an operation");
        let field = &operation.sets[0].selections[0];
        let Selected::Field(member) = field.what else { panic!("a field") };
        let args = self.graph.node(self.graph.query()).member(member).args();
        let values = args.iter().zip(&field.args).map(|(arg, expr)| (arg.name.clone(), evaluate(expr, &variables)));
        let given = values.filter_map(|(name, value)| Some((name, value?)));
        Json::Object(given.filter(|(_, value)| !value.is_null()).collect())
    }

    fn introspect(&self, text: &str, variables: Json) -> Json {
        let document = self.valid(text);
        let given = variables.as_object().cloned().unwrap_or_default();
        let variables = coerce(document.variables(), &given).expect("variables");
        let conditions = document.condition_values(&variables);
        let operation = document.operation(&self.schema, &self.graph, &conditions).expect("an operation");
        let answered = (operation.introspection.expect("introspection").answer)(&variables, usize::MAX);
        assert!(answered.errors.is_empty() && !answered.too_large, "{answered:?}");
        let asked = operation.sets[0].selections.iter().filter_map(|selection| match selection.what {
            Selected::Introspection(at) => Some((selection.key.to_string(), answered.answers[at as usize].clone())),
            _ => None,
        });
        let json = |bytes| serde_json::from_slice(&answered.bytes[bytes]).expect("JSON");
        asked.map(|(key, bytes)| (key, bytes.map_or(Json::Null, json))).collect()
    }
}

fn is_send_and_sync<T: Send + Sync>() {}

#[test]
fn documents_are_send_and_sync() {
    is_send_and_sync::<Document>();
    is_send_and_sync::<Schema>();
    is_send_and_sync::<Operation>();
}

#[test]
fn the_schema_is_printed() {
    assert_eq!(crate::sdl::sdl(&graph()), include_str!("tests.graphql"));
}

#[test]
fn a_root_with_another_name_is_declared() {
    let root = NodeBuilder::new("Root").field(FieldBuilder::computed("x", &INT, &[], nothing()));
    let graph = Graph::build(root, []).expect("a graph");
    assert_eq!(crate::sdl::sdl(&graph), "schema {\n  query: Root\n}\n\ntype Root {\n  x: Int!\n}\n");
    assert!(Schema::new(&graph).is_ok());
}

#[test]
fn a_node_named_mutation_is_no_root() {
    let root = NodeBuilder::new("Query").link(LinkBuilder::new("all", "Mutation", Cardinality::Many).all());
    let node = NodeBuilder::new("Mutation").table("mutation").key("id", &ID);
    let graph = Graph::build(root, [node]).expect("a graph");
    assert!(crate::sdl::sdl(&graph).starts_with("schema {\n  query: Query\n}\n"));
    let schema = Schema::new(&graph).expect("a schema");
    let refused = Document::read(&schema, &graph, "mutation { id }", None, &Limits::default()).expect_err("refused");
    assert_eq!(refused[0].message, "Schema is not configured to execute mutation operation.");
}

#[test]
fn a_schema_that_is_none_is_an_error_of_the_graph() {
    let page = FieldBuilder::computed("page", &INT, &[], nothing())
        .arg(ArgBuilder::new("a", &INT).default_value("text"))
        .arg(ArgBuilder::new("b", &BOOLEAN).default_value(3));
    let graph = Graph::build(NodeBuilder::new("Query").field(page), []).expect("a graph");
    let error = Schema::new(&graph).expect_err("no schema");
    assert_eq!(
        error.problems,
        [
            "the default of the argument `a` of `Query.page`: Int cannot represent non-integer value: \"text\"",
            "the default of the argument `b` of `Query.page`: Boolean cannot represent a non boolean value: 3",
        ]
    );
}

#[test]
fn descriptions_survive_whatever_is_in_them() {
    let texts = [
        "",
        "one line",
        "two\nlines",
        " leading",
        "trailing ",
        "\n",
        "ends in \"",
        "ends in \\",
        "\"\"\"",
        "a \"\"\" b\n  c",
        "  all\n  indented",
        "\ttab",
        "control \u{7} \u{1b}",
        "\u{1f600} \u{10ffff} \u{e000}",
        "first\n  second\n  third",
        "\\u0041",
        "windows\r\nlines",
        &"long ".repeat(40),
    ];
    for text in texts {
        let field = FieldBuilder::computed("x", &INT, &[], nothing())
            .description(text)
            .arg(ArgBuilder::new("text", &MAYBE_STRING).default_value(text));
        let graph = Graph::build(NodeBuilder::new("Query").description(text).field(field), []).expect("a graph");
        let world = World { schema: Schema::new(&graph).expect("a schema"), graph, limits: Limits::default() };
        let answer = world.introspect("{ __type(name: \"Query\") { description fields { description } } }", json!({}));
        assert_eq!(answer["__type"]["description"], text, "{}", crate::sdl::sdl(&world.graph));
        assert_eq!(answer["__type"]["fields"][0]["description"], text);
    }
}

#[test]
fn keys_come_in_the_order_of_first_appearance() {
    let world = world();
    let outline = |text| world.outline(text, &[]);
    assert_eq!(
        outline("{ characters { name id n: name } __typename }"),
        "characters:characters{name:name id:id n:name} __typename:typename"
    );
    assert_eq!(
        outline("{ characters { name } page characters { id name actors { id } } }"),
        "characters:characters{name:name id:id actors:actors{id:id}} page:page"
    );
    assert_eq!(
        outline(
            "query { characters { ...A id ...B ... { born } ... on Character { best { id ...A } } } }
             fragment A on Character { name best { name } } fragment B on Character { id name species }"
        ),
        "characters:characters{name:name best:best{name:name id:id best:best{name:name}} id:id species:species born:born}"
    );
}

#[test]
fn a_fragment_counts_once_per_object() {
    let world = world();
    assert_eq!(
        world.outline("{ characters { id ...F name ...F } } fragment F on Character { name id born }", &[]),
        "characters:characters{id:id name:name born:born}"
    );
    // Sub-selections of one key share the fragments that they have seen.
    assert_eq!(
        world.outline("{ characters { best { ...F } best { id ...F } } } fragment F on Character { name }", &[]),
        "characters:characters{best:best{name:name id:id}}"
    );
}

#[test]
fn literal_conditions_are_decided() {
    let world = world();
    assert_eq!(
        world.outline(
            "{ a: page @skip(if: true) b: page @include(if: false) c: page @skip(if: false) @include(if: true)
               d: page @skip(if: true) @include(if: true) ... @include(if: false) { e: page } ...F @skip(if: true) }
             fragment F on Query { f: page }",
            &[]
        ),
        "c:page"
    );
    assert_eq!(world.outline("{ characters { id @skip(if: true) } }", &[]), "characters:characters{}");
}

#[test]
fn conditions_by_variables_move_keys() {
    let world = world();
    let text = "query($x: Boolean!) { a: page @include(if: $x) b: page a: page }";
    assert_eq!(world.outline(text, &[true]), "a:page b:page");
    assert_eq!(world.outline(text, &[false]), "b:page a:page");
    let text = "query($x: Boolean!, $n: Int, $y: Boolean = true) {
        characters { ...F @skip(if: $y) id best @include(if: $x) { id } } page(size: 1, after: \"\") echo(int: $n)
    } fragment F on Character { name @include(if: $x) }";
    let document = world.valid(text);
    assert_eq!(document.conditions(), [2, 0]);
    assert_eq!(
        world.outline(text, &[false, true]),
        "characters:characters{name:name id:id best:best{id:id}} page:page echo:echo"
    );
    assert_eq!(world.outline(text, &[true, false]), "characters:characters{id:id} page:page echo:echo");
    assert!(document.operation(&world.schema, &world.graph, &[Some(true)]).is_err());
    let values = coerce(document.variables(), json!({"x": false}).as_object().expect("an object")).expect("values");
    assert_eq!(document.condition_values(&values), [Some(true), Some(false)]);
    let values = coerce(document.variables(), json!({"x": true, "y": null}).as_object().expect("an object"));
    let values = document.condition_values(&values.expect("values"));
    assert_eq!(values, [None, Some(true)]);
    let operation = document.operation(&world.schema, &world.graph, &values).expect("an operation");
    let below = operation.sets.iter().find(|set| set.failed.is_some()).expect("null is no condition");
    let message = "Argument \"if\" of non-null type \"Boolean!\" must not be null.".to_owned();
    assert_eq!(below.failed, Some((message, Position { line: 2, column: 37 })));
}

#[test]
fn literals_are_coerced_by_type() {
    let world = world();
    let echo = |args: &str| world.echo(&format!("{{ echo({args}) }}"), json!({}));
    assert_eq!(
        echo("int: -7, float: 3, string: \"a\\n\\u0041\", boolean: true, id: 5"),
        json!({
            "int": -7, "float": 3.0, "string": "a\nA", "boolean": true, "id": "5"
        })
    );
    assert_eq!(
        echo("id: \"x\", float: 1e3, ints: 1, loose: [1, null], matrix: [1, [2, 3]]"),
        json!({
            "id": "x", "float": 1000.0, "ints": [1], "loose": [1, null], "matrix": [[1], [2, 3]]
        })
    );
    assert_eq!(echo("matrix: 1, loose: []"), json!({"matrix": [[1]], "loose": []}));
    assert_eq!(echo("int: null, ints: null"), json!({}));
    assert_eq!(
        echo(
            "any: {a: [1, 2.5, \"s\", RED, null, true, {b: 18446744073709551615}], c: 123456789012345678901234567890}"
        ),
        json!({"any": {"a": [1, 2.5, "s", "RED", null, true, {"b": 18446744073709551615u64}], "c": 1.2345678901234568e29}})
    );
    assert_eq!(
        echo("string: \"\"\"\n    block \\\"\"\"\n      string\n  \"\"\""),
        json!({"string": "block \"\"\"\n  string"})
    );
}

#[test]
fn defaults_fill_what_is_not_given() {
    let world = world();
    assert_eq!(world.echo("{ page }", json!({})), json!({"size": 10, "after": "start"}));
    assert_eq!(world.echo("{ page(after: null) }", json!({})), json!({"size": 10}));
    let text = "query($size: Int, $after: String) { page(size: $size, after: $after) }";
    assert_eq!(world.echo(text, json!({})), json!({"size": 10, "after": "start"}));
    assert_eq!(world.echo(text, json!({"size": 3, "after": null})), json!({"size": 3}));
    let text = "query($size: Int = 4, $after: String = null) { page(size: $size, after: $after) }";
    assert_eq!(world.echo(text, json!({})), json!({"size": 4}));
}

#[test]
fn variables_stand_in_lists() {
    let world = world();
    let text = "query($a: Int, $b: Int!, $c: [Int!]) { echo(loose: [1, $a, $b], ints: $c, matrix: [[$b], $c]) }";
    let refused = world.refused(text);
    assert_eq!(
        refused,
        [
            "1:26,1:90 GRAPHQL_VALIDATION_FAILED Variable \"$c\" of type \"[Int!]\" used in position expecting type \"[Int!]!\"."
        ]
    );
    let text = "query($a: Int, $b: Int!, $c: [Int!]!) { echo(loose: [1, $a, $b], ints: $c, matrix: [[$b], $c, 7]) }";
    assert_eq!(
        world.echo(text, json!({"b": 2, "c": 3})),
        json!({
            "loose": [1, null, 2], "ints": [3], "matrix": [[2], [3], [7]]
        })
    );
    let operation = world.operation("query($a: [Int]) { echo(loose: $a) }");
    let Some(argument) = operation.sets[0].selections[0].args.get(6) else { panic!("an argument") };
    assert_eq!(*argument, Expr::Variable { at: 0, absent: None });
}

#[test]
fn variables_are_judged_as_graphql_js_judges_them() {
    let world = world();
    let text = "query($i: Int!, $f: Float, $s: String, $b: Boolean, $id: ID, $l: [Int!], $m: [[Int!]!], $a: Any) {
        echo(int: $i, float: $f, string: $s, boolean: $b, id: $id, ints: $l, matrix: $m, any: $a)
    }";
    let document = world.valid(text);
    let judge = |given: Json| -> Result<Json, Vec<String>> {
        let mut given: Map<String, Json> = given.as_object().cloned().unwrap_or_default();
        let keep: Vec<String> = given.keys().cloned().collect();
        if !given.contains_key("i") {
            given.insert("i".into(), 0.into());
        }
        if given["i"] == "absent" {
            given.remove("i");
        }
        let values = coerce(document.variables(), &given)
            .map_err(|errors| errors.into_iter().map(|error| error.message).collect::<Vec<_>>())?;
        let named = document.variables().iter().zip(values).filter(|(variable, _)| keep.contains(&variable.name));
        Ok(Json::Object(named.filter_map(|(variable, value)| Some((variable.name.clone(), value?))).collect()))
    };
    let good = [
        (json!({"i": 2.0}), json!({"i": 2})),
        (json!({"i": -2147483648}), json!({"i": -2147483648})),
        (json!({"f": 2}), json!({"f": 2.0})),
        (json!({"id": 7}), json!({"id": "7"})),
        (json!({"id": 7.0}), json!({"id": "7"})),
        (json!({"id": "x"}), json!({"id": "x"})),
        (json!({"l": 1}), json!({"l": [1]})),
        (json!({"l": null}), json!({"l": null})),
        (json!({"m": [1, [2]]}), json!({"m": [[1], [2]]})),
        (json!({"m": 1}), json!({"m": [[1]]})),
        (json!({"a": {"x": [1, {"y": null}]}}), json!({"a": {"x": [1, {"y": null}]}})),
        (json!({"unknown": 1}), json!({})),
    ];
    for (given, expected) in good {
        assert_eq!(judge(given.clone()), Ok(expected), "{given}");
    }
    let bad = [
        (json!({"i": "absent"}), r#"Variable "$i" of required type "Int!" was not provided."#),
        (json!({"i": null}), r#"Variable "$i" of non-null type "Int!" must not be null."#),
        (json!({"i": "a"}), r#"Variable "$i" got invalid value "a"; Int cannot represent non-integer value: "a""#),
        (json!({"i": 2.5}), r#"Variable "$i" got invalid value 2.5; Int cannot represent non-integer value: 2.5"#),
        (
            json!({"i": 2147483648u32}),
            r#"Variable "$i" got invalid value 2147483648; Int cannot represent non 32-bit signed integer value: 2147483648"#,
        ),
        (json!({"i": true}), r#"Variable "$i" got invalid value true; Int cannot represent non-integer value: true"#),
        (json!({"f": "1"}), r#"Variable "$f" got invalid value "1"; Float cannot represent non numeric value: "1""#),
        (json!({"s": 1}), r#"Variable "$s" got invalid value 1; String cannot represent a non string value: 1"#),
        (
            json!({"s": [1, {"a": [[], [1], {}, {"b": 1}]}]}),
            r#"Variable "$s" got invalid value [1, { a: [Array] }]; String cannot represent a non string value: [1, { a: [Array] }]"#,
        ),
        (
            json!({"b": "true"}),
            r#"Variable "$b" got invalid value "true"; Boolean cannot represent a non boolean value: "true""#,
        ),
        (json!({"id": 1.5}), r#"Variable "$id" got invalid value 1.5; ID cannot represent value: 1.5"#),
        (json!({"id": true}), r#"Variable "$id" got invalid value true; ID cannot represent value: true"#),
        (
            json!({"l": [1, null]}),
            r#"Variable "$l" got invalid value null at "l[1]"; Expected non-nullable type "Int!" not to be null."#,
        ),
        (
            json!({"m": [[1], [2, "x"]]}),
            r#"Variable "$m" got invalid value "x" at "m[1][1]"; Int cannot represent non-integer value: "x""#,
        ),
    ];
    for (given, expected) in bad {
        assert_eq!(judge(given.clone()), Err(vec![expected.to_owned()]), "{given}");
    }
    let all = coerce(document.variables(), json!({"f": "x", "s": 1}).as_object().expect("an object"));
    let all = all.expect_err("three errors");
    assert_eq!(all.iter().map(|error| error.locations[0].column).collect::<Vec<_>>(), [7, 17, 28]);
    assert!(all.iter().all(|error| error.code == "BAD_USER_INPUT"));
    let many = judge(json!({"l": vec!["x"; 1000]})).expect_err("too many");
    assert_eq!(many.len(), 51);
}

#[test]
fn all_errors_come_at_once_with_positions() {
    let world = world();
    assert_eq!(
        world.refused("query Q($unused: Int) {\n  nope\n  characters { id nope2 }\n  page(size: \"x\", other: 1)\n}"),
        [
            "2:3 GRAPHQL_VALIDATION_FAILED Cannot query field \"nope\" on type \"Query\".",
            "3:19 GRAPHQL_VALIDATION_FAILED Cannot query field \"nope2\" on type \"Character\". Did you mean \"name\"?",
            "4:14 GRAPHQL_VALIDATION_FAILED Int cannot represent non-integer value: \"x\"",
            "4:19 GRAPHQL_VALIDATION_FAILED Unknown argument \"other\" on field \"Query.page\". Did you mean \"after\"?",
            "1:9 GRAPHQL_VALIDATION_FAILED Variable \"$unused\" is never used in operation \"Q\".",
        ]
    );
    // What only follows from another error is left out.
    assert_eq!(world.refused("query($x: Int) { characters { nope(a: $x) } }").len(), 1);
    assert_eq!(world.refused("{ nope { ...F } } fragment F on Character { id }").len(), 1);
    assert_eq!(world.refused("{ characters }").len(), 1);
    assert_eq!(world.refused("{ characters { secret } }").len(), 1);
    let syntax = world.refused("{ characters { id }\n  page(\n}");
    assert!(syntax.iter().all(|error| error.contains("GRAPHQL_PARSE_FAILED Syntax Error: ")), "{syntax:?}");
    assert!(syntax[0].starts_with("3:1 "), "{syntax:?}");
}

#[test]
fn positions_count_units_of_utf16_and_every_line_ending() {
    let world = world();
    let text = "{ a: echo(string: \"\u{1f600}\u{e9}\") nope1\r\n  nope2\r  nope3\n#\u{2028}\u{85}\n\u{feff} nope4 }";
    let at: Vec<(u32, u32)> = world
        .read(text)
        .expect_err("refused")
        .iter()
        .map(|error| (error.locations[0].line, error.locations[0].column))
        .collect();
    assert_eq!(at, [(1, 26), (2, 3), (3, 3), (5, 3)]);
    let long = format!("{{ echo(string: \"{}\") nope }}", "\u{1f600}x".repeat(1000));
    assert_eq!(world.read(&long).expect_err("refused")[0].locations, [Position { line: 1, column: 3020 }]);
}

#[test]
fn selections_know_where_they_stand() {
    let world = world();
    let operation =
        world.operation("{\n  characters {\n    n: name ...F\n  }\n}\nfragment F on Character { n: name id }");
    let at = |set: usize, selection: usize| operation.sets[set].selections[selection].positions.to_vec();
    assert_eq!(at(0, 0), [Position { line: 2, column: 3 }]);
    assert_eq!(at(1, 0), [Position { line: 3, column: 5 }, Position { line: 6, column: 27 }]);
    assert_eq!(at(1, 1), [Position { line: 6, column: 35 }]);
}

#[test]
fn operations_are_chosen_by_name() {
    let world = world();
    let text = "query A { a: page } query B { b: page }";
    let read = |text: &str, name| Document::read(&world.schema, &world.graph, text, name, &world.limits);
    let message = |text: &str, name| read(text, name).expect_err("refused")[0].message.clone();
    let document = read(text, Some("B")).expect("a document");
    let operation = document.operation(&world.schema, &world.graph, &[]).expect("an operation");
    assert_eq!(&*operation.sets[0].selections[0].key, "b");
    assert_eq!(message(text, None), "Must provide operation name if query contains multiple operations.");
    assert_eq!(message(text, Some("x")), "Unknown operation named \"x\".");
    assert_eq!(message("{ page }", Some("x")), "Unknown operation named \"x\".");
    assert_eq!(message("mutation { x }", None), "Schema is not configured to execute mutation operation.");
    assert_eq!(message("subscription { x }", None), "Schema is not configured to execute subscription operation.");
    assert_eq!(world.refused("mutation { x }").len(), 1);
    for nothing in [
        "",
        " ",
        "#",
        ",",
        "\u{feff}",
        "{",
        "{}",
        "query",
        "query Q",
        "fragment F on Query { page }",
        "type A { b: Int }",
    ] {
        assert!(!world.refused(nothing).is_empty(), "{nothing:?}");
    }
}

#[test]
fn rules_look_into_values() {
    let world = world();
    let one = |text: &str, expected: &str| assert_eq!(world.refused(text), [expected.to_owned()], "{text}");
    one(
        "{ echo(any: {a: 1, b: {c: 1, c: 2}}) }",
        "1:24,1:30 GRAPHQL_VALIDATION_FAILED There can be only one input field named \"c\".",
    );
    one(
        "query($x: Int) { echo(ints: [$x]) }",
        "1:7,1:30 GRAPHQL_VALIDATION_FAILED Variable \"$x\" of type \"Int\" used in position expecting type \"Int!\".",
    );
    one(
        "query($x: Boolean = null) { page @skip(if: $x) }",
        "1:7,1:44 GRAPHQL_VALIDATION_FAILED Variable \"$x\" of type \"Boolean\" used in position expecting type \"Boolean!\".",
    );
    one(
        "{ echo(ints: [1]) echo(ints: [1, 2]) }",
        "1:3,1:19 GRAPHQL_VALIDATION_FAILED Fields \"echo\" conflict because they have differing arguments. Use different \
         aliases on the fields to fetch both if this was intentional.",
    );
    one("{ echo(any: {a: $x}) }", "1:17,1:1 GRAPHQL_VALIDATION_FAILED Variable \"$x\" is not defined.");
    assert!(world.refused("query($x: Int) { echo(loose: [$x]) }").is_empty());
    assert!(world.refused("query($x: Int = 1) { echo(ints: [$x]) }").is_empty());
}

#[test]
fn introspection_can_be_switched_off() {
    let mut world = world();
    world.limits.introspection = false;
    let refused = world.refused(
        "{ __schema { types { name } } ...F __typename } fragment F on Query { t: __type(name: \"X\") { name } }",
    );
    assert_eq!(
        refused,
        [
            "1:3 GRAPHQL_VALIDATION_FAILED GraphQL introspection has been disabled, but the requested query contained the field \"__schema\".",
            "1:71 GRAPHQL_VALIDATION_FAILED GraphQL introspection has been disabled, but the requested query contained the field \"__type\".",
        ]
    );
    assert!(world.refused("{ __typename }").is_empty());
}

const GRAPHIQL: &str = "
    query IntrospectionQuery {
      __schema {
        queryType { name } mutationType { name } subscriptionType { name }
        types { ...FullType }
        directives { name description locations args { ...InputValue } isRepeatable }
        description
      }
    }
    fragment FullType on __Type {
      kind name description specifiedByURL
      fields(includeDeprecated: true) {
        name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason
      }
      inputFields { ...InputValue } interfaces { ...TypeRef }
      enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
      possibleTypes { ...TypeRef }
    }
    fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
    fragment TypeRef on __Type {
      kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
        ofType { kind name ofType { kind name } } } } } } }
    }";

#[test]
fn introspection_answers_completely() {
    let world = world();
    let answer = world.introspect(GRAPHIQL, json!({}));
    let schema = &answer["__schema"];
    assert_eq!(schema["queryType"], json!({"name": "Query"}));
    assert_eq!(schema["mutationType"], Json::Null);
    let names: Vec<&str> =
        schema["types"].as_array().expect("types").iter().filter_map(|ty| ty["name"].as_str()).collect();
    for name in ["Query", "Character", "Actor", "Date", "Any", "Int", "__Schema"] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    let character =
        schema["types"].as_array().expect("types").iter().find(|ty| ty["name"] == "Character").expect("a type");
    assert_eq!(character["description"], "Someone aboard the Enterprise.\n\nOr \"\"\"elsewhere\"\"\".");
    let fields: Vec<&str> =
        character["fields"].as_array().expect("fields").iter().filter_map(|it| it["name"].as_str()).collect();
    assert_eq!(fields, ["id", "name", "species", "born", "actors", "friends", "best"]);
    assert_eq!(character["fields"][2]["deprecationReason"], "say \"kind\"");
    // Keys are in the order of the query.
    let keys: Vec<&String> = character.as_object().expect("an object").keys().collect();
    assert_eq!(keys[..4], ["kind", "name", "description", "specifiedByURL"]);
}

#[test]
fn introspection_knows_aliases_fragments_variables_and_conditions() {
    let world = world();
    let text = "query($name: String!, $x: Boolean!, $y: Boolean!) {
        page a: __type(name: $name) { ...F name @skip(if: $y) } b: __type(name: \"Nope\") { name } __typename
        c: __schema @include(if: $x) { queryType { name } }
    } fragment F on __Type { kind }";
    let document = world.valid(text);
    assert_eq!(document.conditions(), [2, 1]);
    let ask = |x: bool| world.introspect(text, json!({"name": "Date", "x": x, "y": true}));
    assert_eq!(ask(true), json!({"a": {"kind": "SCALAR"}, "b": null, "c": {"queryType": {"name": "Query"}}}));
    assert_eq!(ask(false), json!({"a": {"kind": "SCALAR"}, "b": null}));
    assert!(world.operation("{ page __typename }").introspection.is_none());
}

#[test]
fn introspection_that_grows_is_refused() {
    let world = world();
    let refused = world.refused("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }");
    assert_eq!(refused, ["1:3 GRAPHQL_VALIDATION_FAILED Maximum introspection depth exceeded"]);
}

/// The errors of a text, which must come at once.
fn quickly(world: &World, text: &str) -> Vec<String> {
    let start = Instant::now();
    let refused = world.refused(text);
    let taken = start.elapsed();
    assert!(taken < Duration::from_secs(5), "{taken:?} for {} ...", &text[..60]);
    refused
}

#[test]
fn depth_is_limited_before_parsing() {
    let world = world();
    for depth in [101, 10_000, 100_000, 1_000_000] {
        let fields = format!("{{ characters {}", "{ best ".repeat(depth));
        assert_eq!(
            quickly(&world, &fields),
            ["1:707 LIMIT_EXCEEDED The query nests more than 100 levels deep."],
            "{depth}"
        );
        for open in ["[", "{a:"] {
            let values = format!("{{ echo(any: {}", open.repeat(depth));
            assert_eq!(quickly(&world, &values).len(), 1);
        }
        assert_eq!(quickly(&world, &format!("query($x: {}", "[".repeat(depth))).len(), 1);
        assert!(!quickly(&world, &format!("{{ echo{}", "(".repeat(depth.min(14_000)))).is_empty());
    }
    let text = |depth: usize| format!("{{ characters {} id {} }}", "{ best ".repeat(depth), "}".repeat(depth));
    assert!(!world.refused(&text(3)).is_empty(), "`best` needs fields");
    let text = |depth: usize| format!("{{ characters {{ {} id {} }} }}", "best {".repeat(depth), "}".repeat(depth));
    assert_eq!(quickly(&world, &text(98)), [""; 0]);
    assert_eq!(quickly(&world, &text(99)).len(), 1);
    // What looks like nesting in strings and comments is none.
    let harmless =
        format!("{{ echo(string: \"{0}\\\"{0}\", any: \"\"\"{0}\\\"\"\"{0}\"\"\") #{0}\n}}", "{[".repeat(200));
    assert_eq!(quickly(&world, &harmless), [""; 0]);
}

#[test]
fn tokens_are_limited_before_parsing() {
    let world = world();
    let many = format!("{{ {} }}", "page ".repeat(2_000_000));
    assert_eq!(quickly(&world, &many), ["1:74998 LIMIT_EXCEEDED The query has more than 15000 tokens."]);
    assert_eq!(quickly(&world, &format!("{{ page {} }}", ",".repeat(10_000_000))).len(), 1);
    assert_eq!(quickly(&world, &format!("{{ page {} }}", "#\n".repeat(5_000_000))).len(), 1);
    assert_eq!(quickly(&world, &"\u{1f600}%".repeat(2_000_000)).len(), 1);
    assert_eq!(quickly(&world, &"\"".repeat(2_000_001)).len(), 1);
    let long = format!("{{ echo(string: \"{}\") }}", "x".repeat(10_000_000));
    assert_eq!(quickly(&world, &long), [""; 0]);
}

#[test]
fn fragments_that_multiply_are_refused() {
    let world = world();
    for (spread, below) in [("...F{} ...F{}", false), ("a: best { ...F{} } b: best { ...F{} }", true)] {
        let mut text = "{ characters { ...F0 } } ".to_owned();
        for at in 0..40 {
            let _ = write!(text, "fragment F{at} on Character {{ {} }} ", spread.replace("{}", &(at + 1).to_string()));
        }
        text.push_str("fragment F40 on Character { id }");
        let refused = quickly(&world, &text);
        assert_eq!(refused, ["1:1 LIMIT_EXCEEDED The query selects more than 10000 fields."], "{below}");
    }
    let cycle = "{ characters { ...A } } fragment A on Character { ...B id } fragment B on Character { best { ...A } }";
    assert!(quickly(&world, cycle).iter().all(|error| error.contains("VALIDATION")), "{:?}", quickly(&world, cycle));
    assert!(!quickly(&world, "{ ...A } fragment A on Query { ...A }").is_empty());
    let mut chain = "{ characters { ...F0 } } ".to_owned();
    for at in 0..1500 {
        let _ = write!(chain, "fragment F{at} on Character {{ ...F{} }} ", at + 1);
    }
    chain.push_str("fragment F1500 on Character { id }");
    assert!(quickly(&world, &chain)[0].ends_with("LIMIT_EXCEEDED The query nests more than 100 levels deep."));
}

#[test]
fn hostile_documents_are_judged_in_time() {
    let world = world();
    let repeat = |unit: &str, times: usize| unit.repeat(times);
    let numbered =
        |unit: &str, times: usize| -> String { (0..times).map(|at| unit.replace("{}", &at.to_string())).collect() };
    let nested = |unit: &str, times: usize, end: &str| format!("{}{}{}", unit.repeat(times), end, "}".repeat(times));
    // Fragments of which each may spread the next one.
    let chained = |unit: &str, times: usize| -> String {
        let next = |at: usize| unit.replace("{}", &(at + 1).to_string());
        (0..times).map(|at| format!("fragment F{at} on Query {{ {} }} ", next(at))).collect()
    };
    let documents = [
        format!("{{ {} }}", repeat("page ", 9_900)),
        format!("{{ {} }}", numbered("a{}: page ", 4_900)),
        format!("{{ page {} }}", repeat("@skip(if: false) ", 2_100)),
        format!("{{ page {} }}", numbered("@d{} ", 7_000)),
        format!("query({}) {{ page }}", numbered("$v{}: Int ", 3_500)),
        format!("query({}) {{ {} }}", numbered("$v{}: Int ", 1_500), numbered("e{}: echo(int: $v{}) ", 800)),
        format!("{{ page({}) }}", numbered("a{}: 1 ", 4_900)),
        format!("{{ page({}) }}", repeat("size: 1 ", 4_900)),
        format!("{{ echo(any: {{{}}}) echo(any: {{{}}}) }}", numbered("k{}: 1 ", 2_400), numbered("k{}: 1 ", 2_400)),
        numbered("query Q{} { page } ", 2_900),
        format!("{} fragment F on Query {{ {} }}", numbered("query Q{} { ...F } ", 90), repeat("page ", 100)),
        format!("{{ {} }} {}", numbered("...F{} ", 1_000), numbered("fragment F{} on Query { page } ", 1_000)),
        format!("{{ page }} {}", numbered("fragment F{} on Query { ...F0 } ", 1_700)),
        format!("{{ {} }}", repeat("characters { id name } ", 2_400)),
        format!("{{ characters {{ {} }} }}", repeat(&nested("best { ", 90, "id"), 50)),
        format!("{{ characters {{ {} }} }}", repeat(&nested("best { ", 5, &repeat("id ", 20)), 200)),
        format!("{{ {} }}", repeat("... { page } ", 3_000)),
        format!("{{ {} }}", numbered("x: page(size: {}) ", 1_800)),
        format!("{{ {} }}", numbered("x: f{} ", 3_500)),
        format!("{{ echo(ints: [{}]) }}", repeat("1 ", 14_000)),
        format!("{{ echo(ints: [{}]) }}", repeat("\"x\" ", 14_000)),
        repeat("{", 90),
        repeat("}", 14_000),
        repeat("fragment ", 14_000),
        repeat("query Q(", 4_000),
        repeat("type A { b: Int } ", 1_600),
        format!("{{ {} }}", numbered("a{}: __schema { types { name fields { name } } } ", 900)),
        // Nothing asks for these fragments, so that nothing has measured them.
        format!("{{ page }} {}", chained("page ...F{}", 1_500)),
        format!("{{ page }} {}", chained("characters { ...C } ...F{}", 1_000)),
        format!("{{ page }} {}", chained("characters { best { ...C } best { ...C } } ...F{} ...F{}", 500)),
        format!("{{ page }} {} fragment F1500 on Query {{ ...F0 }}", chained("...F{}", 1_500)),
        format!("{{ page }} {}", chained(&numbered("...F{} ", 80), 80)),
        format!("{{ page }} {}", chained(&numbered("a{}: page ...F{} ", 40), 60)),
        format!("{{ ...F0 }} fragment F0 on Query {{ page }} {}", chained("page ...F{}", 1_500)),
        format!("{{ page }} {}", chained("a: __schema { ...F0 } ...F{}", 900)),
        format!("{{ {} }}", repeat("echo(ints: [1 2 3 4 5 6 7 8 9]) ", 680)),
        format!("{{ {} }}", repeat("echo(any: {a: 1 b: 2 c: {d: 3 e: 4}}) ", 600)),
        format!("{{ {} }}", numbered("characters { a{}: id b: best { c{}: name } } ", 900)),
        format!("query({}) {{ page }}", numbered("$v{}: Chracter ", 3_000)),
    ];
    for text in &documents {
        let start = Instant::now();
        let result = world.read(text);
        if let Ok(document) = &result {
            document.operation(&world.schema, &world.graph, &[]).expect("an operation");
        }
        let taken = start.elapsed();
        let kind = result.map(|_| ()).map_err(|errors| (errors.len(), errors[0].message.clone()));
        assert!(taken < Duration::from_secs(10), "{taken:?} {kind:?} {}", &text[..60]);
        if std::env::var_os("HIKU_TEST_TIMES").is_some() {
            let line = format!("{taken:?} {kind:?} {}\n", &text[..40]);
            std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes()).expect("a terminal");
        }
    }
}

#[test]
fn every_plane_of_unicode_survives_in_strings() {
    let world = world();
    for plane in 0..=16u32 {
        for offset in [0x20, 0x41, 0xa0, 0x2028, 0xd7ff, 0xe000, 0xfeff, 0xfffd, 0xffff] {
            let Some(char) = char::from_u32(plane * 0x10000 + offset) else { continue };
            let text = format!("{{ echo(string: \"a{char}b\", any: \"\"\"c{char}d\"\"\") # {char}\n }}");
            let expected = json!({"string": format!("a{char}b"), "any": format!("c{char}d")});
            assert_eq!(world.echo(&text, json!({})), expected, "{:x}", char as u32);
        }
    }
    assert_eq!(
        world.echo("\u{feff}{ echo(string: \"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\") }\r\n", json!({})),
        json!({
            "string": "\"\\/\u{8}\u{c}\n\r\t\u{e9}"
        })
    );
}

/// A small generator of numbers: the same every time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

#[test]
fn broken_documents_never_panic() {
    let world = world();
    let seeds = [
        "query Q($x: Boolean!, $l: [Int!] = [1, 2]) @d { characters(limit: 3) @skip(if: $x) { id ...F ... on Character { name } } \
         echo(ints: $l, any: {a: [1.5e3, \"s\\u0041\", RED, null, $x]}, string: \"\"\"block \\\"\"\" \"\"\") }\n\
         fragment F on Character { best { id @include(if: true) actors { character { name } } } }",
        "{ a: __type(name: \"Query\") { fields { name type { ofType { name } } } } __schema { types { kind } } __typename }",
        "mutation M { a } subscription S { b } query A { page } query A { page } { page } type T { f(a: Int = 1): [T!]! }",
        GRAPHIQL,
    ];
    let pieces = [
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "\"",
        "\"\"\"",
        "...",
        "$",
        "@",
        ":",
        "!",
        "=",
        "|",
        "&",
        "#",
        "\\",
        "\\u",
        "\\u{",
        "\u{feff}",
        "\u{1f600}",
        "\u{0}",
        "\u{e9}",
        "-",
        "1",
        ".",
        "e",
        "0",
        "99999999999999999999",
        "1e999",
        " ",
        "\n",
        "\r",
        ",",
        "on",
        "fragment",
        "query",
        "null",
        "true",
        "extend",
        "schema",
        "input",
        "$x",
        "...F",
        "id",
        "__typename",
        "characters",
        "{ id }",
        "''",
        "%",
    ];
    let mut random = Random(7);
    for round in 0..6_000 {
        let mut text: Vec<char> = seeds[round % seeds.len()].chars().collect();
        for _ in 0..=random.below(4) {
            let at = random.below(text.len() + 1);
            match random.below(4) {
                0 => {
                    let end = (at + random.below(12)).min(text.len());
                    text.drain(at..end);
                }
                1 => {
                    text.truncate(at.max(1));
                }
                2 => {
                    let end = (at + random.below(40)).min(text.len());
                    let copy: Vec<char> = text[at..end].to_vec();
                    let to = random.below(text.len() + 1);
                    text.splice(to..to, copy);
                }
                _ => {
                    text.splice(at..at, pieces[random.below(pieces.len())].chars());
                }
            }
        }
        let text: String = text.into_iter().collect();
        match Document::read(&world.schema, &world.graph, &text, None, &world.limits) {
            Ok(document) => {
                let conditions = vec![Some(true); document.conditions().len()];
                document.operation(&world.schema, &world.graph, &conditions).expect("an operation");
            }
            Err(errors) => assert!(!errors.is_empty(), "{text:?}"),
        }
    }
}
