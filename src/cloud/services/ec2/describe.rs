//! What all Describe operations of things have in common: ids, filters, pages.

use serde_json::{Map, Value, json};

use super::errors::error;
use super::filters::{self, Table};
use super::things::{Thing, text};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::paging;

/// The most items a page can have.
const PAGE: usize = 1000;

/// One Describe operation.
pub struct Describe {
    /// What it describes.
    pub thing: &'static Thing,
    /// The request's member with ids.
    pub ids: &'static str,
    /// The reply's member.
    pub reply: &'static str,
    /// Its filters, on the reply's shape.
    pub filters: Table,
    /// Documented filters on what nothing here has.
    pub never: &'static [&'static str],
}

impl Describe {
    /// Answers the call: the things of its ids, or all; `views` makes replies of records.
    pub fn answer(
        &self,
        call: &mut Call<'_>,
        views: impl FnOnce(&mut Call<'_>, Vec<Value>) -> Result<Vec<Value>, ApiError>,
    ) -> Reply {
        let filters = filters::parse(call.list("Filters"), self.filters, self.never, true)?;
        let ids = call.strings(self.ids);
        let region = call.region;
        let records = if ids.is_empty() {
            self.thing.listed(call.txn, region)?
        } else {
            by_ids(call, self.thing, &ids)?
        };
        let views = views(call, records)?
            .into_iter()
            .filter(|view| filters::pass(&filters, view, self.thing.tags))
            .map(|view| (text(&view, self.thing.id).to_owned(), view))
            .collect();
        page(call, self.reply, views)
    }
}

/// Makes replies of records that are shown as they are kept.
pub fn plain(thing: &'static Thing) -> impl FnOnce(&mut Call<'_>, Vec<Value>) -> Views {
    move |_, records| Ok(records.into_iter().map(|r| thing.view(r)).collect())
}

/// What a making of replies gives.
pub type Views = Result<Vec<Value>, ApiError>;

/// The records of these ids, each once: all must be well formed and exist.
pub fn by_ids(call: &mut Call<'_>, thing: &Thing, ids: &[String]) -> Result<Vec<Value>, ApiError> {
    for id in ids {
        thing.check_id(id)?;
    }
    let mut records: Vec<Value> = Vec::new();
    let mut absent = Vec::new();
    for id in ids {
        match thing.get(call.txn, call.region, id)? {
            None => absent.push(id.clone()),
            Some(record) if records.contains(&record) => {}
            Some(record) => records.push(record),
        }
    }
    if absent.is_empty() {
        Ok(records)
    } else {
        Err(thing.absent(&absent))
    }
}

/// One page of views (keys unique) under `member`.
pub fn page(call: &Call<'_>, member: &str, mut views: Vec<(String, Value)>) -> Reply {
    views.sort_by(|a, b| a.0.cmp(&b.0));
    let limit = paging::limit(call.int("MaxResults"), PAGE, PAGE);
    let page = paging::page(views, call.str("NextToken"), limit)
        .map_err(|_| error("InvalidNextToken", "The specified NextToken is not valid."))?;
    let mut reply = Map::new();
    if let Some(next) = &page.next {
        reply.insert("NextToken".to_owned(), json!(next));
    }
    reply.insert(member.to_owned(), Value::Array(page.into_values()));
    Ok(Value::Object(reply))
}
