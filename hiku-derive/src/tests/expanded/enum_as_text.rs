#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    static __DEF: __hiku::EnumDef = __hiku::EnumDef {
        name: "Kind",
        description: ::core::option::Option::Some("What a film is about."),
        kind: __hiku::Kind::Text,
        values: &[
            __hiku::text_item("DRAMA", "DRAMA"),
            __hiku::EnumValueDef {
                description: ::core::option::Option::Some("Of the future."),
                ..__hiku::text_item("SCI_FI", "sci-fi")
            },
            __hiku::EnumValueDef {
                deprecated: ::core::option::Option::Some("No longer supported"),
                ..__hiku::text_item("MUSICALS", "MUSICALS")
            },
        ],
    };
    #[automatically_derived]
    impl __hiku::EnumType for Genre {
        const ENUM: &'static __hiku::EnumDef = &__DEF;
        fn at(__position: ::core::primitive::usize) -> Self {
            __hiku::item([Self::Drama, Self::SciFi, Self::Musical], __position)
        }
        fn position(self) -> ::core::primitive::usize {
            self as ::core::primitive::usize
        }
    }
    #[automatically_derived]
    impl __hiku::Value for Genre {
        const TYPE: &'static __hiku::TypeDef = &__hiku::TypeDef::Enum(&__DEF);
        fn write_to(&self, __column: &mut __hiku::Column) {
            __hiku::write_enum(self, __column)
        }
        fn read(__column: &__hiku::Column, __row: ::core::primitive::usize) -> Self {
            __hiku::read_enum(__column, __row)
        }
        fn from_json(__value: &__hiku::Json) -> __hiku::Result<Self> {
            __hiku::enum_from_json(__value)
        }
        fn to_json(&self) -> __hiku::Json {
            __hiku::enum_to_json(self)
        }
    }
    #[automatically_derived]
    impl<'__a> __hiku::Param<'__a> for Genre {
        type Owned = Self;
        fn at(__column: &'__a __hiku::Column, __row: ::core::primitive::usize) -> Self {
            <Self as __hiku::Value>::read(__column, __row)
        }
    }
};
