//! Starting and stopping the server.

use crate::access::{Access, Names, Session};
use crate::fanout::{Ending, Fanout};
use crate::listen::{BindError, Certificates, TlsError, accept, bind, renew};
use crate::rest::{self, Shared};
use crate::screens::Screens;
use crate::sound::Sound;
use station::Handle;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Tokens are read anew this often: a revoked one closes its connections within 5 s.
const LOOK_AT_TOKENS: Duration = Duration::from_secs(1);

/// How the server is to listen.
#[derive(Debug, Clone)]
pub struct Options {
    /// The plain address; loopback.
    pub local: SocketAddr,
    /// The TLS address; `None`: not for the LAN.
    pub lan: Option<SocketAddr>,
    /// The data folder.
    pub folder: PathBuf,
    /// Names of this computer beside those that it knows itself.
    pub names: Vec<String>,
    /// Another data folder whose tokens are good here too: a demonstration lets in whom the real station lets in.
    pub tokens_beside: Option<PathBuf>,
}

/// The server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// An address.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// A certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The record.
    #[error(transparent)]
    Record(#[from] record::QueryError),
    /// The station has stopped.
    #[error(transparent)]
    Ended(#[from] station::Ended),
    /// TLS has no version that both the crypto library and we know.
    #[error("TLS cannot be set up: {0}.")]
    Rustls(#[from] tokio_rustls::rustls::Error),
    /// The system.
    #[error("The server cannot be started: {0}.")]
    Io(#[from] std::io::Error),
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    local: SocketAddr,
    lan: Option<SocketAddr>,
    access: Access,
    fanout: Fanout,
    /// Stops what listens.
    stop: CancellationToken,
    tasks: TaskTracker,
    follower: tokio::task::JoinHandle<()>,
}

impl Server {
    /// Takes the addresses and serves.
    ///
    /// # Errors
    /// If an address cannot be taken, or the certificate cannot be made.
    pub async fn start(options: Options, station: Handle, sound: Arc<dyn Sound>) -> Result<Self, ServerError> {
        let local = bind(options.local)?;
        let lan = options.lan.map(bind).transpose()?;
        let names = Names::new(&options.names);
        let certificates = Arc::new(Certificates::load(&options.folder, station.id(), names.clone())?);
        let access = Access::new(station.record().clone(), options.tokens_beside)?;
        let mut following = station.follow().await?;
        let fanout = Fanout::new(&following, station.clock());

        let (local_address, lan_address) =
            (local.local_addr()?, lan.as_ref().map(tokio::net::TcpListener::local_addr).transpose()?);
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let screens = Screens::start(station.clone(), fanout.clone(), access.clone(), &tasks, &stop)?;
        let shared = Arc::new(Shared {
            station,
            sound,
            fanout: fanout.clone(),
            access: access.clone(),
            names,
            authority: certificates.authority.clone(),
            // Cookies know no ports: two stations on one computer must not share a name.
            cookie: format!("oxiward-{}", lan_address.unwrap_or(local_address).port()),
            lan: lan_address,
            next_client: std::sync::atomic::AtomicU64::new(1),
            tasks: tasks.clone(),
            metrics: rest::Metrics::default(),
            screens: screens.clone(),
        });
        let router = rest::router(Arc::clone(&shared));

        tasks.spawn(accept(local, None, router.clone(), tasks.clone(), stop.clone()));
        if let Some(lan) = lan {
            let provider = Arc::new(ring::default_provider());
            let mut config = ServerConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()?
                .with_no_client_auth()
                .with_cert_resolver(Arc::clone(&certificates) as Arc<_>);
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            let tls = TlsAcceptor::from(Arc::new(config));
            tasks.spawn(accept(lan, Some(tls), router, tasks.clone(), stop.clone()));
            tasks.spawn(renew(certificates, stop.clone()));
        }
        tasks.spawn(watch_tokens(access.clone(), fanout.clone(), screens, stop.clone()));
        let passing = fanout.clone();
        let follower = tokio::spawn(async move {
            while let Some(moment) = following.moments.recv().await {
                passing.pass(&moment);
            }
        });
        Ok(Self { local: local_address, lan: lan_address, access, fanout, stop, tasks, follower })
    }

    /// The plain address.
    #[must_use]
    pub const fn local(&self) -> SocketAddr {
        self.local
    }

    /// The TLS address.
    #[must_use]
    pub const fn lan(&self) -> Option<SocketAddr> {
        self.lan
    }

    /// Lets the window in with a token that lives as long as this run.
    pub fn admit(&self, session: &Session) {
        self.access.admit_session(session);
    }

    /// Waits until the follower of the hub ends, which it does by itself only when the station has.
    pub async fn failed(&mut self) {
        let _ = (&mut self.follower).await;
    }

    /// Stops in this order: no new connection, every client told what waits for it and that the station goes, all closed.
    pub async fn stop(mut self) {
        self.stop.cancel();
        // A station that has stopped has said its last words; they are passed on first.
        let _ = tokio::time::timeout(Duration::from_millis(200), &mut self.follower).await;
        self.fanout.end_all(Ending::Stopping);
        self.tasks.close();
        if tokio::time::timeout(Duration::from_secs(2), self.tasks.wait()).await.is_err() {
            tracing::debug!("Some clients did not take their leave within 2 s and are cut off.");
        }
        self.follower.abort();
    }
}

/// Closes the connections of tokens that are no more.
async fn watch_tokens(access: Access, fanout: Fanout, screens: Screens, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_AT_TOKENS) => {}
        }
        let reload = access.clone();
        match tokio::task::spawn_blocking(move || reload.reload()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::error!(%error, "The tokens could not be read; the ones known before stay.");
                continue;
            }
            Err(_) => continue,
        }
        for client in fanout.clients() {
            if !access.is_good(&client.token) {
                screens.dismiss(&client);
                client.end(Ending::Revoked);
            }
        }
        screens.forget_revoked();
    }
}
