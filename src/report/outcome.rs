//! How a run ended, as text.

use std::fmt::Write;
use std::time::Duration;

use crate::apply::{Outcome, RunReport};
use crate::plan::Phase;

use super::style::duration;
use super::{Paint, Style};

const OUTCOMES: [Outcome; 6] = [
    Outcome::Created,
    Outcome::Found,
    Outcome::Updated,
    Outcome::Adopted,
    Outcome::Replaced,
    Outcome::Deleted,
];

/// What was done, what failed and why, what was not started and what it waits for.
pub fn outcome_text(report: &RunReport, took: Duration, calls: u64, style: Style) -> String {
    let mut text = String::new();
    for (address, failure) in &report.failed {
        let error = style.paint(Paint::Bad, "error");
        let _ = writeln!(text, "{error}: {address}: {failure}");
    }
    for (address, phase) in &report.unfinished {
        let what = match phase {
            Phase::Delete => "destroyed, and not made anew yet",
            Phase::Make | Phase::Complete | Phase::Retire => "made, and not complete yet",
        };
        let _ = writeln!(text, "unfinished: {address}: {what}");
    }
    for (address, blockers) in &report.not_started {
        let why = match blockers.is_empty() {
            true => "the run was stopped".to_owned(),
            false => {
                let names: Vec<String> = blockers.iter().map(ToString::to_string).collect();
                format!("it waits for {}", names.join(", "))
            }
        };
        let _ = writeln!(text, "not started: {address}: {why}");
    }
    let mut counts = Vec::new();
    for outcome in OUTCOMES {
        let count = report.done.iter().filter(|(_, o)| *o == outcome).count();
        if count > 0 {
            counts.push(format!("{count} {outcome}"));
        }
    }
    if !report.failed.is_empty() {
        counts.push(format!("{} failed", report.failed.len()));
    }
    if !report.unfinished.is_empty() {
        counts.push(format!("{} unfinished", report.unfinished.len()));
    }
    if !report.not_started.is_empty() {
        counts.push(format!("{} not started", report.not_started.len()));
    }
    if counts.is_empty() {
        counts.push("nothing to do".to_owned());
    }
    let word = match (report.is_complete(), report.interrupted) {
        (true, _) => "Done",
        (false, true) => "Stopped",
        (false, false) => "Incomplete",
    };
    let line = format!(
        "{word}: {} in {}, {calls} calls.",
        counts.join(", "),
        duration(took)
    );
    let _ = writeln!(text, "{}", style.paint(Paint::Strong, &line));
    if !report.is_complete() {
        text.push_str("Run the same command again: it goes on from what is live now.\n");
    }
    text
}
