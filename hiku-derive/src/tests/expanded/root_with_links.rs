pub struct Query {}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    static __MEMBERS: [__hiku::MemberDef; 3] = [
        __hiku::MemberDef::Link(__hiku::LinkDef {
            paging: __hiku::Paging::All,
            ..__hiku::link_def(
                <Many<Ship> as __hiku::LinkType>::SHAPE,
                __hiku::names("ships", "ships"),
                __hiku::LinkVia::All,
            )
        }),
        __hiku::MemberDef::Link(__hiku::LinkDef {
            paging: __hiku::Paging::Page {
                default: 10u32,
                max: 50u32,
            },
            order: &[
                __hiku::OrderDef {
                    field: "name",
                    descending: false,
                },
            ],
            ..__hiku::link_def(
                <Many<Person> as __hiku::LinkType>::SHAPE,
                __hiku::names("people", "people"),
                __hiku::LinkVia::All,
            )
        }),
        __hiku::link(
            <Maybe<Ship> as __hiku::LinkType>::SHAPE,
            __hiku::names("ship", "ship"),
            __hiku::LinkVia::ByKey,
        ),
    ];
    static __DEF: __hiku::NodeDef = __hiku::NodeDef {
        name: "Query",
        description: ::core::option::Option::None,
        key: &[],
        members: &__MEMBERS,
        parts: &[Query::__HIKU_PART__name_further_blocks_by_part],
        source: __hiku::SourceDef::None,
    };
    #[automatically_derived]
    impl __hiku::Root for Query {
        fn def() -> &'static __hiku::NodeDef {
            &__DEF
        }
    }
    const _: () = {
        let _ = __hiku::check::has_field(
            <Many<Person> as __hiku::LinkType>::SHAPE.stored,
            "name",
            "`order` names `name`, which is no stored field of the node that `people` leads to",
        );
    };
};
