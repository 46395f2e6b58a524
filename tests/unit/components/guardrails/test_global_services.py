"""SCP-03 lets the same global services pass as AWS's own control."""

from components.organization.guardrails.global_services import GLOBAL_SERVICES

READ_ON = "2026-11-26"
"""Day on which the list was copied from the page. Copy it again once a year, and when AWS names a global service."""
PAGE = "AWS Control Tower Controls Reference, Deny access to AWS based on the requested AWS Region (GRREGIONDENY)"
PUBLISHED = """
a4b:* access-analyzer:* account:* acm:* activate:* artifact:* aws-marketplace-management:* aws-marketplace:*
aws-portal:* billing:* billingconductor:* budgets:* ce:* chatbot:* chime:* cloudfront:* cloudtrail:LookupEvents
compute-optimizer:* config:* consoleapp:* consolidatedbilling:* cur:* datapipeline:GetAccountLimits devicefarm:*
directconnect:* ec2:DescribeRegions ec2:DescribeTransitGateways ec2:DescribeVpnGateways ecr-public:* fms:* freetier:*
globalaccelerator:* health:* iam:* importexport:* invoicing:* iq:* kms:* license-manager:ListReceivedLicenses
lightsail:Get* mobileanalytics:* networkmanager:* notifications-contacts:* notifications:* organizations:* payments:*
pricing:* quicksight:DescribeAccountSubscription resource-explorer-2:* route53-recovery-cluster:*
route53-recovery-control-config:* route53-recovery-readiness:* route53:* route53domains:*
s3:CreateMultiRegionAccessPoint s3:DeleteMultiRegionAccessPoint s3:DescribeMultiRegionAccessPointOperation
s3:GetAccountPublicAccessBlock s3:GetBucketLocation s3:GetBucketPolicyStatus s3:GetBucketPublicAccessBlock
s3:GetMultiRegionAccessPoint s3:GetMultiRegionAccessPointPolicy s3:GetMultiRegionAccessPointPolicyStatus
s3:GetStorageLensConfiguration s3:GetStorageLensDashboard s3:ListAllMyBuckets s3:ListMultiRegionAccessPoints
s3:ListStorageLensConfigurations s3:PutAccountPublicAccessBlock s3:PutMultiRegionAccessPointPolicy savingsplans:*
shield:* sso:* sts:* support:* supportapp:* supportplans:* sustainability:* tag:GetResources tax:* trustedadvisor:*
vendor-insights:ListEntitledSecurityProfiles waf-regional:* waf:* wafv2:*
"""
WITHHELD = {"kms:*": "keys are regional, and one in another region would only encrypt data there"}
"""Entries of the list that SCP-03 denies nevertheless, with the reason."""


def test_the_list_is_that_of_aws_except_for_what_is_withheld_with_a_reason():
    published = PUBLISHED.split()
    assert published == sorted(published)
    assert WITHHELD.keys() <= set(published)
    assert sorted(GLOBAL_SERVICES) == [pattern for pattern in published if pattern not in WITHHELD]
