use hiku::bridge::{async_def, async_def_send};

async fn lengths(name: &str) -> usize {
    async_def(|| name.len()).await + async_def_send(|| name.len()).await
}

fn main() {
    let _ = lengths("kirk");
}
