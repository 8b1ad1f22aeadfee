struct Person {
    id: i64,
    fleet: i64,
    number: i64,
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces)]
#[allow(unreachable_pub, unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010 as __hiku;
    use __hiku::NoPart as _;
    #[derive(Clone, Copy)]
    pub struct __PersonColumns {
        pub id: __hiku::Col<Person, i64>,
        pub fleet: __hiku::Col<Person, i64>,
        pub number: __hiku::Col<Person, i64>,
    }
    const __COLUMNS: __PersonColumns = __PersonColumns {
        id: __hiku::Col::new("id"),
        fleet: __hiku::Col::new("fleet"),
        number: __hiku::Col::new("number"),
    };
    const __STORED: &[__hiku::StoredDef] = &[
        __hiku::stored("id", <i64 as __hiku::Value>::TYPE),
        __hiku::stored("fleet", <i64 as __hiku::Value>::TYPE),
        __hiku::stored("number", <i64 as __hiku::Value>::TYPE),
    ];
    static __DEF: __hiku::NodeDef = __hiku::NodeDef {
        name: "Person",
        description: ::core::option::Option::None,
        key: &["id"],
        members: &[
            __hiku::id(__STORED, __hiku::names("id", "id"), "id"),
            __hiku::plain(__STORED, "fleet", "fleet"),
            __hiku::plain(__STORED, "number", "number"),
            __hiku::link(
                <Maybe<Ship> as __hiku::LinkType>::SHAPE,
                __hiku::names("ship", "ship"),
                __hiku::LinkVia::From(&["fleet", "number"]),
            ),
        ],
        parts: &[Person::__HIKU_PART],
        source: __hiku::SourceDef::Table(__hiku::table("person")),
    };
    #[automatically_derived]
    impl __hiku::Node for Person {
        type Key = i64;
        type Columns = __PersonColumns;
        const COLUMNS: __PersonColumns = __COLUMNS;
        const STORED: &'static [__hiku::StoredDef] = __STORED;
        fn def() -> &'static __hiku::NodeDef {
            &__DEF
        }
        fn write_to(&self, __columns: &mut [__hiku::Column]) {
            <i64 as __hiku::Value>::write_to(&self.id, &mut __columns[0]);
            <i64 as __hiku::Value>::write_to(&self.fleet, &mut __columns[1]);
            <i64 as __hiku::Value>::write_to(&self.number, &mut __columns[2]);
        }
    }
    #[automatically_derived]
    impl __hiku::RefersTo<Ship> for Person {
        const COLUMNS: &'static [&'static str] = &["fleet", "number"];
    }
    const _: () = __hiku::check::one_is_not_null(
        <Maybe<Ship> as __hiku::LinkType>::SHAPE,
        __hiku::check::foreign_key_2::<
            <<Maybe<Ship> as __hiku::LinkType>::Target as __hiku::Node>::Key,
            Person,
            _,
            _,
            _,
        >(
            &<Person as __hiku::Node>::COLUMNS.fleet,
            &<Person as __hiku::Node>::COLUMNS.number,
        ),
        "`fleet`, `number` can be null, `One` cannot: write `Maybe<..>`",
    );
    const _: () = __hiku::check::no_load(&Person::__HIKU_LOAD);
};
