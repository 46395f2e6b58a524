"""Capabilities of personas that build models: Studio, data, results, code."""

from __future__ import annotations

from collections.abc import Sequence

from components.identity.iam.role_names import PLATFORM_DIRECTORY_READER
from components.identity.iam.statements import Conditions, Statement
from components.identity.personas.capability import (
    EVERYTHING,
    OWN_TEAM,
    Capability,
    arns,
    decrypt_through,
    with_aliases,
)
from components.identity.workloads.code_permissions import contribute_code, read_code, use_key_of_code
from components.identity.workloads.workload_permissions import query_permissions
from settings.data.ml_layout import QUERIES, SharedStep, step_outputs_pattern
from settings.data.request_layout import TABLE, USER_TAG, requester_partition
from settings.derived.tags import CONTRIBUTORS_TAG
from settings.types.kinds import Environment
from settings.types.naming import ml_bucket_prefix


def bucket_pattern(environment: Environment) -> str:
    """Returns the name pattern of an environment's ML buckets. An account contains only those of its own team."""
    return f"arn:aws:s3:::{ml_bucket_prefix(environment)}*"


def key_alias(environment: Environment) -> str:
    return f"plinth/*/{environment}"


def _open_studio(region: str) -> list[Statement]:
    """Allows presigned URLs of the own profile. A domain with Identity Center refuses them for everybody, and admits
    people who are assigned to its application (SageMaker API Reference, ``CreatePresignedDomainUrl``: "can only be
    called when the authentication mode equals IAM", read on 2026-11-21)."""
    return [
        Statement(
            sid="OwnDoor",
            actions=["sagemaker:CreatePresignedDomainUrl", "sagemaker:DescribeUserProfile"],
            resources=arns("sagemaker", region, "user-profile/*"),
            # The name of a profile is not always the user name; its tag is. Presigned Studio URLs are created only for
            # requests through the network's endpoint (IA-14).
            conditions={
                "StringEquals": {f"aws:ResourceTag/{USER_TAG}": f"${{aws:PrincipalTag/{USER_TAG}}}"},
                "Null": {"aws:SourceVpce": "false"},
            },
        ),
    ]


def _query_granted_data(region: str) -> list[Statement]:
    """Allows queries of data granted by Lake Formation, with results in the environment's bucket (EXP-04)."""
    bucket = bucket_pattern("experimentation")
    return [
        *query_permissions(region, account_id="*", search=True),
        Statement(sid="FindData", actions=["s3:GetBucketLocation", "s3:ListBucket"], resources=[bucket]),
        Statement(
            sid="KeepResults",
            actions=["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"],
            resources=[f"{bucket}/{QUERIES}/*"],
        ),
        decrypt_through("s3", region, [key_alias("experimentation")], sid="UseTheKeyOfExperiments", write=True),
        Statement(
            sid="SeeClusters",
            actions=[
                "elasticmapreduce:DescribeCluster",
                "elasticmapreduce:ListInstances",
                "elasticmapreduce:ListSteps",
            ],
            resources=arns("elasticmapreduce", region, "cluster/*"),
        ),
        Statement(sid="FindClusters", actions=["elasticmapreduce:ListClusters"], resources=EVERYTHING),
    ]


def _contribute_code(region: str) -> list[Statement]:
    """Allows pushing to the repositories of the team whose contributors include the person, or are not named."""
    person = f"*/${{aws:PrincipalTag/{USER_TAG}}}/*"
    named: Conditions = {"StringLikeIfExists": {f"aws:ResourceTag/{CONTRIBUTORS_TAG}": person}}
    return [*contribute_code(arns("codecommit", region, "*"), OWN_TEAM, named), _use_key_of_code(region)]


def _use_key_of_code(region: str) -> Statement:
    """Allows using the key of repositories. All teams share it: who may read which repository, CodeCommit decides."""
    return use_key_of_code(arns("kms", region, "key/*"), region, write=True, conditions=with_aliases("plinth/tooling"))


def _review_code(region: str) -> list[Statement]:
    """Allows reviews, merges and a second try of a build, but no pushes, so that nobody approves their own code (T-02).

    RetryBuild repeats a build as it was started. Unlike StartBuild it accepts no other commands (IA-06).
    """
    return [
        read_code(arns("codecommit", region, "*"), OWN_TEAM),
        Statement(
            sid="ReviewAndMerge",
            actions=[
                "codecommit:EvaluatePullRequestApprovalRules",
                "codecommit:MergePullRequestByFastForward",
                "codecommit:MergePullRequestBySquash",
                "codecommit:MergePullRequestByThreeWay",
                "codecommit:PostCommentForPullRequest",
                "codecommit:PostCommentReply",
                "codecommit:UpdatePullRequestApprovalState",
                "codecommit:UpdatePullRequestStatus",
            ],
            resources=arns("codecommit", region, "*"),
            conditions=OWN_TEAM,
        ),
        _use_key_of_code(region),
        Statement(
            sid="RetryBuilds",
            actions=["codebuild:RetryBuild"],
            resources=arns("codebuild", region, "project/*"),
            conditions=OWN_TEAM,
        ),
    ]


def _request_use_cases(region: str) -> list[Statement]:
    """Allows adding requests under the own name, and reading them with the records of the team.

    The partition key contains team and person, which the policy takes from session tags: who requested a use case is
    not a claim of the request. The session tag of the person is used instead of ``aws:userid``, because without
    Identity Center people choose the session name of their role.
    """
    team = "${aws:PrincipalTag/plinth:team}"
    own = requester_partition(team, f"${{aws:PrincipalTag/{USER_TAG}}}")
    table = arns("dynamodb", region, f"table/{TABLE}")
    return [
        Statement(sid="RequestUseCases", actions=["dynamodb:PutItem"], resources=table, conditions=_of_partitions(own)),
        Statement(sid="SeeRequests", actions=["dynamodb:Query"], resources=table, conditions=_of_partitions(own, team)),
        decrypt_through("dynamodb", region, ["plinth/tooling"], sid="UseTheKeyOfRequests", write=True),
    ]


def _look_up_people(_: str) -> list[Statement]:
    """Allows asking whether the directory has a user name, with a role of the management account that a request finds
    by asking for the organization."""
    return [
        Statement(sid="LookUpPeople", actions=["sts:AssumeRole"], resources=[PLATFORM_DIRECTORY_READER]),
        Statement(sid="FindTheDirectory", actions=["organizations:DescribeOrganization"], resources=EVERYTHING),
    ]


def _of_partitions(*partitions: str) -> Conditions:
    """Returns the condition that all items of a call have one of the partition keys. A call without any, such as a
    scan, would pass the first operator, which is true for no values (IAM User Guide, "Set operators")."""
    return {
        "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": partitions},
        "Null": {"dynamodb:LeadingKeys": "false"},
    }


def reading(steps: Sequence[SharedStep], environment: Environment) -> Capability:
    """Returns the capability to read the outputs of some pipeline steps in an environment's bucket."""
    folders = [step_outputs_pattern(step) for step in steps]

    def statements(region: str) -> list[Statement]:
        bucket = bucket_pattern(environment)
        return [
            Statement(
                sid="FindResults",
                actions=["s3:ListBucket"],
                resources=[bucket],
                conditions={"StringLike": {"s3:prefix": [f"{folder}*" for folder in folders]}},
            ),
            Statement(
                sid="ReadResults",
                actions=["s3:GetObject", "s3:GetObjectVersion"],
                resources=[f"{bucket}/{folder}*" for folder in folders],
            ),
            decrypt_through("s3", region, [key_alias(environment)], sid="DecryptResults"),
        ]

    return Capability(f"read {' and '.join(steps)}", statements)


OPEN_STUDIO = Capability("open Studio with their own profile", _open_studio, sign_in="iam")
QUERY_GRANTED_DATA = Capability("query granted data with Athena, Glue and EMR", _query_granted_data)
CONTRIBUTE_CODE = Capability("read the team's code and push branches", _contribute_code)
REQUEST_USE_CASES = Capability("request use cases of the team", _request_use_cases)
LOOK_UP_PEOPLE = Capability("look up user names in the directory", _look_up_people, sign_in="identity-center")
REVIEW_CODE = Capability("review and merge the team's code", _review_code)
