"""The first command: fixes what the execution promotes, or stops an execution that repeats another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

import boto3

from runtime.promotion.code import Repositories
from runtime.promotion.decisions.approvals import record_refusals
from runtime.promotion.decisions.people import Person, user_of
from runtime.promotion.decisions.proposal import Proposal, proposed
from runtime.promotion.decisions.scans import judge_scans
from runtime.promotion.engine import prepare_states
from runtime.promotion.errors import NoApprovedVersionError, SupersededError
from runtime.promotion.plan import Plan
from runtime.promotion.program.library import FILE, refuse_other_library
from runtime.promotion.records import Records, plan_of, review_of
from runtime.promotion.review import document, summary
from runtime.promotion.variables import Variables
from runtime.promotion.versions import Version, baseline_of, contents_of, find_version, metrics_of

BY_A_PERSON = "StartPipelineExecution"
"""Type of the trigger of an execution that a person started."""


def prepare(variables: Variables, session: boto3.Session, records: Records) -> Plan:
    """Writes the plan of the execution and its review, and returns the plan. A repeated call returns the same plan.

    Also records what people refused in earlier executions.

    Raises: PromotionError if the version may not be promoted; SupersededError if the execution has nothing to do.
    """
    if written := records.read(plan_of(variables.execution)):
        return Plan.of_record(written)
    commit = variables.required("COMMIT")
    code = Repositories(codecommit=session.client("codecommit"), prefix=variables.prefix)
    refuse_other_library(code.text(commit, FILE))
    prepare_states(records)
    record_refusals(variables, session, records)
    trigger = _trigger(variables, session)
    manual = trigger.get("triggerType") == BY_A_PERSON
    version = _version(variables, session, manual=manual)
    proposal = proposed(version, records, session.client("sts").get_caller_identity()["Arn"])
    if not manual:
        _require_news(records, version, proposal, commit)
    _claim(variables, records, (version.arn, proposal.at, commit, variables.execution if manual else ""))
    s3, deployed = session.client("s3"), records.served("production")
    contents = contents_of(s3, version)
    plan = Plan(
        execution=variables.execution,
        model_package=version.arn,
        version=version.number,
        contents=contents,
        commit=commit,
        decided_at=proposal.at,
        metrics=metrics_of(s3, version),
        deployed=deployed,
        trained_at=version.commit,
        baseline=baseline_of(version),
        scans=judge_scans(variables, session, contents),
        involved=tuple(_involved(version, proposal, commit, code, trigger if manual else {}, deployed or {})),
    )
    _review(records, plan, code)
    if not records.add(plan_of(plan.execution), plan.as_record()):
        return Plan.of_record(records.read(plan_of(plan.execution)) or {})
    return plan


def _version(variables: Variables, session: boto3.Session, *, manual: bool) -> Version:
    """Returns the version to promote. A push of code for which there is no approved version yet has nothing to do."""
    try:
        return find_version(session.client("sagemaker"), variables.model_group, variables.required("MODEL_PACKAGE"))
    except NoApprovedVersionError as error:
        if manual:
            raise
        raise SupersededError(str(error)) from None


def _trigger(variables: Variables, session: boto3.Session) -> dict[str, Any]:
    found = session.client("codepipeline").get_pipeline_execution(
        pipelineName=variables.pipeline, pipelineExecutionId=variables.execution
    )["pipelineExecution"]
    trigger: dict[str, Any] = found.get("trigger", {})
    return trigger


def _require_news(records: Records, version: Version, proposal: Proposal, commit: str) -> None:
    """Refuses an event that is late: what it names is deployed already, or was replaced by a later approval."""
    served = records.served("production")
    if served is None:
        return
    if (served["model_package"], served["commit"]) == (version.arn, commit):
        raise SupersededError(f"production serves version {version.number} with this code already")
    if served["model_package"] != version.arn and served["decided_at"] > proposal.at:
        raise SupersededError(f"production serves version {served['version']}, which was approved later")


def _claim(variables: Variables, records: Records, words: tuple[str, ...]) -> None:
    """Lets one execution promote an approval with a commit, however often EventBridge delivers the event."""
    name = f"claims/{sha256(' '.join(words).encode()).hexdigest()[:32]}.json"
    if records.add(name, {"execution": variables.execution}):
        return
    holder = (records.read(name) or {}).get("execution")
    if holder != variables.execution:
        raise SupersededError(f"execution {holder} promotes this version with this code already")


def _involved(
    version: Version,
    proposal: Proposal,
    commit: str,
    code: Repositories,
    trigger: dict[str, Any],
    deployed: Mapping[str, Any],
) -> Iterator[Person]:
    """Yields who may not approve. Code is new since the last robust state of production."""
    yield from code.authors("build", version.commit, deployed.get("trained_at", ""), "wrote the training code")
    yield from code.authors("deployment", commit, deployed.get("commit", ""), "wrote the deployment code")
    if proposal.by:
        yield proposal.by
    if trigger:
        yield Person(part="started the promotion", names=(user_of(trigger["triggerDetail"]),))


def _review(records: Records, plan: Plan, code: Repositories) -> None:
    before = (plan.deployed or {}).get("commit", "")
    text = document(plan, code.changes(before, plan.commit))
    records.write_text(review_of(plan.execution), text)


def variables_of(plan: Plan, records: Records) -> dict[str, str]:
    """Returns the output variables of the action, which later actions and approvals refer to."""
    return {
        "PLAN": plan.reference,
        "VERSION": str(plan.version),
        "SUMMARY": summary(plan),
        "REVIEW": f"s3://{records.bucket}/{records.path(review_of(plan.execution))}",
    }
