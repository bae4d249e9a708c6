//! What a plan of the shipped stack costs when nothing is to be done: its calls and its time, with
//! calls as fast as the embedded cloud and with 50 ms more for each.
//!
//! ```text
//! cargo bench --bench plan                    with what `cargo build --release` has built
//! cargo bench --profile dev --bench plan      with what `cargo build` has built
//! ```
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../tests/support/applied.rs"]
mod applied;

use std::time::{Duration, Instant};

use applied::{Applied, REGION, plan};
use pinfra::provider::{Provider, catalog};

/// The best of so many counts.
const ROUNDS: u32 = 10;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let applied = Applied::new();
    println!("a plan of stacks/pinterest.yaml without changes, best of {ROUNDS}");
    for (latency, faults) in [(0, "{}"), (50, "{latency: 50ms}")] {
        let (calls, took) = runtime.block_on(best(&applied, faults));
        let millis = took.as_secs_f64() * 1000.0;
        print!("  {latency:>2} ms a call: {calls} calls, {millis:.0} ms");
        match latency {
            0 => println!(),
            _ => println!(", {:.1} times the latency", millis / f64::from(latency)),
        }
    }
}

/// The calls of one plan, and the shortest time it took from the connection to the plan.
async fn best(applied: &Applied, faults: &str) -> (u64, Duration) {
    let stack = applied.stack();
    let cloud = applied.cloud(faults);
    let mut best = (0, Duration::MAX);
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let provider = Provider::in_cloud(cloud.clone(), REGION, catalog::TYPES.to_vec());
        let survey = plan(&stack, &provider).await;
        best = (survey.calls.total, best.1.min(started.elapsed()));
    }
    best
}
