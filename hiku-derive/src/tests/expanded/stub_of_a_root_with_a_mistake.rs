struct Query {
    version: i64,
}
::core::compile_error! {
    "a root has no rows, so it has no values: write a `#[field] fn` in its `#[root] impl`"
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    #[automatically_derived]
    impl __hiku::Root for Query {
        fn def() -> &'static __hiku::NodeDef {
            ::core::unreachable!()
        }
    }
};
