impl Ship {
    async fn sisters(
        Data(db): Data<Db>,
        context: &Context,
        id: &[i64],
        first: i32,
    ) -> Result<HashMap<i64, Many<Ship>>> {
        query(db, id, first).await
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
            __hiku::link_by::<
                __hiku::BatchSink<Result<HashMap<i64, Many<Ship>>>>,
            >(
                __hiku::names("sisters", "sisters"),
                &[
                    __hiku::ArgDef {
                        description: ::core::option::Option::Some("How many."),
                        deprecated: ::core::option::Option::Some("No longer supported"),
                        default: ::core::option::Option::Some(|| __hiku::default::<
                            i32,
                        >(10)),
                        ..__hiku::argument("first", <i32 as __hiku::Value>::TYPE)
                    },
                ],
                __hiku::LoaderDef {
                    name: "Ship.sisters",
                    requires: &[__hiku::param::<i64>("id")],
                    data: &[__hiku::DataDef::of::<Db>()],
                    run: __hiku::LoaderFn::Async(|__call| ::std::boxed::Box::pin(async move {
                        let __0 = __hiku::data::<Db>(&__call)?;
                        let __2 = __hiku::batch_of::<i64>(&__call, 0);
                        let __3 = __hiku::arg::<i32>(&__call, 0)?;
                        __hiku::batch::<
                            (i64,),
                            Result<HashMap<i64, Many<Ship>>>,
                        >(
                            &__call,
                            <Ship>::sisters(__0, &__call.context, &__2, __3).await,
                        )
                    })),
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
};
