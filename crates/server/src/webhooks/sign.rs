//! Signatures: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, under the decoded bytes of the secret, one
//! for each secret in force (Standard Webhooks 1.0.0).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What a secret begins with as people see it; the rest is base64 of its bytes.
pub const PREFIX: &str = "whsec_";

/// A secret as people see it.
pub fn shown(secret: &[u8]) -> String {
    format!("{PREFIX}{}", STANDARD.encode(secret))
}

/// The header `webhook-signature`.
pub fn signatures(secrets: &[Vec<u8>], id: &str, seconds: i64, body: &str) -> String {
    let one = |secret: &Vec<u8>| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("any length of key will do");
        mac.update(format!("{id}.{seconds}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    };
    secrets.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of the specification's reference libraries.
    #[test]
    fn the_vector_of_standard_webhooks() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", r#"{"test": 2432232314}"#);
        let signed = signatures(std::slice::from_ref(&secret), id, 1614265330, body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let both = signatures(&[secret.clone(), vec![7; 32]], id, 1614265330, body);
        assert!(both.starts_with(&signed) && both.split(' ').count() == 2, "{both}");
        assert_eq!(shown(&secret), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }
}
