//! EC2: networks, security groups, key pairs, instances with what is attached to them, images, and
//! their tags.
//!
//! Everything but rules' arithmetic is a *thing* (`things.rs`): a record in the API's own shape
//! under `<region>/<id>`, found by what it holds over an index (`index.rs`). Describe operations
//! share ids, filters and pages (`describe.rs`); a table per operation says where each filter's
//! values are. A region is seeded on first use with the default VPC. What other services need of
//! it are the functions re-exported here.
//!
//! `DryRun` is answered for every operation by [`dry`]: the handler runs, and its effects go with
//! the error that says it would have succeeded.

mod cidr;
mod describe;
mod errors;
mod filters;
mod image;
mod index;
mod instance;
mod interface_calls;
mod interfaces;
mod internet_gateway;
mod key_material;
mod key_pair;
mod network_acl;
mod prefix_list;
pub mod regions;
mod route_table;
mod routes;
mod rule_calls;
mod rules;
mod security_group;
mod subnet;
mod tagging;
mod things;
mod volume;
mod volume_calls;
mod vpc;
mod vpc_blocks;

use serde_json::Value;

use crate::cloud::error::ApiError;
use crate::cloud::services::call::{Call, Handler, Reply, Service};
use crate::cloud::store::{StoreError, Txn};

pub use interfaces::{attach_interfaces, interfaces_of, release_interfaces};
pub use tagging::tagged;

/// The operations of EC2.
pub static SERVICE: Service = Service {
    name: "ec2",
    operations: &[
        ("CreateVpc", |c| dry(c, vpc::create)),
        ("CreateDefaultVpc", |c| dry(c, vpc::create_default)),
        ("DescribeVpcs", |c| dry(c, vpc::describe)),
        ("DescribeVpcAttribute", |c| dry(c, vpc::describe_attribute)),
        ("ModifyVpcAttribute", |c| dry(c, vpc::modify_attribute)),
        ("DeleteVpc", |c| dry(c, vpc::delete)),
        ("DescribeDhcpOptions", |c| dry(c, vpc::describe_options)),
        ("CreateSubnet", |c| dry(c, subnet::create)),
        ("CreateDefaultSubnet", |c| dry(c, subnet::create_default)),
        ("DescribeSubnets", |c| dry(c, subnet::describe)),
        ("ModifySubnetAttribute", |c| {
            dry(c, subnet::modify_attribute)
        }),
        ("DeleteSubnet", |c| dry(c, subnet::delete)),
        ("CreateInternetGateway", |c| {
            dry(c, internet_gateway::create)
        }),
        ("DescribeInternetGateways", |c| {
            dry(c, internet_gateway::describe)
        }),
        ("AttachInternetGateway", |c| {
            dry(c, internet_gateway::attach)
        }),
        ("DetachInternetGateway", |c| {
            dry(c, internet_gateway::detach)
        }),
        ("DeleteInternetGateway", |c| {
            dry(c, internet_gateway::delete)
        }),
        ("DescribeRouteTables", |c| dry(c, route_table::describe)),
        ("AssociateVpcCidrBlock", |c| dry(c, vpc_blocks::associate)),
        ("DisassociateVpcCidrBlock", |c| {
            dry(c, vpc_blocks::disassociate)
        }),
        ("CreateRouteTable", |c| dry(c, routes::create_table)),
        ("DeleteRouteTable", |c| dry(c, routes::delete_table)),
        ("AssociateRouteTable", |c| dry(c, routes::associate)),
        ("DisassociateRouteTable", |c| dry(c, routes::disassociate)),
        ("ReplaceRouteTableAssociation", |c| {
            dry(c, routes::replace_association)
        }),
        ("CreateRoute", |c| dry(c, routes::create)),
        ("ReplaceRoute", |c| dry(c, routes::replace)),
        ("DeleteRoute", |c| dry(c, routes::delete)),
        ("DescribeNetworkAcls", |c| dry(c, network_acl::describe)),
        ("DescribeNetworkInterfaces", |c| {
            dry(c, interfaces::describe)
        }),
        ("CreateSecurityGroup", |c| dry(c, security_group::create)),
        ("DescribeSecurityGroups", |c| {
            dry(c, security_group::describe)
        }),
        ("DeleteSecurityGroup", |c| dry(c, security_group::delete)),
        ("DescribeSecurityGroupReferences", |c| {
            dry(c, security_group::references)
        }),
        ("DescribeStaleSecurityGroups", |c| {
            dry(c, security_group::stale)
        }),
        ("GetSecurityGroupsForVpc", |c| {
            dry(c, security_group::for_vpc)
        }),
        ("AuthorizeSecurityGroupIngress", |c| {
            dry(c, rule_calls::authorize_ingress)
        }),
        ("AuthorizeSecurityGroupEgress", |c| {
            dry(c, rule_calls::authorize_egress)
        }),
        ("RevokeSecurityGroupIngress", |c| {
            dry(c, rule_calls::revoke_ingress)
        }),
        ("RevokeSecurityGroupEgress", |c| {
            dry(c, rule_calls::revoke_egress)
        }),
        ("DescribeSecurityGroupRules", |c| {
            dry(c, rule_calls::describe)
        }),
        ("ModifySecurityGroupRules", |c| dry(c, rule_calls::modify)),
        ("UpdateSecurityGroupRuleDescriptionsIngress", |c| {
            dry(c, rule_calls::update_descriptions_ingress)
        }),
        ("UpdateSecurityGroupRuleDescriptionsEgress", |c| {
            dry(c, rule_calls::update_descriptions_egress)
        }),
        ("DescribePrefixLists", |c| dry(c, prefix_list::describe)),
        ("CreateKeyPair", |c| dry(c, key_pair::create)),
        ("ImportKeyPair", |c| dry(c, key_pair::import)),
        ("DescribeKeyPairs", |c| dry(c, key_pair::describe)),
        ("DeleteKeyPair", |c| dry(c, key_pair::delete)),
        ("RunInstances", |c| dry(c, instance::run)),
        ("DescribeInstances", |c| dry(c, instance::describe)),
        ("DescribeInstanceStatus", |c| {
            dry(c, instance::describe_status)
        }),
        ("DescribeInstanceAttribute", |c| {
            dry(c, instance::describe_attribute)
        }),
        ("ModifyInstanceAttribute", |c| {
            dry(c, instance::modify_attribute)
        }),
        ("ResetInstanceAttribute", |c| {
            dry(c, instance::reset_attribute)
        }),
        ("StartInstances", |c| dry(c, instance::start)),
        ("StopInstances", |c| dry(c, instance::stop)),
        ("RebootInstances", |c| dry(c, instance::reboot)),
        ("TerminateInstances", |c| dry(c, instance::terminate)),
        ("MonitorInstances", |c| dry(c, instance::monitor)),
        ("UnmonitorInstances", |c| dry(c, instance::unmonitor)),
        ("ModifyInstanceMetadataOptions", |c| {
            dry(c, instance::modify_metadata)
        }),
        ("DescribeInstanceCreditSpecifications", |c| {
            dry(c, instance::credits)
        }),
        ("ModifyInstanceCreditSpecification", |c| {
            dry(c, instance::modify_credits)
        }),
        ("GetConsoleOutput", |c| dry(c, instance::console_output)),
        ("DescribeInstanceTypes", |c| {
            dry(c, instance::types::describe)
        }),
        ("DescribeInstanceTypeOfferings", |c| {
            dry(c, instance::types::offerings)
        }),
        ("AssociateIamInstanceProfile", |c| {
            dry(c, instance::associate_profile)
        }),
        ("DescribeIamInstanceProfileAssociations", |c| {
            dry(c, instance::describe_profiles)
        }),
        ("DisassociateIamInstanceProfile", |c| {
            dry(c, instance::disassociate_profile)
        }),
        ("ReplaceIamInstanceProfileAssociation", |c| {
            dry(c, instance::replace_profile)
        }),
        ("DescribeImages", |c| dry(c, image::describe)),
        ("DescribeImageAttribute", |c| {
            dry(c, image::describe_attribute)
        }),
        ("DescribeVolumes", |c| dry(c, volume_calls::describe)),
        ("DescribeVolumeAttribute", |c| {
            dry(c, volume_calls::describe_attribute)
        }),
        ("DescribeVolumeStatus", |c| {
            dry(c, volume_calls::describe_status)
        }),
        ("DescribeVolumesModifications", |c| {
            dry(c, volume_calls::describe_modifications)
        }),
        ("ModifyVolume", |c| dry(c, volume_calls::modify)),
        ("DescribeNetworkInterfaceAttribute", |c| {
            dry(c, interface_calls::describe_attribute)
        }),
        ("ModifyNetworkInterfaceAttribute", |c| {
            dry(c, interface_calls::modify_attribute)
        }),
        ("CreateTags", |c| dry(c, tagging::create)),
        ("DescribeTags", |c| dry(c, tagging::describe)),
        ("DeleteTags", |c| dry(c, tagging::delete)),
        ("DescribeAvailabilityZones", |c| {
            dry(c, regions::describe_zones)
        }),
        ("DescribeRegions", |c| dry(c, regions::describe_regions)),
        ("DescribeAccountAttributes", |c| {
            dry(c, regions::describe_account)
        }),
    ],
    validation_code: "InvalidParameterValue",
    seed: vpc::seed,
};

/// Runs a handler, in a region that exists; with `DryRun` its success becomes the error that AWS answers with, and the
/// transaction is given up with it.
fn dry(call: &mut Call<'_>, handler: Handler) -> Reply {
    if !regions::is_known(call.region) {
        return Err(errors::error(
            "InvalidRegion",
            format!("The region '{}' does not exist.", call.region),
        ));
    }
    let reply = handler(call)?;
    if call.bool("DryRun") == Some(true) {
        return Err(ApiError::new(
            "DryRunOperation",
            412,
            "Request would have succeeded, but DryRun flag is set.",
        ));
    }
    Ok(reply)
}

/// A subnet in the `Subnet` shape, without the count of its free addresses.
pub fn subnet(txn: &mut Txn, region: &str, id: &str) -> Result<Option<Value>, StoreError> {
    things::SUBNET.get(txn, region, id)
}

/// All subnets of a region, in the same shape.
pub fn subnets(txn: &mut Txn, region: &str) -> Result<Vec<Value>, StoreError> {
    things::SUBNET.all(txn, region)
}

/// A security group's id, name, VPC, description, owner and tags.
pub fn security_group(txn: &mut Txn, region: &str, id: &str) -> Result<Option<Value>, StoreError> {
    things::SECURITY_GROUP.get(txn, region, id)
}

/// The default group of a VPC: what a cluster without groups gets.
pub fn default_security_group(
    txn: &mut Txn,
    region: &str,
    vpc: &str,
) -> Result<Option<Value>, StoreError> {
    security_group::of_name(txn, region, vpc, security_group::DEFAULT)
}
