"""One program makes all four environments; what differs between them is a short list."""

import pytest

from settings.team.team import EnvironmentSettings
from tests.support.every_stack import (
    PEOPLE,
    SERVED,
    Deployment,
    deploy_stack,
    example_deployment,
    example_foundation,
)

SWITCHED = ("studio", "notebook", "elasticfilesystem", "ssmmessages", "internet")
"""Parts of names of what a setting adds: Studio with its endpoints, and the way out."""

SAFEGUARDS = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketLogging:BucketLogging",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:kms/key:Key",
    "aws:route53/resolverFirewallConfig:ResolverFirewallConfig",
    "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation",
    "aws:ec2/flowLog:FlowLog",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:ec2/defaultRouteTable:DefaultRouteTable",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "pulumi:providers:aws",
)
"""Encryption, logging, tagging and network rules."""


def normalized(environment, deployment=None):
    """What was registered, with the environment's name, its short name, its account and its addresses taken out."""
    recorder = (deployment or example_deployment())[f"fraud-{environment}"]
    short = {"development": "dev", "preproduction": "preprod", "production": "prod"}[environment]
    block = recorder.one("aws:ec2/vpc:Vpc").inputs["cidrBlock"].rsplit(".", 2)[0]
    third = int(recorder.one("aws:ec2/vpc:Vpc").inputs["cidrBlock"].split(".")[2])
    words = {recorder.exports["account_id"]: "ACCOUNT", environment: "ENVIRONMENT"}
    words |= {f"fraud-{short}-": "fraud-ENV-", f"ml-{short}-fraud-": "ml-ENV-fraud-"}
    words |= {f"{block}.{third + offset}.": f"NETWORK+{offset}." for offset in range(8)}

    def plain(value):
        text = str(value)
        for word, stand_in in words.items():
            text = text.replace(word, stand_in)
        return text

    return {(r.type, plain(r.name)): {k: plain(v) for k, v in sorted(r.inputs.items())} for r in recorder}


@pytest.mark.requirement("ACC-06")
def test_preproduction_and_production_are_the_same_but_for_names_and_addresses():
    assert normalized("preproduction") == normalized("production")


@pytest.mark.requirement("ACC-06")
def test_what_development_has_on_top_is_what_its_studio_needs():
    extra = set(normalized("development")) - set(normalized("production"))
    assert extra
    assert not [name for _, name in extra if not any(part in name for part in SWITCHED)]
    assert not set(normalized("production")) - set(normalized("development"))


@pytest.mark.requirement("DEV-07")
def test_development_equals_production_in_encryption_logging_tagging_and_network_rules():
    """Of one that has no steps for Glue, whose roles the key would serve as well."""
    plain = EnvironmentSettings(team="fraud", environment="development", studio=PEOPLE, data_api=SERVED)
    deployment = Deployment(example_foundation(plain))
    development, production = normalized("development", deployment), normalized("production", deployment)
    compared = [key for key in production if key[0] in SAFEGUARDS]
    assert len(compared) >= len(SAFEGUARDS)
    assert {key: development[key] for key in compared} == {key: production[key] for key in compared}


@pytest.mark.requirement("ACC-08")
def test_making_an_environment_again_gives_an_equal_one():
    upstream = example_deployment().outputs_before("fraud-production")
    again = deploy_stack("fraud-production", example_foundation(), upstream=upstream)
    before = example_deployment()["fraud-production"]
    assert {r.urn: r.inputs for r in again} == {r.urn: r.inputs for r in before}
