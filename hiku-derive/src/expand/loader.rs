//! The functions of an impl block.
//!
//! ```text
//! impl Character {
//!     pub const __HIKU_PART__name_further_blocks_by_part: &'static [__hiku::MemberDef] = &[
//!         __hiku::field::<__hiku::Batched<HashMap<i64, i32>>>(__hiku::names("fans", "fans"), &[], __hiku::LoaderDef {
//!             name: "Character.fans", requires: &[__hiku::param::<i64>("id")], data: &[],
//!             run: __hiku::LoaderFn::Async(|__call| ::std::boxed::Box::pin(async move {
//!                 let __0 = __hiku::batch_of::<i64>(&__call, 0);
//!                 __hiku::batch::<(i64,), _>(&__call, <Character>::fans(&__0).await)
//!             })),
//!         }),
//!     ];
//! }
//! ```

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::{arg, checks_fit, ends, names, within};
use crate::ast::{Function, Impl, Macro, Param, Role, Transaction};

/// The definitions of the block.
pub(super) fn expand(item: &Impl) -> TokenStream {
    let ty = &item.item.self_ty;
    let members = item.functions.iter().filter(|function| function.role != Role::Load).map(|each| member(item, each));
    let part = match &item.part {
        Some(part) => format_ident!("__HIKU_NAMED_{}", part.unraw(), span = part.span()),
        None => format_ident!("__HIKU_PART__name_further_blocks_by_part", span = ty.span()),
    };
    let listed = item.part.as_ref().map(|part| {
        let (name, of, type_name) = (part.unraw().to_string(), item.of.name(), &item.type_name);
        let what =
            format!("`{type_name}` does not name the part `{part}`: write `#[{of}(parts({part}))]` above the struct");
        quote_spanned!(part.span()=> const _: () = __hiku::check::part(<#ty>::__HIKU_PARTS, #name, #what);)
    });
    let load = item.functions.iter().find(|function| function.role == Role::Load).map(|function| {
        let (cfgs, loader) = (&function.names.cfgs, loader(item, function));
        quote_spanned!(function.names.ident.span()=>
            #(#cfgs)*
            #[doc(hidden)]
            pub const __HIKU_LOAD: __hiku::SourceDef = __hiku::SourceDef::Load(#loader);)
    });
    let only_load =
        item.part.is_none() && item.functions.iter().all(|function| function.role == Role::Load) && load.is_some();
    let part = (!only_load).then(|| {
        quote_spanned!(part.span()=>
            #[doc(hidden)]
            #[allow(non_upper_case_globals)]
            pub const #part: &'static [__hiku::MemberDef] = &[#(#members),*];)
    });
    let checks = item.functions.iter().flat_map(|each| checks(item, each));
    quote! {
        impl #ty {
            #part
            #load
        }
        #listed
        #(#checks)*
    }
}

/// What collects the answers of a function.
fn sink(function: &Function) -> TokenStream {
    let output = &function.output;
    within(if function.is_batch() { "BatchSink" } else { "EntrySink" }, output)
}

fn member(item: &Impl, function: &Function) -> TokenStream {
    let (cfgs, names, sink, loader) =
        (&function.names.cfgs, names(&function.names), sink(function), loader(item, function));
    let args = function.params.iter().filter_map(|param| match param {
        Param::Arg(each) => Some(arg(each)),
        _ => None,
    });
    let make = if function.role == Role::Field { quote!(field) } else { quote!(link_by) };
    let member = quote_spanned!(function.output.span()=> __hiku::#make::<#sink>(#names, &[#(#args),*], #loader));
    match &function.transaction {
        None => quote!(#(#cfgs)* #member),
        Some(Transaction { word, db }) => {
            let db = match db {
                Some(ty) => quote_spanned!(ty.span()=> __hiku::db::<#ty>()),
                None => quote!(__hiku::db::<__hiku::Db>()),
            };
            quote_spanned!(word.span()=> #(#cfgs)* __hiku::in_transaction(#member, #db))
        }
    }
}

fn loader(item: &Impl, function: &Function) -> TokenStream {
    let name = format!("{}.{}", item.type_name.unraw(), function.names.rust);
    let requires = function.requires().map(|(field, ty)| {
        let field = field.unraw().to_string();
        quote_spanned!(ty.span()=> __hiku::param::<#ty>(#field))
    });
    let data = function.params.iter().filter_map(|param| match param {
        Param::Data(ty) => Some(quote_spanned!(ty.span()=> __hiku::DataDef::of::<#ty>())),
        _ => None,
    });
    let run = run(item, function);
    quote!(__hiku::LoaderDef { name: #name, requires: &[#(#requires),*], data: &[#(#data),*], run: #run })
}

fn run(item: &Impl, function: &Function) -> TokenStream {
    let (ty, ident) = (&item.item.self_ty, &function.names.ident);
    // Variables are hygienic: these are ours, wherever the tokens beside them come from.
    let (call, row) = (format_ident!("__call"), format_ident!("__row"));
    let mut before = TokenStream::new();
    let mut values = Vec::new();
    let (mut column, mut argument) = (0, 0);
    for (at, param) in function.params.iter().enumerate() {
        let local = format_ident!("__{at}");
        let number = |count: &mut usize| {
            *count += 1;
            Literal::usize_unsuffixed(*count - 1)
        };
        let (value, given) = match param {
            Param::Batch(_, ty) => {
                let number = number(&mut column);
                (Some(quote_spanned!(ty.span()=> __hiku::batch_of::<#ty>(&#call, #number))), quote!(&#local))
            }
            Param::Row(_, ty) => {
                let number = number(&mut column);
                (None, quote_spanned!(ty.span()=> __hiku::row_of::<#ty>(&#call, #number, #row)))
            }
            Param::Data(ty) => (Some(quote_spanned!(ty.span()=> __hiku::data::<#ty>(&#call)?)), quote!(#local)),
            Param::Context => (None, quote!(&#call.context)),
            Param::Arg(arg) => {
                let (ty, number) = (&arg.ty, number(&mut argument));
                let given = match function.is_per_row() {
                    true => quote_spanned!(ty.span()=> ::core::clone::Clone::clone(&#local)),
                    false => quote!(#local),
                };
                (Some(quote_spanned!(ty.span()=> __hiku::arg::<#ty>(&#call, #number)?)), given)
            }
        };
        if let Some(value) = value {
            before.extend(quote!(let #local = #value;));
        }
        values.push(match (param, function.is_per_row()) {
            (Param::Data(ty), true) => quote_spanned!(ty.span()=> ::core::clone::Clone::clone(&#given)),
            _ => given,
        });
    }
    let wait = function.is_async.then(|| quote_spanned!(ident.span()=> .await));
    let called = quote_spanned!(ident.span()=> <#ty>::#ident(#(#values),*)#wait);
    let params = function.requires().map(|(_, ty)| quote!(#ty));
    // Underlined like the sink of the function: a result that does not fit is one error.
    let output = &function.output;
    let (first, last) = ends(output);
    let (made_of, given) = match (function.role, function.is_batch(), function.is_per_row()) {
        (Role::Load, ..) => (quote!(load::<(#(#params,)*), #ty, #output), quote_spanned!(last=> (&#call, #called))),
        (_, true, _) => (quote!(batch::<(#(#params,)*), #output), quote_spanned!(last=> (&#call, #called))),
        (_, _, true) => (quote!(per_row::<#output), quote_spanned!(last=> (&#call, |#row| #called))),
        _ => (quote!(shared::<#output), quote_spanned!(last=> (#called))),
    };
    let (open, close) = (quote_spanned!(first=> __hiku::), quote_spanned!(last=> >));
    let answer = quote!(#open #made_of #close #given);
    if function.is_async {
        return quote_spanned!(ident.span()=> __hiku::LoaderFn::Async(|#call| ::std::boxed::Box::pin(async move { #before #answer })));
    }
    let kind = match (function.is_per_row(), function.is_blocking) {
        (true, _) => quote!(Pure),
        (_, true) => quote!(Blocking),
        _ => quote!(Inline),
    };
    quote!(__hiku::LoaderFn::#kind(|#call| { #before #answer }))
}

/// That parameters are fields, of their types. Computed fields of the same block are checked when the graph is built.
fn checks<'a>(item: &'a Impl, function: &'a Function) -> impl Iterator<Item = TokenStream> + 'a {
    let computed =
        |name: &str| item.functions.iter().any(|other| other.role == Role::Field && other.names.rust == name);
    let required = (item.of == Macro::Node).then(|| function.requires()).into_iter().flatten();
    let args = function.params.iter().filter_map(|param| match param {
        Param::Arg(arg) => Some(arg),
        _ => None,
    });
    let args = args.flat_map(|arg| checks_fit(&arg.name.value(), &arg.ty, &arg.checks)).map(|check| {
        let cfgs = &function.names.cfgs;
        quote!(#(#cfgs)* #check)
    });
    let required = required.filter(move |(field, _)| !computed(&field.unraw().to_string())).map(move |(field, param)| {
        let (ty, name, cfgs) = (&item.item.self_ty, field.unraw().to_string(), &function.names.cfgs);
        let unknown = format!(
            "`{}` has no field `{name}`: name the parameter like a field, or write `#[arg]` if it is an argument",
            item.type_name
        );
        let wrong = format!(
            "`{name}` of `{}` has another type: write the type of the field, with `&str` for `String` and `Option` where it can be null",
            item.type_name
        );
        let param = quote_spanned!(param.span()=> __hiku::param_type::<#param>());
        quote_spanned!(field.span()=> #(#cfgs)* const _: () =
            __hiku::check::param(<#ty as __hiku::Node>::STORED, #name, #param, #unknown, #wrong);)
    });
    required.chain(args)
}
