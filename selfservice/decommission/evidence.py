"""Collects what people may ask about a team after its accounts are empty (GOV-06, PER-11).

Code, images, model versions and records of promotions stay in the tooling account, and AWS CloudTrail stays in the
audit account. What only the accounts of the team, its pipelines and its settings know is collected here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from selfservice.catalog.evidence import Evidence
from selfservice.engine.account_access import Account
from selfservice.engine.import_discovery import Search
from selfservice.projects.project import Project
from selfservice.projects.states import resources_by_stack
from selfservice.promotions.history import promotions_of
from selfservice.promotions.place import place_in_state
from selfservice.promotions.promotion import Promotion

_MOST_PROMOTIONS = 1_000
_MODEL_GROUP = "aws:sagemaker/modelPackageGroup:ModelPackageGroup"
_JOBS = {
    "training": ("list_training_jobs", "TrainingJobSummaries"),
    "processing": ("list_processing_jobs", "ProcessingJobSummaries"),
    "transform": ("list_transform_jobs", "TransformJobSummaries"),
}
"""Listings of SageMaker's jobs. AWS keeps jobs, and nobody can delete them."""


def evidence_of(
    project: Project, files: Sequence[Path], use_cases: Iterable[str], accounts: Iterable[Account]
) -> Iterator[Evidence]:
    """Yields the evidence of a team from its settings files, its deployed use cases and its accounts."""
    for file in files:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        yield Evidence(kind="settings", name=file.name, details={"sha256": digest})
    for use_case in use_cases:
        resources = resources_by_stack(project, [use_case])[use_case]
        registry = next((resource for resource in resources if resource["type"] == _MODEL_GROUP), None)
        if registry is not None:
            yield from _versions(Search({"resources": resources}).account_of(registry), f"{use_case}-")
        if (place := place_in_state(project, use_case)) is not None:
            yield from map(_promotion, promotions_of(place, _MOST_PROMOTIONS))
    for account in accounts:
        yield from _jobs(account)
        yield from _log_groups(account)


def accounts_in(project: Project, stacks: Iterable[str], own: Iterable[str]) -> list[Account]:
    """Returns the accounts in which stacks have resources, of those that the team owns."""
    found: dict[str, Account] = {}
    wanted = set(own)
    for resources in resources_by_stack(project, list(stacks)).values():
        search = Search({"resources": resources})
        provided = (
            resource
            for resource in resources
            if resource.get("provider") and not resource["type"].startswith("pulumi:")
        )
        for account in map(search.account_of, provided):
            if account.id in wanted:
                found.setdefault(account.id, account)
    return [found[id_] for id_ in sorted(found)]


def _versions(tooling: Account, prefix: str) -> Iterator[Evidence]:
    """Yields all model versions of a use case, of all its groups."""
    client = tooling.client("sagemaker")
    groups = tooling.every(
        "sagemaker", "list_model_package_groups", "ModelPackageGroupSummaryList", NameContains=prefix
    )
    for group in (package_group["ModelPackageGroupName"] for package_group in groups):
        if not group.startswith(prefix):
            continue
        key, named = "ModelPackageSummaryList", {"ModelPackageGroupName": group}
        for model_package in tooling.every("sagemaker", "list_model_packages", key, **named):
            found = client.describe_model_package(ModelPackageName=model_package["ModelPackageArn"])
            details = {
                "arn": found["ModelPackageArn"],
                "status": found.get("ModelApprovalStatus"),
                "registered": _time(found["CreationTime"]),
                "metadata": found.get("CustomerMetadataProperties") or {},
            }
            yield Evidence(kind="version", name=f"{group}/{found['ModelPackageVersion']}", details=details)


def _promotion(promotion: Promotion) -> Evidence:
    approvals = [
        {"stage": stage.stage, "answer": given.answer, "by": given.by, "at": given.at, "comment": given.comment}
        for stage in promotion.stages
        if (given := stage.approval)
    ]
    details = {
        "status": promotion.status,
        "started": promotion.started,
        "started_by": promotion.started_by,
        "version": promotion.version,
        "commit": promotion.commit,
        "is_rollback": promotion.is_rollback,
        "approvals": approvals,
    }
    return Evidence(kind="promotion", name=f"{promotion.use_case}/{promotion.execution}", details=details)


def _jobs(account: Account) -> Iterator[Evidence]:
    for kind, (operation, key) in _JOBS.items():
        for job in account.every("sagemaker", operation, key):
            title = kind.title()
            details = {
                "account": account.id,
                "status": job[f"{title}JobStatus"],
                "created": _time(job["CreationTime"]),
            }
            yield Evidence(kind="job", name=f"{kind}/{job[f'{title}JobName']}", details=details)


def _log_groups(account: Account) -> Iterator[Evidence]:
    for log_group in account.every("logs", "describe_log_groups", "logGroups"):
        details: Mapping[str, Any] = {
            "account": account.id,
            "bytes": log_group.get("storedBytes", 0),
            "created": _time(datetime.fromtimestamp(log_group["creationTime"] / 1000, UTC)),
        }
        yield Evidence(kind="log group", name=f"{account.id}:{log_group['logGroupName']}", details=details)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
