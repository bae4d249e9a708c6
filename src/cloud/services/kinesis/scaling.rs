//! What changes a stream's shards: UpdateShardCount, SplitShard, MergeShards, UpdateStreamMode.

use serde_json::json;

use super::lifecycle::shards_within_limit;
use super::shard::{Shard, even_ranges};
use super::stream::{self, DAY_MS, Settings, Stream, fail};
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// The API's own bound on the shards one UpdateShardCount may ask for.
const MOST_SHARDS: usize = 10_000;

/// UpdateShardCount: at most double, at least half, ten times a day.
pub fn update_shard_count(call: &mut Call<'_>) -> Reply {
    let mut stream = stream::wanted_active(call)?;
    if stream.settings.mode == "ON_DEMAND" {
        return Err(fail(
            "ValidationException",
            "UpdateShardCount is not supported for a stream in ON_DEMAND mode.",
        ));
    }
    let open = stream.open_shards().count();
    let target = usize::try_from(call.int("TargetShardCount").unwrap_or(1)).unwrap_or(1);
    legal_step(open, target)?;
    let now = call.now;
    stream.rescaled_at.retain(|at| now - at < DAY_MS);
    if stream.rescaled_at.len() >= 10 {
        return Err(fail(
            "LimitExceededException",
            format!(
                "Stream {} under account {} has been scaled 10 times in the last 24 hours, \
                 which is the limit of UpdateShardCount.",
                stream.name, call.account
            ),
        ));
    }
    if target > open {
        let streams = stream::all(call.txn, call.region, now)?;
        shards_within_limit(call, &streams, target - open)?;
    }
    stream.rescaled_at.push(now);
    stream.begin(now, |settings, at| {
        if target != open {
            rescale(settings, target as u64, at);
        }
    });
    stream.save(call.txn, call.region)?;
    Ok(json!({
        "StreamName": stream.name,
        "CurrentShardCount": open,
        "TargetShardCount": target,
        "StreamARN": stream.arn,
    }))
}

fn legal_step(open: usize, target: usize) -> Result<(), ApiError> {
    let refused = |what: &str| {
        Err(fail(
            "InvalidArgumentException",
            format!(
                "UpdateShardCount cannot scale {what} your current open shard count. Current \
                 open shard count: {open} Target shard count: {target}"
            ),
        ))
    };
    if target > open * 2 {
        return refused("up over double");
    }
    if target * 2 < open {
        return refused("down below half");
    }
    if target > MOST_SHARDS && target > open {
        return Err(fail(
            "LimitExceededException",
            format!("UpdateShardCount cannot scale a stream to more than {MOST_SHARDS} shards."),
        ));
    }
    Ok(())
}

/// Closes the open shards and opens `target` even ones, each a child of the shards whose
/// ranges it begins and ends in.
fn rescale(settings: &mut Settings, target: u64, at: i64) {
    let old: Vec<(u64, u128, u128)> = settings
        .shards
        .iter()
        .filter(|shard| shard.closed_at.is_none())
        .map(|shard| (shard.number, shard.range().0, shard.range().1))
        .collect();
    close(settings, at, |_| true);
    let next = settings.shards.len() as u64;
    for ((start, end), number) in even_ranges(target).into_iter().zip(next..) {
        let mut parents: Vec<u64> = [start, end]
            .iter()
            .filter_map(|key| old.iter().find(|(_, from, to)| from <= key && key <= to))
            .map(|(number, ..)| *number)
            .collect();
        parents.dedup();
        settings
            .shards
            .push(Shard::open(number, start, end, &parents, at));
    }
}

fn close(settings: &mut Settings, at: i64, which: impl Fn(&Shard) -> bool) {
    for shard in &mut settings.shards {
        if shard.closed_at.is_none() && which(shard) {
            shard.closed_at = Some(at);
        }
    }
}

/// The open shard the request names with `member`.
fn open_shard(call: &Call<'_>, stream: &Stream, member: &str) -> Result<Shard, ApiError> {
    let id = call.str(member).unwrap_or_default();
    let (name, account) = (&stream.name, call.account);
    let Some(shard) = stream.settings.shards.iter().find(|shard| shard.id() == id) else {
        return Err(fail(
            "ResourceNotFoundException",
            format!("Could not find shard {id} in stream {name} under account {account}."),
        ));
    };
    if shard.closed_at.is_some() {
        return Err(fail(
            "InvalidArgumentException",
            format!(
                "Shard {id} in stream {name} under account {account} has already been merged or \
                 split, and thus is not eligible for merging or splitting."
            ),
        ));
    }
    Ok(shard.clone())
}

/// SplitShard.
pub fn split_shard(call: &mut Call<'_>) -> Reply {
    let mut stream = stream::wanted_active(call)?;
    let shard = open_shard(call, &stream, "ShardToSplit")?;
    let text = call
        .str("NewStartingHashKey")
        .unwrap_or_default()
        .to_owned();
    let (start, end) = shard.range();
    let Some(middle) = text
        .parse::<u128>()
        .ok()
        .filter(|key| *key > start + 1 && *key < end)
    else {
        return Err(fail(
            "InvalidArgumentException",
            format!(
                "NewStartingHashKey {text} used in SplitShard() on shard {} in stream {} under \
                 account {} is not both greater than one plus the shard's StartingHashKey \
                 {start} and less than the shard's EndingHashKey {end}.",
                shard.id(),
                stream.name,
                call.account
            ),
        ));
    };
    let streams = stream::all(call.txn, call.region, call.now)?;
    shards_within_limit(call, &streams, 1)?;
    stream.begin(call.now, |settings, at| {
        close(settings, at, |other| other.number == shard.number);
        let next = settings.shards.len() as u64;
        settings
            .shards
            .push(Shard::open(next, start, middle - 1, &[shard.number], at));
        settings
            .shards
            .push(Shard::open(next + 1, middle, end, &[shard.number], at));
    });
    stream.save(call.txn, call.region)?;
    Ok(json!({}))
}

/// MergeShards.
pub fn merge_shards(call: &mut Call<'_>) -> Reply {
    let mut stream = stream::wanted_active(call)?;
    let one = open_shard(call, &stream, "ShardToMerge")?;
    let other = open_shard(call, &stream, "AdjacentShardToMerge")?;
    let (low, high) = if one.range() < other.range() {
        (&one, &other)
    } else {
        (&other, &one)
    };
    let (start, end) = (low.range().0, high.range().1);
    if low.range().1.checked_add(1) != Some(high.range().0) {
        return Err(fail(
            "InvalidArgumentException",
            format!(
                "Shards {} and {} in stream {} under account {} are not an adjacent pair of \
                 shards eligible for merging",
                one.id(),
                other.id(),
                stream.name,
                call.account
            ),
        ));
    }
    stream.begin(call.now, |settings, at| {
        close(settings, at, |s| {
            s.number == one.number || s.number == other.number
        });
        let next = settings.shards.len() as u64;
        let parents = [one.number, other.number];
        settings
            .shards
            .push(Shard::open(next, start, end, &parents, at));
    });
    stream.save(call.txn, call.region)?;
    Ok(json!({}))
}

/// UpdateStreamMode: twice a day at most; the shards stay.
pub fn update_stream_mode(call: &mut Call<'_>) -> Reply {
    let mut stream = stream::wanted_active(call)?;
    let mode = call.input["StreamModeDetails"]["StreamMode"]
        .as_str()
        .unwrap_or_default();
    let mode = mode.to_owned();
    if mode == stream.settings.mode {
        return Err(fail(
            "ValidationException",
            format!("Stream {} is already in {mode} mode.", stream.name),
        ));
    }
    let now = call.now;
    stream.mode_changed_at.retain(|at| now - at < DAY_MS);
    if stream.mode_changed_at.len() >= 2 {
        return Err(fail(
            "LimitExceededException",
            format!(
                "Stream {} under account {} has already switched its mode twice in the last 24 \
                 hours.",
                stream.name, call.account
            ),
        ));
    }
    stream.mode_changed_at.push(now);
    let warm = call.int("WarmThroughputMiBps");
    stream.begin(now, |settings, _| {
        settings.warm_throughput_mibps = if mode == "ON_DEMAND" { warm } else { None };
        settings.spreads_records = false;
        settings.mode = mode;
    });
    stream.save(call.txn, call.region)?;
    Ok(json!({}))
}
