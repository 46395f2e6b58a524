"""One module builds all four environments. These tests list the differences between them."""

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

OPTIONAL = ("studio", "notebook", "elasticfilesystem", "ssmmessages", "codecommit", "internet")
"""Parts of the names of resources that settings add: Studio with its endpoints, and internet egress."""

FOR_RELEASES = ("serving", "execute-api", "observability")
"""Parts of the names of resources that only environments have to which models are released."""

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
"""Resource types of encryption, logging, tagging and network rules."""


def normalized(environment, deployment=None):
    """Returns the inputs of each resource, with names, account id and addresses of the environment replaced."""
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


@pytest.mark.requirement("ACC-06.b")
def test_preproduction_and_production_differ_only_in_names_and_addresses():
    assert normalized("preproduction") == normalized("production")


@pytest.mark.requirement("ACC-06.a")
def test_development_adds_only_what_its_studio_needs():
    extra = set(normalized("development")) - set(normalized("production"))
    assert extra
    assert not [name for _, name in extra if not any(part in name for part in OPTIONAL)]
    for_apis = set(normalized("production")) - set(normalized("development"))
    assert for_apis
    assert not [name for _, name in for_apis if not any(part in name for part in FOR_RELEASES)]


@pytest.mark.requirement("DEV-07", "AMB-01.b")
def test_development_equals_production_in_encryption_logging_tagging_and_network_rules():
    # Without Glue steps, because the key policy also admits their roles.
    plain = EnvironmentSettings(team="fraud", environment="development", studio=PEOPLE, data_api=SERVED)
    deployment = Deployment(example_foundation(plain))
    development, production = normalized("development", deployment), normalized("production", deployment)
    compared = [key for key in production if key[0] in SAFEGUARDS]
    assert len(compared) >= len(SAFEGUARDS)
    assert {key: development[key] for key in compared} == {key: production[key] for key in compared}


@pytest.mark.requirement("ACC-08.a")
def test_recreating_an_environment_gives_an_equal_one():
    upstream = example_deployment().outputs_before("fraud-production")
    again = deploy_stack("fraud-production", example_foundation(), upstream=upstream)
    before = example_deployment()["fraud-production"]
    assert again.inputs == before.inputs
