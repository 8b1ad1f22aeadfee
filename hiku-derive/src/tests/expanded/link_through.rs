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
    static __MEMBERS: [__hiku::MemberDef; 3] = [
        __hiku::id(__STORED, 0, __hiku::names("id", "id"), "id"),
        __hiku::MemberDef::Link(__hiku::LinkDef {
            paging: __hiku::Paging::All,
            ..__hiku::link_def(
                <Many<Planet> as __hiku::LinkType>::SHAPE,
                __hiku::names("planets", "planets"),
                __hiku::LinkVia::Through {
                    join: <Visit as __hiku::Node>::def,
                    from: __hiku::To(::core::marker::PhantomData::<fn() -> Ship>)
                        .in_columns::<<Visit as __hiku::Node>::Columns>(),
                    to: __hiku::To(<Many<Planet> as __hiku::LinkType>::TARGET)
                        .in_columns::<<Visit as __hiku::Node>::Columns>(),
                },
            )
        }),
        __hiku::link(
            <Many<Ship> as __hiku::LinkType>::SHAPE,
            __hiku::names("allies", "allies"),
            __hiku::LinkVia::Through {
                join: <Alliance as __hiku::Node>::def,
                from: &[<Alliance as __hiku::Node>::COLUMNS.a_id.name()],
                to: &[<Alliance as __hiku::Node>::COLUMNS.b_id.name()],
            },
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
    const _: () = {
        let _ = __hiku::check::foreign_key(
            __hiku::check::key::<Ship>(),
            __hiku::check::column(&<Alliance as __hiku::Node>::COLUMNS.a_id),
        );
    };
    const _: () = {
        let _ = __hiku::check::foreign_key(
            <Many<Ship> as __hiku::LinkType>::KEY,
            __hiku::check::column(&<Alliance as __hiku::Node>::COLUMNS.b_id),
        );
    };
    const _: () = __hiku::check::no_load(&Ship::__HIKU_LOAD);
};
