struct Person {
    id: i64,
    ship_id: i64,
}
::core::compile_error! {
    "a link needs to know how its nodes are found: write `to = Node::field`, `from = field`, `through = Node` or `sql = \"..\"`"
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    use __hiku::{Col as __C, Value as __V};
    pub struct __PersonColumns {
        pub id: __C<Person, i64>,
        pub ship_id: __C<Person, i64>,
    }
    const __STORED: &[__hiku::StoredDef] = &[];
    #[automatically_derived]
    impl __hiku::Node for Person {
        type Key = i64;
        type Columns = __PersonColumns;
        type Stated = Self;
        const COLUMNS: __PersonColumns = __PersonColumns {
            id: __C::new("id"),
            ship_id: __C::new("ship_id"),
        };
        const STORED: &'static [__hiku::StoredDef] = __STORED;
        fn def() -> &'static __hiku::NodeDef {
            ::core::unreachable!()
        }
        fn write_to(&self, __to: &mut [__hiku::Column]) {
            let _ = (self, __to);
        }
    }
    impl __hiku::Model for Person {
        fn read(__r: &[__hiku::Column], __n: usize) -> Self {
            let _ = (__r, __n);
            ::core::unreachable!()
        }
    }
    #[automatically_derived]
    impl __hiku::RefersTo<Ship> for __PersonColumns {
        const COLUMNS: __hiku::List = &["ship_id"];
    }
};
