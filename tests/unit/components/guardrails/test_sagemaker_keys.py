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


@pytest.mark.parametrize("key", SUPPORTED)
def test_the_table_says_what_the_reference_says(key):
    assert set(SUPPORTED[key]) == REFERENCE[key]


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.sid)
def test_a_statement_asks_every_action_only_for_keys_that_it_knows(statement):
    asked = {
        key.removeprefix("sagemaker:")
        for keys in statement.conditions.values()
        for key in keys
        if key.startswith("sagemaker:")
    }
    for key in asked:
        assert {action.removeprefix("sagemaker:") for action in statement.actions} <= REFERENCE[key]


def test_actions_are_those_that_know_all_of_the_keys():
    assert actions_with("VpcSubnets", "AppNetworkAccessType") == ["sagemaker:CreateDomain", "sagemaker:UpdateDomain"]
    assert actions_with("VpcSubnets", "AppNetworkAccessType", but=["UpdateDomain"]) == ["sagemaker:CreateDomain"]
