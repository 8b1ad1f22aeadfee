use hiku::prelude::*;

#[node(table = "person")]
pub struct Person {
    #[key]
    id: i64,
    #[link(through = Friendship)]
    friends: Many<Person>,
}

#[node(table = "friendship")]
pub struct Friendship {
    #[key]
    a_id: i64,
    #[key]
    b_id: i64,
    #[link(from = a_id)]
    a: One<Person>,
    #[link(from = b_id)]
    b: One<Person>,
}

fn main() {}
