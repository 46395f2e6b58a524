"""A dataset of the lake. What is declared in its file is all that is built, and nothing else changes with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

import pulumi

from components.data_lake.drop_point import DropPoint, DropPointArgs
from components.data_lake.etl.etl_permissions import PushTarget
from components.data_lake.published_dataset import PublishedDataset, PublishedDatasetArgs
from components.data_lake.shared_folder import FolderReaders, SharedFolder, SharedFolderArgs
from settings.data.dataset import Dataset
from settings.data.lake import Part, results_folder
from settings.data.ml_layout import PushedInput
from settings.derived.foundation import Foundation
from settings.derived.outputs import DataLakeOutputs, DatasetOutputs, OrganizationOutputs, TeamOutputs
from settings.derived.sharing import (
    asking_roles,
    folder_readers,
    pushed_parts,
    reading_roles,
    results_returned,
    returning_roles,
)
from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import ENVIRONMENTS, Environment
from settings.types.naming import access_point_name, drop_point_name, folder_bucket_name, ml_bucket_name
from stacks.data_lake.lake_formation import network_wall, role_arn
from stacks.dataset.making import make
from stacks.shared.exports import export
from stacks.shared.providers import account_provider
from stacks.shared.references import read
from stacks.shared.shared_accounts import account_of_kind


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """The dataset, and what is known where it is built."""

    foundation: Foundation
    dataset: Dataset
    organization: pulumi.Output[OrganizationOutputs]
    lake: pulumi.Output[DataLakeOutputs]
    account_id: pulumi.Output[str]
    _teams: dict[str, pulumi.Output[TeamOutputs]] = field(default_factory=dict)
    """What teams promised that something here asked for."""

    def account_id_of(self, team: str, environment: Environment) -> pulumi.Output[str]:
        """The account of a team's environment. A team is asked once."""
        if team not in self._teams:
            self._teams[team] = read(TeamOutputs, StackIdentity("team", team))
        return self._teams[team].apply(lambda outputs: outputs.accounts[environment])


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Everything lands in the lake's account. What is a table is granted in teams' stacks, by the tags put on here."""
    organization = read(OrganizationOutputs, StackIdentity("organization"))
    place = _Place(
        foundation=foundation,
        dataset=foundation.datasets[stack.dataset or ""],
        organization=organization,
        lake=read(DataLakeOutputs, StackIdentity("data-lake")),
        account_id=account_of_kind(organization, "data-lake"),
    )
    dataset = place.dataset
    provider = account_provider(foundation, stack, foundation.account_of("data-lake"), place.account_id)
    opts = pulumi.ResourceOptions(provider=provider)
    folder = _folder(place, opts) if dataset.kind == "objects" else None
    args = PublishedDatasetArgs(
        dataset=dataset,
        account_id=place.account_id,
        bucket_name=place.lake.apply(lambda outputs: outputs.zone_buckets[dataset.zone])
        if folder is None
        else folder.bucket_name,
        databases={part: _database(place, part) for part in dataset.parts},
        filtered_readers=_readers_of_the_variant(place),
    )
    published = PublishedDataset("dataset", args, opts)
    if dataset.etl is not None:
        make(
            dataset,
            dataset.etl,
            published,
            args.databases,
            place.lake,
            place.account_id,
            place.foundation,
            _push_targets(place),
            opts,
        )
    drops = {team: _drop_point(place, team, given, opts) for team, given in results_returned(dataset).items()}
    export(
        DatasetOutputs,
        table=dataset.table,
        locations=published.locations,
        access_points={} if folder is None else folder.access_points,
        drop_points={team: drop.alias for team, drop in drops.items()},
    )


def _folder(place: _Place, opts: pulumi.ResourceOptions) -> SharedFolder:
    organization, dataset = place.foundation.organization, place.dataset
    organization_id = place.organization.apply(lambda outputs: outputs.organization_id)
    args = SharedFolderArgs(
        bucket_name=place.account_id.apply(
            lambda account_id: folder_bucket_name(
                organization.name, dataset.name, account_id=account_id, region=organization.home_region
            )
        ),
        key_alias=f"plinth/data-lake/{dataset.name}",
        description=f"Objects of the dataset {dataset.name}",
        account_id=place.account_id,
        region=organization.home_region,
        organization_id=organization_id,
        log_bucket_name=place.lake.apply(lambda outputs: outputs.access_log_bucket),
        perimeter=network_wall(place.foundation, organization_id),
        noncurrent_retention_days=organization.lake.noncurrent_retention_days,
        readers={team: _folder_readers(place, team, given) for team, given in folder_readers(dataset).items()},
    )
    return SharedFolder(f"folder-{dataset.name}", args, opts)


def _folder_readers(place: _Place, team: str, given: Mapping[Environment, tuple[Part, ...]]) -> FolderReaders:
    roles: dict[str, list[pulumi.Input[str]]] = {}
    for environment, parts in given.items():
        for part in parts:
            roles.setdefault(place.dataset.prefix(part), []).extend(_roles(place, team, environment).values())
    return FolderReaders(
        access_point_name=access_point_name(team, place.dataset.name),
        account_ids={
            place.foundation.account_of(environment, team).label: place.account_id_of(team, environment)
            for environment in given
        },
        roles=roles,
    )


def _drop_point(
    place: _Place, team: str, environments: tuple[Environment, ...], opts: pulumi.ResourceOptions
) -> DropPoint:
    foundation, dataset = place.foundation, place.dataset
    account_ids = {environment: place.account_id_of(team, environment) for environment in environments}
    args = DropPointArgs(
        access_point_name=drop_point_name(team, dataset.name),
        bucket_name=place.lake.apply(lambda outputs: outputs.zone_buckets["landing"]),
        account_id=place.account_id,
        region=foundation.organization.home_region,
        organization_id=place.organization.apply(lambda outputs: outputs.organization_id),
        account_ids={foundation.account_of(one, team).label: account_ids[one] for one in environments},
        roles={
            results_folder(dataset.name, team, one): [
                role_arn(account_ids[one], name) for name in returning_roles(foundation.teams[team], one)
            ]
            for one in environments
        },
    )
    return DropPoint(f"drop-{team}", args, opts)


def _push_targets(place: _Place) -> list[PushTarget]:
    """Names and no outputs of environments: whoever is pushed to need not be there before."""
    region, targets = place.foundation.organization.home_region, []
    for team in sorted(place.dataset.pushed_to):
        for environment in (one for one in ENVIRONMENTS if one in place.dataset.pushed_to[team]):
            account_id = place.account_id_of(team, environment)
            name = partial(_ml_bucket_name, environment, team, region)
            target = PushTarget(
                account_id=account_id,
                organization_id=place.organization.apply(lambda outputs: outputs.organization_id),
                bucket_name=account_id.apply(name),
                folders={
                    part: PushedInput(dataset=place.dataset.name, part=part).prefix
                    for part in pushed_parts(place.dataset, team, environment)
                },
            )
            targets.append(target)
    return targets


def _ml_bucket_name(environment: Environment, team: str, region: str, account_id: str) -> str:
    return ml_bucket_name(environment, team, account_id=account_id, region=region)


def _database(place: _Place, part: Part) -> pulumi.Output[str]:
    return place.lake.apply(lambda outputs: outputs.databases[part])


def _readers_of_the_variant(place: _Place) -> dict[str, pulumi.Input[str]]:
    """Roles in the experimentation accounts of the teams that the dataset is shared with for experiments."""
    readers: dict[str, pulumi.Input[str]] = {}
    for team in sorted(place.dataset.shared_with):
        if "experimentation" in place.dataset.shared_with[team]:
            asking = asking_roles(place.foundation.environment_of(team, "experimentation"))
            roles = _arns(place, team, "experimentation", asking)
            readers |= {f"{team}-{role}": arn for role, arn in roles.items()}
    return readers


def _roles(place: _Place, team: str, environment: Environment) -> dict[str, pulumi.Input[str]]:
    """The roles that read folders in an environment, by what follows its name."""
    return _arns(place, team, environment, reading_roles(place.foundation.environment_of(team, environment)))


def _arns(place: _Place, team: str, environment: Environment, roles: Iterable[str]) -> dict[str, pulumi.Input[str]]:
    account_id = place.account_id_of(team, environment)
    return {role: role_arn(account_id, f"{team}-{environment}-{role}") for role in roles}
