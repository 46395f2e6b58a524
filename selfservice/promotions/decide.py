"""A person's decision about a model version in the registry, or about a promotion that waits for an approval."""

from __future__ import annotations

import time
from dataclasses import dataclass

from selfservice.errors import BadInputError, RefusedError
from selfservice.promotions.place import PromotionPlace, explained
from selfservice.promotions.promotion import UNDER_WAY
from settings.data.promotion_layout import NEWEST, approval_of

_POLL_SECONDS = 2.0
_STARTS_SECONDS = 120
"""Time in which an event starts a promotion."""
_MISSING = ("ValidationException", "ResourceNotFound")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """An approval for which a promotion waits."""

    stage: str
    token: str


def decide_version(place: PromotionPlace, asked: str, *, approved: bool, comment: str) -> int:
    """Approves or rejects a version of main in the registry: its number, or ``newest``. Returns its number.

    Raises: BadInputError if there is no such version; RefusedError if the caller may not decide.
    """
    from botocore.exceptions import ClientError

    sagemaker = place.account.client("sagemaker")
    versions = place.model_group.replace(":model-package-group/", ":model-package/")
    try:
        with explained():
            number = _newest(place) if asked == NEWEST else asked
            sagemaker.update_model_package(
                ModelPackageArn=f"{versions}/{number}",
                ModelApprovalStatus="Approved" if approved else "Rejected",
                ApprovalDescription=comment,
            )
    except ClientError as error:
        if error.response["Error"]["Code"] not in _MISSING:
            raise
        raise BadInputError(
            f"there is no version {asked} of {place.model_group.rpartition('/')[2]}; "
            f"`plinth models {place.names.prefix}` lists the versions"
        ) from error
    return int(number)


def _newest(place: PromotionPlace) -> str:
    found = place.account.client("sagemaker").list_model_packages(
        ModelPackageGroupName=place.model_group.rpartition("/")[2], SortBy="CreationTime", SortOrder="Descending"
    )["ModelPackageSummaryList"]
    if not found:
        raise BadInputError(f"{place.model_group.rpartition('/')[2]} has no version")
    return str(found[0]["ModelPackageVersion"])


def decide_promotion(place: PromotionPlace, *, approved: bool, comment: str, wait: bool) -> Pending:
    """Approves or rejects the promotion that waits for an approval. With ``wait``, it waits until one does: an approved
    version starts its promotion by an event, which takes seconds.

    Raises: RefusedError if no promotion waits for an approval, or the caller may not decide.
    """
    deadline = time.monotonic() + _STARTS_SECONDS
    with explained():
        while (found := _pending(place)) is None:
            status = _status_of_newest(place)
            if not wait or (status not in UNDER_WAY and time.monotonic() > deadline):
                raise RefusedError(
                    f"no promotion of {place.names.prefix} waits for an approval; the newest one: {status}. "
                    f"`plinth promotions {place.names.prefix}` says why"
                )
            time.sleep(_POLL_SECONDS)
        place.account.client("codepipeline").put_approval_result(
            pipelineName=place.pipeline,
            stageName=found.stage,
            actionName=approval_of(found.stage),
            token=found.token,
            result={"status": "Approved" if approved else "Rejected", "summary": comment},
        )
    return found


def _pending(place: PromotionPlace) -> Pending | None:
    state = place.account.client("codepipeline").get_pipeline_state(name=place.pipeline)
    for stage in state["stageStates"]:
        for action in stage.get("actionStates", []):
            latest = action.get("latestExecution", {})
            waits = latest.get("status") == "InProgress" and latest.get("token")
            if waits and action["actionName"] == approval_of(stage["stageName"]):
                return Pending(stage=stage["stageName"], token=latest["token"])
    return None


def _status_of_newest(place: PromotionPlace) -> str:
    found = place.account.client("codepipeline").list_pipeline_executions(pipelineName=place.pipeline, maxResults=1)
    return next((str(one["status"]) for one in found["pipelineExecutionSummaries"]), "there is none")
