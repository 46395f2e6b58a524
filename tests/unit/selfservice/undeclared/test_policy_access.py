"""Access that policies give to principals outside of their account."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfservice.undeclared.finding import Danger, worst
from selfservice.undeclared.organization import OrganizationAccounts
from selfservice.undeclared.policy_access import admissions

OWNER, OTHER, STRANGER = "111111111111", "222222222222", "999999999999"
OURS = "o-exampleorg"
ORGANIZATION = OrganizationAccounts(id=OURS, management=OWNER, names={OWNER: "one", OTHER: "other"})
OUTSIDE, INSIDE = Danger.OUTSIDE, Danger.ORGANIZATION
EVERYONE = {"AWS": "*"}


def root(account):
    return f"arn:aws:iam::{account}:root"


def danger_of(principal, condition=None, **others):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", **others}
    if condition is not None:
        statement["Condition"] = condition
    return worst(admission.danger for admission in admissions({"Statement": [statement]}, OWNER, ORGANIZATION))


@pytest.mark.parametrize(
    ("principal", "danger"),
    [
        ("*", OUTSIDE),
        (EVERYONE, OUTSIDE),
        ({"AWS": STRANGER}, OUTSIDE),
        ({"AWS": [root(OWNER), root(STRANGER)]}, OUTSIDE),
        ({"AWS": f"arn:aws:iam::{OTHER}:role/reader"}, INSIDE),
        ({"AWS": root(OWNER)}, None),
        ({"AWS": "AROAJQABLZS4A3QDU576Q"}, None),
        ({"Service": "lambda.amazonaws.com"}, None),
        ({"CanonicalUser": "79a59df900b949e55d96a1e698fbaced"}, OUTSIDE),
        ({"Federated": "cognito-identity.amazonaws.com"}, OUTSIDE),
    ],
)
def test_the_danger_of_a_policy_is_that_of_its_principals(principal, danger):
    assert danger_of(principal) is danger


@pytest.mark.parametrize(
    ("condition", "danger"),
    [
        ({"StringEquals": {"aws:PrincipalOrgID": OURS}}, INSIDE),
        ({"StringEquals": {"aws:PrincipalOrgID": ["o-strangers", OURS]}}, OUTSIDE),
        ({"StringEqualsIfExists": {"aws:PrincipalOrgID": OURS}}, OUTSIDE),
        ({"ForAllValues:StringEquals": {"aws:PrincipalOrgID": OURS}}, OUTSIDE),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{OURS}/r-1/*"}}, INSIDE),
        ({"StringNotEquals": {"aws:PrincipalOrgID": OURS}}, OUTSIDE),
        ({"StringEquals": {"AWS:SourceOwner": OWNER}}, None),
        ({"StringEquals": {"aws:SourceAccount": [OWNER, OTHER]}}, INSIDE),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:sns:eu-west-1:{STRANGER}:topic"}}, OUTSIDE),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket"}}, OUTSIDE),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/reader"}}, OUTSIDE),
        ({"StringEquals": {"kms:CallerAccount": OTHER}, "Bool": {"aws:SecureTransport": "true"}}, INSIDE),
        ({"StringEquals": {"aws:PrincipalOrgID": OURS, "aws:SourceAccount": OWNER}}, None),
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, OUTSIDE),
    ],
)
def test_only_conditions_that_limit_requests_to_accounts_count(condition, danger):
    assert danger_of("*", condition) is danger


def test_a_statement_about_all_but_some_principals_admits_everyone():
    statement = {"Effect": "Allow", "NotPrincipal": {"AWS": root(OWNER)}, "Action": "s3:*"}
    (found,) = admissions(json.dumps({"Statement": statement}), OWNER, ORGANIZATION)
    assert (found.principal, found.danger, found.actions) == ("everyone", OUTSIDE, ("s3:*",))


def test_a_denial_admits_nobody():
    assert danger_of("*", Effect="Deny") is None


@given(st.lists(st.sampled_from([OWNER, OTHER, STRANGER]), min_size=1, max_size=4))
def test_a_policy_is_as_dangerous_as_the_farthest_account(accounts):
    expected = OUTSIDE if STRANGER in accounts else INSIDE if OTHER in accounts else None
    assert danger_of({"AWS": [root(account) for account in accounts]}) is expected
    assert danger_of("*", {"StringEquals": {"aws:PrincipalAccount": accounts}}) is expected
