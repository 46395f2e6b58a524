"""Sessions that enter roles of other accounts call through the endpoints of their own network, which must admit those
roles: the policy of an endpoint sees the role of a call, and not who assumed it."""

from __future__ import annotations

import pytest

from iam_evaluator.evaluation import decide
from iam_evaluator.request import Request
from tests.access.world.world import example_world

CALLS = {
    "builds operate pipelines": ("tooling", "fraud--scoring-dev-operator", "sagemaker:StartPipelineExecution",
                                 "arn:aws:sagemaker:{region}:{account}:pipeline/fraud--scoring-training-main"),
    "builds store code": ("tooling", "fraud--scoring-dev-operator", "s3:PutObject", "{bucket_arn}/scoring/1/code/a.py"),
    "promotions release": ("tooling", "fraud--scoring-prod-release", "sagemaker:CreateEndpoint",
                           "arn:aws:sagemaker:{region}:{account}:endpoint/fraud--scoring-prod-serve"),
    "people push code": ("fraud-experimentation", "fraud--scoring-contributor", "codecommit:GitPush",
                         "arn:aws:codecommit:{region}:{account}:fraud--scoring-build"),
    "reviews look": ("governance", "platform-reviewer", "ec2:DescribeVpcs", "*"),
}  # fmt: skip
HOMES = {
    "fraud--scoring-dev-operator": "fraud-development",
    "fraud--scoring-prod-release": "fraud-production",
    "fraud--scoring-contributor": "tooling",
    "platform-reviewer": "fraud-development",
}


def admitted(network: str, name: str, action: str, arn: str) -> bool:
    """Returns whether the endpoint of a place's network admits a call with a role of another account."""
    world = example_world()
    names = world.names(HOMES[name])
    principal = world.roles[f"arn:aws:iam::{names['account']}:role/plinth/{name}"].principal
    resource = world.resources.requested(arn.format(**names), action, names["account"], {})
    (way, *_) = world.ways.through_the_network(world.account(network), action)
    decision = decide(Request(principal=principal, action=action, resource=resource, endpoint=way.endpoint))
    return not any(missing.startswith("endpoint policy") for missing in decision.missing_allows)


@pytest.mark.parametrize("call", CALLS)
def test_endpoints_admit_the_roles_that_callers_of_their_network_enter(call: str) -> None:
    assert admitted(*CALLS[call])


def test_endpoints_admit_no_other_role_of_another_account() -> None:
    _, *call = CALLS["builds store code"]
    assert not admitted("governance", *call)
    assert not admitted("fraud-production", *call)
