"""What is in the lake, and who reads which columns of it by which tag and grant: worked out from the settings, as the
stacks build it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from selfservice.errors import BadInputError
from settings.dataset import Dataset
from settings.foundation import Foundation
from settings.kinds import Environment
from settings.lake import Part
from settings.sharing import (
    FILTER,
    columns_read,
    expression,
    link_name,
    readers_of,
    reading_roles,
    table_tags,
)

EVERYTHING = "all objects"
"""What is read of a folder, which has no columns."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One environment of a team that reads a part of a dataset."""

    dataset: str
    part: Part
    team: str
    environment: Environment
    account: str
    """The account that it reads in, by its label."""
    roles: tuple[str, ...]
    columns: tuple[str, ...]
    """Empty for a folder of objects, of which all is read."""
    rows: str | None
    """The condition on rows; None where all are read."""
    tags: dict[str, str]
    """Of those that the table or its columns carry, the ones that decide."""
    grant: str
    """What finds them: the grant's expression, or the filter that is granted."""
    table: str
    """As SQL names it there."""


def readings(foundation: Foundation, dataset: Dataset) -> Iterator[Reading]:
    """Everybody who reads a dataset, by part, team and environment."""
    for part in dataset.parts:
        for team in sorted(dataset.shared_with):
            for environment in readers_of(dataset, part, team):
                yield _reading(foundation, dataset, part, team, environment)


def _reading(foundation: Foundation, dataset: Dataset, part: Part, team: str, environment: Environment) -> Reading:
    wanted = expression(team, environment)
    tags = {**table_tags(dataset, part)}
    rows = None
    if environment == "experimentation" and not dataset.approved:
        tags["exposure"] = "anonymised"
        rows = dataset.anonymised.rows if dataset.anonymised else None
    account, host = foundation.account_of(environment, team), foundation.account_of("data-lake")
    roles = reading_roles(foundation.environment_of(team, environment))
    return Reading(
        dataset=dataset.name,
        part=part,
        team=team,
        environment=environment,
        account=account.label,
        roles=tuple(f"{team}-{environment}-{role}" for role in roles),
        columns=columns_read(dataset, environment),
        rows=rows,
        tags={key: tags[key] for key in wanted if key in tags} if rows is None else {},
        grant=_spelt(wanted) if rows is None else f"the filter {FILTER}",
        table=f"{part if account == host else link_name(part)}.{dataset.table}",
    )


def _spelt(wanted: dict[str, list[str]]) -> str:
    return " and ".join(f"{key} in ({', '.join(values)})" for key, values in wanted.items())


def chosen(foundation: Foundation, name: str) -> Dataset:
    """The dataset of that name. Raises BadInputError with the names there are."""
    if name not in foundation.datasets:
        known = ", ".join(foundation.datasets) or "none"
        raise BadInputError(f"there is no dataset {name}; there are: {known}")
    return foundation.datasets[name]


def list_as_text(foundation: Foundation) -> str:
    """A line for each dataset."""
    rows = [("dataset", "kind", "class", "parts", "owner", "read by")]
    rows += [
        (
            dataset.name,
            dataset.kind,
            dataset.classification,
            ", ".join(dataset.parts),
            dataset.owner,
            ", ".join(sorted({f"{r.team}-{r.environment}" for r in readings(foundation, dataset)})) or "nobody",
        )
        for dataset in foundation.datasets.values()
    ]
    return _aligned(rows) if len(rows) > 1 else "There are no datasets."


def dataset_as_text(foundation: Foundation, dataset: Dataset) -> str:
    """One dataset with its columns, and for each who reads it."""
    head = [
        f"{dataset.name}: {dataset.description}".removesuffix(": "),
        f"owner {dataset.owner}, {dataset.classification}, {dataset.kind} in the zone {dataset.zone}",
    ]
    read_by = list(readings(foundation, dataset))
    return "\n\n".join(["\n".join(head), _columns(dataset, read_by), grants_as_text(read_by)])


def _columns(dataset: Dataset, read_by: Sequence[Reading]) -> str:
    rows = [("column", "type", "class", "personal", "read by")]
    for column in dataset.columns:
        readers = sorted({f"{r.team}-{r.environment}" for r in read_by if column.name in r.columns})
        personal = "yes" if column.personal else ""
        classification = dataset.classification_of(column)
        rows.append((column.name, column.type, classification, personal, ", ".join(readers) or "nobody"))
    return _aligned(rows) if dataset.columns else "a folder of objects"


def grants_as_text(read_by: Sequence[Reading]) -> str:
    """Who reads what, and why."""
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


def as_json(foundation: Foundation, datasets: Sequence[Dataset]) -> str:
    """Datasets with everybody who reads them."""
    return json.dumps({"datasets": [_document(foundation, dataset) for dataset in datasets]}, indent=2)


def grants_as_json(read_by: Sequence[Reading]) -> str:
    """Who reads what, and why, without what is read."""
    return json.dumps({"readings": [asdict(reading) for reading in read_by]}, indent=2)


def _document(foundation: Foundation, dataset: Dataset) -> dict[str, Any]:
    return {
        **dataset.model_dump(mode="json", exclude={"shared_with"}),
        "readings": [asdict(reading) for reading in readings(foundation, dataset)],
    }


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
