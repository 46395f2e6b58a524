"""Names of resources at AWS, and how long the services let them be.

Sources, read on 2026-11-26: the request models of botocore 1.44. For services whose models have no limit: the API
references of CloudTrail (CreateTrail), SNS (CreateTopic), SQS (CreateQueue) and RDS (CreateDBSubnetGroup,
CreateDBParameterGroup). API Gateway, RAM, Security Hub and the resource policies of CloudWatch Logs document no limit;
the table has 255 for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from settings.types.naming import NAME_LIMITS, NamedResource
from tests.support.recorder import Record, Recorder

_SHARED: Mapping[str, NamedResource] = MappingProxyType(
    {
        "aws:athena/workgroup:Workgroup": "Athena workgroup",
        "aws:cloudwatch/eventBus:EventBus": "event bus",
        "aws:cloudwatch/eventRule:EventRule": "event rule",
        "aws:codebuild/project:Project": "CodeBuild project",
        "aws:codebuild/reportGroup:ReportGroup": "CodeBuild report group",
        "aws:codecommit/repository:Repository": "CodeCommit repository",
        "aws:codepipeline/pipeline:Pipeline": "CodePipeline pipeline",
        "aws:dynamodb/table:Table": "DynamoDB table",
        "aws:ecr/repository:Repository": "ECR repository",
        "aws:eks/cluster:Cluster": "EKS cluster",
        "aws:iam/policy:Policy": "policy",
        "aws:iam/role:Role": "role",
        "aws:iam/rolePolicy:RolePolicy": "policy",
        "aws:rds/cluster:Cluster": "DB cluster",
        "aws:rds/clusterInstance:ClusterInstance": "DB instance",
        "aws:rds/instance:Instance": "DB instance",
        "aws:s3/accessPoint:AccessPoint": "access point",
        "aws:s3/bucket:Bucket": "bucket",
        "aws:sagemaker/featureGroup:FeatureGroup": "SageMaker feature group",
        "aws:sfn/stateMachine:StateMachine": "state machine",
        "aws:ssoadmin/permissionSet:PermissionSet": "permission set",
    }
)
"""Types whose limits components check themselves."""

NAME_LENGTHS: Mapping[str, int] = MappingProxyType(
    {
        **{type_: NAME_LIMITS[thing].most for type_, thing in _SHARED.items()},
        "aws:accessanalyzer/analyzer:Analyzer": 255,
        "aws:account/alternativeContact:AlternativeContact": 64,
        "aws:apigateway/restApi:RestApi": 255,
        "aws:apigateway/stage:Stage": 128,
        "aws:athena/namedQuery:NamedQuery": 128,
        "aws:budgets/budget:Budget": 100,
        "aws:cfg/configurationAggregator:ConfigurationAggregator": 256,
        "aws:cfg/deliveryChannel:DeliveryChannel": 256,
        "aws:cfg/recorder:Recorder": 256,
        "aws:cfg/recorderStatus:RecorderStatus": 256,
        "aws:cloudtrail/trail:Trail": 128,
        "aws:cloudwatch/logGroup:LogGroup": 512,
        "aws:cloudwatch/logMetricFilter:LogMetricFilter": 512,
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": 255,
        "aws:cloudwatch/dashboard:Dashboard": 255,
        "aws:cloudwatch/metricAlarm:MetricAlarm": 255,
        "aws:emrserverless/application:Application": 64,
        "aws:glue/catalogDatabase:CatalogDatabase": 255,
        "aws:glue/catalogTable:CatalogTable": 255,
        "aws:glue/connection:Connection": 255,
        "aws:glue/crawler:Crawler": 255,
        "aws:glue/job:Job": 255,
        "aws:glue/securityConfiguration:SecurityConfiguration": 255,
        "aws:glue/trigger:Trigger": 255,
        "aws:glue/workflow:Workflow": 255,
        "aws:guardduty/detectorFeature:DetectorFeature": 50,
        "aws:guardduty/organizationConfigurationFeature:OrganizationConfigurationFeature": 50,
        "aws:identitystore/group:Group": 1024,
        "aws:kms/alias:Alias": 256,
        "aws:networkfirewall/firewall:Firewall": 128,
        "aws:networkfirewall/firewallPolicy:FirewallPolicy": 128,
        "aws:networkfirewall/ruleGroup:RuleGroup": 128,
        "aws:oam/sink:Sink": 255,
        "aws:organizations/account:Account": 50,
        "aws:organizations/organizationalUnit:OrganizationalUnit": 128,
        "aws:organizations/policy:Policy": 128,
        "aws:pipes/pipe:Pipe": 64,
        "aws:ram/resourceShare:ResourceShare": 255,
        "aws:rds/clusterParameterGroup:ClusterParameterGroup": 255,
        "aws:rds/parameterGroup:ParameterGroup": 255,
        "aws:rds/subnetGroup:SubnetGroup": 255,
        "aws:route53/profilesAssociation:ProfilesAssociation": 64,
        "aws:route53/profilesProfile:ProfilesProfile": 64,
        "aws:route53/profilesResourceAssociation:ProfilesResourceAssociation": 64,
        "aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList": 64,
        "aws:route53/resolverFirewallRule:ResolverFirewallRule": 64,
        "aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup": 64,
        "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation": 64,
        "aws:sagemaker/appImageConfig:AppImageConfig": 63,
        "aws:sagemaker/domain:Domain": 63,
        "aws:sagemaker/image:Image": 63,
        "aws:sagemaker/mlflowApp:MlflowApp": 256,
        "aws:sagemaker/modelPackageGroup:ModelPackageGroup": 63,
        "aws:sagemaker/space:Space": 63,
        "aws:sagemaker/studioLifecycleConfig:StudioLifecycleConfig": 63,
        "aws:sagemaker/userProfile:UserProfile": 63,
        "aws:secretsmanager/secret:Secret": 512,
        "aws:securityhub/configurationPolicy:ConfigurationPolicy": 255,
        "aws:sns/topic:Topic": 256,
        "aws:sqs/queue:Queue": 80,
        "aws:ssm/parameter:Parameter": 1011,
    }
)
"""Maximum length of the name of each type of resource."""

_OTHER_PROPERTIES = {
    "aws:s3/bucket:Bucket": "bucket",
    "aws:rds/cluster:Cluster": "clusterIdentifier",
    "aws:rds/clusterInstance:ClusterInstance": "identifier",
    "aws:rds/instance:Instance": "identifier",
    "aws:identitystore/group:Group": "displayName",
}
"""Properties with the name of a resource that are called otherwise than ``name`` or ``<type>Name``."""


@dataclass(frozen=True, slots=True)
class PhysicalName:
    """The name of a recorded resource."""

    stack: str
    type: str
    name: str

    def __len__(self) -> int:
        return len(self.name)


def physical_names(stack: str, recorder: Recorder) -> Iterator[PhysicalName]:
    """Yields the names of the resources of a stack at AWS."""
    for record in recorder.resources:
        if record.type.startswith("aws:"):
            for key in _name_properties(record):
                yield PhysicalName(stack, record.type, str(record.inputs[key]))


def _name_properties(record: Record) -> Iterator[str]:
    words = re.findall("[A-Z][a-z0-9]*", record.type.rpartition(":")[2])
    ends = ("".join(words[start:]) for start in range(len(words)))
    wanted = {"name", _OTHER_PROPERTIES.get(record.type), *(f"{end[0].lower()}{end[1:]}Name" for end in ends)}
    return (key for key, value in record.inputs.items() if key in wanted and isinstance(value, str))
