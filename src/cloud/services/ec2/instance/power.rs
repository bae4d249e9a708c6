//! StartInstances, StopInstances, RebootInstances, TerminateInstances.
//!
//! A call is carried out on all its instances or on none.

use serde_json::{Value, json};

use super::super::describe::by_ids;
use super::super::errors::{error, missing};
use super::super::things::{INSTANCE, INTERFACE, text};
use super::super::{interfaces, volume};
use super::life::{self, Order, State};
use super::network;
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::store::Txn;

fn named(call: &mut Call<'_>) -> Result<Vec<Value>, ApiError> {
    let ids = call.strings("InstanceIds");
    if ids.is_empty() {
        return Err(missing("InstanceId"));
    }
    by_ids(call, &INSTANCE, &ids)
}

/// Gives an order to each instance for which `heeds` says so, and tells the states.
fn change(
    call: &mut Call<'_>,
    member: &str,
    order: Order,
    heeds: fn(&Value, State) -> Result<bool, ApiError>,
) -> Reply {
    let mut changes = Vec::new();
    for mut record in named(call)? {
        let before = life::state(&record, call.now);
        if heeds(&record, before)? {
            give(call.txn, call.region, &mut record, order)?;
        }
        changes.push(json!({
            "InstanceId": record["InstanceId"],
            "PreviousState": before.view(),
            "CurrentState": life::state(&record, call.now).view(),
        }));
    }
    Ok(json!({ member: changes }))
}

/// Gives an order, with what follows for interfaces and volumes.
fn give(txn: &mut Txn, region: &str, record: &mut Value, order: Order) -> Result<(), ApiError> {
    let now = txn.now();
    let done = life::order(record, order, now);
    if order == Order::Run {
        record["LaunchTime"] = now.into();
    }
    INSTANCE.save(txn, region, record)?;
    let id = text(record, INSTANCE.id);
    for mut interface in interfaces::of_instance(txn, region, id)? {
        match order {
            Order::Run | Order::Fail => network::give_public(txn, region, &mut interface)?,
            Order::Stop | Order::Terminate => network::take_public(&mut interface),
        }
        INTERFACE.save(txn, region, &interface)?;
    }
    if order.is_last() {
        end(txn, region, id, done)?;
    }
    Ok(())
}

/// What an instance leaves when it is terminated: interfaces go, volumes as each is told.
pub fn end(txn: &mut Txn, region: &str, instance: &str, at: i64) -> Result<(), ApiError> {
    for mut interface in interfaces::of_instance(txn, region, instance)? {
        interface["GoneAt"] = at.into();
        INTERFACE.save(txn, region, &interface)?;
    }
    Ok(volume::leave(txn, region, instance, at)?)
}

/// StartInstances.
pub fn start(call: &mut Call<'_>) -> Reply {
    change(
        call,
        "StartingInstances",
        Order::Run,
        |record, state| match state {
            State::Stopped => Ok(true),
            State::Pending | State::Running => Ok(false),
            _ => Err(life::incorrect(
                record,
                "is not in a state from which it can be started.",
            )),
        },
    )
}

/// StopInstances.
pub fn stop(call: &mut Call<'_>) -> Reply {
    if call.bool("Hibernate") == Some(true) {
        return Err(error(
            "UnsupportedHibernationConfiguration",
            "Hibernation is not enabled for these instances. Enable hibernation when you launch an instance.",
        ));
    }
    change(call, "StoppingInstances", Order::Stop, |record, state| {
        protected(record, "DisableApiStop", "stopped", "disableApiStop")?;
        match state {
            State::Running => Ok(true),
            State::Stopping | State::Stopped => Ok(false),
            _ => Err(life::incorrect(
                record,
                "is not in a state from which it can be stopped.",
            )),
        }
    })
}

/// TerminateInstances.
pub fn terminate(call: &mut Call<'_>) -> Reply {
    let order = Order::Terminate;
    change(call, "TerminatingInstances", order, |record, state| {
        let attribute = "disableApiTermination";
        protected(record, "DisableApiTermination", "terminated", attribute)?;
        Ok(!state.is_over())
    })
}

fn protected(record: &Value, member: &str, done: &str, attribute: &str) -> Result<(), ApiError> {
    if record["Protection"][member] != true {
        return Ok(());
    }
    let id = text(record, INSTANCE.id);
    Err(error(
        "OperationNotPermitted",
        format!(
            "The instance '{id}' may not be {done}. Modify its '{attribute}' instance attribute and try again."
        ),
    ))
}

/// RebootInstances: leaves no trace; what is terminated is passed over.
pub fn reboot(call: &mut Call<'_>) -> Reply {
    for record in named(call)? {
        let state = life::state(&record, call.now);
        if !matches!(state, State::Running | State::Terminated) {
            return Err(life::incorrect(
                &record,
                "is not in a state from which it can be rebooted.",
            ));
        }
    }
    Ok(json!({}))
}
