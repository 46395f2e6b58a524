"""Actions on the audit account's logs, detectors and alarms."""

from __future__ import annotations

from components.identity.deployer.calls import ResourceCalls, calls
from components.identity.deployer.resources.accounts import REPLICATIONS

TAGS = "TagResource UntagResource"
MEMBERS = "organizations:DescribeOrganization organizations:ListAccounts organizations:ListDelegatedAdministrators"
"""Actions with which services look up the organization's members and delegated administrators for the caller."""

LOG_GROUPS: ResourceCalls = {
    "aws:cloudwatch/logGroup:LogGroup": calls(
        "logs",
        create="AssociateKmsKey CreateLogGroup PutRetentionPolicy TagResource",
        read="DescribeLogGroups ListTagsForResource",
        update=f"AssociateKmsKey PutRetentionPolicy {TAGS}",
        delete="DeleteLogGroup",
    ),
}
"""Log groups of services and programs."""

RECORDS: ResourceCalls = {
    "aws:cfg/configurationAggregator:ConfigurationAggregator": calls(
        "config",
        create=f"PutConfigurationAggregator TagResource {MEMBERS}",
        read="DescribeConfigurationAggregators ListTagsForResource",
        update=f"PutConfigurationAggregator {TAGS}",
        delete="DeleteConfigurationAggregator",
        passes_to="config",
    ),
    "aws:cloudtrail/trail:Trail": calls(
        "cloudtrail",
        create="AddTags CreateTrail PutEventSelectors StartLogging organizations:DescribeOrganization "
        "organizations:ListAWSServiceAccessForOrganization",
        read="DescribeTrails GetEventSelectors GetInsightSelectors GetTrail GetTrailStatus ListTags",
        update="AddTags PutEventSelectors RemoveTags StartLogging UpdateTrail",
        delete="DeleteTrail StopLogging",
        passes_to="cloudtrail",
        linked="cloudtrail",
    ),
    **LOG_GROUPS,
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": calls(
        "s3",
        create="PutBucketObjectLockConfiguration",
        read="GetBucketObjectLockConfiguration",
        update="PutBucketObjectLockConfiguration",
        delete="PutBucketObjectLockConfiguration",
    ),
    **REPLICATIONS,
}
"""The trail, the archive and the inventory."""

DETECTORS: ResourceCalls = {
    "aws:guardduty/detector:Detector": calls(
        "guardduty",
        create="CreateDetector TagResource",
        read="GetDetector ListTagsForResource",
        update=f"UpdateDetector {TAGS}",
        delete="DeleteDetector",
        linked="guardduty malware-protection.guardduty",
    ),
    "aws:guardduty/detectorFeature:DetectorFeature": calls(
        "guardduty", create="UpdateDetector", read="GetDetector", update="UpdateDetector"
    ),
    "aws:guardduty/organizationConfiguration:OrganizationConfiguration": calls(
        "guardduty",
        create=f"UpdateOrganizationConfiguration {MEMBERS}",
        read="DescribeOrganizationConfiguration",
        update="UpdateOrganizationConfiguration",
    ),
    "aws:guardduty/organizationConfigurationFeature:OrganizationConfigurationFeature": calls(
        "guardduty",
        create="UpdateOrganizationConfiguration",
        read="DescribeOrganizationConfiguration",
        update="UpdateOrganizationConfiguration",
    ),
    "aws:inspector2/enabler:Enabler": calls(
        "inspector2",
        create="Enable",
        read="BatchGetAccountStatus",
        update="Enable",
        delete="Disable",
        linked="agentless.inspector2 inspector2",
    ),
    "aws:inspector2/organizationConfiguration:OrganizationConfiguration": calls(
        "inspector2",
        create=f"UpdateOrganizationConfiguration {MEMBERS}",
        read="DescribeOrganizationConfiguration",
        update="UpdateOrganizationConfiguration",
    ),
    "aws:macie2/account:Account": calls(
        "macie2",
        create="EnableMacie",
        read="GetMacieSession",
        update="UpdateMacieSession",
        delete="DisableMacie",
        linked="macie",
    ),
    "aws:macie2/organizationConfiguration:OrganizationConfiguration": calls(
        "macie2",
        create=f"UpdateOrganizationConfiguration {MEMBERS}",
        read="DescribeOrganizationConfiguration",
        update="UpdateOrganizationConfiguration",
    ),
    "aws:securityhub/account:Account": calls(
        "securityhub",
        create="EnableSecurityHub",
        read="DescribeHub",
        update="UpdateSecurityHubConfiguration",
        delete="DisableSecurityHub",
        linked="securityhub",
    ),
    "aws:securityhub/configurationPolicy:ConfigurationPolicy": calls(
        "securityhub",
        create=f"CreateConfigurationPolicy {MEMBERS}",
        read="GetConfigurationPolicy",
        update="UpdateConfigurationPolicy",
        delete="DeleteConfigurationPolicy",
    ),
    "aws:securityhub/configurationPolicyAssociation:ConfigurationPolicyAssociation": calls(
        "securityhub",
        create="StartConfigurationPolicyAssociation",
        read="GetConfigurationPolicyAssociation",
        update="StartConfigurationPolicyAssociation",
        delete="StartConfigurationPolicyDisassociation",
    ),
    "aws:securityhub/findingAggregator:FindingAggregator": calls(
        "securityhub",
        create="CreateFindingAggregator",
        read="GetFindingAggregator",
        update="UpdateFindingAggregator",
        delete="DeleteFindingAggregator",
    ),
    "aws:securityhub/organizationConfiguration:OrganizationConfiguration": calls(
        "securityhub",
        create=f"UpdateOrganizationConfiguration {MEMBERS}",
        read="DescribeOrganizationConfiguration",
        update="UpdateOrganizationConfiguration",
    ),
}
"""Detectors for threats, misconfiguration, vulnerabilities and personal data."""

TOPICS: ResourceCalls = {
    "aws:sns/topic:Topic": calls(
        "sns",
        create="CreateTopic SetTopicAttributes TagResource",
        read="GetTopicAttributes ListTagsForResource",
        update=f"SetTopicAttributes {TAGS}",
        delete="DeleteTopic",
    ),
    "aws:sns/topicPolicy:TopicPolicy": calls(
        "sns",
        create="SetTopicAttributes",
        read="GetTopicAttributes",
        update="SetTopicAttributes",
        delete="SetTopicAttributes",
    ),
    "aws:sns/topicSubscription:TopicSubscription": calls(
        "sns",
        create="Subscribe",
        read="GetSubscriptionAttributes",
        update="SetSubscriptionAttributes",
        delete="Unsubscribe",
    ),
}

METRIC_ALARMS: ResourceCalls = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": calls(
        "cloudwatch",
        create="PutMetricAlarm TagResource",
        read="DescribeAlarms ListTagsForResource",
        update=f"PutMetricAlarm {TAGS}",
        delete="DeleteAlarms",
    ),
}

SINKS: ResourceCalls = {
    "aws:oam/sink:Sink": calls(
        "oam",
        create="CreateSink TagResource",
        read="GetSink ListTagsForResource",
        update=TAGS,
        delete="DeleteSink",
    ),
    "aws:oam/sinkPolicy:SinkPolicy": calls("oam", create="PutSinkPolicy", read="GetSinkPolicy", update="PutSinkPolicy"),
}
"""Resources of a monitoring account of CloudWatch."""

LINKS: ResourceCalls = {
    "aws:oam/link:Link": calls(
        "oam",
        create="CreateLink TagResource cloudwatch:Link",
        read="GetLink ListTagsForResource",
        update=f"UpdateLink {TAGS} cloudwatch:Link",
        delete="DeleteLink",
    ),
}
"""Resources of a source account of CloudWatch. Sharing metrics needs `cloudwatch:Link`, too (OAM API Reference,
CreateLink)."""

DASHBOARDS: ResourceCalls = {
    "aws:cloudwatch/dashboard:Dashboard": calls(
        "cloudwatch", create="PutDashboard", read="GetDashboard", update="PutDashboard", delete="DeleteDashboards"
    ),
}

ALARMS: ResourceCalls = {
    "aws:cloudwatch/eventRule:EventRule": calls(
        "events",
        create="PutRule TagResource",
        read="DescribeRule ListTagsForResource",
        update=f"PutRule {TAGS}",
        delete="DeleteRule",
    ),
    "aws:cloudwatch/eventTarget:EventTarget": calls(
        "events", create="PutTargets", read="ListTargetsByRule", update="PutTargets", delete="RemoveTargets"
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": calls(
        "logs",
        create="PutMetricFilter",
        read="DescribeMetricFilters",
        update="PutMetricFilter",
        delete="DeleteMetricFilter",
    ),
    **METRIC_ALARMS,
    **TOPICS,
}

TRAIL_QUERIES: ResourceCalls = {
    "aws:athena/namedQuery:NamedQuery": calls(
        "athena",
        create="CreateNamedQuery",
        read="GetNamedQuery",
        update="UpdateNamedQuery",
        delete="DeleteNamedQuery",
    ),
    "aws:athena/workgroup:Workgroup": calls(
        "athena",
        create="CreateWorkGroup TagResource",
        read="GetWorkGroup ListTagsForResource",
        update=f"UpdateWorkGroup {TAGS}",
        delete="DeleteWorkGroup",
    ),
    "aws:glue/catalogDatabase:CatalogDatabase": calls(
        "glue",
        create="CreateDatabase TagResource",
        read="GetDatabase GetTags",
        update=f"UpdateDatabase {TAGS}",
        delete="DeleteDatabase",
    ),
    "aws:glue/catalogTable:CatalogTable": calls(
        "glue",
        create="CreateTable",
        read="GetPartitionIndexes GetTable",
        update="UpdateTable",
        delete="DeleteTable",
    ),
}
"""Resources with which auditors query the trail."""
