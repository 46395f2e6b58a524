"""A custom image for Studio apps, pinned to a digest."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.studio.studio_domain import App

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomImageArgs:
    """Arguments of :class:`CustomImage`."""

    image_name: str
    """Name of the image in the account, up to 63 characters (a SageMaker limit)."""

    registry: pulumi.Input[str]
    """Registry in the tooling account, ``<account>.dkr.ecr.<region>.amazonaws.com``."""

    repository: str
    """Name of the repository in that registry."""

    digest: str
    """Digest of the image, ``sha256:…``. A tag is not accepted, because it could be moved to another image (SM-11)."""

    app: App
    """App type that runs the image."""

    pull_role_arn: pulumi.Input[str]
    """ARN of the role with which SageMaker pulls the image."""

    def __post_init__(self) -> None:
        if not DIGEST.fullmatch(self.digest):
            raise ValueError(f"digest: {self.digest} is not an image digest (sha256: and 64 hexadecimal digits)")


class CustomImage(pulumi.ComponentResource):
    """A SageMaker image version, and the configuration with which apps run it.

    Creates: the image; its version; the app image configuration.

    Outputs: ``image_name``, ``version``, ``configuration_name``.

    Raises: ValueError when the digest is malformed.

    Cost: none, apart from storage in the registry.

    Example::

        CustomImage("image-torch", CustomImageArgs(
            image_name="fraud-experimentation-torch", registry="333333333333.dkr.ecr.eu-west-1.amazonaws.com",
            repository="studio/torch", digest="sha256:…", app="jupyterlab", pull_role_arn=roles.role_arns["execution"],
        ))
    """

    image_name: pulumi.Output[str]
    """Name of the image, for the domain."""
    version: pulumi.Output[int]
    """Number of the version, assigned by SageMaker."""
    configuration_name: pulumi.Output[str]
    """Name of the app image configuration, for the domain."""

    def __init__(self, name: str, args: CustomImageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:studio:CustomImage", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        image = aws.sagemaker.Image(name, image_name=args.image_name, role_arn=args.pull_role_arn, opts=child)
        version = aws.sagemaker.ImageVersion(
            f"{name}-version",
            image_name=image.image_name,
            base_image=pulumi.Output.concat(args.registry, f"/{args.repository}@{args.digest}"),
            opts=child,
        )
        configuration = aws.sagemaker.AppImageConfig(
            f"{name}-start",
            app_image_config_name=args.image_name,
            jupyter_lab_image_config=_jupyter_lab() if args.app == "jupyterlab" else None,
            code_editor_app_image_config=_code_editor() if args.app == "code-editor" else None,
            opts=child,
        )
        self.image_name = image.image_name
        self.version = version.version
        self.configuration_name = configuration.app_image_config_name
        self.register_outputs({"image_name": self.image_name, "version": self.version})


USER, GROUP, HOME = 1000, 100, "/home/sagemaker-user"
"""Owner of the files on a space's volume, and its mount path (SageMaker Developer Guide, "Custom images")."""


def _jupyter_lab() -> aws.sagemaker.AppImageConfigJupyterLabImageConfigArgs:
    return aws.sagemaker.AppImageConfigJupyterLabImageConfigArgs(
        file_system_config=aws.sagemaker.AppImageConfigJupyterLabImageConfigFileSystemConfigArgs(
            default_uid=USER, default_gid=GROUP, mount_path=HOME
        )
    )


def _code_editor() -> aws.sagemaker.AppImageConfigCodeEditorAppImageConfigArgs:
    return aws.sagemaker.AppImageConfigCodeEditorAppImageConfigArgs(
        file_system_config=aws.sagemaker.AppImageConfigCodeEditorAppImageConfigFileSystemConfigArgs(
            default_uid=USER, default_gid=GROUP, mount_path=HOME
        )
    )
