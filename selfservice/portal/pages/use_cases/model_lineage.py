"""Where a version comes from and what serves it, and which versions an endpoint serves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from selfservice.portal.access.permission_sets import PROMOTIONS, VERSIONS
from selfservice.portal.lineage import drawn_lineage
from selfservice.portal.missing import MissingPageError
from selfservice.portal.pages.use_cases.reading import MOST_PROMOTIONS, Part, UseCaseReader
from selfservice.portal.pages.use_cases.use_case_page import reader_of
from selfservice.portal.portal import portal_of
from selfservice.reports.lineage.data_graph import DataNode
from selfservice.reports.lineage.model_graph import model_graph
from selfservice.reports.lineage.versions import Endpoint, VersionLineage, version, version_of
from selfservice.reports.promotions import PromotionReport, report_of


def version_page(request: Request) -> Response:
    """Shows the lineage of a version."""
    reader, group = reader_of(request), str(request.path_params["group"])
    number = int(request.path_params["number"])
    if not group.startswith(f"{reader.names.prefix}-"):
        raise MissingPageError(f"the group {group[:100]} does not belong to {reader.names.prefix}")
    endpoints, promotions = _serving(reader)
    found = _version(reader, group, number, _known(endpoints))
    return _page(request, reader, f"{group}/{number}", [found], endpoints, promotions)


def endpoint_page(request: Request) -> Response:
    """Shows the lineage of the versions that an endpoint serves."""
    reader, name = reader_of(request), str(request.path_params["name"])
    endpoints, promotions = _serving(reader)
    known = _known(endpoints)
    served = [endpoint for endpoint in known if endpoint.name == name]
    if not served and not any(part.problem for part in endpoints.values()):
        raise MissingPageError(f"{reader.names.prefix} has no endpoint {name[:100]}")
    arns = sorted({arn for endpoint in served for arn in endpoint.version_arns})
    versions = [_version(reader, *parsed, known) for parsed in map(version_of, arns) if parsed]
    return _page(request, reader, name, versions, endpoints, promotions)


def _serving(reader: UseCaseReader) -> tuple[Mapping[str, Part[list[Endpoint]]], Part[PromotionReport]]:
    """Returns the endpoints by environment, and the newest promotions."""
    with ThreadPoolExecutor() as threads:
        endpoints = reader.endpoints(threads)
        promotions: Part[PromotionReport] = Part()
        if reader.has_promotions:
            promotions = reader.part(
                PROMOTIONS, lambda: report_of(reader.promotions_with(PROMOTIONS), most=MOST_PROMOTIONS)
            )
        return {environment: endpoint.result() for environment, endpoint in endpoints.items()}, promotions


def _known(endpoints: Mapping[str, Part[list[Endpoint]]]) -> list[Endpoint]:
    return [endpoint for part in endpoints.values() for endpoint in part.found or ()]


def _version(reader: UseCaseReader, group: str, number: int, endpoints: Sequence[Endpoint]) -> Part[VersionLineage]:
    return reader.part(VERSIONS, lambda: version(reader.foundation, reader.account(VERSIONS), group, number, endpoints))


def _page(
    request: Request,
    reader: UseCaseReader,
    name: str,
    versions: Sequence[Part[VersionLineage]],
    endpoints: Mapping[str, Part[list[Endpoint]]],
    promotions: Part[PromotionReport],
) -> Response:
    found, report = [part.found for part in versions if part.found], promotions.found
    nodes = model_graph(
        found, _known(endpoints), report.promotions if report else (), report.environments if report else ()
    )
    unseen = {f"endpoints in {environment}": part.problem for environment, part in endpoints.items()}
    unseen["promotions"] = promotions.problem
    return portal_of(request).page(
        request,
        "model_lineage.html",
        title=name,
        use_case=reader.names.prefix,
        problems=[part for part in versions if part.problem],
        unseen={what: problem for what, problem in unseen.items() if problem},
        versions=found,
        lineage=drawn_lineage(nodes, {node.name: _address(node, reader.names.prefix) for node in nodes}),
        command=f"plinth lineage {name}",
    )


def _address(node: DataNode, use_case: str) -> str:
    """Returns the address of the page or section that has a part of the lineage."""
    page = f"/use-cases/{quote(use_case)}"
    return {
        "dataset": f"/data/{quote(node.label)}",
        "build": f"{page}#builds",
        "run": f"{page}#runs",
        "promotion": f"{page}#promotions",
        "version": f"{page}/versions/{quote(node.label)}",
        "endpoint": f"{page}/endpoints/{quote(node.label.partition(' ')[0])}",
    }.get(node.kind, "")
