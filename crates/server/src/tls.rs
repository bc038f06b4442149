//! TLS with the shop's own certificate. A renewed one is taken while the server runs ([`Tls::reload`]); one that is wrong
//! is not, and the one from before goes on.

use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum NoTls {
    /// A file cannot be read, or is not PEM.
    #[error("{path}: {why}")]
    File {
        /// Which.
        path: String,
        /// Why.
        why: String,
    },
    /// Certificate and key do not go together.
    #[error("{certificates} and {key} do not go together: {why}")]
    Pair {
        /// The file of certificates.
        certificates: String,
        /// The file of the key.
        key: String,
        /// Why.
        why: rustls::Error,
    },
}

/// A certificate that is shown to whoever connects, and the files it comes from.
#[derive(Debug, Clone)]
pub struct Tls {
    /// How connections are treated. TLS 1.2 and 1.3; HTTP/2 and HTTP/1.1.
    pub config: Arc<ServerConfig>,
    shown: Arc<Shown>,
    certificates: PathBuf,
    key: PathBuf,
}

/// The pair that is shown now.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl Tls {
    /// From a chain of certificates and a private key, both PEM.
    pub fn open(certificates: &Path, key: &Path) -> Result<Tls, NoTls> {
        // Another library of the process may have chosen its provider already: then that one serves.
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let shown = Arc::new(Shown(RwLock::new(Arc::new(read(certificates, key)?))));
        let mut config = ServerConfig::builder().with_no_client_auth().with_cert_resolver(shown.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let (certificates, key) = (certificates.to_owned(), key.to_owned());
        Ok(Tls { config: Arc::new(config), shown, certificates, key })
    }

    /// Read the files anew. Whoever connects from now on is shown what is in them; answers whether it is another
    /// certificate. Where something is wrong with them the one from before goes on.
    pub fn reload(&self) -> Result<bool, NoTls> {
        let anew = Arc::new(read(&self.certificates, &self.key)?);
        let mut shown = self.shown.0.write().unwrap_or_else(PoisonError::into_inner);
        let is_another = shown.cert != anew.cert;
        *shown = anew;
        Ok(is_another)
    }
}

fn read(certificates: &Path, key: &Path) -> Result<CertifiedKey, NoTls> {
    let bad = |path: &Path, why: String| NoTls::File { path: path.display().to_string(), why };
    let chain = CertificateDer::pem_file_iter(certificates)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| bad(certificates, said(error, "no certificate in PEM")))?;
    if chain.is_empty() {
        return Err(bad(certificates, "no certificate in it".to_owned()));
    }
    let private =
        PrivateKeyDer::from_pem_file(key).map_err(|error| bad(key, said(error, "no private key in PEM")))?;
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    CertifiedKey::from_der(chain, private, &provider).map_err(|why| NoTls::Pair {
        certificates: certificates.display().to_string(),
        key: key.display().to_string(),
        why,
    })
}

/// What the system says of a file; of its content nothing but that it is not what it should be.
fn said(error: pem::Error, otherwise: &str) -> String {
    match error {
        pem::Error::Io(error) => error.to_string(),
        _ => otherwise.to_owned(),
    }
}
