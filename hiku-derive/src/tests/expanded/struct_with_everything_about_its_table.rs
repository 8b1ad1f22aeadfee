struct Ship {
    fleet: Uuid,
    number: i64,
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use graphs::hiku::__private010::{self as __hiku, NoPart as _};
    use __hiku::{Col as __C, Value as __V};
    pub struct __ShipColumns {
        pub fleet: __C<Ship, Uuid>,
        pub number: __C<Ship, i64>,
    }
    const __STORED: &[__hiku::StoredDef] = &[
        __hiku::stored("fleet", <Uuid as __V>::TYPE),
        __hiku::stored("number", <i64 as __V>::TYPE),
    ];
    trait __NoParts {
        #[allow(non_upper_case_globals)]
        const __HIKU_NAMED_cargo: &'static [__hiku::MemberDef] = ::core::panic!(
            "there is no `#[node(part = cargo)] impl Ship`: write it, or remove `cargo` from `parts(..)`"
        );
    }
    impl __NoParts for Ship {}
    impl Ship {
        #[doc(hidden)]
        pub const __HIKU_PARTS: __hiku::List = &["cargo"];
    }
    static __MEMBERS: [__hiku::MemberDef; 2] = [
        __hiku::id(__STORED, 0, __hiku::names("fleet", "fleet"), "fleet"),
        __hiku::plain(__STORED, 1, "number"),
    ];
    static __DEF: __hiku::NodeDef = __hiku::NodeDef {
        name: "Vessel",
        description: ::core::option::Option::None,
        key: &["fleet", "number"],
        members: &__MEMBERS,
        parts: &[
            Ship::__HIKU_PART__name_further_blocks_by_part,
            Ship::__HIKU_NAMED_cargo,
        ],
        source: __hiku::SourceDef::Table(__hiku::TableDef {
            schema: ::core::option::Option::Some("fleet"),
            view: ::core::option::Option::Some("SELECT * FROM ship"),
            filter: ::core::option::Option::Some("sunk IS NULL"),
            scope: ::core::option::Option::Some(__hiku::ScopeDef {
                data: __hiku::scope_data(__hiku::scope_fn(tenant)),
                filter: |__context| __hiku::scope(__context, __hiku::scope_fn(tenant)),
            }),
            db: __hiku::db::<Reports>(),
            order: &[
                __hiku::OrderDef {
                    field: "number",
                    descending: true,
                },
            ],
            ..__hiku::table("ship")
        }),
    };
    #[automatically_derived]
    impl __hiku::Node for Ship {
        type Key = (Uuid, i64);
        type Columns = __ShipColumns;
        type Stated = Self;
        const COLUMNS: __ShipColumns = __ShipColumns {
            fleet: __C::new("fleet"),
            number: __C::new("number"),
        };
        const STORED: &'static [__hiku::StoredDef] = __STORED;
        const DEF: __hiku::CheckedDef = ::core::option::Option::Some(&__DEF);
        fn def() -> &'static __hiku::NodeDef {
            &__DEF
        }
        fn write_to(&self, __to: &mut [__hiku::Column]) {
            let [__0, __1] = __to else { return __hiku::wrong_columns() };
            <Uuid as __V>::write_to(&self.fleet, __0);
            <i64 as __V>::write_to(&self.number, __1);
        }
    }
    impl __hiku::Model for Ship {
        fn read(__r: &[__hiku::Column], __n: usize) -> Self {
            Self {
                fleet: <Uuid as __V>::read(&__r[0], __n),
                number: <i64 as __V>::read(&__r[1], __n),
            }
        }
    }
    const _: () = __hiku::check::scalar(
        <i64 as __hiku::Value>::TYPE,
        "Int",
        "`number` is no `Int` in the schema: write `type = ID`, or change the type of the field",
    );
    const _: () = __hiku::check::no_load(&Ship::__HIKU_LOAD);
};
