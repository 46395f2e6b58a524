"""Whether the credentials of the shell see the builds or runs of a use case, so that no role has to be assumed."""

from __future__ import annotations

from collections.abc import Mapping

from selfservice.engine.account_access import DENIED, Account
from selfservice.projects.project import Project
from selfservice.promotions.place import current_account
from selfservice.reports import delivery
from selfservice.reports.delivery import DeliveryPlace
from settings.derived.use_case_names import UseCaseNames

_UNSEEN = (*DENIED, "ResourceNotFoundException", "UnrecognizedClientException")
Answer = Mapping[str, list[Mapping[str, str]]]


def own_place_of_builds(project: Project, use_case: str) -> DeliveryPlace | None:
    """Returns the place with the credentials of the shell; None if they do not see the builds of the use case.

    Raises: BadInputError if there is no such use case.
    """
    names, own = delivery.names_of(project, use_case), _own(project)
    if own is None or _answer(own, "codebuild", "list_builds_for_project", projectName=names.build_project) is None:
        return None
    return _at(own, names)


def own_place_of_runs(project: Project, use_case: str) -> DeliveryPlace | None:
    """Returns the place with the credentials of the shell; None if they see no pipeline of the use case.

    Raises: BadInputError if there is no such use case.
    """
    names, own = delivery.names_of(project, use_case), _own(project)
    found = own and _answer(own, "sagemaker", "list_pipelines", PipelineNamePrefix=names.prefix)
    pipelines = [pipeline_summary["PipelineName"] for pipeline_summary in (found or {}).get("PipelineSummaries", ())]
    return _at(own, names) if own and any(pipeline.startswith(f"{names.prefix}-") for pipeline in pipelines) else None


def is_signed_in(project: Project) -> bool:
    """Returns whether the shell has valid credentials of AWS."""
    return _own(project) is not None


def _own(project: Project) -> Account | None:
    from settings.files.validation_cache import load_cached

    return current_account(load_cached(project.directory).organization.home_region)


def _at(account: Account, names: UseCaseNames) -> DeliveryPlace:
    return DeliveryPlace(names=names, tooling=account, development=account, minimum_gates={})


def _answer(account: Account, service: str, operation: str, **asked: str) -> Answer | None:
    """Returns the answer to a call; None if the credentials may not see what it is about, or the account lacks it."""
    from botocore.exceptions import ClientError

    try:
        answer: Answer = getattr(account.client(service), operation)(**asked)
    except ClientError as error:
        if error.response["Error"]["Code"] in _UNSEEN:
            return None
        raise
    return answer
