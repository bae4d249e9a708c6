//! What state an instance is in: a function of the last order it was given and of now.

use serde_json::{Value, json};

use super::super::errors::error;
use super::super::things::{INSTANCE, text};
use crate::cloud::error::ApiError;

/// From launch or start until it runs, simulated ms.
const STARTING: i64 = 30_000;
/// From the order to stop or terminate until it is done.
const ENDING: i64 = 45_000;
/// How long a terminated instance is still shown.
const SHOWN: i64 = 3_600_000;

/// A state, with the code that goes with its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Pending = 0,
    Running = 16,
    ShuttingDown = 32,
    Terminated = 48,
    Stopping = 64,
    Stopped = 80,
}

impl State {
    /// As `InstanceState` shows it.
    pub fn view(self) -> Value {
        json!({ "Code": self as i64, "Name": self.name() })
    }

    /// AWS's name of it.
    pub fn name(self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Running => "running",
            State::ShuttingDown => "shutting-down",
            State::Terminated => "terminated",
            State::Stopping => "stopping",
            State::Stopped => "stopped",
        }
    }

    /// Whether it is on its way out, or gone.
    pub fn is_over(self) -> bool {
        matches!(self, State::ShuttingDown | State::Terminated)
    }
}

/// An order, as `Life` keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Run,
    /// To run, which will not go well: it is terminated instead.
    Fail,
    Stop,
    Terminate,
}

impl Order {
    /// Whether it leaves the instance terminated.
    pub fn is_last(self) -> bool {
        matches!(self, Order::Fail | Order::Terminate)
    }
}

/// The state of an instance at an instant.
pub fn state(instance: &Value, now: i64) -> State {
    let life = &instance["Life"];
    let done = life["Done"].as_i64().is_some_and(|done| done <= now);
    match (text(life, "Order"), done) {
        ("stop", false) => State::Stopping,
        ("stop", true) => State::Stopped,
        ("terminate", false) => State::ShuttingDown,
        ("terminate" | "fail", true) => State::Terminated,
        (_, false) => State::Pending,
        (_, true) => State::Running,
    }
}

/// Gives an order now; returns when it will have been carried out. What is stopped has nothing to
/// shut down.
pub fn order(instance: &mut Value, order: Order, now: i64) -> i64 {
    let stopped = state(instance, now) == State::Stopped;
    let (name, takes) = match order {
        Order::Run => ("run", STARTING),
        Order::Fail => ("fail", STARTING),
        Order::Stop => ("stop", ENDING),
        Order::Terminate if stopped => ("terminate", 0),
        Order::Terminate => ("terminate", ENDING),
    };
    let done = now + takes;
    instance["Life"] = json!({ "Order": name, "Since": now, "Done": done });
    if order.is_last() {
        instance["GoneAt"] = (done + SHOWN).into();
    }
    done
}

/// The last order.
pub fn ordered(instance: &Value) -> Order {
    match text(&instance["Life"], "Order") {
        "fail" => Order::Fail,
        "stop" => Order::Stop,
        "terminate" => Order::Terminate,
        _ => Order::Run,
    }
}

/// When the last order was given.
pub fn since(instance: &Value) -> i64 {
    instance["Life"]["Since"].as_i64().unwrap_or_default()
}

/// When the last order is, or was, carried out.
pub fn done(instance: &Value) -> i64 {
    instance["Life"]["Done"].as_i64().unwrap_or_default()
}

/// The error of an instance in a state that does not allow the call; the sentence goes on after
/// the instance's id.
pub fn incorrect(instance: &Value, sentence: &str) -> ApiError {
    let id = text(instance, INSTANCE.id);
    error(
        "IncorrectInstanceState",
        format!("The instance '{id}' {sentence}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_follows_from_order_and_time() {
        let mut instance = json!({});
        let runs = order(&mut instance, Order::Run, 1000);
        assert_eq!(state(&instance, 1000), State::Pending);
        assert_eq!(state(&instance, runs), State::Running);
        let stopped = order(&mut instance, Order::Stop, runs);
        assert_eq!(state(&instance, runs), State::Stopping);
        assert_eq!(state(&instance, stopped), State::Stopped);
        let over = order(&mut instance, Order::Terminate, stopped);
        assert_eq!((over, state(&instance, over)), (stopped, State::Terminated));
        assert_eq!(instance["GoneAt"], over + SHOWN);
    }
}
