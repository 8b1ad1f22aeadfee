use hiku::bridge::async_def;

fn spawn<F: Future + Send + 'static>(_: F) {}

fn main() {
    spawn(async { async_def(|| 1).await });
}
