//! What PostgreSQL needs of us: a connection with or without TLS, our values as its types, its errors as ours.

use super::Value;
use crate::failure::Failure;
use postgres::types::private::BytesMut;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Config, NoTls, Statement};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error as StdError;
use std::time::Duration;
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a server may take to answer the first call.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection with the statements it has prepared.
pub(crate) struct Server {
    pub client: Client,
    statements: HashMap<String, Statement>,
}

impl Server {
    /// The statement, prepared once a connection.
    pub fn prepare(&mut self, sql: &str) -> Result<Statement, postgres::Error> {
        if let Some(known) = self.statements.get(sql) {
            return Ok(known.clone());
        }
        let statement = self.client.prepare(sql)?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// Connect to a `postgres://` URL. TLS is said in the URL: `sslmode=disable` never, `prefer` (where nothing is said)
/// if the server has it, `require` and `verify-full` always. The certificate is verified in either case, against the
/// system's authorities or those of `sslrootcert=FILE`.
pub(crate) fn connect(url: &str) -> Result<RefCell<Server>, Failure> {
    let shown = without_password(url);
    let refused =
        |source: Box<dyn StdError + Send + Sync>| Failure::Unreachable { url: shown.clone(), source };
    let (rest, authorities) = take_parameter(url, "sslrootcert");
    let plain = rest
        .replace("sslmode=verify-full", "sslmode=require")
        .replace("sslmode=verify-ca", "sslmode=require");
    let mut config: Config = plain.parse().map_err(|error: postgres::Error| refused(error.into()))?;
    config.connect_timeout(PATIENCE);
    if config.get_application_name().is_none() {
        config.application_name("perennial");
    }
    let client = if config.get_ssl_mode() == postgres::config::SslMode::Disable || is_local(&config) {
        config.connect(NoTls)
    } else {
        config.connect(tls(authorities.as_deref()).map_err(refused)?)
    };
    let client = client.map_err(|error| refused(error.into()))?;
    Ok(RefCell::new(Server { client, statements: HashMap::new() }))
}

/// A server on this machine that nobody asked to encrypt.
fn is_local(config: &Config) -> bool {
    let local = |host: &postgres::config::Host| match host {
        postgres::config::Host::Tcp(name) => matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1"),
        #[cfg(unix)]
        postgres::config::Host::Unix(_) => true,
    };
    config.get_ssl_mode() == postgres::config::SslMode::Prefer && config.get_hosts().iter().all(local)
}

fn tls(authorities: Option<&str>) -> Result<MakeRustlsConnect, Box<dyn StdError + Send + Sync>> {
    // Another library of the process may have chosen its provider already: then that one serves.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let Some(file) = authorities else {
        let none = || "this system has no certificates of authorities: name a file with sslrootcert=FILE";
        return MakeRustlsConnect::with_native_certs().map(|(tls, _)| tls).map_err(|_| none().into());
    };
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file)? {
        roots.add(certificate?)?;
    }
    let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// The URL without the parameter `name`, and its value.
fn take_parameter(url: &str, name: &str) -> (String, Option<String>) {
    let Some((base, query)) = url.split_once('?') else { return (url.to_owned(), None) };
    let (taken, kept): (Vec<&str>, Vec<&str>) =
        query.split('&').partition(|part| part.split_once('=').is_some_and(|(key, _)| key == name));
    let value = taken.last().and_then(|part| part.split_once('=')).map(|(_, value)| decoded(value));
    let url = if kept.is_empty() { base.to_owned() } else { format!("{base}?{}", kept.join("&")) };
    (url, value)
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = tail.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match (first, code) {
            (b'%', Some(code)) => {
                bytes.push(code);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The URL as it may be shown: who and where, no password and no parameters.
pub fn without_password(url: &str) -> String {
    let base = url.split('?').next().unwrap_or(url);
    match base.rsplit_once('@') {
        Some((who, place)) => {
            let (scheme, who) = who.split_once("://").unwrap_or(("postgres", who));
            format!("{scheme}://{}@{place}", who.split(':').next().unwrap_or(who))
        }
        None => base.to_owned(),
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match (*self, ty) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Int(value), &Type::INT8) => value.to_sql(ty, out),
            (Value::Int(value), &Type::INT4) => i32::try_from(value)?.to_sql(ty, out),
            (Value::Int(value), &Type::INT2) => i16::try_from(value)?.to_sql(ty, out),
            (Value::Text(text), &Type::TEXT | &Type::VARCHAR | &Type::NAME) => text.to_sql(ty, out),
            (Value::Bytes(bytes), &Type::BYTEA) => bytes.to_sql(ty, out),
            (value, ty) => Err(format!("{value:?} is no {ty}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// The name of a type in a cast.
pub(crate) fn type_name(ty: &Type) -> &'static str {
    match *ty {
        Type::INT8 => "bigint",
        Type::INT4 => "integer",
        Type::INT2 => "smallint",
        Type::BYTEA => "bytea",
        _ => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_message_holds_a_password() {
        for (url, shown) in [
            ("postgres://ana:secret@host/shop", "postgres://ana@host/shop"),
            ("postgres://ana:p@ss@host:5433/shop?sslmode=require", "postgres://ana@host:5433/shop"),
            ("postgresql://host/shop?password=secret", "postgresql://host/shop"),
        ] {
            assert_eq!(without_password(url), shown, "{url}");
        }
    }

    #[test]
    fn parameters_of_ours_are_taken_out_of_the_url() {
        let (url, file) =
            take_parameter("postgres://h/s?sslmode=require&sslrootcert=%2Fetc%2Fca.pem", "sslrootcert");
        assert_eq!((url.as_str(), file.as_deref()), ("postgres://h/s?sslmode=require", Some("/etc/ca.pem")));
        assert_eq!(take_parameter("postgres://h/s", "sslrootcert"), ("postgres://h/s".to_owned(), None));
        assert_eq!(take_parameter("postgres://h/s?sslrootcert=a", "sslrootcert").0, "postgres://h/s");
    }

    #[test]
    fn a_server_that_is_not_there_is_named_without_its_password() {
        let failure =
            connect("postgres://ana:secret@127.0.0.1:1/shop").err().expect("nobody listens on port 1");
        let message = failure.to_string();
        assert!(message.starts_with("postgres://ana@127.0.0.1:1/shop cannot be reached"), "{message}");
        assert!(matches!(failure, Failure::Unreachable { .. }));
    }

    #[test]
    fn a_file_of_authorities_that_is_not_there_is_a_failure() {
        let url = "postgres://h/s?sslmode=verify-full&sslrootcert=/nowhere/ca.pem";
        assert!(matches!(connect(url), Err(Failure::Unreachable { .. })));
    }
}
