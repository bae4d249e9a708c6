//! DescribeInstances.

use serde_json::{Map, Value, json};

use super::super::filters::{self, Table};
use super::super::things::{INSTANCE, text};
use super::{lists, view};
use crate::cloud::protocol::scalar::{self, TimeFormat};
use crate::cloud::services::call::{Call, Reply};

/// The filters, on an instance's view with its reservation's members and what [`probe`] adds.
const FILTERS: Table = &[
    ("architecture", "Architecture"),
    ("availability-zone", "Placement.AvailabilityZone"),
    ("availability-zone-id", "Placement.AvailabilityZoneId"),
    ("block-device-mapping.attach-time", "Probe.VolumeTimes"),
    (
        "block-device-mapping.delete-on-termination",
        "BlockDeviceMappings.Ebs.DeleteOnTermination",
    ),
    (
        "block-device-mapping.device-name",
        "BlockDeviceMappings.DeviceName",
    ),
    (
        "block-device-mapping.status",
        "BlockDeviceMappings.Ebs.Status",
    ),
    (
        "block-device-mapping.volume-id",
        "BlockDeviceMappings.Ebs.VolumeId",
    ),
    ("boot-mode", "BootMode"),
    ("client-token", "ClientToken"),
    ("current-instance-boot-mode", "CurrentInstanceBootMode"),
    ("dns-name", "PublicDnsName"),
    ("ebs-optimized", "EbsOptimized"),
    ("ena-support", "EnaSupport"),
    ("enclave-options.enabled", "EnclaveOptions.Enabled"),
    (
        "hibernation-options.configured",
        "HibernationOptions.Configured",
    ),
    ("hypervisor", "Hypervisor"),
    ("iam-instance-profile.arn", "IamInstanceProfile.Arn"),
    ("iam-instance-profile.id", "IamInstanceProfile.Id"),
    ("iam-instance-profile.name", "Probe.Profile"),
    ("image-id", "ImageId"),
    ("instance-id", "InstanceId"),
    ("instance-state-code", "State.Code"),
    ("instance-state-name", "State.Name"),
    ("instance-type", "InstanceType"),
    ("instance.group-id", "SecurityGroups.GroupId"),
    ("instance.group-name", "SecurityGroups.GroupName"),
    ("ip-address", "PublicIpAddress"),
    ("key-name", "KeyName"),
    ("launch-index", "AmiLaunchIndex"),
    ("launch-time", "Probe.LaunchTime"),
    (
        "maintenance-options.auto-recovery",
        "MaintenanceOptions.AutoRecovery",
    ),
    (
        "metadata-options.http-endpoint",
        "MetadataOptions.HttpEndpoint",
    ),
    (
        "metadata-options.http-put-response-hop-limit",
        "MetadataOptions.HttpPutResponseHopLimit",
    ),
    ("metadata-options.http-tokens", "MetadataOptions.HttpTokens"),
    (
        "metadata-options.instance-metadata-tags",
        "MetadataOptions.InstanceMetadataTags",
    ),
    ("monitoring-state", "Monitoring.State"),
    (
        "network-interface.addresses.association.ip-owner-id",
        "NetworkInterfaces.PrivateIpAddresses.Association.IpOwnerId",
    ),
    (
        "network-interface.addresses.association.public-ip",
        "NetworkInterfaces.PrivateIpAddresses.Association.PublicIp",
    ),
    (
        "network-interface.addresses.primary",
        "NetworkInterfaces.PrivateIpAddresses.Primary",
    ),
    (
        "network-interface.addresses.private-ip-address",
        "NetworkInterfaces.PrivateIpAddresses.PrivateIpAddress",
    ),
    (
        "network-interface.association.ip-owner-id",
        "NetworkInterfaces.Association.IpOwnerId",
    ),
    (
        "network-interface.association.public-ip",
        "NetworkInterfaces.Association.PublicIp",
    ),
    (
        "network-interface.attachment.attachment-id",
        "NetworkInterfaces.Attachment.AttachmentId",
    ),
    (
        "network-interface.attachment.delete-on-termination",
        "NetworkInterfaces.Attachment.DeleteOnTermination",
    ),
    (
        "network-interface.attachment.device-index",
        "NetworkInterfaces.Attachment.DeviceIndex",
    ),
    (
        "network-interface.attachment.status",
        "NetworkInterfaces.Attachment.Status",
    ),
    (
        "network-interface.availability-zone",
        "Placement.AvailabilityZone",
    ),
    (
        "network-interface.description",
        "NetworkInterfaces.Description",
    ),
    (
        "network-interface.group-id",
        "NetworkInterfaces.Groups.GroupId",
    ),
    (
        "network-interface.group-name",
        "NetworkInterfaces.Groups.GroupName",
    ),
    (
        "network-interface.mac-address",
        "NetworkInterfaces.MacAddress",
    ),
    (
        "network-interface.network-interface-id",
        "NetworkInterfaces.NetworkInterfaceId",
    ),
    ("network-interface.owner-id", "NetworkInterfaces.OwnerId"),
    (
        "network-interface.private-dns-name",
        "NetworkInterfaces.PrivateDnsName",
    ),
    (
        "network-interface.private-ip-address",
        "NetworkInterfaces.PrivateIpAddress",
    ),
    (
        "network-interface.source-dest-check",
        "NetworkInterfaces.SourceDestCheck",
    ),
    ("network-interface.status", "NetworkInterfaces.Status"),
    ("network-interface.subnet-id", "NetworkInterfaces.SubnetId"),
    ("network-interface.vpc-id", "NetworkInterfaces.VpcId"),
    ("operator.managed", "Operator.Managed"),
    ("owner-id", "Probe.OwnerId"),
    ("placement-group-name", "Placement.GroupName"),
    ("platform-details", "PlatformDetails"),
    ("private-dns-name", "PrivateDnsName"),
    (
        "private-dns-name-options.enable-resource-name-dns-a-record",
        "PrivateDnsNameOptions.EnableResourceNameDnsARecord",
    ),
    (
        "private-dns-name-options.enable-resource-name-dns-aaaa-record",
        "PrivateDnsNameOptions.EnableResourceNameDnsAAAARecord",
    ),
    (
        "private-dns-name-options.hostname-type",
        "PrivateDnsNameOptions.HostnameType",
    ),
    ("private-ip-address", "PrivateIpAddress"),
    ("reason", "StateTransitionReason"),
    ("reservation-id", "Probe.ReservationId"),
    ("root-device-name", "RootDeviceName"),
    ("root-device-type", "RootDeviceType"),
    ("source-dest-check", "SourceDestCheck"),
    ("state-reason-code", "StateReason.Code"),
    ("state-reason-message", "StateReason.Message"),
    ("subnet-id", "SubnetId"),
    ("tenancy", "Placement.Tenancy"),
    ("usage-operation", "UsageOperation"),
    ("virtualization-type", "VirtualizationType"),
    (
        "metadata-options.http-protocol-ipv6",
        "MetadataOptions.HttpProtocolIpv6",
    ),
    ("metadata-options.state", "MetadataOptions.State"),
    (
        "network-interface.addresses.association.public-dns-name",
        "NetworkInterfaces.PrivateIpAddresses.Association.PublicDnsName",
    ),
    (
        "network-interface.addresses.private-dns-name",
        "NetworkInterfaces.PrivateIpAddresses.PrivateDnsName",
    ),
    (
        "network-interface.association.public-dns-name",
        "NetworkInterfaces.Association.PublicDnsName",
    ),
    (
        "network-interface.attachment.network-card-index",
        "NetworkInterfaces.Attachment.NetworkCardIndex",
    ),
    ("network-interface.attachment.instance-id", "InstanceId"),
    (
        "network-interface.attachment.instance-owner-id",
        "NetworkInterfaces.OwnerId",
    ),
    (
        "network-interface.attachment.attach-time",
        "Probe.InterfaceTimes",
    ),
    (
        "network-interface.operator.managed",
        "NetworkInterfaces.Operator.Managed",
    ),
    (
        "network-interface.public-dns-name",
        "NetworkInterfaces.Association.PublicDnsName",
    ),
    (
        "network-performance-options.bandwidth-weighting",
        "NetworkPerformanceOptions.BandwidthWeighting",
    ),
    (
        "capacity-reservation-specification.capacity-reservation-preference",
        "CapacityReservationSpecification.CapacityReservationPreference",
    ),
    ("usage-operation-update-time", "Probe.UsageTime"),
    ("vpc-id", "VpcId"),
];

/// Documented filters on what no instance here has.
const NEVER: &[&str] = &[
    "affinity",
    "capacity-reservation-id",
    "capacity-reservation-specification.capacity-reservation-target.capacity-reservation-id",
    "capacity-reservation-specification.capacity-reservation-target.capacity-reservation-resource-group-arn",
    "host-id",
    "instance-lifecycle",
    "ipv6-address",
    "kernel-id",
    "metadata-options.http-protocol-ipv4",
    "network-interface.addresses.association.allocation-id",
    "network-interface.addresses.association.association-id",
    "network-interface.addresses.association.carrier-ip",
    "network-interface.addresses.association.customer-owned-ip",
    "network-interface.association.allocation-id",
    "network-interface.association.association-id",
    "network-interface.association.carrier-ip",
    "network-interface.association.customer-owned-ip",
    "network-interface.deny-all-igw-traffic",
    "network-interface.ipv4-prefixes.ipv4-prefix",
    "network-interface.ipv6-address",
    "network-interface.ipv6-addresses.ipv6-address",
    "network-interface.ipv6-addresses.is-primary-ipv6",
    "network-interface.ipv6-native",
    "network-interface.ipv6-prefixes.ipv6-prefix",
    "network-interface.operator.principal",
    "network-interface.outpost-arn",
    "network-interface.requester-id",
    "network-interface.requester-managed",
    "network-interface.tag-key",
    "network-interface.tag-value",
    "operator.principal",
    "outpost-arn",
    "placement-partition-number",
    "platform",
    "product-code",
    "product-code.type",
    "ramdisk-id",
    "requester-id",
    "spot-instance-request-id",
    "tpm-support",
];

/// DescribeInstances. Pages count instances, not reservations.
pub fn describe(call: &mut Call<'_>) -> Reply {
    let filters = filters::parse(call.list("Filters"), FILTERS, NEVER, true)?;
    lists::limit(call)?;
    let records = lists::named(call)?;
    let attached = lists::attached(call)?;
    let view = |record: &Value| {
        let view = view::instance(record, &attached, call.now);
        probe(view, record, call.account)
    };
    let keyed = records.into_iter().map(|record| {
        let (reservation, id) = (text(&record, "Reservation"), text(&record, INSTANCE.id));
        (format!("{reservation} {id}"), record)
    });
    let (views, next) = if filters.is_empty() {
        let (records, next) = lists::page(call, keyed.collect())?;
        (records.iter().map(view).collect(), next)
    } else {
        let views = keyed
            .map(|(key, record)| (key, view(&record)))
            .filter(|(_, view)| filters::pass(&filters, view, INSTANCE.tags));
        lists::page(call, views.collect())?
    };
    let mut reply = json!({ "Reservations": reservations(views, call.account) });
    if let Some(next) = next {
        reply["NextToken"] = next.into();
    }
    Ok(reply)
}

/// What filters look at beside the view.
fn probe(mut view: Value, record: &Value, account: &str) -> Value {
    let time = |value: &Value| {
        let ms = value.as_i64().unwrap_or_default();
        scalar::write_time(ms / 1000 * 1000, TimeFormat::Iso8601Millis)
    };
    let profile = text(&view["IamInstanceProfile"], "Arn");
    let times = |list: &str, of: &str| -> Vec<String> {
        let items = view[list].as_array().into_iter().flatten();
        items.map(|item| time(&item[of]["AttachTime"])).collect()
    };
    let volumes = times("BlockDeviceMappings", "Ebs");
    let interfaces = times("NetworkInterfaces", "Attachment");
    view["Probe"] = json!({
        "ReservationId": record["Reservation"],
        "OwnerId": account,
        "LaunchTime": time(&view["LaunchTime"]),
        "Profile": profile.rsplit('/').next(),
        "VolumeTimes": volumes,
        "InterfaceTimes": interfaces,
        "UsageTime": time(&view["UsageOperationUpdateTime"]),
    });
    view
}

/// Instances, those of a reservation one after the other, as reservations.
fn reservations(views: Vec<Value>, account: &str) -> Vec<Value> {
    let mut reservations: Vec<(String, Vec<Value>)> = Vec::new();
    for mut view in views {
        let probe = view
            .as_object_mut()
            .and_then(|m: &mut Map<_, _>| m.remove("Probe"));
        let id = text(&probe.unwrap_or_default(), "ReservationId").to_owned();
        match reservations.last_mut().filter(|(last, _)| *last == id) {
            Some((_, instances)) => instances.push(view),
            None => reservations.push((id, vec![view])),
        }
    }
    reservations
        .into_iter()
        .map(|(id, mut instances)| {
            instances.sort_by_key(|instance| instance["AmiLaunchIndex"].as_i64());
            json!({
                "ReservationId": id,
                "OwnerId": account,
                "Groups": [],
                "Instances": instances,
            })
        })
        .collect()
}
