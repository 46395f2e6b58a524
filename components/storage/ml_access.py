"""Bucket policy statements that restrict writes to an ML bucket.

They only deny; roles grant access. Data pushed from the lake is the one exception, because its jobs run in another
account.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.arns import arn_of
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import ROLE_PATH
from components.storage.pushed_data import LakePushJobs
from settings.data.ml_layout import GROUND_TRUTH, MONITORING, QUERIES, SNAPSHOTS, SWITCH
from settings.team.use_case import USE_CASE_TAG
from settings.types.kinds import Environment

MAX_POLICY_BYTES = 20_480
"""Maximum size of a bucket policy (S3 User Guide, "Bucket policies")."""
CREATE = ("s3:PutObject",)
"""Action required by every call that creates objects: put, copy and multipart upload."""
REMOVE = ("s3:DeleteObject", "s3:DeleteObjectVersion")


@dataclass(frozen=True, kw_only=True, slots=True)
class MlBucketUsers:
    """The environment, use cases and lake jobs that work in an ML bucket."""

    environment: Environment
    label: str
    """Name of the environment, which is the prefix of its role names."""
    team: str
    account_id: pulumi.Input[str]
    use_cases: Sequence[str]
    pushers: LakePushJobs | None = None
    """Jobs of the lake that also write to the bucket. Usually none."""

    def workloads(self) -> list[pulumi.Input[str]]:
        """Returns ARN patterns of the workload roles of the environment and of the team's use cases."""
        return [
            arn_of("iam", "", self.account_id, f"role{ROLE_PATH}{start}*")
            for start in (f"{self.label}-", f"{self.team}--")
        ]


def access(arn: pulumi.Output[str], use: MlBucketUsers) -> list[Statement]:
    """Builds the statements specific to an ML bucket, in addition to those of every bucket policy."""
    return [*refusals(arn, use), *(use.pushers.bucket_statements(arn) if use.pushers else [])]


def refusals(arn: pulumi.Output[str], use: MlBucketUsers) -> list[Statement]:
    """Builds the deny statements specific to an ML bucket."""
    statements = [_deny_outside_layout(arn, use), _deny_other_use_cases(arn), *_protect_snapshots(arn, use)]
    if use.environment != "experimentation":
        statements.append(_deny_people(arn, use))
    return statements


def _deny_outside_layout(arn: pulumi.Output[str], use: MlBucketUsers) -> Statement:
    """Denies objects outside the layout's folders, which no lifecycle rule covers and nobody expects (S3-01)."""
    pushed = use.pushers.folders if use.pushers else ()
    return Statement(
        sid="RefuseKeysOutsideTheLayout",
        effect="Deny",
        principals="*",
        actions=CREATE,
        not_resources=[pulumi.Output.concat(arn, f"/{folder}/*") for folder in (*use.use_cases, QUERIES, *pushed)],
    )


def _deny_other_use_cases(arn: pulumi.Output[str]) -> Statement:
    """Denies a use case's roles writing to the folders of other use cases, whatever their own policies allow.

    A tag on the role names its use case. Roles without the tag belong to no use case and are not restricted here.
    """
    own = f"/${{aws:PrincipalTag/{USE_CASE_TAG}}}/*"
    return Statement(
        sid="RefuseOtherUseCases",
        effect="Deny",
        principals="*",
        actions=[*CREATE, *REMOVE],
        not_resources=[pulumi.Output.concat(arn, own), pulumi.Output.concat(arn, f"/{QUERIES}/*")],
        conditions={"Null": {f"aws:PrincipalTag/{USE_CASE_TAG}": "false"}},
    )


def _protect_snapshots(arn: pulumi.Output[str], use: MlBucketUsers) -> list[Statement]:
    """Denies replacing and deleting snapshots of training data, which are written once (S3-09).

    No call can replace a snapshot (S3 User Guide, "Enforce conditional writes") and no workload can delete one.
    Destroying the whole environment still deletes them.
    """
    snapshots: list[pulumi.Input[str]] = [pulumi.Output.concat(arn, f"/*/{SNAPSHOTS}/*")]
    return [
        Statement(
            sid="RefuseReplacedSnapshots",
            effect="Deny",
            principals="*",
            actions=CREATE,
            resources=snapshots,
            conditions={"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}},
        ),
        Statement(
            sid="RefuseRemovedSnapshots",
            effect="Deny",
            principals="*",
            actions=REMOVE,
            resources=snapshots,
            conditions={"ArnLike": {"aws:PrincipalArn": use.workloads()}},
        ),
    ]


def _deny_people(arn: pulumi.Output[str], use: MlBucketUsers) -> Statement:
    """Denies writes by people beyond experimentation, so that only reviewed code creates data there.

    Ground truth and the switch of predictions are the exceptions, for whose folders some people have permission: nobody
    else knows what really happened, and whoever operates a model can stop it at once.
    """
    workloads = [*use.workloads(), *(use.pushers.arns() if use.pushers else [])]
    return Statement(
        sid="RefusePeople",
        effect="Deny",
        principals="*",
        actions=CREATE,
        not_resources=[pulumi.Output.concat(arn, f"/*/{MONITORING}/{part}/*") for part in (GROUND_TRUTH, SWITCH)],
        conditions={
            "ArnNotLike": {"aws:PrincipalArn": workloads},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    )
