//! Service-linked roles: shared by the account, changed only by their service.

use std::collections::BTreeMap;

use serde_json::json;

use super::errors::{invalid_input, no_such_entity, no_such_role};
use super::role::{self, Role, whole_seconds};
use super::{aws_managed, ids, managed_policy};
use crate::cloud::services::call::{Call, Reply};
use crate::cloud::services::tags::Tags;

/// One kind of service-linked role.
struct Kind {
    service: &'static str,
    role: &'static str,
    /// Its policy's name, where this cloud has it.
    policy: &'static str,
}

const KINDS: [Kind; 4] = [
    Kind {
        service: "kafka.amazonaws.com",
        role: "AWSServiceRoleForKafka",
        policy: "KafkaServiceRolePolicy",
    },
    Kind {
        service: "kafkaconnect.amazonaws.com",
        role: "AWSServiceRoleForKafkaConnect",
        policy: "KafkaConnectServiceRolePolicy",
    },
    Kind {
        service: "airflow.amazonaws.com",
        role: "AWSServiceRoleForAmazonMWAA",
        policy: "AmazonMWAAServiceRolePolicy",
    },
    Kind {
        service: "ops.apigateway.amazonaws.com",
        role: "AWSServiceRoleForAPIGateway",
        policy: "APIGatewayServiceRolePolicy",
    },
];

const LONGEST_SESSION_SECONDS: i64 = 3600;

/// CreateServiceLinkedRole.
pub fn create(call: &mut Call<'_>) -> Reply {
    let service = call.str("AWSServiceName").unwrap_or_default().to_owned();
    let Some(kind) = KINDS.iter().find(|kind| kind.service == service) else {
        return Err(invalid_input(format!(
            "Service name {service} is not supported by service-linked roles here."
        )));
    };
    if call.str("CustomSuffix").is_some() {
        return Err(invalid_input(format!(
            "Custom suffix is not allowed for {service}"
        )));
    }
    if role::find(call.txn, kind.role)?.is_some() {
        return Err(invalid_input(format!(
            "Service role name {} has been taken in this account, please try a different suffix.",
            kind.role
        )));
    }
    let path = format!("/aws-service-role/{service}/");
    let policy = aws_managed::arn("/aws-service-role/", kind.policy);
    let attached = match managed_policy::find(call.txn, &policy)? {
        Some(found) => BTreeMap::from([(policy, found.name)]),
        None => BTreeMap::new(),
    };
    let role = Role {
        name: kind.role.to_owned(),
        id: ids::unique(call.txn, "AROA")?,
        arn: call.arn("iam", &format!("role{path}{}", kind.role)),
        created: whole_seconds(call.now),
        trust: trust(&service),
        description: call.str("Description").map(str::to_owned),
        max_session: LONGEST_SESSION_SECONDS,
        tags: Tags::new(),
        boundary: None,
        inline: BTreeMap::new(),
        attached,
        service_linked: true,
        path,
    };
    role::save(call.txn, &role)?;
    Ok(json!({ "Role": role.brief() }))
}

fn trust(service: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": service },
            "Action": "sts:AssumeRole",
        }],
    })
    .to_string()
}

/// DeleteServiceLinkedRole: AWS takes it as a task, which here is done at once.
pub fn delete(call: &mut Call<'_>) -> Reply {
    let role = role::named(call)?;
    if !role.service_linked {
        return Err(no_such_role(&role.name));
    }
    role::remove(call.txn, &role)?;
    let id = call.txn.hex_id(32)?;
    let task = format!(
        "task{}{}/{}-{}-{}-{}-{}",
        role.path,
        role.name,
        &id[..8],
        &id[8..12],
        &id[12..16],
        &id[16..20],
        &id[20..]
    );
    call.txn.put(TASKS, &task, &json!({}))?;
    Ok(json!({ "DeletionTaskId": task }))
}

/// The deletions that were asked for.
const TASKS: &str = "iam.service_linked_deletion";

/// GetServiceLinkedRoleDeletionStatus.
pub fn deletion_status(call: &mut Call<'_>) -> Reply {
    let task = call.str("DeletionTaskId").unwrap_or_default().to_owned();
    if call.txn.get(TASKS, &task)?.is_none() {
        return Err(no_such_entity(format!(
            "The deletion task {task} cannot be found."
        )));
    }
    Ok(json!({ "Status": "SUCCEEDED" }))
}
