//! The managed policies of AWS that pipelines attach: a table. Documents grant what AWS's do at
//! the level of actions; nothing here evaluates them.

use super::ids;
use super::managed_policy::{Policy, Version};
use crate::cloud::services::tags::Tags;

/// One policy of the table.
struct Entry {
    path: &'static str,
    name: &'static str,
    description: &'static str,
    /// Every action it allows, on all resources.
    actions: &'static [&'static str],
}

/// All of them were there when the account was opened: 2015-02-06T18:40:00Z.
const CREATED_MS: i64 = 1_423_248_000_000;

const ROOT: &str = "/";
const SERVICE_ROLE: &str = "/service-role/";
const LINKED: &str = "/aws-service-role/";

const fn entry(
    path: &'static str,
    name: &'static str,
    description: &'static str,
    actions: &'static [&'static str],
) -> Entry {
    Entry {
        path,
        name,
        description,
        actions,
    }
}

const TABLE: &[Entry] = &[
    entry(
        ROOT,
        "AdministratorAccess",
        "Full access to AWS services and resources.",
        &["*"],
    ),
    entry(
        ROOT,
        "PowerUserAccess",
        "Full access except to IAM.",
        &[
            "ec2:*",
            "kafka:*",
            "kinesis:*",
            "s3:*",
            "ssm:*",
            "apigateway:*",
            "airflow:*",
            "logs:*",
        ],
    ),
    entry(
        ROOT,
        "ReadOnlyAccess",
        "Read-only access.",
        &[
            "ec2:Describe*",
            "iam:Get*",
            "iam:List*",
            "kafka:Describe*",
            "kafka:Get*",
            "kafka:List*",
            "kinesis:Describe*",
            "kinesis:Get*",
            "kinesis:List*",
            "s3:Get*",
            "s3:List*",
            "ssm:Get*",
            "logs:Describe*",
            "logs:Get*",
        ],
    ),
    entry(
        ROOT,
        "IAMFullAccess",
        "Full access to IAM.",
        &[
            "iam:*",
            "organizations:DescribeAccount",
            "organizations:DescribeOrganization",
        ],
    ),
    entry(
        ROOT,
        "IAMReadOnlyAccess",
        "Read-only access to IAM.",
        &[
            "iam:GenerateCredentialReport",
            "iam:GenerateServiceLastAccessedDetails",
            "iam:Get*",
            "iam:List*",
            "iam:SimulateCustomPolicy",
            "iam:SimulatePrincipalPolicy",
        ],
    ),
    entry(
        ROOT,
        "AmazonMSKFullAccess",
        "Full access to Amazon MSK and what it depends on.",
        &[
            "kafka:*",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeRouteTables",
            "ec2:DescribeVpcEndpoints",
            "ec2:DescribeVpcAttribute",
            "kms:DescribeKey",
            "kms:CreateGrant",
            "logs:CreateLogDelivery",
            "logs:GetLogDelivery",
            "logs:UpdateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:DescribeResourcePolicies",
            "logs:DescribeLogGroups",
            "S3:GetBucketPolicy",
            "firehose:TagDeliveryStream",
        ],
    ),
    entry(
        ROOT,
        "AmazonMSKReadOnlyAccess",
        "Read-only access to Amazon MSK.",
        &[
            "kafka:Describe*",
            "kafka:List*",
            "kafka:Get*",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "kms:DescribeKey",
        ],
    ),
    entry(
        ROOT,
        "AmazonMSKConnectReadOnlyAccess",
        "Read-only access to Amazon MSK Connect.",
        &[
            "kafkaconnect:ListConnectors",
            "kafkaconnect:ListCustomPlugins",
            "kafkaconnect:ListWorkerConfigurations",
            "kafkaconnect:DescribeConnector",
            "kafkaconnect:DescribeCustomPlugin",
            "kafkaconnect:DescribeWorkerConfiguration",
        ],
    ),
    entry(
        ROOT,
        "AmazonS3FullAccess",
        "Full access to all buckets.",
        &["s3:*", "s3-object-lambda:*"],
    ),
    entry(
        ROOT,
        "AmazonS3ReadOnlyAccess",
        "Read-only access to all buckets.",
        &[
            "s3:Get*",
            "s3:List*",
            "s3:Describe*",
            "s3-object-lambda:Get*",
            "s3-object-lambda:List*",
        ],
    ),
    entry(
        ROOT,
        "AmazonKinesisFullAccess",
        "Full access to all streams.",
        &["kinesis:*"],
    ),
    entry(
        ROOT,
        "AmazonKinesisReadOnlyAccess",
        "Read-only access to all streams.",
        &["kinesis:Get*", "kinesis:List*", "kinesis:Describe*"],
    ),
    entry(
        ROOT,
        "AmazonKinesisFirehoseFullAccess",
        "Full access to all delivery streams.",
        &["firehose:*"],
    ),
    entry(
        ROOT,
        "AmazonEC2FullAccess",
        "Full access to Amazon EC2.",
        &[
            "ec2:*",
            "elasticloadbalancing:*",
            "cloudwatch:*",
            "autoscaling:*",
            "iam:CreateServiceLinkedRole",
        ],
    ),
    entry(
        ROOT,
        "AmazonEC2ReadOnlyAccess",
        "Read-only access to Amazon EC2.",
        &[
            "ec2:Describe*",
            "ec2:GetSecurityGroupsForVpc",
            "elasticloadbalancing:Describe*",
            "cloudwatch:ListMetrics",
            "cloudwatch:GetMetricStatistics",
            "cloudwatch:Describe*",
            "autoscaling:Describe*",
        ],
    ),
    entry(
        ROOT,
        "AmazonVPCFullAccess",
        "Full access to Amazon VPC.",
        &[
            "ec2:*Vpc*",
            "ec2:*Subnet*",
            "ec2:*Route*",
            "ec2:*SecurityGroup*",
            "ec2:*NetworkAcl*",
            "ec2:*InternetGateway*",
            "ec2:*NatGateway*",
            "ec2:Describe*",
            "ec2:CreateTags",
            "ec2:DeleteTags",
        ],
    ),
    entry(
        ROOT,
        "AmazonVPCReadOnlyAccess",
        "Read-only access to Amazon VPC.",
        &["ec2:Describe*"],
    ),
    entry(
        ROOT,
        "AmazonSSMManagedInstanceCore",
        "What Systems Manager needs on an instance.",
        &[
            "ssm:DescribeAssociation",
            "ssm:GetDeployablePatchSnapshotForInstance",
            "ssm:GetDocument",
            "ssm:DescribeDocument",
            "ssm:GetManifest",
            "ssm:GetParameter",
            "ssm:GetParameters",
            "ssm:ListAssociations",
            "ssm:ListInstanceAssociations",
            "ssm:PutInventory",
            "ssm:PutComplianceItems",
            "ssm:PutConfigurePackageResult",
            "ssm:UpdateAssociationStatus",
            "ssm:UpdateInstanceAssociationStatus",
            "ssm:UpdateInstanceInformation",
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
            "ec2messages:AcknowledgeMessage",
            "ec2messages:DeleteMessage",
            "ec2messages:FailMessage",
            "ec2messages:GetEndpoint",
            "ec2messages:GetMessages",
            "ec2messages:SendReply",
        ],
    ),
    entry(
        ROOT,
        "AmazonSSMFullAccess",
        "Full access to Systems Manager.",
        &[
            "cloudwatch:PutMetricData",
            "ds:CreateComputer",
            "ds:DescribeDirectories",
            "ec2:DescribeInstanceStatus",
            "logs:*",
            "ssm:*",
            "ec2messages:*",
        ],
    ),
    entry(
        ROOT,
        "AmazonSSMReadOnlyAccess",
        "Read-only access to Systems Manager.",
        &["ssm:Describe*", "ssm:Get*", "ssm:List*"],
    ),
    entry(
        ROOT,
        "CloudWatchLogsFullAccess",
        "Full access to CloudWatch Logs.",
        &["logs:*", "cloudwatch:GenerateQuery"],
    ),
    entry(
        ROOT,
        "CloudWatchFullAccess",
        "Full access to CloudWatch.",
        &[
            "autoscaling:Describe*",
            "cloudwatch:*",
            "logs:*",
            "sns:*",
            "iam:GetPolicy",
            "iam:GetPolicyVersion",
            "iam:GetRole",
            "oam:ListSinks",
        ],
    ),
    entry(
        ROOT,
        "CloudWatchAgentServerPolicy",
        "What the CloudWatch agent needs.",
        &[
            "cloudwatch:PutMetricData",
            "ec2:DescribeVolumes",
            "ec2:DescribeTags",
            "logs:PutLogEvents",
            "logs:PutRetentionPolicy",
            "logs:DescribeLogStreams",
            "logs:DescribeLogGroups",
            "logs:CreateLogStream",
            "logs:CreateLogGroup",
        ],
    ),
    entry(
        ROOT,
        "AmazonAPIGatewayAdministrator",
        "Full access to manage APIs.",
        &["apigateway:*"],
    ),
    entry(
        ROOT,
        "AmazonAPIGatewayInvokeFullAccess",
        "Full access to invoke APIs.",
        &["execute-api:Invoke", "execute-api:ManageConnections"],
    ),
    entry(
        ROOT,
        "SecretsManagerReadWrite",
        "Read and write access to secrets.",
        &[
            "secretsmanager:*",
            "kms:DescribeKey",
            "kms:ListAliases",
            "kms:ListKeys",
            "tag:GetResources",
        ],
    ),
    entry(
        ROOT,
        "AmazonMWAAFullConsoleAccess",
        "Full access to Amazon MWAA through the console.",
        &["airflow:*"],
    ),
    entry(
        ROOT,
        "ResourceGroupsandTagEditorFullAccess",
        "Full access to resource groups and tags.",
        &[
            "tag:GetResources",
            "tag:TagResources",
            "tag:UntagResources",
            "tag:GetTagKeys",
            "tag:GetTagValues",
            "resource-groups:*",
        ],
    ),
    entry(
        SERVICE_ROLE,
        "AmazonAPIGatewayPushToCloudWatchLogs",
        "Lets API Gateway write to the account's logs.",
        &[
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogGroups",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
            "logs:GetLogEvents",
            "logs:FilterLogEvents",
        ],
    ),
    entry(
        SERVICE_ROLE,
        "AWSLambdaBasicExecutionRole",
        "Lets a function write logs.",
        &[
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ],
    ),
    entry(
        SERVICE_ROLE,
        "AWSLambdaKinesisExecutionRole",
        "Lets a function read streams and write logs.",
        &[
            "kinesis:DescribeStream",
            "kinesis:DescribeStreamSummary",
            "kinesis:GetRecords",
            "kinesis:GetShardIterator",
            "kinesis:ListShards",
            "kinesis:ListStreams",
            "kinesis:SubscribeToShard",
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ],
    ),
    entry(
        SERVICE_ROLE,
        "AWSLambdaMSKExecutionRole",
        "Lets a function read clusters within a VPC and write logs.",
        &[
            "kafka:DescribeCluster",
            "kafka:DescribeClusterV2",
            "kafka:GetBootstrapBrokers",
            "ec2:CreateNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeVpcs",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeSubnets",
            "ec2:DescribeSecurityGroups",
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ],
    ),
    entry(
        SERVICE_ROLE,
        "AmazonEC2RoleforSSM",
        "What Systems Manager needed on an instance formerly.",
        &[
            "ssm:DescribeAssociation",
            "ssm:GetDocument",
            "ssm:GetParameters",
            "ssm:UpdateInstanceInformation",
            "ssmmessages:*",
            "ec2messages:*",
            "cloudwatch:PutMetricData",
            "ec2:DescribeInstanceStatus",
            "logs:CreateLogGroup",
            "logs:PutLogEvents",
        ],
    ),
    entry(
        LINKED,
        "KafkaServiceRolePolicy",
        "What Amazon MSK does in the account.",
        &[
            "ec2:CreateNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:CreateNetworkInterfacePermission",
            "ec2:AttachNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:DetachNetworkInterface",
            "ec2:DescribeVpcEndpoints",
            "acm-pca:GetCertificateAuthorityCertificate",
            "secretsmanager:ListSecrets",
        ],
    ),
    entry(
        LINKED,
        "KafkaConnectServiceRolePolicy",
        "What Amazon MSK Connect does in the account.",
        &[
            "ec2:CreateNetworkInterface",
            "ec2:CreateTags",
            "ec2:DescribeNetworkInterfaces",
            "ec2:CreateNetworkInterfacePermission",
            "ec2:AttachNetworkInterface",
            "ec2:DetachNetworkInterface",
            "ec2:DeleteNetworkInterface",
        ],
    ),
    entry(
        LINKED,
        "AmazonMWAAServiceRolePolicy",
        "What Amazon MWAA does in the account.",
        &[
            "logs:CreateLogStream",
            "logs:CreateLogGroup",
            "logs:DescribeLogGroups",
            "ec2:AttachNetworkInterface",
            "ec2:CreateNetworkInterface",
            "ec2:CreateNetworkInterfacePermission",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcEndpoints",
            "ec2:DescribeVpcs",
        ],
    ),
    entry(
        LINKED,
        "APIGatewayServiceRolePolicy",
        "What API Gateway does in the account.",
        &[
            "elasticloadbalancing:Describe*",
            "firehose:DescribeDeliveryStream",
            "firehose:PutRecord",
            "acm:DescribeCertificate",
            "ec2:DescribeNetworkInterfaces",
            "ec2:CreateNetworkInterface",
        ],
    ),
];

/// The ARN of one of AWS's policies.
pub fn arn(path: &str, name: &str) -> String {
    format!("arn:aws:iam::aws:policy{path}{name}")
}

/// The policy of this ARN.
pub fn find(wanted: &str) -> Option<Policy> {
    TABLE
        .iter()
        .find(|entry| arn(entry.path, entry.name) == wanted)
        .map(policy)
}

/// Every policy of the table.
pub fn all() -> impl Iterator<Item = Policy> {
    TABLE.iter().map(policy)
}

fn policy(entry: &Entry) -> Policy {
    let arn = arn(entry.path, entry.name);
    let document = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": entry.actions, "Resource": "*" }],
    });
    Policy {
        name: entry.name.to_owned(),
        id: ids::derived("ANPA", &arn),
        path: entry.path.to_owned(),
        description: Some(entry.description.to_owned()),
        created: CREATED_MS,
        updated: CREATED_MS,
        tags: Tags::new(),
        default: 1,
        next: 2,
        versions: vec![Version {
            number: 1,
            document: document.to_string(),
            created: CREATED_MS,
        }],
        arn,
    }
}
