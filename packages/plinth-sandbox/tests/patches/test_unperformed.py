"""Operations whose effect is not kept are refused as unsupported, and never answered with made-up results."""

from __future__ import annotations

from typing import Any

import pytest

from plinth_sandbox.testing import REGION, EmulatedAws, refusal

UNSUPPORTED = "NotImplementedBySandbox"
RUNS: list[tuple[str, str, dict[str, Any]]] = [
    # Made up by the fallback store before.
    (
        "codecommit",
        "create_pull_request_approval_rule",
        {"pullRequestId": "1", "approvalRuleName": "two", "approvalRuleContent": "{}"},
    ),
    ("sagemaker", "create_presigned_domain_url", {"DomainId": "d-1", "UserProfileName": "ada"}),
    ("macie2", "create_sample_findings", {}),
    # Made up by moto before.
    ("codebuild", "start_build_batch", {"projectName": "p"}),
    ("stepfunctions", "start_execution", {"stateMachineArn": f"arn:aws:states:{REGION}:111111111111:stateMachine:m"}),
    ("glue", "start_crawler", {"Name": "c"}),
    ("athena", "start_query_execution", {"QueryString": "CREATE DATABASE other"}),
    ("athena", "start_query_execution", {"QueryString": "INSERT INTO a SELECT 1"}),
    (
        "ce",
        "get_cost_and_usage",
        {
            "TimePeriod": {"Start": "2026-01-01", "End": "2026-02-01"},
            "Granularity": "MONTHLY",
            "Metrics": ["BlendedCost"],
        },
    ),
]


@pytest.mark.parametrize(("service", "operation", "parameters"), RUNS)
def test_work_that_the_sandbox_does_not_perform_is_refused(
    aws: EmulatedAws, account: str, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    assert refusal(getattr(aws.client(service, account), operation), **parameters) == UNSUPPORTED


def test_a_query_that_nobody_started_has_no_results(aws: EmulatedAws, account: str) -> None:
    athena, unknown = aws.client("athena", account), "11111111-1111-1111-1111-111111111111"
    assert refusal(athena.get_query_results, QueryExecutionId=unknown) == "InvalidRequestException"
    assert refusal(athena.get_query_execution, QueryExecutionId=unknown) == "InvalidRequestException"
