"""The report of promotions: what was promoted, who decided, what failed, and what each environment ends with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from selfservice.formatting import in_one_line
from selfservice.promotions.history import MOST, promotions_of, served_states
from selfservice.promotions.place import PromotionPlace, explained
from selfservice.promotions.promotion import Approval, Promotion, ServedState, StageRun
from settings.data.promotion_layout import approval_of


@dataclass(frozen=True, kw_only=True, slots=True)
class PromotionReport:
    """The promotions of a use case."""

    use_case: str
    pipeline: str
    approvers: Mapping[str, Sequence[str]]
    """User names that may approve, by stage."""
    environments: Sequence[ServedState]
    promotions: Sequence[Promotion]
    """The newest executions, the newest first."""


def report_of(place: PromotionPlace, *, most: int = MOST) -> PromotionReport:
    """Reads the report with the newest executions. Raises: RefusedError if the credentials do not suffice."""
    with explained():
        return PromotionReport(
            use_case=place.names.prefix,
            pipeline=place.pipeline,
            approvers=place.approvers,
            environments=served_states(place),
            promotions=promotions_of(place, most),
        )


def as_json(reports: Sequence[PromotionReport]) -> str:
    return json.dumps({"use_cases": [asdict(report) for report in reports]}, indent=2)


def as_text(reports: Sequence[PromotionReport]) -> str:
    return "\n\n".join("\n".join(_lines(report)) for report in reports) or "There are none."


def lines_of(promotion: Promotion, report: PromotionReport) -> Iterator[str]:
    """Yields a line for the execution, and the lines of its stages."""
    yield "  ".join(_head(promotion))
    for stage in promotion.stages:
        yield f"  {stage.stage:<13}  {stage.status:<10}  {'; '.join(_said(stage, report))}".rstrip()
        for alarm in stage.alarms:
            yield f"    alarm {alarm['alarm']} at {alarm['at']}: {in_one_line(alarm['reason'])}"
        if stage.approval is not None and stage.approval.token:
            if promotion.metrics:
                yield f"    {promotion.metrics}"
            yield f"    {approval_command(report.pipeline, stage.stage, stage.approval.token)}"


def approval_command(pipeline: str, stage: str, token: str) -> str:
    """Returns the command that approves a stage. Its credentials are those of an approver."""
    return (
        f"aws codepipeline put-approval-result --pipeline-name {pipeline} --stage-name {stage} "
        f"--action-name {approval_of(stage)} --token {token} --result status=Approved,summary='WHY'"
    )


def _lines(report: PromotionReport) -> Iterator[str]:
    yield report.use_case
    for state in report.environments:
        commit = state.commit[:7]
        yield f"{state.environment} serves version {state.version}, commit {commit}, since {state.deployed_at}"
    if not report.promotions:
        yield "There are no promotions."
    for promotion in report.promotions:
        yield from lines_of(promotion, report)


def _head(promotion: Promotion) -> Iterator[str]:
    yield promotion.execution
    yield promotion.status
    if promotion.version is not None:
        what = "rollback to version" if promotion.is_rollback else "version"
        yield f"{what} {promotion.version}, commit {(promotion.commit or '')[:7]}"
    if promotion.target and not promotion.is_rollback:
        yield f"to {promotion.target}"
    yield f"started {promotion.started} by {promotion.started_by}"
    if promotion.reason:
        yield in_one_line(promotion.reason)


def _said(stage: StageRun, report: PromotionReport) -> Iterator[str]:
    if stage.approval is not None:
        yield from _decision(stage, stage.approval, report)
    if stage.reason is not None and not (stage.approval and stage.approval.void):
        yield f"{stage.action}: {in_one_line(stage.reason)}"


def _decision(stage: StageRun, approval: Approval, report: PromotionReport) -> Iterator[str]:
    if approval.answer == "pending":
        yield f"waits for an approval by {' or '.join(report.approvers.get(stage.stage, ()))}"
    elif approval.answer == "expired":
        yield f"nobody answered until {approval.at}"
    else:
        comment = f": {in_one_line(approval.comment)}" if approval.comment else ""
        yield f"{approval.answer} by {approval.by} at {approval.at}{comment}"
    if approval.void:
        yield f"void, because {', '.join(approval.void)}"
