impl Query {
    async fn greeting(whom: String) -> String {
        format!("hello {whom}")
    }
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    impl Query {
        #[doc(hidden)]
        #[allow(non_upper_case_globals)]
        pub const __HIKU_PART__name_further_blocks_by_part: &'static [__hiku::MemberDef] = &[
            __hiku::field::<
                __hiku::EntrySink<String>,
            >(
                __hiku::names("greeting", "greeting"),
                &[__hiku::argument("whom", <String as __hiku::Value>::TYPE)],
                __hiku::LoaderDef {
                    name: "Query.greeting",
                    requires: &[],
                    data: &[],
                    run: __hiku::LoaderFn::Async(|__call| ::std::boxed::Box::pin(async move {
                        let __0 = __hiku::arg::<String>(&__call, 0)?;
                        __hiku::shared::<String>(<Query>::greeting(__0).await)
                    })),
                },
            ),
        ];
    }
};
