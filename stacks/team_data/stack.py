"""A team's access to the lake: an LF-tag and grants in the lake's account, links and workgroups in its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from components.data_lake.api.data_api import DataApi
from components.data_lake.lake_formation_settings import LakeFormationSettings, LakeFormationSettingsArgs
from components.data_lake.lake_links import LakeLinks, LakeLinksArgs
from components.data_lake.query_workgroup import QueryWorkgroup, QueryWorkgroupArgs
from components.data_lake.team_grants import TeamGrants, TeamGrantsArgs
from settings.data.feature_group import FOLDER
from settings.data.lake import PARTS
from settings.derived.accounts import Account
from settings.derived.foundation import Foundation
from settings.derived.sharing import READING_ENVIRONMENTS, querying_roles, resource_link_prefix
from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import Environment, environments_in
from settings.types.naming import query_workgroup
from stacks.data_lake.lake_formation import administrators, grant_readers, role_arn
from stacks.shared.exports import export
from stacks.shared.outputs import DataCatalogOutputs, EnvironmentOutputs, OrganizationOutputs, TeamDataOutputs
from stacks.shared.providers.accounts import account_provider
from stacks.shared.references import read
from stacks.team_data.data_apis import data_apis

Readers = Mapping[str, pulumi.Input[str]]


@dataclass(slots=True)
class _ReadingAccount:
    """An account that reads the lake, with the team's environments in it."""

    account: Account
    account_id: pulumi.Output[str]
    environments: list[Environment] = field(default_factory=list)


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the team's access. It names no dataset: the grant covers every dataset that carries the team's LF-tag."""
    team = stack.team or ""
    organization = read(OrganizationOutputs, StackIdentity("organization"))
    catalog = read(DataCatalogOutputs, StackIdentity("data-catalog"))
    host, host_id = foundation.account_of("data-lake"), organization.accounts["data-lake"]
    in_lake = pulumi.ResourceOptions(provider=account_provider(foundation, stack, host, host_id))

    environments = {
        environment: read(EnvironmentOutputs, StackIdentity(environment, team))
        for environment in environments_in(foundation.organization.phase)
    }
    readers = {name: _readers(foundation, team, name, outputs) for name, outputs in environments.items()}
    workgroups: dict[str, pulumi.Output[str]] = {}
    apis: dict[Environment, DataApi] = {}
    for reading in _reading_accounts(foundation, team, environments):
        opts = in_lake
        if reading.account != host:
            provider = account_provider(foundation, stack, reading.account, reading.account_id)
            opts = pulumi.ResourceOptions(provider=provider)
            here = {environment: environments[environment] for environment in reading.environments}
            apis |= (own := data_apis(foundation, team, reading.account, here, organization, opts))
            _link(foundation, team, reading, catalog, host_id, readers, _after(own, opts))
        for environment in reading.environments:
            workgroups[environment] = _workgroup(team, environment, environments[environment], opts)
    grants = TeamGrants("grants", TeamGrantsArgs(team=team, readers=readers), _after(apis, in_lake))
    export(
        TeamDataOutputs,
        tag=grants.tag,
        workgroups=workgroups,
        data_apis={environment: api.url for environment, api in apis.items()},
    )


def _after(apis: Mapping[Environment, DataApi], opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """Adds a dependency on the data APIs. They create the roles that grants name, and a granted role must exist."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(apis.values())))


def _readers(foundation: Foundation, team: str, environment: Environment, outputs: EnvironmentOutputs) -> Readers:
    account_id = outputs.account_id
    roles = querying_roles(foundation.environment_of(team, environment))
    return {role: role_arn(account_id, f"{team}-{environment}-{role}") for role in roles}


def _reading_accounts(
    foundation: Foundation, team: str, environments: Mapping[Environment, EnvironmentOutputs]
) -> list[_ReadingAccount]:
    """Returns the distinct accounts of the team's environments. A placement may put several into one account."""
    accounts: dict[str, _ReadingAccount] = {}
    for environment, outputs in environments.items():
        account = foundation.account_of(environment, team)
        account_id = outputs.account_id
        accounts.setdefault(account.label, _ReadingAccount(account, account_id)).environments.append(environment)
    return list(accounts.values())


def _link(
    foundation: Foundation,
    team: str,
    reading: _ReadingAccount,
    catalog: DataCatalogOutputs,
    lake_account_id: pulumi.Output[str],
    readers: Mapping[Environment, Readers],
    opts: pulumi.ResourceOptions,
) -> None:
    """Creates resource links to the databases that the account's environments read.

    In an account that teams share, each team has its own links, and no team's stack configures Lake Formation.
    """
    label, own = reading.account.label, reading.account.team is not None
    if own:
        settings = LakeFormationSettings(
            f"lake-formation-{label}",
            LakeFormationSettingsArgs(
                administrators=administrators(foundation, reading.account, reading.account_id),
                readers=grant_readers(foundation, reading.account, reading.account_id),
            ),
            opts,
        )
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[settings]))
    databases: dict[str, pulumi.Input[str]] = {
        part: catalog.databases[part] for part in PARTS if set(READING_ENVIRONMENTS[part]) & set(reading.environments)
    }
    args = LakeLinksArgs(
        lake_account_id=lake_account_id,
        databases={**databases, FOLDER: catalog.features_database},
        readers={
            f"{environment}-{role}": arn
            for environment in reading.environments
            for role, arn in readers[environment].items()
        },
        prefix=resource_link_prefix(team, reading.account),
    )
    LakeLinks(f"links-{label}", args, opts)


def _workgroup(
    team: str, environment: Environment, outputs: EnvironmentOutputs, opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    args = QueryWorkgroupArgs(
        workgroup_name=query_workgroup(team, environment),
        account_id=outputs.account_id,
        bucket_name=outputs.bucket_name,
        key_arn=outputs.key_arn,
    )
    return QueryWorkgroup(f"workgroup-{environment}", args, opts).workgroup_name
