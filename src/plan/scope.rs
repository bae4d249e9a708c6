//! What is known when a declaration is evaluated.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;

use crate::provider::Live;
use crate::schema::{Address, Draft, ResourceName, Value};
use crate::stack::{AwsFact, ParameterKind, Scope};

/// What is known beside the live resources of the stack itself.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The account, once it was asked for.
    pub account: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The partition (`aws`), once it was asked for.
    pub partition: Option<String>,
    /// What stands under `existing:`.
    pub lookups: BTreeMap<ResourceName, Value>,
    /// Parameters and secrets that were read.
    pub parameters: BTreeMap<(ParameterKind, String), String>,
}

/// Facts, and the live resources whose outputs can be referred to.
#[derive(Clone, Debug, Default)]
pub struct LiveScope {
    facts: Arc<Facts>,
    live: BTreeMap<Address, Arc<Value>>,
    /// Outputs that this apply renews.
    renewed: BTreeMap<Address, BTreeSet<&'static str>>,
}

impl LiveScope {
    /// A scope without live resources.
    pub fn new(facts: Facts) -> Self {
        Self {
            facts: Arc::new(facts),
            ..Self::default()
        }
    }

    /// The same facts, with these live resources.
    pub fn with_live<'a>(&self, live: impl Iterator<Item = (&'a Address, &'a Live)>) -> Self {
        let live = live.map(|(address, live)| (address.clone(), Arc::clone(&live.attributes)));
        Self {
            facts: Arc::clone(&self.facts),
            live: live.collect(),
            renewed: BTreeMap::new(),
        }
    }

    /// The same, where these outputs are known only after apply.
    pub fn with_renewed(mut self, renewed: &BTreeMap<Address, BTreeSet<&'static str>>) -> Self {
        self.renewed.clone_from(renewed);
        self
    }

    /// Takes note of what parameters hold.
    pub fn hold(&mut self, held: BTreeMap<(ParameterKind, String), String>) {
        if !held.is_empty() {
            Arc::make_mut(&mut self.facts).parameters.extend(held);
        }
    }

    /// What an SSM parameter holds, if that was asked.
    pub fn parameter_text(&self, name: &str) -> Option<&str> {
        let held = self
            .facts
            .parameters
            .get(&(ParameterKind::Ssm, name.to_owned()));
        held.map(String::as_str)
    }

    /// Adds a live resource, or what it is now.
    pub fn insert(&mut self, address: &Address, live: &Live) {
        self.live
            .insert(address.clone(), Arc::clone(&live.attributes));
    }

    /// Whether a lookup's answer is known.
    pub fn knows_lookup(&self, name: &ResourceName) -> bool {
        self.facts.lookups.contains_key(name)
    }

    /// Forgets a live resource: it is gone.
    pub fn remove(&mut self, address: &Address) {
        self.live.remove(address);
    }
}

impl Scope for LiveScope {
    fn resource(&self, address: &Address, attribute: Option<&str>) -> Option<Draft> {
        let live = self.live.get(address)?;
        let renewed = self.renewed.get(address);
        if let Some(attribute) = attribute {
            if renewed.is_some_and(|renewed| renewed.contains(attribute)) {
                return Some(Draft::after_apply(&format!("{address}.{attribute}")));
            }
            return Some(Draft::Known(
                live.get(attribute).cloned().unwrap_or_default(),
            ));
        }
        let live = Draft::Known(live.as_ref().clone());
        let Some(renewed) = renewed else {
            return Some(live);
        };
        let mut entries: IndexMap<String, Draft> = live.entries()?.into_iter().collect();
        for output in renewed {
            let later = Draft::after_apply(&format!("{address}.{output}"));
            entries.insert((*output).to_owned(), later);
        }
        Some(Draft::map(entries))
    }

    fn lookup(&self, name: &ResourceName) -> Option<Draft> {
        self.facts.lookups.get(name).cloned().map(Draft::Known)
    }

    fn aws(&self, fact: AwsFact) -> Option<Draft> {
        let text = match fact {
            AwsFact::AccountId => &self.facts.account,
            AwsFact::Region => &self.facts.region,
            AwsFact::Partition => &self.facts.partition,
        };
        text.clone().map(|text| Draft::Known(text.into()))
    }

    fn parameter(&self, kind: ParameterKind, name: &str) -> Option<Draft> {
        let value = self.facts.parameters.get(&(kind, name.to_owned()))?;
        Some(Draft::Known(value.clone().into()).sensitive())
    }
}
