//! Private keys on this machine: made, read, kept, and compared with what AWS has of them.

use std::fs::{self, File, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use md5::{Digest, Md5};
use rsa::pkcs1::{DecodeRsaPrivateKey, EncodeRsaPrivateKey};
use rsa::pkcs8::{DecodePrivateKey, EncodePublicKey, LineEnding};
use rsa::rand_core::OsRng;
use rsa::{RsaPrivateKey, RsaPublicKey};
use sha2::Sha256;
use ssh_key::{Algorithm, PrivateKey, PublicKey, public::KeyData};

/// The bits of a new RSA key: what EC2 makes itself.
const RSA_BITS: usize = 2048;

/// A key pair whose private half is here.
pub struct LocalKey {
    text: String,
    public: PublicKey,
}

impl std::fmt::Debug for LocalKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("LocalKey")
            .field(&self.fingerprint())
            .finish()
    }
}

impl LocalKey {
    /// A new key: `ed25519` in OpenSSH's format, otherwise RSA in PKCS#1 PEM, as EC2 hands them out.
    ///
    /// # Errors
    /// What the machine's randomness or the encoding said.
    pub fn generate(key_type: &str) -> Result<Self, String> {
        let text = if key_type == "ed25519" {
            let key = PrivateKey::random(&mut OsRng, Algorithm::Ed25519).map_err(said)?;
            key.to_openssh(LineEnding::LF).map_err(said)?.to_string()
        } else {
            let key = RsaPrivateKey::new(&mut OsRng, RSA_BITS).map_err(said)?;
            key.to_pkcs1_pem(LineEnding::LF).map_err(said)?.to_string()
        };
        Self::parse(text)
    }

    /// The key in a file's text: PEM in PKCS#1 or PKCS#8 (RSA), or OpenSSH's format.
    ///
    /// # Errors
    /// What it is instead.
    pub fn parse(text: String) -> Result<Self, String> {
        let public = if text.contains("BEGIN OPENSSH PRIVATE KEY") {
            let key = PrivateKey::from_openssh(&text).map_err(said)?;
            key.public_key().clone()
        } else {
            let key = RsaPrivateKey::from_pkcs1_pem(&text)
                .or_else(|_| RsaPrivateKey::from_pkcs8_pem(&text))
                .map_err(|_| "it holds no private key that is readable here (RSA in PEM without a passphrase, or OpenSSH's format)")?;
            let data = ssh_key::public::RsaPublicKey::try_from(key.to_public_key());
            PublicKey::from(KeyData::Rsa(data.map_err(said)?))
        };
        match public.key_data() {
            KeyData::Rsa(_) | KeyData::Ed25519(_) => Ok(Self { text, public }),
            _ => Err("EC2 takes RSA and ED25519 keys only".to_owned()),
        }
    }

    /// The key in the file at `path`; `None` if there is no file.
    ///
    /// # Errors
    /// Why it cannot be read or used.
    pub fn read(path: &Path) -> Result<Option<Self>, String> {
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(text).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(said(error)),
        }
    }

    /// EC2's name of its type: `rsa` or `ed25519`.
    pub fn key_type(&self) -> &'static str {
        match self.public.key_data() {
            KeyData::Ed25519(_) => "ed25519",
            _ => "rsa",
        }
    }

    /// The public half as `ImportKeyPair` takes it: OpenSSH's one line.
    ///
    /// # Errors
    /// What the encoding said.
    pub fn public_line(&self) -> Result<String, String> {
        self.public.to_openssh().map_err(said)
    }

    /// The fingerprint that EC2 shows of an imported key: of RSA the MD5 of the public key's DER
    /// (SPKI) in hexadecimal with colons, of ED25519 the SHA-256 of OpenSSH's form in base64.
    pub fn fingerprint(&self) -> String {
        let blob = self.public.to_bytes().unwrap_or_default();
        let KeyData::Rsa(data) = self.public.key_data() else {
            return STANDARD_NO_PAD.encode(Sha256::digest(blob));
        };
        let der = RsaPublicKey::try_from(data).map(|key| key.to_public_key_der());
        let Ok(Ok(der)) = der else {
            return String::new();
        };
        let pairs = Md5::digest(der.as_bytes());
        let pairs: Vec<String> = pairs.iter().map(|byte| format!("{byte:02x}")).collect();
        pairs.join(":")
    }

    /// Whether EC2's key with this public half (if it gave one) and this fingerprint is this one. A
    /// key that EC2 made has a fingerprint of another kind, so the public half counts first.
    pub fn is(&self, public_key: Option<&str>, fingerprint: Option<&str>) -> bool {
        if let Some(Ok(theirs)) = public_key.map(|line| PublicKey::from_openssh(line.trim())) {
            return theirs.key_data() == self.public.key_data();
        }
        let bare = |text: &str| {
            let text = text.trim().trim_end_matches('=');
            text.strip_prefix("SHA256:").unwrap_or(text).to_owned()
        };
        fingerprint.is_some_and(|theirs| bare(theirs) == self.fingerprint())
    }

    /// Writes the private half to a new file that only its owner can read, wholly or not at all, and
    /// has git ignore it first, also while it is only half written. A file that is there already
    /// stays: then that is the key, and the answer is `false`. What a run that was killed in the
    /// middle of this left is taken away.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub fn save(&self, path: &Path) -> Result<bool, String> {
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or("its name is no text")?;
        let directory = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let directory = directory.unwrap_or(Path::new("."));
        fs::create_dir_all(directory).map_err(said)?;
        let unfinished = Unfinished::of(name);
        ignore(directory, &[name, &unfinished.pattern()]).map_err(said)?;
        unfinished.clear(directory).map_err(said)?;
        let mut file = unfinished.create(directory).map_err(said)?;
        file.write_all(self.text.as_bytes()).map_err(said)?;
        file.as_file()
            .set_permissions(Permissions::from_mode(0o400))
            .map_err(said)?;
        file.as_file().sync_all().map_err(said)?;
        match file.persist_noclobber(path) {
            Ok(_) => {
                // The name itself must outlast a crash before its public half goes out.
                File::open(directory)
                    .and_then(|d| d.sync_all())
                    .map_err(said)?;
                Ok(true)
            }
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(said(error.error)),
        }
    }
}

/// What a file is called while it is half written: `x.pem.new-aBc123.pem`. What has git ignore all
/// files of an extension has it ignore this one too.
struct Unfinished {
    prefix: String,
    suffix: String,
}

impl Unfinished {
    fn of(name: &str) -> Self {
        let extension = name.rsplit_once('.').map(|(_, extension)| extension);
        Self {
            prefix: format!("{name}.new-"),
            suffix: extension.map_or(String::new(), |extension| format!(".{extension}")),
        }
    }

    fn pattern(&self) -> String {
        format!("{}*", self.prefix)
    }

    fn create(&self, directory: &Path) -> std::io::Result<tempfile::NamedTempFile> {
        let mut named = tempfile::Builder::new();
        named.prefix(&self.prefix).suffix(&self.suffix);
        named.tempfile_in(directory)
    }

    fn clear(&self, directory: &Path) -> std::io::Result<()> {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let name = entry.file_name();
            if name.to_str().is_some_and(|n| n.starts_with(&self.prefix)) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

/// Adds these names to their directory's `.gitignore`, unless that one or one above it, up to the
/// repository's root, has them, or the extension of the first.
fn ignore(directory: &Path, names: &[&str]) -> std::io::Result<()> {
    let extension = names.first().and_then(|name| name.rsplit_once('.'));
    let any = extension.map(|(_, extension)| format!("*.{extension}"));
    let mut missing = names.to_vec();
    for above in directory.canonicalize()?.ancestors() {
        let text = fs::read_to_string(above.join(".gitignore")).unwrap_or_default();
        let lines = text.lines().map(|line| line.trim().trim_start_matches('/'));
        for line in lines {
            if Some(line) == any.as_deref() {
                return Ok(());
            }
            missing.retain(|name| *name != line);
        }
        if above.join(".git").exists() {
            break;
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let own = directory.join(".gitignore");
    let before = fs::read_to_string(&own).unwrap_or_default();
    let gap = match before.is_empty() || before.ends_with('\n') {
        true => "",
        false => "\n",
    };
    let lines: String = missing.iter().map(|name| format!("/{name}\n")).collect();
    let mut file = File::options().create(true).append(true).open(own)?;
    write!(file, "{gap}{lines}")
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_new_key_is_kept_as_ec2_hands_them_out_and_read_again() {
        for (key_type, head) in [
            ("rsa", "-----BEGIN RSA PRIVATE KEY-----"),
            ("ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join(".gitignore"), "target").unwrap();
            let path = folder.path().join("x.pem");
            let key = LocalKey::generate(key_type).unwrap();
            assert!(key.save(&path).unwrap());
            assert!(fs::read_to_string(&path).unwrap().starts_with(head));
            assert_eq!(
                fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o400
            );
            let ignored = fs::read_to_string(folder.path().join(".gitignore")).unwrap();
            assert_eq!(ignored, "target\n/x.pem\n/x.pem.new-*\n");

            let other = LocalKey::generate("ed25519").unwrap();
            assert!(!other.save(&path).unwrap(), "an existing file stays");
            let again = LocalKey::read(&path).unwrap().unwrap();
            assert_eq!(again.key_type(), key_type);
            let line = key.public_line().unwrap();
            assert!(again.is(Some(&line), None) && !other.is(Some(&line), None));
            assert!(again.is(None, Some(&format!("{}=", key.fingerprint()))));
            let ignored = fs::read_to_string(folder.path().join(".gitignore")).unwrap();
            assert_eq!(ignored, "target\n/x.pem\n/x.pem.new-*\n", "said once");
        }
    }

    #[test]
    fn what_a_killed_run_left_is_ignored_by_git_and_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        let left = Unfinished::of("x.pem").create(folder.path()).unwrap();
        let (_, left) = left.keep().unwrap();
        let name = left.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(
            name.starts_with("x.pem.new-") && name.ends_with(".pem"),
            "{name}"
        );
        let key = LocalKey::generate("ed25519").unwrap();
        assert!(key.save(&folder.path().join("x.pem")).unwrap());
        assert!(!left.exists());
        fs::write(folder.path().join(".gitignore"), "*.pem\n").unwrap();
        assert!(key.save(&folder.path().join("y.pem")).unwrap());
        let ignored = fs::read_to_string(folder.path().join(".gitignore")).unwrap();
        assert_eq!(ignored, "*.pem\n");
    }

    /// Known answers: `ssh-keygen -l -E sha256` of the first; `openssl rsa -pubout -outform DER | md5sum` of a key is
    /// checked against the embedded cloud, which computes it by itself.
    #[test]
    fn what_is_no_private_key_is_refused() {
        for text in [
            "",
            "hello",
            "-----BEGIN RSA PRIVATE KEY-----\nAA==\n-----END RSA PRIVATE KEY-----\n",
        ] {
            assert!(LocalKey::parse(text.to_owned()).is_err(), "{text}");
        }
    }
}
