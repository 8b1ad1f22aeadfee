struct Person {
    id: i64,
    fleet: i64,
    number: i64,
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    use __hiku::{Col as __C, Value as __V};
    pub struct __PersonColumns {
        pub id: __C<Person, i64>,
        pub fleet: __C<Person, i64>,
        pub number: __C<Person, i64>,
    }
    const __STORED: &[__hiku::StoredDef] = &[
        __hiku::stored("id", <i64 as __V>::TYPE),
        __hiku::stored("fleet", <i64 as __V>::TYPE),
        __hiku::stored("number", <i64 as __V>::TYPE),
    ];
    static __MEMBERS: [__hiku::MemberDef; 4] = [
        __hiku::id(__STORED, 0, __hiku::names("id", "id"), "id"),
        __hiku::plain(__STORED, 1, "fleet"),
        __hiku::plain(__STORED, 2, "number"),
        __hiku::link(
            <Maybe<Ship> as __hiku::LinkType>::SHAPE,
            __hiku::names("ship", "ship"),
            __hiku::LinkVia::From(&["fleet", "number"]),
        ),
    ];
    static __DEF: __hiku::NodeDef = __hiku::NodeDef {
        name: "Person",
        description: ::core::option::Option::None,
        key: &["id"],
        members: &__MEMBERS,
        parts: &[Person::__HIKU_PART__name_further_blocks_by_part],
        source: __hiku::SourceDef::Table(__hiku::table("person")),
    };
    #[automatically_derived]
    impl __hiku::Node for Person {
        type Key = i64;
        type Columns = __PersonColumns;
        type Stated = Self;
        const COLUMNS: __PersonColumns = __PersonColumns {
            id: __C::new("id"),
            fleet: __C::new("fleet"),
            number: __C::new("number"),
        };
        const STORED: &'static [__hiku::StoredDef] = __STORED;
        const DEF: __hiku::CheckedDef = ::core::option::Option::Some(&__DEF);
        fn def() -> &'static __hiku::NodeDef {
            &__DEF
        }
        fn write_to(&self, __to: &mut [__hiku::Column]) {
            let [__0, __1, __2] = __to else { return __hiku::wrong_columns() };
            <i64 as __V>::write_to(&self.id, __0);
            <i64 as __V>::write_to(&self.fleet, __1);
            <i64 as __V>::write_to(&self.number, __2);
        }
    }
    impl __hiku::Model for Person {
        fn read(__r: &[__hiku::Column], __n: usize) -> Self {
            Self {
                id: <i64 as __V>::read(&__r[0], __n),
                fleet: <i64 as __V>::read(&__r[1], __n),
                number: <i64 as __V>::read(&__r[2], __n),
            }
        }
    }
    #[automatically_derived]
    impl __hiku::RefersTo<Ship> for __PersonColumns {
        const COLUMNS: __hiku::List = &["fleet", "number"];
    }
    const _: () = {
        let _ = __hiku::check::one_is_not_null(
            <Maybe<Ship> as __hiku::LinkType>::SHAPE,
            __hiku::check::foreign_key(
                <Maybe<Ship> as __hiku::LinkType>::KEY,
                __hiku::check::columns_2(
                    &<Person as __hiku::Node>::COLUMNS.fleet,
                    &<Person as __hiku::Node>::COLUMNS.number,
                ),
            ),
            "`fleet`, `number` can be null, `One` cannot: write `Maybe<..>`",
        );
    };
    const _: () = __hiku::check::no_load(&Person::__HIKU_LOAD);
};
