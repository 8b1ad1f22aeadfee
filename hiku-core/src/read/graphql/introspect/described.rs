//! The schema as introspection shows it: one row of values per object, made once, leaves as JSON already.
//!
//! It is made of the document that validation knows, so what is shown is what `buildSchema` of graphql-js makes of the same
//! text: the order of the types, too.

use apollo_compiler::ast::{EnumValueDefinition, FieldDefinition, InputValueDefinition, Type};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name, Node, Schema, ast};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::escape::escape;

/// All objects that introspection can reach. The first is `__schema`.
#[derive(Debug)]
pub(super) struct Described {
    /// Each has a value for every field of its type, in the order of that type's definition.
    objects: Vec<Row>,
    types: FxHashMap<Name, Object>,
}

type Row = Box<[Value]>;

/// The position of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Object(u32);

/// The value of a field.
#[derive(Debug)]
pub(super) enum Value {
    /// As JSON.
    Fixed(&'static str),
    /// As JSON.
    Text(Box<[u8]>),
    Object(Object),
    Objects(Box<[Item]>),
}

/// An object in a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) object: Object,
    /// Shown only to those who ask for what is deprecated.
    pub(super) deprecated: bool,
}

const NULL: Value = Value::Fixed("null");

impl Described {
    pub(super) const SCHEMA: Object = Object(0);

    pub(super) fn new(schema: &Schema) -> Described {
        let order = order(schema);
        let types = order.iter().enumerate().map(|(at, &name)| (name.clone(), Object(at as u32 + 1))).collect();
        let objects = (0..=order.len()).map(|_| Row::default()).collect();
        let wrapped = FxHashMap::default();
        let mut builder = Builder { schema, described: Described { objects, types }, order: &order, wrapped };
        for (at, &name) in order.iter().enumerate() {
            builder.described.objects[at + 1] = builder.type_row(name);
        }
        builder.described.objects[0] = builder.schema_row();
        builder.described
    }

    pub(super) fn row(&self, object: Object) -> &[Value] {
        &self.objects[object.0 as usize]
    }

    pub(super) fn type_named(&self, name: &str) -> Option<Object> {
        self.types.get(name).copied()
    }
}

/// The names of all types, as graphql-js collects them: as they are defined, behind each the built-in scalars that it is the
/// first to mention; then what directives mention, and the types of introspection.
fn order(schema: &Schema) -> Vec<&Name> {
    fn reach<'a>(schema: &'a Schema, name: &'a Name, known: &mut FxHashSet<&'a Name>, order: &mut Vec<&'a Name>) {
        if known.insert(name) {
            order.push(name);
            mentioned(schema, name).into_iter().for_each(|name| reach(schema, name, known, order));
        }
    }
    let defined = schema.types.iter().filter(|(_, ty)| !ty.is_built_in()).map(|(name, _)| name);
    let mut known: FxHashSet<&Name> = defined.clone().collect();
    let mut order = Vec::with_capacity(schema.types.len());
    for name in defined {
        order.push(name);
        mentioned(schema, name).into_iter().for_each(|name| reach(schema, name, &mut known, &mut order));
    }
    for arg in schema.directive_definitions.values().flat_map(|directive| &directive.arguments) {
        reach(schema, arg.ty.inner_named_type(), &mut known, &mut order);
    }
    if let Some((name, _)) = schema.types.get_key_value("__Schema") {
        reach(schema, name, &mut known, &mut order);
    }
    order
}

/// The types that the definition of a type mentions.
fn mentioned<'a>(schema: &'a Schema, name: &str) -> Vec<&'a Name> {
    let of_fields = |fields: &mut dyn Iterator<Item = &'a FieldDefinition>| {
        let types =
            fields.flat_map(|field| std::iter::once(&field.ty).chain(field.arguments.iter().map(|arg| &*arg.ty)));
        types.map(Type::inner_named_type).collect::<Vec<_>>()
    };
    // Interfaces and members of unions are no built-in scalars, so they are defined, and have their place.
    match schema.types.get(name) {
        Some(ExtendedType::Object(of)) => of_fields(&mut of.fields.values().map(|field| &***field)),
        Some(ExtendedType::Interface(of)) => of_fields(&mut of.fields.values().map(|field| &***field)),
        Some(ExtendedType::InputObject(of)) => of.fields.values().map(|field| field.ty.inner_named_type()).collect(),
        _ => Vec::new(),
    }
}

struct Builder<'a> {
    schema: &'a Schema,
    described: Described,
    order: &'a [&'a Name],
    /// Lists and non-null types, by their kind and what they wrap.
    wrapped: FxHashMap<(&'static str, Object), Object>,
}

impl<'a> Builder<'a> {
    /// The row of an object of this type, given the value of each field by its name.
    fn row(&mut self, of: &str, mut value: impl FnMut(&mut Self, &str) -> Value) -> Row {
        match self.schema.types.get(of) {
            Some(ExtendedType::Object(of)) => of.fields.keys().map(|field| value(self, field)).collect(),
            _ => Row::default(),
        }
    }

    fn add(&mut self, row: Row) -> Object {
        self.described.objects.push(row);
        Object(self.described.objects.len() as u32 - 1)
    }

    fn schema_row(&mut self) -> Row {
        let schema = self.schema;
        let root = |this: &Self, root| schema.root_operation(root).map_or(NULL, |name| this.named(name));
        self.row("__Schema", |this, field| match field {
            "types" => this.list(this.order.iter().copied()),
            "queryType" => root(this, ast::OperationType::Query),
            "mutationType" => root(this, ast::OperationType::Mutation),
            "directives" => {
                let directives = schema.directive_definitions.values();
                Value::Objects(directives.map(|directive| this.directive(directive)).collect())
            }
            _ => NULL,
        })
    }

    fn type_row(&mut self, name: &'a Name) -> Row {
        use ExtendedType::{Enum, InputObject, Interface, Object, Scalar, Union};
        let Some(ty) = self.schema.types.get(name) else { return Row::default() };
        self.row("__Type", |this, field| match (field, ty) {
            ("kind", Scalar(_)) => Value::Fixed("\"SCALAR\""),
            ("kind", Object(_)) => Value::Fixed("\"OBJECT\""),
            ("kind", Interface(_)) => Value::Fixed("\"INTERFACE\""),
            ("kind", Union(_)) => Value::Fixed("\"UNION\""),
            ("kind", Enum(_)) => Value::Fixed("\"ENUM\""),
            ("kind", InputObject(_)) => Value::Fixed("\"INPUT_OBJECT\""),
            ("name", _) => text(name),
            ("description", _) => optional(ty.description().map(|text| &**text)),
            ("specifiedByURL", Scalar(of)) => {
                let url = of.directives.get("specifiedBy").and_then(|it| it.specified_argument_by_name("url"));
                optional(url.and_then(|url| url.as_str()))
            }
            ("fields", Object(of)) => this.objects(of.fields.values(), |this, field| this.field(field)),
            ("fields", Interface(of)) => this.objects(of.fields.values(), |this, field| this.field(field)),
            ("interfaces", Object(of)) => this.list(of.implements_interfaces.iter().map(|name| &name.name)),
            ("interfaces", Interface(of)) => this.list(of.implements_interfaces.iter().map(|name| &name.name)),
            ("possibleTypes", Union(of)) => this.list(of.members.iter().map(|name| &name.name)),
            ("possibleTypes", Interface(_)) => {
                let implements = |other: &&Name| matches!(this.schema.types.get(&**other), Some(Object(of)) if of.implements_interfaces.contains(name));
                this.list(this.order.iter().copied().filter(implements))
            }
            ("enumValues", Enum(of)) => this.objects(of.values.values(), |this, value| this.enum_value(value)),
            ("inputFields", InputObject(of)) => this.objects(of.fields.values(), |this, field| this.input(field)),
            ("isOneOf", InputObject(of)) => boolean(of.directives.has("oneOf")),
            _ => NULL,
        })
    }

    fn field(&mut self, of: &FieldDefinition) -> Item {
        let row = self.row("__Field", |this, field| match field {
            "args" => this.objects(&of.arguments, |this, arg| this.input(arg)),
            "type" => Value::Object(this.reference(&of.ty)),
            _ => common(field, &of.name, of.description.as_ref(), &of.directives),
        });
        Item { object: self.add(row), deprecated: reason(&of.directives).is_some() }
    }

    fn input(&mut self, of: &InputValueDefinition) -> Item {
        let row = self.row("__InputValue", |this, field| match field {
            "type" => Value::Object(this.reference(&of.ty)),
            "defaultValue" => optional(of.default_value.as_ref().and_then(|value| this.source(value))),
            _ => common(field, &of.name, of.description.as_ref(), &of.directives),
        });
        Item { object: self.add(row), deprecated: reason(&of.directives).is_some() }
    }

    fn enum_value(&mut self, of: &EnumValueDefinition) -> Item {
        let row = self.row("__EnumValue", |_, field| common(field, &of.value, of.description.as_ref(), &of.directives));
        Item { object: self.add(row), deprecated: reason(&of.directives).is_some() }
    }

    fn directive(&mut self, of: &ast::DirectiveDefinition) -> Item {
        let row = self.row("__Directive", |this, field| match field {
            "isRepeatable" => boolean(of.repeatable),
            "locations" => {
                let names: Vec<String> = of.locations.iter().map(|location| format!("\"{location}\"")).collect();
                Value::Text(format!("[{}]", names.join(",")).into_bytes().into())
            }
            "args" => this.objects(&of.arguments, |this, arg| this.input(arg)),
            _ => common(field, &of.name, of.description.as_ref(), &Default::default()),
        });
        Item { object: self.add(row), deprecated: false }
    }

    /// A type where something is of it.
    fn reference(&mut self, ty: &Type) -> Object {
        match ty {
            Type::Named(name) => self.type_object(name),
            Type::NonNullNamed(name) => {
                let named = self.type_object(name);
                self.wrap("\"NON_NULL\"", named)
            }
            Type::List(item) => {
                let item = self.reference(item);
                self.wrap("\"LIST\"", item)
            }
            Type::NonNullList(item) => {
                let item = self.reference(item);
                let list = self.wrap("\"LIST\"", item);
                self.wrap("\"NON_NULL\"", list)
            }
        }
    }

    fn wrap(&mut self, kind: &'static str, inner: Object) -> Object {
        if let Some(&known) = self.wrapped.get(&(kind, inner)) {
            return known;
        }
        let row = self.row("__Type", |_, field| match field {
            "kind" => Value::Fixed(kind),
            "ofType" => Value::Object(inner),
            _ => NULL,
        });
        let object = self.add(row);
        self.wrapped.insert((kind, inner), object);
        object
    }

    fn objects<T>(&mut self, of: impl IntoIterator<Item = T>, add: impl Fn(&mut Self, T) -> Item) -> Value {
        Value::Objects(of.into_iter().map(|of| add(self, of)).collect())
    }

    fn list<'n>(&self, names: impl Iterator<Item = &'n Name>) -> Value {
        Value::Objects(names.map(|name| Item { object: self.type_object(name), deprecated: false }).collect())
    }

    fn named(&self, name: &str) -> Value {
        self.described.type_named(name).map_or(NULL, Value::Object)
    }

    /// A valid schema has no names without types, and each is in the order.
    fn type_object(&self, name: &str) -> Object {
        self.described.type_named(name).unwrap_or(Described::SCHEMA)
    }

    /// A value as the schema's text writes it.
    fn source(&self, value: &Node<ast::Value>) -> Option<&'a str> {
        let span = value.location()?;
        let text = self.schema.sources.get(&span.file_id())?.source_text();
        Some(text.get(span.offset()..span.end_offset())?.trim_end_matches([' ', '\n', ',']))
    }
}

/// The fields that what is part of a type has in common.
fn common(field: &str, name: &str, description: Option<&Node<str>>, directives: &ast::DirectiveList) -> Value {
    match field {
        "name" => text(name),
        "description" => optional(description.map(|text| &**text)),
        "isDeprecated" => boolean(reason(directives).is_some()),
        "deprecationReason" => optional(reason(directives)),
        _ => NULL,
    }
}

/// Why it is deprecated, if it is.
fn reason(directives: &ast::DirectiveList) -> Option<&str> {
    let given = directives.get("deprecated")?.specified_argument_by_name("reason");
    Some(given.and_then(|reason| reason.as_str()).unwrap_or("No longer supported"))
}

fn optional(text_or_null: Option<&str>) -> Value {
    text_or_null.map_or(NULL, text)
}

fn text(text: &str) -> Value {
    let mut out = Vec::new();
    escape(&mut out, text);
    Value::Text(out.into())
}

fn boolean(value: bool) -> Value {
    Value::Fixed(if value { "true" } else { "false" })
}
