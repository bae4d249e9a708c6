//! A plan as text.

use std::fmt::{Display, Write};
use std::time::Duration;

use crate::plan::{Action, Plan, Reason, ResourceChange, Summary};

use super::style::duration;
use super::{Paint, Style, values};

/// What is said above a plan.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// How long reading took.
    pub took: Duration,
    /// How many API calls that were.
    pub calls: u64,
}

/// A number of things, in words: `1 call`, `2 calls`.
pub fn counted(number: impl Display, thing: &str) -> String {
    let number = number.to_string();
    let plural = if number == "1" { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

/// A plan as a person reads it: what changes, and a last line that counts. What stays is counted
/// only.
pub fn plan_text(plan: &Plan, header: Header, style: Style) -> String {
    let mut text = String::new();
    let there = |change: &&ResourceChange| change.line.is_some() || change.live.is_some();
    let resources = plan.changes.iter().filter(there).count();
    let read = format!(
        "{} read in {}, {}",
        counted(resources, "resource"),
        duration(header.took),
        counted(header.calls, "call"),
    );
    let account = format!("account {}", plan.account);
    let parts = [plan.stack.as_str(), &plan.region, &account, &read];
    let _ = writeln!(
        text,
        "{}\n",
        style.paint(Paint::Aside, &parts.join(style.dot()))
    );
    let shown: Vec<&ResourceChange> = plan
        .changes
        .iter()
        .filter(|change| change.action != Action::None)
        .collect();
    let width = shown
        .iter()
        .map(|c| c.address.to_string().chars().count())
        .max();
    for change in &shown {
        resource(&mut text, change, width.unwrap_or(0), style);
    }
    if !shown.is_empty() {
        text.push('\n');
    }
    let _ = writeln!(text, "{}", last_line(plan, style));
    for note in &plan.notes {
        let _ = writeln!(text, "{}: {note}", style.paint(Paint::Aside, "note"));
    }
    text
}

fn last_line(plan: &Plan, style: Style) -> String {
    let summary = Summary::of(plan);
    let text = match (plan.is_refused(), plan.is_empty()) {
        (true, _) => format!("Plan refused: {summary}. Nothing can be applied."),
        (_, true) => format!("No changes: {summary}."),
        _ => format!("Plan: {summary}."),
    };
    style.paint(Paint::Strong, &text)
}

fn resource(text: &mut String, change: &ResourceChange, width: usize, style: Style) {
    let address = change.address.to_string();
    let padding = " ".repeat(width.saturating_sub(address.chars().count()));
    let mut remarks = Vec::new();
    if change.lost.is_some() {
        remarks.push(style.paint(Paint::Bad, "holds data"));
    }
    match (&change.action, &change.reason) {
        (Action::Refuse, _) | (_, Reason::Missing | Reason::Differs | Reason::Same) => {}
        (_, reason) => remarks.push(reason.to_string()),
    }
    let line = format!(
        "  {} {}{padding}  {}  {}",
        style.mark(change.action),
        style.paint(Paint::Strong, &address),
        change.name,
        remarks.join(style.dot())
    );
    let _ = writeln!(text, "{}", line.trim_end());
    if let Reason::Refused { why, help } = &change.reason {
        let _ = writeln!(text, "      {}", style.paint(Paint::Bad, why));
        let _ = writeln!(text, "      {help}");
    }
    attributes(text, change, style);
}

fn attributes(text: &mut String, change: &ResourceChange, style: Style) {
    let attributes = values::expanded(change);
    let paths = attributes
        .iter()
        .map(|a| a.path.to_string().chars().count());
    let width = paths.filter(|width| *width <= 40).max().unwrap_or(0);
    for attribute in &attributes {
        let path = attribute.path.to_string();
        let lines = values::lines(attribute, values::shown(change, attribute), style);
        let mut remark = match (attribute.replaces, change.action) {
            (true, Action::Replace | Action::Refuse) => "  (forces replacement)".to_owned(),
            _ => String::new(),
        };
        if lines.len() == 1 {
            let padding = " ".repeat(width.saturating_sub(path.chars().count()));
            let value = &lines[0];
            let _ = writeln!(text, "      {path}{padding}  {value}{remark}");
            continue;
        }
        remark.insert_str(0, &path);
        let _ = writeln!(text, "      {remark}");
        for line in lines {
            let _ = writeln!(text, "        {line}");
        }
    }
}
