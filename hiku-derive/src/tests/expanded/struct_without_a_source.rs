struct Star {
    id: i64,
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    use __hiku::{Col as __C, Value as __V};
    pub struct __StarColumns {
        pub id: __C<Star, i64>,
    }
    const __STORED: &[__hiku::StoredDef] = &[__hiku::stored("id", <i64 as __V>::TYPE)];
    static __MEMBERS: [__hiku::MemberDef; 1] = [
        __hiku::id(__STORED, 0, __hiku::names("id", "id"), "id"),
    ];
    static __DEF: __hiku::NodeDef = __hiku::NodeDef {
        name: "Star",
        description: ::core::option::Option::None,
        key: &["id"],
        members: &__MEMBERS,
        parts: &[Star::__HIKU_PART__name_further_blocks_by_part],
        source: Star::__HIKU_LOAD,
    };
    #[automatically_derived]
    impl __hiku::Node for Star {
        type Key = i64;
        type Columns = __StarColumns;
        type Stated = Self;
        const COLUMNS: __StarColumns = __StarColumns {
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
};
