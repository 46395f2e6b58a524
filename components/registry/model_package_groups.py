"""The model package groups of a use case, and the policies that share them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.arns import account_principal, arn_of
from components.identity.iam.statements import Statement, policy_document
from components.registry.consumers import Consumers

PENDING = "PendingManualApproval"
READING = ("sagemaker:CreateModel", "sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages")
"""Actions that finding and deploying a model version needs (SageMaker Developer Guide, "Deploy a model version from a
different account")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelPackageGroupsArgs:
    """Arguments of :class:`ModelPackageGroups`."""

    groups: Mapping[str, str]
    """Name of the group of each branch, by branch (``main``, ``develop``)."""

    promotable: str
    """The branch whose models can be promoted. Only its group is readable from other accounts."""

    label: str
    """Team and use case, for descriptions."""

    account_id: pulumi.Input[str]
    """Id of the registry's account."""

    region: str
    """Region of the groups."""

    consumers: Consumers
    """Accounts that read the promotable group, and the role that registers in every group."""


class ModelPackageGroups(pulumi.ComponentResource):
    """The model package groups of a use case's permanent branches (BR-06). Pipelines in development register pending
    versions, and other environments read the versions of the promotable group (TOOL-02).

    Nobody in another account can approve, change or delete a version.

    Creates: a protected group for each branch, with its resource policy.

    Outputs: ``arns``.

    Cost: none.

    Example::

        groups = ModelPackageGroups("models", ModelPackageGroupsArgs(
            groups={"main": "fraud--scoring-main"}, promotable="main", label="fraud/scoring",
            account_id=tooling_id, region="eu-west-1", consumers=consumers,
        ))
    """

    arns: Mapping[str, pulumi.Output[str]]
    """ARN of the group of each branch, known once the group is shared."""

    def __init__(self, name: str, args: ModelPackageGroupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:registry:ModelPackageGroups", name, None, opts)
        self.arns = {branch: self._group(name, branch, group, args) for branch, group in args.groups.items()}
        self.register_outputs({"arns": self.arns})

    def _group(self, name: str, branch: str, group_name: str, args: ModelPackageGroupsArgs) -> pulumi.Output[str]:
        group = aws.sagemaker.ModelPackageGroup(
            f"{name}-{branch}",
            model_package_group_name=group_name,
            model_package_group_description=f"Models of {args.label} from the branch {branch}",
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
        policy = aws.sagemaker.ModelPackageGroupPolicy(
            f"{name}-{branch}-policy",
            model_package_group_name=group.model_package_group_name,
            resource_policy=policy_document(*_statements(args, group_name, shared=branch == args.promotable)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return pulumi.Output.all(group.arn, policy.id).apply(lambda known: str(known[0]))


def _statements(args: ModelPackageGroupsArgs, group: str, *, shared: bool) -> list[Statement]:
    arns: list[pulumi.Input[str]] = [
        arn_of("sagemaker", args.region, args.account_id, f"{kind}/{group}{rest}")
        for kind, rest in (("model-package-group", ""), ("model-package", "/*"))
    ]
    consumers = args.consumers
    in_organization = {"aws:PrincipalOrgID": consumers.organization_id}
    development: list[pulumi.Input[str]] = [account_principal(consumers.development_account_id)]
    # A condition instead of a principal, because AWS replaces a role in a policy by its id, which a new role lacks.
    by_pipeline = {"ArnEquals": {"aws:PrincipalArn": consumers.pipeline_role_arn}}
    statements = [
        Statement(
            sid="PipelineRegisters",
            principals={"AWS": development},
            actions=["sagemaker:CreateModelPackage"],
            resources=arns,
            conditions={**by_pipeline, "StringEquals": {**in_organization, "sagemaker:ModelApprovalStatus": PENDING}},
        ),
        Statement(
            sid="PipelineSeesVersions",
            principals={"AWS": development},
            actions=["sagemaker:DescribeModelPackage", "sagemaker:DescribeModelPackageGroup"],
            resources=arns,
            conditions={**by_pipeline, "StringEquals": in_organization},
        ),
    ]
    if shared and consumers.accounts:
        statements.append(
            Statement(
                sid="EnvironmentsRead",
                principals={"AWS": consumers.reader_arns},
                actions=[*READING, "sagemaker:DescribeModelPackageGroup"],
                resources=arns,
                conditions={"StringEquals": in_organization},
            )
        )
    return statements
