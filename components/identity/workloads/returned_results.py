"""What jobs may do to give the lake what their models found: lay it down, and nothing else (INT-08)."""

from __future__ import annotations

from components.identity.iam.statements import Statement
from settings.data.lake import results_folder
from settings.types.kinds import Environment
from settings.types.naming import DROP_POINT_SUFFIX, LAKE


def return_results(region: str, team: str, environment: Environment) -> list[Statement]:
    """Into whichever dataset an access point of the team's leads, under the environment's own folder. Which datasets
    there are, and which roles return to them, the access points say, so that one more changes nothing here."""
    folder = results_folder("*", team, environment)
    return [
        Statement(
            sid="ReturnResults",
            actions=["s3:AbortMultipartUpload", "s3:PutObject"],
            resources=[f"arn:aws:s3:{region}:*:accesspoint/{team}--*--{DROP_POINT_SUFFIX}/object/{folder}/*"],
        ),
        Statement(
            sid="EncryptResults",
            # Decrypt is for what comes in parts, which S3 puts together.
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=[f"arn:aws:kms:{region}:*:key/*"],
            conditions={
                "StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"},
                "StringLike": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::*-{LAKE}-landing-*"},
            },
        ),
    ]
