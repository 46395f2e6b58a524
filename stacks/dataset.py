"""A dataset of the lake. What is declared in its file is all that is built, and nothing else changes with it."""

from __future__ import annotations

import pulumi

from components.data_lake.published_dataset import PublishedDataset, PublishedDatasetArgs
from settings.dataset import Dataset
from settings.foundation import Foundation
from settings.lake import Part
from settings.outputs import DataLakeOutputs, DatasetOutputs, OrganizationOutputs, TeamOutputs
from settings.sharing import reading_roles
from settings.stacks import StackIdentity
from stacks.exports import export
from stacks.lake_formation import role_arn
from stacks.providers import account_provider
from stacks.references import read
from stacks.shared_accounts import account_of_kind


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Everything lands in the lake's account. Teams are granted to in their own stacks, by the tags put on here."""
    dataset = foundation.datasets[stack.dataset or ""]
    organization = read(OrganizationOutputs, StackIdentity("organization"))
    lake = read(DataLakeOutputs, StackIdentity("data-lake"))
    account_id = account_of_kind(organization, "data-lake")
    provider = account_provider(foundation, stack, foundation.account_of("data-lake"), account_id)
    args = PublishedDatasetArgs(
        dataset=dataset,
        account_id=account_id,
        bucket_name=lake.apply(lambda outputs: outputs.zone_buckets[dataset.zone]),
        databases={part: _database(lake, part) for part in dataset.parts},
        filtered_readers=_readers_of_the_variant(dataset, foundation),
    )
    published = PublishedDataset("dataset", args, pulumi.ResourceOptions(provider=provider))
    export(DatasetOutputs, table=dataset.table, locations=published.locations)


def _database(lake: pulumi.Output[DataLakeOutputs], part: Part) -> pulumi.Output[str]:
    return lake.apply(lambda outputs: outputs.databases[part])


def _readers_of_the_variant(dataset: Dataset, foundation: Foundation) -> dict[str, pulumi.Input[str]]:
    """Roles in the experimentation accounts of the teams that the dataset is shared with for experiments."""
    readers: dict[str, pulumi.Input[str]] = {}
    for team in sorted(dataset.shared_with):
        if "experimentation" in dataset.shared_with[team]:
            accounts = read(TeamOutputs, StackIdentity("team", team))
            account_id = accounts.apply(lambda outputs: outputs.accounts["experimentation"])
            roles = reading_roles(foundation.environment_of(team, "experimentation"))
            readers |= {f"{team}-{role}": role_arn(account_id, f"{team}-experimentation-{role}") for role in roles}
    return readers
