struct Planet {
    code: String,
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    use __hiku::{Col as __C, Value as __V};
    pub struct __PlanetColumns {
        pub code: __C<Planet, String>,
    }
    const __STORED: &[__hiku::StoredDef] = &[
        __hiku::stored("code", <String as __V>::TYPE),
    ];
    static __MEMBERS: [__hiku::MemberDef; 1] = [
        __hiku::id(__STORED, 0, __hiku::names("code", "code"), "code"),
    ];
    static __DEF: __hiku::NodeDef = __hiku::NodeDef {
        name: "Planet",
        description: ::core::option::Option::None,
        key: &["code"],
        members: &__MEMBERS,
        parts: &[Planet::__HIKU_PART__name_further_blocks_by_part],
        source: __hiku::SourceDef::Memory(__hiku::memory::<Planet>()),
    };
    #[automatically_derived]
    impl __hiku::Node for Planet {
        type Key = String;
        type Columns = __PlanetColumns;
        type Stated = Self;
        const COLUMNS: __PlanetColumns = __PlanetColumns {
            code: __C::new("code"),
        };
        const STORED: &'static [__hiku::StoredDef] = __STORED;
        const DEF: __hiku::CheckedDef = ::core::option::Option::Some(&__DEF);
        fn def() -> &'static __hiku::NodeDef {
            &__DEF
        }
        fn write_to(&self, __to: &mut [__hiku::Column]) {
            let [__0] = __to else { return __hiku::wrong_columns() };
            <String as __V>::write_to(&self.code, __0);
        }
    }
    const _: () = __hiku::check::no_load(&Planet::__HIKU_LOAD);
};
