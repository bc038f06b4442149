//! Keys: `per_ID_SECRET`. The id finds the row, the secret proves it. We keep HMAC-SHA-256 of the secret under a pepper
//! that is not in the database, so that a stolen database opens no door; a slow hash would protect no better, because
//! the secret has 256 bits of chance, and would cost both cores.

use crate::scope;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::staff::permissions::Operation;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use store::ApiKeyRow;
use subtle::ConstantTimeEq;

/// The letters a key begins with, by which a scanner of leaked secrets knows it.
pub const PREFIX: &str = "per";

/// What keys are hashed under: 32 bytes from a file or the environment. Never shown.
#[derive(Clone)]
pub struct Pepper([u8; 32]);

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pepper(…)")
    }
}

impl Pepper {
    /// From 32 bytes of chance.
    pub fn new(bytes: [u8; 32]) -> Pepper {
        Pepper(bytes)
    }

    /// A keyed hash of `text` for one `purpose`: what is hashed for one is of no use for another.
    pub fn hash(&self, purpose: &str, text: &[u8]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("any length of key will do");
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(text);
        mac.finalize().into_bytes().into()
    }

    /// A keyed hash of a whole body: BLAKE3, which is fast on what is long.
    pub fn of_body(&self, bytes: &[u8]) -> [u8; 32] {
        let key = blake3::derive_key("perennial 2026 bodies of requests", &self.0);
        *blake3::keyed_hash(&key, bytes).as_bytes()
    }

    /// Whether `text` has this hash, in a time that does not depend on where they differ.
    pub fn is(&self, purpose: &str, text: &[u8], hash: &[u8; 32]) -> bool {
        self.hash(purpose, text).ct_eq(hash).into()
    }
}

/// A key as it comes in.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// Finds the row.
    pub key_id: String,
    secret: String,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}, …)", self.key_id)
    }
}

impl Token {
    /// Read a key; `None` where it cannot be one.
    pub fn read(text: &str) -> Option<Token> {
        let (prefix, rest) = text.split_once('_')?;
        let (id, secret) = rest.split_once('_')?;
        let is_id =
            id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        (prefix == PREFIX && is_id && secret.len() == 43)
            .then(|| Token { key_id: format!("key_{id}"), secret: secret.to_owned() })
    }

    /// Whether this is the key of the row, and in force.
    pub fn opens(&self, row: &ApiKeyRow, pepper: &Pepper, now: i64) -> bool {
        let is_in_force = row.revoked_at.is_none() && row.expires_at.is_none_or(|end| now < end);
        // Hashed in any case: how long it takes says nothing about the row.
        pepper.is("api key", self.secret.as_bytes(), &row.hash) && is_in_force
    }
}

/// What a new key is to be.
#[derive(Debug, Clone)]
pub struct NewKey<'a> {
    /// What people call it.
    pub name: &'a str,
    /// Whose ids it speaks of; empty where it may name any.
    pub source: &'a str,
    /// What it may do.
    pub scopes: &'a [Operation],
    /// When it ends by itself, in microseconds since 1970.
    pub expires_at: Option<i64>,
    /// Who makes it.
    pub by: &'a str,
}

/// Make a key: the row to keep, and the text to show once. `chance` fills bytes with chance.
pub fn make(new: &NewKey<'_>, pepper: &Pepper, now: i64, chance: &dyn Fn(&mut [u8])) -> (ApiKeyRow, String) {
    let mut id = [0u8; 8];
    chance(&mut id);
    let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut secret = [0u8; 32];
    chance(&mut secret);
    let secret = URL_SAFE_NO_PAD.encode(secret);
    let row = ApiKeyRow {
        key_id: format!("key_{id}"),
        name: new.name.to_owned(),
        source: new.source.to_owned(),
        scopes: scope::words(new.scopes),
        hash: pepper.hash("api key", secret.as_bytes()),
        created_at: now,
        created_by: new.by.to_owned(),
        expires_at: new.expires_at,
        last_used_at: None,
        revoked_at: None,
    };
    (row, format!("{PREFIX}_{id}_{secret}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_its_row_until_it_ends() {
        let pepper = Pepper::new([7; 32]);
        let new = NewKey {
            name: "till",
            source: "north",
            scopes: &[Operation::ReadCustomers],
            expires_at: Some(100),
            by: "ana",
        };
        let (row, text) = make(&new, &pepper, 1, &|bytes| bytes.fill(3));
        let token = Token::read(&text).unwrap();
        assert_eq!(
            (token.key_id.as_str(), row.key_id.as_str()),
            ("key_0303030303030303", "key_0303030303030303")
        );
        assert!(token.opens(&row, &pepper, 99));
        assert!(!token.opens(&row, &pepper, 100), "it has ended");
        assert!(!token.opens(&row, &Pepper::new([8; 32]), 99), "another pepper");
        assert!(!token.opens(&ApiKeyRow { revoked_at: Some(2), ..row.clone() }, &pepper, 99), "revoked");
        let other = format!("{}A", &text[..text.len() - 1]);
        assert!(!Token::read(&other).unwrap().opens(&row, &pepper, 99), "another secret");
        assert!(
            !format!("{row:?} {token:?}").contains(text.rsplit('_').next().unwrap()),
            "no secret in a log"
        );
        for bad in [
            "",
            "per",
            "per_0303030303030303",
            "per_03_x",
            "key_0303030303030303_x",
            "pér_0303030303030303_x",
        ] {
            assert_eq!(Token::read(bad), None, "{bad}");
        }
    }
}
