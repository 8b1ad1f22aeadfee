::core::compile_error! {
    "a scalar is a newtype: write `struct Point(String);`, with one value in it"
}
