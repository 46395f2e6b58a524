"""Which logs of a use case the credentials of a command reach, and with which of them."""

from __future__ import annotations

from collections.abc import Mapping

from selfservice.engine.account_access import Account
from selfservice.promotions.place import (
    PromotionPlace,
    current_account,
    place_of_account,
    place_to_read,
    use_cases_with_promotions,
)
from selfservice.reports import delivery
from selfservice.reports.delivery import DeliveryPlace
from selfservice.reports.logs.build_logs import BuildLogs
from selfservice.reports.logs.logged import Source, What
from selfservice.reports.logs.promotion_logs import PromotionLogs
from selfservice.reports.logs.run_logs import RunLogs
from selfservice.runner.project import Project, require_engine
from settings.derived.use_case_names import UseCaseNames

_UNSEEN = ("AccessDenied", "AccessDeniedException", "ResourceNotFoundException", "UnrecognizedClientException")


def sources_of(project: Project, use_case: str) -> Mapping[What, Source]:
    """Returns the readable sources of logs of a use case.

    Credentials of the tooling or the development account that see its builds or runs are used as they are, and reach
    those only. With others, the roles that deploy the stack are assumed.

    Raises: BadInputError if there is no such use case, or its stack is not deployed.
    """
    from settings.files.validation_cache import load_cached

    names = delivery.names_of(project, use_case)
    own = current_account(load_cached(project.directory).organization.home_region)
    if own is not None and _sees_builds(own, names):
        return _in_tooling(_at(own, names), place_of_account(project, use_case, own))
    if own is not None and _sees_runs(own, names):
        return {"run": RunLogs(_at(own, names))}
    require_engine(project.directory)
    place = delivery.place_of(project, use_case)
    promoted = use_case in use_cases_with_promotions(project)
    in_tooling = _in_tooling(place, place_to_read(project, use_case) if promoted else None)
    return {**in_tooling, "run": RunLogs(place)}


def _in_tooling(place: DeliveryPlace, promotions: PromotionPlace | None) -> dict[What, Source]:
    found: dict[What, Source] = {"build": BuildLogs(place)}
    return found if promotions is None else {**found, "promotion": PromotionLogs(promotions)}


def _at(account: Account, names: UseCaseNames) -> DeliveryPlace:
    return DeliveryPlace(names=names, tooling=account, development=account, minimum_gates={})


def _sees_builds(account: Account, names: UseCaseNames) -> bool:
    return _answers(account, "codebuild", "list_builds_for_project", projectName=names.build_project) is not None


def _sees_runs(account: Account, names: UseCaseNames) -> bool:
    found = _answers(account, "sagemaker", "list_pipelines", PipelineNamePrefix=names.prefix) or {}
    return any(one["PipelineName"].startswith(f"{names.prefix}-") for one in found.get("PipelineSummaries", ()))


def _answers(
    account: Account, service: str, operation: str, **asked: str
) -> Mapping[str, list[Mapping[str, str]]] | None:
    """Returns the answer to a call; None if the credentials may not see what it is about, or the account lacks it."""
    from botocore.exceptions import ClientError

    try:
        answer: Mapping[str, list[Mapping[str, str]]] = getattr(account.client(service), operation)(**asked)
    except ClientError as error:
        if error.response["Error"]["Code"] in _UNSEEN:
            return None
        raise
    return answer
