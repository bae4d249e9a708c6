//! Contents on their way to AWS: text, a file that is streamed, or a download that is proved first.
//!
//! In a cloud on this machine nothing is downloaded: a short text stands in for what would be, and
//! the object's own metadata say for what.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempPath;

use super::call::Api;
use super::contract::ResourceType;
use super::errors::{ErrorKind, ProviderError};
use super::path;
use super::session::{Provider, Watch};
use crate::schema::{Body, CONTENTS};

/// Where a stand-in says for what it stands: a key of [`Body::stand_in`].
const STAND_IN: &str = "pinfra-stand-in";

/// What a call sends, and how long it has to be there.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// What `${body}` is: `content` (`{ text }` or `{ file }`) and `sha256`.
    pub body: Option<Value>,
    /// The declaration, where a stand-in says so in it.
    pub desired: Option<Value>,
    /// The downloaded file, which goes when this does.
    _file: Option<TempPath>,
}

impl Provider {
    /// The contents of a declaration; downloaded if they must be.
    ///
    /// # Errors
    /// They cannot be downloaded, are not what was declared, or are not known.
    pub(super) async fn contents(
        &self,
        ty: &ResourceType,
        desired: &Value,
        watch: &dyn Watch,
    ) -> Result<Sent, ProviderError> {
        let Some(body) = &ty.schema.body else {
            return Ok(Sent::default());
        };
        let failed = |kind, text: String| {
            let service = Api::from(ty.service).name();
            ProviderError::new(kind, service, text)
        };
        let digest = path::text_at(desired, body.digest);
        let contents = desired.get(CONTENTS).filter(|contents| !contents.is_null());
        let (Some(digest), Some(contents)) = (digest, contents) else {
            let text =
                "its contents are not known now, so it cannot be written without losing them";
            return Err(failed(ErrorKind::Impossible, text.to_owned()));
        };
        let Some(url) = path::text_at(contents, "url") else {
            return Ok(Sent {
                body: Some(sent(contents.clone(), &in_base64(&digest))),
                ..Sent::default()
            });
        };
        if self.calls_way().stands_in() {
            return Ok(stand_in(body, desired, &url, &digest));
        }
        let file = self.calls_way().download(&url, body.limit, watch).await;
        let (file, found) = file.map_err(|why| failed(ErrorKind::Failed, why))?;
        if found != digest {
            let text = format!(
                "what {url} gives is not what the file declares: its SHA-256 is {found}, and \
                 `{}` says {digest}; nothing was sent",
                body.digest
            );
            return Err(failed(ErrorKind::Failed, text));
        }
        let content = json!({ "file": file.to_string_lossy() });
        Ok(Sent {
            body: Some(sent(content, &in_base64(&digest))),
            desired: None,
            _file: Some(file),
        })
    }

    /// Reads a stand-in as what it stands for: the plan after it is empty.
    pub(super) fn see_stand_in(&self, ty: &ResourceType, attributes: &mut Value) {
        let Some(body) = ty.schema.body.filter(|_| self.calls_way().stands_in()) else {
            return;
        };
        let notes = attributes.get_mut(body.stand_in);
        let noted = notes.and_then(|notes| notes.as_object_mut()?.shift_remove(STAND_IN));
        if let Some(digest) = noted {
            path::set(attributes, body.digest, digest);
        }
    }
}

fn sent(content: Value, checksum: &str) -> Value {
    json!({ "content": content, "sha256": checksum })
}

fn stand_in(body: &Body, desired: &Value, url: &str, digest: &str) -> Sent {
    let text = format!(
        "pinfra's local cloud downloads nothing. This stands in for\n{url}\nsha256 {digest}\n"
    );
    let checksum = STANDARD.encode(Sha256::digest(&text));
    let mut noted = desired.clone();
    let place = format!("{}.{STAND_IN}", body.stand_in);
    path::set(&mut noted, &place, digest.into());
    Sent {
        body: Some(sent(json!({ "text": text }), &checksum)),
        desired: Some(noted),
        _file: None,
    }
}

/// A digest as headers have it; what is none stays as it is, and AWS says so.
fn in_base64(digest: &str) -> String {
    match hex::decode(digest) {
        Ok(bytes) => STANDARD.encode(bytes),
        Err(_) => digest.to_owned(),
    }
}
