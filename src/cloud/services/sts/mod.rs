//! STS: who calls, and sessions of roles.
//!
//! A session is remembered under its access key, so that the road knows a later call signed
//! with it as the session's: [`caller`].

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::cloud::error::ApiError;
use crate::cloud::services::arn::Arn;
use crate::cloud::services::call::{Call, Reply, Service, no_seed};
use crate::cloud::services::iam::{self, Role, document};
use crate::cloud::store::{StoreError, Txn};

/// The operations of STS.
pub static SERVICE: Service = Service {
    name: "sts",
    operations: &[
        ("GetCallerIdentity", get_caller_identity),
        ("AssumeRole", assume_role),
    ],
    validation_code: "ValidationError",
    seed: no_seed,
};

/// Where sessions are kept, by access key id.
const SESSIONS: &str = "sts.session";

const DEFAULT_SECONDS: i64 = 3600;

/// The `{arn, user_id, expiration}` of the session that an access key belongs to.
pub fn caller(txn: &mut Txn, access_key: &str) -> Result<Option<Value>, StoreError> {
    txn.get(SESSIONS, access_key)
}

/// The access key id in a request's SigV4 header.
fn access_key<'a>(call: &Call<'a>) -> Option<&'a str> {
    let header = call.headers.get("authorization")?.to_str().ok()?;
    let (_, credential) = header.split_once("Credential=")?;
    credential.split('/').next()
}

fn get_caller_identity(call: &mut Call<'_>) -> Reply {
    if let Some(session) = match access_key(call) {
        Some(key) => caller(call.txn, key)?,
        None => None,
    } {
        if session["expiration"]
            .as_i64()
            .is_some_and(|end| end <= call.now)
        {
            return Err(ApiError::new(
                "ExpiredToken",
                403,
                "The security token included in the request is expired",
            ));
        }
        return Ok(json!({
            "UserId": session["user_id"],
            "Account": call.account,
            "Arn": session["arn"],
        }));
    }
    let root = call.principal_arn.ends_with(":root");
    let id = if root {
        call.account.to_owned()
    } else {
        iam::unique_id("AIDA", call.principal_arn)
    };
    Ok(json!({ "UserId": id, "Account": call.account, "Arn": call.principal_arn }))
}

fn assume_role(call: &mut Call<'_>) -> Reply {
    let arn = call.str("RoleArn").unwrap_or_default().to_owned();
    let session = call.str("RoleSessionName").unwrap_or_default().to_owned();
    if Arn::parse(&arn).is_none_or(|arn| arn.service != "iam") {
        return Err(ApiError::new(
            "ValidationError",
            400,
            format!("{arn} is invalid"),
        ));
    }
    let caller_arn = call.principal_arn;
    let role = iam::role_by_arn(call.txn, &arn)?
        .filter(|role| trusts(call, role, caller_arn))
        .ok_or_else(|| {
            ApiError::new(
                "AccessDenied",
                403,
                format!(
                    "User: {caller_arn} is not authorized to perform: sts:AssumeRole on resource: {arn}"
                ),
            )
        })?;
    let seconds = call.int("DurationSeconds").unwrap_or(DEFAULT_SECONDS);
    if seconds > role.max_session {
        return Err(ApiError::new(
            "ValidationError",
            400,
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    open(call, &role, &session, seconds)
}

/// Makes the session's credentials and remembers whose they are.
fn open(call: &mut Call<'_>, role: &Role, session: &str, seconds: i64) -> Reply {
    let key = iam::unique_id("ASIA", &call.txn.hex_id(32)?)[..20].to_owned();
    let secret = STANDARD.encode(call.txn.hex_id(30)?);
    let token = STANDARD.encode(format!("{key}{}", call.txn.hex_id(64)?));
    let expiration = call.now - call.now.rem_euclid(1000) + seconds * 1000;
    let arn = call.arn("sts", &format!("assumed-role/{}/{session}", role.name));
    let id = format!("{}:{session}", role.id);
    let record = json!({ "arn": arn, "user_id": id, "expiration": expiration });
    call.txn.put(SESSIONS, &key, &record)?;
    Ok(json!({
        "Credentials": {
            "AccessKeyId": key,
            "SecretAccessKey": secret,
            "SessionToken": token,
            "Expiration": expiration,
        },
        "AssumedRoleUser": { "AssumedRoleId": id, "Arn": arn },
    }))
}

/// Whether the role's trust policy lets the caller assume it. Conditions other than on the
/// external id hold.
fn trusts(call: &Call<'_>, role: &Role, caller: &str) -> bool {
    let Ok(policy) = serde_json::from_str::<Value>(&role.trust) else {
        return false;
    };
    let Ok(statements) = document::statements(&policy) else {
        return false;
    };
    let applies = |statement: &serde_json::Map<String, Value>| {
        matches(statement.get("Action"), is_assume)
            && names(statement.get("Principal"), call.account, caller)
            && external_id_holds(statement.get("Condition"), call.str("ExternalId"))
    };
    let effect = |wanted: &str| {
        statements
            .iter()
            .any(|s| s.get("Effect").and_then(Value::as_str) == Some(wanted) && applies(s))
    };
    effect("Allow") && !effect("Deny")
}

fn is_assume(action: &str) -> bool {
    ["*", "sts:*", "sts:assumerole"].contains(&action.to_ascii_lowercase().as_str())
}

fn matches(value: Option<&Value>, test: impl Fn(&str) -> bool) -> bool {
    document::texts(value).is_ok_and(|texts| texts.into_iter().any(test))
}

/// Whether the principal is the caller, the role of the caller's session, or the whole account.
fn names(principal: Option<&Value>, account: &str, caller: &str) -> bool {
    let session_role = Arn::parse(caller)
        .and_then(|arn| arn.resource_of("assumed-role"))
        .and_then(|rest| rest.split('/').next());
    let is_caller = |text: &str| {
        text == "*"
            || text == caller
            || text == format!("arn:aws:iam::{account}:root")
            || session_role.is_some_and(|name| {
                Arn::parse(text)
                    .filter(|arn| arn.account == account)
                    .and_then(|arn| arn.resource_of("role"))
                    .is_some_and(|path| path.rsplit('/').next() == Some(name))
            })
    };
    match principal {
        Some(Value::String(all)) => all == "*",
        Some(kinds) => matches(kinds.get("AWS"), is_caller),
        None => false,
    }
}

fn external_id_holds(condition: Option<&Value>, sent: Option<&str>) -> bool {
    let wanted = condition
        .and_then(|c| c.get("StringEquals"))
        .and_then(|c| c.get("sts:ExternalId"));
    match wanted {
        None => true,
        Some(_) => matches(wanted, |text| Some(text) == sent),
    }
}
