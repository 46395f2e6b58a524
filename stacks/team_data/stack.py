"""What a team reads of the lake: its tag and grants in the lake's account, links and workgroups in its own."""

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
from settings.data.lake import PARTS, Part
from settings.derived.accounts import Account
from settings.derived.foundation import Foundation
from settings.derived.outputs import DataLakeOutputs, EnvironmentOutputs, OrganizationOutputs, TeamDataOutputs
from settings.derived.sharing import READERS, asking_roles, link_prefix
from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import Environment, environments_in
from settings.types.naming import query_workgroup
from stacks.data_lake.lake_formation import administrators, role_arn
from stacks.shared.exports import export
from stacks.shared.providers import account_provider
from stacks.shared.references import read
from stacks.shared.shared_accounts import account_of_kind
from stacks.team_data.data_apis import data_apis

Readers = Mapping[str, pulumi.Input[str]]


@dataclass(slots=True)
class _Window:
    """An account that reads, with the team's environments in it."""

    account: Account
    account_id: pulumi.Output[str]
    environments: list[Environment] = field(default_factory=list)


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Datasets are not named here: what carries the team's tag is read, whichever it is."""
    team = stack.team or ""
    organization = read(OrganizationOutputs, StackIdentity("organization"))
    lake = read(DataLakeOutputs, StackIdentity("data-lake"))
    host, host_id = foundation.account_of("data-lake"), account_of_kind(organization, "data-lake")
    in_lake = pulumi.ResourceOptions(provider=account_provider(foundation, stack, host, host_id))

    environments = {
        environment: read(EnvironmentOutputs, StackIdentity(environment, team))
        for environment in environments_in(foundation.organization.phase)
    }
    readers = {name: _readers(foundation, team, name, outputs) for name, outputs in environments.items()}
    workgroups: dict[str, pulumi.Output[str]] = {}
    apis: dict[Environment, DataApi] = {}
    for window in _windows(foundation, team, environments):
        opts = in_lake
        if window.account != host:
            provider = account_provider(foundation, stack, window.account, window.account_id)
            opts = pulumi.ResourceOptions(provider=provider)
            here = {environment: environments[environment] for environment in window.environments}
            apis |= (own := data_apis(foundation, team, window.account, here, organization, opts))
            _link(foundation, team, window, lake, host_id, readers, _after(own, opts))
        for environment in window.environments:
            workgroups[environment] = _workgroup(team, environment, environments[environment], opts)
    grants = TeamGrants("grants", TeamGrantsArgs(team=team, readers=readers), _after(apis, in_lake))
    export(
        TeamDataOutputs,
        tag=grants.tag,
        workgroups=workgroups,
        data_apis={environment: api.url for environment, api in apis.items()},
    )


def _after(apis: Mapping[Environment, DataApi], opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """Who is granted something has to be there, and an API brings the role in whose name it asks."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(apis.values())))


def _readers(
    foundation: Foundation, team: str, environment: Environment, outputs: pulumi.Output[EnvironmentOutputs]
) -> Readers:
    account_id = outputs.apply(lambda known: known.account_id)
    roles = asking_roles(foundation.environment_of(team, environment))
    return {role: role_arn(account_id, f"{team}-{environment}-{role}") for role in roles}


def _windows(
    foundation: Foundation, team: str, environments: Mapping[Environment, pulumi.Output[EnvironmentOutputs]]
) -> list[_Window]:
    """The accounts of the team's environments, each once: a placement may put several into one."""
    windows: dict[str, _Window] = {}
    for environment, outputs in environments.items():
        account = foundation.account_of(environment, team)
        account_id = outputs.apply(lambda known: known.account_id)
        windows.setdefault(account.label, _Window(account, account_id)).environments.append(environment)
    return list(windows.values())


def _link(
    foundation: Foundation,
    team: str,
    window: _Window,
    lake: pulumi.Output[DataLakeOutputs],
    lake_account_id: pulumi.Output[str],
    readers: Mapping[Environment, Readers],
    opts: pulumi.ResourceOptions,
) -> None:
    """Links to what the account's environments read. In an account that teams share each has links of its own, and
    nobody's stack decides about Lake Formation there."""
    label, own = window.account.label, window.account.team is not None
    if own:
        settings = LakeFormationSettings(
            f"lake-formation-{label}",
            LakeFormationSettingsArgs(
                administrators=administrators(foundation, window.account, window.account_id),
            ),
            opts,
        )
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[settings]))
    databases: dict[str, pulumi.Input[str]] = {
        part: _database(lake, part) for part in PARTS if set(READERS[part]) & set(window.environments)
    }
    args = LakeLinksArgs(
        lake_account_id=lake_account_id,
        databases={**databases, FOLDER: lake.apply(lambda outputs: outputs.features_database)},
        readers={
            f"{environment}-{role}": arn
            for environment in window.environments
            for role, arn in readers[environment].items()
        },
        prefix=link_prefix(team, window.account),
    )
    LakeLinks(f"links-{label}", args, opts)


def _database(lake: pulumi.Output[DataLakeOutputs], part: Part) -> pulumi.Output[str]:
    return lake.apply(lambda outputs: outputs.databases[part])


def _workgroup(
    team: str, environment: Environment, outputs: pulumi.Output[EnvironmentOutputs], opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    args = QueryWorkgroupArgs(
        workgroup_name=query_workgroup(team, environment),
        account_id=outputs.apply(lambda known: known.account_id),
        bucket_name=outputs.apply(lambda known: known.bucket_name),
        key_arn=outputs.apply(lambda known: known.key_arn),
    )
    return QueryWorkgroup(f"workgroup-{environment}", args, opts).workgroup_name
