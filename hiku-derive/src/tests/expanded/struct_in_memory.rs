struct Planet {
    code: String,
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces)]
#[allow(unreachable_pub, unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010 as __hiku;
    use __hiku::NoPart as _;
    #[derive(Clone, Copy)]
    pub struct __PlanetColumns {
        pub code: __hiku::Col<Planet, String>,
    }
    const __COLUMNS: __PlanetColumns = __PlanetColumns {
        code: __hiku::Col::new("code"),
    };
    const __STORED: &[__hiku::StoredDef] = &[
        __hiku::stored("code", <String as __hiku::Value>::TYPE),
    ];
    static __DEF: __hiku::NodeDef = __hiku::NodeDef {
        name: "Planet",
        description: ::core::option::Option::None,
        key: &["code"],
        members: &[__hiku::id(__STORED, __hiku::names("code", "code"), "code")],
        parts: &[Planet::__HIKU_PART],
        source: __hiku::SourceDef::Memory(__hiku::memory::<Planet>()),
    };
    #[automatically_derived]
    impl __hiku::Node for Planet {
        type Key = String;
        type Columns = __PlanetColumns;
        const COLUMNS: __PlanetColumns = __COLUMNS;
        const STORED: &'static [__hiku::StoredDef] = __STORED;
        fn def() -> &'static __hiku::NodeDef {
            &__DEF
        }
        fn write_to(&self, __columns: &mut [__hiku::Column]) {
            <String as __hiku::Value>::write_to(&self.code, &mut __columns[0]);
        }
    }
    const _: () = __hiku::check::no_load(&Planet::__HIKU_LOAD);
};
