"""A user of Studio: profile, role, security group and private spaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.identity.iam.principals import service_trust
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.identity.workloads.code_permissions import CodeAccount
from components.identity.workloads.package_permissions import Packages
from components.identity.workloads.workload_permissions import WorkloadScope
from components.studio.canvas import canvas_settings, workspace_of
from components.studio.studio_domain import CLASSIC_APPS, App, SignIn
from components.studio.user_permissions import UserScope, user_permissions
from settings.derived.tags import USER_TAG
from settings.types.aws.limits import STUDIO_VOLUME_GIB

KERNEL_PORTS = (8192, 65535)
"""Ports between an app and its kernels (SageMaker Developer Guide, "Connect Studio in a VPC")."""
USER_MANAGED_PROPERTIES = (
    "spaceSettings.jupyterLabAppSettings.defaultResourceSpec",
    "spaceSettings.codeEditorAppSettings.defaultResourceSpec",
    "spaceSettings.spaceStorageSettings",
)
"""Properties of spaces that users change themselves and deployments ignore. Volumes, for example, cannot shrink."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StudioUserArgs:
    """Arguments of :class:`StudioUser`."""

    user: str
    """User name of the person in the directory, which people sign in with."""

    profile: str
    """Name of the user profile, 1 to 63 letters, digits and inner hyphens (a SageMaker limit). Spaces, the folder and
    the source identity of the person have it too."""

    sign_in: SignIn
    """Authentication mode: IAM Identity Center, or IAM for organizations with their own identity provider."""

    domain_id: pulumi.Input[str]
    """Id of the domain."""

    vpc_id: pulumi.Input[str]
    """Id of the VPC of the apps."""

    app_security_group_id: pulumi.Input[str]
    """Id of the security group that all apps share, used in addition to the user's own group."""

    environment: WorkloadScope
    """Data and key of the environment."""

    bucket_arn: pulumi.Input[str]
    """ARN of the bucket for people's own work, in which the user has a prefix."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""

    role_name: str
    """Name of the user's role in the account."""

    experiments: bool
    """Whether the user may start jobs from Studio. True in experimentation only."""

    apps: Sequence[App]
    """App types; each gets a private space."""

    instance_types: Sequence[str]
    """Instance types that apps may use. Spaces start with the first."""

    volume_gib: int
    """Initial size of a space's volume in GiB, 5 to 16,384 (SageMaker limits)."""

    max_volume_gib: int
    """Size in GiB up to which the user may extend a volume."""

    canvas: bool = False
    """Whether the user may open Canvas. Possible in experimentation only."""

    tracking: bool = False
    """Whether the user's runs are tracked in the environment's MLflow app."""

    spark: bool = False
    """Whether the user may start Spark jobs, which have a role of their own. Possible in experimentation only."""

    data_api: bool = False
    """Whether the user may query the environment's data API. Possible in experimentation only."""

    packages: Packages | None = None
    """Repository from which apps install packages; None without one."""

    code: CodeAccount | None = None
    """Account with the team's code repositories, if the user pushes code to them; None if not."""

    after: Sequence[pulumi.Resource] = ()
    """Resources that must exist before the profile. With Identity Center, the person's assignment to the domain
    (CloudFormation Template Reference, ``AWS::SageMaker::UserProfile``, read on 2026-11-21)."""

    def __post_init__(self) -> None:
        if not self.instance_types:
            raise ValueError(f"instance_types: {self.user} has no instance types (at least 1)")
        least, most = STUDIO_VOLUME_GIB
        if not least <= self.volume_gib <= self.max_volume_gib <= most:
            sizes = f"{self.volume_gib} to {self.max_volume_gib}"
            raise ValueError(f"volume_gib: {sizes} is out of range ({least:,} to {most:,})")


class StudioUser(pulumi.ComponentResource):
    """A Studio user, isolated from all others by a role, a security group and private spaces of their own.

    Creates: the role, with a permissions boundary; the security group; the profile; one private space per app type.

    Outputs: ``role_arn``.

    Raises: ValueError when there is no instance type, or a volume size is outside SageMaker's limits.

    Cost: volumes of spaces cost about 0.11 USD per GB and month; running apps are charged by the instance hour.

    Example::

        StudioUser("ada", StudioUserArgs(
            user="ada@acme.example", profile="ada-1b9e7f02", sign_in="identity-center",
            domain_id=studio.domain_id, vpc_id=vpc_id,
            app_security_group_id=doors.security_group_id, environment=scope, bucket_arn=bucket.arn,
            boundary_arn=boundary.arn, role_name="fraud-experimentation-studio-ada", experiments=True,
            apps=["jupyterlab"], instance_types=["ml.t3.medium"], volume_gib=20, max_volume_gib=100,
        ))
    """

    role_arn: pulumi.Output[str]
    """ARN of the role, which the trail records with the user's name as source identity."""

    def __init__(self, name: str, args: StudioUserArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:studio:StudioUser", name, None, opts)
        self._name, self._args = name, args
        role = self._role()
        profile = self._profile(role, self._group())
        for app in args.apps:
            self._space(app, profile)
        self.role_arn = role.arn
        self.register_outputs({"role_arn": self.role_arn})

    @property
    def _tags(self) -> Mapping[str, str]:
        return {USER_TAG: self._args.user}

    def _role(self) -> BoundedRole:
        args = self._args
        scope = UserScope(
            environment=args.environment,
            user=args.profile,
            role_arn=args.environment.role_arn(args.role_name.removeprefix(f"{args.environment.role_prefix}-")),
            domain_id=args.domain_id,
            bucket_arn=args.bucket_arn,
            instance_types=args.instance_types,
            experiments=args.experiments,
            canvas=args.canvas,
            tracking=args.tracking,
            spark=args.spark,
            data_api=args.data_api,
            packages=args.packages,
            code=args.code,
        )
        return BoundedRole(
            f"{self._name}-role",
            BoundedRoleArgs(
                role_name=args.role_name,
                description=f"{args.user} in Studio of {args.environment.role_prefix}",
                trust=service_trust("sagemaker", account_id=args.environment.account_id, sets_source_identity=True),
                permissions=user_permissions(scope),
                boundary_arn=args.boundary_arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _group(self) -> aws.ec2.SecurityGroup:
        first, last = KERNEL_PORTS
        description = "Apps of this person"
        return aws.ec2.SecurityGroup(
            f"{self._name}-apps",
            description="Apps of one person among themselves",
            vpc_id=self._args.vpc_id,
            ingress=[
                aws.ec2.SecurityGroupIngressArgs(
                    description=description, protocol="tcp", from_port=first, to_port=last, self=True
                )
            ],
            egress=[
                aws.ec2.SecurityGroupEgressArgs(
                    description=description, protocol="tcp", from_port=first, to_port=last, self=True
                )
            ],
            tags={"Name": self._args.role_name, **self._tags},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _profile(self, role: BoundedRole, group: aws.ec2.SecurityGroup) -> aws.sagemaker.UserProfile:
        args = self._args
        by_identity_center = args.sign_in == "identity-center"
        sizes = aws.sagemaker.UserProfileUserSettingsSpaceStorageSettingsDefaultEbsStorageSettingsArgs(
            default_ebs_volume_size_in_gb=args.volume_gib, maximum_ebs_volume_size_in_gb=args.max_volume_gib
        )
        return aws.sagemaker.UserProfile(
            self._name,
            domain_id=args.domain_id,
            user_profile_name=args.profile,
            single_sign_on_user_identifier="UserName" if by_identity_center else None,
            single_sign_on_user_value=args.user if by_identity_center else None,
            user_settings=aws.sagemaker.UserProfileUserSettingsArgs(
                execution_role=role.arn,
                security_groups=[group.id, args.app_security_group_id],
                space_storage_settings=aws.sagemaker.UserProfileUserSettingsSpaceStorageSettingsArgs(
                    default_ebs_storage_settings=sizes
                ),
                **(self._canvas() if args.canvas else {}),
            ),
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after)),
        )

    def _canvas(self) -> dict[str, Any]:
        """Returns profile settings that show Canvas, which the domain hides."""
        args = self._args
        workspace = workspace_of(args.profile, args.bucket_arn)
        return {
            "canvas_app_settings": aws.sagemaker.UserProfileUserSettingsCanvasAppSettingsArgs(
                **canvas_settings(workspace, args.environment.key_arn)
            ),
            "studio_web_portal_settings": aws.sagemaker.UserProfileUserSettingsStudioWebPortalSettingsArgs(
                hidden_app_types=list(CLASSIC_APPS)
            ),
        }

    def _space(self, app: App, profile: aws.sagemaker.UserProfile) -> None:
        """Creates a private space, whose name combines profile and app type: unique in the domain, and unchangeable."""
        args = self._args
        settings = _jupyter_lab if app == "jupyterlab" else _code_editor
        volume = aws.sagemaker.SpaceSpaceSettingsSpaceStorageSettingsArgs(
            ebs_storage_settings=aws.sagemaker.SpaceSpaceSettingsSpaceStorageSettingsEbsStorageSettingsArgs(
                ebs_volume_size_in_gb=args.volume_gib
            )
        )
        aws.sagemaker.Space(
            f"{self._name}-{app}",
            domain_id=args.domain_id,
            space_name=f"{args.profile}-{app}",
            ownership_settings=aws.sagemaker.SpaceOwnershipSettingsArgs(
                owner_user_profile_name=profile.user_profile_name
            ),
            space_sharing_settings=aws.sagemaker.SpaceSpaceSharingSettingsArgs(sharing_type="Private"),
            space_settings=settings(args.instance_types[0], volume),
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=list(USER_MANAGED_PROPERTIES)),
        )


def _jupyter_lab(
    instance_type: str, volume: aws.sagemaker.SpaceSpaceSettingsSpaceStorageSettingsArgs
) -> aws.sagemaker.SpaceSpaceSettingsArgs:
    return aws.sagemaker.SpaceSpaceSettingsArgs(
        app_type="JupyterLab",
        jupyter_lab_app_settings=aws.sagemaker.SpaceSpaceSettingsJupyterLabAppSettingsArgs(
            default_resource_spec=aws.sagemaker.SpaceSpaceSettingsJupyterLabAppSettingsDefaultResourceSpecArgs(
                instance_type=instance_type
            )
        ),
        space_storage_settings=volume,
    )


def _code_editor(
    instance_type: str, volume: aws.sagemaker.SpaceSpaceSettingsSpaceStorageSettingsArgs
) -> aws.sagemaker.SpaceSpaceSettingsArgs:
    return aws.sagemaker.SpaceSpaceSettingsArgs(
        app_type="CodeEditor",
        code_editor_app_settings=aws.sagemaker.SpaceSpaceSettingsCodeEditorAppSettingsArgs(
            default_resource_spec=aws.sagemaker.SpaceSpaceSettingsCodeEditorAppSettingsDefaultResourceSpecArgs(
                instance_type=instance_type
            )
        ),
        space_storage_settings=volume,
    )
