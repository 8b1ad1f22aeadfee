impl Mutation {
    async fn launch() -> Result<i32> {
        Ok(1)
    }
    async fn report() -> One<Report> {
        One::key(1)
    }
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    impl Mutation {
        #[doc(hidden)]
        #[allow(non_upper_case_globals)]
        pub const __HIKU_PART__name_further_blocks_by_part: &'static [__hiku::MemberDef] = &[
            __hiku::in_transaction(
                __hiku::field::<
                    __hiku::EntrySink<Result<i32>>,
                >(
                    __hiku::names("launch", "launch"),
                    &[],
                    __hiku::LoaderDef {
                        name: "Mutation.launch",
                        requires: &[],
                        data: &[],
                        run: __hiku::LoaderFn::Async(|__call| ::std::boxed::Box::pin(async move {
                            __hiku::shared::<Result<i32>>(<Mutation>::launch().await)
                        })),
                    },
                ),
                __hiku::db::<__hiku::Db>(),
            ),
            __hiku::in_transaction(
                __hiku::link_by::<
                    __hiku::EntrySink<One<Report>>,
                >(
                    __hiku::names("report", "report"),
                    &[],
                    __hiku::LoaderDef {
                        name: "Mutation.report",
                        requires: &[],
                        data: &[],
                        run: __hiku::LoaderFn::Async(|__call| ::std::boxed::Box::pin(async move {
                            __hiku::shared::<One<Report>>(<Mutation>::report().await)
                        })),
                    },
                ),
                __hiku::db::<Reports>(),
            ),
        ];
    }
};
