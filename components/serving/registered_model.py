"""A SageMaker model of a registered version."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.serving.content_name import content_name

MOST_CONTAINERS = 15
"""Maximum number of containers of a serial inference pipeline (SageMaker API, CreateModel)."""
_VERSION = re.compile(
    r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:model-package/[A-Za-z0-9](-*[A-Za-z0-9]){0,62}/[1-9]\d*"
)
"""ARN of a version in a model package group. Only versions in a group have an approval."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisteredModelArgs:
    """Arguments of :class:`RegisteredModel`."""

    name_prefix: str
    """Prefix of the model's name in SageMaker: ``fraud--scoring-prod``."""

    package_arns: Sequence[str]
    """ARNs of registered versions, 1 to 15 (a SageMaker limit). Several ones form a serial inference pipeline: each
    container gets the answer of the one before. They may be the same version."""

    role_arn: str
    """ARN of the role with which SageMaker starts the containers."""

    subnet_ids: Sequence[str]
    """Subnets of the containers, 1 to 16 (a SageMaker limit). Two zones survive the loss of one."""

    security_group_ids: Sequence[str]
    """Security groups of the containers, 1 to 5 (a SageMaker limit)."""

    isolated: bool = True
    """Whether the containers cannot make network calls, not even to AWS. False for models that read online features."""

    environments: Sequence[Mapping[str, str]] = ()
    """Environment variables of each container, in their order. They take the place of those of the version, or are
    added to them. Empty: those of the versions."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags in addition to those of the stack."""

    def __post_init__(self) -> None:
        if not 1 <= len(self.package_arns) <= MOST_CONTAINERS:
            raise ValueError(f"package_arns: has {len(self.package_arns)} versions (1 to {MOST_CONTAINERS})")
        if wrong := [arn for arn in self.package_arns if not _VERSION.fullmatch(arn)]:
            raise ValueError(f"package_arns: {wrong[0]} is no ARN of a version in a model package group")
        if self.environments and len(self.environments) != len(self.package_arns):
            raise ValueError(
                f"environments: has {len(self.environments)} entries, package_arns {len(self.package_arns)}"
            )
        for name, values, most in (
            ("subnet_ids", self.subnet_ids, 16),
            ("security_group_ids", self.security_group_ids, 5),
        ):
            if not 1 <= len(values) <= most:
                raise ValueError(f"{name}: has {len(values)} entries (1 to {most})")


class RegisteredModel(pulumi.ComponentResource):
    """A model whose image and data come from the registry only. The image has the digest that was registered.

    The model is named after its content. A changed model is a new resource beside the old one, which is deleted after
    the endpoint has left it. If the update of the endpoint fails, both models stay. A stack has one model of a content.

    Creates: the model, in the network, and isolated from it unless it calls AWS.

    Outputs: ``model_name``.

    Raises: ValueError for an ARN that is no version, or outside the limits of SageMaker. SettingsError when the name
    would be too long.

    Cost: none.

    Example::

        model = RegisteredModel("model", RegisteredModelArgs(
            name_prefix="fraud--scoring-prod", package_arns=[version_arn], role_arn=serving_role_arn,
            subnet_ids=["subnet-1", "subnet-2"], security_group_ids=["sg-1"],
        ))
    """

    model_name: pulumi.Output[str]
    """Name of the model, known once it exists."""
    content_name: str
    """Name of the model as plain text, which is known in a preview too."""

    def __init__(self, name: str, args: RegisteredModelArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:serving:RegisteredModel", name, None, opts)
        self.content_name = content_name(args.name_prefix, _content(args))
        environments = args.environments or [{}] * len(args.package_arns)
        containers = [
            aws.sagemaker.ModelContainerArgs(model_package_name=arn, environment=dict(environment) or None)
            for arn, environment in zip(args.package_arns, environments, strict=True)
        ]
        serial = len(containers) > 1
        model = aws.sagemaker.Model(
            # A name of its own for each content: the engine deletes a resource that left the program after the update
            # of the endpoint, whereas it would delete a replaced one at the beginning of the run after a failed update.
            # The name of the component is no part of it: what was the new version is the one in service for the next
            # release, and stays the same resource.
            f"model-{self.content_name.rpartition('-')[2]}",
            name=self.content_name,
            execution_role_arn=args.role_arn,
            primary_container=None
            if serial
            else aws.sagemaker.ModelPrimaryContainerArgs(
                model_package_name=args.package_arns[0], environment=dict(environments[0]) or None
            ),
            containers=containers if serial else None,
            inference_execution_config=aws.sagemaker.ModelInferenceExecutionConfigArgs(mode="Serial")
            if serial
            else None,
            vpc_config=aws.sagemaker.ModelVpcConfigArgs(
                subnets=list(args.subnet_ids), security_group_ids=list(args.security_group_ids)
            ),
            enable_network_isolation=args.isolated,
            tags=dict(args.tags) or None,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.model_name = model.name
        self.register_outputs({"model_name": self.model_name})


def _content(args: RegisteredModelArgs) -> dict[str, object]:
    return {
        "packages": list(args.package_arns),
        "role": args.role_arn,
        "subnets": sorted(args.subnet_ids),
        "security_groups": sorted(args.security_group_ids),
        "isolated": args.isolated,
        # Left out without variables, so that models of earlier releases keep their names.
        **({"environments": [dict(environment) for environment in args.environments]} if args.environments else {}),
    }
