#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    static __DEF: __hiku::EnumDef = __hiku::EnumDef {
        name: "Grade",
        description: ::core::option::Option::None,
        kind: __hiku::Kind::I32,
        values: &[
            __hiku::integer_item("Ensign", Grade::Ensign as ::core::primitive::i64),
            __hiku::integer_item("Captain", Grade::Captain as ::core::primitive::i64),
        ],
    };
    #[automatically_derived]
    impl __hiku::EnumType for Grade {
        const ENUM: &'static __hiku::EnumDef = &__DEF;
        fn at(__position: ::core::primitive::usize) -> Self {
            __hiku::item([Self::Ensign, Self::Captain], __position)
        }
        fn position(self) -> ::core::primitive::usize {
            __hiku::position(
                &[
                    Self::Ensign as ::core::primitive::isize,
                    Self::Captain as ::core::primitive::isize,
                ],
                self as ::core::primitive::isize,
            )
        }
    }
    #[automatically_derived]
    impl __hiku::Value for Grade {
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
    impl<'__a> __hiku::Param<'__a> for Grade {
        type Owned = Self;
        fn at(__column: &'__a __hiku::Column, __row: ::core::primitive::usize) -> Self {
            <Self as __hiku::Value>::read(__column, __row)
        }
    }
};
