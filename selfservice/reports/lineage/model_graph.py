"""The lineage of model versions as a graph: data, code, build and run before a version, promotions and endpoints after
it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from selfservice.promotions.promotion import Promotion, ServedState
from selfservice.reports.lineage.data_graph import DataNode
from selfservice.reports.lineage.versions import Endpoint, VersionLineage


def model_graph(
    versions: Iterable[VersionLineage],
    endpoints: Iterable[Endpoint],
    promotions: Iterable[Promotion],
    served: Iterable[ServedState],
) -> list[DataNode]:
    """Returns the lineage of versions of one use case, each node after those that it needs.

    A part of the origin that a version does not name is left out. An endpoint needs the promotion that deployed it, or
    the version itself if ``promotions`` do not contain that promotion.
    """
    found: dict[str, DataNode] = {}
    versions, promotions, served = list(versions), list(promotions), list(served)
    by_arn = {version.arn: version for version in versions}
    for version in versions:
        for node in _before(version):
            found.setdefault(node.name, node)
    for promotion in promotions:
        needs = tuple(f"version {version.version}" for version in versions if _number(version) == promotion.version)
        if needs:
            node = DataNode(kind="promotion", label=promotion.execution, needs=needs)
            found[node.name] = node
    for endpoint in endpoints:
        shown = [by_arn[arn] for arn in endpoint.version_arns if arn in by_arn]
        if shown:
            needs = tuple(_deployed_by(shown_version, endpoint, served, found) for shown_version in shown)
            node = DataNode(kind="endpoint", label=f"{endpoint.name} in {endpoint.environment}", needs=needs)
            found[node.name] = node
    return list(found.values())


def _before(version: VersionLineage) -> Iterator[DataNode]:
    """Yields what a version comes from, and the version."""
    origin, direct = version.origin, list[str]()
    for source in version.datasets:
        yield from (DataNode(kind="source", label=name) for name in source.sources)
        needs = tuple(f"source {name}" for name in source.sources)
        yield DataNode(kind="dataset", label=source.dataset, needs=needs)
    data = tuple(f"dataset {dataset.dataset}" for dataset in version.datasets)
    if snapshot := origin.get("data_snapshot") or origin.get("data_source"):
        yield DataNode(kind="snapshot", label=snapshot, needs=data)
        data = (f"snapshot {snapshot}",)
    direct += data
    if commit := origin.get("commit"):
        yield DataNode(kind="commit", label=commit)
    if build := origin.get("build_id"):
        yield DataNode(kind="build", label=build, needs=(f"commit {commit}",) if commit else ())
        direct.append(f"build {build}")
    elif commit:
        direct.append(f"commit {commit}")
    if run := origin.get("execution"):
        yield DataNode(kind="run", label=run, needs=tuple(direct))
        direct = [f"run {run}"]
    yield DataNode(kind="version", label=version.version, needs=tuple(direct))


def _deployed_by(
    version: VersionLineage, endpoint: Endpoint, served: Sequence[ServedState], found: dict[str, DataNode]
) -> str:
    """Returns the name of the node of the promotion that deployed a version to an environment, or of the version."""
    executions = (
        served_state.execution
        for served_state in served
        if served_state.environment == endpoint.environment and served_state.version == _number(version)
    )
    names = (f"promotion {execution}" for execution in executions)
    return next((name for name in names if name in found), f"version {version.version}")


def _number(version: VersionLineage) -> int:
    return int(version.version.rpartition("/")[2])
