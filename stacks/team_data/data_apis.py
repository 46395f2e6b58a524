"""The data APIs of a team's environments, and the API Gateway logging of each account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi

from components.data_lake.api.api_logging import ApiLogging, ApiLoggingArgs
from components.data_lake.api.data_api import DataApi, DataApiArgs
from components.data_lake.api.data_api_document import Served
from components.identity.workloads.spark_permissions import SPARK_ROLE
from components.identity.workloads.workload_permissions import WorkloadScope
from settings.data.data_api import DATA_API
from settings.data.data_api import DataApi as DataApiSettings
from settings.data.dataset import Dataset
from settings.derived.accounts import Account
from settings.derived.foundation import Foundation
from settings.derived.sharing import (
    columns_read,
    lake_reading_roles,
    parts_read,
    resource_link_name,
    resource_link_prefix,
)
from settings.team.team import EnvironmentSettings
from settings.types.kinds import RELEASED_TO, Environment
from settings.types.naming import named
from stacks.data_lake.lake_formation import role_arn
from stacks.shared.outputs import EnvironmentOutputs, OrganizationOutputs

EnvironmentsByName = Mapping[Environment, EnvironmentOutputs]


def data_apis(
    foundation: Foundation,
    team: str,
    account: Account,
    environments: EnvironmentsByName,
    organization: OrganizationOutputs,
    opts: pulumi.ResourceOptions,
) -> dict[Environment, DataApi]:
    """Creates the data APIs of one account's environments, by environment."""
    wanted = {name: outputs for name, outputs in environments.items() if foundation.environment_of(team, name).data_api}
    if not wanted:
        return {}
    # The environment's stack sets up accounts to which models are released.
    if account.kind not in RELEASED_TO:
        logging = _logging(foundation, account, next(iter(wanted.values())), opts)
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[logging]))
    return {
        name: _data_api(foundation, account, foundation.environment_of(team, name), outputs, organization, opts)
        for name, outputs in wanted.items()
    }


def _logging(
    foundation: Foundation, account: Account, outputs: EnvironmentOutputs, opts: pulumi.ResourceOptions
) -> ApiLogging:
    args = ApiLoggingArgs(
        role_name=named("role", account.label, "api-logs"),
        account_id=outputs.account_id,
        region=foundation.organization.home_region,
        boundary_arn=outputs.permissions_boundary_arn,
    )
    return ApiLogging(f"api-logging-{account.label}", args, opts)


def _data_api(
    foundation: Foundation,
    account: Account,
    environment: EnvironmentSettings,
    outputs: EnvironmentOutputs,
    organization: OrganizationOutputs,
    opts: pulumi.ResourceOptions,
) -> DataApi:
    settings = environment.data_api or DataApiSettings(datasets=())
    scope = WorkloadScope(
        account_id=outputs.account_id,
        region=foundation.organization.home_region,
        bucket_arn=outputs.bucket_arn,
        key_arn=outputs.key_arn,
        role_prefix=environment.stack,
        team=environment.team,
    )
    args = DataApiArgs(
        api_name=named("role", environment.stack, DATA_API),
        scope=scope,
        served=served(environment, [foundation.datasets[name] for name in settings.datasets], account),
        caller_arns=[role_arn(scope.account_id, f"{environment.stack}-{role}") for role in callers(environment)],
        organization_id=organization.organization_id,
        endpoint_id=outputs.api_endpoint_id,
        boundary_arn=outputs.permissions_boundary_arn,
        requests_per_second=settings.requests_per_second,
        log_retention_days=environment.log_retention_days,
    )
    return DataApi(f"data-api-{environment.environment}", args, opts)


def callers(environment: EnvironmentSettings) -> list[str]:
    """Returns the roles that may call the data API. Spark is left out, because it reads tables directly."""
    return [role for role in lake_reading_roles(environment) if role != SPARK_ROLE]


def served(environment: EnvironmentSettings, datasets: Sequence[Dataset], account: Account) -> list[Served]:
    """Returns the dataset parts and columns that the environment reads, through its own resource links."""
    return [
        Served(
            dataset=dataset.name,
            table=dataset.table,
            part=part,
            database=f"{resource_link_prefix(environment.team, account)}{resource_link_name(part)}",
            columns=[c for c in dataset.columns if c.name in columns_read(dataset, environment.environment)],
            description=dataset.description,
        )
        for dataset in datasets
        for part in parts_read(dataset, environment.team, environment.environment)
    ]
