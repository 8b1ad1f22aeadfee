use hiku::prelude::*;

#[node(table = "ship", scope = tenant)]
struct Ship {
    #[key]
    id: i64,
}

struct Tenant(i64);

fn tenant(tenant: &Tenant) -> i64 {
    tenant.0
}

fn main() {}
