"""Prints lineage as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from selfservice.reports.lineage.graph import Lineage
from selfservice.reports.lineage.versions import DatasetLineage, EndpointLineage, VersionLineage

_INDENT = "  "


def as_text(found: Lineage) -> str:
    if isinstance(found, DatasetLineage):
        return "\n".join(_dataset(found))
    if isinstance(found, EndpointLineage):
        lines = [f"endpoint {found.endpoint} in {', '.join(found.environments)}"]
        lines += [f"{_INDENT}{line}" for version in found.versions for line in _version(version)]
        return "\n".join(lines if found.versions else [*lines, f"{_INDENT}serves no version of the registry"])
    return "\n".join(_version(found))


def as_json(found: Lineage) -> str:
    kinds = {DatasetLineage: "dataset", EndpointLineage: "endpoint", VersionLineage: "version"}
    return json.dumps({"kind": kinds[type(found)], **asdict(found)}, indent=2)


def _dataset(found: DatasetLineage) -> Iterator[str]:
    yield f"dataset {found.dataset}"
    yield from (f"{_INDENT}made of {source}" for source in found.sources)
    yield from (f"{_INDENT}used by {use}" for use in found.uses)
    for version in found.versions:
        origin = version.origin
        yield f"{_INDENT}version {version.version} ({version.status}), build {origin.get('build_id', 'unknown')}"
        yield f"{_INDENT * 2}snapshot {origin.get('data_snapshot', 'unknown')}"
        yield from (f"{_INDENT * 2}serves endpoint {endpoint}" for endpoint in version.endpoints)
    if not found.versions:
        yield f"{_INDENT}no registered version was trained from it"


def _version(found: VersionLineage) -> Iterator[str]:
    yield f"version {found.version} ({found.status}), registered {found.registered}"
    yield from (f"{_INDENT}{name}: {value}" for name, value in {**found.origin, **found.metrics}.items())
    for source in found.datasets:
        made = f", made of {', '.join(source.sources)}" if source.sources else ""
        yield f"{_INDENT}dataset {source.dataset}{made}"
    yield from (f"{_INDENT}serves endpoint {endpoint}" for endpoint in found.endpoints)
    if not found.endpoints:
        yield f"{_INDENT}no endpoint serves it"
