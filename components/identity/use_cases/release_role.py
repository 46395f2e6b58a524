"""The role that releases a use case to pre-production or production."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.identity.iam.principals import role_trust
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import UseCase, within_organization
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.identity.workloads.workload_permissions import encrypt_volumes
from settings.derived.use_case_names import MAIN
from settings.types.kinds import ReleasedTo

RELEASE_ACTIONS = ("cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm")
"""Actions that releases require in addition to those of workloads."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseRoleArgs:
    """Arguments of :class:`ReleaseRole`."""

    use_case: UseCase
    """Use case whose endpoints the role deploys."""

    environment: ReleasedTo
    """Target environment. Each has a role of its own, in its own account."""

    account_id: pulumi.Input[str]
    """Id of the environment's account."""

    tooling_account_id: pulumi.Input[str]
    """Id of the account of the registry and the promotion pipeline."""

    organization_id: pulumi.Input[str]
    """Id of the organization of both accounts."""

    key_arn: pulumi.Input[str]
    """ARN of the environment's KMS key."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""


class ReleaseRole(pulumi.ComponentResource):
    """The only role that changes deployed models of a use case. Only the promotion pipeline may assume it (PRE-04,
    PROD-01).

    It creates models of registered versions in the network, endpoints encrypted with the environment's key, and the
    alarms that roll an endpoint back (RB-03). It reads the registry, but neither registers nor approves models.

    Creates: the role ``<team>--<use-case>-preprod-release`` or ``-prod-release``.

    Args: see :class:`ReleaseRoleArgs`.

    Outputs: ``arn``.

    Raises: SettingsError when the name of the role would be too long.

    Cost: none.

    Example::

        ReleaseRole("release", ReleaseRoleArgs(
            use_case=use_case, environment="production", account_id=production_id, tooling_account_id=tooling_id,
            organization_id="o-acme", key_arn=key.arn, boundary_arn=boundary.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for the promotion pipeline, which assumes it."""

    def __init__(self, name: str, args: ReleaseRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:identity:ReleaseRole", name, None, opts)
        case = args.use_case
        role = BoundedRole(
            name,
            BoundedRoleArgs(
                role_name=case.role_name("release", args.environment),
                description=f"Releases of {case.prefix} to {args.environment}",
                trust=role_trust(
                    account_id=args.tooling_account_id,
                    organization_id=args.organization_id,
                    role_arn=case.role_arn("promotion", args.tooling_account_id),
                ),
                permissions=_permissions(args),
                boundary_arn=args.boundary_arn,
                tags=args.use_case.tags,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.arn = role.arn
        self.register_outputs({"arn": self.arn})


def _permissions(args: ReleaseRoleArgs) -> list[Statement]:
    case = args.use_case
    served = case.arns("sagemaker", args.account_id, "endpoint/", "endpoint-config/", "model/")
    registered = [
        case.arn("sagemaker", args.tooling_account_id, f"{kind}/{case.names.model_group(MAIN)}{rest}")
        for kind, rest in (("model-package", "/*"), ("model-package-group", ""))
    ]
    return [
        within_organization(
            Statement(
                sid="ReadTheRegistry",
                actions=[
                    "sagemaker:DescribeModelPackage",
                    "sagemaker:DescribeModelPackageGroup",
                    "sagemaker:ListModelPackages",
                ],
                resources=registered,
            ),
            args.organization_id,
        ),
        within_organization(
            Statement(
                sid="MakeModelsInTheNetwork",
                actions=["sagemaker:CreateModel"],
                # A version of another account is named too (SageMaker Developer Guide, "Deploy a model version from a
                # different account", read 2026-11-20).
                resources=[*case.arns("sagemaker", args.account_id, "model/"), registered[0]],
                conditions={"Null": {"sagemaker:VpcSubnets": "false"}},
            ),
            args.organization_id,
        ),
        Statement(
            sid="EncryptWhatEndpointsKeep",
            actions=["sagemaker:CreateEndpointConfig"],
            resources=case.arns("sagemaker", args.account_id, "endpoint-config/"),
            conditions={"ArnEquals": {"sagemaker:VolumeKmsKey": args.key_arn}},
        ),
        Statement(
            sid="Serve",
            actions=[
                "sagemaker:AddTags",
                "sagemaker:CreateEndpoint",
                "sagemaker:DeleteEndpoint",
                "sagemaker:DeleteEndpointConfig",
                "sagemaker:DeleteModel",
                "sagemaker:DescribeEndpoint",
                "sagemaker:DescribeEndpointConfig",
                "sagemaker:DescribeModel",
                "sagemaker:UpdateEndpoint",
                "sagemaker:UpdateEndpointWeightsAndCapacities",
            ],
            resources=served,
        ),
        Statement(
            sid="TryWhatIsServed",
            actions=["sagemaker:InvokeEndpoint"],
            resources=case.arns("sagemaker", args.account_id, "endpoint/"),
        ),
        Statement(
            sid="GiveModelsTheirRole",
            actions=["iam:PassRole"],
            resources=[case.role_arn("serving", args.account_id, args.environment)],
            conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        ),
        Statement(
            sid="RollBackByAlarms",
            actions=["cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm"],
            resources=case.arns("cloudwatch", args.account_id, "alarm:"),
        ),
        encrypt_volumes(args.key_arn, "EncryptVolumes"),
    ]
