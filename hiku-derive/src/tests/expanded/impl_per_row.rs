impl Ship {
    /// Loud.
    fn shout(
        name: &str,
        class: Option<&str>,
        Data(scale): Data<Scale>,
        times: i32,
    ) -> String {
        name.repeat(times)
    }
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    impl Ship {
        #[doc(hidden)]
        #[allow(non_upper_case_globals)]
        pub const __HIKU_PART__name_further_blocks_by_part: &'static [__hiku::MemberDef] = &[
            __hiku::field::<
                __hiku::EntrySink<String>,
            >(
                __hiku::Names {
                    description: ::core::option::Option::Some("Loud."),
                    ..__hiku::names("shout", "shout")
                },
                &[
                    __hiku::ArgDef {
                        default: ::core::option::Option::Some(|| __hiku::default::<
                            i32,
                        >(1)),
                        ..__hiku::argument("times", <i32 as __hiku::Value>::TYPE)
                    },
                ],
                __hiku::LoaderDef {
                    name: "Ship.shout",
                    requires: &[
                        __hiku::param::<&str>("name"),
                        __hiku::param::<Option<&str>>("class"),
                    ],
                    data: &[__hiku::DataDef::of::<Scale>()],
                    run: __hiku::LoaderFn::Pure(|__call| {
                        let __2 = __hiku::data::<Scale>(&__call)?;
                        let __3 = __hiku::arg::<i32>(&__call, 0)?;
                        __hiku::per_row::<
                            String,
                        >(
                            &__call,
                            |__row| <Ship>::shout(
                                __hiku::row_of::<&str>(&__call, 0, __row),
                                __hiku::row_of::<Option<&str>>(&__call, 1, __row),
                                ::core::clone::Clone::clone(&__2),
                                ::core::clone::Clone::clone(&__3),
                            ),
                        )
                    }),
                },
            ),
        ];
    }
    const _: () = __hiku::check::param(
        <Ship as __hiku::Node>::STORED,
        "name",
        __hiku::param_type::<&str>(),
        "`Ship` has no field `name`: name the parameter like a field, or write `#[arg]` if it is an argument",
        "`name` of `Ship` has another type: write the type of the field, with `&str` for `String` and `Option` where it can be null",
    );
    const _: () = __hiku::check::param(
        <Ship as __hiku::Node>::STORED,
        "class",
        __hiku::param_type::<Option<&str>>(),
        "`Ship` has no field `class`: name the parameter like a field, or write `#[arg]` if it is an argument",
        "`class` of `Ship` has another type: write the type of the field, with `&str` for `String` and `Option` where it can be null",
    );
};
