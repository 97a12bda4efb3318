//! The accept loop. Our own, because `axum::serve` sets no limit on the time that a request's head may take.

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// Connections at one time. Past it new ones wait in the system's queue.
const CONNECTIONS: usize = 8192;
/// The longest a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// The longest the head of a request may take.
const HEAD: Duration = Duration::from_secs(10);
/// The system's send buffer of a connection. A client that does not read shall be noticed by our own bound, not after
/// megabytes have gone into the system's.
const SEND_BUFFER: usize = 32 << 10;

/// Who is at the other end, and how they came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
    pub(crate) is_tls: bool,
}

/// Accepts until told to stop. Connections run in `tasks`.
pub(crate) async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, remote) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of files, or a client that left before it came: waiting a little is all that helps.
                tracing::warn!(%error, "A connection could not be accepted.");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let (tls, router, stop) = (tls.clone(), router.clone(), stop.clone());
        tasks.spawn(async move {
            if let Err(error) = talk(stream, remote, tls, router, stop).await {
                tracing::debug!(%remote, %error, "A connection ended.");
            }
            drop(place);
        });
    }
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

async fn talk(
    stream: TcpStream,
    remote: SocketAddr,
    tls: Option<TlsAcceptor>,
    router: Router,
    stop: CancellationToken,
) -> Result<(), Failed> {
    stream.set_nodelay(true)?;
    socket2::SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER)?;
    let peer = Peer { local: stream.local_addr()?, remote, is_tls: tls.is_some() };
    match tls {
        None => serve(stream, peer, router, stop).await,
        Some(tls) => {
            let stream = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await??;
            serve(stream, peer, router, stop).await
        }
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
    router: Router,
    stop: CancellationToken,
) -> Result<(), Failed> {
    let service = router.map_request(move |mut request: http::Request<Incoming>| {
        request.extensions_mut().insert(peer);
        request
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(64 << 10)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => return Ok(ended?),
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    tokio::time::timeout(Duration::from_secs(2), connection).await??;
    Ok(())
}
