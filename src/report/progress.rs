//! What happens while a plan is carried out: bars that stay put on a terminal, lines elsewhere.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::apply::{Event, Observer, Step};
use crate::provider::ProviderError;
use crate::schema::Address;
use crate::schema::secrets::mask;

use super::style::duration;
use super::{Paint, Style};

/// How often a line is repeated for a resource that is still waited for.
const REPEAT: Duration = Duration::from_secs(30);

/// How often the spinner of what is worked on moves; what only waits stands still.
const TICK: Duration = Duration::from_millis(100);

/// Draws the events of a run on standard error.
pub struct Progress {
    style: Style,
    bars: Option<MultiProgress>,
    resources: Mutex<BTreeMap<Address, Resource>>,
    width: usize,
}

struct Resource {
    bar: Option<ProgressBar>,
    since: Instant,
    said: Option<(String, Instant)>,
}

impl Progress {
    /// For a run over these addresses.
    pub fn new<'a>(style: Style, addresses: impl Iterator<Item = &'a Address>) -> Self {
        let widths = addresses.map(|address| address.to_string().chars().count());
        Self {
            style,
            bars: (style != Style::Plain).then(MultiProgress::new),
            resources: Mutex::default(),
            width: widths.max().unwrap_or(0),
        }
    }

    /// Takes away what still stands there: nothing more happens.
    pub fn finish(&self) {
        let mut resources = self
            .resources
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for (_, resource) in std::mem::take(&mut *resources) {
            if let Some(bar) = resource.bar {
                bar.finish_and_clear();
            }
        }
        if let Some(bars) = &self.bars {
            // The terminal is gone: there is nobody to tell.
            drop(bars.clear());
        }
    }

    /// A line without what is secret: errors are in the words of AWS.
    fn line(&self, text: &str) {
        let text = &mask(text);
        match &self.bars {
            // The terminal is gone: there is nobody to tell.
            Some(bars) => drop(bars.println(text)),
            None => eprint_line(text),
        }
    }

    fn started(&self, address: &Address, step: Step) {
        let mut resources = self
            .resources
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let resource = resources
            .entry(address.clone())
            .or_insert_with(|| Resource {
                bar: self.bars.as_ref().map(|bars| bars.add(spinner())),
                since: Instant::now(),
                said: None,
            });
        let word = match step {
            Step::Creating => "creating",
            Step::Updating => "updating",
            Step::Deleting => "deleting",
        };
        resource.since = Instant::now();
        match &resource.bar {
            Some(bar) => {
                bar.enable_steady_tick(TICK);
                let name = address.to_string();
                bar.set_message(format!("{name:<width$}  {word}", width = self.width));
            }
            None => self.line(&format!("{address}: {word}")),
        }
    }

    fn waiting(&self, address: &Address, state: &str, usual: Option<Duration>) {
        let mut resources = self
            .resources
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let Some(resource) = resources.get_mut(address) else {
            return;
        };
        let about = usual.map_or(String::new(), |usual| {
            format!(" of about {}", duration(usual))
        });
        let elapsed = duration(resource.since.elapsed());
        if let Some(bar) = &resource.bar {
            let name = address.to_string();
            bar.set_message(format!(
                "{name:<width$}  {state}  {elapsed}{about}",
                width = self.width
            ));
            return;
        }
        let now = Instant::now();
        let fresh = resource
            .said
            .as_ref()
            .is_none_or(|(said, when)| said != state || now.duration_since(*when) >= REPEAT);
        if fresh {
            resource.said = Some((state.to_owned(), now));
            self.line(&format!("{address}: {state}, {elapsed}{about}"));
        }
    }

    /// On a terminal only: in lines, what waits is not news.
    fn waits_for(&self, address: &Address, others: &[Address]) {
        let Some(bars) = &self.bars else {
            return;
        };
        let mut resources = self
            .resources
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let resource = resources
            .entry(address.clone())
            .or_insert_with(|| Resource {
                bar: Some(bars.add(spinner())),
                since: Instant::now(),
                said: None,
            });
        let names: Vec<String> = others.iter().map(ToString::to_string).collect();
        if let Some(bar) = &resource.bar {
            let name = address.to_string();
            let names = names.join(", ");
            bar.set_message(format!(
                "{name:<width$}  waits for {names}",
                width = self.width
            ));
        }
    }

    /// Says what stands in the way: once, and again when it has stood there for long.
    fn retrying(&self, address: &Address, error: &ProviderError) {
        let mut resources = self
            .resources
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let Some(resource) = resources.get_mut(address) else {
            return;
        };
        let reason = format!(
            "{} {}",
            error.operation,
            error.code.as_deref().unwrap_or("")
        );
        let now = Instant::now();
        let fresh = resource
            .said
            .as_ref()
            .is_none_or(|(said, when)| *said != reason || now.duration_since(*when) >= REPEAT);
        if fresh {
            resource.said = Some((reason, now));
            let text = format!("{address}: {error}; trying again");
            self.line(&self.style.paint(Paint::Aside, &text));
        }
    }

    fn ended(&self, address: &Address, text: &str) {
        let mut resources = self
            .resources
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = resources.remove(address).and_then(|resource| resource.bar) {
            bar.finish_and_clear();
        }
        drop(resources);
        self.line(text);
    }
}

impl Observer for Progress {
    fn on(&self, address: &Address, event: Event<'_>) {
        let name = format!("{:<width$}", address.to_string(), width = self.width);
        match event {
            Event::Started(step) => self.started(address, step),
            Event::Waiting { state, usual } => self.waiting(address, state, usual),
            Event::WaitsFor(others) => self.waits_for(address, others),
            Event::Retrying { error, .. } => self.retrying(address, error),
            Event::Done { outcome, took } => {
                let took = duration(took);
                let text = match self.style {
                    Style::Plain => format!("{address}: {outcome}, {took}"),
                    style => {
                        let mark = style.paint(Paint::Good, "✓");
                        format!("  {mark} {name}  {outcome:<10}  {took}")
                    }
                };
                self.ended(address, &text);
            }
            Event::Failed { failure } => {
                let text = match self.style {
                    Style::Plain => format!("{address}: failed: {failure}"),
                    style => format!("  {} {name}  {failure}", style.paint(Paint::Bad, "✗")),
                };
                self.ended(address, &text);
            }
            Event::Note(note) => self.line(&format!("note: {note}")),
        }
    }
}

fn spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg}") {
        bar.set_style(style);
    }
    bar
}

/// A reader that has gone is no reason to stop working.
fn eprint_line(text: &str) {
    drop(writeln!(std::io::stderr().lock(), "{text}"));
}
