//! Reading what is live, and planning over it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use futures_util::future::{join_all, try_join, try_join3};

use crate::plan::{
    Action, Facts, Inputs, LiveScope, Plan, Waivers, destroy, goes, make, order_twins,
    parameters_of,
};
use crate::provider::{
    CallCounts, ErrorClass, Found, Key, Live, Need, Observed, Provider, ProviderError,
    ResourceType, catalog, may_be_held, not_among,
};
use crate::schema::{Address, ResourceName, Value};
use crate::stack::{Diagnostics, Evaluation, Instance, ParameterKind, Stack};

use super::needs::{referenced, wanted};

/// What is being planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// What the file declares.
    Apply,
    /// That nothing is left.
    Destroy,
}

/// What was read, and what follows.
pub struct Survey<'s> {
    /// The stack's name.
    pub stack: String,
    /// Every instance of the file.
    pub instances: Vec<Instance<'s>>,
    /// What has to be read of each.
    pub needs: BTreeMap<Address, Need>,
    /// The plan.
    pub plan: Plan,
    /// What someone should look at in the file.
    pub warnings: Diagnostics,
    /// Everything known.
    pub scope: LiveScope,
    /// How long reading took.
    pub took: Duration,
    /// The calls it took.
    pub calls: CallCounts,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// AWS, or the way to it.
    #[error("{}", join(.0))]
    Provider(Vec<ProviderError>),
    /// What the file says is wrong, now that live values are known.
    #[error("{0}")]
    Declaration(Diagnostics),
    /// The file is for another account.
    #[error(
        "this stack is for the account {wanted} (`aws.account`), and these credentials are of {actual}"
    )]
    WrongAccount {
        /// The account the file names.
        wanted: String,
        /// The account of the credentials.
        actual: String,
    },
    /// Something under `existing:` is not there, or is there more than once.
    #[error("existing: {name}: {what}")]
    Lookup {
        /// Its name in the file.
        name: ResourceName,
        /// What is wrong.
        what: String,
    },
    /// A parameter or secret that the file refers to is not there.
    #[error("there is no {kind} `{name}` in this account and region")]
    Parameter {
        /// What it is.
        kind: &'static str,
        /// Its name.
        name: String,
    },
}

fn join(errors: &[ProviderError]) -> String {
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    texts.join("\n")
}

impl From<Diagnostics> for SurveyError {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Declaration(diagnostics)
    }
}

impl From<Vec<ProviderError>> for SurveyError {
    fn from(errors: Vec<ProviderError>) -> Self {
        Self::Provider(errors)
    }
}

impl From<ProviderError> for SurveyError {
    fn from(error: ProviderError) -> Self {
        Self::Provider(vec![error])
    }
}

/// Reads what is live and plans.
///
/// # Errors
/// Everything that went wrong while reading; what the file says where it turns out wrong.
pub async fn survey<'s>(
    stack: &'s Stack,
    provider: &Provider,
    waivers: &Waivers,
    goal: Goal,
) -> Result<Survey<'s>, SurveyError> {
    let started = Instant::now();
    let facts = facts(stack, provider).await?;
    let account = facts.account.clone().unwrap_or_default();
    let mut scope = LiveScope::new(facts);
    let name = stack.ownership_name(&scope)?;
    let instances = stack.instances(&scope)?;
    let (needs, all, named) = wants(stack, &instances, &scope, goal)?;
    let none = BTreeSet::new();
    let observed = async { Ok(provider.observe(&name, &all).await?) };
    let held = parameters(provider, &named, &none);
    let (mut observed, held) = try_join(observed, held).await?;
    scope.hold(held);
    order_twins(&mut observed, &catalog::find);
    let round = Round {
        stack,
        name: &name,
        provider,
        account: &account,
        instances: &instances,
        waivers,
        goal,
    };
    let (mut made, mut warnings) = plan(&round, &mut scope, &observed).await?;
    let confirmed = confirm(provider, &needs, &made, &mut observed);
    if confirmed.await? | hold(provider, &made, &mut observed).await? {
        order_twins(&mut observed, &catalog::find);
        (made, warnings) = plan(&round, &mut scope, &observed).await?;
    }
    show_contents(provider, &mut made).await?;
    let live = observed.found.iter();
    let live = live.filter_map(|(address, found)| Some((address, standing(found)?)));
    let scope = scope.with_live(live);
    Ok(Survey {
        stack: name,
        needs,
        plan: made,
        warnings,
        scope,
        instances,
        took: started.elapsed(),
        calls: provider.calls(),
    })
}

/// The live object that stands for an address.
fn standing(found: &Found) -> Option<&Live> {
    found.named.iter().chain(&found.tagged).next()
}

/// What is needed and wanted of the instances, and the names of parameters.
type Wants = (
    BTreeMap<Address, Need>,
    Vec<crate::provider::Wanted>,
    BTreeSet<String>,
);

struct Round<'a> {
    stack: &'a Stack,
    name: &'a str,
    provider: &'a Provider,
    account: &'a str,
    instances: &'a [Instance<'a>],
    waivers: &'a Waivers,
    goal: Goal,
}

/// Plans, and asks for the parameters that declarations turn out to name only now.
async fn plan(
    round: &Round<'_>,
    scope: &mut LiveScope,
    observed: &Observed,
) -> Result<(Plan, Diagnostics), SurveyError> {
    loop {
        let inputs = Inputs {
            stack: round.name,
            region: round.provider.region(),
            account: round.account,
            file: round.stack,
            instances: round.instances,
            observed,
            types: &catalog::find,
            scope,
            waivers: round.waivers,
        };
        if round.goal == Goal::Destroy {
            return Ok((destroy(&inputs), Diagnostics::default()));
        }
        let planned = make(&inputs)?;
        if planned.missing.is_empty() {
            return Ok((planned.plan, planned.warnings));
        }
        scope.hold(parameters(round.provider, &planned.missing, &BTreeSet::new()).await?);
    }
}

/// What is wanted of every instance, and the parameters they name.
fn wants(
    stack: &Stack,
    instances: &[Instance<'_>],
    scope: &LiveScope,
    goal: Goal,
) -> Result<Wants, SurveyError> {
    let referenced = referenced(instances);
    let mut needs = BTreeMap::new();
    let mut all = Vec::new();
    let mut named = BTreeSet::new();
    let mut problems = Diagnostics::default();
    let evaluation = Evaluation::new(stack, scope);
    for instance in instances {
        let Some(ty) = catalog::find(instance.address.type_name()) else {
            continue;
        };
        let desired = match evaluation.desired(instance) {
            Ok(desired) => desired,
            Err(more) => {
                problems.0.extend(more.0);
                continue;
            }
        };
        if goal == Goal::Apply {
            named.extend(parameters_of(ty, &desired));
        }
        let wanted = wanted(instance, ty, &desired, referenced.get(&instance.address));
        needs.insert(instance.address.clone(), wanted.need.clone());
        all.push(wanted);
    }
    match problems.is_empty() {
        true => Ok((needs, all, named)),
        false => Err(problems.into()),
    }
}

/// What is known beside the stack's own resources, all read at once.
///
/// # Errors
/// What could not be read; a lookup without a match; another account than the file's.
pub async fn facts(stack: &Stack, provider: &Provider) -> Result<Facts, SurveyError> {
    let needs = stack.live_facts();
    let mut facts = Facts {
        region: Some(provider.region().to_owned()),
        ..Facts::default()
    };
    let early = LiveScope::new(facts.clone());
    if stack.account.is_some() {
        // Nothing is read from an account that the file is not for.
        check_account(stack, &provider.identity().await?.account)?;
    }
    let identity = async { Ok(provider.identity().await?) };
    let parameters = parameters(provider, &needs.parameters, &needs.secrets);
    let (identity, parameters, lookups) =
        try_join3(identity, parameters, lookups(stack, provider, &early)).await?;
    facts.account = Some(identity.account);
    facts.partition = Some(identity.partition);
    facts.parameters = parameters;
    facts.lookups = lookups;
    // A lookup may ask for what another one found.
    loop {
        let known = LiveScope::new(facts.clone());
        let more = self::lookups(stack, provider, &known).await?;
        if more.is_empty() {
            return Ok(facts);
        }
        facts.lookups.extend(more);
    }
}

/// # Errors
/// The file is for another account.
fn check_account(stack: &Stack, actual: &str) -> Result<(), SurveyError> {
    match &stack.account {
        Some(wanted) if wanted != actual => Err(SurveyError::WrongAccount {
            wanted: wanted.clone(),
            actual: actual.to_owned(),
        }),
        _ => Ok(()),
    }
}

pub(super) async fn parameters(
    provider: &Provider,
    parameters: &BTreeSet<String>,
    secrets: &BTreeSet<String>,
) -> Result<BTreeMap<(ParameterKind, String), String>, SurveyError> {
    let parameters = parameters.iter().map(|name| (ParameterKind::Ssm, name));
    let secrets = secrets.iter().map(|name| (ParameterKind::Secret, name));
    let reads = parameters.chain(secrets).map(|(kind, name)| async move {
        let (value, noun) = match kind {
            ParameterKind::Ssm => (provider.parameter(name).await?, "parameter"),
            ParameterKind::Secret => (provider.secret(name).await?, "secret"),
        };
        match value {
            Some(value) => Ok(((kind, name.clone()), value)),
            None => Err(SurveyError::Parameter {
                kind: noun,
                name: name.clone(),
            }),
        }
    });
    join_all(reads).await.into_iter().collect()
}

/// The lookups whose questions are known in this scope and whose answers are not.
async fn lookups(
    stack: &Stack,
    provider: &Provider,
    scope: &LiveScope,
) -> Result<BTreeMap<ResourceName, Value>, SurveyError> {
    let asked = stack.lookups(scope)?;
    let reads = asked.into_iter().filter_map(|(name, query)| {
        let known = scope.knows_lookup(&name);
        let query = query.resolve().ok()?;
        let ty = catalog::find(&name.type_name)?;
        (!known).then_some(async move {
            let found = provider.lookup(ty, &query).await?;
            let value = one_or_all(ty, &name, &query, found)?;
            Ok((name, value))
        })
    });
    join_all(reads).await.into_iter().collect()
}

fn one_or_all(
    ty: &ResourceType,
    name: &ResourceName,
    query: &Value,
    mut found: Vec<Value>,
) -> Result<Value, SurveyError> {
    let wrong = |what: String| SurveyError::Lookup {
        name: name.clone(),
        what,
    };
    match found.len() {
        0 => Err(wrong(format!(
            "no {} matches in this account and region",
            ty.schema.name
        ))),
        _ if ty.schema.plural => match not_among(ty, query, &found).first() {
            Some((member, element)) => Err(wrong(format!(
                "no {} with {element} in `{member}` match what is asked for, and each that is \
                 listed there must be found",
                ty.schema.name
            ))),
            None => Ok(Value::Array(found)),
        },
        1 => Ok(found.remove(0)),
        many => Err(wrong(format!(
            "{many} objects match, and {} gives one: ask for more",
            ty.schema.name
        ))),
    }
}

/// Lists lag behind writes. What a bulk read says is to be changed is read once more by itself,
/// consistently, and with it whether what would go holds data. Whether anything was read.
async fn confirm(
    provider: &Provider,
    needs: &BTreeMap<Address, Need>,
    plan: &Plan,
    observed: &mut Observed,
) -> Result<bool, SurveyError> {
    let doubtful = plan.changes.iter().filter_map(|change| {
        let live = change.live.as_ref()?;
        let goes = goes(change);
        let listed = change.ty.list.is_some() && change.action != Action::None;
        (listed || (goes && !change.ty.data.is_empty())).then_some((change, live, goes))
    });
    let reads = doubtful.map(|(change, live, goes)| {
        let mut need = needs.get(&change.address).cloned().unwrap_or_default();
        if goes {
            let protected = change.ty.delete.iter().map(|delete| delete.protected);
            let asked = change.ty.data.iter().copied().chain(protected);
            need.referenced
                .extend(asked.filter(|a| !a.is_empty()).map(str::to_owned));
        }
        async move {
            let key = Key::Id(live.id.clone());
            let fresh = provider.read(change.ty, &key, &need).await?;
            Ok::<_, ProviderError>(((change.address.clone(), live.id.clone()), fresh))
        }
    });
    let fresh = join_all(reads).await;
    let any = !fresh.is_empty();
    let (mut found, mut errors) = (Vec::new(), Vec::new());
    for read in fresh {
        match read {
            Ok(read) => found.push(read),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(SurveyError::Provider(errors));
    }
    replace(observed, found.into_iter().collect());
    Ok(any)
}

/// Notes what uses the objects that would go, where that may never let go of them. Whether there is
/// anything.
async fn hold(
    provider: &Provider,
    plan: &Plan,
    observed: &mut Observed,
) -> Result<bool, SurveyError> {
    let going = plan.changes.iter().filter_map(|change| {
        let live = change.live.as_ref()?;
        (goes(change) && may_be_held(change.ty)).then_some((change.ty, live))
    });
    let asked = going.map(|(ty, live)| async move {
        let key = (ty.schema.name, live.id.clone());
        match provider.holders(ty, live).await {
            Ok(holders) => Ok((key, holders)),
            // Whoever may not ask is told by the deletion itself; what is gone by now is used by nobody.
            Err(error) if [ErrorClass::Denied, ErrorClass::Absent].contains(&error.class) => {
                Ok((key, Vec::new()))
            }
            Err(error) => Err(SurveyError::from(error)),
        }
    });
    let asked: Result<BTreeMap<_, _>, _> = join_all(asked).await.into_iter().collect();
    observed.holders = asked?;
    Ok(observed.holders.values().any(|holders| !holders.is_empty()))
}

/// Adds the lines of contents that would change, as far as their live ones are given.
async fn show_contents(provider: &Provider, plan: &mut Plan) -> Result<(), SurveyError> {
    let changes = plan.changes.iter_mut();
    let differing = changes.filter(|change| change.contents.is_some());
    let shown = differing.map(|change| async move {
        if let Some(live) = &change.live
            && let Some(text) = provider.contents_now(change.ty, live).await?
        {
            change.show_contents(text);
        }
        Ok(())
    });
    join_all(shown).await.into_iter().collect()
}

/// What was read of objects, by address (which says their type) and id.
type Fresh = HashMap<(Address, String), Option<Live>>;

/// Puts what was read in the place of what was listed.
fn replace(observed: &mut Observed, fresh: Fresh) {
    let leaving = |live: &Live| matches!(live.state, crate::provider::State::Deleting(_));
    for ((address, id), read) in &fresh {
        let Some(found) = observed.found.get_mut(address) else {
            continue;
        };
        let going = read.clone().filter(leaving);
        let stays = read.clone().filter(|live| !leaving(live));
        if found.named.as_ref().is_some_and(|live| live.id == *id) {
            found.named.clone_from(&stays);
            found.leaving = going.or(found.leaving.take());
        }
        let tagged = std::mem::take(&mut found.tagged).into_iter();
        found.tagged = tagged
            .filter_map(|live| match live.id == *id {
                true => stays.clone(),
                false => Some(live),
            })
            .collect();
    }
    let strays = std::mem::take(&mut observed.strays).into_iter();
    observed.strays = strays
        .filter_map(|mut stray| {
            let key = (stray.address.clone(), stray.live.id.clone());
            if let Some(read) = fresh.get(&key) {
                stray.live = read.clone().filter(|live| !leaving(live))?;
            }
            Some(stray)
        })
        .collect();
}
