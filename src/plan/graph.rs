//! What has to be done before what.
//!
//! A resource is two nodes, *made* and *complete*. A reference in an attribute that creation takes
//! makes the one wait for the other to be made; one in an attribute that completes it only delays
//! its completion. Some edges are only wishes (a trust policy that could wait, a deletion that the
//! service itself would hold back): they are kept where they close no cycle.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use petgraph::algo::{DfsSpace, has_path_connecting};
use petgraph::graph::{DiGraph, NodeIndex};

use crate::provider::catalog;
use crate::schema::{Address, each_text};
use crate::stack::{GraphNode, Instance, Stage, edges_where};

use super::{Action, Plan, ResourceChange};

/// One piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// The position of its resource in [`Plan::changes`].
    pub change: usize,
    /// What is done with it.
    pub phase: Phase,
}

/// What is done with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// The live object is destroyed.
    Delete,
    /// A new object is made, and works.
    Make,
    /// The object is brought to all that is declared.
    Complete,
    /// The live object is destroyed, after another one has taken its place.
    Retire,
}

/// The work of a plan: an edge leads from what comes first to what waits for it.
#[derive(Debug)]
pub struct WorkGraph {
    /// The nodes and edges.
    pub graph: DiGraph<Node, ()>,
}

impl WorkGraph {
    /// The work that a plan takes.
    pub fn of(plan: &Plan, instances: &[Instance<'_>]) -> Self {
        let mut builder = Builder::new(plan);
        builder.phases(plan);
        builder.references(instances);
        builder.parents(plan);
        builder.deletions(plan);
        builder.wishes();
        Self {
            graph: builder.graph,
        }
    }
}

struct Builder {
    graph: DiGraph<Node, ()>,
    nodes: BTreeMap<(usize, Phase), NodeIndex>,
    /// The change that makes or updates an address: never the deletion of what left the file.
    current: BTreeMap<Address, usize>,
    /// The change that destroys what the file has under an address.
    deleted: BTreeMap<Address, usize>,
    wishes: Vec<(NodeIndex, NodeIndex)>,
    /// The changes whose new object can be tried before the old one goes.
    tried: BTreeSet<usize>,
    /// Wishes that give way to all others.
    lesser_wishes: Vec<(NodeIndex, NodeIndex)>,
}

impl Builder {
    fn new(plan: &Plan) -> Self {
        let mut builder = Self {
            graph: DiGraph::new(),
            nodes: BTreeMap::new(),
            current: BTreeMap::new(),
            deleted: BTreeMap::new(),
            wishes: Vec::new(),
            tried: BTreeSet::new(),
            lesser_wishes: Vec::new(),
        };
        for (change, entry) in plan.changes.iter().enumerate() {
            if entry.action != Action::Delete {
                builder.current.insert(entry.address.clone(), change);
            }
            if entry.line.is_some() && goes(entry) {
                builder.deleted.insert(entry.address.clone(), change);
            }
            if entry.ty.trial().is_some() {
                builder.tried.insert(change);
            }
            for phase in phases(entry) {
                let node = builder.graph.add_node(Node {
                    change,
                    phase: *phase,
                });
                builder.nodes.insert((change, *phase), node);
            }
        }
        builder
    }

    /// A resource's own phases follow one another.
    fn phases(&mut self, plan: &Plan) {
        for (change, entry) in plan.changes.iter().enumerate() {
            for pair in phases(entry).windows(2) {
                let before = self.nodes.get(&(change, pair[0])).copied();
                let after = self.nodes.get(&(change, pair[1])).copied();
                if let (Some(before), Some(after)) = (before, after) {
                    self.graph.update_edge(before, after, ());
                }
            }
        }
    }

    /// What the file says of the order. Where there is nothing to make, a change of the live object
    /// comes first if it can.
    fn references(&mut self, instances: &[Instance<'_>]) {
        for edge in edges_where(instances, &needs_complete).edges {
            self.reverse(instances, edge.from.instance, edge.to.instance);
            let node = |builder: &Self, node: GraphNode| {
                let change = builder
                    .current
                    .get(&instances.get(node.instance)?.address)?;
                let phase = match node.stage {
                    Stage::Made => Phase::Make,
                    Stage::Complete => Phase::Complete,
                };
                let exact = builder.nodes.get(&(*change, phase));
                let changed = builder.nodes.get(&(*change, Phase::Complete));
                Some((*exact.or(changed)?, exact.is_some()))
            };
            let (Some((waiting, a)), Some((before, b))) =
                (node(self, edge.from), node(self, edge.to))
            else {
                continue;
            };
            if waiting == before {
                continue;
            }
            match a && b {
                true => drop(self.graph.update_edge(before, waiting, ())),
                false => self.wishes.push((before, waiting)),
            }
            self.trials(waiting, before);
            // Whoever uses the new object has stopped using the old one.
            let replaced = self.graph[before].change;
            if let Some(old) = self.nodes.get(&(replaced, Phase::Retire)) {
                self.wishes.push((waiting, *old));
            }
        }
    }

    /// What is in a parent that the file names without referring to it waits for it all the same.
    fn parents(&mut self, plan: &Plan) {
        let names = plan.changes.iter().enumerate();
        let names = names.filter(|(_, change)| change.action != Action::Delete);
        let named: HashMap<(&str, &str), usize> = names
            .map(|(at, change)| ((change.ty.schema.name, change.name.as_str()), at))
            .collect();
        for (child, change) in plan.changes.iter().enumerate() {
            let parent = change.ty.marks.and_then(|marks| {
                // What is marked is identified by its parent's id and its own key.
                let (id, _) = change.name.split_once('/')?;
                named.get(&(marks.parent, id)).copied()
            });
            let first = |change| {
                let phases = [Phase::Make, Phase::Complete];
                let nodes = phases.map(|phase| self.nodes.get(&(change, phase)).copied());
                nodes.into_iter().flatten().next()
            };
            if let (Some(before), Some(waiting)) = (parent.and_then(first), first(child)) {
                self.wishes.push((before, waiting));
            }
        }
    }

    /// Making the new object can only be tried, before the old one goes, with all that it needs.
    fn trials(&mut self, waiting: NodeIndex, before: NodeIndex) {
        let Node { change, phase } = self.graph[waiting];
        let old = self.nodes.get(&(change, Phase::Delete));
        if let (Phase::Make, Some(old), true) = (phase, old, self.tried.contains(&change)) {
            self.lesser_wishes.push((before, *old));
        }
    }

    /// The node in which a change's live object goes.
    fn going(&self, change: usize) -> Option<NodeIndex> {
        let node = |phase| self.nodes.get(&(change, phase)).copied();
        node(Phase::Delete).or_else(|| node(Phase::Retire))
    }

    /// What waits for another is destroyed before it.
    fn reverse(&mut self, instances: &[Instance<'_>], from: usize, to: usize) {
        let deletion = |position: usize| {
            let change = self.deleted.get(&instances.get(position)?.address)?;
            self.going(*change)
        };
        if let (Some(first), Some(then)) = (deletion(from), deletion(to))
            && first != then
        {
            self.wishes.push((first, then));
        }
    }

    /// An object goes before what it refers to, and after the updates that stop others from
    /// referring to it.
    fn deletions(&mut self, plan: &Plan) {
        let mut by_id: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (change, entry) in plan.changes.iter().enumerate() {
            if let (Some(live), true) = (&entry.live, goes(entry)) {
                by_id.entry(&live.id).or_default().push(change);
            }
        }
        if by_id.is_empty() {
            return;
        }
        for (change, entry) in plan.changes.iter().enumerate() {
            let Some(live) = &entry.live else { continue };
            let mut mentioned = BTreeSet::new();
            each_text(&live.attributes, &mut |text| {
                mentioned.insert(text);
            });
            let completed = self.nodes.get(&(change, Phase::Complete)).copied();
            let Some(first) = self.going(change).or(completed) else {
                continue;
            };
            let referred = mentioned.iter().filter_map(|text| by_id.get(text));
            for target in referred.flatten().filter(|target| **target != change) {
                if let Some(deletion) = self.going(*target) {
                    self.wishes.push((first, deletion));
                }
            }
        }
    }

    /// Wishes in both directions say nothing of the order: neither is kept.
    fn wishes(&mut self) {
        let wishes: BTreeSet<_> = std::mem::take(&mut self.wishes).into_iter().collect();
        let mut space = DfsSpace::new(&self.graph);
        let lesser = std::mem::take(&mut self.lesser_wishes).into_iter();
        for (before, after) in wishes.iter().copied().chain(lesser) {
            let mutual = wishes.contains(&(after, before));
            if !mutual && !has_path_connecting(&self.graph, after, before, Some(&mut space)) {
                self.graph.update_edge(before, after, ());
            }
        }
    }
}

/// Whether a resource of the one type has to wait until one of the other is complete.
fn needs_complete(type_name: &str, other: &str) -> bool {
    catalog::find(type_name).is_some_and(|ty| ty.after_complete.contains(&other))
}

/// Whether a change destroys its live object.
pub fn goes(change: &ResourceChange) -> bool {
    let going = |phase: &Phase| matches!(phase, Phase::Delete | Phase::Retire);
    phases(change).iter().any(going)
}

/// What an action takes, in order.
pub fn phases(change: &ResourceChange) -> &'static [Phase] {
    match change.action {
        Action::Create => &[Phase::Make, Phase::Complete],
        Action::Update | Action::Adopt => &[Phase::Complete],
        Action::Replace if change.new_first => &[Phase::Make, Phase::Complete, Phase::Retire],
        Action::Replace => &[Phase::Delete, Phase::Make, Phase::Complete],
        Action::Delete => &[Phase::Delete],
        Action::None | Action::Refuse => &[],
    }
}
