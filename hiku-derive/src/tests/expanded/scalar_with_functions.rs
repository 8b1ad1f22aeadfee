#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    #[automatically_derived]
    impl __hiku::Newtype for Email {
        type Inner = String;
        const SCALAR: &'static __hiku::ScalarDef = &__hiku::ScalarDef {
            parse: ::core::option::Option::Some(__hiku::judge::<Self>),
            serialize: ::core::option::Option::Some(__hiku::serialize::<Self>),
            ..__hiku::scalar::<
                Self,
            >("Email", ::core::option::Option::None, ::core::option::Option::None)
        };
        fn wrap(__inner: String) -> Self {
            Self(__inner)
        }
        fn inner(&self) -> &String {
            &self.0
        }
        fn parse(__value: &__hiku::Json) -> __hiku::Result<Self> {
            let __parse: fn(&__hiku::Json) -> ::core::result::Result<Self, _> = Email::parse;
            __hiku::parsed(__parse, __value)
        }
        fn serialize(&self) -> __hiku::Json {
            let __serialize: fn(&Self) -> __hiku::Json = print;
            __serialize(self)
        }
    }
    #[automatically_derived]
    impl __hiku::Value for Email {
        const TYPE: &'static __hiku::TypeDef = &__hiku::TypeDef::Scalar(
            <Self as __hiku::Newtype>::SCALAR,
        );
        fn write_to(&self, __column: &mut __hiku::Column) {
            __hiku::write_newtype(self, __column)
        }
        fn read(__column: &__hiku::Column, __row: ::core::primitive::usize) -> Self {
            __hiku::read_newtype(__column, __row)
        }
        fn from_json(__value: &__hiku::Json) -> __hiku::Result<Self> {
            <Self as __hiku::Newtype>::parse(__value)
        }
        fn to_json(&self) -> __hiku::Json {
            <Self as __hiku::Newtype>::serialize(self)
        }
    }
    #[automatically_derived]
    impl<'__a> __hiku::Param<'__a> for Email {
        type Owned = Self;
        fn at(__column: &'__a __hiku::Column, __row: ::core::primitive::usize) -> Self {
            <Self as __hiku::Value>::read(__column, __row)
        }
    }
};
