"""Answers to the questions of the deployment repository's template, from the outputs of deployed stacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from selfservice.use_cases.answers import TAGS, Read
from settings.derived.stack_graph import StackIdentity
from settings.team.use_case import UseCaseSettings
from settings.types.kinds import RELEASED_TO, ReleasedTo


def deployment_answers(
    stack: str,
    read: Read,
    *,
    tags: Mapping[str, str],
    use_case: UseCaseSettings,
    log_retention_days: Mapping[ReleasedTo, int],
    results: str | None = None,
) -> dict[str, Any]:
    """Returns the answers about the environments to which a use case releases its models.

    ``tags`` are those of the team's stacks, and ``log_retention_days`` those of each environment. ``results`` names the
    dataset to which batch inference returns results.
    """
    team, _, name = stack.partition("--")
    places = {environment: read(StackIdentity(environment, team).name) for environment in RELEASED_TO}
    return {
        "repository": "deployment",
        "team": team,
        "use_case": name,
        "inference": use_case.inference[0],
        "region": places["production"]["region"],
        "organization_id": read(StackIdentity("organization").name)["organization_id"],
        "test_endpoint": read(StackIdentity("tooling").name)["api_endpoint_id"],
        "models_call_aws": use_case.models_call_aws,
        "tags": {tag: tags[tag] for tag in TAGS},
        **(_results(results, team, read) if results else {}),
        **{
            f"{environment}_{key}": value
            for environment, place in places.items()
            for key, value in _place(place).items()
        },
        **{f"{environment}_log_retention_days": days for environment, days in log_retention_days.items()},
    }


def _results(dataset: str, team: str, read: Read) -> dict[str, Any]:
    """Returns the answers about the dataset to which results return."""
    return {
        "results_dataset": dataset,
        "results_drop_point": read(StackIdentity("dataset", dataset=dataset).name)["drop_points"][team],
    }


def _place(outputs: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "account_id": outputs["account_id"],
        "bucket": outputs["bucket_name"],
        "key_arn": outputs["key_arn"],
        "subnets": list(outputs["private_subnet_ids"]),
        "security_groups": [outputs["workload_security_group_id"]],
        "api_endpoint": outputs["api_endpoint_id"],
    }
