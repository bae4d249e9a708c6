//! Address ranges, protocols and ports as EC2 gives them back.

use std::net::IpAddr;

use serde_json::Value;

use crate::schema::Finding;

/// The name of an IP protocol, by its name or its number (IANA's; -1 is all of them): EC2 takes both
/// and names those that have names here. `None` for null.
pub fn protocol(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.to_ascii_lowercase(),
        other => other.to_string(),
    };
    let name = match text.as_str() {
        "-1" => "all",
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        _ => return Some(text),
    };
    Some(name.to_owned())
}

/// The first and the last of ports written as `22`, `8000-8100` or `all`.
pub fn ports(text: &str) -> (i64, i64) {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str, all| text.trim().parse().unwrap_or(all);
    (number(from, 0), number(to, 65535))
}

/// A range in CIDR notation (RFC 4632, RFC 4291): with its host bits cleared and, for IPv6, in RFC 5952's form: `10.1.2.3/8` is
/// `10.0.0.0/8`. `None` for what is no range.
pub fn masked(text: &str) -> Option<String> {
    let (address, bits) = text.split_once('/')?;
    let bits: u32 = bits.parse().ok()?;
    match address.parse().ok()? {
        IpAddr::V4(address) if bits <= 32 => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            let network = std::net::Ipv4Addr::from(u32::from(address) & mask);
            Some(format!("{network}/{bits}"))
        }
        IpAddr::V6(address) if bits <= 128 => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            let network = std::net::Ipv6Addr::from(u128::from(address) & mask);
            Some(format!("{network}/{bits}"))
        }
        _ => None,
    }
}

/// Where the other side (`peer`) of rules is neither a range of addresses nor a group or a prefix
/// list, and what is wrong there.
pub fn wrong_ranges(list: &str, peer: &str, rules: Option<&Value>) -> Vec<Finding> {
    let rules = rules.and_then(Value::as_array).into_iter().flatten();
    let wrong = rules.enumerate().filter_map(|(at, rule)| {
        let text = rule.get(peer)?.as_str()?;
        let is_other = text.contains("sg-") || text.starts_with("pl-");
        let why = format!("`{text}` is no range of addresses");
        let label = "expected one such as 10.0.0.0/16 or 2001:db8::/32";
        let path = format!("{list}[{at}].{peer}");
        (!is_other && masked(text).is_none()).then(|| Finding::error(path, why, label))
    });
    wrong.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{masked, ports, protocol};

    #[test]
    fn host_bits_are_cleared() {
        for (given, expected) in [
            ("10.1.2.3/8", Some("10.0.0.0/8")),
            ("1.2.3.4/32", Some("1.2.3.4/32")),
            ("1.2.3.4/0", Some("0.0.0.0/0")),
            ("2001:DB8:0:0::1/32", Some("2001:db8::/32")),
            ("::1/0", Some("::/0")),
            ("1.2.3.4", None),
            ("1.2.3.4/33", None),
            ("sg-1/8", None),
        ] {
            assert_eq!(masked(given).as_deref(), expected, "{given}");
        }
    }

    #[test]
    fn protocols_have_names_and_ports_bounds() {
        for (given, expected) in [
            (json!("TCP"), "tcp"),
            (json!(17), "udp"),
            (json!("-1"), "all"),
            (json!(50), "50"),
        ] {
            assert_eq!(protocol(&given).as_deref(), Some(expected));
        }
        assert_eq!(protocol(&json!(null)), None);
        assert_eq!(
            [ports("22"), ports("8000-8100"), ports("all")],
            [(22, 22), (8000, 8100), (0, 65535)]
        );
    }
}
