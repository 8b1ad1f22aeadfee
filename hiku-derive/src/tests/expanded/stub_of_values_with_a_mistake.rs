::core::compile_error! {
    "a record has no key, so it has no links: write the key of the node, or make it a node"
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    impl __hiku::Value for Place {
        const TYPE: &'static __hiku::TypeDef = __hiku::STUB;
    }
    #[automatically_derived]
    impl<'__a> __hiku::Param<'__a> for Place {
        type Owned = Self;
        fn at(__column: &'__a __hiku::Column, __row: ::core::primitive::usize) -> Self {
            <Self as __hiku::Value>::read(__column, __row)
        }
    }
};
