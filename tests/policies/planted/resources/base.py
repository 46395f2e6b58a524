"""The base class of the functions that create resources, and common values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pulumi
import pulumi_aws as aws

ACCOUNT = "123456789012"
BUCKET = f"planted-{ACCOUNT}-eu-west-1-an"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0f6d2d3e-0000-4000-8000-000000000000"
SUBNETS = ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"]
VPC, GROUP = "vpc-0aaaaaaaaaaaaaaaa", "sg-0aaaaaaaaaaaaaaaa"
TAGS = {
    f"plinth:{key}": "planted"
    for key in ("stack", "team", "environment", "lifecycle", "owner", "cost-centre", "data-class")
}
ORGANIZATION = "o-acme123456"
INSTANCE = "arn:aws:sso:::instance/ssoins-1111222233334444"
EVERYTHING = {"Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::planted", "arn:aws:s3:::planted/*"]}
NO_HTTP = {"Effect": "Deny", **EVERYTHING, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
NO_OLD_TLS = {"Effect": "Deny", **EVERYTHING, "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}}


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@cache
def management() -> aws.Provider:
    """Returns the compliant provider that the whole program shares."""
    return Planter("management").provider()


class Planter:
    """Creates resources in one account, all with one name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def _opts(self, *, protect: bool = False) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(provider=management(), protect=protect)

    def component(self) -> None:
        """Creates a component that passes a provider to its parts."""
        pulumi.ComponentResource("plinth:planted:Component", self._name, None, self._opts())

    def provider(self, **changes: Any) -> aws.Provider:
        return aws.Provider(
            self._name,
            **{
                "region": "eu-west-1",
                "allowed_account_ids": [ACCOUNT],
                "default_tags": {"tags": TAGS},
                **changes,
            },
        )
