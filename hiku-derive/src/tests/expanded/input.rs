#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    static __DEF: __hiku::InputDef = __hiku::InputDef {
        name: "Wish",
        description: ::core::option::Option::None,
        one_of: false,
        fields: &[
            __hiku::InputFieldDef {
                description: ::core::option::Option::Some("What it is called."),
                checks: &[
                    __hiku::Check::Length {
                        min: 1,
                        max: 10,
                    },
                    __hiku::Check::Pattern("^[A-Z]"),
                ],
                ..__hiku::input_field("fullName", <String as __hiku::Value>::TYPE)
            },
            __hiku::InputFieldDef {
                default: ::core::option::Option::Some(|| __hiku::default::<i32>(10)),
                checks: &[
                    __hiku::Check::Range {
                        min: -1.0,
                        max: 99.5,
                    },
                    __hiku::Check::Custom(|__value| __hiku::judge_by::<
                        i32,
                        _,
                    >(|__given| even(__given), __value)),
                ],
                ..__hiku::input_field("first", <Option<i32> as __hiku::Value>::TYPE)
            },
            __hiku::input_field("note", <MaybeAbsent<String> as __hiku::Value>::TYPE),
            __hiku::InputFieldDef {
                deprecated: ::core::option::Option::Some("No longer supported"),
                ..__hiku::input_field(
                    "like",
                    <Option<Box<Wanted>> as __hiku::Value>::TYPE,
                )
            },
        ],
    };
    const _: () = __hiku::check::has_length(
        <String as __hiku::Value>::TYPE,
        "`full_name` is neither a `String` nor a `Vec`, so it has no length: remove `length`, or write `check = path` with a function",
    );
    const _: () = __hiku::check::is_text(
        <String as __hiku::Value>::TYPE,
        "`full_name` is no `String`: remove `pattern`, or write `check = path` with a function",
    );
    const _: () = __hiku::check::is_number(
        <Option<i32> as __hiku::Value>::TYPE,
        "`first` is no number: remove `range`, or write `check = path` with a function",
    );
    #[automatically_derived]
    impl __hiku::Value for Wanted {
        const TYPE: &'static __hiku::TypeDef = &__hiku::TypeDef::Input(|| &__DEF);
        fn from_json(__value: &__hiku::Json) -> __hiku::Result<Self> {
            let __from = __hiku::object(__DEF.name, __value)?;
            ::core::result::Result::Ok(Self {
                full_name: <String as __hiku::Value>::from_given(
                    __from.get("fullName"),
                )?,
                first: <Option<i32> as __hiku::Value>::from_given(__from.get("first"))?,
                note: <MaybeAbsent<
                    String,
                > as __hiku::Value>::from_given(__from.get("note"))?,
                like: <Option<
                    Box<Wanted>,
                > as __hiku::Value>::from_given(__from.get("like"))?,
            })
        }
        fn to_json(&self) -> __hiku::Json {
            __hiku::to_object([
                ("fullName", <String as __hiku::Value>::to_given(&self.full_name)),
                ("first", <Option<i32> as __hiku::Value>::to_given(&self.first)),
                ("note", <MaybeAbsent<String> as __hiku::Value>::to_given(&self.note)),
                ("like", <Option<Box<Wanted>> as __hiku::Value>::to_given(&self.like)),
            ])
        }
    }
};
