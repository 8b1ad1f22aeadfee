#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    static __DEF: __hiku::RecordDef = __hiku::RecordDef {
        name: "Place",
        description: ::core::option::Option::Some("Somewhere."),
        fields: &[
            __hiku::record_field(
                "id",
                "id",
                __hiku::id_type(<i64 as __hiku::Value>::TYPE),
            ),
            __hiku::RecordFieldDef {
                description: ::core::option::Option::Some("In full."),
                ..__hiku::record_field(
                    "fullName",
                    "full_name",
                    <String as __hiku::Value>::TYPE,
                )
            },
            __hiku::record_field(
                "people",
                "people",
                __hiku::big_int_type(<Option<i64> as __hiku::Value>::TYPE),
            ),
            __hiku::record_field(
                "within",
                "within",
                <Option<Box<Place>> as __hiku::Value>::TYPE,
            ),
            __hiku::RecordFieldDef {
                deprecated: ::core::option::Option::Some("use `within`"),
                ..__hiku::record_field(
                    "parts",
                    "pieces",
                    <Vec<Place> as __hiku::Value>::TYPE,
                )
            },
        ],
    };
    #[automatically_derived]
    impl __hiku::Value for Place {
        const TYPE: &'static __hiku::TypeDef = &__hiku::TypeDef::Record(|| &__DEF);
        fn write_to(&self, __column: &mut __hiku::Column) {
            __hiku::write_record(
                __column,
                |__to| {
                    <i64 as __hiku::Value>::write_to(&self.id, &mut __to[0]);
                    <String as __hiku::Value>::write_to(&self.full_name, &mut __to[1]);
                    <Option<i64> as __hiku::Value>::write_to(&self.people, &mut __to[2]);
                    <Option<
                        Box<Place>,
                    > as __hiku::Value>::write_to(&self.within, &mut __to[3]);
                    <Vec<Place> as __hiku::Value>::write_to(&self.pieces, &mut __to[4]);
                },
            )
        }
        fn read(__column: &__hiku::Column, __row: ::core::primitive::usize) -> Self {
            let __from = __hiku::read_record(__column);
            Self {
                id: <i64 as __hiku::Value>::read(&__from[0], __row),
                full_name: <String as __hiku::Value>::read(&__from[1], __row),
                people: <Option<i64> as __hiku::Value>::read(&__from[2], __row),
                within: <Option<Box<Place>> as __hiku::Value>::read(&__from[3], __row),
                pieces: <Vec<Place> as __hiku::Value>::read(&__from[4], __row),
            }
        }
    }
    #[automatically_derived]
    impl<'__a> __hiku::Param<'__a> for Place {
        type Owned = Self;
        fn at(__column: &'__a __hiku::Column, __row: ::core::primitive::usize) -> Self {
            <Self as __hiku::Value>::read(__column, __row)
        }
    }
    const _: () = __hiku::check::id(
        <i64 as __hiku::Value>::TYPE,
        "`id` cannot be an `ID`: make it an integer, a `String` or a `Uuid`, or remove `type = ID`",
    );
    const _: () = __hiku::check::big_int(
        <Option<i64> as __hiku::Value>::TYPE,
        "`people` cannot be a `BigInt`: make it an `i64`, or remove `type = BigInt`",
    );
};
