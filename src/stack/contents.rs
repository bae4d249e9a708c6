//! The contents of a resource that has some: said in one of four ways, brought to one form.
//!
//! A declaration leaves here with its digest, which stands for the contents wherever it is compared,
//! and with the member [`CONTENTS`], which is no attribute and says what would be sent:
//! `{ text }`, `{ file }` (a whole path) or `{ url }`.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use indexmap::IndexMap;
use md5::Md5;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::schema::{Body, CONTENTS, Draft, secrets};

use super::document::Block;
use super::evaluate::{Evaluator, combine, known, plain_text};
use super::fill::ended;
use super::functions::reason;
use super::source::Span;
use super::tree::{Data, Entry};

/// How much of a file is read at once.
const CHUNK: usize = 1 << 16;

/// The digests of files, for as long as they stay as they are: a plan looks at each more than once.
#[derive(Debug, Default)]
pub(crate) struct Digests(Mutex<HashMap<PathBuf, (Seen, String)>>);

/// What tells that a file has changed.
type Seen = (u64, Option<SystemTime>);

impl Digests {
    /// The SHA-256 of a file in hexadecimal. The file is not kept in memory.
    fn of(&self, path: &Path) -> io::Result<(u64, String)> {
        let mut file = File::open(path)?;
        let about = file.metadata()?;
        if about.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let seen = (about.len(), about.modified().ok());
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, digest)) = known.get(path).filter(|(then, _)| *then == seen) {
            return Ok((seen.0, digest.clone()));
        }
        let mut hash = Sha256::new();
        let mut chunk = vec![0; CHUNK];
        loop {
            match file.read(&mut chunk)? {
                0 => break,
                read => hash.update(&chunk[..read]),
            }
        }
        let digest = hex::encode(hash.finalize());
        known.insert(path.to_owned(), (seen, digest.clone()));
        Ok((seen.0, digest))
    }
}

/// What a declaration's contents come to: what is sent, and its digest.
type Contents = (Draft, Draft);

impl Evaluator<'_> {
    /// The declaration with what its contents are, if its type has any; `None` where they are wrong,
    /// which is reported.
    pub(crate) fn with_contents(&self, block: &Block, desired: Draft) -> Option<Draft> {
        let Some(body) = block.schema.body else {
            return Some(desired);
        };
        let source = self.one_source(&body, block, &desired)?;
        let value = desired.get(source).unwrap_or(Draft::NULL);
        let at = entry(block, source).map_or(block.span, |entry| self.mark(&entry.value));
        let (contents, digest) = match source {
            source if source == body.text => texts(&value),
            source if source == body.file => self.file_contents(&body, &value, at)?,
            source if source == body.template => {
                texts(&self.rendered(&body, block, &desired, &value, at)?)
            }
            _ => (
                combine(&[value], |values| json!({ "url": values[0] })),
                desired.get(body.digest).unwrap_or(Draft::NULL),
            ),
        };
        if let Ok(Value::Object(sent)) = contents.resolve()
            && let Some(text) = sent.get("text").and_then(Value::as_str)
        {
            self.fits(&body, u64::try_from(text.len()).unwrap_or(u64::MAX), at)?;
        }
        let entries = desired.entries().unwrap_or_default();
        let mut whole: IndexMap<String, Draft> = entries.into_iter().collect();
        whole.insert(body.digest.to_owned(), digest);
        whole.insert(CONTENTS.to_owned(), contents);
        Some(Draft::map(whole))
    }

    /// The one attribute that says what the contents are.
    fn one_source(&self, body: &Body, block: &Block, desired: &Draft) -> Option<&'static str> {
        let title = block.schema.name;
        let there = |name: &str| desired.get(name).is_some();
        let given: Vec<&'static str> = body.sources().into_iter().filter(|n| there(n)).collect();
        let words = body.sources().map(|name| format!("`{name}`")).join(", ");
        let [source] = given[..] else {
            let at = given.get(1).and_then(|second| entry(block, second));
            let at = at.map_or(block.span, |entry| entry.key_span);
            let message = match given[..] {
                [] => format!("{title} needs contents"),
                [first, second, ..] => format!("`{first}` and `{second}` both give its contents"),
                [_] => return None,
            };
            return self.fail(at, message, format!("expected one of {words}"));
        };
        let pairs = [(body.inputs, body.template), (body.digest, body.url)];
        for (beside, of) in pairs {
            if let (true, Some(entry)) = (there(beside) && source != of, entry(block, beside)) {
                let message = format!("`{beside}` stands beside `{of}` only");
                return self.fail(entry.key_span, message, format!("there is no `{of}` here"));
            }
        }
        if source == body.url && !there(body.digest) {
            let at = entry(block, source).map_or(block.span, |entry| entry.key_span);
            return self.fail(
                at,
                format!("`{source}` needs `{}`", body.digest),
                "expected the SHA-256 of what is downloaded, so that nothing else can take its place",
            );
        }
        Some(source)
    }

    fn file_contents(&self, body: &Body, path: &Draft, at: Span) -> Option<Contents> {
        let path = match known(std::slice::from_ref(path)) {
            Ok((values, _)) => plain_text(values.first().unwrap_or(&Value::Null)),
            Err(unknown) => return Some((unknown.clone(), unknown)),
        };
        let whole = self.stack.directory.join(&path);
        let (size, digest) = match self.stack.digests.of(&whole) {
            Ok(found) => found,
            Err(error) => {
                return self.fail(
                    at,
                    format!("cannot read `{path}`: {}", reason(&error)),
                    format!("looked for {}", whole.display()),
                );
            }
        };
        self.fits(body, size, at)?;
        let contents = json!({ "file": whole.to_string_lossy() });
        Some((Draft::Known(contents), Draft::Known(digest.into())))
    }

    fn fits(&self, body: &Body, size: u64, at: Span) -> Option<()> {
        if size <= body.limit {
            return Some(());
        }
        self.fail(
            at,
            format!("its contents have {size} bytes"),
            format!(
                "expected at most {}: AWS takes no more in one piece",
                body.limit
            ),
        )
    }

    /// The text of the template, by the rules of `configs:`.
    fn rendered(
        &self,
        body: &Body,
        block: &Block,
        desired: &Draft,
        name: &Draft,
        at: Span,
    ) -> Option<Draft> {
        let name = match name.resolve() {
            Ok(name) => plain_text(&name),
            Err(unknown) => return Some(Draft::Unknown(unknown)),
        };
        let template = self.found_template(name, at)?;
        let inputs = desired.get(body.inputs).and_then(|inputs| inputs.entries());
        let inputs: IndexMap<String, Draft> = inputs.unwrap_or_default().into_iter().collect();
        self.check_inputs(&template, &inputs, |name| {
            let given = entry(block, body.inputs)?;
            let own = match &given.value.data {
                Data::Map(entries) => entries.iter().find(|entry| entry.key == name),
                _ => None,
            };
            let whole = self.mark(&given.value);
            Some(own.map_or((whole, whole), |own| (own.key_span, self.mark(&own.value))))
        })?;
        let file = block.schema.unique_name.and_then(|name| desired.get(name));
        let file = file.and_then(|file| file.resolve().ok());
        let file = plain_text(&file.unwrap_or_default());
        self.fill(&template, inputs, &file).map(ended)
    }
}

/// Contents that are text. The digest of a secret is one: short texts can be found by theirs. So is
/// the other digest, by which S3 knows it (the ETag).
fn texts(text: &Draft) -> Contents {
    if let (true, Ok(value)) = (text.is_sensitive(), text.resolve()) {
        let tag = hex::encode(Md5::digest(plain_text(&value)));
        secrets::learn(&tag.into());
    }
    let one = std::slice::from_ref(text);
    let digest = |values: &[Value]| hex::encode(Sha256::digest(plain_text(&values[0]))).into();
    (
        combine(one, |values| json!({ "text": plain_text(&values[0]) })),
        combine(one, digest),
    )
}

fn entry<'b>(block: &'b Block, name: &str) -> Option<&'b Entry> {
    block.body.iter().find(|entry| entry.key == name)
}
