//! The scheduler: everything that is ready runs at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use futures_util::stream::{FuturesUnordered, StreamExt};
use petgraph::Direction;
use petgraph::graph::NodeIndex;

use crate::plan::{Phase, Plan, WorkGraph};
use crate::schema::Address;

use super::steps::{Context, Progress};
use super::{Event, Failure, Outcome, RunReport};

/// How many resources are worked on at once. The provider's own limits hold beneath it.
const AT_ONCE: usize = 24;

/// Carries a plan out. One failed resource stops only what depends on it.
pub async fn run(context: &Context<'_>, plan: &Plan) -> RunReport {
    let work = WorkGraph::of(plan, context.instances);
    let mut run = Run::new(&work, plan);
    let progress: Vec<Mutex<Progress>> = plan.changes.iter().map(|_| Mutex::default()).collect();
    let mut under_way = FuturesUnordered::new();
    run.tell_all(context);
    loop {
        while under_way.len() < AT_ONCE && !context.interrupt.is_set() {
            let Some(node) = run.ready.pop_first() else {
                break;
            };
            let work_node = run.work.graph[node];
            let change = &plan.changes[work_node.change];
            let progress = &progress[work_node.change];
            under_way.push(async move {
                let ended = context.step(plan, change, work_node.phase, progress).await;
                (node, ended)
            });
        }
        match under_way.next().await {
            Some((node, ended)) => run.finish(context, node, ended),
            None => break,
        }
    }
    run.report(context.interrupt.is_set())
}

struct Run<'a> {
    work: &'a WorkGraph,
    plan: &'a Plan,
    ready: BTreeSet<NodeIndex>,
    waits_for: BTreeMap<NodeIndex, usize>,
    /// The nodes of each change.
    nodes: BTreeMap<usize, Vec<NodeIndex>>,
    /// The last phase of each change: when it ends, the resource is done.
    last: BTreeMap<usize, Phase>,
    finished: BTreeSet<NodeIndex>,
    done: BTreeMap<usize, Outcome>,
    failed: BTreeMap<usize, Failure>,
}

impl<'a> Run<'a> {
    fn new(work: &'a WorkGraph, plan: &'a Plan) -> Self {
        let graph = &work.graph;
        let before = |node| {
            let incoming = graph.neighbors_directed(node, Direction::Incoming);
            incoming.count()
        };
        let waits_for: BTreeMap<_, _> = graph.node_indices().map(|n| (n, before(n))).collect();
        let ready = waits_for.iter().filter(|(_, count)| **count == 0);
        let mut last: BTreeMap<usize, Phase> = BTreeMap::new();
        let mut nodes: BTreeMap<usize, Vec<NodeIndex>> = BTreeMap::new();
        for (index, node) in graph.node_indices().zip(graph.node_weights()) {
            nodes.entry(node.change).or_default().push(index);
            let phase = last.entry(node.change).or_insert(node.phase);
            *phase = (*phase).max(node.phase);
        }
        Self {
            ready: ready.map(|(node, _)| *node).collect(),
            waits_for,
            nodes,
            last,
            work,
            plan,
            finished: BTreeSet::new(),
            done: BTreeMap::new(),
            failed: BTreeMap::new(),
        }
    }

    fn finish(
        &mut self,
        context: &Context<'_>,
        node: NodeIndex,
        ended: Result<Option<(Outcome, std::time::Duration)>, Failure>,
    ) {
        let work = self.work.graph[node];
        let address = &self.plan.changes[work.change].address;
        match ended {
            Ok(outcome) => {
                if let Some((outcome, took)) = outcome
                    && self.last.get(&work.change) == Some(&work.phase)
                {
                    context.observer.on(address, Event::Done { outcome, took });
                    self.done.insert(work.change, outcome);
                }
                self.release(node);
                if !self.done.contains_key(&work.change) {
                    self.tell(context, work.change);
                }
            }
            Err(failure) => {
                context
                    .observer
                    .on(address, Event::Failed { failure: &failure });
                self.failed.insert(work.change, failure);
            }
        }
    }

    /// Tells what each resource that cannot begin waits for.
    fn tell_all(&self, context: &Context<'_>) {
        for change in self.last.keys() {
            self.tell(context, *change);
        }
    }

    fn tell(&self, context: &Context<'_>, change: usize) {
        if self.nodes_of(change).any(|node| self.ready.contains(&node)) {
            return;
        }
        let blockers = self.blockers(change);
        if !blockers.is_empty() {
            let address = &self.plan.changes[change].address;
            context.observer.on(address, Event::WaitsFor(&blockers));
        }
    }

    fn nodes_of(&self, change: usize) -> impl Iterator<Item = NodeIndex> + '_ {
        self.nodes.get(&change).into_iter().flatten().copied()
    }

    fn release(&mut self, node: NodeIndex) {
        self.finished.insert(node);
        let after: Vec<_> = self.work.graph.neighbors(node).collect();
        for waiting in after {
            if let Some(count) = self.waits_for.get_mut(&waiting) {
                *count -= 1;
                if *count == 0 {
                    self.ready.insert(waiting);
                }
            }
        }
    }

    fn report(mut self, interrupted: bool) -> RunReport {
        let mut report = RunReport {
            interrupted,
            ..RunReport::default()
        };
        for (change, entry) in self.plan.changes.iter().enumerate() {
            let address = entry.address.clone();
            if let Some(failure) = self.failed.remove(&change) {
                report.failed.push((address, failure));
            } else if let Some(outcome) = self.done.get(&change) {
                report.done.push((address, *outcome));
            } else if let Some(phase) = self.last_finished(change) {
                report.unfinished.push((address, phase));
            } else if self.last.contains_key(&change) {
                report.not_started.push((address, self.blockers(change)));
            }
        }
        report
    }

    fn last_finished(&self, change: usize) -> Option<Phase> {
        let finished = self.nodes_of(change).filter(|n| self.finished.contains(n));
        finished.map(|node| self.work.graph[node].phase).max()
    }

    /// What an unstarted resource waits for, directly.
    fn blockers(&self, change: usize) -> Vec<Address> {
        let graph = &self.work.graph;
        let own = self.nodes_of(change);
        let before = own.flat_map(|n| graph.neighbors_directed(n, Direction::Incoming));
        let others: BTreeSet<usize> = before
            .filter(|n| !self.finished.contains(n))
            .map(|n| graph[n].change)
            .filter(|other| *other != change)
            .collect();
        let addresses = others
            .into_iter()
            .map(|other| &self.plan.changes[other].address);
        addresses.cloned().collect()
    }
}
