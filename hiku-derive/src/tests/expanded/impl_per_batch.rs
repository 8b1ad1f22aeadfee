impl Ship {
    fn masses(id: &[i64], class: &[Option<&str>]) -> Vec<f64> {
        Vec::new()
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
                __hiku::BatchSink<Vec<f64>>,
            >(
                __hiku::names("masses", "masses"),
                &[],
                __hiku::LoaderDef {
                    name: "Ship.masses",
                    requires: &[
                        __hiku::param::<i64>("id"),
                        __hiku::param::<Option<&str>>("class"),
                    ],
                    data: &[],
                    run: __hiku::LoaderFn::Inline(|__call| {
                        let __0 = __hiku::batch_of::<i64>(&__call, 0);
                        let __1 = __hiku::batch_of::<Option<&str>>(&__call, 1);
                        __hiku::batch::<
                            (i64, Option<&str>),
                            Vec<f64>,
                        >(&__call, <Ship>::masses(&__0, &__1))
                    }),
                },
            ),
        ];
    }
    const _: () = __hiku::check::param(
        <Ship as __hiku::Node>::STORED,
        "id",
        __hiku::param_type::<i64>(),
        "`Ship` has no field `id`: name the parameter like a field, or write `#[arg]` if it is an argument",
        "`id` of `Ship` has another type: write the type of the field, with `&str` for `String` and `Option` where it can be null",
    );
    const _: () = __hiku::check::param(
        <Ship as __hiku::Node>::STORED,
        "class",
        __hiku::param_type::<Option<&str>>(),
        "`Ship` has no field `class`: name the parameter like a field, or write `#[arg]` if it is an argument",
        "`class` of `Ship` has another type: write the type of the field, with `&str` for `String` and `Option` where it can be null",
    );
};
