//! Values that are sealed at rest: attributes of customers that the shop calls sensitive. AES-256-GCM (NIST SP 800-38D)
//! under keys that are not in the database. What is sealed for one customer and attribute opens for no other.
//!
//! The nonce is a keyed hash of what is sealed and for whom (as SIV has it, RFC 5297), so that no chance is needed and
//! the same nonce never meets two different texts; equal values of one customer's attribute look alike, and nothing
//! else does.

use crate::failure::Failure;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a sealed value begins with.
const MARK: &str = "sealed.";

/// A key of 32 bytes. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SealKey([u8; 32]);

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealKey({})", self.id())
    }
}

impl SealKey {
    /// From 32 bytes of chance.
    pub fn new(bytes: [u8; 32]) -> SealKey {
        SealKey(bytes)
    }

    /// By what it is known: eight hexadecimal digits that say nothing of the key.
    pub fn id(&self) -> String {
        blake3::hash(&blake3::derive_key("perennial attribute key, its id", &self.0)).to_hex()[..8].to_owned()
    }

    fn seal(&self, thing: &[u8], text: &str) -> String {
        let mut hasher =
            blake3::Hasher::new_keyed(&blake3::derive_key("perennial attribute key, nonces", &self.0));
        hasher.update(&(thing.len() as u64).to_le_bytes()).update(thing).update(text.as_bytes());
        let nonce: [u8; 12] = *hasher.finalize().as_bytes().first_chunk().expect("32 bytes have 12");
        let payload = Payload { msg: text.as_bytes(), aad: thing };
        let sealed =
            self.cipher().encrypt(&Nonce::from(nonce), payload).expect("what is short can be sealed");
        format!("{MARK}{}.{}{}", self.id(), hex(&nonce), hex(&sealed))
    }

    fn open(&self, thing: &[u8], rest: &str) -> Option<String> {
        let bytes = unhex(rest)?;
        let (nonce, sealed) = bytes.split_first_chunk::<12>()?;
        let payload = Payload { msg: sealed, aad: thing };
        String::from_utf8(self.cipher().decrypt(&Nonce::from(*nonce), payload).ok()?).ok()
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&blake3::derive_key("perennial attribute key, values", &self.0).into())
    }
}

/// Reads the keys, the newest first; a sentence where it cannot.
type Load = dyn Fn() -> Result<Vec<SealKey>, String> + Send + Sync;

/// The keys of a shop: the first seals, all of them open. They are read when one is needed, and again when a value is
/// sealed under one that is not known yet, because it was made by another process.
#[derive(Clone, Default)]
pub struct Keyring(Option<Arc<Ring>>);

struct Ring {
    load: Box<Load>,
    known: Mutex<Vec<SealKey>>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(…)")
    }
}

impl Keyring {
    /// With keys that are read when they are needed.
    pub fn new(load: impl Fn() -> Result<Vec<SealKey>, String> + Send + Sync + 'static) -> Keyring {
        Keyring(Some(Arc::new(Ring { load: Box::new(load), known: Mutex::default() })))
    }

    /// Seal a customer's attribute.
    pub(crate) fn seal(&self, customer_id: &str, name: &str, text: &str) -> Result<String, Failure> {
        Ok(self.newest(name)?.seal(&thing(customer_id, name), text))
    }

    /// Whether a value is sealed under the key that seals now.
    pub(crate) fn is_newest(&self, name: &str, kept: &str) -> Result<bool, Failure> {
        Ok(key_of(kept) == Some(self.newest(name)?.id().as_str()))
    }

    /// The value as it was given; one that is not sealed is what it is.
    pub(crate) fn open(&self, customer_id: &str, name: &str, kept: &str) -> Result<String, Failure> {
        let Some((id, rest)) = kept.strip_prefix(MARK).and_then(|rest| rest.split_once('.')) else {
            return Ok(kept.to_owned());
        };
        let no = |why: String| Failure::Sealed { name: name.to_owned(), why };
        let ring = self
            .0
            .as_ref()
            .ok_or_else(|| no(format!("it is sealed under key {id}, and no keys are named")))?;
        let mut known = ring.known();
        if !known.iter().any(|key| key.id() == id) {
            *known = (ring.load)().map_err(no)?;
        }
        let key = known.iter().find(|key| key.id() == id);
        let key =
            key.ok_or_else(|| no(format!("it is sealed under key {id}, which is not among the keys")))?;
        key.open(&thing(customer_id, name), rest)
            .ok_or_else(|| no("it was altered since it was sealed".to_owned()))
    }

    fn newest(&self, name: &str) -> Result<SealKey, Failure> {
        let no = |why: String| Failure::Sealed { name: name.to_owned(), why };
        let ring = self.0.as_ref().ok_or_else(|| no("no keys are named".to_owned()))?;
        let mut known = ring.known();
        if known.is_empty() {
            *known = (ring.load)().map_err(no)?;
        }
        known.first().cloned().ok_or_else(|| no("there is no key yet".to_owned()))
    }

    /// [`Keyring::reload`], where a key was needed before.
    pub(crate) fn reload_used(&self) -> Result<(), Failure> {
        let is_used = self.0.as_ref().is_some_and(|ring| !ring.known().is_empty());
        if is_used { self.reload().map(drop) } else { Ok(()) }
    }

    /// Read the keys anew: the first of them seals from now on. Answers the id of the key that seals.
    pub fn reload(&self) -> Result<Option<String>, Failure> {
        let Some(ring) = &self.0 else { return Ok(None) };
        let no = |why: String| Failure::Sealed { name: "any".to_owned(), why };
        let keys = (ring.load)().map_err(no)?;
        let first = keys.first().map(SealKey::id);
        *ring.known() = keys;
        Ok(first)
    }
}

impl Ring {
    fn known(&self) -> MutexGuard<'_, Vec<SealKey>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a value is kept sealed.
pub(crate) fn is_sealed(kept: &str) -> bool {
    key_of(kept).is_some()
}

fn key_of(kept: &str) -> Option<&str> {
    let (id, _) = kept.strip_prefix(MARK)?.split_once('.')?;
    Some(id)
}

fn thing(customer_id: &str, name: &str) -> Vec<u8> {
    format!("attribute\0{customer_id}\0{name}").into_bytes()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(keys: &[u8]) -> Keyring {
        let keys: Vec<SealKey> = keys.iter().map(|byte| SealKey::new([*byte; 32])).collect();
        Keyring::new(move || Ok(keys.clone()))
    }

    #[test]
    fn what_is_sealed_opens_for_its_customer_and_attribute_only() {
        let sealed = ring(&[1]).seal("cus_1", "allergy", "nuts").unwrap();
        assert!(is_sealed(&sealed) && !sealed.contains("nuts"), "{sealed}");
        assert_eq!(ring(&[1]).open("cus_1", "allergy", &sealed).unwrap(), "nuts");
        assert_eq!(
            ring(&[2, 1]).open("cus_1", "allergy", &sealed).unwrap(),
            "nuts",
            "an old key still reads"
        );
        for (customer, name, keys) in
            [("cus_2", "allergy", [1]), ("cus_1", "milk", [1]), ("cus_1", "allergy", [2])]
        {
            let failure = ring(&keys).open(customer, name, &sealed).unwrap_err().to_string();
            assert!(!failure.contains("nuts"), "{failure}");
        }
        let mut altered = sealed.clone();
        let last = if altered.pop() == Some('0') { '1' } else { '0' };
        altered.push(last);
        assert!(ring(&[1]).open("cus_1", "allergy", &altered).is_err());
        assert!(ring(&[1]).open("cus_1", "allergy", &sealed[..sealed.len() - 40]).is_err());
        assert_eq!(
            ring(&[1]).open("cus_1", "milk", "oat").unwrap(),
            "oat",
            "what is not sealed is what it is"
        );
    }

    #[test]
    fn the_first_key_seals_and_no_key_is_a_failure() {
        let old = ring(&[1]).seal("cus_1", "allergy", "nuts").unwrap();
        assert!(!ring(&[2, 1]).is_newest("allergy", &old).unwrap());
        assert!(ring(&[1, 2]).is_newest("allergy", &old).unwrap());
        assert!(Keyring::default().seal("cus_1", "allergy", "nuts").is_err());
        assert!(ring(&[]).seal("cus_1", "allergy", "nuts").is_err());
        let same = ring(&[1]).seal("cus_2", "allergy", "nuts").unwrap();
        assert_ne!(old, same, "two customers with the same do not look alike");
    }
}
