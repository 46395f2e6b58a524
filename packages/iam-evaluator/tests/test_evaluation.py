"""Decisions match AWS's documented truth tables and evaluation rules."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from iam_evaluator.evaluation import decide
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Account, Endpoint, Principal, Request, Resource
from truth_table import (
    ACCOUNT,
    ACROSS_ACCOUNTS,
    ALLOW,
    DENY,
    FOR_KEYS,
    IN_ONE_ACCOUNT,
    NONE,
    ROLE,
    SESSION,
    SILENT,
    combinations,
    outcome,
)

OWN, OTHER = "111111111111", "222222222222"
ROLE_ARN = f"arn:aws:iam::{OWN}:role/plinth/worker"
BUCKET = "arn:aws:s3:::data"
NAMED = {
    ACCOUNT: f"arn:aws:iam::{OWN}:root",
    ROLE: ROLE_ARN,
    SESSION: f"arn:aws:sts::{OWN}:assumed-role/worker/session",
    DENY: ROLE_ARN,
    SILENT: ROLE_ARN,
}
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
NOTHING = {"Effect": "Allow", "Action": "ec2:DescribeVpcs", "Resource": "*"}
NO = {"Effect": "Deny", "Action": "*", "Resource": "*"}


def policy(name, *statements):
    return Policy.parse(name, json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def policies_in(kind, states):
    """Returns an identity or control policy in a state."""
    if states == NONE:
        return None
    statements = {ALLOW: [EVERYTHING], SILENT: [NOTHING], DENY: [EVERYTHING, NO]}
    return (policy(kind, *statements[states]),)


def resource_policy_in(states):
    if states == NONE:
        return None
    body = {SILENT: NOTHING, DENY: NO}.get(states, EVERYTHING)
    return policy("resource", body | {"Principal": {"AWS": NAMED[states]}})


def request_in(states, owner=OWN, *, needs_policy=False, action="s3:GetObject"):
    """Returns a request with each kind of policy in the given state."""
    account = Account(id=OWN, service_control=(policies_in("service control", states["service control"]),))
    control = (policies_in("resource control", states["resource control"]),)
    owning = replace(account, resource_control=control) if owner == OWN else Account(id=owner, resource_control=control)
    principal = Principal(
        name="worker",
        account=owning if owner == OWN else account,
        role_arn=ROLE_ARN,
        identity=policies_in("identity", states["identity"]) or (),
        boundary=policies_in("boundary", states["boundary"]),
        session_policies=policies_in("session", states["session"]),
    )
    resource = Resource(
        arn=f"{BUCKET}/table", account=owning, policy=resource_policy_in(states["resource"]), needs_policy=needs_policy
    )
    return Request(principal=principal, action=action, resource=resource)


def differences(table, **how):
    return [
        states for states in combinations() if decide(request_in(states, **how)).allowed is not outcome(table, states)
    ]


def test_every_combination_of_policies_within_one_account_is_decided_as_documented():
    assert differences(IN_ONE_ACCOUNT) == []


def test_every_combination_of_policies_across_accounts_is_decided_as_documented():
    assert differences(ACROSS_ACCOUNTS, owner=OTHER) == []


def test_a_key_policy_and_a_trust_policy_must_always_allow_the_request():
    assert differences(FOR_KEYS, needs_policy=True) == []


def test_each_truth_table_has_both_outcomes():
    for table in (IN_ONE_ACCOUNT, ACROSS_ACCOUNTS, FOR_KEYS):
        assert {outcome(table, states) for states in combinations()} == {True, False}


ALL_ALLOW = {
    "service control": ALLOW,
    "resource control": ALLOW,
    "resource": NONE,
    "identity": ALLOW,
    "boundary": NONE,
    "session": NONE,
}


def test_resource_control_policies_do_not_apply_to_services_that_do_not_support_them():
    states = ALL_ALLOW | {"resource control": DENY}
    assert not decide(request_in(states)).allowed
    assert decide(request_in(states, action="sagemaker:CreateModel")).allowed


@pytest.mark.parametrize("kind", ["service control", "resource control"])
def test_control_policies_do_not_apply_to_the_management_account(kind):
    request = request_in(ALL_ALLOW | {kind: DENY})
    account = replace(request.principal.account, is_management=True)
    assert not decide(request).allowed
    in_management = replace(
        request,
        principal=replace(request.principal, account=account),
        resource=replace(request.resource, account=account),
    )
    assert decide(in_management).allowed


@pytest.mark.parametrize("kind", ["service control", "resource control"])
def test_control_policies_do_not_apply_to_service_linked_roles(kind):
    request = request_in(ALL_ALLOW | {kind: DENY})
    assert decide(replace(request, principal=replace(request.principal, is_service_linked=True))).allowed


def test_every_level_from_the_root_to_the_account_must_allow_the_request():
    allow, silent = policies_in("allow", ALLOW), policies_in("silent", SILENT)
    request = request_in(ALL_ALLOW)

    def with_levels(*levels):
        account = replace(request.principal.account, service_control=levels)
        return decide(replace(request, principal=replace(request.principal, account=account)))

    assert with_levels(allow, allow, allow).allowed
    assert with_levels(allow, (*silent, *allow), allow).allowed
    assert str(with_levels(allow, silent, allow)) == "no Allow in service control policy silent"
    assert not with_levels(allow, (), allow).allowed


def test_an_endpoint_policy_must_allow_the_request():
    request = request_in(ALL_ALLOW)
    account = request.principal.account

    def through(states):
        endpoint = Endpoint(id="vpce-1", vpc="vpc-1", account=account, policy=resource_policy_in(states))
        return decide(replace(request, endpoint=endpoint)).allowed

    assert through(ROLE)
    assert through(NONE)
    assert not through(SILENT)
    assert not through(DENY)


def test_an_aws_service_needs_only_the_resource_policy():
    service = Principal(name="delivery", service="delivery.logs.amazonaws.com")
    request = request_in(ALL_ALLOW | {"service control": DENY})

    def answer(*statements):
        resource = replace(request.resource, policy=policy("bucket", *statements))
        return decide(replace(request, principal=service, resource=resource)).allowed

    admitting = EVERYTHING | {"Principal": {"Service": "delivery.logs.amazonaws.com"}}
    assert answer(admitting)
    assert not answer(EVERYTHING | {"Principal": {"Service": "config.amazonaws.com"}})
    assert not answer(admitting, NO | {"Principal": "*"})
    assert not decide(replace(request, principal=service)).allowed


def test_not_principal_exempts_a_session_only_if_account_role_and_session_are_named():
    def answer(*names, boundary=NONE):
        request = request_in(ALL_ALLOW | {"boundary": boundary})
        sparing = policy("bucket", NO | {"NotPrincipal": {"AWS": list(names)}})
        return decide(replace(request, resource=replace(request.resource, policy=sparing))).allowed

    names = [NAMED[ACCOUNT], NAMED[ROLE], NAMED[SESSION]]
    assert answer(*names)
    assert not answer(*names, boundary=ALLOW)
    assert not any(answer(*(name for name in names if name != missing)) for missing in names)


def test_not_action_and_not_resource_cover_everything_else():
    def answer(statement):
        request = request_in(ALL_ALLOW)
        identity = (policy("identity", EVERYTHING, statement),)
        return decide(replace(request, principal=replace(request.principal, identity=identity))).allowed

    everything_but = {"Effect": "Deny", "Resource": "*"}
    assert answer(everything_but | {"NotAction": ["s3:Get*"]})
    assert not answer(everything_but | {"NotAction": ["ec2:*"]})
    assert answer({"Effect": "Deny", "Action": "*", "NotResource": [f"{BUCKET}/*"]})
    assert not answer({"Effect": "Deny", "Action": "*", "NotResource": ["arn:aws:s3:::other/*"]})


def test_a_decision_lists_every_denying_statement():
    decision = decide(request_in(ALL_ALLOW | {"service control": DENY, "identity": DENY}))
    assert [str(reason) for reason in decision.denials] == [
        "service control policy service control, statement 2",
        "identity policy identity, statement 2",
    ]
    assert str(decision) == "denied by service control policy service control, statement 2"
