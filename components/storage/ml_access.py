"""Who may write what in an ML bucket. What is allowed, roles say; here it is refused, but for what the lake pushes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import ROLE_PATH
from components.storage.pushed_data import Pushers
from settings.data.ml_layout import QUERIES, SNAPSHOTS
from settings.team.use_case import USE_CASE_TAG
from settings.types.kinds import Environment

MOST_BYTES = 20_480
"""Of a bucket's policy (S3 User Guide, "Bucket policies")."""
CREATE = ("s3:PutObject",)
"""Creates objects by whatever call: put, copy, upload in parts."""
REMOVE = ("s3:DeleteObject", "s3:DeleteObjectVersion")


@dataclass(frozen=True, kw_only=True, slots=True)
class MlBucketUse:
    """Who works in an environment's bucket."""

    environment: Environment
    label: str
    """The environment's name, with which the names of its roles begin."""
    team: str
    account_id: pulumi.Input[str]
    use_cases: Sequence[str]
    pushers: Pushers | None = None
    """Jobs of the lake that write here too; usually none."""

    def workloads(self) -> list[pulumi.Input[str]]:
        """Roles of the environment's machines, and of those of the team's use cases."""
        return [
            pulumi.Output.concat("arn:aws:iam::", self.account_id, f":role{ROLE_PATH}{start}*")
            for start in (f"{self.label}-", f"{self.team}--")
        ]


def access(arn: pulumi.Output[str], use: MlBucketUse) -> list[Statement]:
    """All that the policy of the bucket with that ARN says beside what every bucket's does."""
    return [*refusals(arn, use), *(use.pushers.admitted_to(arn) if use.pushers else [])]


def refusals(arn: pulumi.Output[str], use: MlBucketUse) -> list[Statement]:
    """What the policy of the bucket with that ARN refuses beside what every bucket's does."""
    statements = [_only_the_layout(arn, use), _only_the_own_use_case(arn), *_snapshots_stay(arn, use)]
    if use.environment != "experimentation":
        statements.append(_only_machines(arn, use))
    return statements


def _only_the_layout(arn: pulumi.Output[str], use: MlBucketUse) -> Statement:
    """Nothing is left where neither a rule nor a person would look for it (S3-01)."""
    pushed = use.pushers.folders if use.pushers else ()
    return Statement(
        sid="RefuseKeysOutsideTheLayout",
        effect="Deny",
        principals="*",
        actions=CREATE,
        not_resources=[pulumi.Output.concat(arn, f"/{folder}/*") for folder in (*use.use_cases, QUERIES, *pushed)],
    )


def _only_the_own_use_case(arn: pulumi.Output[str]) -> Statement:
    """A role of a use case leaves the folders of others alone, whatever its own policy says. The tag tells which it is
    of; who has none is no use case's."""
    own = f"/${{aws:PrincipalTag/{USE_CASE_TAG}}}/*"
    return Statement(
        sid="RefuseOtherUseCases",
        effect="Deny",
        principals="*",
        actions=[*CREATE, *REMOVE],
        not_resources=[pulumi.Output.concat(arn, own), pulumi.Output.concat(arn, f"/{QUERIES}/*")],
        conditions={"Null": {f"aws:PrincipalTag/{USE_CASE_TAG}": "false"}},
    )


def _snapshots_stay(arn: pulumi.Output[str], use: MlBucketUse) -> list[Statement]:
    """What a model was trained on is written once (S3-09): no call replaces it (S3 User Guide, "Enforce conditional
    writes"), and no workload removes it. Taking the whole environment down still does."""
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


def _only_machines(arn: pulumi.Output[str], use: MlBucketUse) -> Statement:
    """Beyond experimentation, what lies here was made by code that was reviewed."""
    machines = [*use.workloads(), *(use.pushers.arns() if use.pushers else [])]
    return Statement(
        sid="RefusePeople",
        effect="Deny",
        principals="*",
        actions=CREATE,
        resources=[pulumi.Output.concat(arn, "/*")],
        conditions={
            "ArnNotLike": {"aws:PrincipalArn": machines},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    )
