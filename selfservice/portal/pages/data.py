"""The data catalogue: datasets and feature groups, who can read them and why, and where they come from.

It needs the settings only, so everybody who has signed in may see it.
"""

from __future__ import annotations

import shlex
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from selfservice.errors import BadInputError
from selfservice.people.platform_engineer import PERMISSION_SET
from selfservice.portal.lineage import drawn_lineage
from selfservice.portal.missing import MissingPageError
from selfservice.portal.portal import portal_of, signed_in
from selfservice.portal.rendering import clean
from selfservice.reports import data
from selfservice.reports.data_lineage import filled_by
from selfservice.reports.data_search import search
from selfservice.reports.lineage.data_graph import DataNode, around, data_graph
from selfservice.reports.pushed_data import pushes
from selfservice.reports.returned_data import returns
from settings.data.dataset import Dataset
from settings.data.feature_group import FeatureGroup
from settings.derived.foundation import Foundation
from settings.derived.lineage import refresh_schedule
from settings.types.kinds import ENVIRONMENTS

_MOST_WORDS = 10


def data_list(request: Request) -> Response:
    """Shows all datasets and feature groups, or those that contain all words of the address."""
    portal, wanted = portal_of(request), request.query_params.get("find", "").strip()
    foundation, words = portal.settings(), wanted.split()[:_MOST_WORDS]
    places = {match.name: match.found_in for match in search(foundation, words)} if words else {}
    everything = list(data.summaries(foundation))
    return portal.page(
        request,
        "data.html",
        rows=[summary for summary in everything if not words or summary.name in places],
        places=places,
        total=len(everything),
        wanted=wanted,
        command=f"plinth data search {clean(shlex.join(words))}" if words else "plinth data list",
    )


def data_page(request: Request) -> Response:
    """Shows one dataset or feature group."""
    portal, session = portal_of(request), signed_in(request)
    foundation = portal.settings()
    found = _find(foundation, request.path_params["name"])
    own = _of_dataset(foundation, found) if isinstance(found, Dataset) else _of_features(foundation, found)
    node = own.pop("node")
    lineage = around(data_graph(foundation), node)
    return portal.page(
        request,
        "dataset.html",
        found=found,
        columns=data.columns_of(found, own["readings"]),
        lineage=drawn_lineage(
            lineage, {data_node.name: _address(data_node) for data_node in lineage if data_node.name != node}
        ),
        may_request=session.has(PERMISSION_SET),
        teams=sorted(foundation.teams),
        environments=ENVIRONMENTS,
        versions_command=f"plinth lineage {found.name}" if isinstance(found, Dataset) else "",
        command=f"plinth data show {found.name}",
        **own,
    )


def _of_dataset(foundation: Foundation, dataset: Dataset) -> dict[str, Any]:
    return {
        "node": f"dataset {dataset.name}",
        "kind": dataset.kind,
        "zone": dataset.zone,
        "made": refresh_schedule(dataset),
        "readings": list(data.readings(foundation, dataset)),
        "pushes": list(pushes(foundation, [dataset])),
        "returns": list(returns(foundation, [dataset])),
    }


def _of_features(foundation: Foundation, group: FeatureGroup) -> dict[str, Any]:
    datasets = filled_by(foundation, group.name)
    return {
        "node": f"features {group.name}",
        "kind": "features",
        "zone": "",
        "made": f"by the jobs of {', '.join(datasets)}" if datasets else "whenever jobs write records",
        "readings": list(data.feature_readings(foundation, group)),
        "pushes": [],
        "returns": [],
    }


def request_access(request: Request) -> Response:
    """Leads to the form that requests read access for an environment of a team, beside the access that it has."""
    foundation = portal_of(request).settings()
    found = _find(foundation, request.path_params["name"])
    team, environment = (request.query_params.get(name, "") for name in ("team", "environment"))
    if team not in foundation.teams:
        raise BadInputError(f"there is no team {team[:50]} in the settings")
    wanted = [name for name in ENVIRONMENTS if name == environment or name in found.shared_with.get(team, ())]
    if environment not in wanted:
        raise BadInputError(f"{environment[:50]} is no environment: {', '.join(ENVIRONMENTS)}")
    asked = {"team": team, "data": f"{found.name}: [{', '.join(wanted)}]"}
    return RedirectResponse(request.url_for("request-form", action="change").include_query_params(**asked), 303)


def _address(node: DataNode) -> str:
    """Returns the address of the page of a part of the lineage; empty for a part without a page."""
    if node.kind in ("dataset", "features"):
        return f"/data/{quote(node.label)}"
    return f"/use-cases/{quote(node.label)}#versions" if node.kind == "use case" else ""


def _find(foundation: Foundation, name: str) -> Dataset | FeatureGroup:
    try:
        return data.find(foundation, name)
    except BadInputError as error:
        raise MissingPageError(str(error)) from error
