"""A person's decision about a model version in the registry, or about a promotion that waits for an approval."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from selfservice.errors import BadInputError, RefusedError
from selfservice.promotions.place import PromotionPlace, explained
from selfservice.promotions.promotion import UNDER_WAY
from settings.data.promotion_layout import NEWEST, approval_of
from settings.types.redaction import looks_secret

MOST_OF_A_COMMENT = 512
"""Characters of a comment (CodePipeline API Reference, ApprovalResult)."""
_APPROVERS = "LeadScientist-tooling, or in the stage Business ProductOwner-tooling or BusinessAnalyst-tooling"
_POLL_SECONDS = 2.0
_STARTS_SECONDS = 120
"""Time in which an event starts a promotion."""
_MISSING = ("ValidationException", "ResourceNotFound")
_ANSWERED = ("ApprovalAlreadyCompletedException", "InvalidApprovalTokenException")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """An approval for which a promotion waits."""

    stage: str
    token: str
    execution: str


def decide_version(place: PromotionPlace, asked: str, *, approved: bool, comment: str, seen: str | None = None) -> int:
    """Approves or rejects a version of main in the registry: its number, or ``newest``. Returns its number.

    ``seen`` is the status that the person has seen; None decides whatever the status is. The registry compares nothing,
    so somebody may still decide in the moment between the comparison and the decision.

    Raises: BadInputError if there is no such version, and for a comment that cannot be recorded; RefusedError if the
    version has another status by now, or the caller may not decide.
    """
    from botocore.exceptions import ClientError

    _check(comment)
    sagemaker = place.account.client("sagemaker")
    versions = place.model_group.replace(":model-package-group/", ":model-package/")
    try:
        with explained("LeadScientist-tooling"):
            arn = f"{versions}/{_newest(place) if asked == NEWEST else asked}"
            if seen is not None:
                found = str(sagemaker.describe_model_package(ModelPackageName=arn)["ModelApprovalStatus"])
                if found != seen:
                    raise RefusedError(
                        f"nothing was decided: version {asked} is {found} by now, and not {seen} any more"
                    )
            sagemaker.update_model_package(
                ModelPackageArn=arn,
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
    return int(arn.rpartition("/")[2])


def _newest(place: PromotionPlace) -> str:
    found = place.account.client("sagemaker").list_model_packages(
        ModelPackageGroupName=place.model_group.rpartition("/")[2], SortBy="CreationTime", SortOrder="Descending"
    )["ModelPackageSummaryList"]
    if not found:
        raise BadInputError(f"{place.model_group.rpartition('/')[2]} has no version")
    return str(found[0]["ModelPackageVersion"])


def decide_promotion(
    place: PromotionPlace, *, approved: bool, comment: str, wait: bool = False, token: str | None = None
) -> Pending:
    """Approves or rejects the promotion that waits for an approval. With ``wait``, it waits until one does: an approved
    version starts its promotion by an event, which takes seconds.

    ``token`` is that of the approval that the person has seen; None decides about the first one that waits.

    Raises: RefusedError if no promotion waits for an approval, or not for that of the token any more, or if the caller
    may not decide; BadInputError for a comment that cannot be recorded.
    """
    from botocore.exceptions import ClientError

    _check(comment)
    deadline = time.monotonic() + _STARTS_SECONDS
    with explained(_APPROVERS):
        while (found := _chosen(waiting := pending_approvals(place), token)) is None:
            if waiting:
                now = " and ".join(f"{approval.stage} of execution {approval.execution}" for approval in waiting)
                raise RefusedError(f"nothing was decided: the approval that you saw waits no more; what waits is {now}")
            status = _status_of_newest(place)
            if not wait or (status not in UNDER_WAY and time.monotonic() > deadline):
                raise RefusedError(
                    f"no promotion of {place.names.prefix} waits for an approval; the newest one: {status}. "
                    f"`plinth promotions {place.names.prefix}` says why"
                )
            time.sleep(_POLL_SECONDS)
        try:
            place.account.client("codepipeline").put_approval_result(
                pipelineName=place.pipeline,
                stageName=found.stage,
                actionName=approval_of(found.stage),
                token=found.token,
                result={"status": "Approved" if approved else "Rejected", "summary": comment},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in _ANSWERED:
                raise
            raise RefusedError(f"nothing was decided: somebody has answered {found.stage} meanwhile") from error
    return found


def pending_approvals(place: PromotionPlace) -> list[Pending]:
    """Returns the approvals for which promotions wait, in the order of the stages, by one call."""
    state = place.account.client("codepipeline").get_pipeline_state(name=place.pipeline)
    return [
        Pending(
            stage=stage["stageName"],
            token=latest["token"],
            execution=stage.get("latestExecution", {}).get("pipelineExecutionId", ""),
        )
        for stage in state["stageStates"]
        for action in stage.get("actionStates", [])
        if (latest := action.get("latestExecution", {})).get("status") == "InProgress"
        and latest.get("token")
        and action["actionName"] == approval_of(stage["stageName"])
    ]


def _chosen(waiting: Sequence[Pending], token: str | None) -> Pending | None:
    return next((pending for pending in waiting if token in (None, pending.token)), None)


def _check(comment: str) -> None:
    """Raises BadInputError for a comment that cannot be recorded."""
    if not comment.strip():
        raise BadInputError("say why: the comment is recorded with your name")
    if len(comment) > MOST_OF_A_COMMENT:
        raise BadInputError(f"the comment has {len(comment)} characters, more than {MOST_OF_A_COMMENT}")
    if looks_secret(comment):
        raise BadInputError("the comment contains what looks like a credential; nothing was recorded")


def _status_of_newest(place: PromotionPlace) -> str:
    found = place.account.client("codepipeline").list_pipeline_executions(pipelineName=place.pipeline, maxResults=1)
    return next(
        (str(execution_summary["status"]) for execution_summary in found["pipelineExecutionSummaries"]), "there is none"
    )
