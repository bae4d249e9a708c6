//! Where an attribute stands in its resource.

use std::fmt;

/// One step of an [`AttributePath`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// A member of an object, or a key of a map.
    Key(String),
    /// An element of a list, from zero.
    Index(usize),
}

/// A path as the stack file spells it: `broker_node_group_info.instance_type`, `ingress[0].ports`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttributePath(pub Vec<Step>);

impl AttributePath {
    /// This path and one more key.
    pub fn key(&self, key: &str) -> Self {
        self.step(Step::Key(key.to_owned()))
    }

    /// This path and one more index.
    pub fn index(&self, index: usize) -> Self {
        self.step(Step::Index(index))
    }

    fn step(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// The attribute of the resource that this path leads into.
    pub fn root(&self) -> &str {
        match self.0.first() {
            Some(Step::Key(key)) => key,
            _ => "",
        }
    }

    /// The path without indices, as specs name attributes: `ingress.ports`.
    pub fn attribute(&self) -> String {
        let keys = self.0.iter().filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Index(_) => None,
        });
        keys.collect::<Vec<_>>().join(".")
    }

    /// Whether this path is `covered` (in the specs' spelling) or lies inside it.
    pub fn is_within(&self, covered: &str) -> bool {
        let own = self.attribute();
        own == covered
            || own
                .strip_prefix(covered)
                .is_some_and(|rest| rest.starts_with('.'))
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) if is_plain(key) && position > 0 => write!(f, ".{key}")?,
                Step::Key(key) if is_plain(key) => f.write_str(key)?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
            }
        }
        Ok(())
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "_-".contains(c))
}
