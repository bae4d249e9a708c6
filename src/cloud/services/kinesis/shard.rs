//! Shards: how the hash space of 128 bits is divided among them, and the sequence numbers of
//! the records they hold.

use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One shard. Its hash range is kept in decimal text, as the API spells it: JSON numbers end
/// at 64 bits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shard {
    pub number: u64,
    pub start: String,
    pub end: String,
    pub parent: Option<u64>,
    pub adjacent_parent: Option<u64>,
    pub opened_at: i64,
    pub closed_at: Option<i64>,
}

impl Shard {
    /// An open shard over `start..=end`.
    pub fn open(number: u64, start: u128, end: u128, parents: &[u64], at: i64) -> Self {
        Self {
            number,
            start: start.to_string(),
            end: end.to_string(),
            parent: parents.first().copied(),
            adjacent_parent: parents.get(1).copied(),
            opened_at: at,
            closed_at: None,
        }
    }

    /// `shardId-000000000003`.
    pub fn id(&self) -> String {
        shard_id(self.number)
    }

    /// The hash range, both ends included.
    pub fn range(&self) -> (u128, u128) {
        (
            self.start.parse().unwrap_or(0),
            self.end.parse().unwrap_or(u128::MAX),
        )
    }

    /// Whether a record with this hash key belongs here.
    pub fn holds(&self, hash: u128) -> bool {
        let (start, end) = self.range();
        start <= hash && hash <= end
    }

    /// The API's HashKeyRange.
    pub fn hash_key_range(&self) -> Value {
        json!({ "StartingHashKey": self.start, "EndingHashKey": self.end })
    }

    /// The sequence number the shard begins with.
    pub fn first_sequence_number(&self) -> String {
        sequence_number(self.opened_at, 0, self.number)
    }

    /// The API's Shard.
    pub fn view(&self) -> Value {
        let mut range = json!({ "StartingSequenceNumber": self.first_sequence_number() });
        if let Some(at) = self.closed_at {
            range["EndingSequenceNumber"] = sequence_number(at, LAST_COUNT, self.number).into();
        }
        let mut view = json!({ "ShardId": self.id() });
        if let Some(parent) = self.parent {
            view["ParentShardId"] = shard_id(parent).into();
        }
        if let Some(adjacent) = self.adjacent_parent {
            view["AdjacentParentShardId"] = shard_id(adjacent).into();
        }
        view["HashKeyRange"] = self.hash_key_range();
        view["SequenceNumberRange"] = range;
        view
    }
}

/// `shardId-000000000003`.
pub fn shard_id(number: u64) -> String {
    format!("shardId-{number:012}")
}

/// Divides the whole hash space into `count` ranges of one size as AWS does: the last one
/// also takes what is left over.
pub fn even_ranges(count: u64) -> Vec<(u128, u128)> {
    let count = u128::from(count.max(1));
    if count == 1 {
        return vec![(0, u128::MAX)];
    }
    // floor(2^128 / count), without a type that could hold 2^128.
    let size = u128::MAX / count + u128::from(u128::MAX % count == count - 1);
    (0..count)
        .map(|i| {
            (
                i * size,
                if i + 1 == count {
                    u128::MAX
                } else {
                    (i + 1) * size - 1
                },
            )
        })
        .collect()
}

/// The hash key of a partition key: its MD5 as an unsigned integer of 128 bits.
pub fn hash_key(partition_key: &str) -> u128 {
    let digest: [u8; 16] = Md5::digest(partition_key.as_bytes()).into();
    u128::from_be_bytes(digest)
}

/// Above every count a record can have.
const LAST_COUNT: u64 = 9_999_999_999_999_999_999;

/// A sequence number of 56 digits, as long as AWS's, which grows with time and, within one
/// millisecond, with `count`; it ends with the number of its shard.
pub fn sequence_number(at: i64, count: u64, shard: u64) -> String {
    format!("49{at:014}{count:020}{shard:020}")
}

/// Splits a sequence number into its time, count and shard; `None` where it is none of ours.
pub fn parse_sequence_number(text: &str) -> Option<(i64, u64, u64)> {
    let rest = text.strip_prefix("49").filter(|rest| rest.len() == 54)?;
    Some((
        rest.get(..14)?.parse().ok()?,
        rest.get(14..34)?.parse().ok()?,
        rest.get(34..)?.parse().ok()?,
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn three_shards_divide_the_space_as_aws_divides_it() {
        let ranges = even_ranges(3);
        assert_eq!(
            ranges[0],
            (0, 113_427_455_640_312_821_154_458_202_477_256_070_484)
        );
        assert_eq!(
            ranges[2].0,
            226_854_911_280_625_642_308_916_404_954_512_140_970
        );
        assert_eq!(ranges[2].1, u128::MAX);
        assert_eq!(even_ranges(1), [(0, u128::MAX)]);
        assert_eq!(even_ranges(2)[1].0, 1 << 127);
    }

    #[test]
    fn sequence_numbers_read_back() {
        let text = sequence_number(1_700_000_000_123, 42, 3);
        assert_eq!(text.len(), 56);
        assert_eq!(
            parse_sequence_number(&text),
            Some((1_700_000_000_123, 42, 3))
        );
        assert_eq!(parse_sequence_number("0"), None);
    }
}
