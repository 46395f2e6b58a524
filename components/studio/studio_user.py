"""One person's place in Studio: who they are there, what they may do, and where they work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.identity.iam.principals import service_trust
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.identity.workloads.workload_permissions import WorkloadScope
from components.studio.canvas import canvas_settings, workspace_of
from components.studio.studio_domain import OLD_APPS, App, SignIn
from components.studio.user_permissions import UserScope, user_permissions
from settings.derived.tags import USER_TAG

KERNEL_PORTS = (8192, 65535)
"""What an app and the kernels that it starts talk by (SageMaker Developer Guide, "Connect Studio in a VPC")."""
OF_THE_PERSON = (
    "spaceSettings.jupyterLabAppSettings.defaultResourceSpec",
    "spaceSettings.codeEditorAppSettings.defaultResourceSpec",
    "spaceSettings.spaceStorageSettings",
)
"""What people change of their spaces, and no deployment changes back: a volume cannot even shrink."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StudioUserArgs:
    """Arguments of :class:`StudioUser`."""

    user: str
    """Name of the profile; with Identity Center, the user name there."""

    sign_in: SignIn
    """Identity Center, or IAM for organizations that bring a provider of their own."""

    domain_id: pulumi.Input[str]
    """Domain that the person comes into."""

    vpc_id: pulumi.Input[str]
    """Network of the apps."""

    app_security_group_id: pulumi.Input[str]
    """What every app may reach; the person's own group comes beside it."""

    environment: WorkloadScope
    """The environment's things: the team's data, and the key."""

    bucket_arn: pulumi.Input[str]
    """Bucket of people's own work, of which a prefix is this person's."""

    boundary_arn: pulumi.Input[str]
    """Permissions boundary of the account."""

    role_name: str
    """Name of the person's role in the account."""

    experiments: bool
    """Whether jobs are started from Studio: in experimentation alone."""

    apps: Sequence[App]
    """A private space each."""

    instance_types: Sequence[str]
    """What apps may run on; a space begins with the first."""

    volume_gib: int
    """GiB of a space's volume when it is made, 5 to 16,384 (SageMaker limits)."""

    max_volume_gib: int
    """GiB that the person may let it grow to."""

    canvas: bool = False
    """Whether the person sees Canvas and may open it; in experimentation alone."""

    tracking: bool = False
    """Whether the person's runs are kept in the environment's MLflow app."""

    spark: bool = False
    """Whether the person starts jobs of Spark, which act with a role of their own; in experimentation alone."""

    data_api: bool = False
    """Whether the person asks the environment's data API; in experimentation alone."""

    def __post_init__(self) -> None:
        if not self.instance_types:
            raise ValueError(f"instance_types: {self.user} may run apps on nothing (at least 1)")
        if not 5 <= self.volume_gib <= self.max_volume_gib <= 16_384:
            raise ValueError(f"volume_gib: {self.volume_gib} to {self.max_volume_gib} is out of range (5 to 16,384)")


class StudioUser(pulumi.ComponentResource):
    """A person in Studio, apart from all others: a profile, a role that it alone has, a group, private spaces.

    Creates: the role, bounded; the security group; the profile; a private space for each app.

    Args: see :class:`StudioUserArgs`.

    Outputs: ``role_arn``.

    Raises: ValueError when there is no instance type, or a volume outside SageMaker's limits.

    Cost: volumes of spaces about 0.11 USD per GB and month; running apps by the instance hour.

    Example::

        StudioUser("ada", StudioUserArgs(
            user="ada", sign_in="identity-center", domain_id=studio.domain_id, vpc_id=vpc_id,
            app_security_group_id=doors.security_group_id, environment=scope, bucket_arn=bucket.arn,
            boundary_arn=boundary.arn, role_name="fraud-experimentation-studio-ada", experiments=True,
            apps=["jupyterlab"], instance_types=["ml.t3.medium"], volume_gib=20, max_volume_gib=100,
        ))
    """

    role_arn: pulumi.Output[str]
    """Whom the trail shows, with the person's name on every session."""

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
            user=args.user,
            role_arn=args.environment.role_arn(args.role_name.removeprefix(f"{args.environment.role_prefix}-")),
            domain_id=args.domain_id,
            bucket_arn=args.bucket_arn,
            instance_types=args.instance_types,
            experiments=args.experiments,
            canvas=args.canvas,
            tracking=args.tracking,
            spark=args.spark,
            data_api=args.data_api,
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
            user_profile_name=args.user,
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
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _canvas(self) -> dict[str, Any]:
        """What the domain hides from everybody, this profile shows."""
        args = self._args
        workspace = workspace_of(args.user, args.bucket_arn)
        return {
            "canvas_app_settings": aws.sagemaker.UserProfileUserSettingsCanvasAppSettingsArgs(
                **canvas_settings(workspace, args.environment.key_arn)
            ),
            "studio_web_portal_settings": aws.sagemaker.UserProfileUserSettingsStudioWebPortalSettingsArgs(
                hidden_app_types=list(OLD_APPS)
            ),
        }

    def _space(self, app: App, profile: aws.sagemaker.UserProfile) -> None:
        """A space's name is the profile's and the app's: unique in the domain, and kept for good."""
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
            space_name=f"{args.user}-{app}",
            ownership_settings=aws.sagemaker.SpaceOwnershipSettingsArgs(
                owner_user_profile_name=profile.user_profile_name
            ),
            space_sharing_settings=aws.sagemaker.SpaceSpaceSharingSettingsArgs(sharing_type="Private"),
            space_settings=settings(args.instance_types[0], volume),
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=list(OF_THE_PERSON)),
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
