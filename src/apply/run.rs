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
    /// The last phase of each change: when it ends, the resource is done.
    last: BTreeMap<usize, Phase>,
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
        for node in graph.node_weights() {
            let phase = last.entry(node.change).or_insert(node.phase);
            *phase = (*phase).max(node.phase);
        }
        Self {
            ready: ready.map(|(node, _)| *node).collect(),
            waits_for,
            last,
            work,
            plan,
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
            }
            Err(failure) => {
                context
                    .observer
                    .on(address, Event::Failed { failure: &failure });
                self.failed.insert(work.change, failure);
            }
        }
    }

    fn release(&mut self, node: NodeIndex) {
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
            } else if self.last.contains_key(&change) {
                report.not_started.push((address, self.blockers(change)));
            }
        }
        report
    }

    /// What an unstarted resource waits for, directly.
    fn blockers(&self, change: usize) -> Vec<Address> {
        let graph = &self.work.graph;
        let own = graph.node_indices().filter(|n| graph[*n].change == change);
        let before = own.flat_map(|n| graph.neighbors_directed(n, Direction::Incoming));
        let others: BTreeSet<usize> = before
            .map(|n| graph[n].change)
            .filter(|other| *other != change && !self.done.contains_key(other))
            .collect();
        let addresses = others
            .into_iter()
            .map(|other| &self.plan.changes[other].address);
        addresses.cloned().collect()
    }
}
