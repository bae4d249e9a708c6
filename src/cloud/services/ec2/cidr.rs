//! Address blocks: parsing, masking and overlap.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// An IPv4 block, its host bits cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr4 {
    base: u32,
    /// Bits of the network.
    pub bits: u32,
}

impl Cidr4 {
    /// `a.b.c.d/n`; bits right of `n` are cleared as EC2 does.
    pub fn parse(text: &str) -> Option<Cidr4> {
        let (address, bits) = split(text, 32)?;
        let base = u32::from(address.parse::<Ipv4Addr>().ok()?);
        Some(Cidr4 {
            base: base & mask(bits),
            bits,
        })
    }

    /// Addresses in the block.
    pub fn size(self) -> u64 {
        1 << (32 - self.bits)
    }

    /// Whether all of `other` lies within.
    pub fn contains(self, other: Cidr4) -> bool {
        other.bits >= self.bits && other.base & mask(self.bits) == self.base
    }

    /// Whether the two share an address.
    pub fn overlaps(self, other: Cidr4) -> bool {
        self.contains(other) || other.contains(self)
    }

    /// The n-th address.
    pub fn address(self, n: u32) -> Ipv4Addr {
        Ipv4Addr::from(self.base.wrapping_add(n))
    }

    /// The n-th block of `bits` within.
    pub fn part(self, n: u32, bits: u32) -> Cidr4 {
        Cidr4 {
            base: self.base + (n << (32 - bits)),
            bits,
        }
    }
}

impl fmt::Display for Cidr4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from(self.base), self.bits)
    }
}

/// An IPv6 block in its shortest spelling, host bits cleared.
pub fn canonical_v6(text: &str) -> Option<String> {
    let (address, bits) = split(text, 128)?;
    let address = u128::from(address.parse::<Ipv6Addr>().ok()?);
    let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
    Some(format!("{}/{bits}", Ipv6Addr::from(address & mask)))
}

fn mask(bits: u32) -> u32 {
    u32::MAX.checked_shl(32 - bits).unwrap_or(0)
}

fn split(text: &str, most: u32) -> Option<(&str, u32)> {
    let (address, bits) = text.split_once('/')?;
    let digits = !bits.is_empty() && bits.bytes().all(|b| b.is_ascii_digit());
    let bits = bits.parse().ok().filter(|bits| digits && *bits <= most)?;
    Some((address, bits))
}

#[cfg(test)]
mod tests {
    use super::{Cidr4, canonical_v6};

    #[test]
    fn host_bits_are_cleared() {
        let shown = |text| Cidr4::parse(text).map(|cidr| cidr.to_string());
        assert_eq!(shown("10.1.2.3/16").as_deref(), Some("10.1.0.0/16"));
        assert_eq!(shown("1.2.3.4/0").as_deref(), Some("0.0.0.0/0"));
        assert_eq!(shown("1.2.3.4/33"), None);
        assert_eq!(shown("1.2.3.4"), None);
        assert_eq!(
            canonical_v6("2001:DB8:0::1/32").as_deref(),
            Some("2001:db8::/32")
        );
        assert_eq!(canonical_v6("::/0").as_deref(), Some("::/0"));
    }
}
