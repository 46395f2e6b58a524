"""The roles that each environment has before its first use case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.former_components import without_component
from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.workloads.api_permissions import call_data_api
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.identity.workloads.returned_results import return_results
from components.identity.workloads.spark_permissions import start_spark
from components.identity.workloads.tracking_permissions import track_runs
from components.identity.workloads.workload_permissions import (
    WorkloadScope,
    experiment_permissions,
    folder_permissions,
    job_permissions,
    query_permissions,
    read_features,
    write_features,
)
from settings.types.kinds import Environment

SAGEMAKER = "sagemaker"


@dataclass(frozen=True, kw_only=True, slots=True)
class BaselineRolesArgs:
    """Arguments of :class:`BaselineRoles`."""

    scope: WorkloadScope
    """Data and key of the environment, the only resources of its roles."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""

    environment: Environment
    """Name of the environment. In experimentation, jobs neither write to feature groups nor return results to the
    lake."""

    starts_spark: bool = False
    """Whether pipelines may start Spark jobs, if the environment has Spark."""

    calls_data_api: bool = False
    """Whether jobs may call a data API, if the environment has one."""

    tracked_in: pulumi.Input[str] | None = None
    """ARN of the bucket for run artifacts, if jobs are tracked in an MLflow app."""


class BaselineRoles:
    """The roles of an environment's jobs and pipelines. Studio users have roles of their own.

    Creates: the roles ``execution`` (for jobs and endpoints) and ``pipeline`` (for SageMaker pipelines).

    Outputs: ``role_arns``.

    Cost: none.

    Example::

        roles = BaselineRoles("roles", BaselineRolesArgs(
            scope=scope, boundary_arn=boundary.arn, environment="development",
        ))
        pulumi.export("role_arns", roles.role_arns)
    """

    role_arns: Mapping[str, pulumi.Output[str]]
    """ARNs of the roles by their short names."""

    def __init__(self, name: str, args: BaselineRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        self._name, self._args = name, args
        self._opts = without_component(name, "plinth:identity:BaselineRoles", opts)
        scope = args.scope
        by_sagemaker = service_trust(SAGEMAKER, account_id=scope.account_id)

        roles = {
            "execution": self._role("execution", "Jobs and endpoints", by_sagemaker, self._jobs()),
            "pipeline": self._role("pipeline", "SageMaker pipelines", by_sagemaker, self._pipelines()),
        }

        self.role_arns = {short: role.arn for short, role in roles.items()}

    def _role(self, suffix: str, description: str, trust: Statement, permissions: Sequence[Statement]) -> BoundedRole:
        return BoundedRole(
            f"{self._name}-{suffix}",
            BoundedRoleArgs(
                role_name=f"{self._args.scope.role_prefix}-{suffix}",
                description=f"{description} of {self._args.scope.role_prefix}",
                trust=trust,
                permissions=permissions,
                boundary_arn=self._args.boundary_arn,
            ),
            self._opts,
        )

    def _pipelines(self) -> Sequence[Statement]:
        scope = self._args.scope
        return [*experiment_permissions(scope), *(start_spark(scope) if self._args.starts_spark else [])]

    def _jobs(self) -> Sequence[Statement]:
        """Builds the permissions of jobs, which query the lake themselves for training and inference data (DEV-04)."""
        scope, environment = self._args.scope, self._args.environment
        given_back = [*write_features(scope.region), *return_results(scope.region, scope.team, environment)]
        return [
            *job_permissions(scope),
            *query_permissions(scope.region, scope.account_id),
            *read_features(scope.region),
            *folder_permissions(scope.region, scope.team),
            *(call_data_api(scope) if self._args.calls_data_api else []),
            *([] if self._args.tracked_in is None else track_runs(scope, self._args.tracked_in)),
            *([] if environment == "experimentation" else given_back),
        ]
