//! The filters of DescribeInstanceTypes.

use serde_json::Value;

use super::super::filters::{self, Filter};
use super::super::things::text;
use crate::cloud::error::ApiError;

const FILTERS: filters::Table = &[
    ("bare-metal", "BareMetal"),
    (
        "burstable-performance-supported",
        "BurstablePerformanceSupported",
    ),
    ("current-generation", "CurrentGeneration"),
    (
        "ebs-info.ebs-optimized-support",
        "EbsInfo.EbsOptimizedSupport",
    ),
    (
        "ebs-info.ebs-optimized-info.baseline-bandwidth-in-mbps",
        "EbsInfo.EbsOptimizedInfo.BaselineBandwidthInMbps",
    ),
    (
        "ebs-info.ebs-optimized-info.baseline-iops",
        "EbsInfo.EbsOptimizedInfo.BaselineIops",
    ),
    (
        "ebs-info.ebs-optimized-info.baseline-throughput-in-mbps",
        "EbsInfo.EbsOptimizedInfo.BaselineThroughputInMBps",
    ),
    (
        "ebs-info.ebs-optimized-info.maximum-bandwidth-in-mbps",
        "EbsInfo.EbsOptimizedInfo.MaximumBandwidthInMbps",
    ),
    (
        "ebs-info.ebs-optimized-info.maximum-iops",
        "EbsInfo.EbsOptimizedInfo.MaximumIops",
    ),
    (
        "ebs-info.ebs-optimized-info.maximum-throughput-in-mbps",
        "EbsInfo.EbsOptimizedInfo.MaximumThroughputInMBps",
    ),
    ("ebs-info.encryption-support", "EbsInfo.EncryptionSupport"),
    ("ebs-info.nvme-support", "EbsInfo.NvmeSupport"),
    ("free-tier-eligible", "FreeTierEligible"),
    ("hypervisor", "Hypervisor"),
    ("instance-storage-supported", "InstanceStorageSupported"),
    ("instance-type", "InstanceType"),
    ("memory-info.size-in-mib", "MemoryInfo.SizeInMiB"),
    ("network-info.ena-support", "NetworkInfo.EnaSupport"),
    ("network-info.efa-supported", "NetworkInfo.EfaSupported"),
    (
        "network-info.ipv4-addresses-per-interface",
        "NetworkInfo.Ipv4AddressesPerInterface",
    ),
    (
        "network-info.ipv6-addresses-per-interface",
        "NetworkInfo.Ipv6AddressesPerInterface",
    ),
    ("network-info.ipv6-supported", "NetworkInfo.Ipv6Supported"),
    (
        "network-info.maximum-network-cards",
        "NetworkInfo.MaximumNetworkCards",
    ),
    (
        "network-info.maximum-network-interfaces",
        "NetworkInfo.MaximumNetworkInterfaces",
    ),
    (
        "network-info.network-performance",
        "NetworkInfo.NetworkPerformance",
    ),
    (
        "processor-info.supported-architecture",
        "ProcessorInfo.SupportedArchitectures",
    ),
    (
        "processor-info.sustained-clock-speed-in-ghz",
        "ProcessorInfo.SustainedClockSpeedInGhz",
    ),
    ("supported-boot-mode", "SupportedBootModes"),
    ("supported-root-device-type", "SupportedRootDeviceTypes"),
    ("supported-usage-class", "SupportedUsageClasses"),
    (
        "supported-virtualization-type",
        "SupportedVirtualizationTypes",
    ),
    ("vcpu-info.default-cores", "VCpuInfo.DefaultCores"),
    (
        "vcpu-info.default-threads-per-core",
        "VCpuInfo.DefaultThreadsPerCore",
    ),
    ("vcpu-info.default-vcpus", "VCpuInfo.DefaultVCpus"),
];

/// No type of the table has disks of its own or fabric adapters.
const NEVER: &[&str] = &[
    "instance-storage-info.disk.count",
    "instance-storage-info.disk.size-in-gb",
    "instance-storage-info.disk.type",
    "instance-storage-info.encryption-support",
    "instance-storage-info.nvme-support",
    "instance-storage-info.total-size-in-gb",
    "network-info.efa-info.maximum-efa-interfaces",
];

/// Documented filters on what the table does not know of its types.
const NOT_MODELLED: &[&str] = &[
    "auto-recovery-supported",
    "dedicated-hosts-supported",
    "ebs-info.attachment-limit-type",
    "ebs-info.maximum-ebs-attachments",
    "hibernation-supported",
    "network-info.bandwidth-weightings",
    "network-info.encryption-in-transit-supported",
    "network-info.flexible-ena-queues-support",
    "nitro-enclaves-support",
    "nitro-tpm-info.supported-versions",
    "nitro-tpm-support",
    "processor-info.supported-features",
    "reboot-migration-support",
    "vcpu-info.valid-cores",
    "vcpu-info.valid-threads-per-core",
];

/// The filters of a request.
pub fn parse(sent: &[Value]) -> Result<Vec<Filter>, ApiError> {
    let mut names = sent.iter().map(|filter| text(filter, "Name"));
    if let Some(name) = names.find(|name| NOT_MODELLED.contains(name)) {
        return Err(ApiError::not_implemented(format!(
            "DescribeInstanceTypes' filter {name}"
        )));
    }
    filters::parse(sent, FILTERS, NEVER, false)
}
