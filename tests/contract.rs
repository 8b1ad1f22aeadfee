#![deny(warnings)]
#![allow(missing_docs)]
use hiku_core::context::{Context, Data};
use hiku_core::error::{Error, Result};
use hiku_core::graph::*;
use std::collections::HashMap;

#[derive(Clone)]
pub struct Api;
#[derive(Clone)]
struct Viewer {
    tenant: i64,
}
fn tenant(v: &Viewer) -> hiku_core::sql::Filter {
    let _ = v.tenant;
    hiku_core::sql::Filter
}

/// Someone
#[derive(Clone, Debug)]
pub struct Character {
    id: i64,
    name: String,
    species: Option<String>,
}
pub struct Actor {
    id: i64,
    name: String,
    character_id: Option<i64>,
}

const _: () = {
    use ::hiku::__private010 as __hiku;
    #[derive(Clone, Copy)]
    pub struct CharacterColumns {
        pub id: __hiku::Col<Character, i64>,
        pub name: __hiku::Col<Character, String>,
        pub species: __hiku::Col<Character, Option<String>>,
    }
    const __STORED: &[__hiku::StoredDef] = &[
        __hiku::StoredDef { name: "id", ty: <i64 as __hiku::Value>::TYPE },
        __hiku::StoredDef { name: "name", ty: <String as __hiku::Value>::TYPE },
        __hiku::StoredDef { name: "species", ty: <Option<String> as __hiku::Value>::TYPE },
    ];
    static __DEF: __hiku::NodeDef = __hiku::NodeDef {
        name: "Character",
        description: Some("Someone"),
        key: &["id"],
        members: &[
            __hiku::MemberDef::Field(__hiku::FieldDef {
                names: __hiku::Names { rust: "id", public: "id", description: None, deprecated: None, hidden: false },
                ty: <i64 as __hiku::KeyPart>::ID,
                args: &[],
                value: __hiku::FieldValue::Column("id"),
            }),
            __hiku::MemberDef::Link(__hiku::LinkDef {
                names: __hiku::Names {
                    rust: "actors",
                    public: "actors",
                    description: None,
                    deprecated: None,
                    hidden: false,
                },
                target: <<Many<Actor> as __hiku::LinkType>::Target as __hiku::Node>::def,
                cardinality: <Many<Actor> as __hiku::LinkType>::CARDINALITY,
                args: &[],
                via: __hiku::LinkVia::To(&[<Actor as __hiku::Node>::COLUMNS.character_id.name()]),
                paging: __hiku::Paging::DEFAULT,
                order: &[],
            }),
        ],
        parts: &[{
            #[allow(unused_imports)]
            use __hiku::NoPart as _;
            Character::__HIKU_PART
        }],
        source: __hiku::SourceDef::Table(__hiku::TableDef {
            schema: None,
            name: "character",
            view: None,
            filter: None,
            scope: Some(__hiku::ScopeDef {
                data: __hiku::scope_data(tenant),
                filter: |__context| __hiku::scope(__context, tenant),
            }),
            order: &[],
            db: __hiku::db::<__hiku::Db>(),
        }),
    };
    impl __hiku::Node for Character {
        type Key = i64;
        type Columns = CharacterColumns;
        const COLUMNS: CharacterColumns = CharacterColumns {
            id: __hiku::Col::new("id"),
            name: __hiku::Col::new("name"),
            species: __hiku::Col::new("species"),
        };
        const STORED: &'static [__hiku::StoredDef] = __STORED;
        fn def() -> &'static __hiku::NodeDef {
            &__DEF
        }
        fn write_to(&self, __columns: &mut [__hiku::Column]) {
            __hiku::Value::write_to(&self.id, &mut __columns[0]);
            __hiku::Value::write_to(&self.name, &mut __columns[1]);
            __hiku::Value::write_to(&self.species, &mut __columns[2]);
        }
    }
    // one to many
    const _: () = {
        let _ = __hiku::check::foreign_key::<<Character as __hiku::Node>::Key, _, _>(
            &<Actor as __hiku::Node>::COLUMNS.character_id,
        );
    };
};
const _: () = {
    use ::hiku::__private010 as __hiku;
    #[derive(Clone, Copy)]
    pub struct ActorColumns {
        pub id: __hiku::Col<Actor, i64>,
        pub name: __hiku::Col<Actor, String>,
        pub character_id: __hiku::Col<Actor, Option<i64>>,
    }
    static __DEF: __hiku::NodeDef = __hiku::NodeDef {
        name: "Actor",
        description: None,
        key: &["id"],
        members: &[],
        parts: &[{
            #[allow(unused_imports)]
            use __hiku::NoPart as _;
            Actor::__HIKU_PART
        }],
        source: __hiku::SourceDef::None,
    };
    impl __hiku::Node for Actor {
        type Key = i64;
        type Columns = ActorColumns;
        const COLUMNS: ActorColumns = ActorColumns {
            id: __hiku::Col::new("id"),
            name: __hiku::Col::new("name"),
            character_id: __hiku::Col::new("character_id"),
        };
        const STORED: &'static [__hiku::StoredDef] = &[];
        fn def() -> &'static __hiku::NodeDef {
            &__DEF
        }
        fn write_to(&self, __columns: &mut [__hiku::Column]) {
            let _ = (&self.id, &self.name, &self.character_id, __columns);
        }
    }
    const _: () = __hiku::check::one_is_not_null(
        <Maybe<Character> as __hiku::LinkType>::CARDINALITY,
        __hiku::check::foreign_key::<<Character as __hiku::Node>::Key, _, _>(
            &<Actor as __hiku::Node>::COLUMNS.character_id,
        ),
        "x",
    );
};
impl Character {
    fn initials(name: &str, species: Option<&str>) -> String {
        format!("{name}{species:?}")
    }
    async fn fans(Data(_api): Data<Api>, id: &[i64]) -> Result<HashMap<i64, i32>> {
        Ok(id.iter().map(|i| (*i, 1)).collect())
    }
    async fn costars(
        id: &[i64],
        name: &[&str],
        _c: &Context,
        first: i32,
    ) -> Result<Vec<Result<Many<Character>, Error>>> {
        Ok(id.iter().zip(name).map(|(i, _)| Ok(Many::keys([*i, i64::from(first)]))).collect())
    }
    fn all() -> Result<Many<Character>, std::fmt::Error> {
        Ok(Many::nodes([]))
    }
}
const _: () = {
    use ::hiku::__private010 as __hiku;
    impl Character {
        #[doc(hidden)]
        pub const __HIKU_PART: &'static [__hiku::MemberDef] = &[
            __hiku::MemberDef::Field(__hiku::FieldDef { names: __hiku::Names { rust: "initials", public: "initials", description: None, deprecated: None, hidden: false },
                ty: <<String as __hiku::Entry>::Sink as __hiku::OfField>::TYPE, args: &[], value: __hiku::FieldValue::Loader(__hiku::LoaderDef { name: "Character.initials",
                requires: &[__hiku::ParamDef { field: "name", ty: __hiku::param_type::<&str>() }], data: &[],
                run: __hiku::LoaderFn::Pure(|__call| __hiku::per_row(__call, |__row| Character::initials(__hiku::row_of(__call, 0, __row), __hiku::row_of::<Option<&str>>(__call, 1, __row)))) }) }),
            __hiku::MemberDef::Field(__hiku::FieldDef { names: __hiku::Names { rust: "fans", public: "fans", description: None, deprecated: None, hidden: false },
                ty: <__hiku::BatchSink<Result<HashMap<i64, i32>>> as __hiku::OfField>::TYPE, args: &[], value: __hiku::FieldValue::Loader(__hiku::LoaderDef { name: "Character.fans",
                requires: &[__hiku::ParamDef { field: "id", ty: __hiku::param_type::<i64>() }], data: &[__hiku::DataDef::of::<Api>()],
                run: __hiku::LoaderFn::Async(|__call| ::std::boxed::Box::pin(async move {
                    let __0 = __hiku::data(&__call)?;
                    let __1 = __hiku::batch_of::<i64>(&__call, 0);
                    __hiku::batch::<(i64,), _>(&__call, Character::fans(__0, &__1).await)
                })) }) }),
            __hiku::MemberDef::Link(__hiku::LinkDef { names: __hiku::Names { rust: "costars", public: "costars", description: None, deprecated: None, hidden: false },
                target: <<<__hiku::BatchSink<Result<Vec<Result<Many<Character>, Error>>>> as __hiku::OfLink>::Link as __hiku::LinkType>::Target as __hiku::Node>::def,
                cardinality: <<__hiku::BatchSink<Result<Vec<Result<Many<Character>, Error>>>> as __hiku::OfLink>::Link as __hiku::LinkType>::CARDINALITY,
                args: &[__hiku::ArgDef { name: "first", description: None, deprecated: None, ty: <i32 as __hiku::Value>::TYPE, default: Some(|| __hiku::default::<i32>(10)) }],
                via: __hiku::LinkVia::Loader(__hiku::LoaderDef { name: "Character.costars",
                requires: &[__hiku::ParamDef { field: "id", ty: __hiku::param_type::<i64>() }], data: &[],
                run: __hiku::LoaderFn::Async(|__call| ::std::boxed::Box::pin(async move {
                    let __0 = __hiku::batch_of::<i64>(&__call, 0);
                    let __1 = __hiku::batch_of::<&str>(&__call, 1);
                    __hiku::batch::<(i64, &str), _>(&__call, Character::costars(&__0, &__1, &__call.context, __hiku::arg(&__call, 0)?).await)
                })) }), paging: __hiku::Paging::All, order: &[] }),
            __hiku::MemberDef::Link(__hiku::LinkDef { names: __hiku::Names { rust: "all", public: "all", description: None, deprecated: None, hidden: false },
                target: <<<<Result<Many<Character>, std::fmt::Error> as __hiku::Entry>::Sink as __hiku::OfLink>::Link as __hiku::LinkType>::Target as __hiku::Node>::def,
                cardinality: Cardinality::Many, args: &[],
                via: __hiku::LinkVia::Loader(__hiku::LoaderDef { name: "Character.all", requires: &[], data: &[],
                run: __hiku::LoaderFn::Blocking(|__call| __hiku::shared(Character::all())) }), paging: __hiku::Paging::All, order: &[] }),
        ];
    }
    const _: () = __hiku::check::param(
        <Character as __hiku::Node>::STORED,
        "name",
        __hiku::param_type::<&str>(),
        "unknown",
        "wrong",
    );
};

#[test]
fn contract() {
    let c = Character { id: 1, name: "a".into(), species: None };
    assert_eq!(Character::def().parts[0].len(), 4);
    let _ = (c.id, &c.name, &c.species);
}
