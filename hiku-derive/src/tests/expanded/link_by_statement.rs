struct Ship {
    id: i64,
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    pub struct __ShipColumns {
        pub id: __hiku::Col<Ship, i64>,
    }
    const __STORED: &[__hiku::StoredDef] = &[
        __hiku::stored("id", <i64 as __hiku::Value>::TYPE),
    ];
    static __DEF: __hiku::NodeDef = __hiku::NodeDef {
        name: "Ship",
        description: ::core::option::Option::None,
        key: &["id"],
        members: &[
            __hiku::id(__STORED, __hiku::names("id", "id"), "id"),
            __hiku::link(
                <Many<Person> as __hiku::LinkType>::SHAPE,
                __hiku::names("crew", "crew"),
                __hiku::LinkVia::Sql(
                    "SELECT ship_id, id FROM person WHERE ship_id IN {keys}",
                ),
            ),
        ],
        parts: &[Ship::__HIKU_PART__name_further_blocks_by_part],
        source: __hiku::SourceDef::Table(__hiku::table("ship")),
    };
    #[automatically_derived]
    impl __hiku::Node for Ship {
        type Key = i64;
        type Columns = __ShipColumns;
        type Stated = Self;
        const COLUMNS: __ShipColumns = __ShipColumns {
            id: __hiku::Col::new("id"),
        };
        const STORED: &'static [__hiku::StoredDef] = __STORED;
        const DEF: ::core::option::Option<&'static __hiku::NodeDef> = ::core::option::Option::Some(
            &__DEF,
        );
        fn def() -> &'static __hiku::NodeDef {
            &__DEF
        }
        fn write_to(&self, __to: &mut [__hiku::Column]) {
            <i64 as __hiku::Value>::write_to(&self.id, &mut __to[0]);
        }
    }
    const _: () = __hiku::check::no_load(&Ship::__HIKU_LOAD);
};
