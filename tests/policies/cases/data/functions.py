"""Cases of policies/security/rules/data/functions.py."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import OTHER_ACCOUNT, OWN_ACCOUNT, Case, Situation, but

LAYER, OTHER_LAYER = (f"arn:aws:lambda:eu-west-1:{account}:layer:tools:1" for account in (OWN_ACCOUNT, OTHER_ACCOUNT))
API, OTHER_API = (f"arn:aws:execute-api:eu-west-1:{account}:api1/*/*" for account in (OWN_ACCOUNT, OTHER_ACCOUNT))
ROLE, OTHER_ROLE = (f"arn:aws:iam::{account}:role/caller" for account in (OWN_ACCOUNT, OTHER_ACCOUNT))
IN_THE_NETWORK = {"vpcConfig": {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]}}
CASES = [
    Case(
        rule="LM-01",
        type="aws:lambda/function:Function",
        compliant=Situation(inputs=IN_THE_NETWORK),
        refused={
            "has no subnets": but({"vpcConfig.subnetIds": []}),
            "has no security groups": but({"vpcConfig.securityGroupIds": []}),
            "has a layer of another account": but({"layers": [LAYER, OTHER_LAYER]}),
            "has a layer of no account": but({"layers": ["tools"]}),
        },
        accepted={
            "has unknown subnets": but({"vpcConfig.subnetIds": UNKNOWN}),
            "has an unknown network": but({"vpcConfig": UNKNOWN}),
            "has a layer of its own account": but({"layers": [LAYER]}),
            "has a layer of an account of the settings": but(
                {"layers": [OTHER_LAYER]}, durable_accounts=(OTHER_ACCOUNT,)
            ),
            "has unknown layers": but({"layers": UNKNOWN}),
        },
    ),
    Case(
        rule="LM-01",
        type="aws:lambda/permission:Permission",
        compliant=Situation(inputs={"principal": "apigateway.amazonaws.com", "sourceArn": API}),
        refused={
            "admits everybody": but({"principal": "*"}),
            "admits everybody at an address": but({"principal": OWN_ACCOUNT, "functionUrlAuthType": "NONE"}),
            "admits an API of another account": but({"sourceArn": OTHER_API}),
            "admits another account of a source": but({"sourceAccount": OTHER_ACCOUNT}),
            "admits a bucket of anybody": but({"principal": "s3.amazonaws.com", "sourceArn": "arn:aws:s3:::bucket"}),
            "admits another account": but({"principal": OTHER_ACCOUNT}),
            "admits a role of another account": but({"principal": OTHER_ROLE}),
        },
        accepted={
            "admits its own account": but({"principal": OWN_ACCOUNT}),
            "admits a role of its own account": but({"principal": ROLE}),
            "admits a role of an account of the settings": but(
                {"principal": OTHER_ROLE}, durable_accounts=(OTHER_ACCOUNT,)
            ),
            "admits a bucket": but(
                {"principal": "s3.amazonaws.com", "sourceArn": "arn:aws:s3:::bucket", "sourceAccount": OWN_ACCOUNT}
            ),
            "admits a source that is not known yet": but({"sourceArn": UNKNOWN}),
            "admits a principal that is not known yet": but({"principal": UNKNOWN}),
            "is limited to signed requests": but({"principal": ROLE, "functionUrlAuthType": "AWS_IAM"}),
        },
    ),
]
