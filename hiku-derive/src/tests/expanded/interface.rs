///The key of a [`Titled`], by the node that it is.
#[allow(dead_code, missing_docs, private_interfaces, unreachable_pub)]
type TitledKey = __TitledKey<
    <Movie as ::hiku::__private010::Node>::Key,
    <Book as ::hiku::__private010::Node>::Key,
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
enum __TitledKey<__0, __1> {
    Movie(__0),
    Book(__1),
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    const __STORED: &[&[__hiku::StoredDef]] = &[
        __hiku::TAG,
        <Movie as __hiku::Node>::STORED,
        <Book as __hiku::Node>::STORED,
    ];
    const __MEMBERS: &[__hiku::MemberDef] = &[
        __hiku::declared(
            __hiku::Names {
                description: ::core::option::Option::Some("How it is called."),
                ..__hiku::names("title", "title")
            },
            <String as __hiku::Value>::TYPE,
            &[__hiku::argument("upper", <Option<bool> as __hiku::Value>::TYPE)],
        ),
        __hiku::declared_link(
            <Maybe<Person> as __hiku::LinkType>::SHAPE,
            __hiku::names("author", "author"),
            &[],
        ),
    ];
    static __DEF: __hiku::NodeDef = __hiku::NodeDef {
        name: "Titled",
        description: ::core::option::Option::None,
        key: &[],
        members: __MEMBERS,
        parts: &[],
        source: __hiku::SourceDef::OneOf(__hiku::AbstractDef {
            interface: true,
            implements: &[<Entity as __hiku::Node>::def],
            nodes: &[<Movie as __hiku::Node>::def, <Book as __hiku::Node>::def],
        }),
    };
    #[automatically_derived]
    impl<__0: __hiku::Key, __1: __hiku::Key> __hiku::Key for __TitledKey<__0, __1> {
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
                Self::Book(__case) => {
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
    impl __hiku::Node for Titled {
        type Key = __TitledKey<
            <Movie as __hiku::Node>::Key,
            <Book as __hiku::Node>::Key,
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
                Self::Book(__case) => {
                    __hiku::write_case(
                        __to,
                        __STORED,
                        1,
                        |__to| <Book as __hiku::Node>::write_to(__case, __to),
                    )
                }
            }
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<Movie> for Titled {
        fn from(__node: Movie) -> Self {
            Self::Movie(__node)
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<Book> for Titled {
        fn from(__node: Book) -> Self {
            Self::Book(__node)
        }
    }
    const _: () = __hiku::check::single(
        <Movie as __hiku::Node>::DEF,
        "`Movie` is one of several nodes: write a variant for each of its nodes in this interface",
    );
    const _: () = __hiku::check::single(
        <Book as __hiku::Node>::DEF,
        "`Book` is one of several nodes: write a variant for each of its nodes in this interface",
    );
    const _: () = __hiku::check::carries(
        __MEMBERS,
        <Entity as __hiku::Node>::DEF,
        "`Entity` is no interface: name one with `#[derive(Interface)]`",
        "`Titled` implements `Entity`, but lacks one of its fields or says it otherwise: say every field of `Entity` here too",
    );
    const _: () = __hiku::check::implements(
        &__MEMBERS[0],
        <Movie as __hiku::Node>::DEF,
        [
            "`Movie` has no field `title`, which the interface `Titled` says: add it to `Movie`, or remove it here",
            "`title` of `Movie` is of another type than the interface `Titled` says: make them alike",
            "`title` of `Movie` takes other arguments than the interface `Titled` says: say the same ones, others can be null or have a default",
        ],
    );
    const _: () = __hiku::check::implements(
        &__MEMBERS[0],
        <Book as __hiku::Node>::DEF,
        [
            "`Book` has no field `title`, which the interface `Titled` says: add it to `Book`, or remove it here",
            "`title` of `Book` is of another type than the interface `Titled` says: make them alike",
            "`title` of `Book` takes other arguments than the interface `Titled` says: say the same ones, others can be null or have a default",
        ],
    );
    const _: () = __hiku::check::implements(
        &__MEMBERS[1],
        <Movie as __hiku::Node>::DEF,
        [
            "`Movie` has no link `author`, which the interface `Titled` says: add it to `Movie`, or remove it here",
            "`author` of `Movie` is of another type than the interface `Titled` says: make them alike",
            "`author` of `Movie` takes other arguments than the interface `Titled` says: say the same ones, others can be null or have a default",
        ],
    );
    const _: () = __hiku::check::implements(
        &__MEMBERS[1],
        <Book as __hiku::Node>::DEF,
        [
            "`Book` has no link `author`, which the interface `Titled` says: add it to `Book`, or remove it here",
            "`author` of `Book` is of another type than the interface `Titled` says: make them alike",
            "`author` of `Book` takes other arguments than the interface `Titled` says: say the same ones, others can be null or have a default",
        ],
    );
};
