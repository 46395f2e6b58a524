"""The pack's process, and an organization's first preview, in which the engine passes resources without properties to
stack policies."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pulumi_policy import (
    PolicyResource,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from plinth_sandbox.waiting import LONGEST_SECONDS
from policies.evaluation.dispatch import Dispatcher
from policies.evaluation.resource import PROVIDER_TYPE
from policies.rule_list import RULES
from policies.security.pack import policies
from tests.policies.checking import options, over_the_wire

PACK = Path(__file__).resolve().parents[2] / "policies" / "security"
KEY, GROUP = "aws:kms/key:Key", "aws:cloudwatch/logGroup:LogGroup"


def urn(type_: str) -> str:
    return f"urn:pulumi:fraud-production::plinth::{type_}::planted"


def key_policy(service: str) -> str:
    return json.dumps(
        {"Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "kms:*", "Resource": "*"}]}
    )


def violations(requested: Mapping[str, Mapping[str, Any]], outputs: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Returns the findings of ST-07 on a log group with a key, from all policies in the order of the engine."""
    found: list[str] = []

    def report(message: str, urn: str | None = None) -> None:
        found.append(message)

    pack = policies()
    for policy in pack:
        for type_, inputs in requested.items():
            if isinstance(policy, ResourceValidationPolicy):
                policy.validate(
                    ResourceValidationArgs(type_, over_the_wire(inputs), urn(type_), "planted", options(), None, None),
                    report,
                )
    resources = {
        type_: PolicyResource(type_, over_the_wire(outputs), urn(type_), "planted", options(), None, None, [], {})
        for type_, outputs in outputs.items()
    }
    resources[GROUP].property_dependencies["kmsKeyId"] = [resources[KEY]]
    found.clear()
    for policy in pack:
        if isinstance(policy, StackValidationPolicy):
            policy.validate(StackValidationArgs(list(resources.values())), report)
    return [message for message in found if message.startswith("ST-07")]


@pytest.mark.parametrize("configured", [True, False], ids=["configured", "not configured"])
@pytest.mark.parametrize(("service", "refused"), [("logs.amazonaws.com", 0), ("sns.amazonaws.com", 1)])
def test_inputs_are_checked_while_the_provider_is_not_configured(configured, service, refused):
    requested = {KEY: {"policy": key_policy(service)}, GROUP: {"kmsKeyId": "key-1"}}
    outputs = requested if configured else {KEY: {}, GROUP: {}}
    assert len(violations(requested, outputs)) == refused


@pytest.mark.parametrize(("service", "refused"), [("logs.amazonaws.com", 0), ("sns.amazonaws.com", 1)])
def test_stack_checks_judge_what_the_program_asks_and_not_what_somebody_changed(service, refused):
    other = {"logs.amazonaws.com": "sns.amazonaws.com", "sns.amazonaws.com": "logs.amazonaws.com"}[service]
    requested = {KEY: {"policy": key_policy(service)}, GROUP: {"kmsKeyId": "key-1"}}
    changed = {KEY: {"keyId": "key-1", "policy": key_policy(other)}, GROUP: {"kmsKeyId": "key-1"}}
    assert len(violations(requested, changed)) == refused


def test_resource_policies_see_every_type_that_stack_checks_need():
    """Resource policies record the inputs that stack checks use in a first preview."""
    dispatcher = Dispatcher(RULES)
    related = {type_ for rule in RULES for stack_check in rule.stack_checks for type_ in stack_check.types}
    assert {type_ for type_ in related if not dispatcher.concerns(type_)} <= {PROVIDER_TYPE}


def test_the_process_of_the_pack_ends_with_an_engine_that_was_killed():
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", PACK]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        assert int(process.stdout.readline()) > 0
        process.stdin.close()
        assert process.wait(timeout=LONGEST_SECONDS) == 0
