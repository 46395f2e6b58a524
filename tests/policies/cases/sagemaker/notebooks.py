"""Cases of policies/security/rules/sagemaker/notebooks.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import OWN_ACCOUNT, Case, Change, Situation, but

KEY = f"arn:aws:kms:eu-west-1:{OWN_ACCOUNT}:key/0f6d2d3e"
METADATA = "instanceMetadataServiceConfiguration"


def notebook(
    rule: str, compliant: dict[str, Any], refused: dict[str, Change], accepted: dict[str, Change] | None = None
) -> Case:
    return Case(
        rule=rule,
        type="aws:sagemaker/notebookInstance:NotebookInstance",
        compliant=Situation(inputs=compliant),
        refused=refused,
        accepted=accepted or {},
    )


CASES = [
    notebook(
        "SM-06",
        {"directInternetAccess": "Disabled", "subnetId": "subnet-1", "securityGroups": ["sg-1"]},
        refused={
            "has the way of AWS to the internet": but({"directInternetAccess": "Enabled"}),
            "has no group": but({"securityGroups": []}),
        },
    ),
    notebook(
        "SM-07",
        {"rootAccess": "Disabled", METADATA: {"minimumInstanceMetadataServiceVersion": "2"}},
        refused={
            "has root access": but({"rootAccess": "Enabled"}),
            "answers without tokens": but({f"{METADATA}.minimumInstanceMetadataServiceVersion": "1"}),
        },
    ),
    notebook(
        "SM-08",
        {"kmsKeyId": KEY, "platformIdentifier": "notebook-al2023-v1"},
        refused={
            "is under a key of AWS": but({"kmsKeyId": "alias/aws/sagemaker"}),
            "runs on a system that ended": but({"platformIdentifier": "notebook-al2-v3"}),
            "runs on what the organization no longer lists": but(notebook_platforms=("notebook-al2023-v2",)),
        },
        accepted={
            "runs on what the organization lists": but(
                {"platformIdentifier": "notebook-al2023-v2"}, notebook_platforms=("notebook-al2023-v2",)
            ),
            "is under a key that the deployment creates": but({"kmsKeyId": UNKNOWN}),
        },
    ),
]
