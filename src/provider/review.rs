//! What people compare before they let it be changed.

use serde_json::Value;

use super::contract::{Read, ReadWhen, ResourceType};
use super::errors::{ErrorKind, ProviderError};
use super::live::Live;
use super::session::Provider;
use super::{path, reshape};

impl Provider {
    /// The live contents of an object, if they are a text that can be read; `None` too where the
    /// service does not give them.
    ///
    /// # Errors
    /// The service did not answer.
    pub async fn contents_now(
        &self,
        ty: &'static ResourceType,
        live: &Live,
    ) -> Result<Option<String>, ProviderError> {
        let Some(read) = ty.reads.iter().find(|read| is_for(read, live)) else {
            return Ok(None);
        };
        match self.ask_of(ty, live, &read.call, read.pages).await {
            Ok(reply) => Ok(match reshape::take(reply, read.at) {
                Some(Value::String(text)) => Some(text),
                _ => None,
            }),
            // Archived, encrypted with a key that is not ours, another by now: nothing is to be done.
            Err(error) if [ErrorKind::Refused, ErrorKind::Denied].contains(&error.kind) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Whether a read gives the contents of an object for people to compare.
fn is_for(read: &Read, live: &Live) -> bool {
    let ReadWhen::Differing(_, number, most) = read.when else {
        return false;
    };
    let number = path::get(&live.attributes, number).and_then(Value::as_i64);
    number.is_some_and(|number| number <= most)
}
