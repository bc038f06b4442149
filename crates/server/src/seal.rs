//! Secrets that must be read again (of second factors, of webhooks), sealed by AES-256-GCM under a key that comes from
//! the pepper and is not in the database. What is sealed for one thing does not open for another.

use crate::key::Pepper;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

fn cipher(pepper: &Pepper) -> Aes256Gcm {
    Aes256Gcm::new(&pepper.hash("seal", b"").into())
}

/// Seal `secret` for `thing`, such as `totp of stf_…`. `nonce` is chance, never used twice.
pub fn seal(pepper: &Pepper, thing: &str, secret: &[u8], nonce: [u8; 12]) -> String {
    let payload = Payload { msg: secret, aad: thing.as_bytes() };
    let sealed = cipher(pepper).encrypt(&Nonce::from(nonce), payload).expect("what is short can be sealed");
    STANDARD_NO_PAD.encode([nonce.as_slice(), &sealed].concat())
}

/// Open what was sealed for `thing`; `None` where it was not, or not by this pepper.
pub fn open(pepper: &Pepper, thing: &str, sealed: &str) -> Option<Vec<u8>> {
    let bytes = STANDARD_NO_PAD.decode(sealed).ok()?;
    let (nonce, sealed) = bytes.split_first_chunk::<12>()?;
    cipher(pepper).decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: thing.as_bytes() }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_thing_and_pepper_only() {
        let pepper = Pepper::new([7; 32]);
        let sealed = seal(&pepper, "totp of ana", b"secret", [1; 12]);
        assert_eq!(open(&pepper, "totp of ana", &sealed).as_deref(), Some(b"secret".as_slice()));
        assert_eq!(open(&pepper, "totp of ben", &sealed), None);
        assert_eq!(open(&Pepper::new([8; 32]), "totp of ana", &sealed), None);
        assert_eq!(open(&pepper, "totp of ana", "AAAA"), None);
        assert!(!sealed.contains("secret"));
    }
}
