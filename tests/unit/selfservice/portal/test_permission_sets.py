"""The permission sets that the portal names are those whose policies allow what it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatch

import pytest

from components.identity.personas.persona_list import BREAK_GLASS, PERSONAS
from selfservice.portal.access import permission_sets
from selfservice.portal.access.permission_sets import Needed, comparisons_in, decides_on, endpoints_in
from settings.data.artifact_layout import PROMOTIONS
from settings.data.promotion_layout import BUSINESS, RELEASE, REVIEW
from settings.data.request_layout import TABLE

PIPELINE = "arn:aws:codepipeline:eu-west-1:1:fraud--scoring-promotion"
PACKAGE = "arn:aws:sagemaker:eu-west-1:1:model-package/fraud--scoring-main/1"
BUILDS = "arn:aws:codebuild:eu-west-1:1:project/fraud--scoring-build"
RECORD = f"arn:aws:s3:::acme-artifacts-1/*/scoring/{PROMOTIONS}/plan.json"
REQUESTS = f"arn:aws:dynamodb:eu-west-1:*:table/{TABLE}"
SERVING = "arn:aws:sagemaker:eu-west-1:1"
TRAIL = "arn:aws:athena:eu-west-1:1:workgroup/audit"
REPORT = "arn:aws:s3:::ml-prod-fraud-1/scoring/monitoring/results/00001/2026-11-29/report.json"


def having(kind: str, actions: Mapping[str, str]) -> set[str]:
    """Returns the permission sets that allow all actions, each on its resource, in accounts of a kind. Policy variables
    match everything."""
    return {
        persona.permission_set_of(access)
        for persona in PERSONAS
        for access in persona.access
        if kind in access.kinds
        and persona is not BREAK_GLASS
        and all(
            any(
                any(fnmatch(action, pattern) for pattern in statement.actions)
                and any(
                    fnmatch(resource, str(known).replace("${aws:PrincipalTag/plinth:team}", "*"))
                    for known in statement.resources
                )
                for statement in access.statements("eu-west-1", "identity-center")
            )
            for action, resource in actions.items()
        )
    }


@pytest.mark.parametrize(
    ("needed", "actions"),
    [
        (permission_sets.BUILDS, {"codebuild:ListBuildsForProject": BUILDS, "codebuild:BatchGetBuilds": BUILDS}),
        (permission_sets.VERSIONS, {"sagemaker:ListModelPackages": PACKAGE, "sagemaker:DescribeModelPackage": PACKAGE}),
        (
            permission_sets.PROMOTIONS,
            {
                "codepipeline:GetPipelineState": PIPELINE,
                "codepipeline:ListPipelineExecutions": PIPELINE,
                "codepipeline:ListActionExecutions": PIPELINE,
                "codepipeline:GetPipelineExecution": PIPELINE,
                "s3:GetObject": RECORD,
            },
        ),
        (
            permission_sets.RUNS,
            {
                "sagemaker:ListPipelines": "*",
                "sagemaker:ListPipelineExecutions": "*",
                "sagemaker:ListPipelineExecutionSteps": "*",
            },
        ),
        (comparisons_in("production"), {"s3:GetObject": REPORT}),
        (
            endpoints_in("production"),
            {
                "sagemaker:ListEndpoints": "*",
                "sagemaker:DescribeEndpoint": f"{SERVING}:endpoint/fraud--scoring-prod",
                "sagemaker:DescribeEndpointConfig": f"{SERVING}:endpoint-config/fraud--scoring-prod",
                "sagemaker:DescribeModel": f"{SERVING}:model/fraud--scoring-prod",
            },
        ),
        (permission_sets.REQUESTS_USE_CASES, {"dynamodb:PutItem": REQUESTS, "dynamodb:Query": REQUESTS}),
        (
            permission_sets.QUESTIONS,
            {
                "athena:ListNamedQueries": TRAIL,
                "athena:BatchGetNamedQuery": TRAIL,
                "athena:StartQueryExecution": TRAIL,
                "athena:GetQueryExecution": TRAIL,
                "athena:GetQueryResults": TRAIL,
            },
        ),
        (permission_sets.DECIDES_ON_VERSIONS, {"sagemaker:UpdateModelPackage": PACKAGE}),
        (decides_on(REVIEW), {"codepipeline:PutApprovalResult": f"{PIPELINE}/Review/Approve"}),
        (decides_on(BUSINESS), {"codepipeline:PutApprovalResult": f"{PIPELINE}/Business/BusinessApproval"}),
    ],
)
def test_the_permission_sets_are_those_that_allow_it(needed: Needed, actions: dict[str, str]) -> None:
    assert set(needed.permission_sets) == having(needed.kind, actions)


def test_a_release_needs_what_a_review_needs() -> None:
    assert decides_on(RELEASE) == decides_on(REVIEW)
    assert endpoints_in("preproduction").permission_sets == endpoints_in("production").permission_sets
    assert comparisons_in("preproduction").permission_sets == comparisons_in("production").permission_sets
