"""A dataset of the lake. Its file declares everything that this stack builds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import pulumi

from components.data_lake.drop_point import DropPoint, DropPointArgs
from components.data_lake.etl.etl_permissions import PushTarget
from components.data_lake.folder_replica import FolderReplica, FolderReplicaArgs
from components.data_lake.network_perimeter import NetworkPerimeter
from components.data_lake.published_dataset import PublishedDataset, PublishedDatasetArgs
from components.data_lake.shared_folder import FolderReaders, SharedFolder, SharedFolderArgs
from components.storage.replication import EncryptedBuckets
from settings.data.dataset import Dataset
from settings.data.lake import CURATED, Part, results_folder
from settings.data.ml_layout import PushedInput
from settings.derived.foundation import Foundation
from settings.derived.sharing import (
    curating_roles,
    lake_reading_roles,
    object_dataset_readers,
    pushed_parts,
    querying_roles,
    result_writing_roles,
    returning_environments,
)
from settings.derived.stack_graph import StackIdentity
from settings.team.team import Team
from settings.types.aws.bucket_names import folder_bucket_name, ml_bucket_name
from settings.types.kinds import ENVIRONMENTS, Environment
from settings.types.naming import access_point_name, drop_point_name, folder_replication_role
from stacks.data_lake.lake_formation import network_perimeter, role_arn
from stacks.dataset.etl import create_etl
from stacks.shared.exports import export
from stacks.shared.outputs import (
    DataCatalogOutputs,
    DataLakeOutputs,
    DatasetOutputs,
    LakeReplicaOutputs,
    OrganizationOutputs,
    TeamOutputs,
)
from stacks.shared.providers.accounts import account_provider
from stacks.shared.references import read


@dataclass(frozen=True, kw_only=True, slots=True)
class _Context:
    """The dataset and the upstream outputs of its stack."""

    foundation: Foundation
    dataset: Dataset
    organization: OrganizationOutputs
    lake: DataLakeOutputs
    catalog: DataCatalogOutputs
    account_id: pulumi.Output[str]
    _teams: dict[str, TeamOutputs] = field(default_factory=dict)
    """Outputs of team stacks that were read already, by team."""

    def account_id_of(self, team: str, environment: Environment) -> pulumi.Output[str]:
        """Returns the account id of a team's environment. The outputs of each team are read once."""
        if team not in self._teams:
            self._teams[team] = read(TeamOutputs, StackIdentity("team", team))
        return self._teams[team].accounts[environment]


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds the dataset in the lake's account. Teams' stacks grant access to its tables by the LF-tags set here."""
    organization = read(OrganizationOutputs, StackIdentity("organization"))
    context = _Context(
        foundation=foundation,
        dataset=foundation.datasets[stack.dataset or ""],
        organization=organization,
        lake=read(DataLakeOutputs, StackIdentity("data-lake")),
        catalog=read(DataCatalogOutputs, StackIdentity("data-catalog")),
        account_id=organization.accounts["data-lake"],
    )
    dataset = context.dataset
    provider = account_provider(foundation, stack, foundation.account_of("data-lake"), context.account_id)
    opts = pulumi.ResourceOptions(provider=provider)
    folder = _folder(context, opts) if dataset.kind == "objects" else None
    replica = None if folder is None else _replica(stack, context, folder, opts)
    args = PublishedDatasetArgs(
        dataset=dataset,
        account_id=context.account_id,
        bucket_name=context.lake.zone_buckets[dataset.zone] if folder is None else folder.bucket_name,
        databases={part: context.catalog.databases[part] for part in dataset.parts},
        filtered_readers=_variant_readers(context),
    )
    published = PublishedDataset("dataset", args, opts)
    if dataset.etl is not None:
        create_etl(
            dataset,
            dataset.etl,
            published,
            args.databases,
            context.lake,
            context.account_id,
            context.foundation,
            _push_targets(context),
            opts,
        )
    drops = {team: _drop_point(context, team, given, opts) for team, given in returning_environments(dataset).items()}
    export(
        DatasetOutputs,
        table=dataset.table,
        locations=published.locations,
        replica_bucket=None if replica is None else replica.bucket_name,
        access_points={} if folder is None else folder.access_points,
        drop_points={team: drop.alias for team, drop in drops.items()},
    )


def _folder(context: _Context, opts: pulumi.ResourceOptions) -> SharedFolder:
    organization, dataset = context.foundation.organization, context.dataset
    organization_id = context.organization.organization_id
    args = SharedFolderArgs(
        bucket_name=context.account_id.apply(
            lambda account_id: folder_bucket_name(
                organization.name, dataset.name, account_id=account_id, region=organization.home_region
            )
        ),
        key_alias=f"plinth/data-lake/{dataset.name}",
        description=f"Objects of the dataset {dataset.name}",
        account_id=context.account_id,
        region=organization.home_region,
        organization_id=organization_id,
        log_bucket_name=context.lake.access_log_bucket,
        perimeter=_perimeter(context),
        noncurrent_retention_days=organization.lake.noncurrent_retention_days,
        readers={
            team: _folder_readers(context, team, given) for team, given in object_dataset_readers(dataset).items()
        },
    )
    return SharedFolder(f"folder-{dataset.name}", args, opts)


def _perimeter(context: _Context) -> NetworkPerimeter:
    """Returns the network perimeter of the folder and its copy, which S3 crosses with the role of the replication."""
    copied = context.foundation.is_copied(context.dataset)
    roles = [role_arn(context.account_id, folder_replication_role(context.dataset.name))] if copied else []
    return network_perimeter(context.foundation, context.organization.organization_id, *roles)


def _replica(
    stack: StackIdentity, context: _Context, folder: SharedFolder, opts: pulumi.ResourceOptions
) -> FolderReplica | None:
    """Copies the folder into the second region, if the lake has one, with the key of the other copies there."""
    organization, dataset = context.foundation.organization, context.dataset
    region = organization.lake.replica_region
    if region is None:
        return None
    copies = read(LakeReplicaOutputs, StackIdentity("lake-replica"))
    account = context.foundation.account_of("data-lake")
    args = FolderReplicaArgs(
        source=EncryptedBuckets(names=[folder.bucket_name], key_arn=folder.key_arn, region=organization.home_region),
        folder=folder,
        replica=EncryptedBuckets(
            names=[
                context.account_id.apply(
                    lambda account_id: folder_bucket_name(
                        organization.name, dataset.name, account_id=account_id, region=region
                    )
                )
            ],
            key_arn=copies.key_arn,
            region=region,
        ),
        log_bucket_name=copies.access_log_bucket,
        account_id=context.account_id,
        organization_id=context.organization.organization_id,
        role_name=folder_replication_role(dataset.name),
        boundary_arn=context.lake.permissions_boundary_arn,
        perimeter=_perimeter(context),
        noncurrent_retention_days=organization.lake.noncurrent_retention_days,
        replica_provider=account_provider(context.foundation, stack, account, context.account_id, region=region),
    )
    return FolderReplica(f"replica-{dataset.name}", args, opts)


def _folder_readers(context: _Context, team: str, given: Mapping[Environment, tuple[Part, ...]]) -> FolderReaders:
    roles: dict[str, list[pulumi.Input[str]]] = {}
    for environment, parts in given.items():
        for part in parts:
            roles.setdefault(context.dataset.prefix(part), []).extend(_roles(context, team, environment).values())
    return FolderReaders(
        access_point_name=access_point_name(team, context.dataset.name),
        account_ids={
            context.foundation.account_of(environment, team).label: context.account_id_of(team, environment)
            for environment in given
        },
        roles=roles,
    )


def _drop_point(
    context: _Context, team: str, environments: tuple[Environment, ...], opts: pulumi.ResourceOptions
) -> DropPoint:
    foundation, dataset = context.foundation, context.dataset
    account_ids = {environment: context.account_id_of(team, environment) for environment in environments}
    args = DropPointArgs(
        access_point_name=drop_point_name(team, dataset.name),
        bucket_name=context.lake.zone_buckets["landing"],
        account_id=context.account_id,
        region=foundation.organization.home_region,
        organization_id=context.organization.organization_id,
        account_ids={
            foundation.account_of(environment, team).label: account_ids[environment] for environment in environments
        },
        roles={
            folder: [role_arn(account_ids[environment], name) for name in names]
            for environment in environments
            for folder, names in _writers(dataset, foundation.teams[team], environment).items()
        },
    )
    return DropPoint(f"drop-{team}", args, opts)


def _writers(dataset: Dataset, team: Team, environment: Environment) -> dict[str, Sequence[str]]:
    """Returns the names of the roles that write results of an environment, by folder."""
    curating = {
        results_folder(dataset.name, team.name, environment, CURATED, use_case): [role]
        for use_case, role in curating_roles(team, environment).items()
    }
    return {results_folder(dataset.name, team.name, environment): result_writing_roles(team, environment), **curating}


def _push_targets(context: _Context) -> list[PushTarget]:
    """Returns the environments that the job pushes to. Their names are computed, so they need not exist yet."""
    region, targets = context.foundation.organization.home_region, []
    for team in sorted(context.dataset.pushed_to):
        for environment in (candidate for candidate in ENVIRONMENTS if candidate in context.dataset.pushed_to[team]):
            account_id = context.account_id_of(team, environment)
            name = partial(_ml_bucket_name, environment, team, region)
            target = PushTarget(
                account_id=account_id,
                organization_id=context.organization.organization_id,
                bucket_name=account_id.apply(name),
                folders={
                    part: PushedInput(dataset=context.dataset.name, part=part).prefix
                    for part in pushed_parts(context.dataset, team, environment)
                },
            )
            targets.append(target)
    return targets


def _ml_bucket_name(environment: Environment, team: str, region: str, account_id: str) -> str:
    return ml_bucket_name(environment, team, account_id=account_id, region=region)


def _variant_readers(context: _Context) -> dict[str, pulumi.Input[str]]:
    """Returns the experimentation roles of the teams that the dataset is shared with for experiments."""
    readers: dict[str, pulumi.Input[str]] = {}
    for team in sorted(context.dataset.shared_with):
        if "experimentation" in context.dataset.shared_with[team]:
            asking = querying_roles(context.foundation.environment_of(team, "experimentation"))
            roles = _arns(context, team, "experimentation", asking)
            readers |= {f"{team}-{role}": arn for role, arn in roles.items()}
    return readers


def _roles(context: _Context, team: str, environment: Environment) -> dict[str, pulumi.Input[str]]:
    """Returns the roles of an environment that read object datasets, by role suffix."""
    return _arns(context, team, environment, lake_reading_roles(context.foundation.environment_of(team, environment)))


def _arns(context: _Context, team: str, environment: Environment, roles: Iterable[str]) -> dict[str, pulumi.Input[str]]:
    account_id = context.account_id_of(team, environment)
    return {role: role_arn(account_id, f"{team}-{environment}-{role}") for role in roles}
