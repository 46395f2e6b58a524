"""Tests of the information about the organization that policy packs get."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from policies.evaluation import arguments
from policies.evaluation.rehearsal import VARIABLE
from policies.evaluation.stack_context import stack_context
from selfservice.operations import policy_inputs

OUTPUTS: Mapping[str, Mapping[str, Any]] = {
    "organization": {
        "organization_id": "o-acme123456",
        "management_account_id": "111111111111",
        "accounts": {"tooling": "222222222222", "audit": {"4dabf18193072939515e22adb298388d": "secret"}},
        "root_id": "r-acme",
    },
    "fraud": {"accounts": {"development": "333333333333"}},
    "tooling": {"account_id": "444444444444"},
    "tooling-mlflow": {"endpoint_service_name": "com.amazonaws.vpce.eu-west-1.vpce-svc-1", "server_name": "mlflow"},
}


def told(*upstream: str) -> dict[str, Any]:
    asked: list[str] = []

    def outputs(stack: str) -> Mapping[str, Any]:
        asked.append(stack)
        return OUTPUTS.get(stack, {})

    (variable,) = policy_inputs.organization(upstream, outputs).items()
    assert set(asked) <= {"organization", "fraud", "tooling-mlflow"}, "only stacks that create what is told are read"
    assert variable[0] == arguments.ORGANIZATION_VARIABLE
    found: dict[str, Any] = json.loads(variable[1])
    return found


def test_the_packs_know_the_accounts_that_upstream_stacks_create() -> None:
    assert told("organization", "identity", "tooling", "fraud", "fraud-development") == {
        "id": "o-acme123456",
        "accounts": ["111111111111", "222222222222", "333333333333"],
        "endpoint_services": [],
    }
    assert told() == {"id": None, "accounts": [], "endpoint_services": []}


def test_the_packs_know_the_endpoint_services_that_upstream_stacks_offer() -> None:
    assert told("tooling-mlflow")["endpoint_services"] == ["com.amazonaws.vpce.eu-west-1.vpce-svc-1"]
    context = stack_context("fraud-development", None, None, exported=json.dumps(told("tooling-mlflow")))
    assert context.endpoint_services == {"com.amazonaws.vpce.eu-west-1.vpce-svc-1"}


def test_a_context_takes_over_what_the_packs_are_told() -> None:
    text = json.dumps(told("organization", "fraud"))
    context = stack_context("fraud-development", None, None, exported=text)
    assert context.organization_id == "o-acme123456"
    assert context.organization_accounts == {"111111111111", "222222222222", "333333333333"}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"id": "o-acme123456"}', '{"id": "", "accounts": 1}'])
def test_what_cannot_be_read_names_no_account_instead_of_any(text: str) -> None:
    assert stack_context("fraud", None, None, exported=text).organization_accounts == frozenset()
    assert stack_context("fraud", None, None).organization_accounts is None


def test_the_settings_name_accounts_anywhere() -> None:
    organization = json.dumps({"a": {"role": "arn:aws:iam::555555555555:role/a"}, "b": "5555555555556"})
    assert stack_context("fraud", organization, None).settings_accounts == {"555555555555"}
    assert stack_context("fraud", None, None, promotion='["666666666666"]').settings_accounts == {"666666666666"}


def test_both_sides_name_the_variable_of_a_rehearsal_alike(tmp_path: Any) -> None:
    assert policy_inputs.rehearsal(tmp_path) == {VARIABLE: str(tmp_path)}
    assert policy_inputs.rehearsal(None) == {}
