//! A struct with `#[node]`.
//!
//! ```text
//! #[node(table = "actor")]
//! struct Actor { #[key] id: i64, character_id: i64, #[link(from = character_id)] character: One<Character> }
//! ```
//! becomes, inside one `const _`:
//! ```text
//! pub struct __ActorColumns { pub id: __C<Actor, i64>, pub character_id: __C<Actor, i64> }
//! const __STORED: &[__hiku::StoredDef] = &[__hiku::stored("id", <i64 as __V>::TYPE), ..];
//! static __DEF: __hiku::NodeDef = __hiku::NodeDef { name: "Actor", members: &[ .. ], .. };
//! impl __hiku::Node for Actor { .. }
//! impl __hiku::Model for Actor { .. }
//! impl __hiku::RefersTo<Character> for __ActorColumns { const COLUMNS: __hiku::List = &["character_id"]; }
//! // and one `const _: () = __hiku::check::..;` for each check across types
//! ```

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::{field, link, option, order};
use crate::ast::{Macro, Member, Struct, Table};
use crate::lower::optional;

/// The definition.
pub(super) fn expand(item: &Struct) -> TokenStream {
    let ident = &item.item.ident;
    let columns = columns(item);
    let stored = stored(item);
    let def = def(item);
    let node = node(
        item,
        Some(&quote!(
            const DEF: __hiku::CheckedDef = ::core::option::Option::Some(&__DEF);
        )),
        &quote!(&__DEF),
        &write(item),
    );
    let refers = item.links().filter_map(|each| link::refers_to(item, each));
    let scalars = item.fields().filter_map(field::check);
    let links = item.links().flat_map(|each| link::checks(item, each));
    let model = item.table.is_some().then(|| model(item));
    let no_load = (item.table.is_some() || item.memory)
        .then(|| quote_spanned!(ident.span()=> const _: () = __hiku::check::no_load(&#ident::__HIKU_LOAD);));
    quote! {
        #columns
        #stored
        #def
        #node
        #model
        #(#refers)*
        #(#scalars)*
        #(#links)*
        #no_load
    }
}

/// What stands in for the definition when the item has mistakes: others can name its columns and link to it.
pub(super) fn stub(item: &Struct) -> TokenStream {
    let columns = columns(item);
    let node = node(item, None, &quote!(::core::unreachable!()), &quote!(let _ = (self, __to);));
    let refers = item.links().filter_map(|each| link::refers_to(item, each));
    let parts = parts_listed(item);
    let model =
        item.table.is_some().then(|| implement_model(item, &quote!(let _ = (__r, __n); ::core::unreachable!())));
    quote! {
        #columns
        const __STORED: &[__hiku::StoredDef] = &[];
        #node
        #model
        #parts
        #(#refers)*
    }
}

/// `__ActorColumns`: in camel case whatever the user's is, or rustc would warn of it twice.
pub(super) fn columns_name(item: &Struct) -> Ident {
    let words = item.item.ident.unraw().to_string();
    let words = words.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    });
    format_ident!("__{}Columns", words.collect::<String>())
}

/// As [`of`], of the trait of values, which each field names three times: by a short name.
fn value(ty: &impl ToTokens, item: &str) -> TokenStream {
    let (first, last) = super::ends(ty);
    let item = Ident::new(item, last);
    let open = quote_spanned!(first=> <);
    let close = quote_spanned!(last=> as __V>::#item);
    quote!(#open #ty #close)
}

fn columns(item: &Struct) -> TokenStream {
    let (ident, name) = (&item.item.ident, columns_name(item));
    let fields = item.fields().map(|field| {
        let (cfgs, name, ty) = (&field.names.cfgs, &field.names.ident, &field.ty);
        quote!(#(#cfgs)* pub #name: __C<#ident, #ty>)
    });
    // What each field names is short: expansions have a bound.
    quote! {
        use __hiku::{Col as __C, Value as __V};
        pub struct #name { #(#fields),* }
    }
}

fn stored(item: &Struct) -> TokenStream {
    let stored = item.fields().map(|field| {
        let (cfgs, rust, ty) = (&field.names.cfgs, &field.names.rust, &field.ty);
        let ty = value(ty, "TYPE");
        quote_spanned!(field.ty.span()=> #(#cfgs)* __hiku::stored(#rust, #ty))
    });
    quote!(const __STORED: &[__hiku::StoredDef] = &[#(#stored),*];)
}

fn def(item: &Struct) -> TokenStream {
    let keys = item.keys().map(|key| &key.names.rust);
    let source = match &item.table {
        Some(table) => source(table),
        None if item.memory => {
            let ident = &item.item.ident;
            quote!(__hiku::SourceDef::Memory(__hiku::memory::<#ident>()))
        }
        None => {
            let ident = &item.item.ident;
            quote!(#ident::__HIKU_LOAD)
        }
    };
    definition(item, &quote!(&[#(#keys),*]), &source)
}

/// `static __DEF`, of a node and of a root.
pub(super) fn definition(item: &Struct, key: &TokenStream, source: &TokenStream) -> TokenStream {
    let (ident, name, docs) = (&item.item.ident, item.name.value(), option(item.docs.as_ref()));
    let conditional = conditional(item);
    let mut position = 0..;
    let members = item.members.iter().map(|member| match member {
        Member::Field(each) if conditional => {
            let rust = &each.names.rust;
            field::stored(each, &quote!(__hiku::check::at(__STORED, #rust)))
        }
        Member::Field(each) => {
            let at = position.next().map(Literal::usize_unsuffixed);
            field::stored(each, &at.to_token_stream())
        }
        Member::Link(each) => link::expand(item, each),
    });
    let parts = item.parts.iter().map(|part| format_ident!("__HIKU_NAMED_{}", part.unraw(), span = part.span()));
    let further = further_parts(item);
    let count = Literal::usize_unsuffixed(item.members.len());
    let members_conditional = item.members.iter().any(|member| match member {
        Member::Field(field) => !field.names.cfgs.is_empty(),
        Member::Link(link) => !link.names.cfgs.is_empty(),
    });
    // An array by value: rustc looks long at each reference to what calls make, whether it can be promoted.
    let (list, members) = if members_conditional {
        (None, quote!(&[#(#members),*]))
    } else {
        (Some(quote!(static __MEMBERS: [__hiku::MemberDef; #count] = [#(#members),*];)), quote!(&__MEMBERS))
    };
    quote! {
        #further
        #list
        static __DEF: __hiku::NodeDef = __hiku::NodeDef {
            name: #name,
            description: #docs,
            key: #key,
            members: #members,
            parts: &[#ident::__HIKU_PART__name_further_blocks_by_part #(, #ident::#parts)*],
            source: #source,
        };
    }
}

/// What there is when a part has no impl block, and the list of parts, which that block asks for.
fn further_parts(item: &Struct) -> Option<TokenStream> {
    if item.parts.is_empty() {
        return None;
    }
    let ident = &item.item.ident;
    let defaults = item.parts.iter().map(|part| {
        let name = format_ident!("__HIKU_NAMED_{}", part.unraw(), span = part.span());
        let of = item.of.name();
        let what = format!("there is no `#[{of}(part = {part})] impl {ident}`: write it, or remove `{part}` from `parts(..)`");
        quote_spanned!(part.span()=> #[allow(non_upper_case_globals)] const #name: &'static [__hiku::MemberDef] = ::core::panic!(#what);)
    });
    let listed = parts_listed(item);
    Some(quote! {
        trait __NoParts { #(#defaults)* }
        impl __NoParts for #ident {}
        #listed
    })
}

/// The names of the further impl blocks, which each of them looks itself up in.
fn parts_listed(item: &Struct) -> Option<TokenStream> {
    let ident = &item.item.ident;
    let names = item.parts.iter().map(|part| part.unraw().to_string());
    (!item.parts.is_empty()).then(|| {
        quote! {
            impl #ident {
                #[doc(hidden)]
                pub const __HIKU_PARTS: __hiku::List = &[#(#names),*];
            }
        }
    })
}

fn source(table: &Table) -> TokenStream {
    let Table { name, schema, view, filter, scope, db, order: keys } = table;
    let mut rest = TokenStream::new();
    for (key, value) in [("schema", schema), ("view", view), ("filter", filter)] {
        if let Some(value) = value {
            let key = Ident::new(key, value.span());
            rest.extend(quote!(#key: ::core::option::Option::Some(#value),));
        }
    }
    if let Some(scope) = scope {
        let filter = quote_spanned!(scope.span()=> |__context| __hiku::scope(__context, __hiku::scope_fn(#scope)));
        let data = quote_spanned!(scope.span()=> __hiku::scope_data(__hiku::scope_fn(#scope)));
        rest.extend(quote!(scope: ::core::option::Option::Some(__hiku::ScopeDef { data: #data, filter: #filter }),));
    }
    if let Some(db) = db {
        rest.extend(quote_spanned!(db.span()=> db: __hiku::db::<#db>(),));
    }
    if !keys.is_empty() {
        let keys = order(keys);
        rest.extend(quote!(order: #keys,));
    }
    if rest.is_empty() {
        return quote!(__hiku::SourceDef::Table(__hiku::table(#name)));
    }
    quote!(__hiku::SourceDef::Table(__hiku::TableDef { #rest ..__hiku::table(#name) }))
}

fn node(item: &Struct, checked: Option<&TokenStream>, def: &TokenStream, write: &TokenStream) -> TokenStream {
    debug_assert!(item.of == Macro::Node);
    let (ident, columns) = (&item.item.ident, columns_name(item));
    // An `Option` was reported.
    let keys: Vec<_> = item.keys().take(4).map(|key| optional(&key.ty).unwrap_or(&key.ty)).collect();
    let key = match keys.as_slice() {
        [] => quote!(::core::primitive::i64),
        [key] => quote!(#key),
        // Underlined as its last part.
        keys => quote_spanned!(keys[keys.len() - 1].span()=> (#(#keys),*)),
    };
    let values = item.fields().map(|field| {
        let (cfgs, name, rust) = (&field.names.cfgs, &field.names.ident, &field.names.rust);
        quote!(#(#cfgs)* #name: __C::new(#rust))
    });
    quote! {
        #[automatically_derived]
        impl __hiku::Node for #ident {
            type Key = #key;
            type Columns = #columns;
            type Stated = Self;
            const COLUMNS: #columns = #columns { #(#values),* };
            const STORED: &'static [__hiku::StoredDef] = __STORED;
            #checked
            fn def() -> &'static __hiku::NodeDef { #def }
            fn write_to(&self, __to: &mut [__hiku::Column]) { #write }
        }
    }
}

/// Whether `#[cfg]` decides how many fields there are.
fn conditional(item: &Struct) -> bool {
    item.fields().any(|field| !field.names.cfgs.is_empty())
}

/// What a node with a table has beside: a row out of its columns. All operations are those of the core.
fn model(item: &Struct) -> TokenStream {
    let conditional = conditional(item);
    let each = item.fields().enumerate().map(|(at, field)| {
        let (cfgs, name) = (&field.names.cfgs, &field.names.ident);
        let at = if conditional {
            let rust = &field.names.rust;
            quote!(__hiku::check::at(__STORED, #rust))
        } else {
            Literal::usize_unsuffixed(at).to_token_stream()
        };
        let read = value(&field.ty, "read");
        quote!(#(#cfgs)* #name: #read(&__r[#at], __n))
    });
    implement_model(item, &quote!(Self { #(#each),* }))
}

fn implement_model(item: &Struct, read: &TokenStream) -> TokenStream {
    let ident = &item.item.ident;
    quote! {
        impl __hiku::Model for #ident {
            fn read(__r: &[__hiku::Column], __n: usize) -> Self { #read }
        }
    }
}

/// The columns by number; by a count where `#[cfg]` decides how many there are.
fn write(item: &Struct) -> TokenStream {
    let conditional = conditional(item);
    let each = item.fields().enumerate().map(|(at, field)| {
        let (cfgs, name, ty) = (&field.names.cfgs, &field.names.ident, &field.ty);
        let at = if conditional { quote!(&mut __to[__at]) } else { format_ident!("__{at}").to_token_stream() };
        let put = value(ty, "write_to");
        let put = quote!(#put(&self.#name, #at););
        if conditional { quote!(#(#cfgs)* { #put __at += 1; }) } else { put }
    });
    let each = quote!(#(#each)*);
    if conditional {
        return quote!(let mut __at = 0; #each let _ = __at;);
    }
    let columns = (0..item.fields().count()).map(|at| format_ident!("__{at}"));
    quote!(let [#(#columns),*] = __to else { return __hiku::wrong_columns() }; #each)
}
