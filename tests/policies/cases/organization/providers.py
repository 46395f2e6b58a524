"""Cases of policies/security/rules/organization/providers.py."""

from __future__ import annotations

import json

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import ABSENT, OTHER_ACCOUNT, OWN_ACCOUNT, PROVIDER, Case, Situation, but

ROLE = "arn:aws:iam::{}:role/plinth/platform-deployer"


def assuming(*accounts: str) -> str:
    """Returns a chain of roles, as the engine passes it."""
    return json.dumps([{"roleArn": ROLE.format(account), "sessionName": "fraud"} for account in accounts])


PLACES = [
    Case(
        rule="OR-06",
        type="pulumi:providers:aws",
        compliant=Situation(inputs=PROVIDER, name="fraud-production"),
        optional=frozenset({"defaultTags"}),
        refused={
            "is made by the engine": but(name="default"),
            "is made by the engine for one version": but(name="default_7_51_1"),
            "names two accounts": but({"allowedAccountIds": json.dumps([OWN_ACCOUNT, OTHER_ACCOUNT])}),
            "names no account": but({"allowedAccountIds": "[]"}),
            "has no region": but({"region": ""}),
            "is in another region": but({"region": "us-east-1"}),
        },
        accepted={
            "names its account in a list": but({"allowedAccountIds": [OWN_ACCOUNT]}),
            "is in any region while the allowed regions are unknown": but({"region": "us-east-1"}, allowed_regions=()),
            "has a name that begins like the engine's": but(name="defaults"),
        },
    ),
    Case(
        rule="OR-06",
        type="aws:sqs/queue:Queue",
        compliant=Situation(inputs={"region": "eu-west-1"}),
        optional=frozenset({"region"}),
        refused={
            "goes through a provider that the engine made": but(provider_name="default_7_51_1"),
            "goes through no provider": but(provider_name=None),
            "is in another region than its provider's": but({"region": "us-east-1"}),
        },
        accepted={"does not set a region": but({"region": ABSENT})},
    ),
]
OPTIONS = [
    Case(
        rule="OR-14",
        type="pulumi:providers:aws",
        compliant=Situation(
            inputs={
                "region": "eu-west-1",
                "allowedAccountIds": json.dumps([OWN_ACCOUNT]),
                "assumeRoles": assuming(OWN_ACCOUNT),
                "maxRetries": "7",
                "skipMetadataApiCheck": "true",
                "skipRegionValidation": "true",
                "skipCredentialsValidation": "false",
                "version": "7.32.0",
            }
        ),
        optional=frozenset(
            {
                "region",
                "allowedAccountIds",
                "assumeRoles",
                "maxRetries",
                "skipMetadataApiCheck",
                "skipRegionValidation",
                "skipCredentialsValidation",
                "version",
            }
        ),
        refused={
            f"sets {option}": but({option: value})
            for option, value in {
                "accessKey": "AKIAIOSFODNN7EXAMPLE",
                "secretKey": "scoring",
                "token": "scoring",
                "profile": "fraud",
                "sharedConfigFiles": '["/tmp/config"]',
                "sharedCredentialsFiles": '["/tmp/credentials"]',
                "assumeRoleWithWebIdentity": json.dumps({"roleArn": ROLE.format(OWN_ACCOUNT)}),
                "endpoints": json.dumps([{"s3": "https://s3.acme.example"}]),
                "httpProxy": "http://proxy.acme.example",
                "httpsProxy": "http://proxy.acme.example",
                "noProxy": "*",
                "customCaBundle": "/tmp/authority.pem",
                "ec2MetadataServiceEndpoint": "http://127.0.0.1",
                "insecure": "true",
                "skipCredentialsValidation": "true",
                "skipRequestingAccountId": True,
                "ignoreTags": json.dumps({"keyPrefixes": ["plinth:"]}),
                "optionOfALaterVersion": "1",
            }.items()
        }
        | {
            "enters another account": but({"assumeRoles": assuming(OTHER_ACCOUNT)}),
            "enters another account at last": but({"assumeRoles": assuming(OWN_ACCOUNT, OTHER_ACCOUNT)}),
        },
        accepted={
            "enters its account by another": but({"assumeRoles": assuming(OTHER_ACCOUNT, OWN_ACCOUNT)}),
            "enters an account that is not known": but({"allowedAccountIds": UNKNOWN}),
            "enters an account of a list that is not known": but({"allowedAccountIds": [UNKNOWN]}),
            "assumes roles that are not known": but({"assumeRoles": UNKNOWN}),
            "assumes a role that is not known": but({"assumeRoles": [{"roleArn": UNKNOWN}]}),
            "has an endpoint that is not known": but({"endpoints": UNKNOWN}),
            "has no endpoints": but({"endpoints": "[]", "ignoreTags": "{}", "profile": "", "insecure": False}),
        },
    )
]
CASES = [*PLACES, *OPTIONS]
