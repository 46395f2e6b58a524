"""What the engine hands to the pack in an organization's first preview: no property of what a resource turns out as."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from pulumi_policy import (
    PolicyResource,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from policies.security.dispatch import Dispatcher
from policies.security.inputs.subject import PROVIDER_TYPE
from policies.security.pack import policies
from policies.security.rule_list import RULES
from tests.policies.judgement import options, over_the_wire

KEY, GROUP = "aws:kms/key:Key", "aws:cloudwatch/logGroup:LogGroup"


def urn(type_: str) -> str:
    return f"urn:pulumi:fraud-production::plinth::{type_}::planted"


def key_policy(service: str) -> str:
    return json.dumps(
        {"Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "kms:*", "Resource": "*"}]}
    )


def violations(asked: Mapping[str, Mapping[str, Any]], turned_out: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What the pack reports of a log group under a key, all policies asked as the engine asks them."""
    found: list[str] = []

    def report(message: str, urn: str | None = None) -> None:
        found.append(message)

    pack = policies()
    for policy in pack:
        for type_, inputs in asked.items():
            if isinstance(policy, ResourceValidationPolicy):
                policy.validate(
                    ResourceValidationArgs(type_, over_the_wire(inputs), urn(type_), "planted", options(), None, None),
                    report,
                )
    resources = {
        type_: PolicyResource(type_, over_the_wire(outputs), urn(type_), "planted", options(), None, None, [], {})
        for type_, outputs in turned_out.items()
    }
    resources[GROUP].property_dependencies["kmsKeyId"] = [resources[KEY]]
    found.clear()
    for policy in pack:
        if isinstance(policy, StackValidationPolicy):
            policy.validate(StackValidationArgs(list(resources.values())), report)
    return [message for message in found if message.startswith("ST-07")]


@pytest.mark.parametrize("configured", [True, False], ids=["configured", "not configured"])
@pytest.mark.parametrize(("service", "refused"), [("logs.amazonaws.com", 0), ("sns.amazonaws.com", 1)])
def test_while_a_provider_is_not_configured_what_was_asked_for_is_judged(configured, service, refused):
    asked = {KEY: {"policy": key_policy(service)}, GROUP: {"kmsKeyId": "key-1"}}
    turned_out = asked if configured else {KEY: {}, GROUP: {}}
    assert len(violations(asked, turned_out)) == refused


def test_whatever_is_judged_among_others_is_seen_alone_before():
    """So that what was asked of it is known when nothing else is."""
    alone = Dispatcher(RULES)
    related = {type_ for rule in RULES for relation in rule.relations for type_ in relation.types}
    assert {type_ for type_ in related if not alone.concerns(type_)} <= {PROVIDER_TYPE}
