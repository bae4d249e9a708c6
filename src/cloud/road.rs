//! The road of one call, from request to answer.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, Response};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::clock::Clock;
use super::error::ApiError;
use super::faults::{Fate, Verdict, kill_this_process};
use super::protocol::{self, Protocol, chunked};
use super::route::caller::{self, Caller};
use super::route::{self, Addressee, Found, presigned};
use super::services::{self, Call, Failure, SERVICES, Service};
use super::store::{Access, Place, StoreError, Txn};
use super::{Answer, Cloud, DEFAULT_REGION, Traced, check, validate};
use crate::aws_model::{self, Operation};

/// What a handler answered, before it is written.
struct Outcome {
    value: Value,
    body: Option<Bytes>,
    status: Option<u16>,
}

/// A call without a wire around it, for tests and for the data plane.
#[derive(Debug, Clone)]
pub struct Invocation<'a> {
    /// The service among the models.
    pub service: &'a str,
    /// The operation.
    pub operation: &'a str,
    /// The canonical input.
    pub input: Value,
    /// The streaming payload.
    pub body: Bytes,
    /// The region.
    pub region: &'a str,
}

/// What is known of a call by the time its handler runs.
struct Ready<'a> {
    service: &'static str,
    operation: &'static Operation,
    input: Value,
    body: Bytes,
    headers: &'a HeaderMap,
    region: &'a str,
    access_key: Option<&'a str>,
    request_id: &'a str,
    failure: Option<Failure>,
}

impl Cloud {
    /// Answers one request. Blocks on the store: asynchronous doors call it on a thread that may.
    pub fn answer(&self, request: Request<Bytes>) -> Answer {
        let number = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let (mut parts, body) = request.into_parts();
        let caller = Caller::of(&parts);
        let region = caller
            .region
            .as_deref()
            .unwrap_or(DEFAULT_REGION)
            .to_owned();
        let mut traced = Traced {
            call: number,
            service: String::new(),
            operation: String::new(),
            region: region.clone(),
            status: 0,
            code: None,
            fault: None,
        };
        let mut verdict = Verdict::default();
        let head = parts.method == http::Method::HEAD;
        let response = match route::addressee(&parts, &caller) {
            Err((protocol, error)) => {
                let id = self.request_id(number, protocol);
                traced.code = Some(error.code.clone());
                protocol::errors::write(None, protocol, &error, &id, head)
            }
            Ok(to) => {
                let id = self.request_id(number, to.protocol);
                traced.service = to.service.to_owned();
                let call = Incoming {
                    to: &to,
                    caller: &caller,
                    region: &region,
                    request_id: &id,
                };
                let result = self.carry_out(&call, &mut parts, body, &mut traced, &mut verdict);
                self.write(&to, result, &id, head, &mut traced)
            }
        };
        self.finish(response, verdict, traced)
    }

    fn finish(
        &self,
        mut response: Response<Bytes>,
        verdict: Verdict,
        mut traced: Traced,
    ) -> Answer {
        traced.status = response.status().as_u16();
        traced.fault = match (verdict.hold_before, verdict.fate) {
            (true, _) => Some("held before effect"),
            (false, Fate::Hold) => Some("held after effect"),
            (false, Fate::Drop) => Some("dropped"),
            (false, Fate::Reply) => None,
        };
        let headers = response.headers_mut();
        headers.insert("x-pinfra-call", HeaderValue::from(traced.call));
        if let Ok(scale) = HeaderValue::from_str(&self.time_scale().to_string()) {
            headers.insert("x-pinfra-time-scale", scale);
        }
        if let Some(trace) = &self.trace {
            trace
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(traced.clone());
        }
        let fate = if verdict.hold_before {
            Fate::Hold
        } else {
            verdict.fate
        };
        Answer {
            response,
            delay: verdict.delay,
            fate,
            traced,
        }
    }

    fn write(
        &self,
        to: &Addressee,
        result: Result<(&'static Operation, Outcome), ApiError>,
        id: &str,
        head: bool,
        traced: &mut Traced,
    ) -> Response<Bytes> {
        match result {
            Ok((operation, outcome)) => protocol::write(
                to.model,
                operation,
                to.protocol,
                &outcome.value,
                outcome.body,
                outcome.status,
                id,
            ),
            Err(error) => {
                traced.code = Some(error.code.clone());
                protocol::errors::write(Some(to.model), to.protocol, &error, id, head)
            }
        }
    }

    /// From the service to the handler's outcome, faults in between.
    fn carry_out(
        &self,
        call: &Incoming<'_>,
        parts: &mut Parts,
        body: Bytes,
        traced: &mut Traced,
        verdict: &mut Verdict,
    ) -> Result<(&'static Operation, Outcome), ApiError> {
        let to = call.to;
        let found = match route::operation(to, parts, &body) {
            Ok(found) => found,
            Err(error) => {
                let key = call.caller.access_key.as_deref();
                caller::check(to.protocol, key, &self.principal(), to.service)?;
                return Err(error);
            }
        };
        let operation = found.operation;
        traced.operation.clone_from(&operation.name);
        *verdict = self.faults.decide(to.service, &operation.name);
        let access_key = verdict.access_key.or(call.caller.access_key.as_deref());
        let mut ready = self.make_ready(call, access_key, found, parts, body)?;
        ready.failure = verdict.fails_later.take();
        if verdict.kill_before {
            kill_this_process();
        }
        if verdict.hold_before {
            return Err(ApiError::internal("held before its effect"));
        }
        if let Some(error) = verdict.fail_before.take() {
            return Err(error);
        }
        let outcome = self.run(ready);
        if verdict.kill_after {
            kill_this_process();
        }
        match (outcome, verdict.fail_after.take()) {
            (Ok(_), Some(error)) => Err(error),
            (outcome, _) => outcome.map(|outcome| (operation, outcome)),
        }
    }

    /// Credentials, body, input: all that is refused before any effect.
    fn make_ready<'a>(
        &self,
        call: &'a Incoming<'_>,
        access_key: Option<&'a str>,
        found: Found,
        parts: &'a mut Parts,
        mut body: Bytes,
    ) -> Result<Ready<'a>, ApiError> {
        let (to, operation) = (call.to, found.operation);
        let action = format!("{}:{}", to.service, operation.name);
        caller::check(to.protocol, access_key, &self.principal(), &action)?;
        if chunked::is_chunked(&parts.headers) {
            body = chunked::unframe(&mut parts.headers, &body)?;
        }
        if to.protocol == Protocol::RestXml {
            presigned::check(&found.query)?;
            chunked::verify(&parts.headers, &body, operation.http_checksum.as_ref())?;
        }
        let code =
            services::service(to.service).map_or("ValidationException", |s| s.validation_code);
        let request = protocol::Request {
            labels: found.labels,
            query: found.query,
            headers: &parts.headers,
            body: &body,
        };
        let (input, body) = protocol::read(to.model, operation, to.protocol, &request)
            .map_err(|error| validate::unreadable(to.protocol, code, &error))?;
        validate::check(to.model, operation, to.protocol, code, &input)?;
        Ok(Ready {
            service: to.service,
            operation,
            input,
            body,
            headers: &parts.headers,
            region: call.region,
            access_key,
            request_id: call.request_id,
            failure: None,
        })
    }

    /// Runs the handler: as a reader where its name says so, and once more with the write lock
    /// should it write nevertheless.
    fn run(&self, ready: Ready<'_>) -> Result<Outcome, ApiError> {
        let handler = services::service(ready.service)
            .and_then(|service| service.handler(&ready.operation.name))
            .ok_or_else(|| {
                let what = format!("{} {}", ready.service, ready.operation.name);
                ApiError::not_implemented(what)
            })?;
        let reads = is_reading(&ready.operation.name) && !self.lag.is_on();
        let mut access = if reads { Access::Read } else { Access::Write };
        loop {
            let mut txn = self.begin(access, ready.region)?;
            let scale = self.set_time(&mut txn)?;
            let principal = self.principal_of(&mut txn, ready.access_key)?;
            let mut call = Call {
                service: ready.service,
                operation: &ready.operation.name,
                input: ready.input.clone(),
                body: ready.body.clone(),
                headers: ready.headers,
                account: &self.account,
                region: ready.region,
                principal_arn: &principal,
                now: txn.now(),
                time_scale: scale,
                request_id: ready.request_id,
                txn: &mut txn,
                failure: ready.failure.clone(),
                reply_body: None,
                reply_status: None,
            };
            let reply = handler(&mut call);
            let (body, status) = (call.reply_body.take(), call.reply_status);
            if txn.refused_write() && access == Access::Read {
                access = Access::Write;
                continue;
            }
            let value = match reply {
                Ok(Value::Null) => Value::Object(Map::new()),
                Ok(value) => value,
                Err(error) => {
                    let readings = txn.readings();
                    drop(txn);
                    self.keep_readings(&readings, ready.region)?;
                    return Err(error);
                }
            };
            let model =
                aws_model::service(ready.service).map_err(|e| ApiError::internal(e.to_string()))?;
            check::check(model, ready.operation, &value).map_err(|departure| {
                ApiError::internal(format!("the handler departs from the model: {departure}"))
            })?;
            txn.commit()?;
            return Ok(Outcome {
                value,
                body,
                status,
            });
        }
    }

    /// A list that was read was read, even by a call that failed and left nothing else: what lags
    /// comes nearer.
    fn keep_readings(&self, readings: &[(String, String)], region: &str) -> Result<(), StoreError> {
        if readings.is_empty() {
            return Ok(());
        }
        let mut txn = self.begin(Access::Write, region)?;
        for (kind, prefix) in readings {
            txn.list(kind, prefix)?;
        }
        txn.commit()
    }

    /// Carries out one call as if it had come over the wire from the account's own user, without
    /// faults: validated, in a transaction, its reply checked. Answers the reply's value and its
    /// streaming payload.
    pub fn invoke(&self, invocation: Invocation<'_>) -> Result<(Value, Option<Bytes>), ApiError> {
        let unknown = || {
            ApiError::not_implemented(format!("{} {}", invocation.service, invocation.operation))
        };
        let service: &'static Service =
            services::service(invocation.service).ok_or_else(unknown)?;
        let model =
            aws_model::service(service.name).map_err(|e| ApiError::internal(e.to_string()))?;
        let operation = model
            .operations
            .get(invocation.operation)
            .ok_or_else(unknown)?;
        let protocol = match model.metadata.protocol.as_str() {
            "ec2" => Protocol::Ec2,
            "rest-xml" => Protocol::RestXml,
            _ => Protocol::Json11,
        };
        let code = service.validation_code;
        validate::check(model, operation, protocol, code, &invocation.input)?;
        let outcome = self.run(Ready {
            service: service.name,
            operation,
            input: invocation.input,
            body: invocation.body,
            headers: &HeaderMap::new(),
            region: invocation.region,
            access_key: None,
            request_id: "invoked",
            failure: None,
        })?;
        Ok((outcome.value, outcome.body))
    }

    /// A transaction in a region whose fresh content is there.
    pub(super) fn begin(&self, access: Access, region: &str) -> Result<Txn, StoreError> {
        let place = Place {
            account: self.account.clone(),
            region: region.to_owned(),
            now: 0,
        };
        let mut txn = self.store.begin(access, place.clone(), self.lag.clone())?;
        if !unseeded(&mut txn, region)?.is_empty() {
            drop(txn);
            self.seed(place.clone())?;
            txn = self.store.begin(access, place, self.lag.clone())?;
        }
        Ok(txn)
    }

    /// Writes what a fresh account holds in a region, for the services that have not done so. Seeds
    /// are there from the start: no list lags behind them.
    fn seed(&self, place: Place) -> Result<(), StoreError> {
        let region = place.region.clone();
        let mut txn = self
            .store
            .begin(Access::Write, place, super::store::Lag::default())?;
        self.set_time(&mut txn)?;
        let missing = unseeded(&mut txn, &region)?;
        for service in missing {
            (service.seed)(&mut txn)?;
            txn.set_meta(&seed_mark(service, &region), "done")?;
        }
        txn.commit()
    }

    pub(super) fn set_time(&self, txn: &mut Txn) -> Result<f64, StoreError> {
        let clock = Clock::read(txn)?
            .ok_or_else(|| StoreError::Record("the store has lost its clock".to_owned()))?;
        txn.set_now(clock.now());
        self.scale.store(clock.scale().to_bits(), Ordering::Relaxed);
        Ok(clock.scale())
    }

    fn principal(&self) -> String {
        format!("arn:aws:iam::{}:user/local", self.account)
    }

    /// Who calls: the session of a temporary key that STS gave out, else the account's own user.
    fn principal_of(&self, txn: &mut Txn, access_key: Option<&str>) -> Result<String, StoreError> {
        let session = match access_key.filter(|key| key.starts_with("ASIA")) {
            Some(key) => txn.get("sts.session", key)?,
            None => None,
        };
        Ok(session
            .and_then(|session| session["arn"].as_str().map(str::to_owned))
            .unwrap_or_else(|| self.principal()))
    }

    /// A request id of the service's form: a UUID, or sixteen upper-case digits for S3.
    fn request_id(&self, number: u64, protocol: Protocol) -> String {
        let hash = hex::encode(Sha256::digest(format!("{}/{number}", self.origin)));
        if protocol == Protocol::RestXml {
            return hash[..16].to_uppercase();
        }
        format!(
            "{}-{}-4{}-8{}-{}",
            &hash[..8],
            &hash[8..12],
            &hash[12..15],
            &hash[15..18],
            &hash[18..30]
        )
    }
}

/// A request with what was found out about it.
struct Incoming<'a> {
    to: &'a Addressee,
    caller: &'a Caller,
    region: &'a str,
    request_id: &'a str,
}

/// The services that have not seeded a region yet. What lies outside the regions (IAM) is seeded
/// with each service's first region; its seed has to find that out.
fn unseeded(txn: &mut Txn, region: &str) -> Result<Vec<&'static Service>, StoreError> {
    let mut missing = Vec::new();
    for service in SERVICES {
        if txn.meta(&seed_mark(service, region))?.is_none() {
            missing.push(*service);
        }
    }
    Ok(missing)
}

fn seed_mark(service: &Service, region: &str) -> String {
    format!("seeded/{region}/{}", service.name)
}

/// Whether an operation of this name only reads.
fn is_reading(operation: &str) -> bool {
    [
        "Get", "List", "Describe", "Filter", "Head", "BatchGet", "Lookup",
    ]
    .iter()
    .any(|prefix| operation.starts_with(prefix))
}
