//! What the macros of the types of values and of unions and interfaces name.

use serde_json::Value as Json;

use crate::error::{Error, Result};
pub use crate::graph::{
    AbstractDef, Check, EnumDef, EnumValueDef, InputDef, InputFieldDef, RecordDef, RecordFieldDef, Stored,
};
use crate::graph::{
    ArgDef, FieldDef, FieldValue, Kind, LinkDef, LinkShape, LinkVia, MemberDef, NodeDef, Paging, SourceDef, StoredDef,
    TypeDef,
};
use crate::index::{Column, EnumType, Value};

/// The type of a value whose definition has mistakes.
pub const STUB: &TypeDef = <String as Value>::TYPE;

/// A value of an enum that is stored as text.
pub const fn text_item(name: &'static str, stored: &'static str) -> EnumValueDef {
    EnumValueDef { name, description: None, deprecated: None, stored: Stored::Text(stored) }
}

/// A value of an enum that is stored as an integer.
pub const fn integer_item(name: &'static str, stored: i64) -> EnumValueDef {
    if stored < i32::MIN as i64 || stored > i32::MAX as i64 {
        panic!("an enum is stored in 32 bits: write a discriminant that fits an `i32`");
    }
    EnumValueDef { name, description: None, deprecated: None, stored: Stored::Integer(stored) }
}

/// The value at this position of the definition.
///
/// # Panics
/// If there is none.
pub fn item<T, const N: usize>(values: [T; N], position: usize) -> T {
    values.into_iter().nth(position).expect("a position of the definition")
}

/// Where the discriminant stands among those of the definition.
///
/// # Panics
/// If it is none of them.
pub fn position(all: &[isize], discriminant: isize) -> usize {
    all.iter().position(|known| *known == discriminant).expect("a discriminant of the enum")
}

/// Append the value of an enum to its column.
pub fn write_enum<T: EnumType>(value: &T, column: &mut Column) {
    crate::index::write_enum(value.copied(), column);
}

/// The name of the value of an enum in the schema.
pub fn enum_to_json<T: EnumType>(value: &T) -> Json {
    crate::index::enum_to_json(value.copied())
}

/// A field of a record.
#[track_caller]
pub const fn record_field(name: &'static str, stored: &'static str, ty: &'static TypeDef) -> RecordFieldDef {
    RecordFieldDef { name, stored, description: None, deprecated: None, ty: output(ty) }
}

/// The type of a field, which is no input.
#[track_caller]
pub(super) const fn output(ty: &'static TypeDef) -> &'static TypeDef {
    if let TypeDef::Input(_) = ty.leaf() {
        panic!(
            "an input is what requests give, not what fields answer: write a type of its own with `#[derive(Record)]`"
        );
    }
    ty
}

/// The type of an argument or of a field of an input, which is no record.
#[track_caller]
pub(super) const fn given_type(ty: &'static TypeDef) -> &'static TypeDef {
    if let TypeDef::Record(_) = ty.leaf() {
        panic!(
            "a record is what fields answer, not what requests give: write a type of its own with `#[derive(Input)]`"
        );
    }
    ty
}

/// A field of an input, as usual.
#[track_caller]
pub const fn input_field(name: &'static str, ty: &'static TypeDef) -> InputFieldDef {
    InputFieldDef { name, description: None, deprecated: None, ty: given_type(ty), default: None, checks: &[] }
}

/// An argument, as usual.
#[track_caller]
pub const fn argument(name: &'static str, ty: &'static TypeDef) -> ArgDef {
    ArgDef { name, description: None, deprecated: None, ty: given_type(ty), default: None, checks: &[] }
}

/// The fields of an input that a request gives.
///
/// # Errors
/// If it is no object.
pub fn object<'a>(name: &str, value: &'a Json) -> Result<&'a serde_json::Map<String, Json>> {
    value.as_object().ok_or_else(|| bad(format!("expected {name}, found {value}")))
}

/// A field of an input.
///
/// # Errors
/// If the value is not one of `T`.
pub fn given<T: Value>(object: &serde_json::Map<String, Json>, name: &str) -> Result<T> {
    T::from_given(object.get(name))
}

/// The one field of a `@oneOf` input.
///
/// # Errors
/// If it is no object, or one with none or several, or if it is null.
pub fn only<'a>(name: &str, value: &'a Json) -> Result<(&'a str, &'a Json)> {
    let mut fields = object(name, value)?.iter();
    match (fields.next(), fields.next()) {
        (Some((field, value)), None) if !value.is_null() => Ok((field, value)),
        _ => Err(bad(format!("expected {name} with exactly one field, which is not null, found {value}"))),
    }
}

/// A field that a `@oneOf` input does not have.
///
/// # Errors
/// Always.
pub fn no_such<T>(name: &str, field: &str) -> Result<T> {
    Err(bad(format!("{name} has no field {field:?}")))
}

/// The fields of an input as an object; those that are absent are not in it.
pub fn to_object<const N: usize>(fields: [(&str, Option<Json>); N]) -> Json {
    let given = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Json::Object(given.collect())
}

fn bad(message: String) -> Error {
    Error::new(message).code("BAD_USER_INPUT")
}

/// Judges a value by a function of the user.
///
/// # Errors
/// What the function says.
pub fn judge_by<T: Value, E: Refusal>(check: fn(&T) -> Result<(), E>, value: &Json) -> Result<()> {
    check(&T::from_json(value)?).map_err(Refusal::error)
}

/// Why a check refuses a value.
#[diagnostic::on_unimplemented(
    message = "a check cannot fail with `{Self}`",
    label = "a function that fails with `{Self}`",
    note = "answer `hiku::Result<()>`, as in `Err(Error::new(\"too small\"))`, or an error that converts into `hiku::Error`"
)]
pub trait Refusal {
    #[doc(hidden)]
    fn error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Error>> Refusal for E {
    fn error(self) -> Error {
        self.into()
    }
}

/// How many items the lists have together.
pub const fn count<T>(lists: &[&[T]]) -> usize {
    let (mut at, mut count) = (0, 0);
    while at < lists.len() {
        count += lists[at].len();
        at += 1;
    }
    count
}

/// The items of all lists, of which the first has some.
pub const fn concat<T: Copy, const N: usize>(lists: &[&[T]]) -> [T; N] {
    let mut out = [lists[0][0]; N];
    let (mut list, mut to) = (0, 0);
    while list < lists.len() {
        let mut at = 0;
        while at < lists[list].len() {
            out[to] = lists[list][at];
            at += 1;
            to += 1;
        }
        list += 1;
    }
    out
}

/// The first items of a list.
pub const fn first<T>(list: &[T], count: usize) -> &[T] {
    list.split_at(count).0
}

/// What a wide row begins with: which of the nodes it is.
pub const TAG: &[StoredDef] = &[StoredDef { name: "__case", ty: <i32 as Value>::TYPE }];
/// As [`TAG`], of keys.
pub const KEY_TAG: &[&TypeDef] = &[<i32 as Value>::TYPE];

/// Append a wide row: the number of the case, what `write` appends to its columns, nulls everywhere else. `lists` are those
/// of the tag and of each case.
pub fn write_case<T>(to: &mut [Column], lists: &[&[T]], case: usize, write: impl FnOnce(&mut [Column])) {
    (case as i32).write_to(&mut to[0]);
    let start = count(&lists[..=case]);
    let end = start + lists[case + 1].len();
    write(&mut to[start..end]);
    to[1..start].iter_mut().for_each(Column::push_null);
    to[end..].iter_mut().for_each(Column::push_null);
}

/// A field of an interface.
#[track_caller]
pub const fn declared(names: super::Names, ty: &'static TypeDef, args: &'static [ArgDef]) -> MemberDef {
    MemberDef::Field(FieldDef { names, ty: output(ty), args, value: FieldValue::Declared, transaction: None })
}

/// A link of an interface.
pub const fn declared_link(shape: LinkShape, names: super::Names, args: &'static [ArgDef]) -> MemberDef {
    MemberDef::Link(LinkDef { args, paging: Paging::All, ..super::link_def(shape, names, LinkVia::Declared) })
}

/// The checks of [`check`](super::check) for these types.
pub(super) mod check {
    use super::super::check::same;
    use super::{AbstractDef, ArgDef, Kind, MemberDef, NodeDef, SourceDef, TypeDef};
    use crate::graph::def::Names;

    /// Characters or items are counted.
    pub const fn has_length(ty: &TypeDef, message: &'static str) {
        match ty.non_null() {
            TypeDef::List(_) => {}
            TypeDef::Scalar(scalar) if matches!(scalar.kind, Kind::Text) => {}
            _ => panic!("{}", message),
        }
    }

    /// A number.
    pub const fn is_number(ty: &TypeDef, message: &'static str) {
        match ty.non_null() {
            TypeDef::Scalar(scalar)
                if matches!(scalar.kind, Kind::I16 | Kind::I32 | Kind::I64 | Kind::F32 | Kind::F64) => {}
            #[cfg(feature = "decimal")]
            TypeDef::Scalar(scalar) if matches!(scalar.kind, Kind::Decimal) => {}
            _ => panic!("{}", message),
        }
    }

    /// A text.
    pub const fn is_text(ty: &TypeDef, message: &'static str) {
        match ty.non_null() {
            TypeDef::Scalar(scalar) if matches!(scalar.kind, Kind::Text) => {}
            _ => panic!("{}", message),
        }
    }

    /// A value that can be something else than null.
    pub const fn is_never_null(ty: &TypeDef, message: &'static str) {
        if ty.is_nullable() {
            panic!("{}", message);
        }
    }

    /// The node is no union or interface, or panics with the message.
    pub const fn single(node: Option<&NodeDef>, message: &'static str) {
        if let Some(NodeDef { source: SourceDef::OneOf(_), .. }) = node {
            panic!("{}", message);
        }
    }

    /// The members are also those of the interface, or panics with one of the messages.
    pub const fn carries(
        members: &[MemberDef],
        interface: Option<&NodeDef>,
        no_interface: &'static str,
        lacks: &'static str,
    ) {
        let Some(interface) = interface else { return };
        if !matches!(interface.source, SourceDef::OneOf(AbstractDef { interface: true, .. })) {
            panic!("{}", no_interface);
        }
        let mut at = 0;
        while at < interface.members.len() {
            let wanted = &interface.members[at];
            match find(members, names(wanted).public) {
                Some(found) if answers_like(wanted, found) && takes(args(wanted), args(found)) => {}
                _ => panic!("{}", lacks),
            }
            at += 1;
        }
    }

    /// The node has the member of an interface, or panics with one of the messages: it lacks it, it is of another type, it
    /// takes other arguments. Whether a record or the target of a link is the same, is found out when the graph is built:
    /// functions do not compare.
    pub const fn implements(member: &MemberDef, node: Option<&NodeDef>, messages: [&'static str; 3]) {
        let [lacks, differs, arguments] = messages;
        // A node with mistakes of its own was reported.
        let Some(node) = node else { return };
        let wanted = names(member);
        let found = match find(node.members, wanted.public) {
            Some(found) => Some(found),
            None => {
                let (mut part, mut found) = (0, None);
                while part < node.parts.len() && found.is_none() {
                    found = find(node.parts[part], wanted.public);
                    part += 1;
                }
                found
            }
        };
        let Some(found) = found else { panic!("{}", lacks) };
        if !answers_like(member, found) {
            panic!("{}", differs);
        }
        if !takes(args(member), args(found)) {
            panic!("{}", arguments);
        }
    }

    const fn args(member: &MemberDef) -> &[ArgDef] {
        match member {
            MemberDef::Field(field) => field.args,
            MemberDef::Link(link) => link.args,
        }
    }

    /// What the second answers is what the first says.
    const fn answers_like(wanted: &MemberDef, found: &MemberDef) -> bool {
        match (wanted, found) {
            (MemberDef::Field(wanted), MemberDef::Field(found)) => answers(wanted.ty, found.ty),
            (MemberDef::Link(wanted), MemberDef::Link(found)) => {
                let (wanted, found) = (wanted.cardinality, found.cardinality);
                wanted.is_many() == found.is_many()
                    && (wanted.is_nullable() || !found.is_nullable())
                    && (wanted.is_maybe() || !found.is_maybe())
            }
            _ => false,
        }
    }

    const fn names(member: &MemberDef) -> &Names {
        match member {
            MemberDef::Field(field) => &field.names,
            MemberDef::Link(link) => &link.names,
        }
    }

    const fn find<'a>(members: &'a [MemberDef], public: &str) -> Option<&'a MemberDef> {
        let mut at = 0;
        while at < members.len() {
            let names = names(&members[at]);
            if !names.hidden && same(names.public, public) {
                return Some(&members[at]);
            }
            at += 1;
        }
        None
    }

    /// GraphQL 3.7, IsValidImplementationFieldType: what is never null answers for what may be.
    const fn answers(wanted: &TypeDef, found: &TypeDef) -> bool {
        if found.is_nullable() && !wanted.is_nullable() {
            return false;
        }
        match (wanted.non_null(), found.non_null()) {
            (TypeDef::List(wanted), TypeDef::List(found)) => answers(wanted, found),
            (wanted, found) => leaf(wanted, found),
        }
    }

    /// Of arguments: the same type, nullability included.
    const fn equal(a: &TypeDef, b: &TypeDef) -> bool {
        if a.is_nullable() != b.is_nullable() {
            return false;
        }
        match (a.non_null(), b.non_null()) {
            (TypeDef::List(a), TypeDef::List(b)) => equal(a, b),
            (a, b) => leaf(a, b),
        }
    }

    const fn leaf(a: &TypeDef, b: &TypeDef) -> bool {
        match (a, b) {
            (TypeDef::Scalar(a), TypeDef::Scalar(b)) => same(a.name, b.name),
            (TypeDef::Enum(a), TypeDef::Enum(b)) => same(a.name, b.name),
            (TypeDef::Record(_), TypeDef::Record(_)) | (TypeDef::Input(_), TypeDef::Input(_)) => true,
            _ => false,
        }
    }

    /// Every argument of the interface is there, and whatever else there is can be left out.
    const fn takes(wanted: &[ArgDef], found: &[ArgDef]) -> bool {
        let mut at = 0;
        while at < wanted.len() {
            match arg(found, wanted[at].name) {
                Some(found) if equal(wanted[at].ty, found.ty) => {}
                _ => return false,
            }
            at += 1;
        }
        let mut at = 0;
        while at < found.len() {
            let required = !found[at].ty.is_nullable() && found[at].default.is_none();
            if required && arg(wanted, found[at].name).is_none() {
                return false;
            }
            at += 1;
        }
        true
    }

    const fn arg<'a>(args: &'a [ArgDef], name: &str) -> Option<&'a ArgDef> {
        let mut at = 0;
        while at < args.len() {
            if same(args[at].name, name) {
                return Some(&args[at]);
            }
            at += 1;
        }
        None
    }
}
