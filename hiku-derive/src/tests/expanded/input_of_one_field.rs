#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    static __DEF: __hiku::InputDef = __hiku::InputDef {
        name: "By",
        description: ::core::option::Option::None,
        one_of: true,
        fields: &[
            __hiku::input_field(
                "id",
                &__hiku::TypeDef::Nullable(<ID as __hiku::Value>::TYPE),
            ),
            __hiku::InputFieldDef {
                checks: &[
                    __hiku::Check::Length {
                        min: 3,
                        max: ::core::primitive::u64::MAX,
                    },
                ],
                ..__hiku::input_field(
                    "title",
                    &__hiku::TypeDef::Nullable(<String as __hiku::Value>::TYPE),
                )
            },
        ],
    };
    const _: () = __hiku::check::has_length(
        <String as __hiku::Value>::TYPE,
        "`FullName` is neither a `String` nor a `Vec`, so it has no length: remove `length`, or write `check = path` with a function",
    );
    #[automatically_derived]
    impl __hiku::Value for By {
        const TYPE: &'static __hiku::TypeDef = &__hiku::TypeDef::Input(|| &__DEF);
        fn from_json(__value: &__hiku::Json) -> __hiku::Result<Self> {
            let (__field, __value) = __hiku::only(__DEF.name, __value)?;
            match __field {
                "id" => {
                    ::core::result::Result::Ok(
                        Self::Id(<ID as __hiku::Value>::from_json(__value)?),
                    )
                }
                "title" => {
                    ::core::result::Result::Ok(
                        Self::FullName(<String as __hiku::Value>::from_json(__value)?),
                    )
                }
                _ => __hiku::no_such(__DEF.name, __field),
            }
        }
        fn to_json(&self) -> __hiku::Json {
            __hiku::to_object([
                match self {
                    Self::Id(__value) => ("id", <ID as __hiku::Value>::to_given(__value)),
                    Self::FullName(__value) => {
                        ("title", <String as __hiku::Value>::to_given(__value))
                    }
                },
            ])
        }
    }
};
