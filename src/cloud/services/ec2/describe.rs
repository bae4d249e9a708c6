//! What all Describe operations of things have in common: ids, filters, pages.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

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
    /// Answers the call: the things of its ids, or all; `views` makes a reply of
    /// each record, in the same order.
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
        if filters.is_empty() {
            let (records, next) = cut(call, self.keyed(records))?;
            return Ok(reply(self.reply, views(call, records)?, next));
        }
        let mut views = views(call, records)?;
        views.retain(|view| filters::pass(&filters, view, self.thing.tags));
        page(call, self.reply, self.keyed(views))
    }

    fn keyed(&self, items: Vec<Value>) -> Vec<(String, Value)> {
        let key = |item: &Value| text(item, self.thing.id).to_owned();
        items.into_iter().map(|item| (key(&item), item)).collect()
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
    let mut seen = BTreeSet::new();
    for id in ids.iter().filter(|id| seen.insert(id.as_str())) {
        match thing.get(call.txn, call.region, id)? {
            None => absent.push(id.clone()),
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
pub fn page(call: &Call<'_>, member: &str, views: Vec<(String, Value)>) -> Reply {
    let (views, next) = cut(call, views)?;
    Ok(reply(member, views, next))
}

/// One page of keyed items, by key, and the token of the next.
fn cut(
    call: &Call<'_>,
    mut items: Vec<(String, Value)>,
) -> Result<(Vec<Value>, Option<String>), ApiError> {
    items.sort_by(|a, b| a.0.cmp(&b.0));
    let limit = paging::limit(call.int("MaxResults"), PAGE, PAGE);
    let page = paging::page(items, call.str("NextToken"), limit)
        .map_err(|_| error("InvalidNextToken", "The specified NextToken is not valid."))?;
    let next = page.next.clone();
    Ok((page.into_values(), next))
}

fn reply(member: &str, views: Vec<Value>, next: Option<String>) -> Value {
    let mut reply = Map::new();
    if let Some(next) = next {
        reply.insert("NextToken".to_owned(), next.into());
    }
    reply.insert(member.to_owned(), views.into());
    Value::Object(reply)
}
