//! What a plan comes to.

use std::fmt;

use super::{Action, Plan};

/// How many resources each action is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    counts: [usize; 7],
    losing_data: usize,
}

impl Summary {
    /// The summary of a plan.
    pub fn of(plan: &Plan) -> Self {
        let mut summary = Self::default();
        for change in &plan.changes {
            for (position, action) in Action::ALL.into_iter().enumerate() {
                summary.counts[position] += usize::from(action == change.action);
            }
            summary.losing_data += usize::from(change.lost.is_some());
        }
        summary
    }

    /// How many resources an action is for.
    pub fn count(&self, action: Action) -> usize {
        let position = Action::ALL.iter().position(|a| *a == action);
        position.map_or(0, |position| self.counts[position])
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        for action in Action::ALL {
            let count = self.count(action);
            let text = match action {
                _ if count == 0 => continue,
                Action::None => format!("{count} unchanged"),
                Action::Refuse => format!("{count} refused"),
                other => format!("{count} to {other}"),
            };
            parts.push(text);
        }
        if self.losing_data > 0 {
            parts.push(format!("{} losing data", self.losing_data));
        }
        match parts.is_empty() {
            true => f.write_str("nothing to do"),
            false => f.write_str(&parts.join(", ")),
        }
    }
}
