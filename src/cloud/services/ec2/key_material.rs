//! Keys themselves: made, parsed, and their fingerprints.
//!
//! EC2 has three kinds of fingerprint: a made RSA key's is the SHA-1 of its private half as PKCS#8,
//! an imported one's the MD5 of its public half as SubjectPublicKeyInfo, an ed25519 key's the
//! SHA-256 of its public half as SSH sends it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use rsa::pkcs1::{DecodeRsaPublicKey as _, EncodeRsaPrivateKey as _, LineEnding};
use rsa::pkcs8::{DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _};
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts as _;
use rsa::{BigUint, RsaPrivateKey, RsaPublicKey};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use ssh_key::public::KeyData;
use ssh_key::{Algorithm, PrivateKey, PublicKey};

use super::errors::{error, invalid_value};
use crate::cloud::error::ApiError;

/// Bits of the RSA keys that EC2 makes.
const RSA_BITS: usize = 2048;

/// Bits of the RSA keys that can be imported.
const IMPORT_BITS: [usize; 4] = [1024, 2048, 3072, 4096];

/// The longest public key that can be imported, in bytes.
const LONGEST: usize = 2048;

/// A key made or imported.
pub struct Made {
    /// `rsa` or `ed25519`.
    pub kind: &'static str,
    /// As EC2 shows it.
    pub fingerprint: String,
    /// `ssh-rsa AAAA…`, without a comment.
    pub public: String,
    /// The private half, of a key made here.
    pub private: Option<String>,
}

fn internal(error: impl std::fmt::Display) -> ApiError {
    ApiError::internal(format!("the key could not be made: {error}"))
}

/// A new RSA key; its private half is PEM of PKCS#1.
pub fn make_rsa() -> Result<Made, ApiError> {
    let private = RsaPrivateKey::new(&mut OsRng, RSA_BITS).map_err(internal)?;
    let der = private.to_pkcs8_der().map_err(internal)?;
    let pem = private.to_pkcs1_pem(LineEnding::LF).map_err(internal)?;
    Ok(Made {
        kind: "rsa",
        fingerprint: colons(&Sha1::digest(der.as_bytes())),
        public: openssh(&private.to_public_key()).map_err(internal)?,
        private: Some(pem.trim_end().to_owned()),
    })
}

/// A new ed25519 key; its private half is PEM of OpenSSH's own format.
pub fn make_ed25519() -> Result<Made, ApiError> {
    let private = PrivateKey::random(&mut OsRng, Algorithm::Ed25519).map_err(internal)?;
    let pem = private.to_openssh(LineEnding::LF).map_err(internal)?;
    let mut made = ed25519(private.public_key()).map_err(internal)?;
    made.private = Some(pem.to_string());
    Ok(made)
}

/// An RSA or ed25519 public key out of what the caller sent, still in base64: OpenSSH's line, an
/// RFC 4716 file, or PEM or base64 of DER.
pub fn import(sent: &str) -> Result<Made, ApiError> {
    let bytes = STANDARD.decode(sent).unwrap_or_default();
    if bytes.len() > LONGEST {
        return Err(invalid_value(format!(
            "Value for parameter PublicKeyMaterial is invalid. Length exceeds maximum of {LONGEST}."
        )));
    }
    parse(&bytes).ok_or_else(|| {
        error(
            "InvalidKey.Format",
            "Key is not in valid OpenSSH public key format",
        )
    })
}

fn parse(bytes: &[u8]) -> Option<Made> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return imported_rsa(&RsaPublicKey::from_public_key_der(bytes).ok()?);
    };
    let text = text.trim();
    if text.starts_with("ssh-") {
        return imported(&PublicKey::from_openssh(text).ok()?);
    }
    if text.starts_with("---- BEGIN SSH2 PUBLIC KEY") {
        return imported(&PublicKey::from_bytes(&rfc4716(text)?).ok()?);
    }
    let key = if text.starts_with("-----BEGIN RSA PUBLIC KEY") {
        RsaPublicKey::from_pkcs1_pem(text).ok()?
    } else if text.starts_with("-----BEGIN PUBLIC KEY") {
        RsaPublicKey::from_public_key_pem(text).ok()?
    } else {
        let joined: String = text.split_whitespace().collect();
        RsaPublicKey::from_public_key_der(&STANDARD.decode(joined).ok()?).ok()?
    };
    imported_rsa(&key)
}

/// The body of an RFC 4716 file: the lines between its markers that are no headers.
fn rfc4716(text: &str) -> Option<Vec<u8>> {
    let mut body = String::new();
    let mut continued = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("----") {
            continue;
        }
        let header = continued || line.contains(':');
        continued = header && line.ends_with('\\');
        if !header {
            body.push_str(line);
        }
    }
    STANDARD.decode(body).ok()
}

fn imported(key: &PublicKey) -> Option<Made> {
    match key.key_data() {
        KeyData::Ed25519(_) => ed25519(key).ok(),
        KeyData::Rsa(key) => {
            let number = |n: &ssh_key::Mpint| n.as_positive_bytes().map(BigUint::from_bytes_be);
            imported_rsa(&RsaPublicKey::new(number(&key.n)?, number(&key.e)?).ok()?)
        }
        _ => None,
    }
}

fn imported_rsa(key: &RsaPublicKey) -> Option<Made> {
    if !IMPORT_BITS.contains(&(key.size() * 8)) {
        return None;
    }
    let der = key.to_public_key_der().ok()?;
    Some(Made {
        kind: "rsa",
        fingerprint: colons(&Md5::digest(der.as_bytes())),
        public: openssh(key).ok()?,
        private: None,
    })
}

fn ed25519(key: &PublicKey) -> ssh_key::Result<Made> {
    let bare = PublicKey::new(key.key_data().clone(), "");
    Ok(Made {
        kind: "ed25519",
        fingerprint: STANDARD.encode(Sha256::digest(bare.to_bytes()?)),
        public: bare.to_openssh()?,
        private: None,
    })
}

fn openssh(key: &RsaPublicKey) -> ssh_key::Result<String> {
    let key = ssh_key::public::RsaPublicKey::try_from(key)?;
    PublicKey::new(KeyData::Rsa(key), "").to_openssh()
}

/// `1f:51:…`
fn colons(digest: &[u8]) -> String {
    let pairs: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(":")
}
