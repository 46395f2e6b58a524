from pathlib import Path

import pytest

from components.organization.guardrails import cost, registry, sagemaker
from components.organization.guardrails.sagemaker_keys import SUPPORTED, actions_with

REFERENCE = {
    key: set(actions)
    for key, *actions in (
        line.split()
        for line in Path(__file__).with_name("sagemaker_condition_keys.txt").read_text().splitlines()
        if not line.startswith("#")
    )
}

STATEMENTS = [
    *sagemaker.only_in_the_network(),
    *sagemaker.only_encrypted(),
    *sagemaker.only_isolated(),
    *sagemaker.no_studio(),
    *registry.only_approvers_approve(),
    *cost.limit_requests(cost.EXPERIMENT_LIMITS),
    *cost.protect_tags(),
]


def test_the_table_matches_the_service_authorization_reference():
    assert {key: set(actions) for key, actions in SUPPORTED.items()} == {key: REFERENCE[key] for key in SUPPORTED}


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.sid)
def test_a_statement_uses_only_condition_keys_that_its_actions_support(statement):
    asked = {
        key.removeprefix("sagemaker:")
        for keys in statement.conditions.values()
        for key in keys
        if key.startswith("sagemaker:")
    }
    for key in asked:
        assert {action.removeprefix("sagemaker:") for action in statement.actions} <= REFERENCE[key]


def test_actions_with_keys_support_all_of_them():
    both = ("VpcSubnets", "ServerlessMaxConcurrency")
    assert actions_with(*both) == ["sagemaker:CreateEndpointConfig"]
    assert actions_with(*both, but=["CreateEndpointConfig"]) == []
