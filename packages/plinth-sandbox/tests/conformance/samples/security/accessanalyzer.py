"""Samples of IAM Access Analyzer."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample


def _analyzer(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("accessanalyzer").get_analyzer(analyzerName=it.id)["analyzer"]
    return {
        "arn": found["arn"] == it.outputs["arn"],
        "type": found["type"],
        "days": found["configuration"]["unusedAccess"]["unusedAccessAge"],
        "tags": found["tags"],
    }


SAMPLES = [
    Sample(
        type="aws:accessanalyzer/analyzer:Analyzer",
        inputs={
            "analyzerName": "sample-{n}",
            "type": "ORGANIZATION_UNUSED_ACCESS",
            "configuration": {"unusedAccess": {"unusedAccessAge": 90}},
            "tags": {"own": "1"},
        },
        look=_analyzer,
        seen={
            "arn": True,
            "type": "ORGANIZATION_UNUSED_ACCESS",
            "days": 90,
            "tags": {"from": "provider", "own": "1"},
        },
        change={"tags": {"own": "2"}},
        seen_changed={
            "arn": True,
            "type": "ORGANIZATION_UNUSED_ACCESS",
            "days": 90,
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"type": "ACCOUNT_UNUSED_ACCESS"},
        drift=lambda aws, it: aws("accessanalyzer").untag_resource(resourceArn=it.outputs["arn"], tagKeys=["own"]),
        drifts="tags",
        remove=lambda aws, it: aws("accessanalyzer").delete_analyzer(analyzerName=it.id),
    ),
]
