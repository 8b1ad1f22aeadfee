impl Star {
    fn load(id: &[i64]) -> Vec<Option<Star>> {
        Vec::new()
    }
    fn masses(id: &[i64]) -> Vec<f64> {
        Vec::new()
    }
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    impl Star {
        #[doc(hidden)]
        #[allow(non_upper_case_globals)]
        pub const __HIKU_PART__name_further_blocks_by_part: &'static [__hiku::MemberDef] = &[
            __hiku::field::<
                __hiku::BatchSink<Vec<f64>>,
            >(
                __hiku::names("masses", "size"),
                &[],
                __hiku::LoaderDef {
                    name: "Star.masses",
                    requires: &[__hiku::param::<i64>("id")],
                    data: &[],
                    run: __hiku::LoaderFn::Blocking(|__call| {
                        let __0 = __hiku::batch_of::<i64>(&__call, 0);
                        __hiku::batch::<(i64,), Vec<f64>>(&__call, <Star>::masses(&__0))
                    }),
                },
            ),
        ];
        #[doc(hidden)]
        pub const __HIKU_LOAD: __hiku::SourceDef = __hiku::SourceDef::Load(__hiku::LoaderDef {
            name: "Star.load",
            requires: &[__hiku::param::<i64>("id")],
            data: &[],
            run: __hiku::LoaderFn::Blocking(|__call| {
                let __0 = __hiku::batch_of::<i64>(&__call, 0);
                __hiku::load::<
                    (i64,),
                    Star,
                    Vec<Option<Star>>,
                >(&__call, <Star>::load(&__0))
            }),
        });
    }
    const _: () = __hiku::check::param(
        <Star as __hiku::Node>::STORED,
        "id",
        __hiku::param_type::<i64>(),
        "`Star` has no field `id`: name the parameter like a field, or write `#[arg]` if it is an argument",
        "`id` of `Star` has another type: write the type of the field, with `&str` for `String` and `Option` where it can be null",
    );
    const _: () = __hiku::check::param(
        <Star as __hiku::Node>::STORED,
        "id",
        __hiku::param_type::<i64>(),
        "`Star` has no field `id`: name the parameter like a field, or write `#[arg]` if it is an argument",
        "`id` of `Star` has another type: write the type of the field, with `&str` for `String` and `Option` where it can be null",
    );
};
