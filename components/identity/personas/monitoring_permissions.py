"""Capability of personas that watch released models."""

from __future__ import annotations

from components.identity.iam.statements import Statement
from components.identity.personas.capability import Capability, arns, decrypt_through
from components.identity.personas.workload_permissions import bucket_pattern, key_alias
from settings.data.ml_layout import GROUND_TRUTH, MONITORING, SWITCH
from settings.types.kinds import RELEASED_TO


def _watch_models(region: str) -> list[Statement]:
    """Allows reading reports of comparisons, asking for one, uploading ground truth, and stopping predictions. Reports
    contain shares of values, not requests."""
    buckets, folder = [bucket_pattern(environment) for environment in RELEASED_TO], f"*/{MONITORING}/results/*"
    return [
        Statement(
            sid="FindReportsOfMonitoring",
            actions=["s3:ListBucket"],
            resources=buckets,
            conditions={"StringLike": {"s3:prefix": [folder, f"*/{MONITORING}/{SWITCH}/*"]}},
        ),
        Statement(
            sid="ReadReportsOfMonitoring",
            actions=["s3:GetObject", "s3:GetObjectVersion"],
            resources=[f"{bucket}/{folder}" for bucket in buckets],
        ),
        Statement(
            sid="UploadGroundTruth",
            actions=["s3:PutObject"],
            resources=[f"{bucket}/*/{MONITORING}/{GROUND_TRUTH}/*" for bucket in buckets],
        ),
        Statement(
            sid="StopPredictions",
            actions=["s3:GetObject", "s3:PutObject"],
            resources=[f"{bucket}/*/{MONITORING}/{SWITCH}/*" for bucket in buckets],
        ),
        decrypt_through("s3", region, list(map(key_alias, RELEASED_TO)), sid="DecryptReportsOfMonitoring", write=True),
        Statement(
            sid="AskForComparisons",
            actions=["lambda:InvokeFunction"],
            resources=arns("lambda", region, "function:*-start-monitor"),
        ),
    ]


WATCH_MODELS = Capability(
    "read what monitoring found, start a comparison, upload ground truth, and stop predictions", _watch_models
)
