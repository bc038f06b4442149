//! TLS with the shop's own certificate.

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;

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
    #[error("certificate and key do not go together: {0}")]
    Pair(#[from] rustls::Error),
}

/// From a chain of certificates and a private key, both PEM. TLS 1.2 and 1.3; HTTP/2 and HTTP/1.1.
pub fn config(certificates: &Path, key: &Path) -> Result<Arc<ServerConfig>, NoTls> {
    let bad = |path: &Path, why: String| NoTls::File { path: path.display().to_string(), why };
    let chain = CertificateDer::pem_file_iter(certificates)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| bad(certificates, error.to_string()))?;
    if chain.is_empty() {
        return Err(bad(certificates, "no certificate in it".to_owned()));
    }
    // The error of a key file does not say what is in it.
    let key = PrivateKeyDer::from_pem_file(key).map_err(|_| bad(key, "no private key in PEM".to_owned()))?;
    // Another library of the process may have chosen its provider already: then that one serves.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let mut config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
