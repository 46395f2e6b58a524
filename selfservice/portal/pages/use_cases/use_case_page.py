"""One use case: builds, runs, versions, promotions and monitoring, and the decisions that wait for the person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from runtime.promotion.decisions.people import faults_of_approval
from selfservice.portal.access.permission_sets import DECIDES_ON_VERSIONS, decides_on
from selfservice.portal.missing import MissingPageError
from selfservice.portal.pages.use_cases.reading import UseCaseParts, UseCaseReader
from selfservice.portal.portal import portal_of, signed_in
from selfservice.promotions.decide import MOST_OF_A_COMMENT
from selfservice.promotions.promotion import Promotion
from selfservice.reports.model_versions import PENDING, ModelVersion
from selfservice.reports.use_cases import use_case_of
from settings.derived.use_case_names import MAIN, UseCaseNames
from settings.organization.minimum_gate import MinimumGates


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingApproval:
    """An approval for which a promotion waits, as the person sees it."""

    promotion: Promotion
    stage: str
    token: str
    faults: Sequence[str]
    """Why an approval by the person would be void, or what the person needs; empty for whoever may decide."""


def use_case_page(request: Request) -> Response:
    return page_of(request, reader_of(request))


def reader_of(request: Request) -> UseCaseReader:
    """Returns the reader of the use case of the address. Raises: MissingPageError if the settings do not have it."""
    portal, prefix = portal_of(request), str(request.path_params["use_case"])
    team, _, name = prefix.partition("--")
    foundation = portal.settings()
    if team not in foundation.teams or name not in foundation.teams[team].use_cases:
        raise MissingPageError(f"the settings have no use case {prefix}")
    return UseCaseReader(
        visitors=portal.visitors,
        session=signed_in(request),
        foundation=foundation,
        names=UseCaseNames(team=team, use_case=name),
    )


def page_of(request: Request, reader: UseCaseReader, problem: str = "", comment: str = "") -> Response:
    """Returns the page of a use case, with why a decision was refused and its comment."""
    names = reader.names
    described = use_case_of(reader.foundation, names.team, names.use_case)
    parts = _parts(request, reader, comment) if described.stack else {"parts": None, "command": "plinth usecase list"}
    return portal_of(request).page(
        request,
        "use_case.html",
        422 if problem else 200,
        described=described,
        approvers=reader.foundation.approvers_of(names.team, names.use_case),
        problem=problem,
        **parts,
    )


def _parts(request: Request, reader: UseCaseReader, comment: str) -> dict[str, object]:
    """Returns what the page shows of a use case with a delivery."""
    names, parts = reader.names, reader.parts()
    gates = reader.foundation.minimum_gates_of(names.team, names.use_case)
    return {
        "use_case": names.prefix,
        "parts": parts,
        "metrics": _metrics(parts.versions.found or (), gates),
        "limits": {name: _limit(gate.limits) for name, gate in gates.items()},
        "group_of_main": names.model_group(MAIN),
        "version": _version_to_decide(request, reader, parts),
        "waiting": list(_waiting(reader, parts)),
        "may_decide_on_versions": reader.may(DECIDES_ON_VERSIONS),
        "needed_for_versions": DECIDES_ON_VERSIONS,
        "comment": comment,
        "most": MOST_OF_A_COMMENT,
        "pending": PENDING,
        "command": f"plinth usecase show {names.prefix}",
    }


def _metrics(versions: Sequence[ModelVersion], gates: MinimumGates) -> list[str]:
    """Returns the names of all metrics: those with a gate first."""
    return list(dict.fromkeys((*gates, *sorted({name for version in versions for name in version.metrics}))))


def _limit(limits: Mapping[str, float]) -> str:
    return " and ".join(f"{word.replace('_', ' ')} {value:g}" for word, value in limits.items())


def _version_to_decide(request: Request, reader: UseCaseReader, parts: UseCaseParts) -> ModelVersion | None:
    """Returns the version of main that the address names, or else the newest one, of those that wait for a decision."""
    group, asked = reader.names.model_group(MAIN), request.query_params.get("version", "")
    waiting = [
        version for version in parts.versions.found or () if version.group == group and version.status == PENDING
    ]
    return next((version for version in waiting if asked in ("", str(version.number))), None)


def _waiting(reader: UseCaseReader, parts: UseCaseParts) -> Iterator[WaitingApproval]:
    report = parts.promotions.found
    for promotion in report.promotions if report else ():
        stage = promotion.waits_in
        if report is None or stage is None or stage.approval is None or not stage.approval.token:
            continue
        allowed = report.approvers.get(stage.stage, ())
        faults = faults_of_approval(reader.session.user, allowed, promotion.involved)
        needed = decides_on(stage.stage)
        if not faults and not reader.may(needed):
            faults = [f"{reader.session.user} needs the permission set {needed}"]
        yield WaitingApproval(promotion=promotion, stage=stage.stage, token=stage.approval.token, faults=faults)
