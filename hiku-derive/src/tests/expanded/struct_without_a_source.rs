struct Star {
    id: i64,
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces)]
#[allow(unreachable_pub, unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010 as __hiku;
    use __hiku::NoPart as _;
    #[derive(Clone, Copy)]
    pub struct __StarColumns {
        pub id: __hiku::Col<Star, i64>,
    }
    const __COLUMNS: __StarColumns = __StarColumns {
        id: __hiku::Col::new("id"),
    };
    const __STORED: &[__hiku::StoredDef] = &[
        __hiku::stored("id", <i64 as __hiku::Value>::TYPE),
    ];
    static __DEF: __hiku::NodeDef = __hiku::NodeDef {
        name: "Star",
        description: ::core::option::Option::None,
        key: &["id"],
        members: &[__hiku::id(__STORED, __hiku::names("id", "id"), "id")],
        parts: &[Star::__HIKU_PART],
        source: Star::__HIKU_LOAD,
    };
    #[automatically_derived]
    impl __hiku::Node for Star {
        type Key = i64;
        type Columns = __StarColumns;
        const COLUMNS: __StarColumns = __COLUMNS;
        const STORED: &'static [__hiku::StoredDef] = __STORED;
        fn def() -> &'static __hiku::NodeDef {
            &__DEF
        }
        fn write_to(&self, __columns: &mut [__hiku::Column]) {
            <i64 as __hiku::Value>::write_to(&self.id, &mut __columns[0]);
        }
    }
};
