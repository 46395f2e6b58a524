"""Permissions of one Studio user: their own work, the team's data, and instances of allowed types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.statements import Conditions, Statement, merged
from components.identity.workloads.api_permissions import call_data_api
from components.identity.workloads.code_permissions import CodeAccount, push_code_of
from components.identity.workloads.package_permissions import Packages, install_packages
from components.identity.workloads.spark_permissions import start_spark
from components.identity.workloads.tracking_permissions import TRACKING, keep_artifacts, log_runs, view_runs
from components.identity.workloads.workload_permissions import (
    WorkloadScope,
    encrypt_data,
    encrypt_volumes,
    folder_permissions,
    list_data,
    observer_permissions,
    query_permissions,
    read_data,
    read_features,
    run,
    start_experiments,
    trial_permissions,
)
from components.studio.canvas import open_canvas
from components.studio.home import SHARED, home


@dataclass(frozen=True, kw_only=True, slots=True)
class UserScope:
    """Resources to which a user's role is restricted."""

    environment: WorkloadScope
    """Data and key of the environment. The team's data is read-only; all users share the key."""
    user: str
    role_arn: pulumi.Input[str]
    """ARN of the user's role, with which their jobs also run."""
    domain_id: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]
    """ARN of the bucket for people's own work."""
    instance_types: Sequence[str]
    experiments: bool
    """Whether the user may start jobs from Studio, as in experimentation. Otherwise access is read-only (DEV-02)."""
    canvas: bool
    tracking: bool
    spark: bool
    data_api: bool
    packages: Packages | None
    code: CodeAccount | None


def user_permissions(scope: UserScope) -> list[Statement]:
    """Builds all permissions of the user's role.

    They are one inline policy, and not managed policies, because only the management account may create and attach
    managed policies: deployers could otherwise widen roles (IA-06). So statements are merged to stay within the limit.
    """
    return merged(
        [
            *_apps(scope),
            *(open_canvas(scope.environment, scope.domain_id, scope.user) if scope.canvas else []),
            *_own_work(scope),
            *(_experiments(scope) if scope.experiments else _read_only(scope)),
            *(install_packages(scope.packages) if scope.packages is not None else []),
            *([push_code_of(scope.environment.team, scope.code)] if scope.code is not None else []),
        ]
    )


def _apps(scope: UserScope) -> list[Statement]:
    """Allows apps in the spaces that are created for this user, on the allowed instance types.

    Source: SageMaker Developer Guide, "Studio spaces: permissions"; Service Authorization Reference for the keys.
    """
    own: Conditions = {
        "ArnEquals": {"sagemaker:OwnerUserProfileArn": _profile(scope, scope.user)},
        "StringEquals": {"sagemaker:SpaceSharingType": "Private"},
    }
    apps, spaces = _in_domain(scope, "app"), _in_domain(scope, "space")
    sized: Conditions = {**own, "ForAnyValue:StringEquals": {"sagemaker:InstanceTypes": list(scope.instance_types)}}
    return [
        Statement(sid="StartOwnApps", actions=["sagemaker:CreateApp"], resources=[apps], conditions=sized),
        Statement(
            sid="ChangeOwnSpaces",
            actions=["sagemaker:DeleteApp", "sagemaker:UpdateSpace"],
            resources=[apps, spaces],
            conditions=own,
        ),
        Statement(
            # A space passes its tags to its apps, with the credentials of the user who starts them.
            sid="TagWhatIsMade",
            actions=["sagemaker:AddTags"],
            resources=[apps],
            conditions={"Null": {"sagemaker:TaggingAction": "false"}},
        ),
        encrypt_volumes(scope.environment.key_arn, "EncryptSpaces"),
        # Apps of a domain with a key need it of the role (SageMaker Developer Guide, "SageMaker Roles", CreateDomain).
        Statement(sid="SeeKey", actions=["kms:DescribeKey"], resources=[scope.environment.key_arn]),
        Statement(
            sid="OwnDoor",
            actions=["sagemaker:CreatePresignedDomainUrl"],
            # Studio requires this action of the profile's role to open apps, also with Identity Center
            # (aws/amazon-sagemaker-feedback#73). SageMaker sets the user's name as the source identity (IA-14).
            resources=[_profile(scope, "${sagemaker:UserProfileName}")],
        ),
    ]


def _own_work(scope: UserScope) -> list[Statement]:
    prefixes = (home(scope.user), SHARED)
    listed = (*prefixes, TRACKING) if scope.experiments and scope.tracking else prefixes
    return [
        Statement(
            sid="FindOwnWork",
            actions=["s3:ListBucket"],
            resources=[scope.bucket_arn],
            conditions={"StringLike": {"s3:prefix": [f"{prefix}*" for prefix in listed]}},
        ),
        Statement(
            sid="KeepOwnWork",
            actions=[
                "s3:AbortMultipartUpload",
                "s3:DeleteObject",
                "s3:GetBucketLocation",
                "s3:GetObject",
                "s3:GetObjectTagging",
                "s3:GetObjectVersion",
                "s3:ListMultipartUploadParts",
                "s3:PutObject",
                "s3:PutObjectTagging",
            ],
            resources=[
                scope.bucket_arn,
                *(pulumi.Output.concat(scope.bucket_arn, f"/{prefix}*") for prefix in prefixes),
            ],
        ),
        encrypt_data(scope.environment),
    ]


def _experiments(scope: UserScope) -> list[Statement]:
    """Allows experiments: the team's data is read-only, and results are written to the user's own work."""
    environment = scope.environment
    return [
        list_data(environment),
        # The AWS CLI copies large objects with their tags (AWS CLI User Guide, "Properties and tags in multipart
        # copies").
        *read_data(environment, tags=True),
        *run(environment),
        *start_experiments(environment, passed_role_arn=scope.role_arn),
        *trial_permissions(environment),
        *query_permissions(environment.region, environment.account_id, search=True),
        *read_features(environment.region),
        *folder_permissions(environment.region, environment.team),
        *([*log_runs(environment), keep_artifacts(scope.bucket_arn)] if scope.tracking else []),
        *(start_spark(environment) if scope.spark else []),
        *(call_data_api(environment) if scope.data_api else []),
    ]


def _read_only(scope: UserScope) -> list[Statement]:
    decrypt = Statement(sid="DecryptData", actions=["kms:Decrypt"], resources=[scope.environment.key_arn])
    return [
        *observer_permissions(scope.environment),
        decrypt,
        *(view_runs(scope.environment) if scope.tracking else []),
    ]


def _profile(scope: UserScope, user: str) -> pulumi.Output[str]:
    return pulumi.Output.concat(scope.environment.arn("sagemaker", "user-profile/"), scope.domain_id, f"/{user}")


def _in_domain(scope: UserScope, kind: str) -> pulumi.Output[str]:
    return pulumi.Output.concat(scope.environment.arn("sagemaker", f"{kind}/"), scope.domain_id, "/*")
