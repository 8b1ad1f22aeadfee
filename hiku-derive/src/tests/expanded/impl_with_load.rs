impl Star {
    async fn load(id: &[i64]) -> HashMap<i64, Star> {
        stars(id).await
    }
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    impl Star {
        #[doc(hidden)]
        pub const __HIKU_LOAD: __hiku::SourceDef = __hiku::SourceDef::Load(__hiku::LoaderDef {
            name: "Star.load",
            requires: &[__hiku::param::<i64>("id")],
            data: &[],
            run: __hiku::LoaderFn::Async(|__call| ::std::boxed::Box::pin(async move {
                let __0 = __hiku::batch_of::<i64>(&__call, 0);
                __hiku::load::<
                    (i64,),
                    Star,
                    HashMap<i64, Star>,
                >(&__call, <Star>::load(&__0).await)
            })),
        });
    }
    const _: () = __hiku::check::param(
        <Star as __hiku::Node>::STORED,
        "id",
        __hiku::param_type::<i64>(),
        "`Star` has no field `id`: name the parameter like a field, or write `#[arg]` if it is an argument",
        "`id` of `Star` has another type: write the type of the field, with `&str` for `String` and `Option` where it can be null",
    );
};
