"""The origin of model versions, and the endpoints that serve them.

Versions carry their origin in the metadata of the registry, which the pipeline writes. What happens to a dataset before
a pipeline reads it follows from the settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from selfservice.engine.account_access import DENIED, Account
from selfservice.errors import BadInputError, RefusedError
from selfservice.reports.data_lineage import lineage_of
from selfservice.reports.model_versions import ORIGIN, metrics_of
from settings.data.dataset import Dataset
from settings.derived.foundation import Foundation
from settings.derived.lineage import declared_uses

_VERSION = re.compile(r"(?:arn:[^/]+:model-package/)?([A-Za-z0-9-]+)/([0-9]+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A dataset of the lake from which a version was trained."""

    dataset: str
    sources: tuple[str, ...]
    """Folders of the lake and of returned results that the dataset is made from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionLineage:
    """Where a version comes from, and where it is deployed."""

    version: str
    """Model package group and number: ``fraud--scoring-main/7``."""
    arn: str
    status: str
    registered: str
    origin: Mapping[str, str]
    metrics: Mapping[str, str]
    datasets: tuple[Source, ...]
    endpoints: tuple[str, ...]
    """Names of the endpoints that serve the version, with their environment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetLineage:
    """Lineage of a dataset: its sources, its uses and the model versions made of it."""

    dataset: str
    sources: tuple[str, ...]
    uses: tuple[str, ...]
    """Environments and use cases that read it by their settings."""
    versions: tuple[VersionLineage, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointLineage:
    """The versions that an endpoint serves."""

    endpoint: str
    environments: tuple[str, ...]
    versions: tuple[VersionLineage, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """A deployed endpoint, and the versions that it serves."""

    name: str
    environment: str
    version_arns: tuple[str, ...]


def version_of(text: str) -> tuple[str, int] | None:
    """Parses group and number of a version, from its ARN or ``<group>/<number>``. Returns None for other names."""
    found = _VERSION.fullmatch(text)
    return (found[1], int(found[2])) if found else None


def use_case_of(foundation: Foundation, name: str) -> str:
    """Returns the stack of the use case to which a group or an endpoint belongs by its name. Raises BadInputError."""
    stacks = [stack.name for stack in foundation.stacks if stack.use_case is not None]
    for stack in stacks:
        if name.startswith(f"{stack}-"):
            return stack
    known = ", ".join(stacks) or "none"
    rule = "names begin with <team>--<use case>-"
    raise BadInputError(f"{name} is no dataset, and belongs to no use case ({rule}); use cases: {known}")


def has_no_settings(foundation: Foundation, group: str) -> bool:
    """Returns whether a model package group has the name of a use case that the settings no longer have."""
    team, separator, _ = group.partition("--")
    known = foundation.teams[team].use_cases if team in foundation.teams else ()
    return bool(separator) and not any(group.startswith(f"{team}--{use_case}-") for use_case in known)


def version(
    foundation: Foundation, account: Account, group: str, number: int, endpoints: Iterable[Endpoint]
) -> VersionLineage:
    """Returns the lineage of a version. Raises: BadInputError if there is none of this number; RefusedError if AWS
    refuses to show it."""
    from botocore.exceptions import ClientError  # imported here, because few reports call AWS

    arn = f"arn:aws:sagemaker:{account.region}:{account.id}:model-package/{group}/{number}"
    try:
        found = account.client("sagemaker").describe_model_package(ModelPackageName=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] in DENIED:
            raise RefusedError(str(error)) from error
        raise BadInputError(f"{group} has no version {number}: {error}") from error
    return _version(foundation, found, endpoints)


def versions_from(
    foundation: Foundation, dataset: Dataset, account: Account, prefix: str, endpoints: Sequence[Endpoint]
) -> Iterator[VersionLineage]:
    """Yields the versions of a use case, of all its groups, that were trained from a dataset."""
    for group in _groups(account, NameContains=prefix):
        if group.startswith(prefix):
            yield from _versions_in(foundation, dataset, account, group, endpoints)


def former_versions_from(foundation: Foundation, dataset: Dataset, account: Account) -> Iterator[VersionLineage]:
    """Yields the versions of use cases that the settings no longer have that were trained from a dataset."""
    for group in _groups(account):
        if has_no_settings(foundation, group):
            yield from _versions_in(foundation, dataset, account, group, ())


def _groups(account: Account, **asked: str) -> Iterator[str]:
    listed = account.every("sagemaker", "list_model_package_groups", "ModelPackageGroupSummaryList", **asked)
    return (package_group["ModelPackageGroupName"] for package_group in listed)


def _versions_in(
    foundation: Foundation, dataset: Dataset, account: Account, group: str, endpoints: Sequence[Endpoint]
) -> Iterator[VersionLineage]:
    key, named = "ModelPackageSummaryList", {"ModelPackageGroupName": group}
    for model_package in account.every("sagemaker", "list_model_packages", key, **named):
        found = account.client("sagemaker").describe_model_package(ModelPackageName=model_package["ModelPackageArn"])
        known = _version(foundation, found, endpoints)
        if dataset.name in {source.dataset for source in known.datasets}:
            yield known


def endpoints_in(account: Account, environment: str, prefix: str) -> Iterator[Endpoint]:
    """Yields the endpoints of a use case in one account, with the versions that their models come from."""
    client = account.client("sagemaker")
    for endpoint in account.every("sagemaker", "list_endpoints", "Endpoints", NameContains=prefix):
        name = endpoint["EndpointName"]
        if not name.startswith(prefix):
            continue
        config = client.describe_endpoint(EndpointName=name)["EndpointConfigName"]
        variants = client.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
        models = [client.describe_model(ModelName=variant["ModelName"]) for variant in variants]
        arns = {arn for model in models for arn in _packages(model)}
        yield Endpoint(name=name, environment=environment, version_arns=tuple(sorted(arns)))


def dataset_lineage(foundation: Foundation, dataset: Dataset, versions: Iterable[VersionLineage]) -> DatasetLineage:
    known = lineage_of(foundation, dataset)
    uses = tuple(
        f"{use.team}-{use.environment}{f' for {use.use_case}' if use.use_case else ''}: {use.by}" for use in known.uses
    )
    return DatasetLineage(dataset=dataset.name, sources=known.sources, uses=uses, versions=tuple(versions))


def _version(foundation: Foundation, found: Mapping[str, Any], endpoints: Iterable[Endpoint]) -> VersionLineage:
    metadata: Mapping[str, str] = found.get("CustomerMetadataProperties") or {}
    arn, group = str(found["ModelPackageArn"]), str(found["ModelPackageGroupName"])
    return VersionLineage(
        version=f"{group}/{found['ModelPackageVersion']}",
        arn=arn,
        status=str(found["ModelApprovalStatus"]),
        registered=found["CreationTime"].isoformat(timespec="seconds"),
        origin={name: metadata[name] for name in ORIGIN if name in metadata},
        metrics=metrics_of(metadata),
        datasets=tuple(_sources(foundation, group, metadata.get("data_source", ""))),
        endpoints=tuple(
            f"{endpoint.name} in {endpoint.environment}" for endpoint in endpoints if arn in endpoint.version_arns
        ),
    )


def _sources(foundation: Foundation, group: str, data_source: str) -> Iterator[Source]:
    """Yields the datasets that a version was trained from: the tables of its query, or the intakes that fill the input
    history of its use case."""
    kind, *words = data_source.split() or [""]
    for name, dataset in foundation.datasets.items() if kind else ():
        tables = kind == "athena" and dataset.table in {word.rpartition(".")[2] for word in words}
        if tables or (kind == "history" and _fills_history(foundation, group, dataset)):
            yield Source(dataset=name, sources=lineage_of(foundation, dataset).sources)


def _fills_history(foundation: Foundation, group: str, dataset: Dataset) -> bool:
    uses = declared_uses(dataset, foundation.environments.values())
    stacks = {f"{use.team}--{use.use_case}-" for use in uses if use.environment == "development" and use.use_case}
    return any(group.startswith(stack) for stack in stacks)


def _packages(model: Mapping[str, Any]) -> Iterator[str]:
    containers = [model["PrimaryContainer"]] if "PrimaryContainer" in model else model.get("Containers", [])
    for container in containers:
        if "ModelPackageName" in container:
            yield str(container["ModelPackageName"])
