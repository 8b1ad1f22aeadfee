#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    #[automatically_derived]
    impl __hiku::Newtype for Email {
        type Inner = String;
        const SCALAR: &'static __hiku::ScalarDef = &__hiku::scalar::<
            Self,
        >(
            "Mail",
            ::core::option::Option::Some("An address."),
            ::core::option::Option::Some("https://example.org"),
        );
        fn wrap(__inner: String) -> Self {
            Self(__inner)
        }
        fn inner(&self) -> &String {
            &self.0
        }
    }
};
