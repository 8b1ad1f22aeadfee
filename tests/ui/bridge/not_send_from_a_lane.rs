use std::rc::Rc;

use hiku::bridge::async_def_send;

fn main() {
    let _ = async_def_send(|| Rc::new(1));
}
