"""Which logs of a use case the credentials of a command reach, and with which of them."""

from __future__ import annotations

from collections.abc import Mapping

from selfservice.projects.project import Project, require_engine
from selfservice.promotions.place import PromotionPlace, place_of_account, place_to_read, use_cases_with_promotions
from selfservice.reports import delivery
from selfservice.reports.delivery import DeliveryPlace
from selfservice.reports.logs.build_logs import BuildLogs
from selfservice.reports.logs.logged import Source, What
from selfservice.reports.logs.promotion_logs import PromotionLogs
from selfservice.reports.logs.run_logs import RunLogs
from selfservice.reports.own_credentials import own_place_of_builds, own_place_of_runs


def sources_of(project: Project, use_case: str) -> Mapping[What, Source]:
    """Returns the readable sources of logs of a use case.

    Credentials of the tooling or the development account that see its builds or runs are used as they are, and reach
    those only. With others, the roles that deploy the stack are assumed.

    Raises: BadInputError if there is no such use case, or its stack is not deployed.
    """
    if own := own_place_of_builds(project, use_case):
        return _in_tooling(own, place_of_account(project, use_case, own.tooling))
    if own := own_place_of_runs(project, use_case):
        return {"run": RunLogs(own)}
    require_engine(project.directory)
    place = delivery.place_of(project, use_case)
    promoted = use_case in use_cases_with_promotions(project)
    in_tooling = _in_tooling(place, place_to_read(project, use_case) if promoted else None)
    return {**in_tooling, "run": RunLogs(place)}


def _in_tooling(place: DeliveryPlace, promotions: PromotionPlace | None) -> dict[What, Source]:
    found: dict[What, Source] = {"build": BuildLogs(place)}
    return found if promotions is None else {**found, "promotion": PromotionLogs(promotions)}
