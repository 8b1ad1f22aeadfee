///The key of a [`Found`], by the node that it is.
#[allow(dead_code, missing_docs, private_interfaces, unreachable_pub)]
pub(crate) type FoundKey = __FoundKey<
    <Movie as ::hiku::__private010::Node>::Key,
    <people::Person as ::hiku::__private010::Node>::Key,
>;
#[doc(hidden)]
#[derive(::core::clone::Clone)]
#[allow(
    dead_code,
    missing_docs,
    private_interfaces,
    unreachable_pub,
    clippy::all,
    clippy::pedantic
)]
pub(crate) enum __FoundKey<__0, __1> {
    Movie(__0),
    Someone(__1),
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    const __STORED: &[&[__hiku::StoredDef]] = &[
        __hiku::TAG,
        <Movie as __hiku::Node>::STORED,
        <people::Person as __hiku::Node>::STORED,
    ];
    const __MEMBERS: &[__hiku::MemberDef] = &[];
    static __DEF: __hiku::NodeDef = __hiku::NodeDef {
        name: "Found",
        description: ::core::option::Option::Some("Whatever is found."),
        key: &[],
        members: __MEMBERS,
        parts: &[],
        source: __hiku::SourceDef::OneOf(__hiku::AbstractDef {
            interface: false,
            implements: &[],
            nodes: &[<Movie as __hiku::Node>::def, <people::Person as __hiku::Node>::def],
        }),
    };
    #[automatically_derived]
    impl<__0: __hiku::Key, __1: __hiku::Key> __hiku::Key for __FoundKey<__0, __1> {
        const PARTS: &'static [&'static __hiku::TypeDef] = __hiku::first(
            const {
                &__hiku::concat::<
                    _,
                    9,
                >(
                    &[
                        __hiku::KEY_TAG,
                        <__0 as __hiku::Key>::PARTS,
                        <__1 as __hiku::Key>::PARTS,
                    ],
                )
            },
            __hiku::count(
                &[
                    __hiku::KEY_TAG,
                    <__0 as __hiku::Key>::PARTS,
                    <__1 as __hiku::Key>::PARTS,
                ],
            ),
        );
        fn write_to(&self, __to: &mut [__hiku::Column]) {
            match self {
                Self::Movie(__case) => {
                    __hiku::write_case(
                        __to,
                        &[
                            __hiku::KEY_TAG,
                            <__0 as __hiku::Key>::PARTS,
                            <__1 as __hiku::Key>::PARTS,
                        ],
                        0,
                        |__to| <__0 as __hiku::Key>::write_to(__case, __to),
                    )
                }
                Self::Someone(__case) => {
                    __hiku::write_case(
                        __to,
                        &[
                            __hiku::KEY_TAG,
                            <__0 as __hiku::Key>::PARTS,
                            <__1 as __hiku::Key>::PARTS,
                        ],
                        1,
                        |__to| <__1 as __hiku::Key>::write_to(__case, __to),
                    )
                }
            }
        }
    }
    #[automatically_derived]
    impl __hiku::Node for Found {
        type Key = __FoundKey<
            <Movie as __hiku::Node>::Key,
            <people::Person as __hiku::Node>::Key,
        >;
        type Columns = ();
        type Stated = __hiku::Several<Self>;
        const SEVERAL: bool = true;
        const COLUMNS: () = ();
        const STORED: &'static [__hiku::StoredDef] = &__hiku::concat::<
            _,
            { __hiku::count(__STORED) },
        >(__STORED);
        const DEF: ::core::option::Option<&'static __hiku::NodeDef> = ::core::option::Option::Some(
            &__DEF,
        );
        fn def() -> &'static __hiku::NodeDef {
            &__DEF
        }
        fn write_to(&self, __to: &mut [__hiku::Column]) {
            match self {
                Self::Movie(__case) => {
                    __hiku::write_case(
                        __to,
                        __STORED,
                        0,
                        |__to| <Movie as __hiku::Node>::write_to(__case, __to),
                    )
                }
                Self::Someone(__case) => {
                    __hiku::write_case(
                        __to,
                        __STORED,
                        1,
                        |__to| <people::Person as __hiku::Node>::write_to(__case, __to),
                    )
                }
            }
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<Movie> for Found {
        fn from(__node: Movie) -> Self {
            Self::Movie(__node)
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<people::Person> for Found {
        fn from(__node: people::Person) -> Self {
            Self::Someone(__node)
        }
    }
    const _: () = __hiku::check::single(
        <Movie as __hiku::Node>::DEF,
        "`Movie` is one of several nodes: write a variant for each of its nodes in this union",
    );
    const _: () = __hiku::check::single(
        <people::Person as __hiku::Node>::DEF,
        "`people::Person` is one of several nodes: write a variant for each of its nodes in this union",
    );
};
