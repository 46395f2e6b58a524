"""Permissions of jobs to return results of models to the data lake: write, and nothing else (INT-08)."""

from __future__ import annotations

from components.identity.iam.statements import Statement, through
from settings.data.lake import results_folder
from settings.types.kinds import Environment
from settings.types.naming import DROP_POINT_SUFFIX, LAKE


def return_results(region: str, team: str, environment: Environment, *further: str) -> list[Statement]:
    """Allows writing to the environment's folder, or a folder in it, through the team's access points.

    The access points decide which datasets and roles exist, so a new one does not change the statement.
    """
    folder = results_folder("*", team, environment, *further)
    return [
        Statement(
            sid="ReturnResults",
            actions=["s3:AbortMultipartUpload", "s3:PutObject"],
            resources=[f"arn:aws:s3:{region}:*:accesspoint/{team}--*--{DROP_POINT_SUFFIX}/object/{folder}/*"],
        ),
        Statement(
            sid="EncryptResults",
            # Multipart uploads require Decrypt, because S3 reassembles the parts.
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=[f"arn:aws:kms:{region}:*:key/*"],
            conditions={
                **through("s3", region),
                "StringLike": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::*-{LAKE}-landing-*"},
            },
        ),
    ]
