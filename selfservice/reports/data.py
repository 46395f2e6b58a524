"""The report of data access: datasets and feature groups, and who can read them by which LF-tag, grant or access point.

It is computed from the settings with the same functions that the stacks use.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Literal

from selfservice.errors import BadInputError
from selfservice.reports.data_lineage import filled_by, lineage_as_lines, lineage_of
from selfservice.reports.pushed_data import Push, pushes, pushes_as_text
from selfservice.reports.returned_data import Return, returns, returns_as_text
from settings.data.dataset import Column, Dataset
from settings.data.feature_group import FOLDER, FeatureGroup
from settings.data.lake import Part
from settings.derived import feature_sharing
from settings.derived.foundation import Foundation
from settings.derived.sharing import (
    CELL_FILTER,
    columns_read,
    lake_reading_roles,
    lf_tag_expression,
    querying_roles,
    readers_of,
    resource_link_name,
    table_tags,
    training_roles,
)
from settings.types.kinds import Environment
from settings.types.naming import access_point_name

Store = Literal["offline", "online"]
"""A store of a feature group."""
EVERYTHING = "all objects"
"""The columns entry of an object dataset, which has no columns."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """Read access of one environment of a team to one dataset part."""

    dataset: str
    """Name of the dataset or feature group."""
    part: Part | Store
    team: str
    environment: Environment
    account: str
    """Label of the account that reads."""
    roles: tuple[str, ...]
    columns: tuple[str, ...]
    """Names of the readable columns; empty for an object dataset, of which everything is readable."""
    rows: str | None
    """Row filter condition; None if all rows are readable."""
    tags: dict[str, str]
    """LF-tags of the table or its columns that match the grant."""
    grant: str
    """The granted LF-tag expression or data cells filter. For an object dataset, the policies that allow access."""
    table: str
    """Name of the table in SQL. For an object dataset, the access point and the prefix."""


def readings(foundation: Foundation, dataset: Dataset) -> Iterator[Reading]:
    """Yields the read access to a dataset, by part, team and environment."""
    for part in dataset.parts:
        for team in sorted(dataset.shared_with):
            for environment in readers_of(dataset, part, team):
                yield _reading(foundation, dataset, part, team, environment)


def _reading(foundation: Foundation, dataset: Dataset, part: Part, team: str, environment: Environment) -> Reading:
    known = partial(
        Reading,
        dataset=dataset.name,
        part=part,
        team=team,
        environment=environment,
        account=foundation.account_of(environment, team).label,
        roles=_roles(foundation, team, environment),
        columns=columns_read(dataset, environment),
    )
    if dataset.kind == "objects":
        point = access_point_name(team, dataset.name)
        roles = _named(team, environment, lake_reading_roles(foundation.environment_of(team, environment)))
        grant = f"the policies of the access point {point}, of its bucket and of its key"
        return known(roles=roles, rows=None, tags={}, grant=grant, table=f"{point}/{dataset.prefix(part)}")
    wanted = lf_tag_expression(team, environment)
    tags = {**table_tags(dataset, part)}
    rows = None
    if environment == "experimentation" and not dataset.approved:
        tags["exposure"] = "anonymised"
        rows = dataset.anonymised.rows if dataset.anonymised else None
    in_lake = foundation.account_of(environment, team) == foundation.account_of("data-lake")
    return known(
        rows=rows,
        tags={key: tags[key] for key in wanted if key in tags} if rows is None else {},
        grant=_spelt(wanted) if rows is None else f"the filter {CELL_FILTER}",
        table=f"{part if in_lake else resource_link_name(part)}.{dataset.table}",
    )


def feature_readings(foundation: Foundation, group: FeatureGroup) -> Iterator[Reading]:
    """Yields the read access to a feature group, by store, team and environment."""
    for team in sorted(group.shared_with):
        for environment in feature_sharing.readers_of(group, team):
            yield _offline_reading(foundation, group, team, environment)
    for team in sorted(group.shared_with):
        for environment in feature_sharing.online_readers_of(group, team):
            yield _online_reading(foundation, group, team, environment)


def every_reading(foundation: Foundation) -> Iterator[Reading]:
    """Yields the read access to all datasets, then to all feature groups."""
    for dataset in foundation.datasets.values():
        yield from readings(foundation, dataset)
    for group in foundation.feature_groups.values():
        yield from feature_readings(foundation, group)


def _offline_reading(foundation: Foundation, group: FeatureGroup, team: str, environment: Environment) -> Reading:
    wanted, tags = lf_tag_expression(team, environment), feature_sharing.group_tags(group)
    if environment == "experimentation" and not group.approved:
        tags["exposure"] = "anonymised"
    account, host = foundation.account_of(environment, team), foundation.account_of("data-lake")
    return Reading(
        dataset=group.name,
        part="offline",
        team=team,
        environment=environment,
        account=account.label,
        roles=_roles(foundation, team, environment),
        columns=feature_sharing.features_read(group, environment),
        rows=None,
        tags={key: tags[key] for key in wanted if key in tags},
        grant=_spelt(wanted),
        table=f"{FOLDER if account == host else resource_link_name(FOLDER)}.{group.table}",
    )


def _online_reading(foundation: Foundation, group: FeatureGroup, team: str, environment: Environment) -> Reading:
    account, host = foundation.account_of(environment, team), foundation.account_of("data-lake")
    share = f"the share features-{group.name}-read with the account {account.label}"
    return Reading(
        dataset=group.name,
        part="online",
        team=team,
        environment=environment,
        account=account.label,
        roles=_named(team, environment, lake_reading_roles(foundation.environment_of(team, environment))),
        columns=feature_sharing.features_read(group, environment),
        rows=None,
        tags={},
        grant="none: the account is the lake's own" if account == host else share,
        table="sagemaker:GetRecord",
    )


def _roles(foundation: Foundation, team: str, environment: Environment) -> tuple[str, ...]:
    own = _named(team, environment, querying_roles(foundation.environment_of(team, environment)))
    return (*own, *training_roles(foundation.teams[team], environment))


def _named(team: str, environment: Environment, roles: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{team}-{environment}-{role}" for role in roles)


def _spelt(wanted: dict[str, list[str]]) -> str:
    return " and ".join(f"{key} in ({', '.join(values)})" for key, values in wanted.items())


def find(foundation: Foundation, name: str) -> Dataset | FeatureGroup:
    """Returns the dataset or feature group with this name. Raises BadInputError with the known names."""
    published: dict[str, Dataset | FeatureGroup] = {**foundation.feature_groups, **foundation.datasets}
    if name not in published:
        known = ", ".join(sorted(published)) or "none"
        raise BadInputError(f"there is no dataset or feature group {name}; there are: {known}")
    return published[name]


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """A dataset or feature group as lists show it."""

    name: str
    kind: str
    """``table``, ``objects`` or ``features``."""
    classification: str
    parts: tuple[str, ...]
    """Published parts of a dataset, or stores of a feature group."""
    owner: str
    zone: str
    """Zone of the lake; empty for a feature group."""
    read_by: tuple[str, ...]
    """The environments that read it, each as ``team-environment``."""
    returned_by: tuple[str, ...]
    """The environments that return results for it."""


def summaries(foundation: Foundation) -> Iterator[Summary]:
    """Yields the datasets, then the feature groups."""
    for dataset in foundation.datasets.values():
        yield Summary(
            name=dataset.name,
            kind=dataset.kind,
            classification=dataset.classification,
            parts=dataset.parts,
            owner=dataset.owner,
            zone=dataset.zone,
            read_by=readers_in(readings(foundation, dataset)),
            returned_by=tuple(f"{r.team}-{r.environment}" for r in returns(foundation, [dataset])),
        )
    for group in foundation.feature_groups.values():
        yield Summary(
            name=group.name,
            kind="features",
            classification=group.classification,
            parts=tuple(_stores(group)),
            owner=group.owner,
            zone="",
            read_by=readers_in(feature_readings(foundation, group)),
            returned_by=(),
        )


def readers_in(read_by: Iterable[Reading]) -> tuple[str, ...]:
    """Returns the environments that read, each once as ``team-environment``, sorted."""
    return tuple(sorted({f"{r.team}-{r.environment}" for r in read_by}))


def list_as_text(foundation: Foundation) -> str:
    """Returns a table with a line for each dataset and feature group."""
    rows = [("dataset", "kind", "class", "parts", "owner", "read by", "returned by")]
    rows += [
        (
            summary.name,
            summary.kind,
            summary.classification,
            ", ".join(summary.parts),
            summary.owner,
            ", ".join(summary.read_by) or "nobody",
            ", ".join(summary.returned_by),
        )
        for summary in summaries(foundation)
    ]
    return _aligned(rows) if len(rows) > 1 else "There are no datasets."


def _stores(group: FeatureGroup) -> list[Store]:
    there: dict[Store, bool] = {"offline": group.offline, "online": group.online}
    return [store for store, is_there in there.items() if is_there]


def dataset_as_text(foundation: Foundation, dataset: Dataset) -> str:
    """Returns the description of one dataset: lineage, columns, read access, pushes and returned results."""
    head = [
        f"{dataset.name}: {dataset.description}".removesuffix(": "),
        f"owner {dataset.owner}, {dataset.classification}, {dataset.kind} in the zone {dataset.zone}",
        *lineage_as_lines(lineage_of(foundation, dataset)),
    ]
    read_by = list(readings(foundation, dataset))
    returned = returns_as_text(returns(foundation, [dataset]))
    pushed = pushes_as_text(pushes(foundation, [dataset]))
    told = ["\n".join(head), _columns(dataset, read_by), grants_as_text(read_by), pushed, returned]
    return "\n\n".join(part for part in told if part)


def group_as_text(foundation: Foundation, group: FeatureGroup) -> str:
    """Returns the description of one feature group: writers, features and read access."""
    head = [
        f"{group.name}: {group.description}".removesuffix(": "),
        f"owner {group.owner}, {group.classification}, features kept {' and '.join(_stores(group))}",
        f"a record for each {group.record_identifier}, as of {group.event_time}",
    ]
    writers = [f"{team}-{e}" for team in sorted(group.written_by) for e in feature_sharing.writers_of(group, team)]
    jobs = [f"the job of {dataset}" for dataset in filled_by(foundation, group.name)] or ["jobs of the lake"]
    head.append(f"filled by {', '.join([*jobs, *writers])}")
    read_by = list(feature_readings(foundation, group))
    rows = [("feature", "type", "personal", "read by")]
    rows += [(column.name, column.type, *_access(column)) for column in columns_of(group, read_by)]
    return "\n\n".join(["\n".join(head), _aligned(rows), grants_as_text(read_by)])


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnAccess:
    """A column of a table, or a feature, with those who read it."""

    name: str
    type: str
    description: str
    classification: str
    personal: bool
    read_by: tuple[str, ...]
    """The environments that read it, each as ``team-environment``."""


def columns_of(published: Dataset | FeatureGroup, read_by: Sequence[Reading]) -> list[ColumnAccess]:
    """Returns the columns in their order; none for an object dataset. Features have the classification of the group."""
    columns = published.columns if isinstance(published, Dataset) else published.features
    return [
        ColumnAccess(
            name=column.name,
            type=column.type,
            description=column.description if isinstance(column, Column) else "",
            classification=(isinstance(column, Column) and column.classification) or published.classification,
            personal=column.personal,
            read_by=readers_in(r for r in read_by if column.name in r.columns),
        )
        for column in columns
    ]


def _columns(dataset: Dataset, read_by: Sequence[Reading]) -> str:
    rows = [("column", "type", "class", "personal", "read by")]
    rows += [
        (column.name, column.type, column.classification, *_access(column)) for column in columns_of(dataset, read_by)
    ]
    return _aligned(rows) if dataset.columns else "a folder of objects"


def _access(column: ColumnAccess) -> tuple[str, str]:
    return "yes" if column.personal else "", ", ".join(column.read_by) or "nobody"


def grants_as_text(read_by: Sequence[Reading]) -> str:
    """Returns the read access with the reason for each."""
    if not read_by:
        return "Nobody reads anything."
    return "\n".join(line for reading in read_by for line in _lines(reading))


def _lines(reading: Reading) -> Iterator[str]:
    yield f"{reading.team}-{reading.environment} reads {reading.dataset} ({reading.part}) as {reading.table}"
    yield f"  columns  {', '.join(reading.columns) or EVERYTHING}"
    if reading.rows is not None:
        yield f"  rows     where {reading.rows}"
    yield f"  roles    {', '.join(reading.roles)}"
    if reading.tags:
        yield f"  tags     {', '.join(f'{key}={value}' for key, value in reading.tags.items())}"
    yield f"  grant    {reading.grant}"


def as_json(foundation: Foundation, datasets: Sequence[Dataset], groups: Sequence[FeatureGroup] = ()) -> str:
    """Returns datasets and feature groups with their read access as JSON."""
    documents = {
        "datasets": [
            {
                **_document(dataset, readings(foundation, dataset)),
                "provenance": asdict(lineage_of(foundation, dataset)),
                "pushes": [asdict(push) for push in pushes(foundation, [dataset])],
                "returns": [asdict(return_) for return_ in returns(foundation, [dataset])],
            }
            for dataset in datasets
        ],
        "feature_groups": [_document(group, feature_readings(foundation, group)) for group in groups],
    }
    return json.dumps(documents, indent=2)


def grants_as_json(read_by: Sequence[Reading], pushed: Sequence[Push], returned: Sequence[Return]) -> str:
    """Returns read access, pushes and returned results as JSON, without the datasets themselves."""
    documents = {
        "readings": [asdict(reading) for reading in read_by],
        "pushes": [asdict(push) for push in pushed],
        "returns": [asdict(return_) for return_ in returned],
    }
    return json.dumps(documents, indent=2)


def _document(published: Dataset | FeatureGroup, read_by: Iterable[Reading]) -> dict[str, Any]:
    return {
        **published.model_dump(mode="json", exclude={"shared_with", "pushed_to", "returned_by"}),
        "readings": [asdict(reading) for reading in read_by],
    }


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
