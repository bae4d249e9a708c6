//! Instance types: those modelled, and what AWS says of them.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::super::describe::page;
use super::super::errors::{error, invalid_value};
use super::super::{filters, regions};
use super::type_filters;
use crate::aws_model;
use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Reply};

/// What all types of a family have in common.
#[derive(Debug, PartialEq)]
pub struct Family {
    /// `x86_64` or `arm64`.
    pub architecture: &'static str,
    /// Threads of a core.
    pub threads: i64,
    /// Built on Nitro; else on Xen, with neither EBS optimisation nor UEFI.
    pub nitro: bool,
    /// How CPU credits are spent unless asked otherwise; none where they are not.
    pub credits: Option<&'static str>,
    clock_ghz: f64,
    manufacturer: &'static str,
    network: &'static str,
}

/// One type. EBS bandwidth is baseline and maximum in Mbps, `iops` the same; zero on Xen.
#[derive(Debug, PartialEq)]
pub struct InstanceType {
    /// `t3.micro`.
    pub name: &'static str,
    /// Of its family.
    pub family: &'static Family,
    vcpus: i64,
    memory_mib: i64,
    /// Interfaces an instance can have.
    pub interfaces: i64,
    /// IPv4 addresses an interface can have.
    addresses: i64,
    ebs_mbps: [i64; 2],
    iops: [i64; 2],
}

static T2: Family = Family {
    architecture: "x86_64",
    threads: 1,
    nitro: false,
    credits: Some("standard"),
    clock_ghz: 2.5,
    manufacturer: "Intel",
    network: "Low to Moderate",
};
static T3: Family = Family {
    architecture: "x86_64",
    threads: 2,
    nitro: true,
    credits: Some("unlimited"),
    clock_ghz: 2.5,
    manufacturer: "Intel",
    network: "Up to 5 Gigabit",
};
static T4G: Family = Family {
    architecture: "arm64",
    threads: 1,
    nitro: true,
    credits: Some("unlimited"),
    clock_ghz: 2.5,
    manufacturer: "AWS",
    network: "Up to 5 Gigabit",
};
static M5: Family = Family {
    architecture: "x86_64",
    threads: 2,
    nitro: true,
    credits: None,
    clock_ghz: 3.1,
    manufacturer: "Intel",
    network: "Up to 10 Gigabit",
};
static C5: Family = Family {
    architecture: "x86_64",
    threads: 2,
    nitro: true,
    credits: None,
    clock_ghz: 3.4,
    manufacturer: "Intel",
    network: "Up to 10 Gigabit",
};
static M6G: Family = Family {
    architecture: "arm64",
    threads: 1,
    nitro: true,
    credits: None,
    clock_ghz: 2.5,
    manufacturer: "AWS",
    network: "Up to 10 Gigabit",
};

/// Name, family, vCPUs, MiB of memory, interfaces, addresses of each, baseline and maximum Mbps of
/// EBS, baseline and maximum operations of EBS a second. From AWS's "Amazon EC2 instance types".
const TABLE: &str = "
    c5.large    c5     2   4096  3  10   650  4750   4000  20000
    c5.xlarge   c5     4   8192  4  15  1150  4750   6000  20000
    c5.2xlarge  c5     8  16384  4  15  2300  4750  10000  20000
    m5.large    m5     2   8192  3  10   650  4750   3600  18750
    m5.xlarge   m5     4  16384  4  15  1150  4750   6000  18750
    m5.2xlarge  m5     8  32768  4  15  2300  4750  12000  18750
    m5.4xlarge  m5    16  65536  8  30  4750  4750  18750  18750
    m6g.medium  m6g    1   4096  2   4   315  4750   2500  20000
    m6g.large   m6g    2   8192  3  10   630  4750   3600  20000
    m6g.xlarge  m6g    4  16384  4  15  1188  4750   6000  20000
    r5.large    m5     2  16384  3  10   650  4750   3600  18750
    r5.xlarge   m5     4  32768  4  15  1150  4750   6000  18750
    t2.nano     t2     1    512  2   2     0     0      0      0
    t2.micro    t2     1   1024  2   2     0     0      0      0
    t2.small    t2     1   2048  3   4     0     0      0      0
    t2.medium   t2     2   4096  3   6     0     0      0      0
    t2.large    t2     2   8192  3  12     0     0      0      0
    t2.xlarge   t2     4  16384  3  15     0     0      0      0
    t2.2xlarge  t2     8  32768  3  15     0     0      0      0
    t3.nano     t3     2    512  2   2    43  2085    250  11800
    t3.micro    t3     2   1024  2   2    87  2085    500  11800
    t3.small    t3     2   2048  3   4   174  2085   1000  11800
    t3.medium   t3     2   4096  3   6   347  2085   2000  11800
    t3.large    t3     2   8192  3  12   695  2780   4000  15700
    t3.xlarge   t3     4  16384  4  15   695  2780   4000  15700
    t3.2xlarge  t3     8  32768  4  15   695  2780   4000  15700
    t4g.nano    t4g    2    512  2   2    43  2085    250  11800
    t4g.micro   t4g    2   1024  2   2    87  2085    500  11800
    t4g.small   t4g    2   2048  3   4   174  2085   1000  11800
    t4g.medium  t4g    2   4096  3   6   347  2085   2000  11800
    t4g.large   t4g    2   8192  3  12   695  2780   4000  15700
";

static TYPES: LazyLock<Vec<InstanceType>> =
    LazyLock::new(|| TABLE.lines().filter_map(row).collect());

/// One line of the table.
fn row(line: &'static str) -> Option<InstanceType> {
    let mut words = line.split_whitespace();
    let name = words.next()?;
    let family = match words.next()? {
        "c5" => &C5,
        "m5" => &M5,
        "m6g" => &M6G,
        "t2" => &T2,
        "t3" => &T3,
        "t4g" => &T4G,
        _ => return None,
    };
    let numbers: Vec<i64> = words.map_while(|word| word.parse().ok()).collect();
    let [
        vcpus,
        memory_mib,
        interfaces,
        addresses,
        mbps,
        most_mbps,
        iops,
        most_iops,
    ] = numbers.try_into().ok()?;
    Some(InstanceType {
        name,
        family,
        vcpus,
        memory_mib,
        interfaces,
        addresses,
        ebs_mbps: [mbps, most_mbps],
        iops: [iops, most_iops],
    })
}

/// Those of the free tier.
const FREE: [&str; 2] = ["t2.micro", "t3.micro"];

/// The type of this name.
///
/// # Errors
/// 501 for a type that AWS has and this table has not; what AWS does not have is refused before.
pub fn named(name: &str) -> Result<&'static InstanceType, ApiError> {
    TYPES
        .iter()
        .find(|kind| kind.name == name)
        .ok_or_else(|| ApiError::not_implemented(format!("the instance type {name}")))
}

/// Whether AWS has a type of this name.
pub fn is_type(name: &str) -> bool {
    let model = aws_model::service("ec2").ok();
    let shape = model.and_then(|model| model.shapes.get("InstanceType"));
    shape.is_some_and(|shape| shape.values.iter().any(|known| known == name))
}

impl InstanceType {
    /// `CpuOptions` of an instance.
    pub fn cpu_options(&self) -> Value {
        json!({ "CoreCount": self.cores(), "ThreadsPerCore": self.family.threads })
    }

    fn cores(&self) -> i64 {
        self.vcpus / self.family.threads
    }

    fn architectures(&self) -> Vec<&'static str> {
        let old = ["t2.nano", "t2.micro", "t2.small", "t2.medium"].contains(&self.name);
        match old {
            true => vec!["i386", "x86_64"],
            false => vec![self.family.architecture],
        }
    }

    fn view(&self) -> Value {
        let family = self.family;
        let nitro = |yes: &'static str, no: &'static str| if family.nitro { yes } else { no };
        let strategies = match family.credits {
            Some(_) => json!(["partition", "spread"]),
            None => json!(["cluster", "partition", "spread"]),
        };
        let boot = match (family.nitro, family.architecture) {
            (_, "arm64") => json!(["uefi"]),
            (true, _) => json!(["legacy-bios", "uefi"]),
            (false, _) => json!(["legacy-bios"]),
        };
        json!({
            "InstanceType": self.name,
            "CurrentGeneration": true,
            "FreeTierEligible": FREE.contains(&self.name),
            "SupportedUsageClasses": ["on-demand", "spot"],
            "SupportedRootDeviceTypes": ["ebs"],
            "SupportedVirtualizationTypes": ["hvm"],
            "BareMetal": false,
            "Hypervisor": nitro("nitro", "xen"),
            "ProcessorInfo": {
                "SupportedArchitectures": self.architectures(),
                "SustainedClockSpeedInGhz": family.clock_ghz,
                "Manufacturer": family.manufacturer,
            },
            "VCpuInfo": {
                "DefaultVCpus": self.vcpus,
                "DefaultCores": self.cores(),
                "DefaultThreadsPerCore": family.threads,
            },
            "MemoryInfo": { "SizeInMiB": self.memory_mib },
            "InstanceStorageSupported": false,
            "EbsInfo": self.ebs(),
            "NetworkInfo": self.network(),
            "PlacementGroupInfo": { "SupportedStrategies": strategies },
            "BurstablePerformanceSupported": family.credits.is_some(),
            "SupportedBootModes": boot,
        })
    }

    fn ebs(&self) -> Value {
        if !self.family.nitro {
            return json!({
                "EbsOptimizedSupport": "unsupported",
                "EncryptionSupport": "supported",
                "NvmeSupport": "unsupported",
            });
        }
        let [baseline, maximum] = self.ebs_mbps;
        let per_second = |mbps: i64| mbps as f64 / 8.0;
        json!({
            "EbsOptimizedSupport": "default",
            "EncryptionSupport": "supported",
            "EbsOptimizedInfo": {
                "BaselineBandwidthInMbps": baseline,
                "BaselineThroughputInMBps": per_second(baseline),
                "BaselineIops": self.iops[0],
                "MaximumBandwidthInMbps": maximum,
                "MaximumThroughputInMBps": per_second(maximum),
                "MaximumIops": self.iops[1],
            },
            "NvmeSupport": "required",
        })
    }

    fn network(&self) -> Value {
        let family = self.family;
        json!({
            "NetworkPerformance": family.network,
            "MaximumNetworkInterfaces": self.interfaces,
            "MaximumNetworkCards": 1,
            "DefaultNetworkCardIndex": 0,
            "NetworkCards": [{
                "NetworkCardIndex": 0,
                "NetworkPerformance": family.network,
                "MaximumNetworkInterfaces": self.interfaces,
            }],
            "Ipv4AddressesPerInterface": self.addresses,
            "Ipv6AddressesPerInterface": self.addresses,
            "Ipv6Supported": true,
            "EnaSupport": if family.nitro { "required" } else { "unsupported" },
            "EfaSupported": false,
        })
    }
}

/// DescribeInstanceTypes: those of the table.
pub fn describe(call: &mut Call<'_>) -> Reply {
    let names = call.strings("InstanceTypes");
    if !names.is_empty() && call.has("MaxResults") {
        return Err(error(
            "InvalidParameterCombination",
            "The parameter MaxResults cannot be used with the parameter InstanceTypes",
        ));
    }
    let mut kinds: Vec<&InstanceType> = TYPES.iter().collect();
    if !names.is_empty() {
        kinds = names.iter().map(|n| named(n)).collect::<Result<_, _>>()?;
    }
    let filters = type_filters::parse(call.list("Filters"))?;
    let views = kinds
        .into_iter()
        .map(InstanceType::view)
        .filter(|view| filters::pass(&filters, view, ""))
        .map(|view| {
            (
                view["InstanceType"].as_str().unwrap_or_default().to_owned(),
                view,
            )
        })
        .collect();
    page(call, "InstanceTypes", views)
}

const OFFERING_FILTERS: filters::Table =
    &[("instance-type", "InstanceType"), ("location", "Location")];

/// DescribeInstanceTypeOfferings: every type of the table is offered in every zone.
pub fn offerings(call: &mut Call<'_>) -> Reply {
    let kind = call.str("LocationType").unwrap_or("region");
    let zones = regions::zones(call.region);
    let locations: Vec<String> = match kind {
        "region" => vec![call.region.to_owned()],
        "availability-zone" => zones.into_iter().map(|zone| zone.name).collect(),
        "availability-zone-id" => zones.into_iter().map(|zone| zone.id).collect(),
        "outpost" => Vec::new(),
        other => {
            return Err(invalid_value(format!(
                "Value ({other}) for parameter locationType is invalid."
            )));
        }
    };
    let filters = filters::parse(call.list("Filters"), OFFERING_FILTERS, &[], false)?;
    let mut views = Vec::new();
    for kind_of in TYPES.iter() {
        for location in &locations {
            let view = json!({
                "InstanceType": kind_of.name,
                "LocationType": kind,
                "Location": location,
            });
            if filters::pass(&filters, &view, "") {
                views.push((format!("{} {location}", kind_of.name), view));
            }
        }
    }
    page(call, "InstanceTypeOfferings", views)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_type_of_aws() {
        let lines = TABLE.lines().filter(|line| !line.is_empty()).count();
        assert_eq!(TYPES.len(), lines);
        for kind in TYPES.iter() {
            assert!(is_type(kind.name), "{}", kind.name);
            assert_eq!(kind.vcpus % kind.family.threads, 0, "{}", kind.name);
            assert_eq!(kind.family.nitro, kind.ebs_mbps[0] > 0, "{}", kind.name);
        }
    }
}
