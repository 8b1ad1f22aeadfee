struct Ship {
    id: i64,
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    use __hiku::{Col as __C, Value as __V};
    pub struct __ShipColumns {
        pub id: __C<Ship, i64>,
    }
    const __STORED: &[__hiku::StoredDef] = &[__hiku::stored("id", <i64 as __V>::TYPE)];
    static __MEMBERS: [__hiku::MemberDef; 2] = [
        __hiku::id(__STORED, 0, __hiku::names("id", "id"), "id"),
        __hiku::link(
            <Many<Person> as __hiku::LinkType>::SHAPE,
            __hiku::names("crew", "crew"),
            __hiku::LinkVia::Sql(
                "SELECT ship_id, id FROM person WHERE ship_id IN {keys}",
            ),
        ),
    ];
    static __DEF: __hiku::NodeDef = __hiku::NodeDef {
        name: "Ship",
        description: ::core::option::Option::None,
        key: &["id"],
        members: &__MEMBERS,
        parts: &[Ship::__HIKU_PART__name_further_blocks_by_part],
        source: __hiku::SourceDef::Table(__hiku::table("ship")),
    };
    #[automatically_derived]
    impl __hiku::Node for Ship {
        type Key = i64;
        type Columns = __ShipColumns;
        type Stated = Self;
        const COLUMNS: __ShipColumns = __ShipColumns {
            id: __C::new("id"),
        };
        const STORED: &'static [__hiku::StoredDef] = __STORED;
        const DEF: __hiku::CheckedDef = ::core::option::Option::Some(&__DEF);
        fn def() -> &'static __hiku::NodeDef {
            &__DEF
        }
        fn write_to(&self, __to: &mut [__hiku::Column]) {
            let [__0] = __to else { return __hiku::wrong_columns() };
            <i64 as __V>::write_to(&self.id, __0);
        }
    }
    impl __hiku::Model for Ship {
        fn read(__r: &[__hiku::Column], __n: usize) -> Self {
            Self {
                id: <i64 as __V>::read(&__r[0], __n),
            }
        }
    }
    const _: () = __hiku::check::no_load(&Ship::__HIKU_LOAD);
};
