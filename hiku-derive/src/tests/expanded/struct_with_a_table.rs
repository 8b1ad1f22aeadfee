/// Someone aboard the Enterprise.
#[derive(Clone)]
pub struct Character {
    id: i64,
    /// As on the badge.
    name: String,
    species: Option<String>,
    lower: String,
    #[cfg(feature = "ranks")]
    rank: i32,
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    use __hiku::{Col as __C, Value as __V};
    pub struct __CharacterColumns {
        pub id: __C<Character, i64>,
        pub name: __C<Character, String>,
        pub species: __C<Character, Option<String>>,
        pub lower: __C<Character, String>,
        #[cfg(feature = "ranks")]
        pub rank: __C<Character, i32>,
    }
    const __STORED: &[__hiku::StoredDef] = &[
        __hiku::stored("id", <i64 as __V>::TYPE),
        __hiku::stored("name", <String as __V>::TYPE),
        __hiku::stored("species", <Option<String> as __V>::TYPE),
        __hiku::stored("lower", <String as __V>::TYPE),
        #[cfg(feature = "ranks")]
        __hiku::stored("rank", <i32 as __V>::TYPE),
    ];
    static __DEF: __hiku::NodeDef = __hiku::NodeDef {
        name: "Character",
        description: ::core::option::Option::Some("Someone aboard the Enterprise."),
        key: &["id"],
        members: &[
            __hiku::id(
                __STORED,
                __hiku::check::at(__STORED, "id"),
                __hiku::names("id", "id"),
                "id",
            ),
            __hiku::column(
                __STORED,
                __hiku::check::at(__STORED, "name"),
                __hiku::Names {
                    description: ::core::option::Option::Some("As on the badge."),
                    ..__hiku::names("name", "title")
                },
                "full_name",
            ),
            __hiku::column(
                __STORED,
                __hiku::check::at(__STORED, "species"),
                __hiku::Names {
                    deprecated: ::core::option::Option::Some("use `name`"),
                    ..__hiku::hidden("species", "species")
                },
                "species",
            ),
            __hiku::sql(
                __STORED,
                __hiku::check::at(__STORED, "lower"),
                __hiku::names("lower", "lower"),
                "lower(full_name)",
            ),
            #[cfg(feature = "ranks")]
            __hiku::plain(__STORED, __hiku::check::at(__STORED, "rank"), "rank"),
        ],
        parts: &[Character::__HIKU_PART__name_further_blocks_by_part],
        source: __hiku::SourceDef::Table(__hiku::table("character")),
    };
    #[automatically_derived]
    impl __hiku::Node for Character {
        type Key = i64;
        type Columns = __CharacterColumns;
        type Stated = Self;
        const COLUMNS: __CharacterColumns = __CharacterColumns {
            id: __C::new("id"),
            name: __C::new("name"),
            species: __C::new("species"),
            lower: __C::new("lower"),
            #[cfg(feature = "ranks")]
            rank: __C::new("rank"),
        };
        const STORED: &'static [__hiku::StoredDef] = __STORED;
        const DEF: __hiku::CheckedDef = ::core::option::Option::Some(&__DEF);
        fn def() -> &'static __hiku::NodeDef {
            &__DEF
        }
        fn write_to(&self, __to: &mut [__hiku::Column]) {
            let mut __at = 0;
            {
                <i64 as __V>::write_to(&self.id, &mut __to[__at]);
                __at += 1;
            }
            {
                <String as __V>::write_to(&self.name, &mut __to[__at]);
                __at += 1;
            }
            {
                <Option<String> as __V>::write_to(&self.species, &mut __to[__at]);
                __at += 1;
            }
            {
                <String as __V>::write_to(&self.lower, &mut __to[__at]);
                __at += 1;
            }
            #[cfg(feature = "ranks")]
            {
                <i32 as __V>::write_to(&self.rank, &mut __to[__at]);
                __at += 1;
            }
            let _ = __at;
        }
    }
    impl __hiku::Model for Character {
        fn read(__r: &[__hiku::Column], __n: usize) -> Self {
            Self {
                id: <i64 as __V>::read(&__r[__hiku::check::at(__STORED, "id")], __n),
                name: <String as __V>::read(
                    &__r[__hiku::check::at(__STORED, "name")],
                    __n,
                ),
                species: <Option<
                    String,
                > as __V>::read(&__r[__hiku::check::at(__STORED, "species")], __n),
                lower: <String as __V>::read(
                    &__r[__hiku::check::at(__STORED, "lower")],
                    __n,
                ),
                #[cfg(feature = "ranks")]
                rank: <i32 as __V>::read(&__r[__hiku::check::at(__STORED, "rank")], __n),
            }
        }
    }
    #[cfg(feature = "ranks")]
    const _: () = __hiku::check::scalar(
        <i32 as __hiku::Value>::TYPE,
        "Int",
        "`rank` is no `Int` in the schema: write `type = ID`, or change the type of the field",
    );
    const _: () = __hiku::check::no_load(&Character::__HIKU_LOAD);
};
