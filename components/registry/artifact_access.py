"""Access to the bucket of registered models and build artifacts, which all use cases share.

The statements name no team: the tags of a role decide which folder it may access (TOOL-06). Guardrails prevent others
from changing roles of the foundation and their tags.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.identity.iam.statements import Conditions, Statement
from components.identity.workloads.bounded_role import ROLE_PATH
from components.security.encryption_key import THIS_KEY
from settings.data.artifact_layout import DEPLOYMENTS, MODELS, PROMOTIONS
from settings.team.use_case import USE_CASE_TAG

USE_CASE_ROLES = f"arn:aws:iam::*:role{ROLE_PATH}*--*"
"""ARN pattern of the roles of use cases. No other role has two hyphens in a row in its name."""
REGISTRARS = f"arn:aws:iam::*:role{ROLE_PATH}*--*-dev-pipeline"
"""ARN pattern of the roles of pipelines in development, the only roles of other accounts that write."""
READERS = [f"arn:aws:iam::*:role{ROLE_PATH}*--*-{job}" for job in ("monitoring", "pipeline")]
"""ARN patterns of the roles of processing jobs in all environments."""
PROMOTERS = [f"arn:aws:iam::*:role{ROLE_PATH}*--*-promotion{end}" for end in ("", "-preprod", "-prod")]
"""ARN pattern of the roles with which promotions run."""
OWN_FOLDER = f"${{aws:PrincipalTag/plinth:team}}/${{aws:PrincipalTag/{USE_CASE_TAG}}}"


def use_cases_share_the_bucket(arn: pulumi.Output[str], organization_id: pulumi.Input[str]) -> Sequence[Statement]:
    """Builds the bucket policy: pipelines add models, roles of the use case read them, only promotions write records
    and the state of deployments, and people write nothing (TOOL-07)."""
    own_models: list[pulumi.Input[str]] = [pulumi.Output.concat(arn, f"/{OWN_FOLDER}/{MODELS}/*")]
    return [
        Statement(
            sid="PipelinesAddModels",
            principals={"AWS": ["*"]},
            actions=["s3:AbortMultipartUpload", "s3:PutObject"],
            resources=own_models,
            conditions=_from(organization_id, REGISTRARS),
        ),
        Statement(
            sid="UseCasesReadModels",
            principals={"AWS": ["*"]},
            actions=["s3:GetObject", "s3:GetObjectVersion"],
            resources=own_models,
            conditions=_from(organization_id, USE_CASE_ROLES),
        ),
        Statement(
            # Processing jobs of batch inference and of monitoring take the folder of a version, or files of it, as
            # inputs. SageMaker lists what it copies.
            sid="JobsListModels",
            principals={"AWS": ["*"]},
            actions=["s3:ListBucket"],
            resources=[arn],
            conditions={
                **_from(organization_id, READERS),
                "StringLike": {"s3:prefix": f"{OWN_FOLDER}/{MODELS}/*"},
            },
        ),
        Statement(
            sid="RefuseOtherWriters",
            effect="Deny",
            principals="*",
            actions=["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject"],
            resources=[pulumi.Output.concat(arn, "/*")],
            conditions={"ArnNotLike": {"aws:PrincipalArn": USE_CASE_ROLES}},
        ),
        Statement(
            # Builds run code that nobody has approved, and may write everything else in the folder of their use case.
            sid="OnlyPromotionsKeepRecords",
            effect="Deny",
            principals="*",
            actions=["s3:DeleteObject", "s3:PutObject"],
            resources=[pulumi.Output.concat(arn, f"/*/*/{folder}/*") for folder in (PROMOTIONS, DEPLOYMENTS)],
            conditions={"ArnNotLike": {"aws:PrincipalArn": PROMOTERS}},
        ),
        Statement(
            sid="RefuseDeletion",
            effect="Deny",
            principals="*",
            actions=["s3:DeleteObjectVersion"],
            resources=[pulumi.Output.concat(arn, "/*")],
        ),
    ]


def use_cases_use_the_key(organization_id: pulumi.Input[str], region: str, bucket_name: pulumi.Input[str]) -> Statement:
    """Builds the key policy statement that lets roles of use cases encrypt and decrypt the bucket's objects through S3.

    The bucket policy decides which objects. Multipart uploads also require Decrypt.
    """
    return Statement(
        sid="UseCasesUseTheKeyForArtifacts",
        principals={"AWS": ["*"]},
        actions=["kms:Decrypt", "kms:GenerateDataKey"],
        resources=THIS_KEY,
        conditions={
            "StringEquals": {
                "aws:PrincipalOrgID": organization_id,
                "kms:EncryptionContext:aws:s3:arn": pulumi.Output.concat("arn:aws:s3:::", bucket_name),
                "kms:ViaService": f"s3.{region}.amazonaws.com",
            },
            "ArnLike": {"aws:PrincipalArn": USE_CASE_ROLES},
        },
    )


def _from(organization_id: pulumi.Input[str], roles: str | Sequence[str]) -> Conditions:
    return {"StringEquals": {"aws:PrincipalOrgID": organization_id}, "ArnLike": {"aws:PrincipalArn": roles}}
