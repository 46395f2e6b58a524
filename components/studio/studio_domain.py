"""A SageMaker Studio domain without internet access."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from components.ranges import require_within
from components.studio.canvas import CANVAS, canvas_settings
from settings.types.aws.limits import STUDIO_IDLE_MINUTES

SignIn = Literal["identity-center", "iam"]
App = Literal["jupyterlab", "code-editor"]

CLASSIC_APPS = ("JupyterServer", "KernelGateway", "RSessionGateway", "RStudioServerPro")
"""App types of Studio Classic."""
HIDDEN_APPS = (CANVAS, *CLASSIC_APPS)
"""App types hidden from users. Canvas is hidden because no pipeline builds its models (EXP-10); profiles of its users
show it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DomainImage:
    """A custom image, as referenced by a domain."""

    app: App
    image_name: pulumi.Input[str]
    version: pulumi.Input[int]
    configuration_name: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class StudioDomainArgs:
    """Arguments of :class:`StudioDomain`."""

    domain_name: str
    """Name of the domain in the account, up to 63 characters (a SageMaker limit)."""

    vpc_id: pulumi.Input[str]
    """Id of the VPC of the apps."""

    subnet_ids: Sequence[pulumi.Input[str]]
    """Ids of private subnets in at least two zones. An app uses two to four addresses."""

    security_group_id: pulumi.Input[str]
    """Id of the security group of all apps."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key for home directories and space volumes. Changing it replaces the domain, with empty home
    directories (SM-02)."""

    default_role_arn: pulumi.Input[str]
    """ARN of the role of profiles without one of their own. SageMaker requires it; all people have their own role."""

    sign_in: SignIn
    """Authentication mode: IAM Identity Center, or IAM for organizations with their own identity provider."""

    idle_timeout_minutes: int
    """Minutes of inactivity after which an app stops and costs nothing, 60 to 525,600 (SageMaker limits)."""

    docker_accounts: Sequence[pulumi.Input[str]] = ()
    """Ids of the accounts whose registries apps may use with Docker, at most 20 (a SageMaker limit). Docker is disabled
    if empty."""

    keep_homes: bool = False
    """Whether the home directories' file system is kept when the domain is deleted. It is charged for as long as it
    exists."""

    scripts: Mapping[App, pulumi.Input[str]] = field(default_factory=dict)
    """ARN of the lifecycle configuration by app type, run when an app starts."""

    images: Sequence[DomainImage] = ()
    """Custom images that apps may run."""

    def __post_init__(self) -> None:
        if len(self.docker_accounts) > 20:
            raise ValueError(f"docker_accounts: {len(self.docker_accounts)} are too many (at most 20)")
        require_within("idle_timeout_minutes", self.idle_timeout_minutes, STUDIO_IDLE_MINUTES)


class StudioDomain(pulumi.ComponentResource):
    """A Studio domain in VPC-only mode, encrypted with a customer managed key, whose sessions carry the user's name in
    the trail.

    Creates: the domain, with Docker, notebook sharing and direct deployment disabled and idle shutdown enabled. Users
    are added by :class:`components.studio.studio_user.StudioUser`.

    Outputs: ``domain_id``, ``url``, ``application_arn``.

    Raises: ValueError when the idle timeout is outside SageMaker's limits, or there are too many Docker accounts.

    Cost: none for the domain; running apps by the instance hour, home directories about 0.30 USD per GB and month.

    Example::

        studio = StudioDomain("studio", StudioDomainArgs(
            domain_name="fraud-experimentation", vpc_id=network.vpc_id, subnet_ids=network.subnet_ids,
            security_group_id=workloads.security_group_id, key_arn=key.arn,
            default_role_arn=nobody.arn, sign_in="identity-center", idle_timeout_minutes=120,
        ))
    """

    domain_id: pulumi.Output[str]
    """Id of the domain (``d-…``)."""
    url: pulumi.Output[str]
    """URL of the domain."""
    application_arn: pulumi.Output[str]
    """ARN of the Identity Center application that SageMaker creates for the domain; empty if people use IAM."""

    def __init__(self, name: str, args: StudioDomainArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:studio:StudioDomain", name, None, opts)
        self._args = args
        domain = aws.sagemaker.Domain(
            name,
            domain_name=args.domain_name,
            auth_mode="SSO" if args.sign_in == "identity-center" else "IAM",
            app_network_access_type="VpcOnly",
            vpc_id=args.vpc_id,
            subnet_ids=list(args.subnet_ids),
            kms_key_id=args.key_arn,
            tag_propagation="ENABLED",
            domain_settings=self._domain_settings(),
            default_user_settings=self._user_settings(),
            default_space_settings=self._space_settings(),
            # By default, home directories are deleted with the environment, which holds no sole copy of data (ACC-08).
            retention_policy=aws.sagemaker.DomainRetentionPolicyArgs(
                home_efs_file_system="Retain" if args.keep_homes else "Delete"
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.domain_id = domain.id
        self.url = domain.url
        self.application_arn = domain.single_sign_on_application_arn
        self.register_outputs({"domain_id": self.domain_id, "url": self.url, "application_arn": self.application_arn})

    def _domain_settings(self) -> aws.sagemaker.DomainDomainSettingsArgs:
        return aws.sagemaker.DomainDomainSettingsArgs(
            docker_settings=aws.sagemaker.DomainDomainSettingsDockerSettingsArgs(
                enable_docker_access="ENABLED" if self._args.docker_accounts else "DISABLED",
                vpc_only_trusted_accounts=list(self._args.docker_accounts) or None,
            ),
            execution_role_identity_config="USER_PROFILE_NAME",
            security_group_ids=[self._args.security_group_id],
        )

    def _user_settings(self) -> aws.sagemaker.DomainDefaultUserSettingsArgs:
        return aws.sagemaker.DomainDefaultUserSettingsArgs(
            execution_role=self._args.default_role_arn,
            security_groups=[self._args.security_group_id],
            default_landing_uri="studio::",
            studio_web_portal="ENABLED",
            studio_web_portal_settings=aws.sagemaker.DomainDefaultUserSettingsStudioWebPortalSettingsArgs(
                hidden_app_types=list(HIDDEN_APPS)
            ),
            sharing_settings=aws.sagemaker.DomainDefaultUserSettingsSharingSettingsArgs(
                notebook_output_option="Disabled"
            ),
            canvas_app_settings=aws.sagemaker.DomainDefaultUserSettingsCanvasAppSettingsArgs(
                **canvas_settings(None, self._args.key_arn)
            ),
            jupyter_lab_app_settings=aws.sagemaker.DomainDefaultUserSettingsJupyterLabAppSettingsArgs(
                **self._app_settings("jupyterlab")
            ),
            code_editor_app_settings=aws.sagemaker.DomainDefaultUserSettingsCodeEditorAppSettingsArgs(
                **self._app_settings("code-editor")
            ),
        )

    def _app_settings(self, app: App) -> dict[str, Any]:
        """Returns the settings that JupyterLab and Code Editor share, for which the SDK has different types."""
        minutes, script = self._args.idle_timeout_minutes, self._args.scripts.get(app)
        images = [
            {
                "image_name": image.image_name,
                "image_version_number": image.version,
                "app_image_config_name": image.configuration_name,
            }
            for image in self._args.images
            if image.app == app
        ]
        return {
            "lifecycle_config_arns": None if script is None else [script],
            "default_resource_spec": None if script is None else {"lifecycle_config_arn": script},
            "custom_images": images or None,
            "app_lifecycle_management": {
                "idle_settings": {
                    "lifecycle_management": "ENABLED",
                    "idle_timeout_in_minutes": minutes,
                    "max_idle_timeout_in_minutes": minutes,
                }
            },
        }

    def _space_settings(self) -> aws.sagemaker.DomainDefaultSpaceSettingsArgs:
        return aws.sagemaker.DomainDefaultSpaceSettingsArgs(
            execution_role=self._args.default_role_arn, security_groups=[self._args.security_group_id]
        )
