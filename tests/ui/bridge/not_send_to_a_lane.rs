use std::rc::Rc;

use hiku::bridge::async_def_send;

fn main() {
    let name = Rc::new("kirk");
    let _ = async_def_send(move || name.len());
}
