impl Ship {
    fn weight(mass: f64) -> f64 {
        mass * 9.81
    }
}
#[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
#[allow(unused_imports, unused_qualifications)]
const _: () = {
    use ::hiku::__private010::{self as __hiku, NoPart as _};
    impl Ship {
        #[doc(hidden)]
        #[allow(non_upper_case_globals)]
        pub const __HIKU_NAMED_cargo: &'static [__hiku::MemberDef] = &[
            __hiku::field::<
                __hiku::EntrySink<f64>,
            >(
                __hiku::names("weight", "weight"),
                &[],
                __hiku::LoaderDef {
                    name: "Ship.weight",
                    requires: &[__hiku::param::<f64>("mass")],
                    data: &[],
                    run: __hiku::LoaderFn::Pure(|__call| {
                        __hiku::per_row::<
                            f64,
                        >(
                            &__call,
                            |__row| <Ship>::weight(
                                __hiku::row_of::<f64>(&__call, 0, __row),
                            ),
                        )
                    }),
                },
            ),
        ];
    }
    const _: () = __hiku::check::part(
        <Ship>::__HIKU_PARTS,
        "cargo",
        "`Ship` does not name the part `cargo`: write `#[node(parts(cargo))]` above the struct",
    );
    const _: () = __hiku::check::param(
        <Ship as __hiku::Node>::STORED,
        "mass",
        __hiku::param_type::<f64>(),
        "`Ship` has no field `mass`: name the parameter like a field, or write `#[arg]` if it is an argument",
        "`mass` of `Ship` has another type: write the type of the field, with `&str` for `String` and `Option` where it can be null",
    );
};
