//! A proxy that cuts, between the tests and a database server.

use std::sync::Arc;

use hiku::sqlx::ConnectOptions;
use hiku::sqlx::mysql::MySqlConnectOptions;
use hiku::sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::databases::{mariadb_url, postgres_url};

#[derive(Clone, Copy, PartialEq)]
pub enum Way {
    Through,
    /// Whoever connects is cut off, as is whoever was connected.
    Down,
    /// Cut when the server has sent so many bytes.
    CutAfter(usize),
}

pub struct Proxy {
    /// Through the proxy.
    pub url: String,
    /// To the same database, past it.
    pub direct: String,
    pub way: watch::Sender<Way>,
    cuts: watch::Sender<Arc<()>>,
}

impl Proxy {
    /// One before each server that there is, with a database of its own.
    pub async fn before_each() -> Vec<Proxy> {
        let mut all = Vec::new();
        if let Some((direct, schema)) = postgres_url().await {
            let options: PgConnectOptions = direct.parse().unwrap();
            all.push(Self::start(direct, options, &[("options", &format!("-csearch_path={schema}"))]).await);
        }
        if let Some(direct) = mariadb_url().await {
            let options: MySqlConnectOptions = direct.parse().unwrap();
            all.push(Self::start(direct, options, &[]).await);
        }
        all
    }

    /// `more` is what sqlx forgets of the options.
    async fn start(direct: String, options: impl ConnectOptions, more: &[(&str, &str)]) -> Proxy {
        let mut url = options.to_url_lossy();
        if !more.is_empty() {
            url.query_pairs_mut().extend_pairs(more);
        }
        let server = (url.host_str().unwrap().to_owned(), url.port().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let (way, watched) = watch::channel(Way::Through);
        let (cuts, cut) = watch::channel(Arc::new(()));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (watched, mut cut) = (watched.clone(), cut.clone());
                let since = Arc::clone(&cut.borrow_and_update());
                if *watched.borrow() != Way::Down {
                    let server = TcpStream::connect((server.0.as_str(), server.1)).await.unwrap();
                    tokio::spawn(pipe(since, client, server, watched, cut));
                }
            }
        });
        Proxy { url: url.to_string(), direct, way, cuts }
    }

    /// Cut every connection; new ones come through.
    pub async fn cut(&self) {
        let those = self.cuts.send_replace(Arc::default());
        while Arc::strong_count(&those) > 1 {
            tokio::task::yield_now().await;
        }
    }
}

/// `_since` which cut it is there, until it has ended.
async fn pipe(
    _since: Arc<()>,
    mut client: TcpStream,
    mut server: TcpStream,
    mut way: watch::Receiver<Way>,
    mut cut: watch::Receiver<Arc<()>>,
) {
    let (mut up, mut down) = ([0; 4096], [0; 4096]);
    let mut sent = 0;
    loop {
        tokio::select! {
            _ = cut.changed() => return,
            changed = way.changed() => if changed.is_err() || *way.borrow() == Way::Down { return },
            read = client.read(&mut up) => match read {
                Ok(1..) if server.write_all(&up[..read.unwrap_or(0)]).await.is_ok() => {}
                _ => return,
            },
            read = server.read(&mut down) => match read {
                Ok(length @ 1..) => {
                    sent += length;
                    if matches!(*way.borrow(), Way::CutAfter(bytes) if sent > bytes) {
                        return;
                    }
                    if client.write_all(&down[..length]).await.is_err() {
                        return;
                    }
                }
                _ => return,
            },
        }
    }
}
