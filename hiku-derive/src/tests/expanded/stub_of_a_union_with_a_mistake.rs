::core::compile_error! {
    "a variant of a union holds one value: write `Nothing(Nothing)`"
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    impl __hiku::Node for Found {
        type Key = ::core::primitive::i64;
        type Columns = ();
        type Stated = __hiku::Several<Self>;
        const SEVERAL: bool = true;
        const COLUMNS: () = ();
        const STORED: &'static [__hiku::StoredDef] = &[];
        fn def() -> &'static __hiku::NodeDef {
            ::core::unreachable!()
        }
        fn write_to(&self, __to: &mut [__hiku::Column]) {
            let _ = (self, __to);
        }
    }
};
