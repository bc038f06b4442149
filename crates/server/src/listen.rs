//! Connections: accepted up to a number, with time limits on their headers, in the clear or over TLS, and ended so
//! that nothing that was begun is lost.

use crate::app::App;
use crate::tls::Tls;
use axum::Router;
use axum::extract::ConnectInfo;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

/// How connections are treated.
#[derive(Debug, Clone)]
pub struct Connections {
    /// How many at once; who comes then waits to be let in.
    pub most: usize,
    /// How long a client may take for the headers of a request, and for the handshake of TLS.
    pub headers_within: Duration,
    /// At the end: how long whoever was let in a moment ago and has asked nothing yet has to say what they want, before
    /// connections on which nothing is asked are closed.
    pub hear_out: Duration,
    /// How long what is under way is waited for at the end.
    pub end_within: Duration,
}

impl Default for Connections {
    fn default() -> Connections {
        Connections {
            most: 20_000,
            headers_within: Duration::from_secs(10),
            hear_out: Duration::from_secs(5),
            end_within: Duration::from_secs(30),
        }
    }
}

/// Serve until `end` comes: then take no new connection, finish what is under way, and close the writers.
pub async fn listen(
    app: App,
    listener: TcpListener,
    tls: Option<Tls>,
    connections: Connections,
    end: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let router = crate::router(app.clone());
    let acceptor = tls.as_ref().map(|tls| TlsAcceptor::from(tls.config.clone()));
    let places = Arc::new(Semaphore::new(connections.most));
    let graceful = GracefulShutdown::new();
    let unheard = Arc::new(AtomicUsize::new(0));
    let teller = tokio::spawn(crate::webhooks::desk::run(app.clone()));
    let mut minutes = 0u64;
    let mut housekeeping = tokio::time::interval(Duration::from_secs(60));
    housekeeping.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    tokio::pin!(end);
    loop {
        let place = tokio::select! {
            place = places.clone().acquire_owned() => place.expect("never closed"),
            () = &mut end => break,
        };
        let (stream, from) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, most likely: wait for some to come back.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            _ = housekeeping.tick() => {
                keep_house(&app, tls.as_ref(), minutes.is_multiple_of(60));
                minutes += 1;
                continue;
            }
            () = &mut end => break,
        };
        drop(stream.set_nodelay(true));
        let (router, acceptor, watcher) = (router.clone(), acceptor.clone(), graceful.watcher());
        let within = connections.headers_within;
        let silent = Silent::begin(&unheard);
        tokio::spawn(async move {
            let _place = place;
            match acceptor {
                None => serve(stream, from, router, within, watcher, silent).await,
                Some(acceptor) => match tokio::time::timeout(within, acceptor.accept(stream)).await {
                    Ok(Ok(stream)) => serve(stream, from, router, within, watcher, silent).await,
                    Ok(Err(error)) => tracing::debug!(%error, "no TLS"),
                    Err(_) => tracing::debug!("a handshake took too long"),
                },
            }
        });
    }
    drop(listener);
    app.begin_to_close();
    hear_out(&unheard, connections.hear_out).await;
    if tokio::time::timeout(connections.end_within, graceful.shutdown()).await.is_err() {
        tracing::warn!("some connections did not end in time; what they asked is recorded or never was");
    }
    if tokio::time::timeout(connections.end_within, teller).await.is_err() {
        tracing::warn!("some receivers of webhooks did not answer in time; they are told again");
    }
    let closing = app.clone();
    if tokio::task::spawn_blocking(move || closing.close()).await.is_err() {
        tracing::error!("closing broke off");
    }
    Ok(())
}

fn keep_house(app: &App, tls: Option<&Tls>, is_new_hour: bool) {
    crate::intake::work::kick(app);
    let (app, tls) = (app.clone(), tls.cloned());
    tokio::task::spawn_blocking(move || {
        match tls.map(|tls| tls.reload()) {
            Some(Ok(true)) => tracing::info!("another certificate is shown from now on"),
            Some(Err(no)) => tracing::error!(why = %no, "the certificate from before goes on"),
            Some(Ok(false)) | None => {}
        }
        app.time_passes();
        app.flush_keys();
        app.reload_attribute_keys();
        app.limits().shrink();
        if is_new_hour {
            app.forget();
            crate::tills::watch(&app);
        }
    });
}

/// A connection on which nothing has been asked yet.
#[derive(Clone)]
struct Silent(Arc<Counted>);

struct Counted {
    unheard: Arc<AtomicUsize>,
    is_over: AtomicBool,
}

impl Silent {
    fn begin(unheard: &Arc<AtomicUsize>) -> Silent {
        unheard.fetch_add(1, Ordering::Relaxed);
        Silent(Arc::new(Counted { unheard: unheard.clone(), is_over: AtomicBool::new(false) }))
    }

    /// Something was asked.
    fn end(&self) {
        self.0.end();
    }
}

impl Counted {
    fn end(&self) {
        if !self.is_over.swap(true, Ordering::Relaxed) {
            self.unheard.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.end();
    }
}

/// Wait until everybody who was let in has asked something or gone, for so long at most.
async fn hear_out(unheard: &AtomicUsize, most: Duration) {
    let heard = async {
        while unheard.load(Ordering::Relaxed) > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    drop(tokio::time::timeout(most, heard).await);
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    from: SocketAddr,
    router: Router,
    within: Duration,
    watcher: hyper_util::server::graceful::Watcher,
    silent: Silent,
) {
    let service = router.map_request(move |mut request: axum::http::Request<hyper::body::Incoming>| {
        silent.end();
        request.extensions_mut().insert(ConnectInfo(from));
        request
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(within)
        .max_buf_size(64 << 10)
        .max_headers(100);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(Duration::from_secs(20)))
        .keep_alive_timeout(within)
        .max_header_list_size(32 << 10)
        .max_concurrent_streams(256);
    let connection =
        builder.serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(service));
    if let Err(error) = watcher.watch(connection.into_owned()).await {
        tracing::debug!(%error, "a connection ended badly");
    }
}
