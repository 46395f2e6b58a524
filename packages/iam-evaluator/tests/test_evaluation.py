"""The evaluator decides as AWS documents it."""

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
    IN_ONE_ACCOUNT,
    NONE,
    OF_A_KEY,
    ROLE,
    SESSION,
    SILENT,
    outcome,
    situations,
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


def saying(kind, said):
    """A policy of an identity or of the organization."""
    if said == NONE:
        return None
    statements = {ALLOW: [EVERYTHING], SILENT: [NOTHING], DENY: [EVERYTHING, NO]}
    return (policy(kind, *statements[said]),)


def resource_saying(said):
    if said == NONE:
        return None
    body = {SILENT: NOTHING, DENY: NO}.get(said, EVERYTHING)
    return policy("resource", body | {"Principal": {"AWS": NAMED[said]}})


def request_in(said, owner=OWN, *, needs_policy=False, action="s3:GetObject"):
    """A request about which the kinds of policy say that."""
    account = Account(id=OWN, service_control=(saying("service control", said["service control"]),))
    control = (saying("resource control", said["resource control"]),)
    owning = replace(account, resource_control=control) if owner == OWN else Account(id=owner, resource_control=control)
    principal = Principal(
        name="worker",
        account=owning if owner == OWN else account,
        role_arn=ROLE_ARN,
        identity=saying("identity", said["identity"]) or (),
        boundary=saying("boundary", said["boundary"]),
        session_policies=saying("session", said["session"]),
    )
    resource = Resource(
        arn=f"{BUCKET}/table", account=owning, policy=resource_saying(said["resource"]), needs_policy=needs_policy
    )
    return Request(principal=principal, action=action, resource=resource)


def differences(table, **how):
    return [said for said in situations() if decide(request_in(said, **how)).allowed is not outcome(table, said)]


def test_within_one_account_every_combination_of_policies_ends_as_documented():
    assert differences(IN_ONE_ACCOUNT) == []


def test_across_accounts_every_combination_of_policies_ends_as_documented():
    assert differences(ACROSS_ACCOUNTS, owner=OTHER) == []


def test_a_key_and_a_roles_trust_have_to_agree_whatever_else_does():
    assert differences(OF_A_KEY, needs_policy=True) == []


def test_the_tables_know_both_outcomes():
    for table in (IN_ONE_ACCOUNT, ACROSS_ACCOUNTS, OF_A_KEY):
        assert {outcome(table, said) for said in situations()} == {True, False}


ALL_ALLOW = {
    "service control": ALLOW,
    "resource control": ALLOW,
    "resource": NONE,
    "identity": ALLOW,
    "boundary": NONE,
    "session": NONE,
}


def test_a_service_that_knows_no_resource_control_policies_is_not_held_by_one():
    said = ALL_ALLOW | {"resource control": DENY}
    assert not decide(request_in(said)).allowed
    assert decide(request_in(said, action="sagemaker:CreateModel")).allowed


@pytest.mark.parametrize("kind", ["service control", "resource control"])
def test_control_policies_do_not_reach_the_management_account(kind):
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
def test_control_policies_do_not_reach_service_linked_roles(kind):
    request = request_in(ALL_ALLOW | {kind: DENY})
    assert decide(replace(request, principal=replace(request.principal, is_service_linked=True))).allowed


def test_every_level_from_the_root_to_the_account_has_to_let_a_request_pass():
    allow, silent = saying("allow", ALLOW), saying("silent", SILENT)
    request = request_in(ALL_ALLOW)

    def with_levels(*levels):
        account = replace(request.principal.account, service_control=levels)
        return decide(replace(request, principal=replace(request.principal, account=account)))

    assert with_levels(allow, allow, allow).allowed
    assert with_levels(allow, (*silent, *allow), allow).allowed
    assert str(with_levels(allow, silent, allow)) == "no Allow in service control policy silent"
    assert not with_levels(allow, (), allow).allowed


def test_an_endpoint_lets_pass_what_its_policy_allows():
    request = request_in(ALL_ALLOW)
    account = request.principal.account

    def through(said):
        endpoint = Endpoint(id="vpce-1", vpc="vpc-1", account=account, policy=resource_saying(said))
        return decide(replace(request, endpoint=endpoint)).allowed

    assert through(ROLE)
    assert through(NONE)
    assert not through(SILENT)
    assert not through(DENY)


def test_an_aws_service_needs_the_resources_agreement_and_nothing_else():
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


def test_a_denial_of_all_but_some_spares_a_session_whose_account_role_and_session_are_named():
    def answer(*names, boundary=NONE):
        request = request_in(ALL_ALLOW | {"boundary": boundary})
        sparing = policy("bucket", NO | {"NotPrincipal": {"AWS": list(names)}})
        return decide(replace(request, resource=replace(request.resource, policy=sparing))).allowed

    names = [NAMED[ACCOUNT], NAMED[ROLE], NAMED[SESSION]]
    assert answer(*names)
    assert not answer(*names, boundary=ALLOW)
    assert not any(answer(*(name for name in names if name != missing)) for missing in names)


def test_what_is_not_among_the_actions_or_resources_is_meant_by_their_opposites():
    def answer(statement):
        request = request_in(ALL_ALLOW)
        identity = (policy("identity", EVERYTHING, statement),)
        return decide(replace(request, principal=replace(request.principal, identity=identity))).allowed

    everything_but = {"Effect": "Deny", "Resource": "*"}
    assert answer(everything_but | {"NotAction": ["s3:Get*"]})
    assert not answer(everything_but | {"NotAction": ["ec2:*"]})
    assert answer({"Effect": "Deny", "Action": "*", "NotResource": [f"{BUCKET}/*"]})
    assert not answer({"Effect": "Deny", "Action": "*", "NotResource": ["arn:aws:s3:::other/*"]})


def test_every_statement_that_denies_is_named():
    decision = decide(request_in(ALL_ALLOW | {"service control": DENY, "identity": DENY}))
    assert [str(reason) for reason in decision.denials] == [
        "service control policy service control, statement 2",
        "identity policy identity, statement 2",
    ]
    assert str(decision) == "denied by service control policy service control, statement 2"
