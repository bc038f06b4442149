//! A database that is reached over TLS alone: by whoever knows its authority, and by nobody who does not.

use crate::kills::Postgres;
use crate::till::{Till, join, order, server};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::json;

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority")
}

#[test]
fn a_server_is_reached_over_tls_by_whoever_knows_its_authority() {
    if server().is_none() {
        return;
    }
    let (ours, other) = (authority(), authority());
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, &ours).expect("a certificate");
    let postgres = Postgres::start_with(
        &[
            ("cert.pem", certificate.pem()),
            ("key.pem", key.serialize_pem()),
            ("pg_hba.conf", "local all all trust\nhostssl all all 127.0.0.1/32 trust\n".to_owned()),
        ],
        &["ssl=on", "ssl_cert_file=cert.pem", "ssl_key_file=key.pem"],
    );
    let folder = tempfile::tempdir().expect("a folder");
    let kept = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    };
    let (known, unknown) = (kept("ours.pem", ours.pem()), kept("other.pem", other.pem()));
    let url = |host: &str, rest: &str| format!("postgres://shop@{host}:{}/postgres?{rest}", postgres.port);

    let till = Till::at(url("localhost", &format!("sslmode=verify-full&sslrootcert={known}")));
    till.record(&[join("ana"), order("o-1", "ana", 500)]);
    assert_eq!(till.record(&[order("o-1", "ana", 500)])[0]["is_repeat"], json!(true));
    assert_eq!(till.points(), 5);
    assert!(till.ok("verify").contains("all is sound"));

    for (why, refused) in [
        ("another's authority", url("localhost", &format!("sslmode=require&sslrootcert={unknown}"))),
        (
            "a name that the certificate does not have",
            url("127.0.0.1", &format!("sslmode=require&sslrootcert={known}")),
        ),
        ("without TLS", url("localhost", "sslmode=disable")),
    ] {
        let run = till.run(&format!("db url-check {refused}"));
        assert_eq!(run.code, 3, "{why}: {}{}", run.out, run.err);
    }
}
