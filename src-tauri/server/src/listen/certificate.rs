//! The station's own certificate authority and the leaf it signs, in `DIR/tls/`.
//!
//! `ca.crt` and `ca.key` are made once; tablets are told to trust `ca.crt`. `leaf.crt` and `leaf.key` are made anew at
//! each start and when the names or addresses of this computer change. A hospital's own certificate stands in the
//! leaf's place: a `leaf.crt` that is not the one that `leaf.ours` describes is used as it is.

use super::addresses::of_interfaces;
use crate::access::Names;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use time::OffsetDateTime;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_util::sync::CancellationToken;

/// How long a leaf is good: what browsers still take, and far more than the time between two starts.
const LEAF_DAYS: i64 = 397;
/// How long the authority is good.
const CA_DAYS: i64 = 3650;

/// TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file in `tls/`.
    #[error(
        "{path} cannot be used: {reason}. Mend it, or remove the folder tls; a new authority is then made, and every tablet must be paired again."
    )]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A certificate could not be made.
    #[error("The station's certificate could not be made: {0}.")]
    Make(#[from] rcgen::Error),
}

/// The certificate that is shown to whoever connects; it can be changed while the station runs.
#[derive(Debug)]
pub(crate) struct Certificates {
    folder: PathBuf,
    station_id: String,
    names: Names,
    /// The authority's certificate, PEM.
    pub(crate) authority: String,
    present: RwLock<Arc<CertifiedKey>>,
    covers: RwLock<Vec<String>>,
}

impl Certificates {
    pub(crate) fn load(folder: &Path, station_id: &str, names: Names) -> Result<Self, TlsError> {
        let folder = folder.join("tls");
        std::fs::create_dir_all(&folder).map_err(|error| file_error(&folder, &error))?;
        let authority = authority(&folder, station_id)?;
        let covers = covered(&names);
        let present = leaf(&folder, station_id, &covers)?;
        Ok(Self {
            folder,
            station_id: station_id.to_owned(),
            names,
            authority,
            present: RwLock::new(present),
            covers: RwLock::new(covers),
        })
    }

    /// Makes a new leaf if the names or addresses of this computer have changed, or the present one is old.
    fn renew(&self, is_old: bool) -> Result<(), TlsError> {
        let covers = covered(&self.names);
        if is_old || *self.covers.read().unwrap_or_else(PoisonError::into_inner) != covers {
            let leaf = leaf(&self.folder, &self.station_id, &covers)?;
            *self.present.write().unwrap_or_else(PoisonError::into_inner) = leaf;
            *self.covers.write().unwrap_or_else(PoisonError::into_inner) = covers;
        }
        Ok(())
    }
}

/// Looks every minute whether the certificate still fits this computer.
pub(crate) async fn renew(certificates: Arc<Certificates>, stop: CancellationToken) {
    let mut minutes = 0_i64;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(60)) => minutes += 1,
        }
        let is_old = minutes > (LEAF_DAYS - 30) * 24 * 60;
        match certificates.renew(is_old) {
            Ok(()) if is_old => minutes = 0,
            Ok(()) => {}
            Err(error) => tracing::error!(%error, "The certificate could not be renewed; the present one is kept."),
        }
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.present.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn file_error(path: &Path, reason: &dyn std::fmt::Display) -> TlsError {
    TlsError::File { path: path.to_owned(), reason: reason.to_string() }
}

/// The names and addresses that a leaf must cover.
fn covered(names: &Names) -> Vec<String> {
    let addresses = of_interfaces().into_iter().map(|address| address.to_string());
    let mut covers: Vec<String> = names.iter().map(str::to_owned).chain(addresses).collect();
    covers.extend(["127.0.0.1".to_owned(), "::1".to_owned()]);
    covers.sort();
    covers.dedup();
    covers
}

fn valid(params: &mut CertificateParams, days: i64) {
    let now = OffsetDateTime::now_utc();
    // A tablet's clock may be behind ours.
    params.not_before = now - time::Duration::days(2);
    params.not_after = now + time::Duration::days(days);
}

fn authority_params(station_id: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mut name = DistinguishedName::new();
    let short: String = station_id.chars().take(8).collect();
    name.push(DnType::CommonName, format!("Oxiward station {short}"));
    name.push(DnType::OrganizationName, "Oxiward, on this computer alone");
    params.distinguished_name = name;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    valid(&mut params, CA_DAYS);
    params
}

/// The authority's certificate, made at the first start.
fn authority(folder: &Path, station_id: &str) -> Result<String, TlsError> {
    let (certificate, key) = (folder.join("ca.crt"), folder.join("ca.key"));
    if !key.exists() || !certificate.exists() {
        let pair = KeyPair::generate()?;
        let made = authority_params(station_id).self_signed(&pair)?;
        write_private(&key, &pair.serialize_pem())?;
        std::fs::write(&certificate, made.pem()).map_err(|error| file_error(&certificate, &error))?;
    }
    std::fs::read_to_string(&certificate).map_err(|error| file_error(&certificate, &error))
}

fn leaf(folder: &Path, station_id: &str, covers: &[String]) -> Result<Arc<CertifiedKey>, TlsError> {
    let [certificate, key, ours] = ["leaf.crt", "leaf.key", "leaf.ours"].map(|name| folder.join(name));
    let present = std::fs::read(&certificate).ok();
    let described = std::fs::read_to_string(&ours).unwrap_or_default();
    let is_ours = present.as_ref().is_none_or(|pem| digest(pem) == described.trim());
    if is_ours {
        let ca_key = folder.join("ca.key");
        let pem = std::fs::read_to_string(&ca_key).map_err(|error| file_error(&ca_key, &error))?;
        let ca_pair = KeyPair::from_pem(&pem).map_err(|error| file_error(&ca_key, &error))?;
        let issuer = Issuer::new(authority_params(station_id), ca_pair);
        let pair = KeyPair::generate()?;
        let made = leaf_params(covers)?.signed_by(&pair, &issuer)?.pem();
        write_private(&key, &pair.serialize_pem())?;
        std::fs::write(&certificate, &made).map_err(|error| file_error(&certificate, &error))?;
        std::fs::write(&ours, digest(made.as_bytes())).map_err(|error| file_error(&ours, &error))?;
    }
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&certificate)
        .and_then(Iterator::collect)
        .map_err(|error| file_error(&certificate, &error))?;
    let private = PrivateKeyDer::from_pem_file(&key).map_err(|error| file_error(&key, &error))?;
    let certified = CertifiedKey::from_der(chain, private, &ring::default_provider())
        .map_err(|error| file_error(&certificate, &error))?;
    Ok(Arc::new(certified))
}

fn leaf_params(covers: &[String]) -> Result<CertificateParams, TlsError> {
    let mut params = CertificateParams::default();
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, "Oxiward station");
    params.distinguished_name = name;
    for cover in covers {
        params.subject_alt_names.push(match cover.parse() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => match cover.as_str().try_into() {
                Ok(name) => SanType::DnsName(name),
                // A host name that no certificate can carry is one that no browser can ask for.
                Err(_) => continue,
            },
        });
    }
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    valid(&mut params, LEAF_DAYS);
    Ok(params)
}

fn digest(pem: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(pem))
}

/// Writes a private key so that its owner alone can read it, from the first byte on.
fn write_private(path: &Path, text: &str) -> Result<(), TlsError> {
    let mut options = std::fs::File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| file_error(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(folder: &Path) -> Certificates {
        Certificates::load(folder, "0123456789abcdef", Names::new(&[])).unwrap()
    }

    #[test]
    fn the_authority_stays_over_restarts_and_the_leaf_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let first = load(folder.path());
        let leaf = std::fs::read(folder.path().join("tls/leaf.crt")).unwrap();
        let second = load(folder.path());
        assert_eq!(first.authority, second.authority);
        assert_ne!(leaf, std::fs::read(folder.path().join("tls/leaf.crt")).unwrap());
    }

    #[cfg(unix)]
    #[test]
    fn private_keys_are_readable_by_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        load(folder.path());
        for name in ["ca.key", "leaf.key"] {
            let mode = std::fs::metadata(folder.path().join("tls").join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }

    #[test]
    fn a_hospitals_own_certificate_is_used_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        load(folder.path());
        let pair = KeyPair::generate().unwrap();
        let own = CertificateParams::new(vec!["ward3.hospital.example".into()]).unwrap().self_signed(&pair).unwrap();
        std::fs::write(folder.path().join("tls/leaf.crt"), own.pem()).unwrap();
        std::fs::write(folder.path().join("tls/leaf.key"), pair.serialize_pem()).unwrap();
        let certificates = load(folder.path());
        let shown = certificates.present.read().unwrap();
        assert_eq!(shown.cert[0].as_ref(), own.der().as_ref());
        assert_eq!(std::fs::read_to_string(folder.path().join("tls/leaf.crt")).unwrap(), own.pem());
    }
}
