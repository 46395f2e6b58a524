"""Removing one Deny statement shows which requests only that statement denies."""

from __future__ import annotations

import json

import pytest

from iam_evaluator.evaluation import decide
from iam_evaluator.mutation import Removal
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Account, Principal, Request, Resource

ALLOW = {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}
DENY = {"Sid": "Never", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}


def policy(*statements):
    return Policy.parse("policy", json.dumps({"Statement": list(statements)}))


def request_denied_by(*layers):
    def level(layer):
        return (policy(ALLOW, DENY) if layer in layers else policy(ALLOW),)

    account = Account(
        id="111111111111",
        service_control=(level("service control policy"),),
        resource_control=(level("resource control policy"),),
    )
    principal = Principal(
        name="worker",
        account=account,
        role_arn="arn:aws:iam::111111111111:role/worker",
        identity=(policy(ALLOW),),
        boundary=level("permissions boundary"),
    )
    return Request(
        principal=principal, action="s3:GetObject", resource=Resource(arn="arn:aws:s3:::data/a", account=account)
    )


LAYERS = ("service control policy", "resource control policy", "permissions boundary")


@pytest.mark.parametrize("layer", LAYERS)
def test_a_request_is_allowed_without_its_only_denial(layer):
    request, removal = request_denied_by(layer), Removal(layer, "Never")
    decision = decide(request)
    assert not decision.allowed
    assert removal.is_among(decision.denials)
    assert decide(removal.applied_to(request)).allowed


@pytest.mark.parametrize("layer", LAYERS)
def test_a_removal_leaves_other_layers_and_other_statements(layer):
    request = request_denied_by(*LAYERS)
    assert not decide(Removal(layer, "Never").applied_to(request)).allowed
    assert not decide(Removal(layer, "Other").applied_to(request_denied_by(layer))).allowed
    assert not decide(Removal(layer, "All").applied_to(request_denied_by(layer))).missing_allows


def test_a_removal_from_a_layer_that_it_does_not_support_changes_nothing():
    request = request_denied_by("permissions boundary")
    assert Removal("identity policy", "Never").applied_to(request) is request
