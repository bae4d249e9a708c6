//! What waits for what.
//!
//! A resource is two nodes: *made* (it exists and can be referred to) and *complete* (what its
//! creation does not take, such as rules and policies, is in place too). A reference in an
//! attribute of creation makes its resource wait for the other to be made; one in a completing
//! attribute delays only completion. So two security groups may name each other, and a role itself.
//! Where that closes no circle, a resource waits for what it refers to to be complete: an instance
//! should not start before its role has its policies.

use std::collections::{HashMap, HashSet, VecDeque};

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::schema::ResourceName;

use super::instance::Instance;
use super::reference::Reference;
use super::source::Span;

/// How far a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// It exists.
    Made,
    /// Everything declared is in place.
    Complete,
}

/// One node of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    /// The position of the instance in the list given.
    pub instance: usize,
    /// How far it is.
    pub stage: Stage,
}

/// `from` cannot be reached before `to` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// What waits.
    pub from: Node,
    /// What it waits for.
    pub to: Node,
    /// Where the file says so; `None` from *complete* to the same resource's *made*.
    pub span: Option<Span>,
}

/// The graph of some instances.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Everything that waits for something; without circles unless `cycles` has some.
    pub edges: Vec<Edge>,
    /// Circles of what cannot be put in any order, each from a node back to itself.
    pub cycles: Vec<Vec<Edge>>,
}

/// What waits for what among `instances`. References to anything else are left out.
pub fn edges(instances: &[Instance<'_>]) -> Graph {
    edges_where(instances, &|_, _| false)
}

/// The same, where `needs_complete(type, other type)` says that a resource of the one type must
/// not be made before one of the other that it refers to is complete, nor be complete itself where
/// only a completing attribute refers to it. Those edges come before the
/// ones that are merely good to have, if not all of them can be without a circle.
pub fn edges_where(
    instances: &[Instance<'_>],
    needs_complete: &dyn Fn(&str, &str) -> bool,
) -> Graph {
    let mut found = Found::default();
    let places = Places::of(instances);
    for (from, instance) in instances.iter().enumerate() {
        found.hard.push(Edge {
            from: complete(from),
            to: made(from),
            span: None,
        });
        for reference in instance.references() {
            for to in places.with(&reference.target, reference.key.as_deref()) {
                add(instance, from, to, &reference, &mut found);
            }
        }
        for dependency in &instance.block.depends_on {
            let matching = places.with(&dependency.target, dependency.key.as_deref());
            found.hard.extend(matching.map(|to| Edge {
                from: made(from),
                to: complete(to),
                span: Some(dependency.span),
            }));
        }
    }
    let Found { hard, soft, ifs } = found;
    let cycles = cycles(&hard);
    let mut reach = Reach::default();
    for edge in &hard {
        reach.add(edge);
    }
    let mut known = HashSet::new();
    let mut edges = hard;
    edges.retain(|edge| known.insert((edge.from, edge.to)));
    let type_name = |node: Node| instances[node.instance].address.type_name();
    let needed = |edge: &Edge| needs_complete(type_name(edge.from), type_name(edge.to));
    for edge in ifs.into_iter().filter(needed).chain(soft) {
        if known.insert((edge.from, edge.to)) && !reach.from(edge.to, edge.from) {
            reach.add(&edge);
            edges.push(edge);
        }
    }
    Graph { edges, cycles }
}

/// What references ask for.
#[derive(Default)]
struct Found {
    /// What must be.
    hard: Vec<Edge>,
    /// What is good to have.
    soft: Vec<Edge>,
    /// What must be, circles apart, where the type needs the other complete.
    ifs: Vec<Edge>,
}

fn made(instance: usize) -> Node {
    Node {
        instance,
        stage: Stage::Made,
    }
}

fn complete(instance: usize) -> Node {
    Node {
        instance,
        stage: Stage::Complete,
    }
}

/// Where the instances of each block stand.
struct Places<'i> {
    all: HashMap<&'i ResourceName, Vec<usize>>,
    one: HashMap<(&'i ResourceName, Option<&'i str>), usize>,
}

impl<'i> Places<'i> {
    fn of(instances: &'i [Instance<'_>]) -> Self {
        let mut places = Self {
            all: HashMap::new(),
            one: HashMap::new(),
        };
        for (position, instance) in instances.iter().enumerate() {
            let (name, key) = (&instance.block.name, instance.address.key.as_deref());
            places.all.entry(name).or_default().push(position);
            places.one.insert((name, key), position);
        }
        places
    }

    /// The instances of a block with this key; without one, all of them. An instance without key
    /// of a block with keys stands for all of them.
    fn with(&self, name: &'i ResourceName, key: Option<&'i str>) -> impl Iterator<Item = usize> {
        let exact = key.and_then(|_| self.one.get(&(name, key)));
        let any = key.and_then(|_| self.one.get(&(name, None)));
        let all = match key {
            Some(_) => None,
            None => self.all.get(name),
        };
        let some = exact.into_iter().chain(any);
        some.chain(all.into_iter().flatten()).copied()
    }
}

fn add(instance: &Instance<'_>, from: usize, to: usize, reference: &Reference, found: &mut Found) {
    let within = |paths: &[&str]| {
        let path = reference.attribute_path.as_str();
        paths.iter().any(|covered| {
            path.strip_prefix(covered)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    let edge = |from, to| Edge {
        from,
        to,
        span: Some(reference.span),
    };
    if from == to && reference.declared {
        return;
    }
    if within(instance.block.schema.completing) {
        found.hard.push(edge(complete(from), made(to)));
        found.ifs.push(edge(complete(from), complete(to)));
        return;
    }
    found.ifs.push(edge(made(from), complete(to)));
    if within(instance.block.schema.deferrable) {
        found.hard.push(edge(complete(from), made(to)));
        found.soft.push(edge(made(from), made(to)));
    } else if reference.declared {
        found.soft.push(edge(made(from), made(to)));
    } else {
        found.hard.push(edge(made(from), made(to)));
        found.soft.push(edge(made(from), complete(to)));
    }
}

/// Which nodes wait for which, for asking whether one more edge closes a circle.
#[derive(Default)]
struct Reach {
    next: HashMap<Node, Vec<Node>>,
}

impl Reach {
    fn add(&mut self, edge: &Edge) {
        self.next.entry(edge.from).or_default().push(edge.to);
    }

    fn from(&self, start: Node, goal: Node) -> bool {
        let mut seen = HashSet::new();
        let mut open = vec![start];
        while let Some(node) = open.pop() {
            if node == goal {
                return true;
            }
            if seen.insert(node) {
                open.extend(self.next.get(&node).into_iter().flatten());
            }
        }
        false
    }
}

/// A shortest circle of each knot of nodes that wait for each other.
fn cycles(edges: &[Edge]) -> Vec<Vec<Edge>> {
    let mut graph: DiGraph<Node, Edge> = DiGraph::new();
    let mut indices: HashMap<Node, NodeIndex> = HashMap::new();
    for edge in edges {
        let mut index = |node: Node| *indices.entry(node).or_insert_with(|| graph.add_node(node));
        let (from, to) = (index(edge.from), index(edge.to));
        graph.add_edge(from, to, *edge);
    }
    let mut cycles = Vec::new();
    for knot in tarjan_scc(&graph) {
        let circle = knot
            .iter()
            .filter_map(|start| shortest(&graph, *start))
            .min_by_key(|circle| (circle.len(), circle.iter().map(|e| e.from).min()));
        cycles.extend(circle);
    }
    for circle in &mut cycles {
        // Begin with the resource that stands first in the file.
        if let Some(first) = (0..circle.len()).min_by_key(|at| circle[*at].from) {
            circle.rotate_left(first);
        }
    }
    cycles.sort_by_key(|circle| circle.first().map(|edge| edge.from));
    cycles
}

/// A shortest way from a node back to itself.
fn shortest(graph: &DiGraph<Node, Edge>, start: NodeIndex) -> Option<Vec<Edge>> {
    let mut way: HashMap<NodeIndex, (NodeIndex, Edge)> = HashMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(node) = open.pop_front() {
        let mut next: Vec<_> = graph.neighbors(node).collect();
        next.sort();
        for to in next {
            let Some(edge) = graph.find_edge(node, to) else {
                continue;
            };
            let edge = graph[edge];
            if to == start {
                let mut circle = vec![edge];
                let mut at = node;
                while at != start {
                    let (before, edge) = way.get(&at)?;
                    circle.push(*edge);
                    at = *before;
                }
                circle.reverse();
                return Some(circle);
            }
            way.entry(to).or_insert_with(|| {
                open.push_back(to);
                (node, edge)
            });
        }
    }
    None
}
