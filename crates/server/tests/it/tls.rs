//! TLS over real sockets, with a client that knows the shop's authority and nobody else's: the certificate is shown, a
//! renewed one is taken while the server runs, and what is wrong with files is said.

use crate::shop::Shop;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use reqwest::{Certificate, Client, Version};
use server::listen::{Connections, listen};
use server::tls::Tls;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Who signs certificates.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Write a certificate for `localhost` and its key into a folder.
    fn certify(&self, folder: &Path) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &*self.0).unwrap();
        std::fs::write(folder.join("cert.pem"), certificate.pem()).unwrap();
        std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    }

    /// A client that trusts this authority alone.
    fn client(&self, address: SocketAddr) -> Client {
        let root = Certificate::from_pem(self.0.pem().as_bytes()).unwrap();
        let client = Client::builder().tls_certs_only([root]).resolve("localhost", address).no_proxy();
        client.build().unwrap()
    }
}

fn files(folder: &Path) -> (PathBuf, PathBuf) {
    (folder.join("cert.pem"), folder.join("key.pem"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_knows_the_authority_is_served_also_after_the_certificate_was_renewed() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (Authority::new(), Authority::new());
    first.certify(folder.path());
    let (certificate, key) = files(folder.path());
    let tls = Tls::open(&certificate, &key).unwrap();
    let shop = Shop::open();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let url = format!("https://localhost:{}/livez", address.port());
    let (end, ended) = oneshot::channel::<()>();
    let serving =
        tokio::spawn(listen(shop.app.clone(), listener, Some(tls.clone()), Connections::default(), async {
            drop(ended.await);
        }));

    let answer = first.client(address).get(&url).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_2), "over HTTP/2");
    let strange = second.client(address).get(&url).send().await.unwrap_err();
    assert!(format!("{strange:?}").contains("InvalidCertificate"), "{strange:?}");
    let plain = Client::builder().no_proxy().build().unwrap();
    assert!(plain.get(url.replace("https", "http")).send().await.is_err(), "nothing in the clear");

    // Renewed: by somebody else, so that it is seen which of the two is shown.
    second.certify(folder.path());
    assert!(tls.reload().unwrap(), "it is another");
    assert!(!tls.reload().unwrap(), "and the same again");
    assert_eq!(second.client(address).get(&url).send().await.unwrap().status(), 200);
    assert!(first.client(address).get(&url).send().await.is_err());

    // Half of a renewal: the one from before goes on.
    let whole = std::fs::read(&key).unwrap();
    std::fs::write(&key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    let refused = tls.reload().unwrap_err().to_string();
    assert!(refused.contains("do not go together"), "{refused}");
    assert_eq!(second.client(address).get(&url).send().await.unwrap().status(), 200);
    std::fs::write(&key, whole).unwrap();
    assert!(!tls.reload().unwrap());
    end.send(()).unwrap();
    serving.await.unwrap().unwrap();
}

#[test]
fn what_is_wrong_with_the_files_is_said_and_nothing_that_is_in_them() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = files(folder.path());
    let refused = |certificate: &Path, key: &Path| Tls::open(certificate, key).unwrap_err().to_string();
    let missing = refused(&certificate, &key);
    assert!(
        missing.starts_with(&certificate.display().to_string()) && missing.contains("No such file"),
        "{missing}"
    );
    Authority::new().certify(folder.path());
    let missing = refused(&certificate, &folder.path().join("none.pem"));
    assert!(missing.contains("none.pem: No such file"), "{missing}");
    // The two exchanged, as happens.
    let exchanged = refused(&key, &certificate);
    assert!(exchanged.contains("key.pem: no certificate in it"), "{exchanged}");
    assert!(refused(&certificate, &certificate).contains("cert.pem: no private key in PEM"));
    let other = folder.path().join("other.pem");
    std::fs::write(&other, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    let pair = refused(&certificate, &other);
    assert!(pair.contains("cert.pem and ") && pair.contains("do not go together"), "{pair}");
    let secret = std::fs::read_to_string(&other).unwrap();
    let line = secret.lines().nth(1).unwrap();
    assert!(!pair.contains(line));
    std::fs::write(&other, "-----BEGIN PRIVATE KEY-----\nnonsense\n").unwrap();
    assert!(refused(&certificate, &other).contains("no private key in PEM"));
    std::fs::write(&certificate, "").unwrap();
    assert!(refused(&certificate, &key).contains("cert.pem: no certificate in it"));
}
